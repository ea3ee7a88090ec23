"""Phrases as arrays: a few bars of one row, step by step, with the chords under them.

A step is a sixteenth (6 ticks); a bar has as many as its metre says, at most 16. A line (melody, bass) tells for each
step that a pitch is struck, that the last one is held, or that nothing sounds; a drum row tells which sounds are
struck. What lies on the sixteenths comes back from ``cells_of`` as it went in; what lies between, triplets and 32nds,
moves to the nearest sixteenth, and ``bent`` counts how often. Pitches are key-normalised: C major or A minor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from yuefu.theory.chord import QUALITIES, QUALITY_NAMES, Chord
from yuefu.tokens.grid import EMPTY, Cell, GridBar, snap_duration
from yuefu.tokens.vocabulary import DURATIONS, HIGHEST_PITCH, HITS, LOWEST_PITCH, vocabulary

STEP = 6  #: ticks a step
MOST_STEPS = 16  #: steps of the longest bar
#: What a step of a line says: the last note goes on, silence, or ``STRUCK`` + pitch - LOWEST_PITCH.
HELD, SILENT, STRUCK = 0, 1, 2
#: How many different things a step of a line can say.
SAYINGS = STRUCK + HIGHEST_PITCH - LOWEST_PITCH + 1
#: Drum sounds, in the order of a step's lanes, by General MIDI pitch.
LANES = tuple(HITS.values())
#: The chord number that means none.
NO_CHORD = 12 * len(QUALITY_NAMES)
#: Metres whose bars have at most ``MOST_STEPS`` steps, with their ticks.
METERS = {
    "2/4": 48, "3/4": 72, "4/4": 96, "2/2": 96, "3/8": 36, "4/8": 48, "5/8": 60, "6/8": 72, "7/8": 84, "1/4": 24,
    "6/16": 36, "9/16": 54, "12/16": 72,
}  # fmt: skip
#: Rows that can be phrases.
PHRASE_ROWS = ("melody", "bass", "drums")
#: How many numbers tell a network what is known of a phrase as a whole; see ``conditions``.
CONDITION = len(METERS) + 1 + 2


@dataclass(frozen=True)
class Phrase:
    """A few bars of one row.

    row: of ``PHRASE_ROWS``; meter: of all its bars; minor: A minor, else C major; steps: what each step says, uint8
    (bars, steps) for a line, bool (bars, steps, lanes) for drums; chords: uint8 (bars, steps), a number for
    ``chord_of``; before: the pitch that sounded last before it, 0 for none; bent: onsets that weren't on a sixteenth.
    """

    row: str
    meter: str
    minor: bool
    steps: NDArray
    chords: NDArray[np.uint8]
    before: int = 0
    bent: int = 0

    def __len__(self) -> int:
        """Bars."""
        return len(self.steps)

    @property
    def onsets(self) -> int:
        """How many notes are struck, or steps with a drum."""
        return int((self.steps >= STRUCK).sum()) if self.row != "drums" else int(self.steps.any(axis=2).sum())

    def with_steps(self, steps: NDArray) -> Phrase:
        """Other notes over the same chords."""
        return replace(self, steps=steps, bent=0)


def chord_number(chord: Chord | None) -> int:
    """A number for a chord, whatever its bass; ``NO_CHORD`` for none.

    >>> chord_of(chord_number(Chord(7, "7"))), chord_of(NO_CHORD)
    (Chord(root=7, quality='7', bass=None), None)
    """
    return NO_CHORD if chord is None else chord.root * len(QUALITY_NAMES) + QUALITY_NAMES.index(chord.quality)


def chord_of(number: int) -> Chord | None:
    """The chord of a number."""
    root, quality = divmod(int(number), len(QUALITY_NAMES))
    return None if number >= NO_CHORD else Chord(root, QUALITY_NAMES[quality])


def chord_features() -> NDArray[np.float32]:
    """What each chord number says: (NO_CHORD + 1, 25), its root, its tones, and whether there is one."""
    table = np.zeros((NO_CHORD + 1, 25), dtype=np.float32)
    for number in range(NO_CHORD):
        chord = chord_of(number)
        assert chord is not None
        table[number, chord.root] = 1
        for interval in QUALITIES[chord.quality]:
            table[number, 12 + (chord.root + interval) % 12] = 1
        table[number, 24] = 1
    return table


def fits(bar: GridBar) -> bool:
    """Whether a bar can be part of a phrase.

    >>> fits(GridBar("3/4", 72)), fits(GridBar("12/8", 144))
    (True, False)
    """
    return METERS.get(bar.meter) == bar.ticks


def chord_steps(cells: Sequence[Cell], bars: Sequence[GridBar], first: int, count: int) -> NDArray[np.uint8]:
    """Chord numbers (count, steps) of bars from ``first`` on; a bar without chords goes on with the last one before."""
    v = vocabulary()
    start = first
    while start > 0 and start < len(cells) and not len(cells[start]):
        start -= 1
    last, out = NO_CHORD, np.full((count, bars[first].ticks // STEP), NO_CHORD, dtype=np.uint8)
    for bar in range(start, min(first + count, len(cells))):
        ids = cells[bar].tolist()
        row = np.full(bars[bar].ticks // STEP + 1, last, dtype=np.uint8)
        place = 0
        opened = False
        while place < len(ids):
            at = min(v.position_ticks[ids[place]] // STEP, len(row) - 1)
            if ids[place + 1] == v.nc:
                last, place = NO_CHORD, place + 2
            else:
                last = (ids[place + 1] - v.root) * len(QUALITY_NAMES) + ids[place + 2] - v.quality
                place += 3
                if place < len(ids) and v.cbass <= ids[place] < v.cbass + 12:
                    place += 1
            row[at if opened or bar > start else 0 :] = last
            opened = True
        if bar >= first:
            out[bar - first] = row[: out.shape[1]]
    return out


def line_steps(
    cells: Sequence[Cell], bars: Sequence[GridBar], top: bool, shifts: Sequence[int] | None = None
) -> tuple[list[NDArray[np.uint8]], NDArray[np.int64]]:
    """What each step of a row's bars says, and how many onsets of each bar were bent.

    Of notes struck together the highest counts (top) or the lowest. shifts: semitones to take off, by bar.
    """
    v = vocabulary()
    lengths = [bar.ticks // STEP for bar in bars]
    starts = np.concatenate([[0], np.cumsum(lengths)])
    struck: dict[int, tuple[int, int]] = {}
    bent = np.zeros(len(bars), dtype=np.int64)
    for bar, cell in enumerate(cells):
        position, pitch, shift = 0, 0, 0 if shifts is None else shifts[bar]
        for token in cell.tolist():
            if token in v.position_ticks:
                position = v.position_ticks[token]
            elif token in v.duration_ticks:
                step, off = divmod(position, STEP)
                bent[bar] += off > 0
                at = int(starts[bar]) + min(step + (off >= STEP // 2), lengths[bar] - 1)
                steps = max(1, round(v.duration_ticks[token] / STEP))
                known = struck.get(at)
                if known is None or (pitch > known[0] if top else pitch < known[0]):
                    struck[at] = (pitch, steps)
            elif token != v.hold:
                pitch = token - v.pitch - shift
                pitch += 12 if pitch < LOWEST_PITCH else -12 if pitch > HIGHEST_PITCH else 0
    flat = np.full(starts[-1], SILENT, dtype=np.uint8)
    order = sorted(struck)
    for at, following in pairwise([*order, len(flat)]):
        pitch, steps = struck[at]
        flat[at] = STRUCK + pitch - LOWEST_PITCH
        flat[at + 1 : min(at + steps, following)] = HELD
    return np.split(flat, starts[1:-1]), bent


def drum_steps(cells: Sequence[Cell], bars: Sequence[GridBar]) -> tuple[list[NDArray[np.bool_]], NDArray[np.int64]]:
    """Which sounds each step of a drum row's bars strikes, and how many onsets of each bar were bent."""
    v = vocabulary()
    out, bent = [], np.zeros(len(bars), dtype=np.int64)
    for bar, (cell, column) in enumerate(zip(cells, bars, strict=True)):
        steps = np.zeros((column.ticks // STEP, len(LANES)), dtype=bool)
        at = 0
        for token in cell.tolist():
            if token in v.position_ticks:
                step, off = divmod(v.position_ticks[token], STEP)
                bent[bar] += off > 0
                at = min(step + (off >= STEP // 2), len(steps) - 1)
            else:
                steps[at, token - v.hit] = True
        out.append(steps)
    return out, bent


def phrase_from(
    cells: dict[str, list[Cell]], bars: Sequence[GridBar], row: str, first: int, count: int, minor: bool = False
) -> Phrase:
    """The phrase of a row in bars [first, first + count), all of one metre that ``fits``.

    A note that sounds on from the bar before is silent here; one that sounds on after the last bar is cut there.
    """
    assert all(fits(bar) and bar.meter == bars[first].meter for bar in bars[first : first + count])
    own = (cells.get(row) or [EMPTY] * len(bars))[first : first + count]
    columns = bars[first : first + count]
    chords = chord_steps(cells.get("chords", []), bars, first, count)
    if row == "drums":
        hits, bent = drum_steps(own, columns)
        return Phrase(row, columns[0].meter, minor, np.stack(hits), chords, 0, int(bent.sum()))
    steps, bent = line_steps(own, columns, row != "bass")
    return Phrase(row, columns[0].meter, minor, np.stack(steps), chords, last_pitch(cells, row, first), int(bent.sum()))


def last_pitch(cells: dict[str, list[Cell]], row: str, bar: int, look: int = 2) -> int:
    """The last pitch that a line strikes in the few bars before one, 0 for none."""
    v = vocabulary()
    for cell in reversed(cells.get(row, [])[max(0, bar - look) : bar]):
        inside = [t - v.pitch for t in cell.tolist() if LOWEST_PITCH <= t - v.pitch <= HIGHEST_PITCH]
        if inside:
            return inside[-1]
    return 0


def cells_of(phrase: Phrase) -> list[Cell]:
    """A phrase as cells, one a bar; a note that sounds over a bar line is written where it is struck."""
    return _drum_cells(phrase) if phrase.row == "drums" else _line_cells(phrase)


def _line_cells(phrase: Phrase) -> list[Cell]:
    v = vocabulary()
    bars, length = phrase.steps.shape
    cells: list[list[int]] = [[] for _ in range(bars)]
    for start, pitch, steps in notes_of(phrase.steps):
        bar, step = divmod(start, length)
        cells[bar] += [v.position_ids[step * STEP], v.pitch + pitch, v.duration_ids[written(steps * STEP)]]
    return [np.array(cell, dtype=np.int16) for cell in cells]


def _drum_cells(phrase: Phrase) -> list[Cell]:
    v = vocabulary()
    cells = []
    for bar in phrase.steps:
        cell: list[int] = []
        for step in np.flatnonzero(bar.any(axis=1)).tolist():
            cell += [v.position_ids[step * STEP], *(v.hit + np.flatnonzero(bar[step])).tolist()]
        cells.append(np.array(cell, dtype=np.int16))
    return cells


def written(ticks: int) -> int:
    """The longest duration that can be written and isn't longer.

    >>> written(66), written(96)
    (64, 96)
    """
    near = snap_duration(ticks)
    return near if near <= ticks else DURATIONS[max(DURATIONS.index(near) - 1, 0)]


def notes_of(steps: NDArray) -> list[tuple[int, int, int]]:
    """(first step, pitch, steps) of a line's notes, counted through all bars."""
    flat = steps.reshape(-1)
    onsets = np.flatnonzero(flat >= STRUCK)
    ends = np.flatnonzero(np.append(flat, SILENT) != HELD)
    after = ends[np.searchsorted(ends, onsets, side="right")] if len(onsets) else onsets
    pitches = flat[onsets].astype(int) - STRUCK + LOWEST_PITCH
    return list(zip(onsets.tolist(), pitches.tolist(), (after - onsets).tolist(), strict=True))


def sounding(steps: NDArray) -> NDArray[np.uint8]:
    """What sounds at each step of lines (..., steps): 0 for nothing, else 1 + pitch - LOWEST_PITCH.

    The last axis is walked through on its own: give all bars of a phrase as one axis.
    """
    out = np.zeros(steps.shape, dtype=np.uint8)
    last = np.zeros(steps.shape[:-1], dtype=np.uint8)
    for step in range(steps.shape[-1]):
        now = steps[..., step]
        last = np.where(now >= STRUCK, now - STRUCK + 1, np.where(now == SILENT, 0, last)).astype(np.uint8)
        out[..., step] = last
    return out


def conditions(meters: NDArray[np.int64], minor: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """(n, CONDITION): metres (numbers in ``METERS``) as one-hot, the mode, melody or bass (rows: as in
    ``PHRASE_ROWS``)."""
    out = np.zeros((len(meters), CONDITION), dtype=np.float32)
    out[np.arange(len(meters)), meters] = 1
    out[:, len(METERS)] = minor
    out[:, -2], out[:, -1] = rows == 0, rows == 1
    return out
