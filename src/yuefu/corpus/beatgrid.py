"""Clock time to score time: beats in seconds, bars found among them, notes onto the grid.

Beats are quarter notes of 24 ticks. Times are seconds, positions are (fractional) beats counted
from the first beat, ticks are integers counted from the first beat.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from yuefu.errors import FormatError

BEAT_TICKS = 24
#: Tick offsets within a beat, by the way the beat is divided.
DIVISIONS: dict[str, tuple[int, ...]] = {
    "sixteenths": (0, 6, 12, 18, 24),
    "triplets": (0, 8, 16, 24),
    "triplet sixteenths": (0, 4, 8, 12, 16, 20, 24),
}
#: What a bar of another length than the usual one costs, in units of downbeat evidence.
_IRREGULAR_COST = {1: 14.0, 2: 6.0, 3: 9.0, 5: 9.0, 6: 8.0, 7: 14.0}

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def regular_beats(beats: Floats) -> Floats:
    """Beat times with the gaps of a beat tracker filled and double hits removed.

    Raises FormatError for fewer than four beats.

    >>> regular_beats(np.array([0.0, 0.5, 1.0, 2.0, 2.5])).tolist()
    [0.0, 0.5, 1.0, 1.5, 2.0, 2.5]
    """
    beats = np.unique(np.asarray(beats, dtype=np.float64))
    if len(beats) < 4:
        raise FormatError(f"only {len(beats)} beats are given: a piece needs at least four.")
    steps = np.diff(beats)
    typical = float(np.median(steps))
    beats = beats[np.concatenate([[True], steps > 0.4 * typical])]
    filled = [float(beats[0])]
    for index in range(1, len(beats)):
        near = np.diff(beats[max(0, index - 8) : index + 8])
        local = float(np.median(near)) if len(near) else typical
        missing = max(1, round((beats[index] - beats[index - 1]) / local)) if local > 0 else 1
        start, stop = filled[-1], float(beats[index])
        filled += [start + (stop - start) * (k + 1) / missing for k in range(missing)]
    return np.array(filled)


def positions_of(times: Floats, beats: Floats) -> Floats:
    """Positions in beats of times in seconds; outside the beats the nearest beat length goes on.

    >>> positions_of(np.array([-0.5, 0.25, 1.5]), np.array([0.0, 0.5, 1.0])).tolist()
    [-1.0, 0.5, 3.0]
    """
    index = np.clip(np.searchsorted(beats, times, side="right") - 1, 0, len(beats) - 2)
    return index + (times - beats[index]) / (beats[index + 1] - beats[index])


def grid_offset(positions: Floats) -> float:
    """How far notes sit off the sixteenths on the whole, in beats (-1/8 to 1/8), 0 where unclear."""
    if len(positions) < 16:
        return 0.0
    mean = np.exp(2j * np.pi * 4 * positions).mean()
    return float(np.angle(mean) / (2 * np.pi * 4)) if abs(mean) > 0.5 else 0.0


def quantise(positions: Floats, reach: int = 1) -> Ints:
    """Ticks of onset positions: each beat on sixteenths, or on triplets where they fit clearly better.

    The notes of ``reach`` beats on either side have a small say, so that one loose note doesn't
    change how a beat is divided.

    >>> quantise(np.array([0.01, 0.24, 0.52, 1.0, 1.33, 1.67])).tolist()
    [0, 6, 12, 24, 32, 40]
    """
    positions = np.asarray(positions, dtype=np.float64)
    if not len(positions):
        return np.zeros(0, dtype=np.int64)
    # A note just before a beat belongs to it.
    beat = np.floor(positions + 1 / 12).astype(np.int64)
    inside = np.clip((positions - beat) * BEAT_TICKS, 0, BEAT_TICKS)
    first = int(beat.min())
    size = int(beat.max()) - first + 1
    errors = {}
    snapped = {}
    counts = np.bincount(beat - first, minlength=size)
    for name, offsets in DIVISIONS.items():
        grid = np.array(offsets)
        nearest = grid[np.abs(inside[:, None] - grid[None, :]).argmin(axis=1)]
        snapped[name] = nearest
        per_beat = np.bincount(beat - first, weights=(inside - nearest) ** 2, minlength=size)
        spread = per_beat.copy()
        for shift in range(1, reach + 1):
            spread[shift:] += np.asarray(0.15 * per_beat[:-shift])
            spread[:-shift] += np.asarray(0.15 * per_beat[shift:])
        errors[name] = spread
    # A finer or rarer division must pay for itself: squared ticks a note, and a sum for the beat.
    toll = 0.5 * counts + 2.0
    choice = np.zeros(size, dtype=np.int64)
    best = errors["sixteenths"]
    for rank, (name, price) in enumerate((("triplets", 1.0), ("triplet sixteenths", 2.5)), start=1):
        cost = errors[name] + price * toll
        choice = np.where(cost < best, rank, choice)
        best = np.minimum(best, cost)
    table = np.stack([snapped[name] for name in DIVISIONS])
    return beat * BEAT_TICKS + table[choice[beat - first], np.arange(len(positions))]


def find_bars(evidence: Floats, usual: int) -> list[int]:
    """Where bars start among beats: beat indices, the most likely by dynamic programming.

    evidence: for each beat, how much speaks for a downbeat there (about 1 a clue); usual: beats in
    a regular bar. Other bar lengths (a 2/4 bar between verse and chorus) are found only where much
    speaks for them. The first entry is the first full bar's start, less than ``usual`` beats in.

    >>> find_bars(np.array([0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0.0]), 4)
    [1, 5, 9]
    """
    count = len(evidence)
    value = np.asarray(evidence, dtype=np.float64) - float(np.mean(evidence)) if count else np.zeros(0)
    costs = {length: cost for length, cost in _IRREGULAR_COST.items() if length != usual and length < 2 * usual}
    costs[usual] = 0.0
    total = np.full(count, -np.inf)
    origin = np.full(count, -1, dtype=np.int64)
    for index in range(count):
        if index < usual:
            total[index] = value[index]
        for length, cost in costs.items():
            before = index - length
            if before >= 0 and total[before] - cost + value[index] > total[index]:
                total[index] = total[before] - cost + value[index]
                origin[index] = before
    if not count:
        return []
    last = int(max(range(max(0, count - usual), count), key=lambda i: total[i]))
    bars = [last]
    while origin[bars[-1]] >= 0:
        bars.append(int(origin[bars[-1]]))
    return bars[::-1]
