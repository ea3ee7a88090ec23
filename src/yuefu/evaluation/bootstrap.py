"""Percentile bootstrap intervals (Efron and Tibshirani 1993), resampling whole works."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

ROUNDS = 1000


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with its 95% interval. count: works (or pieces) that it rests on."""

    mean: float
    low: float
    high: float
    count: int

    def text(self, digits: int = 3) -> str:
        """The mean and its interval, such as ``"1.854 (1.801 to 1.902)"``."""
        if math.isnan(self.mean):
            return "-"
        return f"{self.mean:.{digits}f} ({self.low:.{digits}f} to {self.high:.{digits}f})"


def bootstrap(values: Sequence[float], weights: Sequence[float] | None = None, seed: int = 0) -> Interval:
    """The mean of one value a work and its 95% percentile interval. NaNs are left out.

    weights: what each work's mean rests on (its tokens, say), for a mean over tokens whose
    interval still resamples works.

    >>> interval = bootstrap([1.0, 2.0, 3.0])
    >>> interval.mean, interval.low >= 1.0, interval.high <= 3.0, interval.count
    (2.0, True, True, 3)
    """
    data = np.asarray(values, dtype=np.float64)
    shares = np.ones(len(data)) if weights is None else np.asarray(weights, dtype=np.float64)
    kept = ~np.isnan(data) & (shares > 0)
    data, shares = data[kept], shares[kept]
    if not len(data):
        return Interval(math.nan, math.nan, math.nan, 0)
    mean = float(np.average(data, weights=shares))
    drawn = np.random.default_rng(seed).integers(0, len(data), (ROUNDS, len(data)))
    means = (data[drawn] * shares[drawn]).sum(axis=1) / shares[drawn].sum(axis=1)
    low, high = np.percentile(means, (2.5, 97.5))
    return Interval(mean, float(low), float(high), len(data))
