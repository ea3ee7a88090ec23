"""Items that the same listeners have: cosine, shrunk where few have both, the nearest only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import numpy as np
import scipy.sparse as sp

from yuefu.progress import Listener, Progress, ignore
from yuefu.recommend.base import Floats, RecommenderInfo
from yuefu.recommend.content import Catalogue
from yuefu.recommend.histories import Histories
from yuefu.recommend.linear import LinearItems
from yuefu.recommend.matrices import top_of_rows

#: Rows of the item-item matrix that are dense at one time hold at most so many numbers.
BLOCK = 4_000_000


class ItemKnn(LinearItems):
    """neighbours: so many of an item's nearest count; shrink: so many common listeners are doubted."""

    info = RecommenderInfo(
        "item-knn",
        "Heard by the same listeners",
        "同好也听",
        frozenset({"taps"}),
        True,
        "Sarwar et al. 2001 (item-based); Bell & Koren 2007 (shrinkage)",
    )

    def __init__(self, neighbours: int = 200, shrink: float = 3.0) -> None:
        self.neighbours, self.shrink = neighbours, shrink

    def fit(
        self, data: Histories, catalogue: Catalogue | None = None, *, seed: int = 0, progress: Listener = ignore
    ) -> Self:
        """Compare every two items that anybody has both of."""
        taps = sp.csr_matrix(data.matrix, dtype=np.float64)
        length = np.sqrt(np.asarray(taps.multiply(taps).sum(axis=0)).ravel())

        def near(start: int, block: Floats) -> Floats:
            own = length[start : start + len(block)]
            return np.asarray(block / (own[:, None] * length[None, :] + self.shrink + 1e-12), dtype=np.float32)

        self.pulls = by_blocks(taps, taps, near, self.neighbours, progress)
        return self

    def settings(self) -> dict[str, Any]:
        """The arguments that make one like this."""
        return {"neighbours": self.neighbours, "shrink": self.shrink}


def by_blocks(
    left: sp.csr_matrix,
    right: sp.csr_matrix,
    weigh: Callable[[int, Floats], Floats],
    keep: int,
    progress: Listener = ignore,
) -> sp.csr_matrix:
    """left' @ right, block after block of rows: weighed, without its diagonal, and of each row only the ``keep``
    largest, which are the items that this one pulls most."""
    width = right.shape[1]
    step = max(1, BLOCK // max(width, 1))
    columns = sp.csr_matrix(left.T)
    across = sp.csr_matrix(right)
    parts = []
    for start in range(0, width, step):
        progress(Progress("fit", start, width))
        block = np.asarray((columns[start : start + step] @ across).toarray(), dtype=np.float32)
        weighed = weigh(start, block)
        rows = np.arange(len(weighed))
        weighed[rows, start + rows] = 0.0
        parts.append(sp.csr_matrix(top_of_rows(weighed, keep)))
    if not parts:
        return sp.csr_matrix((width, width), dtype=np.float32)
    found = sp.csr_matrix(sp.vstack(parts), dtype=np.float32)
    found.eliminate_zeros()
    return found
