"""The grid codec: a Score as cells of tokens (bars by rows), and cells back to notes.

``encode_score`` reads every row of a score; ``decode_notes`` and ``decode_chords`` write single
cells back. On a score whose onsets and durations lie on the grid (see ``snap``) the round trip
loses nothing.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from yuefu.errors import LimitError
from yuefu.score.model import (
    NOTE_ROWS,
    ROWS,
    Bar,
    ChordSpan,
    Notes,
    Part,
    Score,
    make_notes,
)
from yuefu.theory.chord import QUALITY_NAMES, Chord
from yuefu.tokens.vocabulary import (
    DURATIONS,
    GRID,
    HIGHEST_PITCH,
    LOWEST_PITCH,
    MAX_BAR_TICKS,
    METERS,
    hit_pitch,
    vocabulary,
)

Cell = NDArray[np.int16]
EMPTY: Cell = np.zeros(0, dtype=np.int16)


@dataclass(frozen=True, slots=True)
class GridBar:
    """One column. ticks: full length by the metre; offset: where a pick-up bar begins in it."""

    meter: str
    ticks: int
    offset: int = 0

    @property
    def sounding(self) -> int:
        """Ticks that the bar really lasts."""
        return self.ticks - self.offset


@dataclass
class Grid:
    """A piece as cells.

    bars: the columns; cells: row -> one token array a bar, without row token and ``END``;
    lyrics: one token array a bar, or None when nothing is sung; starts: the tick where each bar
    begins; keys: fifths of the key at each bar.
    """

    bars: list[GridBar]
    cells: dict[str, list[Cell]]
    lyrics: list[Cell] | None
    starts: list[int]
    fifths: list[int]
    families: dict[str, str] = field(default_factory=dict)


def snap_onset(tick: int) -> int:
    """The nearest grid place, counted from the bar's start (may be the next quarter's 0).

    >>> snap_onset(5), snap_onset(23), snap_onset(37)
    (4, 24, 36)
    """
    quarter, rest = divmod(tick, 24)
    places = (*GRID, 24)
    return quarter * 24 + min(places, key=lambda place: abs(place - rest))


def snap_duration(ticks: int) -> int:
    """The nearest duration that can be written.

    >>> snap_duration(23), snap_duration(1), snap_duration(1000)
    (24, 3, 384)
    """
    index = bisect_left(DURATIONS, ticks)
    near = DURATIONS[max(index - 1, 0) : index + 1]
    return min(near, key=lambda duration: (abs(duration - ticks), duration))


def fold_pitch(pitch: int) -> int:
    """The pitch moved by octaves into the vocabulary's range."""
    while pitch < LOWEST_PITCH:
        pitch += 12
    while pitch > HIGHEST_PITCH:
        pitch -= 12
    return pitch


def grid_bar(bar: Bar, pickup: bool = False) -> GridBar:
    """The column of a bar. Raises LimitError for bars longer than eight quarters."""
    full = bar.numerator * 96 // bar.denominator
    ticks = full if pickup and bar.duration <= full else bar.duration
    if ticks > MAX_BAR_TICKS:
        raise LimitError(
            f"a bar of {ticks / 24:g} quarter notes is too long for the grid: the longest is {MAX_BAR_TICKS // 24}."
        )
    meter = f"{bar.numerator}/{bar.denominator}"
    return GridBar(meter if meter in METERS else "other", ticks, ticks - bar.duration)


def encode_score(score: Score) -> Grid:
    """All cells of a score. Parts with the same role are written together in its row."""
    bars = score.bars
    grid_bars = [grid_bar(bar, bar.index == 0 and score.pickup > 0) for bar in bars]
    starts = np.array([bar.start for bar in bars])
    ends = np.array([bar.end for bar in bars])
    cells: dict[str, list[Cell]] = {}
    lyrics: list[list[int]] = [[] for _ in bars]
    sung = False
    for row in NOTE_ROWS:
        parts = [part for part in score.parts if part.role == row and len(part.notes)]
        if not parts:
            continue
        row_cells: list[list[int]] = [[] for _ in bars]
        for index, events in enumerate(_bar_events(parts, starts, ends, grid_bars)):
            row_cells[index] = _drum_tokens(events) if row == "drums" else _note_tokens(events)
        if row == "melody" and parts[0].syllables:
            sung = True
            _lyric_tokens(parts[0], starts, lyrics)
        cells[row] = [np.array(cell, dtype=np.int16) for cell in row_cells]
    if score.chords:
        cells["chords"] = [np.array(cell, dtype=np.int16) for cell in _chord_cells(score.chords, bars, grid_bars)]
    return Grid(
        bars=grid_bars,
        cells={row: cells[row] for row in ROWS if row in cells},
        lyrics=[np.array(cell, dtype=np.int16) for cell in lyrics] if sung else None,
        starts=starts.tolist(),
        fifths=[score.key_at(bar.start).fifths for bar in bars],
    )


def _bar_events(
    parts: list[Part], starts: NDArray[np.int64], ends: NDArray[np.int64], bars: list[GridBar]
) -> list[list[tuple[int, int, int, bool]]]:
    """(position, pitch, duration, holds a syllable) by bar, sorted."""
    events: list[list[tuple[int, int, int, bool]]] = [[] for _ in bars]
    for part in parts:
        sung = {s.note_id for s in part.syllables}
        notes = part.notes
        index = np.searchsorted(starts, notes["start"], side="right") - 1
        for note, bar in zip(notes.tolist(), index.tolist()):
            number, start, duration, pitch, _ = note
            if bar < 0 or start >= ends[-1]:
                continue
            position = snap_onset(start - int(starts[bar]) + bars[bar].offset)
            if position >= bars[bar].ticks:  # rounded up over the bar line
                if bar + 1 < len(bars):
                    bar, position = bar + 1, 0
                else:
                    position = max(p for p in _places(bars[bar].ticks))
            events[bar].append((position, pitch, snap_duration(duration), bool(sung) and number not in sung))
    for cell in events:
        cell.sort()
    return events


