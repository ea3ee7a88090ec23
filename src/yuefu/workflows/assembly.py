"""A filled canvas as a Score: keys and ranges as asked, parts by instrument, syllables on notes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from yuefu.generation.fill import Canvas
from yuefu.planning.plan import Plan, PlannedPart
from yuefu.score.model import (
    NOTE_DTYPE,
    Direction,
    KeyChange,
    MeterChange,
    Notes,
    Part,
    Score,
    Section,
    Syllable,
    TempoChange,
    renumber,
    sort_notes,
)
from yuefu.theory.instruments import INSTRUMENTS
from yuefu.theory.key import Key
from yuefu.tokens.grid import decode_chords, decode_notes
from yuefu.workflows.canvas import scale_of
from yuefu.workflows.ornaments import SMALL, ornamented
from yuefu.workflows.sung_words import phrased

MONOPHONIC = ("melody", "counter", "inner", "bass")
#: How far a mood's arousal shifts the level that a section's energy asks for.
AROUSAL = 0.5
DYNAMICS = ((0.16, "pp"), (0.34, "p"), (0.5, "mp"), (0.68, "mf"), (0.86, "f"), (1.01, "ff"))


def assemble(canvas: Canvas, plan: Plan) -> Score:
    """The score of a finished canvas, in the plan's key."""
    key = Key.parse(plan.key)
    starts = np.concatenate([[0], np.cumsum([bar.sounding for bar in canvas.bars])]).tolist()
    numerator, denominator = map(int, plan.meter.split("/"))
    end = starts[-1]
    rows: dict[str, tuple[Notes, list[bool]]] = {}
    for row in canvas.cells:
        if row != "chords":
            rows[row] = _row_notes(canvas, row, starts, end, 0 if row == "drums" else key.shift)
    if plan.lyrics and "melody" in rows:
        words = [syllable for bar in sorted(plan.lyrics) for syllable in plan.lyrics[bar]]
        rows["melody"] = (phrased(*rows["melody"], words), rows["melody"][1])
    small = _ornament(rows, plan, key)
    parts = []
    for index, planned in enumerate(plan.parts):
        part = _part(planned, index, rows, plan, small)
        if len(part.notes):
            parts.append(part)
    spans = decode_chords(canvas.cells["chords"], canvas.bars, starts[:-1])
    score = Score(
        title=plan.title,
        parts=tuple(parts),
        chords=tuple(replace(s, chord=s.chord.transpose(key.shift) if s.chord else None) for s in spans),
        sections=tuple(
            Section(starts[s.start], starts[s.start + s.bars] - starts[s.start], s.letter, s.kind)
            for s in plan.sections
        ),
        tempos=(TempoChange(0, plan.tempo),),
        keys=(KeyChange(0, key),),
        meters=(MeterChange(0, numerator, denominator, plan.grouping),),
        length=end,
        metadata={"style": plan.style, "swing": plan.swing, "language": plan.language, **_colour(plan)},
    )
    return renumber(_freely(_with_dynamics(score, plan, starts), plan, starts))


def _colour(plan: Plan) -> dict[str, Any]:
    """What a score's metadata says of a mode and of free rhythm."""
    told: dict[str, Any] = {"scale": plan.scale} if plan.scale else {}
    return {**told, "free_rhythm": True} if plan.rhythm == "free" else told


def _ornament(rows: dict[str, tuple[Notes, list[bool]]], plan: Plan, key: Key) -> dict[str, set[tuple[int, int]]]:
    """Put ornaments on the tune, and where it is sung on the counter-melody; row -> (start, pitch) of small notes."""
    small: dict[str, set[tuple[int, int]]] = {}
    if plan.ornaments == "none":
        return small
    scale = frozenset((tone + key.shift) % 12 for tone in scale_of(plan))
    for row in ("melody", "counter") if plan.lyrics else ("melody",):
        if row in rows and row != plan.drone:
            sung = row == "melody" and bool(plan.lyrics)
            notes, holds, small[row] = ornamented(*rows[row], plan, scale, sung)
            rows[row] = (notes, holds)
    return small


