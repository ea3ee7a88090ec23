"""Held-out excerpts as scores, so that a suite gives them to the same commands as a user gives theirs.

An excerpt is a few whole bars of one metre and one key at sounding pitch, one part a row. Style, tempo, key and
instruments are told; nothing that was measured from what a suite hides is.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np

from yuefu.analysis.lines import rows_of
from yuefu.evaluation.row_baselines import Event, RowChain, between, events_of, outside
from yuefu.score.model import (
    NOTE_ROWS,
    ROWS,
    ChordSpan,
    KeyChange,
    MeterChange,
    Notes,
    Part,
    Score,
    TempoChange,
    sort_notes,
)
from yuefu.theory.key import Key
from yuefu.tokens.grid import decode_chords
from yuefu.tokens.vocabulary import FAMILIES, METERS
from yuefu.training.pieces import Piece
from yuefu.workflows.evaluate.held_out import notes_of

VOICE_PROGRAM = 53


@dataclass(frozen=True)
class Excerpt:
    """Some bars of a held-out piece. first: their first bar in it; bar: ticks of each bar; key: of all of them."""

    piece: Piece
    first: int
    score: Score
    bar: int
    key: Key

    @property
    def length(self) -> int:
        """Ticks."""
        return len(self.score.bars) * self.bar

    @property
    def rows(self) -> dict[str, Notes]:
        """The notes of each row."""
        return rows_of(self.score)

    @property
    def roles(self) -> dict[str | int, str]:
        """The row of each part, by number: nothing is left to be guessed."""
        return {number: part.role for number, part in enumerate(self.score.parts, 1)}


def excerpts(
    pieces: Sequence[Piece],
    bars: int,
    needed: Collection[str],
    most: int,
    seed: Sequence[int],
    rows: Collection[str] = ROWS,
) -> list[Excerpt]:
    """One excerpt of each piece that has one, ``most`` of them, drawn by a seed.

    needed: rows that must play in the first and in the second half; rows: those that are taken.
    """
    found: list[Excerpt] = []
    for number, piece in enumerate(pieces):
        if len(found) == most:
            break
        starts = [s for s in range(len(piece.bars) - bars + 1) if usable(piece, s, bars, needed)]
        if starts:
            start = int(np.random.default_rng([*seed, number]).choice(starts))
            found.append(excerpt(piece, start, bars, rows))
    return found


def usable(piece: Piece, start: int, count: int, needed: Collection[str]) -> bool:
    """Whether bars are whole, of one known metre and in one key, and whether the needed rows play in both halves."""
    bars = piece.bars[start : start + count]
    half = start + count // 2
    return (
        bars[0].meter in METERS
        and _meter(bars[0].meter).bar_ticks == bars[0].ticks
        and all(bar == bars[0] and not bar.offset for bar in bars)
        and len({(piece.shifts[b], piece.modes[b]) for b in range(start, start + count)}) == 1
        and all(
            any(len(cell) for cell in piece.cells.get(row, [])[a:b])
            for row in needed
            for a, b in ((start, half), (half, start + count))
        )
    )


def _meter(name: str) -> MeterChange:
    numerator, _, denominator = name.partition("/")
    return MeterChange(0, int(numerator), int(denominator)) if denominator else MeterChange(0, 1, 64)


def key_of(piece: Piece, bar: int) -> Key:
    """The key of a bar."""
    tonic = (piece.shifts[bar] + (9 if piece.modes[bar] == "minor" else 0)) % 12
    return Key.of_tonic(tonic, piece.modes[bar])


def excerpt(piece: Piece, start: int, count: int, rows: Collection[str] = ROWS) -> Excerpt:
    """Some bars of a piece as a score; notes end with the last one."""
    bars = piece.bars[start : start + count]
    ticks = bars[0].ticks
    parts: list[Part] = []
    for row in NOTE_ROWS:
        if row not in rows or row not in piece.cells:
            continue
        notes = sort_notes(notes_of(piece.cells[row], piece.bars, start, start + count))
        if len(notes):
            notes["id"] = np.arange(1, len(notes) + 1) + sum(len(part.notes) for part in parts)
            notes["duration"] = np.minimum(notes["duration"], count * ticks - notes["start"])
            parts.append(Part(f"P{len(parts) + 1}", row, row, program_of(piece.families.get(row, "piano")), "", notes))
    key = key_of(piece, start)
    score = Score(
        title=piece.work,
        parts=tuple(parts),
        chords=_chords(piece, start, count) if "chords" in rows else (),
        tempos=(TempoChange(0, piece.bpm),),
        keys=(KeyChange(0, key),),
        meters=(_meter(bars[0].meter),),
        length=count * ticks,
        metadata={"style": piece.style} if piece.style else {},
    )
    return Excerpt(piece, start, score, ticks, key)


def _chords(piece: Piece, start: int, count: int) -> tuple[ChordSpan, ...]:
    cells = piece.cells.get("chords", [])[start : start + count]
    if not any(len(cell) for cell in cells):
        return ()
    bars = piece.bars[start : start + count]
    return decode_chords(cells, bars, [i * bars[0].ticks for i in range(count)])


def program_of(family: str) -> int:
    """A General MIDI program of a family of instruments.

    >>> program_of("strings"), program_of("voice"), program_of("kit")
    (40, 53, 0)
    """
    if family == "voice":
        return VOICE_PROGRAM
    return FAMILIES.index(family) * 8 if family in FAMILIES[:16] else 0


def without_bars(found: Excerpt, start: int, end: int) -> Score:
    """The excerpt with nothing left that begins in a span of ticks: no notes, no chords. Its length stays."""
    score = found.score
    chords = []
    for span in score.chords:
        stop = span.start + span.duration
        for a, b in ((span.start, min(stop, start)), (max(span.start, end), stop)):
            if b > a:
                chords.append(replace(span, start=a, duration=b - a))
    return replace(
        score,
        parts=tuple(part.with_notes(outside(part.notes, start, end)) for part in score.parts),
        chords=tuple(chords),
    )


def chains(pieces: Sequence[Piece], rows: Collection[str], most: int = 60) -> dict[str, RowChain]:
    """A first-order Markov chain of each row, counted on pieces: on the first ``most`` of each set."""
    chosen = [
        p for _, own in groupby(sorted(pieces, key=lambda p: p.set), key=lambda p: p.set) for p in list(own)[:most]
    ]
    return {row: RowChain(_events(piece, row) for piece in chosen if row in piece.cells) for row in rows}


def _events(piece: Piece, row: str) -> list[Event]:
    """A row's moments, in the key of the piece's first bar (drums as they are)."""
    return events_of(notes_of(piece.cells[row], piece.bars), 0 if row == "drums" else piece.shifts[0])


def continued(chain: RowChain, row: str, own: Notes, key: Key, start: int, end: int, rng: np.random.Generator) -> Notes:
    """A row's notes in a span, by a chain that goes on from the row's last moment before it."""
    shift = 0 if row == "drums" else key.shift
    before = between(own, 0, start)
    if not len(before):
        return chain.draw(start, end, rng, shift=shift)
    events = events_of(before, shift)
    return chain.draw(start, end, rng, events[-1], int(before["start"].max()), shift)
