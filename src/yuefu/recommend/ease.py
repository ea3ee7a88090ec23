"""A shallow linear autoencoder with a closed form, that may know what the items are as well as who has them."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.linalg import lapack

from yuefu.progress import Listener, Progress, ignore
from yuefu.recommend.base import Floats, RecommenderInfo
from yuefu.recommend.content import Catalogue
from yuefu.recommend.content_based import unit_features
from yuefu.recommend.histories import Histories
from yuefu.recommend.linear import LinearItems
from yuefu.recommend.measures import hits, ndcg_of, top
from yuefu.recommend.splits import random_split

Numbers = NDArray[np.float64]

#: What ``tune`` tries: l2 and side, as multiples of the ones given.
TRIED = ((1.0, 1.0), (1.0, 0.3), (1.0, 3.0), (0.4, 1.0), (2.5, 1.0))
SHARP = 1.5
#: Fewer held-out pairs than this can't tell one setting from another.
LEAST_HELD = 200


class Ease(LinearItems):
    """The weights B, with nothing on the diagonal, that rebuild each listener's row from itself best:
    B = I - P / diag(P) with P = (G + l2 I)^-1 and G = X'X (Steck 2019).

    l2: what holds weights small. level: rows are divided by (their length / the mean length)^level first, so that
    those who have much don't say everything. side: likeness of the items' features, times (fame_i fame_j)^(1/4), is
    added to G so many times, as if that many listeners more had both: items that nobody has heard are reached as well.
    dropout: as if a share dropout / (1 + dropout) of each row had been left out at random (Steck 2020). tune: l2 and
    side are chosen among multiples of these by the ranking of held-out pairs. The inverse grows with the third power
    of the items, so only the ``most_items`` that most have take part.
    """

    info = RecommenderInfo(
        "ease",
        "What goes together",
        "常在一起",
        frozenset({"taps", "content"}),
        True,
        "Steck 2019 (EASE), Steck 2020 (EDLAE); side information after Ning & Karypis 2012 and Jeunen et al. 2020",
    )

    def __init__(
        self,
        l2: float = 160.0,
        side: float = 10.0,
        level: float = 0.5,
        dropout: float = 0.4,
        tune: bool = False,
        most_items: int = 6_000,
    ) -> None:
        self.l2, self.side, self.level, self.dropout = l2, side, level, dropout
        self.tune, self.most_items = tune, most_items

    def fit(
        self, data: Histories, catalogue: Catalogue | None = None, *, seed: int = 0, progress: Listener = ignore
    ) -> Self:
        """Invert once, with ``tune`` once more for each setting tried."""
        fame = np.asarray((data.matrix != 0).sum(axis=0)).ravel()
        if data.shape[1] > self.most_items:
            kept = np.sort(np.argsort(-fame, kind="stable")[: self.most_items])
        else:
            kept = np.arange(data.shape[1])
        alike = _likeness(catalogue, kept) if catalogue is not None and self.side else None
        if self.tune:
            self._choose(data, alike, kept, seed, progress)
        progress(Progress("fit", 0, 1))
        weights = self._weights(data.matrix, alike, kept)
        if len(kept) == data.shape[1]:
            self.pulls = weights
        else:
            self.pulls = _among(weights, kept, data.shape[1])
        return self

    def _choose(
        self, data: Histories, alike: Numbers | None, kept: NDArray[np.int64], seed: int, progress: Listener
    ) -> None:
        split = random_split(data, seed=seed)
        if split.held.nnz < LEAST_HELD:
            return
        count = np.diff(split.held.indptr)
        asked = np.flatnonzero(count)[:4_000]
        held, heard = split.held[asked][:, kept], split.train.matrix[asked][:, kept]
        best, start = -1.0, (self.l2, self.side)
        chosen = start
        tried = [pair for pair in TRIED if alike is not None or pair[1] == 1.0]
        for at, (more, likeness) in enumerate(tried):
            progress(Progress("tune", at, len(tried)))
            self.l2, self.side = start[0] * more, start[1] * likeness
            scores = np.asarray(heard @ self._weights(split.train.matrix, alike, kept), dtype=np.float32)
            quality = float(np.nanmean(ndcg_of(hits(top(scores, heard, 10), held), np.diff(held.indptr))))
            if quality > best:
                best, chosen = quality, (self.l2, self.side)
        self.l2, self.side = chosen

    def _weights(self, matrix: sp.csr_matrix, alike: Numbers | None, kept: NDArray[np.int64]) -> Floats:
        taps = sp.csr_matrix(matrix, dtype=np.float64)
        length = np.asarray(taps.sum(axis=1)).ravel()
        mean = float(length[length > 0].mean()) if (length > 0).any() else 1.0
        even = np.where(length > 0, (np.maximum(length, 1e-12) / mean) ** -self.level, 0.0)
        taps = sp.csr_matrix(sp.diags(even) @ taps)[:, kept]
        gram = np.asarray((taps.T @ taps).toarray(), dtype=np.float64)
        own = np.diag(gram).copy()
        if alike is not None:
            fame = (np.asarray((taps != 0).sum(axis=0)).ravel() + 1.0) ** 0.25
            gram += self.side * fame[:, None] * alike * fame[None, :]
        gram[np.diag_indices_from(gram)] += self.l2 + self.dropout * own
        if not len(gram):
            return np.zeros((0, 0), dtype=np.float32)
        inverse = _inverse(gram)
        inverse /= -np.diag(inverse)[None, :].copy()
        np.fill_diagonal(inverse, 0.0)
        return np.asarray(inverse, dtype=np.float32)

    def settings(self) -> dict[str, Any]:
        """The arguments that make one like this."""
        return {
            "l2": self.l2, "side": self.side, "level": self.level, "dropout": self.dropout, "tune": self.tune,
            "most_items": self.most_items,
        }  # fmt: skip


def _among(weights: Floats, kept: NDArray[np.int64], items: int) -> sp.csr_matrix:
    """Weights of some items as (items, items), without room for those that take no part."""
    count = len(kept)
    lengths = np.zeros(items, dtype=np.int64)
    lengths[kept] = count
    rows = np.concatenate([[0], np.cumsum(lengths)])
    return sp.csr_matrix((weights.ravel(), np.tile(kept, count), rows), shape=(items, items))


def _likeness(catalogue: Catalogue, kept: NDArray[np.int64]) -> Numbers:
    """Cosine of the items' weighed features to the power SHARP, where it is above nothing: a little likeness is mostly
    chance, and unlikeness isn't a reason against."""
    unit = unit_features(catalogue)[kept]
    return np.asarray(np.maximum(unit @ unit.T, 0.0), dtype=np.float64) ** SHARP


def _inverse(gram: Numbers) -> Numbers:
    """Of a symmetric matrix, by Cholesky; where its powers of likeness left it indefinite, the diagonal is raised."""
    raised = 0.0
    while True:
        factor, failed = lapack.dpotrf(gram, lower=1)
        if not failed:
            break
        more = max(raised, 0.5 * float(np.diag(gram).mean()), 1e-6)
        gram[np.diag_indices_from(gram)] += more
        raised += more
    found, _ = lapack.dpotri(factor, lower=1)
    return np.asarray(np.tril(found) + np.tril(found, -1).T)
