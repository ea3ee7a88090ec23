"""A listener as a vector among item vectors, solved from what they have: the least squares of implicit feedback.

With confidences c and preferences p, x = (Y'CY + reg)^-1 Y'Cp minimises sum c (p - x'y)^2 + reg |x|^2 (Hu, Koren &
Volinsky 2008). It is linear in what is had, so a score x'y is a sum over it: c_j p_j y'(Y'CY + reg)^-1 y_j. Taking j
away changes the score by a positive multiple of its amount, as long as j's own score is below 1 + 1/alpha.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from yuefu.recommend.base import Floats

Numbers = NDArray[np.float64]

#: Numbers that one batch of padded rows may hold.
BATCH = 6_000_000


def solve(rows: sp.csr_matrix, factors: Floats, alpha: float, reg: float) -> Floats:
    """The vectors of all rows. rows: how much each item is liked, negative: disliked (preference -1)."""
    width = factors.shape[1]
    found = np.zeros((rows.shape[0], width), dtype=np.float32)
    gram = (factors.T @ factors).astype(np.float32) + np.float32(reg) * np.eye(width, dtype=np.float32)
    for which, columns, values in _batches(rows, width):
        own = factors[columns]
        strength = np.abs(values) * np.float32(alpha)
        heavy = own * strength[:, :, None]
        systems = gram + np.matmul(heavy.transpose(0, 2, 1), own)
        right = ((strength + (values != 0)) * np.sign(values))[:, None, :] @ own
        found[which] = np.linalg.solve(systems, right.transpose(0, 2, 1))[:, :, 0]
    return found


def shares(row: sp.csr_matrix, factors: Floats, alpha: float, reg: float, item: int) -> Numbers:
    """What each item of one row adds to the score of ``item``, in the order of ``row.indices``."""
    wide = factors.astype(np.float64)
    values = row.data.astype(np.float64)
    own = wide[row.indices]
    strength = alpha * np.abs(values)
    system = wide.T @ wide + reg * np.eye(wide.shape[1]) + (own * strength[:, None]).T @ own
    seen = np.linalg.solve(system, wide[item])
    return np.asarray((strength + 1.0) * np.sign(values) * (own @ seen))


def _batches(rows: sp.csr_matrix, width: int) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], Floats]]:
    """Rows of like length together, padded with weight 0; rows that have nothing are left out (they are 0)."""
    lengths = np.diff(rows.indptr)
    order = np.argsort(lengths, kind="stable")
    order = order[lengths[order] > 0]
    at = 0
    while at < len(order):
        # The longest of a batch comes last, so its length is found by trying: rows are sorted.
        size = max(1, int(BATCH / (max(int(lengths[order[at]]), 1) * width + width * width)))
        while size > 1 and size * (int(lengths[order[min(at + size, len(order)) - 1]]) * width + width**2) > 2 * BATCH:
            size = size // 2
        which = order[at : at + size]
        longest = int(lengths[which[-1]])
        place = rows.indptr[which][:, None] + np.arange(longest)[None, :]
        real = np.arange(longest)[None, :] < lengths[which][:, None]
        place = np.where(real, place, 0)
        columns = np.where(real, rows.indices[place], 0).astype(np.int64)
        values = np.where(real, rows.data[place], 0.0).astype(np.float32)
        yield which, columns, values
        at += size
