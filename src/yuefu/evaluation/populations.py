"""Two populations of pieces side by side: how far their measures lie apart, and how much they overlap.

A population is a table of shape (pieces, measures), NaN where a piece has nothing to measure.
"""

from __future__ import annotations

import warnings

import numpy as np

from yuefu.analysis.grid import Floats
from yuefu.evaluation.bootstrap import ROUNDS, Interval

_BINS = 50


def mean_distances(own: Floats, human: Floats) -> Floats:
    """Measure by measure, how far the means lie apart in standard deviations of the human pieces; shape (measures,).

    NaN where either population has nothing, or the human pieces don't differ.

    >>> mean_distances(np.array([[3.0], [5.0]]), np.array([[1.0], [3.0]])).tolist()
    [2.0]
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a measure that no piece has is NaN
        spread = np.nanstd(human, axis=0)
        apart = np.abs(np.nanmean(own, axis=0) - np.nanmean(human, axis=0))
    return np.asarray(np.where(spread > 1e-9, apart / np.where(spread > 1e-9, spread, 1.0), np.nan))


def mean_distance(own: Floats, human: Floats, seed: int = 0) -> Interval:
    """The mean of ``mean_distances`` over measures; its 95% interval resamples the pieces of both populations.

    Chance alone moves means apart, so that resampling lies above the value itself: the interval is the basic
    (reflected) one, cut at 0.
    """
    value = _mean(mean_distances(own, human))
    rng = np.random.default_rng([seed, 11])
    found = [_mean(mean_distances(own[_drawn(own, rng)], human[_drawn(human, rng)])) for _ in range(ROUNDS // 2)]
    low, high = np.nanpercentile(found, (2.5, 97.5)) if not np.isnan(value) else (np.nan, np.nan)
    return Interval(value, max(float(2 * value - high), 0.0), max(float(2 * value - low), value), len(own))


def overlapping_area(own: Floats, human: Floats) -> float:
    """How alike two populations are in one measure, 0..1, shapes (pieces,): the overlapping area of Yang and Lerch.

    The distances between human pieces beside the distances from human pieces to the others: the area that both
    densities share (Yang and Lerch 2020, *On the evaluation of generative models in music*). Their densities are
    by kernels; these are histograms of 50 bins, since several measures take few values. NaN for under two
    human pieces or none of the others.

    >>> overlapping_area(np.array([0.0, 1.0, 2.0]), np.array([0.0, 1.0, 2.0])) > 0.5
    True
    """
    own, human = own[~np.isnan(own)], human[~np.isnan(human)]
    if not len(own) or len(human) < 2:
        return float("nan")
    within = np.abs(human[:, None] - human[None, :])[np.triu_indices(len(human), 1)]
    across = np.abs(own[:, None] - human[None, :]).ravel()
    top = max(float(within.max()), float(across.max()))
    if top <= 1e-12:
        return 1.0
    shares = [np.histogram(d, _BINS, (0.0, top))[0] / len(d) for d in (within, across)]
    return float(np.minimum(*shares).sum())


def _drawn(table: Floats, rng: np.random.Generator) -> np.ndarray:
    return rng.integers(0, len(table), len(table))


def _mean(values: Floats) -> float:
    return float(np.nanmean(values)) if not np.isnan(values).all() else float("nan")
