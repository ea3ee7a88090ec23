"""What comes next after what was just heard: a first-order Markov chain that falls back on what is popular.

The chance of b after a is counted from all listeners' sequences, Dirichlet-smoothed (MacKay & Peto 1995): after an
item that was seen often its own successors count, after a rare one popularity does. What lies farther back is asked
too, each step counting less; so does what is longer ago. How far back is chosen by how likely it makes the last items
of some listeners, kept aside. Things that happened at the same moment have no order and are counted both ways.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from yuefu.progress import Listener, ignore
from yuefu.recommend.base import Explanation, Floats, Reason, Recommender, RecommenderInfo
from yuefu.recommend.content import Catalogue
from yuefu.recommend.histories import Histories

#: Successors of one item that are kept: the most frequent.
MOST_SUCCESSORS = 2_000
#: Reach and fade that are tried, from the last item alone to a whole evening.
TRIED = ((1, 1.0), (3, 0.5), (10, 0.8), (30, 0.95))
#: Listeners on whose last items they are tried, and how many there must be for it.
MOST_CHECKED, LEAST_CHECKED = 500, 20
#: Added to every item's count, so that none is impossible.
UNSEEN = 0.5


class NextMarkov(Recommender):
    """reach: so many of the last items are asked; fade: what a step farther back counts (both None: chosen on fitting);
    half_life: days after which what was heard counts half; smoothing: so many plays are worth as much as popularity."""

    info = RecommenderInfo(
        "markov",
        "What comes next",
        "接下来听什么",
        frozenset({"order", "times"}),
        True,
        "MacKay & Peto 1995 (smoothing); Rendle et al. 2010 (first-order chains for what comes next)",
    )

    def __init__(
        self,
        *,
        reach: int | None = None,
        fade: float | None = None,
        half_life: float = 120.0,
        smoothing: float = 10.0,
    ) -> None:
        self._choose = reach is None
        self.reach, self.fade = reach or TRIED[-1][0], fade or (1.0 if reach == 1 else TRIED[-1][1])
        self.half_life, self.smoothing = half_life, smoothing
        self._successors: sp.csr_matrix = sp.csr_matrix((0, 0), dtype=np.float32)
        self._popular: Floats = np.zeros(0, dtype=np.float32)

    def fit(
        self, data: Histories, catalogue: Catalogue | None = None, *, seed: int = 0, progress: Listener = ignore
    ) -> Self:
        """Count what came after what. The seed says on whom the reach is tried."""
        if self._choose:
            self.reach, self.fade = self._best_reach(data, seed)
        self._count(data)
        return self

    def _best_reach(self, data: Histories, seed: int) -> tuple[int, float]:
        """What makes the last items likeliest that some listeners came to."""
        long = np.flatnonzero([len(sequence) >= 3 for sequence in data.sequences])
        if len(long) < LEAST_CHECKED:
            return TRIED[-1]
        checked = np.sort(np.random.default_rng(seed).permutation(long)[: min(MOST_CHECKED, len(long) // 2)])
        aside = set(checked.tolist())
        cut = [slice(None, -1) if row in aside else slice(None) for row in range(len(data.sequences))]
        train = replace(
            data,
            sequences=tuple(sequence[part] for sequence, part in zip(data.sequences, cut)),
            moments=tuple(moments[part] for moments, part in zip(data.moments, cut)),
        )
        asked = train.rows(checked)
        # Each is asked at the moment of their own answer.
        waits = [data.now - data.moments[row][-1] for row in checked]
        asked = replace(asked, moments=tuple(moments + wait for moments, wait in zip(asked.moments, waits)))
        answers = np.array([data.sequences[row][-1] for row in checked])
        found = []
        for reach, fade in TRIED:
            tried = type(self)(reach=reach, fade=fade, half_life=self.half_life, smoothing=self.smoothing)
            tried._count(train)
            chance = tried.scores(asked)[np.arange(len(answers)), answers]
            found.append(float(np.log(np.maximum(chance, 1e-12)).mean()))
        return TRIED[int(np.argmax(found))]

    def _count(self, data: Histories) -> None:
        width = len(data.items)
        counts = self._counted(data)
        totals = np.asarray(counts.sum(axis=1), dtype=np.float64).ravel()
        share = 1.0 / (totals + self.smoothing)
        self._successors = sp.csr_matrix(sp.diags(share) @ counts, dtype=np.float32)
        played = np.bincount(np.concatenate([*data.sequences, np.zeros(0, dtype=np.int64)]), minlength=width)
        if not played.any():
            played = np.asarray(data.matrix.sum(axis=0)).ravel()
        popular = played + UNSEEN
        self._popular = (popular / max(popular.sum(), 1e-12)).astype(np.float32)

    def scores(self, asked: Histories) -> Floats:
        """The chance of each item to be next."""
        weights = self._weights(asked)
        followed = weights @ self._successors
        left = 1.0 - np.asarray(followed.sum(axis=1), dtype=np.float32)
        found = left * self._popular[None, :]
        found += followed.toarray()
        return np.asarray(found, dtype=np.float32)

    def explain(self, asked: Histories, item: int) -> Explanation:
        """Which of the last items it follows, and how much is popularity."""
        weights = self._weights(asked.rows([0]))
        row = weights.toarray().ravel()
        after = np.asarray(self._successors[:, [item]].toarray(), dtype=np.float64).ravel()
        heard = np.flatnonzero(row)
        amounts = row[heard] * after[heard]
        followed = float((weights @ self._successors).sum())
        popular = (1.0 - followed) * float(self._popular[item])
        reasons = [Reason("item", float(amount), item=int(at)) for at, amount in zip(heard, amounts) if amount]
        reasons.append(Reason("popular", popular))
        reasons.sort(key=lambda reason: -abs(reason.amount))
        return Explanation(item, float(amounts.sum()) + popular, tuple(reasons))

    def state(self) -> dict[str, Any]:
        """Successors, popularity and how to ask."""
        settings = {name: getattr(self, name) for name in ("reach", "fade", "half_life", "smoothing")}
        return {**settings, "successors": self._successors, "popular": self._popular}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """A chain as it was."""
        made = cls(**{name: state[name] for name in ("reach", "fade", "half_life", "smoothing")})
        made._successors, made._popular = state["successors"], state["popular"]
        if made._successors.shape != (len(made._popular),) * 2:
            raise ValueError("a chain's parts don't fit each other")
        return made

    def _counted(self, data: Histories) -> sp.csr_matrix:
        """(items, items) how often the second came within reach after the first, nearer ones counting more."""
        width = len(data.items)
        counts = sp.csr_matrix((width, width), dtype=np.float32)
        if not any(len(sequence) > 1 for sequence in data.sequences):
            return counts
        items = np.concatenate(data.sequences)
        moments = np.concatenate(data.moments)
        owner = np.repeat(np.arange(len(data.sequences)), [len(sequence) for sequence in data.sequences])
        for step in range(1, self.reach + 1):
            same = owner[step:] == owner[:-step]
            if not same.any():
                break
            before, after = items[:-step][same], items[step:][same]
            gap = np.maximum((moments[step:] - moments[:-step])[same], 0.0)
            weight = self.fade ** (step - 1) * 0.5 ** (gap / self.half_life)
            tied = gap == 0
            weight[tied] *= 0.5
            rows = np.concatenate([before, after[tied]])
            columns = np.concatenate([after, before[tied]])
            weights = np.concatenate([weight, weight[tied]]).astype(np.float32)
            counts = counts + sp.csr_matrix((weights, (rows, columns)), shape=(width, width))
        return _most_frequent(sp.csr_matrix(counts), MOST_SUCCESSORS)

    def _weights(self, asked: Histories) -> sp.csr_matrix:
        """(listeners, items) how much each of the last items is asked; sums to 1 at most, less after a long time."""
        whole = self.fade ** np.arange(self.reach)
        rows: list[NDArray[np.int64]] = []
        weights: list[NDArray[np.float64]] = []
        for sequence, moments in zip(asked.sequences, asked.moments):
            last = sequence[::-1][: self.reach]
            gap = np.maximum(asked.now - moments[::-1][: self.reach], 0.0)
            # What is nearest is the measure: days that have passed since take from all alike, but never all.
            age = 0.5 ** ((gap - gap.min(initial=np.inf if len(gap) else 0.0)) / self.half_life) if len(gap) else gap
            weight = whole[: len(last)] * age
            rows.append(last)
            weights.append(weight / max(weight.sum(), 1e-12))
        lengths = [len(row) for row in rows]
        columns = np.concatenate([*rows, np.zeros(0, dtype=np.int64)])
        data = np.concatenate([*weights, np.zeros(0)]).astype(np.float32)
        starts = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
        found = sp.csr_matrix((data, columns, starts), shape=asked.shape)
        found.sum_duplicates()
        return found


def _most_frequent(counts: sp.csr_matrix, most: int) -> sp.csr_matrix:
    """Each row's most frequent successors."""
    lengths = np.diff(counts.indptr)
    if not (lengths > most).any():
        return counts
    keep = np.ones(counts.nnz, dtype=bool)
    for row in np.flatnonzero(lengths > most):
        start, end = counts.indptr[row], counts.indptr[row + 1]
        order = np.argsort(-counts.data[start:end], kind="stable")
        keep[start + order[most:]] = False
    counts.data[~keep] = 0.0
    counts.eliminate_zeros()
    return counts
