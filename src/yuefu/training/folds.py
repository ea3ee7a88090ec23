"""Folds for cross-validation: groups stay whole, and every label is spread over all folds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def folds_of(
    groups: Sequence[int] | NDArray[np.integer], labels: Sequence[int] | NDArray[np.integer], folds: int, seed: int
) -> NDArray[np.int64]:
    """The fold (0 to folds - 1) of each piece.

    Groups are dealt out from the largest down, each to the fold that has least of its labels, beside how much there is
    of them; equal sizes in an order drawn by ``seed``.

    >>> folds_of([0, 0, 1, 1, 2, 3], [0, 0, 0, 0, 1, 1], 2, 1).tolist() in ([0, 0, 1, 1, 0, 1], [0, 0, 1, 1, 1, 0],
    ...     [1, 1, 0, 0, 0, 1], [1, 1, 0, 0, 1, 0])
    True
    """
    group, label = np.unique(np.asarray(groups), return_inverse=True)[1], np.asarray(labels)
    table = np.zeros((group.max() + 1, label.max() + 1))
    np.add.at(table, (group, label), 1)
    share = table / np.maximum(table.sum(axis=0), 1)
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(table))
    order = order[np.argsort(-share[order].max(axis=1), kind="stable")]
    held = np.zeros((folds, table.shape[1]))
    fold = np.zeros(len(table), dtype=np.int64)
    for number in order:
        own = share[number]
        fold[number] = int((held @ own + 1e-9 * held.sum(axis=1)).argmin())
        held[fold[number]] += own
    return fold[group]
