"""What one comes back to: the listener's own items, by how often and how lately they were played."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from yuefu.progress import Listener, ignore
from yuefu.recommend.base import Explanation, Floats, Reason, Recommender, RecommenderInfo
from yuefu.recommend.content import Catalogue
from yuefu.recommend.histories import Histories
from yuefu.recommend.matrices import explanation_of


class Repeats(Recommender):
    """log(1 + plays), each play halved for every ``half_life_days``, times how much the item is liked; among others,
    what everybody has is a little ahead (``fame``), so that the list goes on where one's own ends."""

    info = RecommenderInfo(
        "repeats",
        "Played again",
        "常听",
        frozenset({"taps", "times"}),
        True,
        "Anderson et al. 2014 (repeat consumption: recency and count)",
    )

    def __init__(self, half_life_days: float = 30.0, fame: float = 0.01) -> None:
        self.half_life_days, self.fame = half_life_days, fame
        self.heard: Floats = np.zeros(0, dtype=np.float32)

    def fit(
        self, data: Histories, catalogue: Catalogue | None = None, *, seed: int = 0, progress: Listener = ignore
    ) -> Self:
        """Learn what is popular; all else is in the question."""
        count = np.asarray((data.matrix != 0).sum(axis=0), dtype=np.float32).ravel()
        self.heard = count / max(float(count.max(initial=0.0)), 1.0)
        return self

    def scores(self, asked: Histories) -> Floats:
        """The listener's own items first."""
        found = np.tile(self.heard * np.float32(self.fame), (asked.shape[0], 1))
        for row in range(asked.shape[0]):
            found[row] += self._own(asked, row)
        return found

    def _own(self, asked: Histories, row: int) -> Floats:
        width = asked.shape[1]
        age = np.maximum(asked.now - asked.moments[row], 0.0)
        plays = np.bincount(asked.sequences[row], weights=np.exp2(-age / self.half_life_days), minlength=width)
        liked = asked.matrix[row].toarray().ravel()
        own = np.log1p(plays) * (1.0 + liked)
        if asked.dislikes is not None:
            own *= 1.0 - asked.dislikes[row].toarray().ravel()
        return np.asarray(own, dtype=np.float32)

    def explain(self, asked: Histories, item: int) -> Explanation:
        """Played before, and popular."""
        again = Reason("again", float(self._own(asked, 0)[item]), item)
        return explanation_of(item, [again, Reason("popular", float(self.heard[item] * np.float32(self.fame)))])

    def state(self) -> dict[str, Any]:
        """What is popular."""
        return {"half_life_days": self.half_life_days, "fame": self.fame, "heard": self.heard}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """As it was."""
        found = cls(float(state["half_life_days"]), float(state["fame"]))
        found.heard = np.asarray(state["heard"], dtype=np.float32)
        return found
