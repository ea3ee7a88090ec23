"""Notes laid on slices of time: the common ground of the analyses.

Time is in ticks (24 a quarter). A *slice* is half a quarter note long (12 ticks) counted from
each bar line, cut short by the next one. Metric strength is 0..1: a bar line 1, the middle of an
even bar 0.75, other beats 0.5, half beats 0.25, anything finer 0.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from yuefu.score.model import NOTE_DTYPE, TICKS_PER_QUARTER, Bar, Notes, Score, sort_notes

SLICE = TICKS_PER_QUARTER // 2
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


def beat_ticks(numerator: int, denominator: int) -> int:
    """Length of the felt beat: a dotted one in compound time.

    >>> beat_ticks(4, 4), beat_ticks(6, 8), beat_ticks(2, 2), beat_ticks(3, 8)
    (24, 36, 48, 12)
    """
    unit = max(TICKS_PER_QUARTER * 4 // denominator, 1)
    return unit * 3 if numerator % 3 == 0 and numerator > 3 and denominator >= 8 else unit


def half_bar(bar: Bar) -> int:
    """Where a bar's second strong place lies, in ticks from the bar line (0: it has none).

    3/4 is felt as 2 + 1, 5/4 as 3 + 2, 7/8 as 4 + 3.

    >>> half_bar(Bar(0, 0, 96, 4, 4)), half_bar(Bar(0, 0, 72, 6, 8)), half_bar(Bar(0, 0, 72, 3, 4))
    (48, 36, 48)
    """
    unit = max(TICKS_PER_QUARTER * 4 // bar.denominator, 1)
    beat = beat_ticks(bar.numerator, bar.denominator)
    beats = bar.duration // beat
    if beats < 2:
        return 2 * unit if bar.duration == 3 * unit else 0
    return (beats + 1) // 2 * beat


def pitched_notes(score: Score) -> Notes:
    """The notes that sound (of some length) of all parts but drums, sorted by start and pitch."""
    found = [part.notes for part in score.parts if not part.is_drums and len(part.notes)]
    notes = np.concatenate(found) if found else np.zeros(0, dtype=NOTE_DTYPE)
    return sort_notes(notes[notes["duration"] > 0])


@dataclass(frozen=True)
class Grid:
    """The bars of a score as arrays, and its slices.

    bars: the score's own; starts, durations: by bar, in ticks.
    """

    bars: tuple[Bar, ...]

    @classmethod
    def of(cls, score: Score) -> Grid:
        """The grid of a score's bars."""
        return cls(score.bars)

    @cached_property
    def starts(self) -> Ints:
        """Start tick of each bar."""
        return np.array([bar.start for bar in self.bars], dtype=np.int64)

    @cached_property
    def durations(self) -> Ints:
        """Length of each bar in ticks."""
        return np.array([bar.duration for bar in self.bars], dtype=np.int64)

    @property
    def end(self) -> int:
        """The final bar line."""
        return self.bars[-1].end

    @cached_property
    def beats(self) -> Ints:
        """Beat length of each bar in ticks."""
        return np.array([beat_ticks(bar.numerator, bar.denominator) for bar in self.bars], dtype=np.int64)

    @cached_property
    def halves(self) -> Ints:
        """Offset of each bar's second strong place (0: none)."""
        return np.array([half_bar(bar) for bar in self.bars], dtype=np.int64)

    def bar_of(self, ticks: NDArray[np.integer]) -> Ints:
        """Index of the bar that holds each tick."""
        return np.clip(np.searchsorted(self.starts, ticks, side="right") - 1, 0, len(self.bars) - 1)

    def offsets(self, ticks: NDArray[np.integer]) -> Ints:
        """Ticks since the bar line; a short first bar counts as the end of a full one."""
        index = self.bar_of(ticks)
        return np.asarray(ticks, dtype=np.int64) - self.starts[index] + self.missing[index]

    @cached_property
    def missing(self) -> Ints:
        """Ticks by which each bar is shorter at its start than its time signature says (a pick-up)."""
        missing = np.zeros(len(self.bars), dtype=np.int64)
        first = self.bars[0]
        full = first.numerator * TICKS_PER_QUARTER * 4 // first.denominator
        if len(self.bars) > 1 and first.duration < full:
            missing[0] = full - first.duration
        return missing

    def strength(self, ticks: NDArray[np.integer]) -> Floats:
        """Metric strength (0..1) of each tick."""
        index = self.bar_of(ticks)
        offset = self.offsets(ticks)
        beat = self.beats[index]
        half = self.halves[index]
        units = np.where(beat % 36 == 0, 12, np.maximum(beat // 2, 1))
        strength = np.full(len(offset), 0.1)
        strength[offset % units == 0] = 0.25
        strength[offset % beat == 0] = 0.5
        strength[(offset == half) & (half > 0)] = 0.75
        strength[offset == 0] = 1.0
        return strength

    @cached_property
    def slices(self) -> Ints:
        """Start tick of each slice, with the final bar line at the end (length: slices + 1)."""
        counts = -(-self.durations // SLICE)
        first = np.repeat(np.cumsum(counts) - counts, counts)
        within = np.arange(int(counts.sum())) - first
        return np.append(np.repeat(self.starts, counts) + within * SLICE, self.end)


@dataclass(frozen=True)
class Sounding:
    """Which note sounds in which slice.

    note, slice: indices of the pairs; overlap: ticks of the slice that the note fills.
    """

    notes: Notes
    grid: Grid
    note: Ints
    slice: Ints
    overlap: Ints

    @classmethod
    def of(cls, notes: Notes, grid: Grid) -> Sounding:
        """All pairs of a sounding note and a slice."""
        edges = grid.slices
        start = notes["start"].astype(np.int64)
        end = np.minimum(start + notes["duration"], grid.end)
        first = np.clip(np.searchsorted(edges, start, side="right") - 1, 0, len(edges) - 2)
        last = np.clip(np.searchsorted(edges, end, side="left"), first + 1, len(edges) - 1)
        counts = last - first
        index = np.repeat(np.arange(len(notes)), counts)
        within = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
        piece = np.repeat(first, counts) + within
        overlap = np.minimum(edges[piece + 1], end[index]) - np.maximum(edges[piece], start[index])
        kept = overlap > 0
        return cls(notes, grid, index[kept], piece[kept], overlap[kept])

    @property
    def slice_count(self) -> int:
        """Number of slices."""
        return len(self.grid.slices) - 1

    def chroma(self, weights: Floats | None = None) -> Floats:
        """Ticks of each pitch class in each slice, shape (slices, 12), times a weight by note."""
        amount = self.overlap.astype(np.float64)
        if weights is not None:
            amount = amount * weights[self.note]
        cell = self.slice * 12 + self.notes["pitch"][self.note].astype(np.int64) % 12
        table: Floats = np.bincount(cell, weights=amount, minlength=self.slice_count * 12).astype(np.float64)
        return table.reshape(-1, 12)

    def lowest(self) -> Ints:
        """The lowest pitch in each slice (128 where nothing sounds)."""
        low = np.full(self.slice_count, 128, dtype=np.int64)
        np.minimum.at(low, self.slice, self.notes["pitch"][self.note].astype(np.int64))
        return low
