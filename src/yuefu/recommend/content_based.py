"""Items like those that a listener has, by what is known of the items themselves."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from yuefu.progress import Listener, ignore
from yuefu.recommend.base import Explanation, Floats, Reason, Recommender, RecommenderInfo
from yuefu.recommend.content import Catalogue
from yuefu.recommend.histories import Histories
from yuefu.recommend.matrices import explanation_of, wanted

#: A feature that most items have tells little, but not nothing.
COMMON = 0.7


def unit_features(catalogue: Catalogue) -> Floats:
    """Features weighed by how rare they are (as words are by their inverse document frequency), rows of length 1, so
    that the product of two rows is their likeness, -1..1. An item of which nothing is known is like none.

    A style that one item in a hundred has tells more than a tag of every second one; numbers that every item has, as
    tempo, weigh COMMON.
    """
    features = np.asarray(catalogue.features, dtype=np.float32)
    count = len(features)
    have = (features != 0).sum(axis=0)
    rare = np.log((count + 1.0) / (have + 1.0))
    # The square root on both sides of the product makes the weight itself.
    weighed = features * np.sqrt(np.maximum(rare, COMMON)).astype(np.float32)[None, :]
    length = np.linalg.norm(weighed, axis=1, keepdims=True)
    return np.asarray(weighed / np.maximum(length, 1e-9), dtype=np.float32)


class ContentBased(Recommender):
    """The listener's profile is the sum of what they have, each as it is liked; a score is an item's likeness to it.

    Explained by attributes, or by the items that are alike (``explain_by_items``): two exact ways to cut one sum.
    """

    info = RecommenderInfo(
        "content",
        "Music of that kind",
        "同类音乐",
        frozenset({"taps", "content"}),
        True,
        "Pazzani & Billsus 2007 (content-based); Spärck Jones 1972 (rarity weights)",
    )

    def __init__(self) -> None:
        self.unit: Floats = np.zeros((0, 0), dtype=np.float32)
        self.names: tuple[str, ...] = ()

    def fit(
        self, data: Histories, catalogue: Catalogue | None = None, *, seed: int = 0, progress: Listener = ignore
    ) -> Self:
        """Weigh the features. Without a catalogue every score is 0."""
        self.unit = np.zeros((data.shape[1], 0), dtype=np.float32)
        self.names = ()
        if catalogue is not None:
            self.unit, self.names = unit_features(catalogue), catalogue.names
        return self

    def scores(self, asked: Histories) -> Floats:
        """Likeness to each listener's profile."""
        return np.asarray((wanted(asked) @ self.unit) @ self.unit.T, dtype=np.float32)

    def explain(self, asked: Histories, item: int) -> Explanation:
        """What each attribute that item and profile share added."""
        profile = np.asarray(wanted(asked)[[0]] @ self.unit, dtype=np.float64).ravel()
        amounts = profile * self.unit[item]
        return explanation_of(
            item, [Reason("attribute", float(amounts[at]), name=self.names[at]) for at in np.flatnonzero(amounts)]
        )

    def explain_by_items(self, asked: Histories, item: int) -> Explanation:
        """What each of the listener's own items added by being like this one."""
        row = wanted(asked)[[0]]
        amounts = row.data.astype(np.float64) * (self.unit[row.indices].astype(np.float64) @ self.unit[item])
        return explanation_of(
            item, [Reason("item", float(amount), int(column)) for column, amount in zip(row.indices, amounts)]
        )

    def state(self) -> dict[str, Any]:
        """The weighed features."""
        return {"unit": self.unit, "names": list(self.names)}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """As it was."""
        found = cls()
        found.unit = np.asarray(state["unit"], dtype=np.float32)
        found.names = tuple(state["names"])
        return found
