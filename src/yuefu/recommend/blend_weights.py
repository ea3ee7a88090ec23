"""How a blend's weights are learnt: scales first, then coordinate ascent on the ranking of what was held out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from yuefu.recommend.base import Floats
from yuefu.recommend.measures import hits, ndcg_of, top

Numbers = NDArray[np.float64]

#: What is tried for one weight, beside the lead's 1; then finer, as multiples of what was found.
COARSE = (0.0, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.0, 1.3)
FINE = (0.7, 0.85, 1.2, 1.45)
ROUNDS = 4
#: A weight changes only for a gain above this.
GAIN = 2e-5
#: Of each member, so many of the best are candidates while weights are tried.
CANDIDATES = 150
#: With at least so many listeners, weights may depend on how much they have.
LEAST_LISTENERS = 300
GROUPS = 3
#: How far a group's weights go from the common ones to its own.
TRUST = 0.5


@dataclass(frozen=True, eq=False)
class Shape:
    """lead: the member that the others are scaled to; scales: (members, 2) the spread of scores is exp(a + b log(1 +
    n)) for a listener with n items; knots: log(1 + n) where weights are given; weights: (knots, members)."""

    lead: int
    scales: Numbers
    knots: Numbers
    weights: Numbers

    @classmethod
    def even(cls, members: int) -> Self:
        """All weights 1."""
        return cls(0, np.zeros((members, 2)), np.zeros(1), np.ones((1, members)))

    def ratios(self, active: Numbers) -> Numbers:
        """(listeners, members) what brings scores to the lead's scale."""
        if not len(self.scales):
            return np.ones((len(active), 0))
        size = np.log1p(active)
        spread = self.scales[:, 0] + size[:, None] * self.scales[:, 1]
        return np.asarray(np.exp(np.clip(spread[:, [self.lead]] - spread, -30.0, 30.0)))

    def factors(self, active: Numbers) -> Numbers:
        """(listeners, members) what scores are multiplied by."""
        size = np.log1p(active)
        weights = [np.interp(size, self.knots, column) for column in self.weights.T]
        return np.stack(weights, axis=1) * self.ratios(active) if weights else np.ones((len(active), 0))

    def of(self, members: Sequence[int]) -> Shape:
        """Of some members only, the lead among them."""
        chosen = list(members)
        return Shape(chosen.index(self.lead), self.scales[chosen], self.knots, self.weights[:, chosen])

    def state(self) -> dict[str, Any]:
        """As plain values."""
        return {"lead": self.lead, "scales": self.scales, "knots": self.knots, "weights": self.weights}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """As it was."""
        arrays = (np.asarray(state[name], dtype=np.float64) for name in ("scales", "knots", "weights"))
        return cls(int(state["lead"]), *arrays)


def member_scales(scores: Sequence[Floats], active: Numbers) -> Numbers:
    """(members, 2) a and b of each member's spread; b 0 where all listeners have as much."""
    size = np.log1p(active)
    found = np.zeros((len(scores), 2))
    for at, one in enumerate(scores):
        spread = one.std(axis=1) if one.shape[1] else np.zeros(len(one))
        known = (spread > 1e-12) & (active > 0)
        if not known.any():
            continue
        own, log = size[known], np.log(spread[known].astype(np.float64))
        variance = own.var()
        slope = float(((own - own.mean()) * (log - log.mean())).mean() / variance) if variance > 1e-3 else 0.0
        found[at] = log.mean() - slope * own.mean(), slope
    return found


def measured(scores: Floats, heard: sp.csr_matrix, held: sp.csr_matrix) -> float:
    """Mean NDCG at 10."""
    return float(np.nanmean(ndcg_of(hits(top(scores, heard, 10), held), np.diff(held.indptr))))


