"""Unigrams and bigrams: what a model has to beat before it has learnt anything about music."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]


class Bigram:
    """Counts of ids and of pairs, smoothed by Witten and Bell's interpolation (1991, method C).

    size: ids run from 0 to size - 1; contexts: previous ids run from 0 to contexts - 1.

    >>> counts = Bigram(2, 2)
    >>> counts.add(np.array([0, 0, 1]), np.array([1, 1, 0]))
    >>> bool(counts.bigram_nats(np.array([0]), np.array([1])) < counts.unigram_nats(np.array([1])))
    True
    """

    def __init__(self, size: int, contexts: int) -> None:
        self._one = np.zeros(size)
        self._two = np.zeros((contexts, size))

    def add(self, previous: Ids, ids: Ids) -> None:
        """Count ids, each after its previous one (arrays of one length)."""
        np.add.at(self._one, ids, 1)
        np.add.at(self._two, (previous, ids), 1)

    def unigram_nats(self, ids: Ids) -> NDArray[np.float64]:
        """Negative log-probability of each id by itself, in nats; unseen ids share what new ones were worth."""
        return -np.log(self._unigram()[ids])

    def bigram_nats(self, previous: Ids, ids: Ids) -> NDArray[np.float64]:
        """Negative log-probability of each id after its previous one, in nats."""
        seen = self._two[previous, ids]
        total = self._two.sum(axis=1)[previous]
        kinds = np.maximum((self._two > 0).sum(axis=1)[previous], 1)
        return -np.log((seen + kinds * self._unigram()[ids]) / (total + kinds))

    def _unigram(self) -> NDArray[np.float64]:
        kinds = max(int((self._one > 0).sum()), 1)
        shares: NDArray[np.float64] = (self._one + kinds / len(self._one)) / (self._one.sum() + kinds)
        return shares
