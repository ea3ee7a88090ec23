"""A filled canvas back into its score: named cells' notes are taken out and written anew, all else stays.

What stays keeps its ids, timing and loudness to the tick. New notes make room for it: they never sound
over a kept note of their own line, nor over a kept note of their pitch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from yuefu.score.model import NOTE_ROWS, ROWS, ChordSpan, Notes, Part, Score, Syllable
from yuefu.theory.instruments import INSTRUMENTS
from yuefu.tokens.grid import decode_chords, decode_notes
from yuefu.tokens.sequence import Cover, Mask
from yuefu.workflows.new_loudness import loudness
from yuefu.workflows.score_canvas import LINES, OpenScore

#: Who plays a row that nobody played yet.
DEFAULT_PLAYER = {
    "melody": "flute", "counter": "violin", "inner": "viola", "bass": "bass", "keys": "piano", "pad": "strings",
    "drums": "drums",
}  # fmt: skip


@dataclass(frozen=True)
class Written:
    """A score with cells written anew. kept, removed, added: how many notes."""

    score: Score
    kept: int
    removed: int
    added: int


def write_back(piece: OpenScore, mask: Mask, players: Mapping[str, str] | None = None, language: str = "en") -> Written:
    """The score with the cells of ``mask`` that say FILL taken from the canvas.

    players: row -> instrument key, for rows that nobody played yet and no empty part waits for; language: of new
    parts' names.
    """
    score = piece.score
    parts = list(score.parts)
    number = max((int(part.notes["id"].max()) for part in parts if len(part.notes)), default=0) + 1
    removed = added = 0
    for row in NOTE_ROWS:
        bars = np.flatnonzero(mask[:, ROWS.index(row)] == Cover.FILL)
        if not len(bars):
            continue
        owner = piece.owner(row)
        waiting = next((n for n, part in enumerate(parts) if part.role == row and not len(part.notes)), None)
        if owner is None and waiting is not None:  # a part that was added for this, still empty
            place, ids = waiting, frozenset[int]()
        elif owner is None:
            player = (players or {}).get(row, DEFAULT_PLAYER[row])
            parts.append(_new_part(player, row, {part.id for part in parts}, language))
            place, ids = len(parts) - 1, frozenset[int]()
        else:
            place, ids = owner.part, owner.ids
        part = parts[place]
        mine = np.isin(part.notes["id"], list(ids))
        gone = mine & np.isin(piece.cells_of(part.notes), bars)
        kept = part.notes[~gone]
        line = part.notes[mine & ~gone]
        new, holds = _new_notes(piece, row, bars, number)
        new, fits = _make_room(new, line if row in LINES else kept, row, piece.bars[-1].end)
        new["velocity"] = loudness(score, row, line, new)
        number += len(holds)
        removed += int(gone.sum())
        added += len(new)
        words = _words(part, part.notes[gone], new, np.array(holds, dtype=bool)[fits]) if row == "melody" else ()
        changed = part.with_notes(np.concatenate([kept, new]))
        parts[place] = replace(changed, syllables=tuple(_in_order(changed.syllables + words, changed.notes)))
    if (mask[:, 0] == Cover.FILL).any():
        score = replace(score, chords=_chords(piece, np.flatnonzero(mask[:, 0] == Cover.FILL)))
    if score.metadata.get("key_given") is False or piece.key_source == "user":
        metadata = {name: value for name, value in score.metadata.items() if name != "key_given"}
        score = replace(score, keys=piece.key_changes, metadata=metadata)
    before = score.note_count
    return Written(replace(score, parts=tuple(parts)), before - removed, removed, added)


def _new_part(player: str, row: str, taken: set[str], language: str) -> Part:
    instrument = INSTRUMENTS[player]
    number = next(n for n in range(1, 10_000) if f"P{n}" not in taken)
    name = instrument.zh if language == "zh" else instrument.en
    return Part(f"P{number}", name, row, instrument.program, instrument.key)


def _new_notes(piece: OpenScore, row: str, bars: np.ndarray, number: int) -> tuple[Notes, list[bool]]:
    """The canvas's notes of a row in some bars, at sounding pitch, and which of them hold a syllable."""
    found, holds = [], []
    for bar in bars.tolist():
        notes, held = decode_notes(
            piece.canvas.cells[row][bar], piece.bars[bar].start, piece.canvas.bars[bar].offset, number
        )
        number += len(notes)
        if row != "drums":
            notes["pitch"] += piece.keys[bar].shift
        found.append(notes)
        holds += held
    return np.concatenate(found), holds


