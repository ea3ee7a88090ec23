"""Matrix factorisation of implicit feedback by alternating least squares, the mean of several."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import scipy.sparse as sp

from yuefu.progress import Listener, Progress, ignore
from yuefu.recommend.base import Explanation, Floats, Reason, Recommender, RecommenderInfo
from yuefu.recommend.content import Catalogue
from yuefu.recommend.foldin import shares, solve
from yuefu.recommend.histories import Histories
from yuefu.recommend.matrices import explanation_of, wanted

#: Of a row's confidence, what the regularisation is.
REG = 0.13


def mean_confidence(taps: sp.csr_matrix, alpha: float) -> float:
    """What listeners and items have in the mean (geometric, of both), each pair with its confidence."""
    rows, columns = (max(int(np.count_nonzero(np.diff(side.indptr))), 1) for side in (taps, taps.tocsc()))
    total = taps.nnz + alpha * float(np.abs(taps.data).sum())
    return max(total, 1.0) / float(np.sqrt(rows * columns))


class Als(Recommender):
    """factors: the length of a vector; alpha: how much surer a liked item is than one that wasn't met; reg: what holds
    vectors short, None: REG of the confidence that a row or column has in the mean, so that little data aren't held at
    nothing; models: so many factorisations from different starts are averaged, which is steadier than one.

    Listeners aren't kept: each is solved anew from what they have, so that one never seen, or one who just liked
    another item, has exactly the vector that the last half step would have given.
    """

    info = RecommenderInfo(
        "als",
        "Tastes in common",
        "共同的口味",
        frozenset({"taps"}),
        True,
        "Hu, Koren & Volinsky 2008 (implicit ALS and its explanation)",
    )

    def __init__(
        self, factors: int = 64, alpha: float = 10.0, reg: float | None = None, rounds: int = 8, models: int = 3
    ) -> None:
        self.factors, self.alpha, self.rounds, self.models = factors, alpha, rounds, models
        self.reg = reg
        self.hold = reg or 0.0
        self.items: tuple[Floats, ...] = ()

    def fit(
        self, data: Histories, catalogue: Catalogue | None = None, *, seed: int = 0, progress: Listener = ignore
    ) -> Self:
        """Alternate."""
        taps = wanted(data)
        across = sp.csr_matrix(taps.T)
        self.hold = mean_confidence(taps, self.alpha) * REG if self.reg is None else self.reg
        found = []
        for model in range(self.models):
            rng = np.random.default_rng([seed, model])
            items = rng.normal(scale=0.1, size=(data.shape[1], self.factors)).astype(np.float32)
            for at in range(self.rounds):
                progress(Progress("fit", model * self.rounds + at, self.models * self.rounds))
                listeners = solve(taps, items, self.alpha, self.hold)
                items = solve(across, listeners, self.alpha, self.hold)
            found.append(items)
        self.items = tuple(found)
        return self

    def scores(self, asked: Histories) -> Floats:
        """The listener's vectors times the items', averaged."""
        rows = wanted(asked)
        total = np.zeros(rows.shape, dtype=np.float32)
        for items in self.items:
            total += solve(rows, items, self.alpha, self.hold) @ items.T
        return np.asarray(total / np.float32(max(len(self.items), 1)))

    def explain(self, asked: Histories, item: int) -> Explanation:
        """What each item of the listener's own added, as in the paper's section 5."""
        row = wanted(asked)[[0]]
        amounts = np.zeros(row.nnz)
        for items in self.items:
            amounts += shares(row, items, self.alpha, self.hold, item) / len(self.items)
        return explanation_of(
            item, [Reason("item", float(amount), int(column)) for column, amount in zip(row.indices, amounts)]
        )

    def state(self) -> dict[str, Any]:
        """Settings and the items' vectors."""
        settings = {
            "factors": self.factors, "alpha": self.alpha, "reg": self.reg, "rounds": self.rounds, "models": self.models,
        }  # fmt: skip
        return {"settings": settings, "hold": self.hold, "items": list(self.items)}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """As it was."""
        found = cls(**state["settings"])
        found.hold = float(state["hold"])
        found.items = tuple(np.asarray(items, dtype=np.float32) for items in state["items"])
        return found
