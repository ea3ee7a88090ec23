"""What is heard of a mode, of unequal beats, of a drone, of ornaments and of free rhythm: from the notes alone."""

from __future__ import annotations

from collections.abc import Collection
from itertools import permutations

import numpy as np

from yuefu.analysis.lines import melody_line
from yuefu.analysis.meter import accent_curve
from yuefu.score.model import Notes, Score

#: Resolution of ``accent_curve`` in ticks.
_STEP = 6
#: Bars in which a piece may slow down at its end.
_ENDING = 3
#: The longest note (ticks) that counts as a small one.
_SMALL = 4


def scale_share(score: Score, classes: Collection[int]) -> float:
    """Share (0..1) of the tune's time whose pitch classes lie in a scale; 1 without a tune.

    >>> from yuefu.score.model import Part, make_notes
    >>> scale_share(Score(parts=(Part("m", "M", notes=make_notes([(1, 0, 24, 60, 64), (2, 24, 24, 61, 64)])),)), {0})
    0.5
    """
    line = melody_line(score)
    if not len(line):
        return 1.0
    inside = np.isin(line["pitch"] % 12, list(classes))
    return float(line["duration"][inside].sum() / line["duration"].sum())


def final_class(score: Score) -> int | None:
    """Pitch class of the tune's last note; None without a tune."""
    line = melody_line(score)
    return int(line["pitch"][-1]) % 12 if len(line) else None


def accents_by_place(score: Score) -> np.ndarray:
    """Mean accent at each quaver of a bar of the score's first metre."""
    curve = accent_curve(score)[::2]
    width = score.meters[0].bar_ticks // (2 * _STEP)
    pickup = score.pickup // (2 * _STEP)
    bars = curve[pickup : pickup + (len(curve) - pickup) // width * width].reshape(-1, width)
    return bars.mean(axis=0) if len(bars) else np.zeros(width)


def grouping_heard(score: Score, groups: tuple[int, ...]) -> tuple[tuple[int, ...], float]:
    """Which order of groups (of quavers, or of quarters for a metre in these) the accents tell, and the share of the
    accents above the bar's least that fall where groups begin.
    """
    places = accents_by_place(score)
    unit = len(places) // sum(groups)
    weight = places - places.min()

    def on(order: tuple[int, ...]) -> float:
        starts = [unit * sum(order[:index]) for index in range(len(order))]
        return float(weight[starts].sum())

    orders = sorted(set(permutations(groups)), key=lambda order: (-on(order), order != groups))
    total = float(weight[::unit].sum())
    return orders[0], on(groups) / total if total else 0.0


def drone_share(score: Score, tonic: int) -> float:
    """Share (0..1) of the piece's time in which one part holds or keeps striking a single pitch of a class."""
    end = max(score.end_tick, 1)
    best = 0.0
    for part in score.parts:
        if part.is_drums:
            continue
        for pitch in {int(p) for p in part.notes["pitch"] if p % 12 == tonic}:
            best = max(best, _covered(part.notes[part.notes["pitch"] == pitch], end))
    return best


def _covered(notes: Notes, end: int) -> float:
    """Share of the time that notes of one pitch sound, gaps of up to a half note between them counted in."""
    total, until = 0, 0
    for start, duration in sorted(zip(notes["start"].tolist(), notes["duration"].tolist())):
        begin = until if 0 < start - until <= 48 or start < until else start
        total += max(0, start + duration - max(begin, until))
        until = max(until, start + duration)
    return total / end


def small_notes(score: Score) -> int:
    """How many notes are ornaments: very short, and followed at once by another."""
    count = 0
    for part in score.parts:
        if part.is_drums:
            continue
        starts = set(part.notes["start"].tolist())
        for start, duration in zip(part.notes["start"].tolist(), part.notes["duration"].tolist()):
            count += duration <= _SMALL and start + duration in starts
    return count


def tempo_spread(score: Score) -> float:
    """How much the tempo moves: the standard deviation of its logarithm over time in ticks, the last bars left out
    (which slow down in strict time too).
    """
    bars = score.bars
    end = bars[-_ENDING].start if len(bars) > 2 * _ENDING else score.end_tick
    changes = [change for change in score.tempos if change.tick < end]
    weights = np.diff([*(change.tick for change in changes), end]).astype(float)
    logs = np.log([change.bpm for change in changes])
    mean = float((weights * logs).sum() / weights.sum())
    return float(np.sqrt((weights * (logs - mean) ** 2).sum() / weights.sum()))
