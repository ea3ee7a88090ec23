"""How far values lie from the human ones, on one scale for all measures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def standard_distances(own: Sequence[float], human: Sequence[float]) -> list[float]:
    """Work by work, a value less the human one, in standard deviations of the human values over works.

    NaN where either is missing, and everywhere when the human values don't differ.

    >>> standard_distances([3.0, 5.0], [1.0, 3.0])
    [2.0, 2.0]
    """
    a, b = np.asarray(own, dtype=np.float64), np.asarray(human, dtype=np.float64)
    known = b[~np.isnan(b)]
    spread = float(known.std()) if len(known) else 0.0
    out: list[float] = ((a - b) / spread).tolist() if spread > 1e-9 else [float("nan")] * len(a)
    return out
