"""Shares of trials that succeeded, with Wilson's score interval (Wilson 1927), which holds near 0 and 1 too."""

from __future__ import annotations

import math
from collections.abc import Iterable

from yuefu.evaluation.bootstrap import Interval

#: The standard normal's 97.5th percentile.
_Z = 1.959963984540054


def wilson(hits: int, count: int) -> Interval:
    """The share ``hits / count`` with its 95% interval; NaN for no trials.

    >>> wilson(300, 300).text(), wilson(0, 10).text(), wilson(5, 10).text()
    ('1.000 (0.987 to 1.000)', '0.000 (0.000 to 0.278)', '0.500 (0.237 to 0.763)')
    """
    if not count:
        return Interval(math.nan, math.nan, math.nan, 0)
    share = hits / count
    spread = _Z * _Z / count
    middle = (share + spread / 2) / (1 + spread)
    half = _Z * math.sqrt(share * (1 - share) / count + spread / (4 * count)) / (1 + spread)
    return Interval(share, max(0.0, min(middle - half, share)), min(1.0, max(middle + half, share)), count)


def rate(outcomes: Iterable[bool]) -> Interval:
    """``wilson`` of a list of outcomes."""
    told = list(outcomes)
    return wilson(sum(told), len(told))
