"""What listeners did, as numbers: the data that every recommender learns from, and the question it is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Histories:
    """Listeners (rows) and items (columns).

    matrix: (listeners, items) how much each is liked, float32 in CSR; what is disliked is not in it; dislikes: the
    same shape, 1 where a listener doesn't want an item; sequences: for each listener the columns played, oldest first,
    the same one as often as it was played; moments: beside them, in days since 1970; listeners, items: their names;
    now: the day at which the question is asked.

    A question to a recommender is a ``Histories`` too, with the same columns and any rows: those it learnt from, or
    others, or the same after another event.
    """

    listeners: tuple[str, ...]
    items: tuple[str, ...]
    matrix: sp.csr_matrix
    sequences: tuple[NDArray[np.int64], ...]
    moments: tuple[NDArray[np.float64], ...]
    now: float = 0.0
    dislikes: sp.csr_matrix | None = field(default=None)

    @property
    def shape(self) -> tuple[int, int]:
        """How many listeners and items."""
        return len(self.listeners), len(self.items)

    def rows(self, which: Sequence[int] | NDArray[np.int64]) -> Histories:
        """Some listeners, in the order given."""
        chosen = [int(row) for row in which]
        return Histories(
            tuple(self.listeners[row] for row in chosen),
            self.items,
            self.matrix[chosen],
            tuple(self.sequences[row] for row in chosen),
            tuple(self.moments[row] for row in chosen),
            self.now,
            None if self.dislikes is None else self.dislikes[chosen],
        )


def histories_of_matrix(matrix: sp.csr_matrix, *, now: float = 0.0) -> Histories:
    """Histories of a bare matrix, whose sequences are its columns in order and have no times.

    >>> found = histories_of_matrix(sp.csr_matrix([[1, 0, 2]]))
    >>> found.shape, found.sequences[0].tolist()
    ((1, 3), [0, 2])
    """
    plain = sp.csr_matrix(matrix, dtype=np.float32)
    plain.sort_indices()
    sequences = tuple(
        plain.indices[start:end].astype(np.int64) for start, end in zip(plain.indptr[:-1], plain.indptr[1:])
    )
    return Histories(
        tuple(str(row) for row in range(plain.shape[0])),
        tuple(str(column) for column in range(plain.shape[1])),
        plain,
        sequences,
        tuple(np.full(len(sequence), now) for sequence in sequences),
        now,
    )
