"""How good a ranking is: for the listener, and for the shelf as a whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from yuefu.recommend.base import Floats

Ranked = NDArray[np.int64]


@dataclass(frozen=True)
class Measures:
    """ndcg: at 10; recall: at 20, of all that was held; mrr: of the first hit within 20; coverage: share of the shelf
    in anybody's first ten; novelty: mean self-information, -log2 of the share of listeners, in the first ten; gini: of
    how often each item is among the first ten, 0 all alike, 1 one alone."""

    ndcg: float
    recall: float
    mrr: float
    coverage: float
    novelty: float
    gini: float


def top(scores: Floats, heard: sp.csr_matrix | None, n: int) -> Ranked:
    """Each listener's n best items, the best first, without what was heard. Equal scores: the lower column first."""
    found = np.array(scores, dtype=np.float32)
    if heard is not None:
        found[heard.nonzero()] = -np.inf
    n = min(n, found.shape[1])
    if not n or not len(found):
        return np.zeros((len(found), n), dtype=np.int64)
    near = np.sort(np.argpartition(-found, n - 1, axis=1)[:, :n], axis=1)
    order = np.argsort(-np.take_along_axis(found, near, axis=1), axis=1, kind="stable")
    return np.asarray(np.take_along_axis(near, order, axis=1), dtype=np.int64)


def hits(ranked: Ranked, held: sp.csr_matrix) -> NDArray[np.bool_]:
    """Which of the ranked were held out."""
    if not ranked.size:
        return np.zeros(ranked.shape, dtype=bool)
    width = held.shape[1]
    pairs = held.tocoo()
    keys = np.sort(pairs.row.astype(np.int64) * width + pairs.col)
    asked = np.arange(len(ranked))[:, None] * width + ranked
    if not len(keys):
        return np.zeros(ranked.shape, dtype=bool)
    at = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
    return np.asarray(keys[at] == asked)


def ndcg_of(hit: NDArray[np.bool_], held: ArrayLike, k: int = 10) -> NDArray[np.float64]:
    """Normalised discounted cumulative gain at k of each listener who has something held out; nan for others.

    >>> ndcg_of(np.array([[False, True]]), [1], 2).round(3).tolist()
    [0.631]
    """
    count = np.asarray(held, dtype=np.int64)
    k = min(k, hit.shape[1])
    discount = 1.0 / np.log2(np.arange(k) + 2.0)
    ideal = np.concatenate([[np.nan], np.cumsum(discount)])[np.minimum(count, k)]
    return np.asarray((hit[:, :k] * discount).sum(axis=1) / ideal)


def measure(scores: Floats, heard: sp.csr_matrix, held: sp.csr_matrix) -> Measures:
    """All of it. heard: what was learnt from, which isn't recommended again; held: what was held out."""
    return measure_ranked(top(scores, heard, 20), heard, held)


def measure_ranked(ranked: Ranked, heard: sp.csr_matrix, held: sp.csr_matrix) -> Measures:
    """The same of rankings. Listeners who have nothing held out count for coverage, novelty and Gini only."""
    count = np.diff(sp.csr_matrix(held).indptr)
    asked = count > 0
    hit = hits(ranked, held)
    first = np.where(hit.any(axis=1), 1.0 / (hit.argmax(axis=1) + 1.0), 0.0) if hit.size else np.zeros(len(ranked))
    shown = ranked[:, :10]
    told = np.bincount(shown.ravel(), minlength=held.shape[1])
    if not asked.any():
        return Measures(np.nan, np.nan, np.nan, float((told > 0).mean()), novelty(shown, heard), gini(told))
    return Measures(
        ndcg=float(ndcg_of(hit, count)[asked].mean()),
        recall=float((hit.sum(axis=1)[asked] / count[asked]).mean()),
        mrr=float(first[asked].mean()),
        coverage=float((told > 0).mean()),
        novelty=novelty(shown, heard),
        gini=gini(told),
    )


def novelty(ranked: Ranked, heard: sp.csr_matrix) -> float:
    """Mean self-information in bits of what is shown: -log2 of the share of listeners who have it (at least one)."""
    if not ranked.size:
        return 0.0
    fame = np.maximum(np.asarray((heard != 0).sum(axis=0)).ravel(), 1.0)
    return float(-np.log2(fame[ranked] / max(heard.shape[0], 1)).mean())


def gini(counts: ArrayLike) -> float:
    """How unevenly something is spread.

    >>> gini([1, 1, 1]), gini([0, 0, 3])
    (0.0, 1.0)
    """
    ordered = np.sort(np.asarray(counts, dtype=np.float64))
    size, total = len(ordered), ordered.sum()
    if size < 2 or total <= 0:
        return 0.0
    rank = np.arange(1, size + 1)
    return float(max(0.0, ((2 * rank - size - 1) * ordered).sum() / (total * (size - 1))))


def intra_list_diversity(ranked: Ranked, features: Floats) -> float:
    """Mean of 1 - cosine over all pairs of each list: 0 all alike."""
    size = ranked.shape[1]
    if size < 2 or not len(ranked):
        return 0.0
    unit = features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)
    alike = []
    for row in ranked:
        near = unit[row] @ unit[row].T
        alike.append((near.sum() - np.trace(near)) / (size * (size - 1)))
    return float(1.0 - np.mean(alike))
