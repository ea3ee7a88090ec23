"""``--engine llm``: a language model's lead sheet, completed by the fill model for all who play."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from yuefu.errors import YuefuError
from yuefu.llm.brief_writer import with_fields
from yuefu.llm.lead_sheet import SheetWish, compose_sheet, line_places
from yuefu.llm.record import LlmRecord
from yuefu.llm.settings import LlmSettings, Notice
from yuefu.performance.perform import perform
from yuefu.planning.plan import Plan
from yuefu.progress import Listener, Progress, ignore
from yuefu.score.abc_read import read_abc
from yuefu.score.abc_write import abc_text
from yuefu.score.model import ChordSpan, Score, Section, TempoChange, renumber
from yuefu.text.brief import Asked, Brief
from yuefu.text.lyrics import parse_lyrics
from yuefu.theory.chord import Chord
from yuefu.theory.key import Key
from yuefu.workflows.arrange import arrange
from yuefu.workflows.compose import DEFAULT_CANDIDATES, Composition
from yuefu.workflows.llm_brief import Consulted
from yuefu.workflows.models import load_model
from yuefu.workflows.tasks import continue_score

_FIRM = ("user", "text")


def ask_for_sheet(asked: Consulted, settings: LlmSettings, progress: Listener = ignore) -> Consulted:
    """The consultation with a lead sheet on its record, and the plan in the sheet's key and metre; or with a notice."""
    wish = sheet_wish(asked.brief, asked.plan)
    if asked.record.vain is not None:
        return replace(asked, record=asked.record.noticed(_not_used(asked.record.vain)))
    progress(Progress("llm", 0, 1))
    outcome = compose_sheet(settings, wish)
    progress(Progress("llm", 1, 1))
    if outcome.sheet is None:
        why = outcome.why or Notice("its lead sheet can't be used", "它写的主旋律谱不能用")
        record = asked.record.without_hope(why, outcome.hopeless)
        return replace(asked, record=record.noticed(_not_used(why)))
    sheet = outcome.sheet
    record = asked.record.with_values(lead_sheet=abc_text(sheet))
    if outcome.mended:
        count = outcome.mended
        record = record.noticed(
            Notice(
                f"{count} bar{'s' * (count != 1)} of the language model's lead sheet had another length than the metre "
                "tells: filled with rests or cut.",
                f"语言模型的主旋律谱有 {count} 小节与拍号不符：已补休止或截去。",
            )
        )
    if len(sheet.bars) < wish.bars:
        missing = wish.bars - len(sheet.bars)
        record = record.noticed(
            Notice(
                f"The language model's lead sheet is {missing} bars short: the embedded model went on from there.",
                f"语言模型的主旋律谱少 {missing} 小节：已由内置模型续写。",
            )
        )
    meter = sheet.meters[0]
    found = {"key": sheet.keys[0].key.name, "meter": f"{meter.numerator}/{meter.denominator}"}
    # Where the model itself had proposed another key or metre, what it then wrote is what it chose.
    own = {name: Asked(value=value, source="llm") for name, value in found.items() if name in record.fields}
    brief = with_fields(asked.brief, own) if own else asked.brief
    return replace(asked, brief=brief, plan=asked.plan.model_copy(update=found), record=record)


def _not_used(why: Notice) -> Notice:
    return Notice(
        f"The language model composed no lead sheet: {why.en}. The embedded model composed the piece.",
        f"语言模型没有写出主旋律谱：{why.zh}。已由内置模型作曲。",
    )


def sheet_wish(brief: Brief, plan: Plan) -> SheetWish:
    """What a plan asks of a lead sheet."""
    lines = parse_lyrics(brief.lyrics.value).lines if brief.lyrics.value else ()
    sections = [(section.start, section.bars, section.lines[1] - section.lines[0]) for section in plan.sections]
    key = Key.parse(plan.key)
    chords: tuple[str, ...] = ()
    if plan.harmony_fixed:
        chords = tuple(" ".join(_symbol(chord.symbol, key) for chord in bar) or "N.C." for bar in plan.harmony)
    firm_key = brief.key.source in _FIRM and brief.key.value is not None
    return SheetWish(
        about=brief.words, title=plan.title, style=plan.style, key=plan.key, meter=plan.meter, tempo=plan.tempo,
        bars=plan.bars, firm_key=firm_key or plan.harmony_fixed,
        firm_mode=firm_key or plan.harmony_fixed or brief.mode.value is not None,
        firm_meter=brief.meter.source in _FIRM and brief.meter.value is not None,
        chords=chords, lines=lines, places=line_places(sections),
    )  # fmt: skip


