"""What every recommender can do: learn from histories, score every item for others, and say why."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from yuefu.progress import Listener, ignore
from yuefu.recommend.content import Catalogue
from yuefu.recommend.histories import Histories

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class RecommenderInfo:
    """About a recommender. uses: some of "taps" (who liked what), "order" (what came after what), "times", "content";
    explains: ``explain`` says exactly what moved a score."""

    name: str
    title_en: str
    title_zh: str
    uses: frozenset[str]
    explains: bool
    source: str  # the paper or the idea, with year


@dataclass(frozen=True)
class Reason:
    """One thing that moved a score. kind: "item" (column ``item`` of the listener's own), "attribute" (``name``, as
    "mood:calm"), "popular", "again" (played before); amount: what it added, may be negative."""

    kind: str
    amount: float
    item: int = -1
    name: str = ""


@dataclass(frozen=True)
class Explanation:
    """Why an item has its score: ``score == rest + sum of the amounts`` of all reasons, the largest first."""

    item: int
    score: float
    reasons: tuple[Reason, ...]
    rest: float = 0.0


class Recommender(ABC):
    """Learns once, then scores any listener from what they did, also one it has never seen.

    Scores of one recommender compare within one listener only. An item that can't be told anything about has -inf
    or the lowest score, never NaN. The same data and seed give the same scores.
    """

    info: ClassVar[RecommenderInfo]

    @abstractmethod
    def fit(
        self, data: Histories, catalogue: Catalogue | None = None, *, seed: int = 0, progress: Listener = ignore
    ) -> Self:
        """Learn. catalogue: what is known of the items, rows in the order of ``data.items``. Returns itself."""

    @abstractmethod
    def scores(self, asked: Histories) -> Floats:
        """Scores (listeners, items), higher is better. What was heard isn't left out: the caller does that."""

    def explain(self, asked: Histories, item: int) -> Explanation:
        """Exactly why an item has its score for the first listener of ``asked``. Raises NotImplementedError unless
        ``info.explains``."""
        raise NotImplementedError(self.info.name)

    @abstractmethod
    def state(self) -> dict[str, Any]:
        """What was learnt, as arrays and plain values: goes to a file and back by ``from_state``."""

    @classmethod
    @abstractmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """A recommender as it was."""
