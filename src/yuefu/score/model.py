"""The Score: a piece on an integer time grid, as plain values.

Time is in ticks, 24 to a quarter note, counted from the start of the piece (a pick-up bar
included). Pitches are MIDI numbers (0-127), velocities 1-127. Functions that change a score
return a new one; a Score that was handed out is not modified.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yuefu.errors import InputError
from yuefu.theory.chord import Chord
from yuefu.theory.key import Key
from yuefu.theory.meter import group_starts

TICKS_PER_QUARTER = 24

#: One note. ``id`` is unique within the score and stays with the note through edits and formats.
NOTE_DTYPE = np.dtype([("id", "<i4"), ("start", "<i4"), ("duration", "<i4"), ("pitch", "<i2"), ("velocity", "<i2")])
Notes = NDArray[np.void]

#: The rows of the grid: the musical roles that a part can have, in the order they are written.
ROWS = ("chords", "melody", "counter", "inner", "bass", "keys", "pad", "drums")
#: The rows that hold notes ("chords" holds chord symbols).
NOTE_ROWS = ROWS[1:]


def make_notes(rows: list[tuple[int, int, int, int, int]] | None = None) -> Notes:
    """A note array from (id, start, duration, pitch, velocity) tuples."""
    return np.array(rows or [], dtype=NOTE_DTYPE)


@dataclass(frozen=True, slots=True)
class TempoChange:
    """Quarter notes a minute from a tick on."""

    tick: int
    bpm: float


@dataclass(frozen=True, slots=True)
class KeyChange:
    """The key from a tick on."""

    tick: int
    key: Key


@dataclass(frozen=True, slots=True)
class MeterChange:
    """The time signature from a tick on, which must be the start of a bar.

    grouping: how its bars are counted, such as (3, 2, 2) for 7/8; () as usual.
    """

    tick: int
    numerator: int
    denominator: int
    grouping: tuple[int, ...] = ()

    @property
    def bar_ticks(self) -> int:
        """Length of a full bar in ticks."""
        return self.numerator * TICKS_PER_QUARTER * 4 // self.denominator


@dataclass(frozen=True, slots=True)
class ChordSpan:
    """A chord symbol and how long it sounds. chord None means "no chord" (N.C.)."""

    start: int
    duration: int
    chord: Chord | None


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of the form. letter: ``"A"``, ``"A'"`` ...; kind: ``"verse"``, ``"chorus"`` ... or ``""``."""

    start: int
    duration: int
    letter: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Syllable:
    """A syllable sung on the note ``note_id``; a note of a sung part without one holds the last.

    syllabic: ``"single"``, ``"begin"``, ``"middle"`` or ``"end"`` (its place in the word);
    line_end: the last syllable of a line or phrase.
    """

    note_id: int
    text: str
    syllabic: str = "single"
    verse: int = 1
    line_end: bool = False


@dataclass(frozen=True, slots=True)
class Direction:
    """A mark over the staff. kind: ``"dynamic"`` (pp ... ff), ``"words"`` (free text), ``"fermata"``."""

    tick: int
    kind: str
    text: str = ""


@dataclass(frozen=True)
class Part:
    """One instrument or voice.

    graces: ids of small notes, which are written before the note that follows them and take their time from it;
    role: one of ``NOTE_ROWS``; program: General MIDI program 0-127 (ignored for drums);
    instrument: a key of the instrument catalogue, or ``""`` when unknown; notes are sorted by
    (start, pitch).
    """

    id: str
    name: str
    role: str = "melody"
    program: int = 0
    instrument: str = ""
    notes: Notes = field(default_factory=make_notes)
    syllables: tuple[Syllable, ...] = ()
    directions: tuple[Direction, ...] = ()
    volume: int = 100
    pan: int = 64
    graces: tuple[int, ...] = ()

    @property
    def is_drums(self) -> bool:
        """Whether the pitches are General MIDI drum sounds."""
        return self.role == "drums"

    def with_notes(self, notes: Notes) -> Part:
        """The part with other notes, sorted; syllables of notes that are gone are dropped."""
        notes = sort_notes(notes)
        kept = set(notes["id"].tolist())
        return replace(
            self,
            notes=notes,
            syllables=tuple(s for s in self.syllables if s.note_id in kept),
            graces=tuple(number for number in self.graces if number in kept),
        )


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: index from 0, start tick, length in ticks, and its time signature (see ``MeterChange``).

    The first bar may be a shorter pick-up bar.
    """

    index: int
    start: int
    duration: int
    numerator: int
    denominator: int
    grouping: tuple[int, ...] = ()

    @property
    def groups(self) -> tuple[int, ...]:
        """Where its groups of unequal beats begin, in ticks from the full bar's start; () where its beats are equal."""
        return group_starts(f"{self.numerator}/{self.denominator}", self.grouping)

    @property
    def end(self) -> int:
        """The tick after the bar's last."""
        return self.start + self.duration


