"""What many listen to now. The least that any other recommender must beat."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from yuefu.progress import Listener, ignore
from yuefu.recommend.base import Explanation, Floats, Reason, Recommender, RecommenderInfo
from yuefu.recommend.content import Catalogue
from yuefu.recommend.histories import Histories
from yuefu.recommend.matrices import explanation_of, last_played


class Popularity(Recommender):
    """How many listeners had an item lately: each counts once, halved for every ``half_life_days`` since their last
    play, so that one listener's thousand plays don't make a chart."""

    info = RecommenderInfo(
        "popular", "Popular now", "当下热门", frozenset({"taps", "times"}), True, "exponential decay of last plays"
    )

    def __init__(self, half_life_days: float = 60.0) -> None:
        self.half_life_days = half_life_days
        self.heard: Floats = np.zeros(0, dtype=np.float32)

    def fit(
        self, data: Histories, catalogue: Catalogue | None = None, *, seed: int = 0, progress: Listener = ignore
    ) -> Self:
        """Count."""
        last = last_played(data)
        last.data = np.exp2(-np.maximum(data.now - last.data, 0.0) / self.half_life_days)
        self.heard = np.asarray(last.sum(axis=0), dtype=np.float32).ravel()
        return self

    def scores(self, asked: Histories) -> Floats:
        """The same for everybody."""
        return np.tile(self.heard, (asked.shape[0], 1))

    def explain(self, asked: Histories, item: int) -> Explanation:
        """Many listen to it."""
        return explanation_of(item, [Reason("popular", float(self.heard[item]))])

    def state(self) -> dict[str, Any]:
        """Counts."""
        return {"half_life_days": self.half_life_days, "heard": self.heard}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """As it was."""
        found = cls(float(state["half_life_days"]))
        found.heard = np.asarray(state["heard"], dtype=np.float32)
        return found
