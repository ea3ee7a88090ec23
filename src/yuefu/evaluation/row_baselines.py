"""What a row can be filled with without a model: a bar again, bars in another order, notes of the key, a chain.

A texture is row -> notes (ticks from the start of the excerpt, sounding pitch); a span is [start, end) in ticks,
whole bars of ``bar`` ticks. Every baseline gives only the notes that begin in the span.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import numpy as np

from yuefu.score.model import Notes, make_notes, sort_notes
from yuefu.theory.key import Key

Rows = Mapping[str, Notes]
#: A moment of a row: ticks since the moment before, pitches in C major or A minor from below, ticks that they last.
Event = tuple[int, tuple[int, ...], int]
SIXTEENTH = 6  #: ticks


def between(notes: Notes, start: int, end: int) -> Notes:
    """The notes that begin in a span."""
    return notes[(notes["start"] >= start) & (notes["start"] < end)]


def outside(notes: Notes, start: int, end: int) -> Notes:
    """The notes that begin before or after a span."""
    return notes[(notes["start"] < start) | (notes["start"] >= end)]


def joined(context: Rows, filled: Rows, start: int, end: int) -> dict[str, Notes]:
    """A texture whose notes in a span are those of ``filled``."""
    out: dict[str, Notes] = {}
    for row in dict.fromkeys((*context, *filled)):
        found = [outside(context[row], start, end)] if row in context else []
        found += [between(filled[row], start, end)] if row in filled else []
        out[row] = sort_notes(np.concatenate(found))
    return out


def _moved(notes: Notes, ticks: int) -> Notes:
    notes = notes.copy()
    notes["start"] += ticks
    return notes


def copied(context: Rows, bar: int, start: int, end: int) -> dict[str, Notes]:
    """The bar before the span, once for every bar of it."""
    return {
        row: np.concatenate(
            [_moved(between(own, start - bar, start), at - start + bar) for at in range(start, end, bar)]
        )
        for row, own in context.items()
    }


def shuffled(context: Rows, bar: int, start: int, end: int, length: int, rng: np.random.Generator) -> dict[str, Notes]:
    """Other bars of the excerpt in random order, all rows of a bar together; none twice while there are enough."""
    others = [at for at in range(0, length, bar) if not start <= at < end]
    wanted = list(range(start, end, bar))
    order: list[int] = []
    while len(order) < len(wanted):
        order += [others[i] for i in rng.permutation(len(others))]
    return {
        row: np.concatenate([_moved(between(own, at, at + bar), to - at) for at, to in zip(order, wanted)])
        for row, own in context.items()
    }


def scale_of(key: Key) -> frozenset[int]:
    """The pitch classes of a key; minor has both sevenths."""
    return frozenset(key.scale) | ({(key.tonic + 11) % 12} if key.mode == "minor" else set())


def random_in_key(
    context: Rows, key: Key, bar: int, start: int, end: int, length: int, rng: np.random.Generator
) -> dict[str, Notes]:
    """For every bar and row as many notes as some other bar has, at random sixteenths; the pitches are of the key
    and of the row's range (drums: of its drums), the durations are drawn from the row's."""
    found: dict[str, Notes] = {}
    for row, own in context.items():
        own = outside(own, start, end)
        counts = [len(between(own, at, at + bar)) for at in range(0, length, bar) if not start <= at < end]
        pitches = _choices(own["pitch"], None if row == "drums" else scale_of(key))
        notes: list[tuple[int, int, int, int, int]] = []
        for at in range(start, end, bar) if len(pitches) else ():
            for _ in range(int(rng.choice(counts))):
                place = at + SIXTEENTH * int(rng.integers(max(bar // SIXTEENTH, 1)))
                notes.append((len(notes) + 1, place, int(rng.choice(own["duration"])), int(rng.choice(pitches)), 80))
        found[row] = sort_notes(make_notes(notes))
    return found


def _choices(known: np.ndarray, scale: frozenset[int] | None) -> list[int]:
    if not len(known):
        return []
    if scale is None:
        return sorted(set(known.tolist()))
    low, high = int(known.min()), int(known.max())
    return [p for p in range(low, high + 1) if p % 12 in scale] or sorted(set(known.tolist()))


def random_beats(
    key: Key, span: tuple[int, int], low: int, high: int, voices: int, rng: np.random.Generator, beat: int = 24
) -> Notes:
    """On every beat so many different pitches of the key between two MIDI numbers, each a beat long."""
    pitches = [p for p in range(low, high + 1) if p % 12 in scale_of(key)]
    notes: list[tuple[int, int, int, int, int]] = []
    for at in range(span[0], span[1], beat):
        for pitch in rng.choice(pitches, size=min(voices, len(pitches)), replace=False).tolist():
            notes.append((len(notes) + 1, at, min(beat, span[1] - at), pitch, 80))
    return sort_notes(make_notes(notes))


def events_of(notes: Notes, shift: int = 0, previous: int = 0) -> list[Event]:
    """A row's notes as moments, in C major or A minor. shift: semitones from there to the notes' key;
    previous: tick of the moment before the first."""
    out: list[Event] = []
    notes = sort_notes(notes)
    for at in np.unique(notes["start"]).tolist():
        here = notes[notes["start"] == at]
        pitches = tuple(sorted({int(p) - shift for p in here["pitch"]}))
        out.append((at - previous, pitches, int(here["duration"].max())))
        previous = at
    return out


class RowChain:
    """A first-order Markov chain of a row's moments, counted on other works in C major or A minor.

    The next moment depends on the one before alone (its pitches and its duration); one that was never seen leaves
    all moments open, as often as each was counted.
    """

    def __init__(self, rows: Iterable[Sequence[Event]]) -> None:
        self._next: dict[tuple[tuple[int, ...], int], Counter[Event]] = {}
        self._all: Counter[Event] = Counter()
        self._drawn: dict[object, tuple[list[Event], np.ndarray]] = {}
        for events in rows:
            for before, after in pairwise(events):
                if after[0] > 0:
                    self._next.setdefault(before[1:], Counter())[after] += 1
                    self._all[after] += 1

    def __len__(self) -> int:
        """How many pairs were counted."""
        return self._all.total()

    def draw(
        self, start: int, end: int, rng: np.random.Generator, last: Event | None = None, at: int | None = None,
        shift: int = 0,
    ) -> Notes:  # fmt: skip
        """Moments from ``start`` on until ``end``. last: the moment before, at tick ``at``; without one the first
        moment lies on ``start``. shift: semitones up from C major or A minor."""
        notes: list[tuple[int, int, int, int, int]] = []
        tick = start if at is None else at
        event = last
        if not self._all:
            return make_notes()
        while True:
            first = event is None
            event = self._choose(None if event is None else event[1:], rng)
            tick = tick if first else tick + event[0]
            if tick >= end:
                return make_notes(notes)
            for pitch in event[1] if tick >= start else ():
                notes.append((len(notes) + 1, tick, min(event[2], end - tick), pitch + shift, 80))

    def _choose(self, before: tuple[tuple[int, ...], int] | None, rng: np.random.Generator) -> Event:
        known = before if before in self._next else None
        if known not in self._drawn:
            counts = self._all if known is None else self._next[known]
            weights = np.array(list(counts.values()), dtype=np.float64)
            self._drawn[known] = list(counts), weights / weights.sum()
        events, shares = self._drawn[known]
        return events[int(rng.choice(len(events), p=shares))]