def _freely(score: Score, plan: Plan, starts: list[int]) -> Score:
    """Free rhythm on the page: said over the first bar, and held notes where phrases end."""
    if plan.rhythm != "free" or not score.parts:
        return score
    words = "散板" if plan.language == "zh" else "senza misura"
    head = (Direction(0, "words", words),)
    tune = score.part("melody") or score.parts[0]
    begun = tune.notes["start"]
    held = []
    for section in plan.sections:
        for offset in range(section.bars):
            if offset % 4 == 3 or offset == section.bars - 1:
                bar = section.start + offset
                inside = begun[(begun >= starts[bar]) & (begun < starts[bar + 1])]
                held += [Direction(int(inside.max()), "fermata")] if len(inside) else []
    parts = []
    for index, part in enumerate(score.parts):
        own = (*(head if index == 0 else ()), *part.directions, *(held if part.id == tune.id else ()))
        parts.append(replace(part, directions=own))
    return replace(score, parts=tuple(parts))


def _row_notes(canvas: Canvas, row: str, starts: list[int], end: int, shift: int) -> tuple[Notes, list[bool]]:
    """A row's notes at sounding pitch, and which hold a syllable; overlaps are trimmed."""
    pieces, holds = [], []
    for bar, cell in enumerate(canvas.cells[row]):
        notes, held = decode_notes(cell, starts[bar], canvas.bars[bar].offset)
        pieces.append(notes)
        holds += held
    notes = np.concatenate(pieces) if pieces else np.zeros(0, dtype=NOTE_DTYPE)
    notes["pitch"] += shift
    notes["duration"] = np.minimum(notes["duration"], end - notes["start"])
    if row in MONOPHONIC and len(notes) > 1:
        room = np.diff(notes["start"])
        notes["duration"][:-1] = np.where(room > 0, np.minimum(notes["duration"][:-1], room), notes["duration"][:-1])
    else:
        _trim_repeats(notes)
    return notes, holds


def _trim_repeats(notes: Notes) -> None:
    """Cut notes that the same pitch strikes again."""
    last: dict[int, int] = {}
    for index in range(len(notes)):
        pitch = int(notes["pitch"][index])
        if pitch in last:
            before = last[pitch]
            room = int(notes["start"][index] - notes["start"][before])
            if 0 < room < notes["duration"][before]:
                notes["duration"][before] = room
        last[pitch] = index


def _part(
    planned: PlannedPart, index: int, rows: dict[str, tuple[Notes, list[bool]]], plan: Plan,
    small: dict[str, set[tuple[int, int]]],
) -> Part:  # fmt: skip
    instrument = INSTRUMENTS[planned.instrument]
    role = "keys" if len(planned.rows) > 1 and "keys" in planned.rows else planned.rows[0]
    if len(planned.rows) > 1 and "keys" not in planned.rows:
        role = "melody" if "melody" in planned.rows else planned.rows[0]
    own = [rows[row][0] for row in planned.rows if row in rows]
    notes = np.concatenate(own) if own else np.zeros(0, dtype=NOTE_DTYPE)
    if planned.doubling:
        notes = _doubled(notes, planned, instrument.comfortable_low, instrument.comfortable_high, plan)
    order = np.lexsort((notes["duration"], notes["pitch"], notes["start"]))
    notes = notes[order].copy()
    notes["id"] = np.arange(1, len(notes) + 1) + 100_000 * (index + 1)
    keep = _distinct(notes)
    tiny = {(start, pitch % 12) for row in planned.rows for start, pitch in small.get(row, ())}
    graces = tuple(
        int(note["id"])
        for note in notes[keep]
        if note["duration"] == SMALL and (int(note["start"]), int(note["pitch"]) % 12) in tiny
    )
    syllables: tuple[Syllable, ...] = ()
    if planned.rows[0] == "melody" and plan.lyrics and not planned.doubling and len(planned.rows) == 1:
        holds = np.array(rows["melody"][1], dtype=bool)[order] if "melody" in rows else np.zeros(0, dtype=bool)
        syllables = _sing(notes, holds, plan)
    elif "melody" in planned.rows and plan.lyrics and not planned.doubling:
        keep = np.ones(len(notes), dtype=bool)
        tune = rows["melody"][0]
        tune_ids = _ids_of(tune, notes)
        syllables = _sing_ids(tune_ids, np.array(rows["melody"][1], dtype=bool), plan)
    return Part(
        id=f"P{index + 1}",
        name=part_name(plan, index),
        role=role,
        program=instrument.program,
        instrument=instrument.key,
        notes=sort_notes(notes[keep]),
        syllables=syllables,
        graces=graces,
    )


