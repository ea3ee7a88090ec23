"""Composing with a language model's help: the brief, words, a lead sheet, an explanation. Always with a result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from yuefu.analysis.facts_text import key_name
from yuefu.errors import InputError
from yuefu.llm.explainer import Explanation, explain
from yuefu.llm.ladder import Outcome
from yuefu.llm.record import LlmRecord
from yuefu.llm.settings import LlmSettings, Notice
from yuefu.progress import Listener, Progress, ignore
from yuefu.text.brief import Brief
from yuefu.theory.instruments import INSTRUMENTS
from yuefu.theory.key import Key
from yuefu.theory.styles import STYLES
from yuefu.workflows.compose import Composition, compose_plan
from yuefu.workflows.engines import check_composer
from yuefu.workflows.leanings import Taste
from yuefu.workflows.llm_brief import Consulted, consult
from yuefu.workflows.llm_sheet import ask_for_sheet, try_sheet_piece
from yuefu.workflows.report import Report


def check_llm(settings: LlmSettings | None, engine: str = "auto", write_lyrics: bool = False) -> None:
    """Raise InputError for what needs a language model and has none."""
    check_composer(engine)
    for wanted, what in ((engine == "llm", "the engine 'llm'"), (write_lyrics, "writing lyrics")):
        if wanted and settings is None:
            raise InputError(f"{what} needs a language model: give its address and name with --llm and --llm-model.")


def compose_with_llm(
    brief: Brief,
    settings: LlmSettings,
    *,
    engine: str = "auto",
    write_lyrics: bool = False,
    model: Path | None = None,
    taste: Taste | None = None,
    progress: Listener = ignore,
) -> Composition:
    """Compose from a brief that a language model helps with."""
    check_llm(settings, engine, write_lyrics)
    asked = consult(brief, settings, lyrics=write_lyrics, progress=progress)
    return compose_consulted(asked, settings, engine=engine, model=model, taste=taste, progress=progress)


def compose_consulted(
    asked: Consulted,
    settings: LlmSettings,
    *,
    engine: str = "auto",
    model: Path | None = None,
    taste: Taste | None = None,
    progress: Listener = ignore,
) -> Composition:
    """Compose what a consultation came to: by an engine, or from a lead sheet with ``engine="llm"``."""
    if engine == "llm":
        sheet = ask_for_sheet(asked, settings, progress)
        piece, record = try_sheet_piece(sheet, model=model, progress=progress)
        if piece is not None:
            return piece
        asked = replace(asked, record=record)
    piece = compose_plan(
        asked.brief, asked.plan, asked.seed, model=model, engine="auto" if engine == "llm" else engine, taste=taste,
        progress=progress,
    )  # fmt: skip
    return replace(piece, llm=asked.record)


def explained(
    piece: Composition, settings: LlmSettings | None, language: str, progress: Listener = ignore
) -> Composition:
    """The piece with a paragraph on it in its record: the model's, or the report's own words."""
    report = piece.report
    record = piece.llm or LlmRecord()
    text, by = plain_explanation(report, language), "report"
    if settings is not None:
        outcome: Outcome[Explanation] = Outcome(None, record.vain)
        if record.vain is None:
            progress(Progress("llm", 0, 1))
            outcome = explain(settings, explanation_facts(report), language)
            progress(Progress("llm", 1, 1))
        if outcome.value is not None and not outcome.faults:
            text, by = outcome.value.text, "llm"
        else:
            why = outcome.why or Notice("it says what isn't in the report", "它说了报告里没有的内容")
            record = record.noticed(
                Notice(
                    f"The language model's explanation wasn't used: {why.en}. The report's own words were.",
                    f"没有采用语言模型的说明：{why.zh}。已改用报告自己的说明。",
                )
            )
    told = replace(piece, llm=record.with_values(explanation=text, explained_by=by))
    vars(told).update(midi=piece.midi, report=replace(report, llm=told.llm))  # the analysis needn't be made again
    return told


def explanation_facts(report: Report) -> dict[str, Any]:
    """What may be said of a piece, in plain values."""
    chosen = dict(report.chosen)
    facts: dict[str, Any] = {
        "piece": chosen,
        "asked_and_found": [
            {
                "field": f.field,
                "asked": f.asked,
                "from": f.source,
                "words": list(f.words),
                "found": f.found,
                "met": f.met,
            }
            for f in report.findings
            if f.field != "lyrics"
        ],
    }
    if report.originality is not None:
        facts["longest_run_of_notes_shared_with_a_training_piece"] = report.originality["longest_shared_run"]
    if report.singing is not None:
        facts["singability"] = report.singing["score"]
    return facts


def plain_explanation(report: Report, language: str) -> str:
    """A paragraph on a piece in the report's own words, in "zh" or "en"."""
    chosen: Mapping[str, Any] = report.chosen
    zh = language == "zh"
    style = STYLES[chosen["style"]]
    players = [INSTRUMENTS[key].zh if zh else INSTRUMENTS[key].en for key in chosen["instruments"]]
    key = key_name(Key.parse(chosen["key"]), "zh" if zh else "en")
    title = chosen["title"]
    sections = len(chosen["form"])
    moods = [finding for finding in report.findings if finding.field == "valence" and finding.words]
    unmet = sorted({finding.field for finding in report.unmet})
    if zh:
        text = f"{f'《{title}》是' if title else '这是'}一首{style.zh}作品，{key}，{chosen['meter']} 拍，"
        text += f"每分钟 {chosen['tempo']:g} 拍，共 {chosen['bars']} 小节，分 {sections} 段，"
        text += f"由{'、'.join(players)}演奏，约 {round(chosen['duration'])} 秒。"
        if moods:
            text += f"它的情绪来自“{'、'.join(moods[0].words[:4])}”。"
        return text + ("要求都做到了。" if not unmet else f"没做到的要求有 {len(unmet)} 项，见报告。")
    text = f"{title or 'This piece'} ({style.en}) is in {key}, {chosen['meter']}, at "
    text += f"{chosen['tempo']:g} quarters a minute: {chosen['bars']} bars in {sections} section{'s' * (sections != 1)}"
    text += f", played by {', '.join(players)}, about {round(chosen['duration'])} seconds long."
    if moods:
        text += f" Its mood comes from the words {', '.join(repr(word) for word in moods[0].words[:4])}."
    return text + (" Every wish was met." if not unmet else f" Not met: {', '.join(unmet)}; the report tells more.")


__all__ = ["Consulted", "check_llm", "compose_consulted", "compose_with_llm", "consult", "explained"]
