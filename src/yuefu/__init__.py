"""Yuefu (乐府): words in, a complete piece of music out.

    import yuefu

    song = yuefu.compose("春天的气息弥漫在空气中", style="folk", seed=7)
    song.save("spring")

The names below are loaded when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yuefu.analysis.facts import Facts, analyze
    from yuefu.errors import YuefuError
    from yuefu.llm.settings import LlmSettings
    from yuefu.score.files import read_score, write_score
    from yuefu.score.model import Score
    from yuefu.score.performed import Performance
    from yuefu.text.brief import Brief, BriefOptions, read_brief
    from yuefu.workflows.arrange import arrange
    from yuefu.workflows.compose import Composition, compose
    from yuefu.workflows.convert import convert
    from yuefu.workflows.fill_score import Filled, fill
    from yuefu.workflows.fill_wishes import FillMask
    from yuefu.workflows.render import render
    from yuefu.workflows.replay import replay
    from yuefu.workflows.tasks import bassline, continue_score, drums, harmonize, infill, reharmonize, vary
    from yuefu.workflows.texture import textures

__version__ = "0.1.0"

#: Public name -> module that holds it.
_HOMES = {
    "Brief": "yuefu.text.brief",
    "BriefOptions": "yuefu.text.brief",
    "Composition": "yuefu.workflows.compose",
    "Facts": "yuefu.analysis.facts",
    "FillMask": "yuefu.workflows.fill_wishes",
    "Filled": "yuefu.workflows.fill_score",
    "LlmSettings": "yuefu.llm.settings",
    "Performance": "yuefu.score.performed",
    "Score": "yuefu.score.model",
    "YuefuError": "yuefu.errors",
    "analyze": "yuefu.analysis.facts",
    "arrange": "yuefu.workflows.arrange",
    "bassline": "yuefu.workflows.tasks",
    "compose": "yuefu.workflows.compose",
    "continue_score": "yuefu.workflows.tasks",
    "convert": "yuefu.workflows.convert",
    "drums": "yuefu.workflows.tasks",
    "fill": "yuefu.workflows.fill_score",
    "harmonize": "yuefu.workflows.tasks",
    "infill": "yuefu.workflows.tasks",
    "read_brief": "yuefu.text.brief",
    "read_score": "yuefu.score.files",
    "reharmonize": "yuefu.workflows.tasks",
    "render": "yuefu.workflows.render",
    "replay": "yuefu.workflows.replay",
    "textures": "yuefu.workflows.texture",
    "vary": "yuefu.workflows.tasks",
    "write_score": "yuefu.score.files",
}

__all__ = [
    "Brief",
    "BriefOptions",
    "Composition",
    "Facts",
    "FillMask",
    "Filled",
    "LlmSettings",
    "Performance",
    "Score",
    "YuefuError",
    "__version__",
    "analyze",
    "arrange",
    "bassline",
    "compose",
    "continue_score",
    "convert",
    "drums",
    "fill",
    "harmonize",
    "infill",
    "read_brief",
    "read_score",
    "reharmonize",
    "render",
    "replay",
    "textures",
    "vary",
    "write_score",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'yuefu' has no attribute '{name}'")
    value = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
