"""Matrix factorisation that learns orders: an item that a listener has should stand above one that they haven't."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from yuefu.progress import Listener, Progress, ignore
from yuefu.recommend.base import Explanation, Floats, Reason, Recommender, RecommenderInfo
from yuefu.recommend.content import Catalogue
from yuefu.recommend.foldin import shares, solve
from yuefu.recommend.histories import Histories
from yuefu.recommend.matrices import explanation_of, wanted

#: Pairs in one step; rows that many of them share get the sum of their steps, clipped.
PAIRS = 2_048
LONGEST_STEP = 1.0


class Bpr(Recommender):
    """factors: the length of a vector; rate, reg: of the gradient steps; epochs: so many pairs per pair that is had.

    The order is learnt for the listeners it was given; whoever asks gets a vector by least squares among the items'
    vectors that were learnt (``foldin``, with alpha and hold), which is exact for anybody and explains itself.
    """

    info = RecommenderInfo(
        "bpr",
        "Liked rather than others",
        "更喜欢哪首",
        frozenset({"taps"}),
        True,
        "Rendle et al. 2009 (BPR-MF); listeners by ridge regression as in Hu et al. 2008",
    )

    def __init__(
        self,
        factors: int = 64,
        rate: float = 0.1,
        reg: float = 0.01,
        epochs: int = 60,
        alpha: float = 2.0,
        hold: float = 10.0,
    ) -> None:
        self.factors, self.rate, self.reg, self.epochs = factors, rate, reg, epochs
        self.alpha, self.hold = alpha, hold
        self.items: Floats = np.zeros((0, factors), dtype=np.float32)
        self.bias: Floats = np.zeros(0, dtype=np.float32)

    def fit(
        self, data: Histories, catalogue: Catalogue | None = None, *, seed: int = 0, progress: Listener = ignore
    ) -> Self:
        """Draw pairs and step. A listener's disliked items are drawn as the lower ones as well."""
        rng = np.random.default_rng(seed)
        count, width = data.shape
        listeners = rng.normal(scale=0.1, size=(count, self.factors)).astype(np.float32)
        items = rng.normal(scale=0.1, size=(width, self.factors)).astype(np.float32)
        bias = np.zeros(width, dtype=np.float32)
        pairs = data.matrix.tocoo()
        who, what = pairs.row.astype(np.int64), pairs.col.astype(np.int64)
        keys = np.sort(who * max(width, 1) + what)
        step = min(PAIRS, max(32, len(who) // 20))
        for epoch in range(self.epochs if len(who) and width > 1 else 0):
            progress(Progress("fit", epoch, self.epochs))
            rate = np.float32(self.rate * (1.0 - 0.9 * epoch / self.epochs))
            order = rng.permutation(len(who))
            for start in range(0, len(order), step):
                at = order[start : start + step]
                row, better = who[at], what[at]
                worse = self._drawn(rng, row, data, keys, width)
                left, upper, lower = listeners[row], items[better], items[worse]
                margin = np.einsum("nf,nf->n", left, upper - lower) + bias[better] - bias[worse]
                push = 1.0 / (1.0 + np.exp(np.clip(margin, -30, 30)))
                hard = push[:, None].astype(np.float32)
                _add(listeners, row, rate * (hard * (upper - lower) - self.reg * left))
                _add(
                    items,
                    np.concatenate([better, worse]),
                    rate * np.concatenate([hard * left - self.reg * upper, -hard * left - self.reg * lower]),
                )
                np.add.at(bias, better, rate * (push - self.reg * bias[better]).astype(np.float32))
                np.add.at(bias, worse, rate * (-push - self.reg * bias[worse]).astype(np.float32))
        self.items, self.bias = items, bias
        return self

    def _drawn(
        self, rng: np.random.Generator, row: NDArray[np.int64], data: Histories, keys: NDArray[np.int64], width: int
    ) -> NDArray[np.int64]:
        """An item for each row that it hasn't, evenly; what is had by bad luck is drawn once more."""
        found = rng.integers(0, width, len(row))
        for _ in range(2):
            asked = row * width + found
            had = keys[np.minimum(np.searchsorted(keys, asked), len(keys) - 1)] == asked
            found[had] = rng.integers(0, width, int(had.sum()))
        if data.dislikes is not None and data.dislikes.nnz:
            bad = data.dislikes
            size = np.diff(bad.indptr)[row]
            take = (rng.random(len(row)) < 0.3) & (size > 0)
            place = bad.indptr[row] + (rng.random(len(row)) * size).astype(np.int64)
            found[take] = bad.indices[place[take]]
        return found

    def scores(self, asked: Histories) -> Floats:
        """The listener's vector times the items', and how liked the items are by all."""
        vectors = solve(wanted(asked), self.items, self.alpha, self.hold)
        return np.asarray(vectors @ self.items.T + self._lift()[None, :], dtype=np.float32)

    def explain(self, asked: Histories, item: int) -> Explanation:
        """What each item of the listener's own added, and popularity."""
        row = wanted(asked)[[0]]
        amounts = shares(row, self.items, self.alpha, self.hold, item)
        reasons = [Reason("item", float(amount), int(column)) for column, amount in zip(row.indices, amounts)]
        return explanation_of(item, [*reasons, Reason("popular", float(self._lift()[item]))])

    def _lift(self) -> Floats:
        """Biases on the scale of least squares, where what is had has about 1."""
        spread = float(self.bias.std()) if len(self.bias) else 0.0
        return np.asarray(self.bias * np.float32(BIAS_SPREAD / spread if spread else 0.0))

    def state(self) -> dict[str, Any]:
        """Settings, the items' vectors and biases."""
        settings = {
            "factors": self.factors, "rate": self.rate, "reg": self.reg, "epochs": self.epochs, "alpha": self.alpha,
            "hold": self.hold,
        }  # fmt: skip
        return {"settings": settings, "items": self.items, "bias": self.bias}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """As it was."""
        found = cls(**state["settings"])
        found.items = np.asarray(state["items"], dtype=np.float32)
        found.bias = np.asarray(state["bias"], dtype=np.float32)
        return found


#: How far the biases of items spread beside scores of about 1.
BIAS_SPREAD = 0.02


def _add(rows: Floats, which: NDArray[np.int64], steps: Floats) -> None:
    """rows[which] += steps where rows may repeat, as one sparse product; no row moves farther than LONGEST_STEP."""
    sparse = sp.csr_matrix(
        (np.ones(len(which), dtype=np.float32), (which, np.arange(len(which)))), shape=(len(rows), len(which))
    )
    moved = np.unique(which)
    change = np.asarray(sparse[moved] @ steps)
    long = np.linalg.norm(change, axis=1, keepdims=True)
    rows[moved] += change * np.minimum(1.0, LONGEST_STEP / np.maximum(long, 1e-12))