def learn(
    scores: Sequence[Floats],
    active: Numbers,
    heard: sp.csr_matrix,
    held: sp.csr_matrix,
    seed: int,
    by_activity: bool = True,
) -> tuple[Shape, float]:
    """The weights by which the held-out pairs are ranked best, and the NDCG at 10 that they reach."""
    lead = int(np.argmax([measured(one, heard, held) for one in scores]))
    scales = member_scales(scores, active)
    count = len(scores)
    plain = Shape(lead, scales, np.zeros(1), np.eye(count)[[lead]])
    stack, hit = _candidates(scores, heard, held, plain.ratios(active))
    had = np.diff(held.indptr)

    def quality(weights: Numbers, which: NDArray[np.int64]) -> float:
        return _ndcg(stack[:, which], hit[which], had[which], weights)

    everyone = np.arange(len(had))
    common = _ascend(quality, everyone, plain.weights[0], lead)
    shape = Shape(lead, scales, np.zeros(1), common[None, :])
    if not by_activity or len(had) < LEAST_LISTENERS or active.std() < 1e-9:
        return shape, quality(common, everyone)
    # Whether groups help is judged on listeners whose weights weren't learnt from.
    half = np.random.default_rng(seed).permutation(len(had)) < len(had) // 2
    bounds = np.unique(np.quantile(active, np.linspace(0, 1, GROUPS + 1)[1:-1]))
    group = np.searchsorted(bounds, active, side="right")
    there = _ascend(quality, np.flatnonzero(half), plain.weights[0], lead)
    gain = 0.0
    for at in range(len(bounds) + 1):
        known, other = np.flatnonzero(half & (group == at)), np.flatnonzero(~half & (group == at))
        if len(known) < LEAST_LISTENERS // GROUPS or not len(other):
            return shape, quality(common, everyone)
        own = there + TRUST * (_ascend(quality, known, there, lead) - there)
        gain += len(other) * (quality(own, other) - quality(there, other))
    if gain <= 0:
        return shape, quality(common, everyone)
    rows, knots, reached = [], [], 0.0
    for at in range(len(bounds) + 1):
        known = np.flatnonzero(group == at)
        own = common + TRUST * (_ascend(quality, known, common, lead) - common)
        reached += len(known) / len(had) * quality(own, known)
        rows.append(own)
        knots.append(float(np.log1p(np.median(active[known]))))
    return Shape(lead, scales, np.array(knots), np.array(rows)), reached


def _candidates(
    scores: Sequence[Floats], heard: sp.csr_matrix, held: sp.csr_matrix, ratios: Numbers
) -> tuple[Floats, NDArray[np.bool_]]:
    """(members, listeners, candidates) scaled scores of what any member would show, and which of it was held out."""
    shown = np.concatenate([top(one, heard, CANDIDATES) for one in scores], axis=1)
    ordered = np.sort(shown, axis=1)
    again = np.zeros(ordered.shape, dtype=bool)
    again[:, 1:] = ordered[:, 1:] == ordered[:, :-1]
    stack = np.stack(
        [np.take_along_axis(one, ordered, axis=1) * ratios[:, [at]].astype(np.float32) for at, one in enumerate(scores)]
    )
    # A candidate that is listed twice, and one that was heard (a short list is filled up with these), can't be shown.
    known = hits(ordered, heard)
    spread = np.float32(max(float(np.abs(stack).max(initial=1.0)), 1.0))
    stack[:, again | known] = -1e3 * spread
    return stack, hits(ordered, held) & ~again & ~known


def _ndcg(stack: Floats, hit: NDArray[np.bool_], had: NDArray[np.int64], weights: Numbers) -> float:
    total = np.tensordot(weights.astype(np.float32), stack, axes=1)
    k = min(10, total.shape[1])
    if not k or not len(total):
        return 0.0
    near = np.argpartition(-total, k - 1, axis=1)[:, :k]
    order = np.argsort(-np.take_along_axis(total, near, axis=1), axis=1, kind="stable")
    best = np.take_along_axis(near, order, axis=1)
    return float(np.nanmean(ndcg_of(np.take_along_axis(hit, best, axis=1), had)))


def _ascend(quality: Any, which: NDArray[np.int64], start: Numbers, lead: int) -> Numbers:
    """One weight after the other, coarse then fine, until nothing gains."""
    weights = start.copy()
    best = quality(weights, which)
    for turn in range(ROUNDS):
        before = best
        for member in range(len(weights)):
            if member == lead:
                continue
            steps = COARSE if turn == 0 else (0.0, 0.03, *(weights[member] * np.array(FINE)))
            for value in steps:
                if value == weights[member]:
                    continue
                trial = weights.copy()
                trial[member] = value
                reached = quality(trial, which)
                if reached > best + GAIN:
                    best, weights = reached, trial
        if best - before < GAIN:
            break
    return np.asarray(weights)
