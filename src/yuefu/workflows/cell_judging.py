"""How good written cells are: the chords' fit and progression, the tune's seams, an excerpt for the critic."""

from __future__ import annotations

import numpy as np

from yuefu.generation.fill import Canvas, chord_reader
from yuefu.score.model import ROWS, ChordSpan, KeyChange, MeterChange, Part, Score, TempoChange
from yuefu.theory.key import Key
from yuefu.tokens.grid import decode_chords, decode_notes
from yuefu.workflows.cells import places_in
from yuefu.workflows.score_canvas import OpenScore


def chord_fit(canvas: Canvas, start: int, end: int) -> float:
    """The share of the pitched notes' time, strong places counting double, that lies in the chords: 0..1."""
    inside = total = 0.0
    for bar in range(start, end):
        at = chord_reader(canvas, bar)
        for row in ROWS[1:-1]:
            if row not in canvas.cells:
                continue
            notes, _ = decode_notes(canvas.cells[row][bar], 0)
            for place, duration, pitch in zip(
                notes["start"].tolist(), notes["duration"].tolist(), notes["pitch"].tolist(), strict=True
            ):
                chord = at(place)
                weight = min(duration, 48) * (2.0 if place % 24 == 0 else 1.0)
                total += weight
                inside += weight * (chord is not None and pitch % 12 in chord.pitch_classes)
    return inside / total if total else 0.0


def progression_worth(canvas: Canvas, start: int, end: int) -> float:
    """The mean weight of the chords of some bars as steps of a progression, by their rules; 0 without rules."""
    total, count = 0.0, 0
    for bar in range(start, end):
        weigh = canvas.rule(bar, "chords").weigh
        if weigh is None:
            continue
        at = chord_reader(canvas, bar)
        before = chord_reader(canvas, bar - 1)(canvas.bars[bar - 1].ticks) if bar else None
        for place in sorted(places_in(canvas, bar, "chords")):
            chord = at(place)
            if chord is not None:
                total += weigh(chord, before, place)
                count += 1
            before = chord
    return total / count if count else 0.0


def seams(canvas: Canvas, start: int, end: int) -> float:
    """How far the tune leaps, beyond a fifth, where new meets kept: in octaves."""
    cells = canvas.cells["melody"]

    def edge(bars: range, last: bool) -> int | None:
        for bar in bars:
            pitches = decode_notes(cells[bar], 0)[0]["pitch"].tolist()
            if pitches:
                return int(pitches[-1 if last else 0])
        return None

    total = 0.0
    for at in (start, end):
        if 0 < at < len(cells):
            left, right = (
                edge(range(at - 1, max(at - 3, -1), -1), True),
                edge(range(at, min(at + 2, len(cells))), False),
            )
            if left is not None and right is not None:
                total += max(0, abs(left - right) - 7) / 12
    return total


def excerpt(canvas: Canvas, piece: OpenScore, first: int, last: int) -> Score:
    """The tune and chords of some bars as a score in C, for the critic; bars of another metre are left out."""
    middle = (first + last) // 2
    while canvas.bars[first].ticks != canvas.bars[middle].ticks or canvas.bars[first].offset:
        first += 1
    while canvas.bars[last - 1].ticks != canvas.bars[middle].ticks and last - 1 > first:
        last -= 1
    bars = canvas.bars[first:last]
    starts = np.concatenate([[0], np.cumsum([bar.sounding for bar in bars])]).tolist()
    cells = canvas.cells["melody"][first:last]
    notes = np.concatenate([decode_notes(cell, s, bar.offset)[0] for cell, s, bar in zip(cells, starts, bars)])
    notes["id"] = np.arange(1, len(notes) + 1)
    chords: tuple[ChordSpan, ...] = ()
    if "chords" in canvas.cells:
        chords = decode_chords(canvas.cells["chords"][first:last], bars, starts[:-1])
    bar = piece.bars[middle]
    return Score(
        parts=(Part("P1", "melody", notes=notes),),
        chords=chords,
        tempos=(TempoChange(0, piece.score.tempo_at(bar.start)),),
        keys=(KeyChange(0, Key(0, piece.keys[middle].mode)),),
        meters=(MeterChange(0, bar.numerator, bar.denominator),),
        length=starts[-1],
    )
