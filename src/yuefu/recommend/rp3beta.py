"""A walk of three steps: from a listener to an item, to another listener, to an item, popular ends made rarer."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import scipy.sparse as sp

from yuefu.progress import Listener, ignore
from yuefu.recommend.base import Floats, RecommenderInfo
from yuefu.recommend.content import Catalogue
from yuefu.recommend.histories import Histories
from yuefu.recommend.item_knn import by_blocks
from yuefu.recommend.linear import LinearItems


class Rp3Beta(LinearItems):
    """alpha: the power of each step's chance; beta: how much popular ends are held back; neighbours: the ends that are
    kept for each start. The first step's chance is the same for all items of one listener, so it is left out."""

    info = RecommenderInfo(
        "rp3beta",
        "A walk among listeners",
        "在听众间漫步",
        frozenset({"taps"}),
        True,
        "Paudel et al. 2017 (RP3beta), after Cooper et al. 2014 (P3alpha)",
    )

    def __init__(self, alpha: float = 0.9, beta: float = 0.5, neighbours: int = 200) -> None:
        self.alpha, self.beta, self.neighbours = alpha, beta, neighbours

    def fit(
        self, data: Histories, catalogue: Catalogue | None = None, *, seed: int = 0, progress: Listener = ignore
    ) -> Self:
        """Count the walks."""
        taps = sp.csr_matrix(data.matrix, dtype=np.float64)
        fame = np.asarray(taps.sum(axis=0)).ravel()
        had = np.asarray(taps.sum(axis=1)).ravel()
        there = sp.csr_matrix(taps @ sp.diags(1.0 / np.maximum(fame, 1e-12)))
        back = sp.csr_matrix(sp.diags(1.0 / np.maximum(had, 1e-12)) @ taps)
        there.data, back.data = there.data**self.alpha, back.data**self.alpha
        held = np.maximum(fame, 1e-12) ** self.beta

        def rarer(start: int, block: Floats) -> Floats:
            return np.asarray(block / held[None, :], dtype=np.float32)

        self.pulls = by_blocks(there, back, rarer, self.neighbours, progress)
        return self

    def settings(self) -> dict[str, Any]:
        """The arguments that make one like this."""
        return {"alpha": self.alpha, "beta": self.beta, "neighbours": self.neighbours}