@dataclass(frozen=True)
class Score:
    """A piece.

    pickup: length of the pick-up bar in ticks, 0 for none; length: ticks up to the final bar
    line (0: the end of the last bar that any event touches). tempos, keys and meters are sorted and each
    has an entry at tick 0.
    """

    title: str = ""
    composer: str = ""
    parts: tuple[Part, ...] = ()
    chords: tuple[ChordSpan, ...] = ()
    sections: tuple[Section, ...] = ()
    tempos: tuple[TempoChange, ...] = (TempoChange(0, 120.0),)
    keys: tuple[KeyChange, ...] = (KeyChange(0, Key()),)
    meters: tuple[MeterChange, ...] = (MeterChange(0, 4, 4),)
    pickup: int = 0
    length: int = 0
    metadata: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("tempos", "keys", "meters"):
            changes = getattr(self, name)
            if not changes or changes[0].tick != 0:
                raise InputError(f"a score's {name} need a first entry at tick 0.")

    @cached_property
    def last_tick(self) -> int:
        """The tick after the last sounding note or chord (0 for an empty score)."""
        ends = [int((p.notes["start"] + p.notes["duration"]).max()) for p in self.parts if len(p.notes)]
        ends += [c.start + c.duration for c in self.chords] + [s.start + s.duration for s in self.sections]
        return max(ends, default=0)

    @cached_property
    def bars(self) -> tuple[Bar, ...]:
        """The bars, covering every event; at least one."""
        end = self.length or self.last_tick
        bars: list[Bar] = []
        tick = 0
        meters = list(self.meters)
        while tick < end or not bars:
            while len(meters) > 1 and meters[1].tick <= tick:
                meters.pop(0)
            meter = meters[0]
            duration = self.pickup if tick == 0 and self.pickup else meter.bar_ticks
            if len(meters) > 1:  # a change inside a bar cuts it short, as real files do
                duration = min(duration, meters[1].tick - tick)
            bars.append(Bar(len(bars), tick, duration, meter.numerator, meter.denominator, meter.grouping))
            tick += duration
        return tuple(bars)

    @property
    def end_tick(self) -> int:
        """The tick of the final bar line."""
        return self.bars[-1].end

    def key_at(self, tick: int) -> Key:
        """The key in force at a tick."""
        return [change for change in self.keys if change.tick <= max(tick, 0)][-1].key

    def tempo_at(self, tick: int) -> float:
        """Quarter notes a minute at a tick."""
        return [change for change in self.tempos if change.tick <= max(tick, 0)][-1].bpm

    def meter_at(self, tick: int) -> MeterChange:
        """The time signature in force at a tick."""
        return [change for change in self.meters if change.tick <= max(tick, 0)][-1]

    def seconds_at(self, tick: float) -> float:
        """Clock time of a tick in seconds, by the tempo map."""
        total = 0.0
        for index, change in enumerate(self.tempos):
            following = self.tempos[index + 1].tick if index + 1 < len(self.tempos) else float("inf")
            if change.tick >= tick:
                break
            total += (min(tick, following) - change.tick) * 60.0 / (change.bpm * TICKS_PER_QUARTER)
        return total

    @property
    def duration(self) -> float:
        """Length in seconds, up to the final bar line."""
        return self.seconds_at(self.end_tick)

    def part(self, role: str) -> Part | None:
        """The first part with a role, or None."""
        return next((part for part in self.parts if part.role == role), None)

    @property
    def note_count(self) -> int:
        """Notes in all parts."""
        return sum(len(part.notes) for part in self.parts)


def sort_notes(notes: Notes) -> Notes:
    """Notes by start, then pitch, then duration."""
    return notes[np.lexsort((notes["duration"], notes["pitch"], notes["start"]))]


def renumber(score: Score) -> Score:
    """The score with note ids 1, 2, 3 ... in part order; syllables follow their notes."""
    parts = []
    following = 1
    for part in score.parts:
        notes = sort_notes(part.notes).copy()
        ids = {int(old): following + i for i, old in enumerate(notes["id"])}
        notes["id"] = np.arange(following, following + len(notes))
        following += len(notes)
        syllables = tuple(replace(s, note_id=ids[s.note_id]) for s in part.syllables if s.note_id in ids)
        graces = tuple(sorted(ids[number] for number in part.graces if number in ids))
        parts.append(replace(part, notes=notes, syllables=syllables, graces=graces))
    return replace(score, parts=tuple(parts))


def transpose(score: Score, semitones: int) -> Score:
    """The score moved by semitones: notes (not drums), chords and keys. Out-of-range notes fold by octaves."""
    parts = []
    for part in score.parts:
        if part.is_drums or not len(part.notes):
            parts.append(part)
            continue
        notes = part.notes.copy()
        pitch = notes["pitch"] + semitones
        pitch = np.where(pitch > 127, pitch - 12, np.where(pitch < 0, pitch + 12, pitch))
        notes["pitch"] = pitch
        parts.append(part.with_notes(notes))
    return replace(
        score,
        parts=tuple(parts),
        chords=tuple(replace(c, chord=c.chord.transpose(semitones) if c.chord else None) for c in score.chords),
        keys=tuple(replace(k, key=Key.of_tonic((k.key.tonic + semitones) % 12, k.key.mode)) for k in score.keys),
    )