def _symbol(symbol: str, key: Key) -> str:
    return Chord.parse(symbol).transpose(key.shift).symbol(key.fifths) if symbol else "N.C."


def compose_sheet_piece(
    brief: Brief, plan: Plan, seed: int, record: LlmRecord, *, model: Path | None = None, progress: Listener = ignore
) -> Composition:
    """The piece of a record's lead sheet: gone on with where bars are missing, and arranged for the plan's players.

    Needs no language model. Raises YuefuError for a sheet that can't be completed.
    """
    assert record.lead_sheet is not None
    candidates = brief.candidates.value or DEFAULT_CANDIDATES
    sheet = read_abc(record.lead_sheet)
    part = replace(sheet.parts[0], role="melody")
    sheet = replace(sheet, parts=(part,), length=sheet.end_tick, metadata={})
    wishes = brief.model_copy(update={"lyrics": Brief().lyrics, "key": Brief().key})
    if len(sheet.bars) < plan.bars:
        missing = plan.bars - len(sheet.bars)
        sheet = continue_score(
            sheet, missing, wishes, key=plan.key, seed=seed, candidates=candidates, model=model, progress=progress
        ).score
    if plan.harmony_fixed:
        sheet = replace(sheet, chords=_planned_chords(sheet, plan))
    players = [part.instrument for part in plan.parts]
    done = arrange(
        sheet, players, wishes, key=plan.key, seed=seed, candidates=candidates, language=plan.language, model=model,
        progress=progress,
    )  # fmt: skip
    score = _framed(done.score, plan)
    energy = [section.energy for section in plan.sections for _ in range(section.bars)]
    performance = perform(score, style=plan.style, seed=seed, energy=energy if len(energy) == len(score.bars) else None)
    loaded = load_model(model, brief.adapter.value)
    return Composition(brief, plan, score, performance, seed, candidates, loaded, None, record)


def _planned_chords(sheet: Score, plan: Plan) -> tuple[ChordSpan, ...]:
    """The chords that the user asked for, over the sheet's bars."""
    key = Key.parse(plan.key)
    at: list[tuple[int, Chord | None]] = []
    for bar, chords in zip(sheet.bars, plan.harmony):
        for planned in chords:
            chord = Chord.parse(planned.symbol).transpose(key.shift) if planned.symbol else None
            at.append((bar.start + planned.position, chord))
    ends = [*(start for start, _ in at[1:]), sheet.end_tick]
    return tuple(ChordSpan(start, end - start, chord) for (start, chord), end in zip(at, ends) if end > start)


def _framed(score: Score, plan: Plan) -> Score:
    """The score with the plan's title, tempo, sections and manner."""
    starts = np.array([*(bar.start for bar in score.bars), score.end_tick])
    sections = tuple(
        Section(int(starts[s.start]), int(starts[s.start + s.bars] - starts[s.start]), s.letter, s.kind)
        for s in plan.sections
        if s.start + s.bars < len(starts)
    )
    return renumber(
        replace(
            score, title=plan.title, tempos=(TempoChange(0, plan.tempo),), sections=sections, length=score.end_tick,
            metadata={"style": plan.style, "swing": plan.swing, "language": plan.language},
        )
    )  # fmt: skip


def try_sheet_piece(
    asked: Consulted, *, model: Path | None = None, progress: Listener = ignore
) -> tuple[Composition | None, LlmRecord]:
    """The piece of the consultation's lead sheet; None, and a notice on the record, where it can't be completed."""
    if asked.record.lead_sheet is None:
        return None, asked.record
    try:
        piece = compose_sheet_piece(asked.brief, asked.plan, asked.seed, asked.record, model=model, progress=progress)
    except (YuefuError, ValueError, LookupError, ArithmeticError) as error:  # foreign notes may break any assumption
        reason = Notice(f"its lead sheet can't be completed ({str(error)[:160]})", "它写的主旋律谱无法完成")
        return None, asked.record.with_values(lead_sheet=None).noticed(_not_used(reason))
    return piece, asked.record
