"""A window read back from its tokens: which notes, chords and drum sounds stand where.

Positions are ticks within a bar, other times ticks from the window's start (24 a quarter; a pick-up
bar counts in full).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from yuefu.theory.chord import QUALITY_NAMES
from yuefu.tokens.sequence import Window
from yuefu.tokens.vocabulary import vocabulary

QUALITIES = len(QUALITY_NAMES)
NO_CHORD = (-1, -1)

Note = tuple[int, int, int, int, int]  #: bar, index of its pitch in the cell, position, pitch, duration
ChordEvent = tuple[int, int, int, tuple[int, int]]  #: bar, index of its root in the cell, position, (root, quality)
Strike = tuple[int, int, int, tuple[int, ...]]  #: bar, index of the first sound in the cell, position, sounds


class Sheet:
    """A window's events. notes: row -> notes; chords: chord events; strikes: drum sounds struck together."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.starts = [0]
        for column in window.bars:
            self.starts.append(self.starts[-1] + column.ticks)
        self.notes: dict[str, list[Note]] = {}
        self.chords: list[ChordEvent] = []
        self.strikes: list[Strike] = []
        for row, cells in window.cells.items():
            for bar, cell in enumerate(cells):
                ids = [int(token) for token in cell]
                if row == "chords":
                    self.chords += _chords(bar, ids)
                elif row == "drums":
                    self.strikes += _strikes(bar, ids)
                else:
                    self.notes.setdefault(row, []).extend(_notes(bar, ids))
        self._spans: dict[str, NDArray[np.int64]] = {
            row: np.array(
                [(self.starts[n[0]] + n[2], self.starts[n[0]] + n[2] + n[4], n[3]) for n in notes], dtype=np.int64
            ).reshape(-1, 3)
            for row, notes in self.notes.items()
        }
        self._chord_ticks = [self.starts[bar] + position for bar, _, position, _ in self.chords]

    def heard_until(self, bar: int) -> int:
        """The tick up to which given rows have been heard when a bar is written: the end of the next one."""
        return self.starts[min(bar + 2, len(self.window.bars))]

    def sounding(self, rows: Sequence[str], tick: int) -> list[int]:
        """Pitches of rows that sound at a tick, in the rows' order."""
        pitches: list[int] = []
        for row in rows:
            spans = self._spans.get(row)
            if spans is not None:
                pitches += spans[(spans[:, 0] <= tick) & (spans[:, 1] > tick), 2].tolist()
        return pitches

    def lowest(self, rows: Sequence[str], tick: int) -> int | None:
        """Pitch class of the lowest pitch of rows that sounds at a tick, or None."""
        pitches = self.sounding(rows, tick)
        return min(pitches) % 12 if pitches else None

    def histogram(self, rows: Sequence[str], start: int, end: int) -> NDArray[np.float32]:
        """(12,) shares of the pitch classes that sound from start to end, by duration; zeros for silence."""
        weights = np.zeros(12, dtype=np.float32)
        for row in rows:
            spans = self._spans.get(row)
            if spans is not None and len(spans):
                overlap = np.minimum(spans[:, 1], end) - np.maximum(spans[:, 0], start)
                inside = overlap > 0
                np.add.at(weights, spans[inside, 2] % 12, overlap[inside].astype(np.float32))
        total = float(weights.sum())
        return weights / total if total > 0 else weights

    def pitches_at(self, row: str, bar: int, position: int) -> list[int]:
        """Pitches of a row that begin at a position of a bar."""
        return [pitch for b, _, p, pitch, _ in self.notes.get(row, ()) if b == bar and p == position]

    def starts_at(self, row: str, bar: int, position: int) -> bool:
        """Whether anything of a row (a chord, a note) begins at a position of a bar."""
        if row == "chords":
            return any(b == bar and p == position for b, _, p, _ in self.chords)
        return bool(self.pitches_at(row, bar, position))

    def chord_at(self, bar: int, position: int) -> tuple[int, int] | None:
        """(root, quality) of the chord at a place, ``NO_CHORD`` where silence is written, None before the first."""
        index = bisect_right(self._chord_ticks, self.starts[bar] + position) - 1
        return self.chords[index][3] if index >= 0 else None

    def next_chord(self, bar: int, position: int) -> tuple[int, int] | None:
        """The chord after the one at a place, as far as given rows are heard there, or None."""
        index = bisect_right(self._chord_ticks, self.starts[bar] + position)
        if index < len(self.chords) and self._chord_ticks[index] < self.heard_until(bar):
            return self.chords[index][3]
        return None


def _chords(bar: int, ids: list[int]) -> list[ChordEvent]:
    v = vocabulary()
    events: list[ChordEvent] = []
    position = 0
    for index, token in enumerate(ids):
        if token in v.position_ticks:
            position = v.position_ticks[token]
        elif token == v.nc:
            events.append((bar, index, position, NO_CHORD))
        elif v.root <= token < v.root + 12:
            events.append((bar, index, position, (token - v.root, ids[index + 1] - v.quality)))
    return events


def _notes(bar: int, ids: list[int]) -> list[Note]:
    v = vocabulary()
    notes: list[Note] = []
    position, pitch, place = 0, 0, 0
    for index, token in enumerate(ids):
        if token in v.position_ticks:
            position = v.position_ticks[token]
        elif token in v.duration_ticks:
            notes.append((bar, place, position, pitch, v.duration_ticks[token]))
        elif token != v.hold:
            pitch, place = token - v.pitch, index
    return notes


def _strikes(bar: int, ids: list[int]) -> list[Strike]:
    v = vocabulary()
    strikes: list[Strike] = []
    for index, token in enumerate(ids):
        if token in v.position_ticks:
            strikes.append((bar, index + 1, v.position_ticks[token], ()))
        else:
            at, first, position, sounds = strikes[-1]
            strikes[-1] = (at, first, position, (*sounds, token - v.hit))
    return strikes
