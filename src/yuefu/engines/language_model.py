"""A language model behind an OpenAI-compatible address: told of here, asked in ``workflows.llm_sheet``."""

from __future__ import annotations

from yuefu.engines.info import EngineInfo


class LanguageModelEngine:
    """Nothing to load: composing asks the server."""

    info = EngineInfo(
        name="llm",
        en="a language model of yours: tune and chords as ABC when composing, arranged by the fill model",
        zh="您自己的语言模型：作曲时以 ABC 写旋律与和弦，再由填充模型编配",
        rows=("chords", "melody"),
        tasks=("compose",),
        needs="an OpenAI-compatible server (--llm URL --llm-model NAME)",
    )
