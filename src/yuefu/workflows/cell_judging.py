"""How good written cells are: chords' fit and progression, a tune's seams and repeats, a band's chords and lines."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np

from yuefu.generation.fill import Canvas, chord_reader
from yuefu.score.model import ROWS, ChordSpan, KeyChange, MeterChange, Part, Score, TempoChange
from yuefu.theory.key import Key
from yuefu.tokens.grid import decode_chords, decode_notes
from yuefu.workflows.cells import places_in
from yuefu.workflows.score_canvas import LINES, OpenScore

#: Who accompanies.
BAND = ("counter", "inner", "bass", "keys", "pad")


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


def repeats(canvas: Canvas, start: int, end: int) -> float:
    """The share of the tune's bars, of more than one note, that only say again what the bar before said: 0..1."""
    cells = canvas.cells["melody"]
    same = [len(cells[bar]) > 3 and np.array_equal(cells[bar], cells[bar - 1]) for bar in range(max(start, 1), end)]
    return float(np.mean(same)) if same else 0.0


def band_worth(canvas: Canvas, start: int, end: int) -> float:
    """How well the band of some bars plays together: the chords' tones that are heard, less what jars.

    A bar with a clash or a unison with the tune costs as much as a third of its chord's tones, and so does one
    with octaves or fifths in parallel.
    """
    heard: list[float] = []
    for bar in range(start, end):
        at = chord_reader(canvas, bar)
        edges = [*sorted({0, *places_in(canvas, bar, "chords")}), canvas.bars[bar].ticks]
        notes = [n for row in BAND if row in canvas.cells for n in _notes(canvas, row, bar)]
        for first, last in pairwise(edges):
            chord = at(first)
            if chord is not None:
                wanted = set(chord.pitch_classes[:4])
                sounds = {pitch % 12 for tick, duration, pitch in notes if tick < last and tick + duration > first}
                heard.append(len(wanted & sounds) / len(wanted))
    jars = sum(_clashes(canvas, bar) for bar in range(start, end)) + parallels(canvas, start, end)
    return (float(np.mean(heard)) if heard else 0.0) - 0.33 * jars / max(end - start, 1)


def parallels(canvas: Canvas, start: int, end: int) -> int:
    """How often two lines move together from an octave or fifth to the same interval, in bars [start, end)."""
    lines = {row: _line(canvas, row, start, end) for row in LINES if row in canvas.cells}
    found = 0
    for one, other in combinations(lines.values(), 2):
        shared = sorted(set(one) & set(other))
        for a, b in pairwise(shared):
            before, now = one[a] - other[a], one[b] - other[b]
            moved = (one[b] - one[a]) * (other[b] - other[a]) > 0
            found += moved and before % 12 == now % 12 and now % 12 in (0, 7)
    return found


def _line(canvas: Canvas, row: str, start: int, end: int) -> dict[int, int]:
    """A line's pitches by tick from bar ``start``."""
    found: dict[int, int] = {}
    begin = 0
    for bar in range(start, end):
        found |= {begin + tick: pitch for tick, _, pitch in _notes(canvas, row, bar)}
        begin += canvas.bars[bar].ticks
    return found


def _notes(canvas: Canvas, row: str, bar: int) -> list[tuple[int, int, int]]:
    notes, _ = decode_notes(canvas.cells[row][bar], 0)
    return list(zip(notes["start"].tolist(), notes["duration"].tolist(), notes["pitch"].tolist(), strict=True))


def _clashes(canvas: Canvas, bar: int) -> int:
    """Whether somebody of the band begins a note a semitone or nothing away from the tune's."""
    if "melody" not in canvas.cells:
        return 0
    tune = {tick: pitch for tick, _, pitch in _notes(canvas, "melody", bar)}
    return int(
        any(
            tick in tune and abs(tune[tick] - pitch) in (0, 1)
            for row in BAND
            if row in canvas.cells
            for tick, _, pitch in _notes(canvas, row, bar)
        )
    )


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
