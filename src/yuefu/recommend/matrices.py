"""What recommenders do to matrices: the row that is asked about, the last play of each pair, the largest of a row."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from yuefu.recommend.base import Explanation, Reason
from yuefu.recommend.histories import Histories

#: What one disliked item takes from a score, beside what a liked one of weight 1 gives.
AGAINST = 0.5


def wanted(asked: Histories, against: float = AGAINST) -> sp.csr_matrix:
    """What listeners like as positive numbers, what they dislike as negative ones."""
    liked = sp.csr_matrix(asked.matrix, dtype=np.float32)
    if asked.dislikes is None or not asked.dislikes.nnz:
        return liked
    return sp.csr_matrix(liked - against * asked.dislikes, dtype=np.float32)


def last_played(data: Histories) -> sp.csr_matrix:
    """The day of the last play of every pair in the matrix or in a sequence; ``now`` where it has no time."""
    rows = np.repeat(np.arange(data.shape[0]), [len(sequence) for sequence in data.sequences])
    columns = np.concatenate([*data.sequences, np.zeros(0, dtype=np.int64)]).astype(np.int64)
    days = np.concatenate([*data.moments, np.zeros(0)])
    pairs = data.matrix.tocoo()
    keys = rows * max(data.shape[1], 1) + columns
    bare = pairs.row.astype(np.int64) * max(data.shape[1], 1) + pairs.col
    bare = bare[~np.isin(bare, keys)]
    keys, days = np.concatenate([keys, bare]), np.concatenate([days, np.full(len(bare), data.now)])
    order = np.lexsort((days, keys))
    keys, days = keys[order], days[order]
    last = np.append(keys[1:] != keys[:-1], True)[: len(keys)]
    keys, days = keys[last], days[last]
    width = max(data.shape[1], 1)
    return sp.csr_matrix((days, (keys // width, keys % width)), shape=data.shape)


def top_of_rows(block: NDArray[np.float32], keep: int) -> NDArray[np.float32]:
    """The same with all but the ``keep`` largest of each row set to 0.

    >>> top_of_rows(np.array([[3.0, 1.0, 2.0]], dtype=np.float32), 2).tolist()
    [[3.0, 0.0, 2.0]]
    """
    if keep >= block.shape[1]:
        return block
    found = block.copy()
    low = np.argpartition(-found, keep - 1, axis=1)[:, keep:]
    np.put_along_axis(found, low, 0.0, axis=1)
    return found


def explanation_of(item: int, reasons: list[Reason], rest: float = 0.0) -> Explanation:
    """An explanation whose score is what its parts add up to; nothing that moved nothing is told."""
    told = sorted((reason for reason in reasons if reason.amount), key=lambda reason: -reason.amount)
    return Explanation(item, float(sum(reason.amount for reason in told) + rest), tuple(told), rest)
