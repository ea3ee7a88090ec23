"""Parts of histories held out: to measure on, or to learn on what members learnt without."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from yuefu.recommend.histories import Histories
from yuefu.recommend.matrices import last_played


@dataclass(frozen=True, eq=False)
class Split:
    """train: what may be learnt from; held: (listeners, items) 1 where a pair was taken out of it."""

    train: Histories
    held: sp.csr_matrix


def without(data: Histories, held: sp.csr_matrix) -> Histories:
    """The same histories as if the pairs held had never been: neither in the matrix nor in a sequence."""
    kept = sp.csr_matrix(data.matrix - data.matrix.multiply(held), dtype=np.float32)
    kept.eliminate_zeros()
    kept.sort_indices()
    lengths = np.array([len(sequence) for sequence in data.sequences], dtype=np.int64)
    rows = np.repeat(np.arange(data.shape[0]), lengths)
    columns = np.concatenate([*data.sequences, np.zeros(0, dtype=np.int64)])
    pairs = held.tocoo()
    width = max(data.shape[1], 1)
    stays = ~np.isin(rows * width + columns, pairs.row.astype(np.int64) * width + pairs.col)
    bounds = np.concatenate([[0], np.cumsum(lengths)])
    sequences, moments = [], []
    for at, (sequence, when) in enumerate(zip(data.sequences, data.moments)):
        mask = stays[bounds[at] : bounds[at + 1]]
        sequences.append(sequence[mask])
        moments.append(when[mask])
    return replace(data, matrix=kept, sequences=tuple(sequences), moments=tuple(moments))


def random_split(data: Histories, share: float = 0.2, *, seed: int = 0, least: int = 2) -> Split:
    """Of each listener's items a share, drawn at random: at least one, none of those who have fewer than ``least``."""
    rng = np.random.default_rng(seed)
    matrix = data.matrix
    rows, columns = [], []
    for row in range(data.shape[0]):
        own = matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]
        if len(own) < least:
            continue
        drawn = rng.choice(len(own), max(1, round(len(own) * share)), replace=False)
        rows.append(np.full(len(drawn), row))
        columns.append(own[drawn])
    return _split(data, rows, columns)


def temporal_split(data: Histories, day: float) -> Split:
    """What was first heard from a day on is held out; what happened after it to items known before is taken away too,
    so that nothing of the future is learnt."""
    cut = []
    held_rows, held_columns = [], []
    for row, (sequence, when) in enumerate(zip(data.sequences, data.moments)):
        before = np.unique(sequence[when < day])
        after = np.setdiff1d(sequence[when >= day], before)
        held_rows.append(np.full(len(after), row))
        held_columns.append(after)
        cut.append(when < day)
    found = _split(data, held_rows, held_columns)
    past = replace(
        found.train,
        sequences=tuple(sequence[mask] for sequence, mask in zip(data.sequences, cut)),
        moments=tuple(when[mask] for when, mask in zip(data.moments, cut)),
        now=min(data.now, day),
    )
    return Split(past, found.held)


def leave_last_out(data: Histories, count: int = 1, *, least: int = 2) -> Split:
    """The items that each listener came to last, by the moment of their last play; those with fewer than ``least``
    keep all."""
    last = last_played(data)
    rows, columns = [], []
    for row in range(data.shape[0]):
        own = slice(last.indptr[row], last.indptr[row + 1])
        if own.stop - own.start < least:
            continue
        order = np.argsort(last.data[own], kind="stable")[-count:]
        rows.append(np.full(len(order), row))
        columns.append(last.indices[own][order])
    return _split(data, rows, columns)


def _split(data: Histories, rows: list[NDArray[np.int64]], columns: list[NDArray[np.int64]]) -> Split:
    nothing = np.zeros(0, dtype=np.int64)
    row, column = np.concatenate([*rows, nothing]), np.concatenate([*columns, nothing])
    held = sp.csr_matrix((np.ones(len(row), dtype=np.float32), (row, column)), shape=data.shape)
    return Split(without(data, held), held)
