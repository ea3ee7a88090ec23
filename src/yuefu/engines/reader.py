"""What a sequence says so far: where in which cell we are, over which chord, and what stood in the same place before.

A small engine can't hold all of a sequence in mind. ``Reader`` walks along and tells, for the next token, the few
facts that it depends on most, as small whole numbers.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from yuefu.score.model import ROWS
from yuefu.theory.chord import QUALITY_NAMES
from yuefu.tokens.vocabulary import GRID, HIGHEST_PITCH, LOWEST_PITCH, MAX_COUNT, METERS, STYLES, vocabulary

#: Rows by number, 0 for none; the last are the words.
LABELS = ("", *ROWS, "lyrics")
_PLACES = {tick: number for number, tick in enumerate(GRID, 1)}
_PITCHES = HIGHEST_PITCH - LOWEST_PITCH + 1


class Place(NamedTuple):
    """The facts for the next token; 0 says that there is none.

    row: number in ``LABELS``; fill: 1 in a cell that is written, else 0; grid, quarter: of the last event in the cell,
    from 1; last: the last token; root, quality: of the chord that sounds there, from 1; pitch, before: the row's last
    two pitches, from 1; same, earlier: the token that stood at this point one and two bars before; left: onsets that
    are still asked for, from 1; tune: the tune's pitch that sounds there, from 1, in other rows; phrase: the bar in its
    group of four, from 1; meter, style: from 1; mode: 1 major, 2 minor.
    """

    row: int
    fill: int
    grid: int
    quarter: int
    last: int
    root: int
    quality: int
    pitch: int
    before: int
    same: int
    earlier: int
    left: int
    tune: int
    phrase: int
    meter: int
    style: int
    mode: int


@cache
def place_sizes() -> Place:
    """How many values each fact can have."""
    v = vocabulary()
    return Place(
        len(LABELS), 2, len(GRID) + 1, 9, len(v), 13, len(QUALITY_NAMES) + 1, _PITCHES + 1, _PITCHES + 1, len(v),
        len(v), MAX_COUNT + 2, _PITCHES + 1, 5, len(METERS) + 1, len(STYLES) + 1, 3,
    )  # fmt: skip


#: A cell as events: position -> its tokens after POS.
_Events = dict[int, list[int]]


class Reader:
    """Walks along a sequence. ``push`` a token, then ask ``place`` for the facts of the next one."""

    def __init__(self) -> None:
        self.row = 0
        self.fill = 0
        self.bar = 0
        self.tick = -1
        self.last = 0
        self.left = 0
        self.meter = self.style = self.mode = 0
        self._cells: dict[tuple[int, int], _Events] = {}
        self._cell: _Events = {}
        self._pitches: dict[tuple[int, int], tuple[int, int]] = {}
        self._chords: dict[int, list[tuple[int, int, int]]] = {}
        self._tune: dict[int, list[tuple[int, int, int]]] = {}

    def push(self, token: int) -> None:
        """Take the next token of the sequence."""
        kind, value = _kinds()[token]
        self.last = token
        if kind == "POS":
            self.tick = value
            self._cell[value] = []
            if self.left > 1:
                self.left -= 1
        elif kind in _CONTENT:
            if self.tick >= 0 and self.row:
                self._cell[self.tick].append(token)
            if kind == "PITCH":
                one, _ = self._pitches.get((self.row, self.fill), (0, 0))
                self._pitches[self.row, self.fill] = (value, one)
                self._pitches[self.row, 1] = self._pitches[self.row, self.fill]
            elif kind == "DUR" and self.row == _MELODY:
                pitch, _ = self._pitches.get((self.row, self.fill), (0, 0))
                self._tune.setdefault(self.bar, []).append((self.tick, self.tick + value, pitch))
            elif kind == "ROOT" and self.row == 1:
                self._chords.setdefault(self.bar, []).append((self.tick, value, 1))
            elif kind == "QUALITY" and self.row == 1 and self._chords.get(self.bar):
                tick, root, _ = self._chords[self.bar][-1]
                self._chords[self.bar][-1] = (tick, root, value)
            elif kind == "HOLD" and self.left:
                self.left = min(self.left + 1, MAX_COUNT + 1)
        elif kind == "BAR":
            self.bar, self.row, self.fill, self.left = value, 0, 0, 0
        elif kind in ("GIVEN", "FILL"):
            self._open(value, int(kind == "FILL"))
        elif kind == "N":
            self.left = value + 1
        elif kind == "METER":
            self.meter = value
        elif kind == "STYLE":
            self.style = value
        elif kind == "MODE":
            self.mode = value
        elif kind == "END":
            self.row, self.left = 0, 0

    def _open(self, row: int, fill: int) -> None:
        self.row, self.fill, self.tick, self.left = row, fill, -1, 0
        self._cell = self._cells[self.bar, row] = {}
        if row == _MELODY:
            self._tune[self.bar] = []
        elif row == 1:
            self._chords[self.bar] = []

    @property
    def place(self) -> Place:
        """The facts of the next token."""
        if not self.row:
            return Place(
                0, 0, 0, 0, self.last, 0, 0, 0, 0, 0, 0, 0, 0, self.bar % 4 + 1, self.meter, self.style, self.mode
            )
        tick = max(self.tick, 0)
        root, quality = self._chord(tick) if self.row != 1 else self._chord_before()
        pitch, before = self._pitches.get((self.row, self.fill), (0, 0))
        return Place(
            self.row, self.fill, _PLACES[self.tick % 24] if self.tick >= 0 else 0,
            self.tick // 24 + 1 if self.tick >= 0 else 0, self.last, root, quality, pitch, before,
            self._at(self.bar - 1), self._at(self.bar - 2), self.left,
            self._heard(tick) if self.row != _MELODY else 0, self.bar % 4 + 1, self.meter, self.style, self.mode,
        )  # fmt: skip

    def _chord(self, tick: int) -> tuple[int, int]:
        """Root and quality of the chord that sounds at a tick of this bar."""
        bar = self.bar
        while bar >= 0 and not self._chords.get(bar):
            bar -= 1
        if bar < 0:
            return 0, 0
        events = self._chords[bar]
        if bar < self.bar:
            return events[-1][1:]
        found = events[0]
        for event in events[1:]:
            if event[0] > tick:
                break
            found = event
        return found[1:]

    def _chord_before(self) -> tuple[int, int]:
        """The last chord that is finished, for a row of chords."""
        events = self._chords.get(self.bar) or []
        if events and events[-1][0] == self.tick:
            events = events[:-1]
        bar = self.bar
        while not events and bar > 0:
            bar -= 1
            events = self._chords.get(bar) or []
        return events[-1][1:] if events else (0, 0)

    def _heard(self, tick: int) -> int:
        for start, end, pitch in self._tune.get(self.bar, ()):
            if start <= tick < end:
                return pitch
        return 0

    def _at(self, bar: int) -> int:
        """The token that stood at this point of the row in another bar: the next place, or the same part of the event
        at the same place."""
        events = self._cells.get((bar, self.row))
        if events is None:
            return 0
        kind = _kinds()[self.last][0]
        if kind in ("POS", "PITCH", "HIT", "ROOT", "QUALITY", "HOLD") and self.tick in events:
            there, here = events[self.tick], self._cell[self.tick]
            if len(here) < len(there):
                return there[len(here)]
        if kind in ("POS", "PITCH", "ROOT", "HOLD"):
            return 0
        later = [tick for tick in events if tick > self.tick]
        v = vocabulary()
        return v.position_ids[min(later)] if later else v.end


_MELODY = LABELS.index("melody")
_CONTENT = frozenset(("PITCH", "DUR", "ROOT", "QUALITY", "CBASS", "NC", "HIT", "HOLD"))


@cache
def _kinds() -> list[tuple[str, int]]:
    """Kind of each token, and what it says as a number."""
    v = vocabulary()
    found: list[tuple[str, int]] = []
    for token, name in enumerate(v.names):
        kind, _, rest = name.partition("_")
        value = 0
        if kind == "POS":
            value = v.position_ticks[token]
        elif kind == "PITCH":
            value = int(rest) - LOWEST_PITCH + 1
        elif kind == "DUR":
            value = v.duration_ticks[token]
        elif kind == "ROOT":
            value = int(rest) + 1
        elif kind == "QUALITY":
            value = token - v.quality + 1
        elif kind in ("BAR", "N"):
            value = int(rest)
        elif kind in ("GIVEN", "FILL"):
            value = LABELS.index(rest)
        elif kind == "METER":
            value = METERS.index(rest) + 1
        elif kind == "STYLE":
            value = STYLES.index(rest) + 1
        elif kind == "MODE":
            value = 1 + (rest == "minor")
        found.append((kind, value))
    return found


def kind_of(token: int) -> str:
    """The kind of a token, see ``Vocabulary.kind``."""
    return _kinds()[token][0]


class Ear:
    """Says of each token in turn whether an engine that knows some rows alone hears it. rows: those it knows.

    >>> v = vocabulary()
    >>> ear = Ear(("melody",))
    >>> [ear.hears(token) for token in (v.bar, v.given["keys"], v.pos, v.given["melody"], v.pos)]
    [True, False, False, True, True]
    """

    def __init__(self, rows: tuple[str, ...]) -> None:
        self._known = frozenset(LABELS.index(row) for row in rows) | {LABELS.index("lyrics")}
        self._deaf = False

    def hears(self, token: int) -> bool:
        """Whether the next token is heard: all but what is given in other rows."""
        kind, value = _kinds()[token]
        if kind == "GIVEN":
            self._deaf = value not in self._known
        elif kind in ("BAR", "FILL", "EOS", "SEP"):
            self._deaf = False
        return not self._deaf