def part_name(plan: Plan, index: int) -> str:
    """A part's name on the page; players of the same instrument are numbered."""
    key = plan.parts[index].instrument
    name = INSTRUMENTS[key].zh if plan.language == "zh" else INSTRUMENTS[key].en
    if plan.parts[index].rows == (plan.drone,):
        return f"{name}（持续音）" if plan.language == "zh" else f"{name} (drone)"
    alike = [place for place, part in enumerate(plan.parts) if part.instrument == key]
    return name if len(alike) == 1 else f"{name} {alike.index(index) + 1}"


def _distinct(notes: Notes) -> np.ndarray:
    """Marks all but repeats of the same pitch at the same time (two rows on one keyboard)."""
    keep = np.ones(len(notes), dtype=bool)
    seen: set[tuple[int, int]] = set()
    for index, note in enumerate(notes):
        place = (int(note["start"]), int(note["pitch"]))
        keep[index] = place not in seen
        seen.add(place)
    return keep


def _ids_of(tune: Notes, notes: Notes) -> list[int]:
    """For each note of the tune, the id of the same note within the part."""
    where = {(int(n["start"]), int(n["pitch"])): int(n["id"]) for n in reversed(notes)}
    return [where[int(n["start"]), int(n["pitch"])] for n in tune]


def _sing(notes: Notes, holds: np.ndarray, plan: Plan) -> tuple[Syllable, ...]:
    return _sing_ids(notes["id"].tolist(), holds, plan)


def _sing_ids(ids: list[int], holds: np.ndarray, plan: Plan) -> tuple[Syllable, ...]:
    """The planned syllables on the notes that begin one, in order."""
    text = [syllable for bar in sorted(plan.lyrics) for syllable in plan.lyrics[bar]]
    onsets = [number for number, hold in zip(ids, holds) if not hold]
    return tuple(Syllable(number, s.text, s.syllabic, 1, s.line_end) for number, s in zip(onsets, text))


def _doubled(notes: Notes, planned: PlannedPart, low: int, high: int, plan: Plan) -> Notes:
    """A doubling plays in the fullest sections only, in its own octave."""
    threshold = sorted(section.energy for section in plan.sections)[len(plan.sections) // 2]
    numerator, denominator = map(int, plan.meter.split("/"))
    ticks = numerator * 96 // denominator
    playing = np.zeros(len(notes), dtype=bool)
    for section in plan.sections:
        if section.energy >= threshold:
            inside = (notes["start"] >= section.start * ticks) & (
                notes["start"] < (section.start + section.bars) * ticks
            )
            playing |= inside
    notes = notes[playing].copy()
    if not len(notes) or planned.rows[0] == "drums":
        return notes
    middle, center = float(np.mean(notes["pitch"])), (low + high) / 2
    notes["pitch"] += 12 * round((center - middle) / 12)
    for side in (-12, 12):
        outside = notes["pitch"] > high if side < 0 else notes["pitch"] < low
        notes["pitch"][outside] += side
    return notes


def _with_dynamics(score: Score, plan: Plan, starts: list[int]) -> Score:
    """A dynamic mark where a section's energy changes the level; a calm piece is softer as a whole."""
    marks: list[Direction] = []
    shift = AROUSAL * (plan.arousal or 0.0)
    for section in plan.sections:
        level = min(max(section.energy + shift, 0.0), 1.0)
        text = next(name for end, name in DYNAMICS if level < end)
        if not marks or marks[-1].text != text:
            marks.append(Direction(starts[section.start], "dynamic", text))
    parts = tuple(replace(part, directions=tuple(marks)) for part in score.parts)
    return replace(score, parts=parts)
