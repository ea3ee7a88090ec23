"""Which pieces follow each other, and in what order: smooth steps of tempo, key and energy along an arc.

A step costs what a listener hears of it. Tempo: the octave distance, where half and double time count as half as far.
Key: steps on the circle of fifths (a minor key stands beside its relative major), six at the most. Energy: the
difference. Each is 0..1, a step is their weighted mean. The whole is chosen for what fits, for smooth steps and for the
arc by a beam search over lists that grow, then improved by exchanging, swapping and turning stretches (2-opt).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

#: What the three parts of a step weigh.
TEMPO, KEY, ENERGY = 0.35, 0.3, 0.35
#: What the parts of a whole list weigh beside the fit of a piece (about 0..1).
STEP_WEIGHT, ARC_WEIGHT, TIME_WEIGHT = 0.8, 0.8, 0.35
#: Lists that grow side by side, candidates that each is tried with, rounds of improvement.
BEAM, BRANCH, ROUNDS = 12, 40, 6
#: Random orders that a list is compared with.
SHUFFLES = 200
#: Shapes of energy by name: (place 0..1, what is added to the middle).
ARCS: dict[str, tuple[tuple[float, float], ...]] = {
    "arch": ((0.0, -0.12), (0.6, 0.15), (1.0, -0.1)),
    "steady": ((0.0, 0.0), (1.0, 0.0)),
    "settle": ((0.0, 0.12), (1.0, -0.2)),
    "rise": ((0.0, -0.2), (1.0, 0.2)),
    "training": ((0.0, -0.2), (0.25, 0.1), (0.75, 0.2), (1.0, -0.25)),
    "waves": ((0.0, -0.1), (0.25, 0.12), (0.45, -0.05), (0.7, 0.2), (1.0, 0.0)),
}


@dataclass(frozen=True, slots=True)
class Track:
    """A piece as far as its neighbours hear it. fit: how much it is wanted, about 0..1; tempo: quarters a minute;
    fifths: the place of its (relative major) key on the circle, 0 for C, 1 for G ..., None unknown; energy: 0..1."""

    item: str
    seconds: float
    tempo: float = 0.0
    fifths: int | None = None
    energy: float = 0.5
    fit: float = 0.5


@dataclass(frozen=True)
class Ordered:
    """A list in its order. order: places among the tracks given; seconds: altogether; smoothness: 1 - the mean cost of
    a step; random: the same of random orders of the same pieces, on average; arc: how near it keeps to the arc, 0..1.
    """

    order: tuple[int, ...]
    seconds: float
    smoothness: float
    random: float
    arc: float


def tempo_step(one: float, other: float) -> float:
    """0..1; an unknown tempo is a middling step.

    >>> tempo_step(100, 100), round(tempo_step(60, 120), 2), round(tempo_step(100, 125), 2)
    (0.0, 0.5, 0.32)
    """
    if one <= 0 or other <= 0:
        return 0.3
    octaves = abs(math.log2(one / other))
    folded = abs(octaves - 1.0) + 0.5
    return min(1.0, octaves if octaves <= folded else folded)


def key_step(one: int | None, other: int | None) -> float:
    """0..1 by steps on the circle of fifths; an unknown key is a middling step.

    >>> key_step(0, 1) < key_step(0, 3) < key_step(0, 6), key_step(-5, 7)
    (True, 0.0)
    """
    if one is None or other is None:
        return 0.4
    apart = abs(one - other) % 12
    return min(apart, 12 - apart) / 6.0


def step(one: Track, other: Track) -> float:
    """What it costs to go from one piece to the next, 0..1."""
    return (
        TEMPO * tempo_step(one.tempo, other.tempo)
        + KEY * key_step(one.fifths, other.fifths)
        + ENERGY * min(1.0, 2.0 * abs(one.energy - other.energy))
    )


def arc_energy(arc: str, place: float, middle: float = 0.5) -> float:
    """The energy that an arc wants at a place (0..1) of the list.

    >>> arc_energy("settle", 0.0) > arc_energy("settle", 1.0)
    True
    """
    shape = ARCS.get(arc, ARCS["arch"])
    places, heights = zip(*shape)
    return float(np.clip(middle + np.interp(place, places, heights), 0.0, 1.0))


def costs(tracks: Sequence[Track]) -> Numbers:
    """(tracks, tracks): what every step costs."""
    count = len(tracks)
    tempo = np.array([track.tempo for track in tracks])
    energy = np.array([track.energy for track in tracks])
    known = tempo > 0
    octaves = np.abs(np.subtract.outer(np.log2(np.where(known, tempo, 1.0)), np.log2(np.where(known, tempo, 1.0))))
    by_tempo = np.minimum(1.0, np.minimum(octaves, np.abs(octaves - 1.0) + 0.5))
    by_tempo[~(known[:, None] & known[None, :])] = 0.3
    places = np.array([0 if track.fifths is None else track.fifths for track in tracks])
    keyed = np.array([track.fifths is not None for track in tracks], dtype=bool)
    apart = np.abs(np.subtract.outer(places, places)) % 12
    by_key = np.minimum(apart, 12 - apart) / 6.0
    by_key[~(keyed[:, None] & keyed[None, :])] = 0.4
    by_energy = np.minimum(1.0, 2.0 * np.abs(np.subtract.outer(energy, energy)))
    return np.asarray(TEMPO * by_tempo + KEY * by_key + ENERGY * by_energy).reshape(count, count)


def smoothness(order: Sequence[int], matrix: Numbers) -> float:
    """1 - the mean cost of a step; 1 for fewer than two pieces."""
    if len(order) < 2:
        return 1.0
    return 1.0 - float(np.mean([matrix[a, b] for a, b in itertools.pairwise(order)]))


def sequence(
    tracks: Sequence[Track],
    seconds: float | None = None,
    *,
    arc: str = "arch",
    middle: float | None = None,
    first: int | None = None,
    seed: int = 0,
) -> Ordered:
    """Choose among tracks and order them. seconds: how long in all, None for every one of them.

    middle: of the arc's energy, None for the mean of what is chosen from; first: the place of the track to begin with;
    seed: of the random orders that the result is compared with. The same input gives the same list.
    """
    if not tracks:
        return Ordered((), 0.0, 1.0, 1.0, 1.0)
    matrix = costs(tracks)
    weights = np.array([max(track.fit, 0.05) for track in tracks])
    energy = np.array([track.energy for track in tracks])
    centre = float(np.average(energy, weights=weights)) if middle is None else middle
    lengths = np.array([max(track.seconds, 1.0) for track in tracks])
    want = float(lengths.sum()) if seconds is None else float(seconds)
    job = _Job(matrix, np.array([track.fit for track in tracks]), energy, lengths, want, arc, centre)
    order = _improved(job, _grown(job, first), first)
    total = float(lengths[order].sum())
    rng = np.random.default_rng(seed)
    shuffled = [smoothness(rng.permutation(order).tolist(), matrix) for _ in range(SHUFFLES if len(order) > 2 else 1)]
    return Ordered(
        tuple(order), total, smoothness(order, matrix), float(np.mean(shuffled)), max(0.0, 1.0 - 2 * job.off(order))
    )


@dataclass(frozen=True)
class _Job:
    matrix: Numbers
    fit: Numbers
    energy: Numbers
    lengths: Numbers
    want: float
    arc: str
    middle: float

    def off(self, order: Sequence[int]) -> float:
        """How far from the arc, on average."""
        if not order:
            return 0.0
        ends = np.cumsum(self.lengths[list(order)])
        places = (ends - self.lengths[list(order)] / 2) / max(self.want, float(ends[-1]))
        shape = ARCS.get(self.arc, ARCS["arch"])
        aims = np.clip(self.middle + np.interp(places, [x for x, _ in shape], [y for _, y in shape]), 0.0, 1.0)
        return float(np.abs(self.energy[list(order)] - aims).mean())

    def value(self, order: Sequence[int]) -> float:
        """What is maximised: the fit of its time, less rough steps, less what is off the arc, less time missed."""
        if not order:
            return -1e9
        chosen = list(order)
        lengths = self.lengths[chosen]
        total = float(lengths.sum())
        fit = float((self.fit[chosen] * lengths).sum() / total)
        rough = float(self.matrix[chosen[:-1], chosen[1:]].mean()) if len(chosen) > 1 else 0.0
        missed = abs(total - self.want) / self.want
        return fit - STEP_WEIGHT * rough - ARC_WEIGHT * self.off(chosen) - 8 * TIME_WEIGHT * missed


def _grown(job: _Job, first: int | None) -> list[int]:
    """The best list by beam search: each grows by one piece at a time until its time is full."""
    count = len(job.fit)
    shape = ARCS.get(job.arc, ARCS["arch"])
    xs, ys = zip(*shape)

    def aim(at: float) -> float:
        return float(np.clip(job.middle + np.interp(min(1.0, at / job.want), xs, ys), 0, 1))

    start = [first] if first is not None else np.argsort(-(job.fit - ARC_WEIGHT * np.abs(job.energy - aim(0.0))),
                                                         kind="stable")[:BEAM].tolist()  # fmt: skip
    beam: list[tuple[float, list[int], float]] = [
        (float(job.fit[one]), [int(one)], float(job.lengths[one])) for one in start
    ]
    done: list[list[int]] = []
    while beam:
        grown: list[tuple[float, list[int], float]] = []
        for value, order, length in beam:
            left = job.want - length
            free = np.ones(count, dtype=bool)
            free[order] = False
            free &= job.lengths <= left + job.lengths * 0.5
            if left <= 0 or not free.any():
                done.append(order)
                continue
            gain = (
                job.fit
                - STEP_WEIGHT * job.matrix[order[-1]]
                - ARC_WEIGHT * np.abs(job.energy - aim(length + float(np.median(job.lengths)) / 2))
            )
            best = np.argsort(-np.where(free, gain, -np.inf), kind="stable")[: min(BRANCH, int(free.sum()), 4)]
            grown += [(value + float(gain[one]), [*order, int(one)], length + float(job.lengths[one])) for one in best]
        grown.sort(key=lambda entry: (-entry[0] / len(entry[1]), entry[1]))
        beam = grown[:BEAM]
    return max(done, key=lambda order: (job.value(order), [-one for one in order]))


def _improved(job: _Job, order: list[int], first: int | None) -> list[int]:
    """Exchange with what was left out, add, drop, move, and turn stretches, as long as it gets better."""
    fixed = 1 if first is not None else 0
    best = job.value(order)
    for _ in range(ROUNDS):
        before = best
        for trial in _neighbours(job, order, fixed):
            value = job.value(trial)
            if value > best + 1e-9:
                order, best = trial, value
        if best <= before + 1e-9:
            break
    return order


def _neighbours(job: _Job, order: list[int], fixed: int) -> list[list[int]]:
    length = len(order)
    rest = np.setdiff1d(np.arange(len(job.fit)), order)
    rest = rest[np.argsort(-job.fit[rest], kind="stable")][:BRANCH].tolist()
    found = [
        order[:a] + order[a : b + 1][::-1] + order[b + 1 :] for a in range(fixed, length) for b in range(a + 1, length)
    ][:1500]
    for place in range(fixed, length):
        found += [[*order[:place], other, *order[place + 1 :]] for other in rest[:12]]
        if length > fixed + 1:
            without = order[:place] + order[place + 1 :]
            found.append(without)
            found += [[*without[:at], order[place], *without[at:]] for at in range(fixed, length)]
    found += [[*order[:at], other, *order[at:]] for other in rest[:8] for at in range(fixed, length + 1)]
    return found
