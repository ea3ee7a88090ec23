"""A score bar by bar, in numbers with units: how much begins, what sounds, how high, how thick, how loud.

A note belongs to the bar in which it begins; what it sounds in later bars counts there for pitch classes and
polyphony. What a bar without (pitched) notes can't have is NaN.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yuefu.analysis.grid import Floats, Grid, Sounding, pitched_notes
from yuefu.analysis.lines import melody_line, rows_of
from yuefu.analysis.rhythm import held_over
from yuefu.score.model import NOTE_ROWS, TICKS_PER_QUARTER, Notes, Score

#: What is told of each bar, with its unit.
COLUMNS = {
    "bar": "number, from 1",
    "start": "seconds from the start of the piece",
    "quarters": "length in quarter notes",
    "notes": "pitched notes that begin",
    "onsets": "moments at which pitched notes begin",
    "density": "pitched notes a quarter",
    "lowest": "MIDI pitch",
    "highest": "MIDI pitch",
    "register": "mean MIDI pitch, by note length",
    "polyphony": "mean pitched notes that sound while any does",
    "thickest": "most pitched notes that sound in half a quarter",
    "length": "mean length of notes in quarters",
    "velocity": "mean velocity of pitched notes, 1-127",
    "syncopation": "share of the tune's notes held over a stronger place, 0..1",
    "interval": "mean size of the tune's intervals in semitones",
    "direction": "mean of the tune's intervals in semitones, up above 0",
    "steps": "share of the tune's intervals of 1 or 2 semitones, 0..1",
    "leaps": "share of the tune's intervals of 5 semitones or more, 0..1",
    "drum_hits": "drum notes that begin",
}


@dataclass(frozen=True, slots=True, eq=False)
class BarTable:
    """columns: each of ``COLUMNS`` by bar (bars,); pitch_classes: share of note time of C..B (bars, 12), 0 in silence;
    rows: notes that begin by role, in the order of ``NOTE_ROWS`` (bars, 7)."""

    columns: dict[str, Floats]
    pitch_classes: Floats
    rows: Floats

    def __len__(self) -> int:
        return len(self.pitch_classes)

    def arrays(self) -> dict[str, Floats]:
        """Everything by name."""
        return {**self.columns, "pitch_classes": self.pitch_classes, "rows": self.rows}


def bar_table(score: Score) -> BarTable:
    """The bars of a score.

    >>> table = bar_table(Score())
    >>> len(table), float(table.columns["notes"][0])
    (1, 0.0)
    """
    grid = Grid.of(score)
    count = len(grid.bars)
    notes = pitched_notes(score)
    quarters = grid.durations / TICKS_PER_QUARTER
    told: dict[str, Floats] = {name: np.full(count, np.nan) for name in COLUMNS}
    told["bar"] = np.arange(1, count + 1).astype(float)
    told["start"] = _seconds(score, grid)
    told["quarters"] = quarters
    told |= _of_notes(notes, grid)
    told["density"] = told["notes"] / np.maximum(quarters, 1 / TICKS_PER_QUARTER)
    told |= _of_line(melody_line(score), grid)
    chroma, polyphony, thickest = _sounding(notes, grid)
    told |= {"polyphony": polyphony, "thickest": thickest}
    rows = np.zeros((count, len(NOTE_ROWS)))
    for role, found in rows_of(score).items():
        rows[:, NOTE_ROWS.index(role)] = np.bincount(grid.bar_of(found["start"]), minlength=count)
    told["drum_hits"] = rows[:, NOTE_ROWS.index("drums")].copy()
    return BarTable({name: told[name] for name in COLUMNS}, chroma, rows)


def _seconds(score: Score, grid: Grid) -> Floats:
    """Clock time of the bar lines, by the tempo map."""
    ticks = np.array([change.tick for change in score.tempos], dtype=np.float64)
    pace = 60.0 / (np.array([change.bpm for change in score.tempos]) * TICKS_PER_QUARTER)
    before = np.concatenate([[0.0], np.cumsum(np.diff(ticks) * pace[:-1])])
    at = np.searchsorted(ticks, grid.starts, side="right") - 1
    return np.asarray(before[at] + (grid.starts - ticks[at]) * pace[at], dtype=np.float64)


def _mean(values: NDArray, bars: NDArray, count: int, weights: NDArray | None = None) -> Floats:
    """The mean of values by bar, NaN for bars without any."""
    weights = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=np.float64)
    total = np.bincount(bars, weights=weights, minlength=count)
    summed = np.bincount(bars, weights=weights * values, minlength=count)
    return np.divide(summed, total, out=np.full(count, np.nan), where=total > 0)


def _of_notes(notes: Notes, grid: Grid) -> dict[str, Floats]:
    count = len(grid.bars)
    bars = grid.bar_of(notes["start"])
    pitch = notes["pitch"].astype(np.float64)
    low, high = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(low, bars, pitch)
    np.maximum.at(high, bars, pitch)
    return {
        "notes": np.bincount(bars, minlength=count).astype(float),
        "onsets": np.bincount(grid.bar_of(np.unique(notes["start"])), minlength=count).astype(float),
        "lowest": np.where(np.isfinite(low), low, np.nan),
        "highest": np.where(np.isfinite(high), high, np.nan),
        "register": _mean(pitch, bars, count, notes["duration"]),
        "length": _mean(notes["duration"] / TICKS_PER_QUARTER, bars, count),
        "velocity": _mean(notes["velocity"].astype(float), bars, count),
    }


def _of_line(line: Notes, grid: Grid) -> dict[str, Floats]:
    """The tune. An interval belongs to the bar of its second note; a rest of four quarters breaks the tune."""
    count = len(grid.bars)
    bars = grid.bar_of(line["start"])
    gaps = line["start"][1:].astype(np.int64) - (line["start"] + line["duration"])[:-1]
    joined = gaps < 4 * TICKS_PER_QUARTER
    moves, later = np.diff(line["pitch"].astype(np.int64))[joined], bars[1:][joined]
    size = np.abs(moves)
    return {
        "syncopation": _mean(held_over(line, grid).astype(float), bars, count),
        "interval": _mean(size, later, count),
        "direction": _mean(moves, later, count),
        "steps": _mean(((size >= 1) & (size <= 2)).astype(float), later, count),
        "leaps": _mean((size >= 5).astype(float), later, count),
    }


def _sounding(notes: Notes, grid: Grid) -> tuple[Floats, Floats, Floats]:
    """By bar: shares of the pitch classes, mean polyphony, most notes in a slice."""
    count = len(grid.bars)
    chroma, polyphony, thickest = np.zeros((count, 12)), np.full(count, np.nan), np.zeros(count)
    if not len(notes):
        return chroma, polyphony, thickest
    sounding = Sounding.of(notes, grid)
    bar = grid.bar_of(grid.slices[:-1])
    np.add.at(chroma, bar, sounding.chroma())
    ticks = np.bincount(sounding.slice, weights=sounding.overlap, minlength=sounding.slice_count)
    heard = np.bincount(bar, weights=np.diff(grid.slices) * (ticks > 0), minlength=count)
    np.divide(np.bincount(bar, weights=ticks, minlength=count), heard, out=polyphony, where=heard > 0)
    np.maximum.at(thickest, bar, np.bincount(sounding.slice, minlength=sounding.slice_count).astype(float))
    total = chroma.sum(axis=1, keepdims=True)
    return np.divide(chroma, total, out=chroma, where=total > 0), polyphony, thickest