def _places(ticks: int) -> list[int]:
    return [q * 24 + g for q in range(MAX_BAR_TICKS // 24) for g in GRID if q * 24 + g < ticks]


def _note_tokens(events: list[tuple[int, int, int, bool]]) -> list[int]:
    v = vocabulary()
    out: list[int] = []
    last = -1
    seen: set[int] = set()
    for position, pitch, duration, hold in events:
        if position != last:
            out.append(v.position_ids[position])
            last = position
            seen = set()
        pitch = fold_pitch(pitch)
        if pitch in seen:
            continue
        seen.add(pitch)
        if hold:
            out.append(v.hold)
        out += [v.pitch + pitch, v.duration_ids[duration]]
    return out


def _drum_tokens(events: list[tuple[int, int, int, bool]]) -> list[int]:
    v = vocabulary()
    out: list[int] = []
    last = -1
    by_position: dict[int, set[int]] = {}
    for position, pitch, _, _ in events:
        known = hit_pitch(pitch)
        if known is not None:
            by_position.setdefault(position, set()).add(v.hit_ids[known])
    for position in sorted(by_position):
        if position != last:
            out.append(v.position_ids[position])
        out += sorted(by_position[position])
    return out


def _lyric_tokens(part: Part, starts: NDArray[np.int64], lyrics: list[list[int]]) -> None:
    v = vocabulary()
    start_of = {int(n["id"]): int(n["start"]) for n in part.notes}
    verse = min(s.verse for s in part.syllables)
    syllables = [s for s in part.syllables if s.verse == verse and s.note_id in start_of]
    for syllable in sorted(syllables, key=lambda s: start_of[s.note_id]):
        bar = int(np.searchsorted(starts, start_of[syllable.note_id], side="right")) - 1
        lyrics[bar].append(v.id("SYL"))
        if syllable.line_end:
            lyrics[bar].append(v.id("LINE"))


def chord_tokens(chord: Chord | None) -> list[int]:
    """The tokens of a chord symbol, without its position."""
    v = vocabulary()
    if chord is None:
        return [v.nc]
    out = [v.root + chord.root, v.quality + QUALITY_NAMES.index(chord.quality)]
    return out if chord.bass is None else [*out, v.cbass + chord.bass]


def _chord_cells(chords: tuple[ChordSpan, ...], bars: tuple[Bar, ...], grid_bars: list[GridBar]) -> list[list[int]]:
    """Chords by bar; a chord that goes on over a bar line is written again."""
    v = vocabulary()
    cells: list[list[int]] = []
    first = 0
    for bar, column in zip(bars, grid_bars):
        events: dict[int, Chord | None] = {}
        while first < len(chords) and chords[first].start + chords[first].duration <= bar.start:
            first += 1
        for span in chords[first:]:
            if span.start >= bar.end:
                break
            position = snap_onset(max(span.start - bar.start, 0) + column.offset)
            if position < column.ticks:
                events[position] = span.chord
        cell: list[int] = []
        for position in sorted(events):
            cell += [v.position_ids[position], *chord_tokens(events[position])]
        cells.append(cell)
    return cells


def decode_notes(
    cell: NDArray[np.int16] | list[int], start: int, offset: int = 0, first_id: int = 1, velocity: int = 80
) -> tuple[Notes, list[bool]]:
    """The notes of a melodic or drum cell whose bar begins at ``start``, and which of them hold a syllable."""
    v = vocabulary()
    rows: list[tuple[int, int, int, int, int]] = []
    holds: list[bool] = []
    position, pitch, hold = 0, -1, False
    for token in map(int, cell):
        if token in v.position_ticks:
            position = v.position_ticks[token]
        elif token == v.hold:
            hold = True
        elif token in v.hit_pitches:
            rows.append((first_id + len(rows), start + position - offset, 6, v.hit_pitches[token], velocity))
            holds.append(False)
        elif token in v.duration_ticks:
            rows.append((first_id + len(rows), start + position - offset, v.duration_ticks[token], pitch, velocity))
            holds.append(hold)
            hold = False
        else:
            pitch = token - v.pitch
    return make_notes(rows), holds


def decode_chords(cells: list[Cell], bars: list[GridBar], starts: list[int]) -> tuple[ChordSpan, ...]:
    """Chord spans of a row of chord cells; equal neighbours become one span."""
    v = vocabulary()
    events: list[tuple[int, Chord | None]] = []
    for cell, bar, start in zip(cells, bars, starts):
        ids = [int(t) for t in cell]
        i = 0
        while i < len(ids):
            tick = start + v.position_ticks[ids[i]] - bar.offset
            i += 1
            if ids[i] == v.nc:
                events.append((tick, None))
                i += 1
                continue
            root, quality = ids[i] - v.root, QUALITY_NAMES[ids[i + 1] - v.quality]
            i += 2
            bass = None
            if i < len(ids) and v.cbass <= ids[i] < v.cbass + 12:
                bass = ids[i] - v.cbass
                i += 1
            events.append((tick, Chord(root, quality, bass)))
    end = starts[-1] + bars[-1].sounding if bars else 0
    spans: list[ChordSpan] = []
    for (tick, chord), following in zip(events, [t for t, _ in events[1:]] + [end]):
        if spans and spans[-1].chord == chord and spans[-1].start + spans[-1].duration == tick:
            spans[-1] = ChordSpan(spans[-1].start, following - spans[-1].start, chord)
        else:
            spans.append(ChordSpan(tick, following - tick, chord))
    return tuple(spans)
