"""A brief with a language model's help: what it chose, what it wrote, and a notice for whatever it couldn't."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from yuefu.errors import InputError, LimitError
from yuefu.llm.brief_writer import draft_brief, merge_brief, with_fields
from yuefu.llm.client import require_client
from yuefu.llm.ladder import Outcome
from yuefu.llm.lyrics_writer import LyricDraft, can_be_set, lyric_form, polish_lyrics, write_lyrics
from yuefu.llm.record import LlmRecord
from yuefu.llm.settings import LlmSettings, Notice
from yuefu.planning.plan import Plan
from yuefu.planning.planner import make_plan
from yuefu.progress import Listener, Progress, ignore
from yuefu.text.brief import Asked, Brief
from yuefu.text.language import language_of

#: A lyric with more faults than one for so many lines isn't taken.
LINES_A_FAULT = 3
#: In the order in which they are given up when a plan can't be made with them.
_GIVEN_UP = (("form", "bars"), ("instruments", "instruments_only"), ("tempo", "meter"), ("lyrics",))


@dataclass(frozen=True)
class Consulted:
    """A brief as it will be composed, its plan and seed, and what the model had to do with it."""

    brief: Brief
    plan: Plan
    seed: int
    record: LlmRecord


def consult(
    brief: Brief,
    settings: LlmSettings,
    *,
    lyrics: bool = False,
    plan: Callable[[Brief, int], Plan] = make_plan,
    progress: Listener = ignore,
) -> Consulted:
    """Ask a model for what a brief leaves open, and for words when ``lyrics``: new ones, or those given polished.

    Whatever the endpoint does, there is a result: the brief as it was read, and a notice. Raises MissingExtraError
    without the openai client, InputError for a brief that can't be met anyway.
    """
    require_client()
    seed = brief.seed.value if brief.seed.value is not None else secrets.randbelow(2**31)
    record = LlmRecord(model=settings.model)
    progress(Progress("llm", 0, 1 + lyrics))
    drafted = draft_brief(settings, brief)
    record = record.without_hope(drafted.why, drafted.hopeless)
    helped = brief if drafted.value is None else merge_brief(brief, drafted.value)
    if drafted.value is None and drafted.why is not None:
        record = record.noticed(
            Notice(
                f"The language model wrote no brief: {drafted.why.en}. The embedded reader was used.",
                f"语言模型没有写出要求：{drafted.why.zh}。已改用内置的理解器。",
            )
        )
    elif drafted.why is not None:
        record = record.noticed(
            Notice(
                f"Part of the language model's brief was left out: {drafted.why.en}. The embedded reader did the rest.",
                f"语言模型写的要求有一部分未用：{drafted.why.zh}。其余由内置的理解器补上。",
            )
        )
    if lyrics:
        progress(Progress("llm", 1, 2))
        helped, record = _with_words(settings, helped, record)
    progress(Progress("llm", 1 + lyrics, 1 + lyrics))
    made, helped, given_up = _planned(brief, helped, seed, plan)
    if given_up:
        names = ", ".join(given_up)
        record = record.noticed(
            Notice(
                f"The language model's {names} didn't go with the rest: the embedded planner was used for it.",
                f"语言模型选的 {names} 与其他要求不合：已改用内置的规划。",
            )
        )
    chosen = tuple(name for name in Brief.model_fields if name != "words" and getattr(helped, name).source == "llm")
    return Consulted(helped, made, seed, record.with_values(fields=chosen))


def _with_words(settings: LlmSettings, brief: Brief, record: LlmRecord) -> tuple[Brief, LlmRecord]:
    """The brief with words written or polished, when they can be sung."""
    outcome: Outcome[LyricDraft] = Outcome(None, record.vain)
    given = brief.lyrics.value
    language: str = brief.language.value or "en"
    if given is not None:
        language = language_of(given)
        if record.vain is None:
            outcome = polish_lyrics(settings, brief, given)
        fine = outcome.value is not None and not outcome.faults
    else:
        form = lyric_form(brief)
        language = form.language
        if record.vain is None:
            outcome = write_lyrics(settings, brief, form)
        draft = outcome.value
        most = 0 if draft is None else max(1, len(draft.lines) // LINES_A_FAULT)
        fine = draft is not None and len(outcome.faults) <= most and can_be_set(draft, language)
    record = record.without_hope(outcome.why, outcome.hopeless)
    if not fine or outcome.value is None:
        why = outcome.why or Notice("its words don't keep to the form", "它写的词不合要求")
        if given is not None:
            told = Notice(
                f"The lyrics weren't polished: {why.en}. They are set as they were given.",
                f"歌词没有润色：{why.zh}。按原样谱曲。",
            )
        else:
            told = Notice(
                f"The language model wrote no lyrics: {why.en}. The piece has no words.",
                f"语言模型没有写出歌词：{why.zh}。这首曲子没有歌词。",
            )
        return brief, record.noticed(told)
    text = outcome.value.text
    fields = {
        "lyrics": Asked(value=text, source="llm"),
        "language": Asked(value=language_of(text), source=brief.language.source if given else "llm"),
    }
    if outcome.faults:
        record = record.noticed(
            Notice(
                f"The language model's lyrics don't quite keep to the form: {outcome.faults[0][:200]}.",
                "语言模型写的歌词与要求的句式略有出入，已照用。",
            )
        )
    return with_fields(brief, fields), record


def _planned(
    brief: Brief, helped: Brief, seed: int, plan: Callable[[Brief, int], Plan]
) -> tuple[Plan, Brief, list[str]]:
    """The plan of the helped brief; where none can be made, fields of the model's are given up for it."""
    try:
        return plan(helped, seed), helped, []
    except InputError:
        pass
    gone: list[str] = []
    for names in _GIVEN_UP:
        mine = [name for name in names if getattr(helped, name).source == "llm"]
        if not mine:
            continue
        helped = with_fields(helped, {name: getattr(brief, name) for name in mine})
        gone += [name for name in mine if name != "instruments_only"]
        try:
            return plan(helped, seed), helped, gone
        except (InputError, LimitError):
            continue
    return plan(brief, seed), brief, gone or ["brief"]
