"""Chords under a melody: the six measures of Yeh et al. 2021, and simple harmonisers to lay beside a model's.

Yeh et al., *Automatic melody harmonization with triad chords: A comparative study*, JNMR 50(1), 2021. A song
is a line of notes and one triad a slot (half a bar); ``None`` is a slot without a chord. The tonal distance is
that of Harte, Sandler and Gasser 2006 in the six-dimensional tonal centroid space (radii 1, 1, 0.5).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from yuefu.theory.chord import QUALITIES, Chord

Floats = NDArray[np.float64]
#: A triad by root and quality; None where no chord sounds.
Triad = tuple[int, str]
Triads = list[Triad | None]
TRIADS = ("", "m", "dim", "aug")
#: The triads of C major and A minor, by which a key-normalised line is harmonised without any ear.
IN_KEY: tuple[Triad, ...] = ((0, ""), (2, "m"), (4, "m"), (5, ""), (7, ""), (9, "m"), (11, "dim"))
MEASURES = ("CHE", "CC", "CTD", "CTnCTR", "PCS", "MCTD")
SIXTEENTH = 6  #: ticks
_CONSONANCE = np.full(12, -1.0)
_CONSONANCE[[0, 3, 4, 7, 8, 9]] = 1.0
_CONSONANCE[5] = 0.0
_ANGLES = np.array([[np.pi * 7 / 6], [np.pi * 3 / 2], [np.pi * 2 / 3]]) * np.arange(12)
#: (12, 6): where each pitch class lies in the tonal centroid space.
CENTROIDS: Floats = np.stack(
    [radius * wave(angle) for radius, angle in zip((1.0, 1.0, 0.5), _ANGLES) for wave in (np.sin, np.cos)], axis=1
)


@dataclass(frozen=True)
class Line:
    """A melody for the measures. starts, ends: ticks; pitches: MIDI numbers; slots: tick where each slot
    begins, and the end of the last one.
    """

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    pitches: NDArray[np.int64]
    slots: NDArray[np.int64]


def triad(chord: Chord | None) -> Triad | None:
    """The triad that a chord holds: of sevenths and more the lower three notes, of the rest the major one.

    >>> triad(Chord(2, "m7")), triad(Chord(7, "7sus4")), triad(Chord(11, "m7b5")), triad(None)
    ((2, 'm'), (7, ''), (11, 'dim'), None)
    """
    if chord is None:
        return None
    steps = QUALITIES[chord.quality]
    third, fifth = (3 if 3 in steps else 4), (6 if 6 in steps else 8 if 8 in steps else 7)
    return chord.root, {(3, 7): "m", (3, 6): "dim", (4, 8): "aug"}.get((third, fifth), "")


def triad_classes(found: Triad) -> list[int]:
    """The pitch classes of a triad, root first."""
    return [(found[0] + step) % 12 for step in QUALITIES[found[1]]]


def centroid(classes: Sequence[int]) -> Floats:
    """(6,) the mean place of pitch classes in the tonal centroid space."""
    place: Floats = CENTROIDS[list(classes)].mean(axis=0)
    return place


def tonal_distance(a: Sequence[int], b: Sequence[int]) -> float:
    """How far two sets of pitch classes lie apart, 0 and up.

    >>> tonal_distance([0, 4, 7], [0, 4, 7])
    0.0
    >>> tonal_distance([0, 4, 7], [9, 0, 4]) < tonal_distance([0, 4, 7], [6, 10, 1])
    True
    """
    return _distance(tuple(a), tuple(b))


@cache
def _distance(a: tuple[int, ...], b: tuple[int, ...]) -> float:
    return float(np.linalg.norm(centroid(a) - centroid(b)))


def measures(line: Line, chords: Sequence[Triad | None]) -> dict[str, float]:
    """All of ``MEASURES`` of a song; NaN where there is nothing to measure.

    CHE: entropy of the chords over the slots, nats; CC: different chords; CTD: mean tonal distance from each
    slot's chord to the next one's; CTnCTR: (chord tones + non-chord tones that step to the next note) over all
    notes, a step being one or two semitones to a note within the slot; PCS: mean over sixteenths of the
    consonance of the melody with each chord tone, -1..1 (unison, thirds, fifth and sixths 1, fourth 0, the rest
    -1, the melody above); MCTD: mean tonal distance of melody notes from
    their chord, by duration. A note that lasts over several slots counts in each, as far as it sounds there.
    """
    known = [c for c in chords if c is not None]
    out = dict.fromkeys(MEASURES, float("nan"))
    if not known:
        return out
    shares = np.array(list(Counter(known).values())) / len(known)
    out["CHE"], out["CC"] = float(-(shares * np.log(shares)).sum()), float(len(shares))
    steps = [tonal_distance(triad_classes(a), triad_classes(b)) for a, b in pairwise(chords) if a and b]
    out["CTD"] = float(np.mean(steps)) if steps else float("nan")
    inside = proper = outside = 0
    consonance, sixteenths, distance, time = 0.0, 0.0, 0.0, 0.0
    for i, (start, end, pitch) in enumerate(zip(line.starts.tolist(), line.ends.tolist(), line.pitches.tolist())):
        first = max(int(np.searchsorted(line.slots, start, side="right")) - 1, 0)
        for slot in range(first, len(chords)):
            begin, stop = max(start, int(line.slots[slot])), min(end, int(line.slots[slot + 1]))
            if int(line.slots[slot]) >= end:
                break
            found = chords[slot]
            if found is None or stop <= begin:
                continue
            classes = triad_classes(found)
            if slot == first:
                if pitch % 12 in classes:
                    inside += 1
                else:
                    outside += 1
                    following = i + 1 < len(line.pitches) and int(line.starts[i + 1]) < int(line.slots[slot + 1])
                    proper += following and 1 <= abs(int(line.pitches[i + 1]) - pitch) <= 2
            share = (stop - begin) / SIXTEENTH
            consonance += share * float(np.mean([_CONSONANCE[(pitch - c) % 12] for c in classes]))
            sixteenths += share
            distance += (stop - begin) * tonal_distance([pitch % 12], classes)
            time += stop - begin
    if inside + outside:
        out["CTnCTR"] = (inside + proper) / (inside + outside)
    if time:
        out["PCS"], out["MCTD"] = consonance / sixteenths, distance / time
    return out


def shuffled(chords: Sequence[Triad | None], rng: np.random.Generator) -> Triads:
    """The same chords in another order."""
    return [chords[i] for i in rng.permutation(len(chords))]


def random_in_key(count: int, rng: np.random.Generator) -> Triads:
    """A random triad of the key a slot."""
    return [IN_KEY[i] for i in rng.integers(len(IN_KEY), size=count)]


def greedy(line: Line) -> Triads:
    """For each slot the triad whose notes cover most of the melody's time there; ties go to the triad before, then
    to the key's. Slots without a note keep the triad before.
    """
    candidates = list(dict.fromkeys([*IN_KEY, *((root, q) for q in ("", "m", "dim") for root in range(12))]))
    member = np.zeros((len(candidates), 12))
    for i, found in enumerate(candidates):
        member[i, triad_classes(found)] = 1
    out: Triads = []
    last = 0
    for begin, end in zip(line.slots[:-1], line.slots[1:]):
        heard = np.maximum(np.minimum(line.ends, end) - np.maximum(line.starts, begin), 0).astype(np.float64)
        time = np.bincount(line.pitches % 12, weights=heard, minlength=12)
        if time.any():
            worth = member @ time
            worth[last] += 1e-6
            last = int(np.argmax(worth))
        out.append(candidates[last])
    return out


class Markov:
    """First-order chains of triads, counted on other songs: each slot's triad depends on the one before alone."""

    def __init__(self, songs: Sequence[Sequence[Triad | None]]) -> None:
        self._next: dict[Triad | None, Counter[Triad | None]] = {}
        for song in songs:
            for a, b in zip((None, *song), song):
                self._next.setdefault(a, Counter())[b] += 1

    def draw(self, count: int, rng: np.random.Generator) -> Triads:
        """A song of ``count`` slots; None is drawn as any other."""
        out: Triads = []
        last: Triad | None = None
        for _ in range(count):
            options = self._next.get(last) or self._next[None]
            names = list(options)
            weights = np.array([options[name] for name in names], dtype=np.float64)
            last = names[int(rng.choice(len(names), p=weights / weights.sum()))]
            out.append(last)
        return out
