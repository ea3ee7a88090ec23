"""What another way of choosing would have earned, from what was logged under the one that was used.

Each logged row is an item shown at a place: what came of it (reward), how likely it was shown there (propensity, of
``bandit``), and how likely the other way would show it there (target). Rows of one list belong together (group): a
list's value is the sum of its rewards, and lists, not rows, are what is independent.

- ``ips``: inverse propensity scoring (Horvitz & Thompson 1952). Unbiased if every row that the target may show could
  have been logged; of large variance where propensities are small.
- ``snips``: self-normalised (Hajek 1971; Swaminathan & Joachims 2015). Of a bias that falls with n, of less variance,
  and it doesn't move when all rewards do.
- ``doubly_robust`` (Dudik, Langford & Li 2011): a model's guess of the reward corrected by the logged residuals;
  unbiased if the propensities are right or the model is.

Intervals are of the normal limit, for snips by the delta method; ``bernstein`` gives the wider one that holds for any
n (Maurer & Pontil 2009). The effective sample size is Kish's (1965). Weights may be cut at ``most_weight``
(Ionides 2008): that costs unbiasedness, and how many were cut is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Logged:
    """What was logged, row by row. reward: what came of it; propensity: of the way that was used, above 0; target: of
    the way that is asked about (0 or 1 if that one doesn't chance); group: the list it was in, None: each its own."""

    reward: Numbers
    propensity: Numbers
    target: Numbers
    group: NDArray[np.int64]
    count: int  # lists

    @property
    def weight(self) -> Numbers:
        """How much a row stands for."""
        return np.asarray(self.target / self.propensity)


@dataclass(frozen=True)
class Estimate:
    """value: of a list, on the mean; low, high: the interval; error: its standard error; effective: how many logged
    rows it is worth; n: lists; support: the mean weight beside what it must be (1 if all that the target shows could
    be logged; far from it, nothing here can be relied on); cut: the share of rows whose weight was cut."""

    value: float
    low: float
    high: float
    error: float
    effective: float
    n: int
    support: float
    cut: float = 0.0


def logged(reward: ArrayLike, propensity: ArrayLike, target: ArrayLike, group: ArrayLike | None = None) -> Logged:
    """Rows of a log, checked. Raises ValueError where a propensity isn't one."""
    rewards = np.asarray(reward, dtype=np.float64)
    chances = np.asarray(propensity, dtype=np.float64)
    targets = np.asarray(target, dtype=np.float64)
    if not rewards.shape == chances.shape == targets.shape or rewards.ndim != 1:
        raise ValueError("a log's rewards, propensities and targets must be as many")
    if not np.isfinite(rewards).all() or not ((chances > 0) & (chances <= 1 + 1e-9)).all():
        raise ValueError("a propensity is above 0 and at most 1, a reward a number")
    if not ((targets >= 0) & (targets <= 1 + 1e-9)).all():
        raise ValueError("how likely the target would show it goes from 0 to 1")
    if group is None:
        return Logged(rewards, chances, targets, np.arange(len(rewards)), len(rewards))
    names, index = np.unique(np.asarray(group), return_inverse=True)
    return Logged(rewards, chances, targets, index.reshape(-1).astype(np.int64), len(names))


def ips(log_: Logged, *, most_weight: float | None = None, level: float = 0.95) -> Estimate:
    """The value of a list under the target, by inverse propensities."""
    weight, cut = _cut(log_.weight, most_weight)
    sums = np.bincount(log_.group, weights=weight * log_.reward, minlength=log_.count)
    return _estimate(sums, log_, weight, cut, level)


def snips(log_: Logged, *, most_weight: float | None = None, level: float = 0.95) -> Estimate:
    """The same, with the weights brought to the mean that they must have: the rows of a list."""
    weight, cut = _cut(log_.weight, most_weight)
    rows = len(weight) / max(log_.count, 1)
    total = float(weight.sum())
    if not total:
        return _estimate(np.zeros(log_.count), log_, weight, cut, level)
    mean = float((weight * log_.reward).sum()) / total
    # The delta method: what moves a ratio is how far each list is from it.
    residual = np.bincount(log_.group, weights=weight * (log_.reward - mean), minlength=log_.count)
    scaled = mean * rows + residual * (len(weight) / total)
    return _estimate(scaled, log_, weight, cut, level, value=mean * rows)


def doubly_robust(
    log_: Logged,
    guessed: ArrayLike,
    expected: ArrayLike,
    *,
    most_weight: float | None = None,
    level: float = 0.95,
) -> Estimate:
    """The same, from a model's guesses and what they miss.

    guessed: what the model says of each logged row; expected: what it says of each list under the target (the sum over
    the places of the mean over the items that the target may show there), in the order of the groups' names.
    """
    guesses = np.asarray(guessed, dtype=np.float64)
    means = np.asarray(expected, dtype=np.float64)
    if guesses.shape != log_.reward.shape or means.shape != (log_.count,):
        raise ValueError("there must be a guess for every row, and one under the target for every list")
    weight, cut = _cut(log_.weight, most_weight)
    missed = np.bincount(log_.group, weights=weight * (log_.reward - guesses), minlength=log_.count)
    return _estimate(means + missed, log_, weight, cut, level)


def bernstein(estimate: Estimate, span: float, *, level: float = 0.95) -> tuple[float, float]:
    """An interval that holds for every n, not only in the limit: the empirical Bernstein bound.

    span: the widest that a list's weighted reward can range, such as the largest reward of a list over the smallest
    propensity. Raises ValueError for fewer than two lists.
    """
    if estimate.n < 2:
        raise ValueError("an interval needs two lists at least")
    tail = log(4.0 / (1.0 - level))
    wide = estimate.error * sqrt(2 * tail) + 7.0 * span * tail / (3.0 * (estimate.n - 1))
    return estimate.value - wide, estimate.value + wide


def effective_size(weights: ArrayLike) -> float:
    """Kish's: how many rows of even weight tell as much.

    >>> effective_size([1, 1, 1, 1]), effective_size([4, 0, 0, 0])
    (4.0, 1.0)
    """
    plain = np.asarray(weights, dtype=np.float64)
    squares = float((plain**2).sum())
    return float(plain.sum()) ** 2 / squares if squares else 0.0


def _cut(weight: Numbers, most: float | None) -> tuple[Numbers, float]:
    if most is None or not len(weight):
        return weight, 0.0
    return np.minimum(weight, most), float((weight > most).mean())


def _estimate(
    lists: ArrayLike, log_: Logged, weight: Numbers, cut: float, level: float, value: float | None = None
) -> Estimate:
    """From one number a list, whose mean is the estimate."""
    sums = np.asarray(lists, dtype=np.float64)
    n = len(sums)
    if not n:
        raise ValueError("nothing was logged")
    mean = float(sums.mean()) if value is None else value
    error = float(sums.std(ddof=1)) / sqrt(n) if n > 1 else float("inf")
    wide = NormalDist().inv_cdf(0.5 + level / 2) * error
    support = float(weight.mean()) if len(weight) else 0.0
    return Estimate(mean, mean - wide, mean + wide, error, effective_size(weight), n, support, cut)
