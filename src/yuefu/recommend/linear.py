"""Recommenders whose score is a sum over what a listener has: each item pulls others towards it by a fixed weight."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import scipy.sparse as sp

from yuefu.recommend.base import Explanation, Floats, Reason, Recommender
from yuefu.recommend.histories import Histories
from yuefu.recommend.matrices import explanation_of, wanted


class LinearItems(Recommender):
    """Score of an item: what the listener has, each times how much it pulls this one. ``fit`` sets ``pulls``, (items,
    items), dense or sparse; row: what is had, column: what is scored. A listener never seen is like any other, and the
    explanation is the sum itself: without the item cited, the score is lower by just its amount."""

    pulls: Floats | sp.csr_matrix = np.zeros((0, 0), dtype=np.float32)

    def rows(self, asked: Histories) -> sp.csr_matrix:
        """What listeners have, as the weights are applied to it."""
        return wanted(asked)

    def scores(self, asked: Histories) -> Floats:
        """Sums over what each listener has."""
        found = self.rows(asked) @ self.pulls
        return np.asarray(found.toarray() if sp.issparse(found) else found, dtype=np.float32)

    def explain(self, asked: Histories, item: int) -> Explanation:
        """What each item of the listener's own added."""
        row = self.rows(asked)[[0]]
        if sp.issparse(self.pulls):
            pull = np.asarray(self.pulls[row.indices][:, [item]].toarray(), dtype=np.float64).ravel()
        else:
            pull = np.asarray(self.pulls[row.indices, item], dtype=np.float64)
        amounts = row.data.astype(np.float64) * pull
        return explanation_of(
            item, [Reason("item", float(amount), int(column)) for column, amount in zip(row.indices, amounts)]
        )

    def settings(self) -> dict[str, Any]:
        """The arguments that make one like this."""
        return {}

    def state(self) -> dict[str, Any]:
        """Settings and weights."""
        return {"settings": self.settings(), "pulls": self.pulls}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """As it was."""
        found = cls(**state["settings"])
        pulls = state["pulls"]
        found.pulls = sp.csr_matrix(pulls) if sp.issparse(pulls) else np.asarray(pulls, dtype=np.float32)
        return found