def _make_room(new: Notes, kept: Notes, row: str, end: int) -> tuple[Notes, np.ndarray]:
    """New notes cut so that they don't sound over kept ones or each other; and which of them remain."""
    new = new.copy()
    fits = np.ones(len(new), dtype=bool)
    line = row in LINES
    new["duration"] = np.minimum(new["duration"], end - new["start"])
    everything = np.concatenate([kept, new])
    for i in range(len(new)):
        start, pitch = int(new["start"][i]), int(new["pitch"][i])
        others = kept if line else kept[kept["pitch"] == pitch]
        before = others[(others["start"] < start) & (others["start"] + others["duration"] > start)]
        if len(before):
            held = int((before["start"] + before["duration"]).max())
            new["duration"][i] -= held - start
            new["start"][i] = start = held
        rivals = everything if line else everything[everything["pitch"] == pitch]
        later = rivals["start"][(rivals["start"] > start) & (rivals["id"] != new["id"][i])]
        if len(later):
            new["duration"][i] = min(int(new["duration"][i]), int(later.min()) - start)
        if new["duration"][i] < 2 or (others["start"] == start).any():
            fits[i] = False
    return new[fits], fits


def _words(part: Part, gone: Notes, new: Notes, holds: np.ndarray) -> tuple[Syllable, ...]:
    """The syllables of the notes that were taken out, on the new ones in order."""
    ids = {int(note["id"]): int(note["start"]) for note in gone}
    words = sorted((s for s in part.syllables if s.note_id in ids), key=lambda s: (s.verse, ids[s.note_id]))
    onsets = new["id"][~holds].tolist()
    found: list[Syllable] = []
    for verse in sorted({s.verse for s in words}):
        found += [
            replace(s, note_id=number)
            for s, number in zip([s for s in words if s.verse == verse], onsets, strict=False)
        ]
    return tuple(found)


def _in_order(syllables: tuple[Syllable, ...], notes: Notes) -> list[Syllable]:
    place = {int(number): i for i, number in enumerate(notes["id"])}
    return sorted(syllables, key=lambda s: (s.verse, place[s.note_id]))


def _chords(piece: OpenScore, bars: np.ndarray) -> tuple[ChordSpan, ...]:
    """The score's chord symbols with those of some bars replaced; a kept one that reaches in is cut."""
    spans: list[ChordSpan] = []
    runs = _runs(bars.tolist())
    edges = [(piece.bars[run[0]].start, piece.bars[run[-1]].end) for run in runs]
    for span in piece.score.chords:
        left = [(span.start, span.start + span.duration)]
        for start, end in edges:
            left = [cut for a, b in left for cut in _less(a, b, start, end)]
        spans += [ChordSpan(a, b - a, span.chord) for a, b in left]
    for run in runs:
        cells = [piece.canvas.cells["chords"][bar] for bar in run]
        columns = [piece.canvas.bars[bar] for bar in run]
        starts = [piece.bars[bar].start for bar in run]
        shifts = {bar: piece.keys[bar].shift for bar in run}
        new: list[ChordSpan] = []
        for span in decode_chords(cells, columns, starts):
            bar = max(bar for bar in run if piece.bars[bar].start <= span.start)
            span = replace(span, chord=None if span.chord is None else span.chord.transpose(shifts[bar]))
            if new and new[-1].chord == span.chord and new[-1].start + new[-1].duration == span.start:
                new[-1] = replace(new[-1], duration=new[-1].duration + span.duration)  # it goes on
            else:
                new.append(span)
        spans += new
    return tuple(sorted((span for span in spans if span.duration > 0), key=lambda span: span.start))


def _less(a: int, b: int, start: int, end: int) -> list[tuple[int, int]]:
    """What is left of [a, b) without [start, end)."""
    if b <= start or a >= end:
        return [(a, b)]
    return [cut for cut in ((a, start), (end, b)) if cut[1] > cut[0]]


def _runs(bars: list[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for bar in bars:
        if runs and runs[-1][-1] == bar - 1:
            runs[-1].append(bar)
        else:
            runs.append([bar])
    return runs


def extended(score: Score, bars: int) -> Score:
    """The score with empty bars of its last metre added; its last bar is filled up first."""
    end = score.end_tick
    return replace(score, length=end + bars * score.meter_at(end).bar_ticks)
