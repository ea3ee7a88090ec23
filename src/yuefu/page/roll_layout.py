"""Where everything stands on a piano roll, in pixels: rows of bars, lanes of parts.

A long piece is folded into rows, as lines of text are; each row repeats the lanes. All rows share
one scale, so that equal times are equally wide.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from yuefu.score.model import Bar, Part, Score

MARGIN = 64.0
NAMES = 128.0  # room for part names left of the lanes
HEADING = 104.0
STRIP = 62.0  # over each row: sections, chords, bar numbers
LYRICS = 26.0  # under a sung lane
LANE_GAP = 9.0
ROW_GAP = 34.0
DRUM_LINE = 11.5


@dataclass(frozen=True, slots=True)
class Lane:
    """A part's band within a row.

    top and height are pixels from the row's top; pitches: the pitches of its lines from the lowest up
    (a range of semitones, or the drum sounds in use); sung: whether a line of words follows.
    """

    part: Part
    top: float
    height: float
    pitches: tuple[int, ...]
    sung: bool

    @property
    def step(self) -> float:
        """Pixels from one pitch to the next."""
        return self.height / max(len(self.pitches), 1)

    def y(self, pitch: int) -> float:
        """Top of a pitch's line, from the row's top."""
        if self.part.is_drums:
            place = self.pitches.index(pitch)
        else:
            place = pitch - self.pitches[0]
        return self.top + self.height - (place + 1) * self.step


@dataclass(frozen=True, slots=True)
class Row:
    """A line of bars. start and end: ticks; top: pixels from the picture's top; bars: those it holds."""

    start: int
    end: int
    top: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """The whole picture. width and height: pixels; scale: pixels a tick; lanes: the same in every row."""

    width: float
    height: float
    scale: float
    lanes: tuple[Lane, ...]
    rows: tuple[Row, ...]
    row_height: float

    def x(self, row: Row, tick: float) -> float:
        """The horizontal place of a tick in its row."""
        return MARGIN + NAMES + (tick - row.start) * self.scale


def lay_out(score: Score, width: float) -> Layout:
    """Fold the piece into rows and stack the lanes. width: of the picture, pixels."""
    lanes: list[Lane] = []
    top = STRIP
    drawn = [part for part in score.parts if len(part.notes)] or list(score.parts[:1])
    for part in drawn:
        pitches, height = _lines(part)
        sung = bool(part.syllables)
        lanes.append(Lane(part, top, height, pitches, sung))
        top += height + (LYRICS if sung else 0.0) + LANE_GAP
    row_height = top - LANE_GAP if lanes else STRIP + 20.0
    bars = score.bars
    count = _bars_a_row(bars, row_height + ROW_GAP, width)
    groups = [bars[i : i + count] for i in range(0, len(bars), count)]
    longest = max(group[-1].end - group[0].start for group in groups)
    scale = (width - 2 * MARGIN - NAMES) / max(longest, 1)
    rows = []
    y = MARGIN + HEADING
    for group in groups:
        rows.append(Row(group[0].start, group[-1].end, y, group))
        y += row_height + ROW_GAP
    return Layout(width, y - ROW_GAP + MARGIN * 0.8, scale, tuple(lanes), tuple(rows), row_height)


def _lines(part: Part) -> tuple[tuple[int, ...], float]:
    """The pitches that a lane shows and its height in pixels."""
    used = np.unique(part.notes["pitch"]).tolist() if len(part.notes) else [60]
    if part.is_drums:
        return tuple(used), max(len(used), 3) * DRUM_LINE
    low, high = int(used[0]) - 1, int(used[-1]) + 1
    while high - low < 12:  # an octave at least, so that a quiet line doesn't look wild
        low, high = low - 1, high + 1
    pitches = tuple(range(low, high + 1))
    return pitches, min(max(len(pitches) * 4.0, 56.0), 132.0)


def _bars_a_row(bars: tuple[Bar, ...], row: float, width: float) -> int:
    """How many bars stand in a row: as few as keep the picture from growing much taller than a page.

    row: pixels from one row to the next. A quarter note is never narrower than some 11 pixels.
    """
    quarters = sum(bar.duration for bar in bars) / 24 / max(len(bars), 1)
    choices = [count for count in (4, 8, 12, 16, 20, 24, 32, 40, 48) if count * quarters <= 110] or [4]
    if len(bars) * quarters <= 48:
        return max(len(bars), 1)
    for count in choices:
        rows = -(-len(bars) // count)
        if count * quarters >= 24 and HEADING + rows * row <= 1.4 * width:
            return count
    return choices[-1]
