"""Which of the ranked are shown: mostly the best, at times another, and how likely each was, exactly.

A recommender that learns only from what it showed can't find out that something else is better. So some places of a
list are given to others, and the list is turned at times, and what is logged is the exact probability that this item
stands at this place. With it, another way to choose can be judged afterwards by what was logged (``counterfactual``).

How. With the probability ``explore`` the n best are rotated by a random number of places. Then every place is a coin:
with the probability ``explore`` it goes to one of the rest. As many of the rest as are needed are drawn without
repeats by systematic sampling with unequal probabilities (Madow 1949), which has exactly the inclusion probabilities
that are asked for, and are dealt to these places at random. So, for the best j and a place k, with e = explore:

    P(best j at place k) = (1 - e) * (1 - e  if j = k  else  e / (n - 1))
    P(rest i at place k) = e * share_i

where the shares sum to 1, none above 1/n, none below half of an even share: every item can come at every place, and
no weight in an estimate exceeds 2 * len(rest) / e.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers = NDArray[np.float64]

#: How much of exploring is even over all of the rest, so that nothing has nearly no chance.
EVEN = 0.5
#: However much is explored, the best keep some of their places: else nothing could be learnt about them.
MOST_EXPLORE = 0.9


@dataclass(frozen=True, slots=True)
class Choice:
    """index: in ``ranked``; propensity: how likely it was that it stands at this place; explored: it is not one of the
    best, it was given a chance."""

    index: int
    propensity: float
    explored: bool


@dataclass(frozen=True)
class Chances:
    """How likely each of the ranked is at each place. matrix: (places, ranked), rows sum to 1, columns to at most 1."""

    matrix: Numbers
    explore: float
    shares: Numbers


def exploring_weights(shown: ArrayLike) -> Numbers:
    """What deserves a chance: the less an item was shown, the less is known of it.

    >>> exploring_weights([0, 3, 99]).round(2).tolist()
    [1.0, 0.5, 0.1]
    """
    return np.asarray(1.0 / np.sqrt(1.0 + np.maximum(np.asarray(shown, dtype=np.float64), 0.0)))


def chances(count: int, n: int, *, explore: float = 0.1, weights: ArrayLike | None = None) -> Chances:
    """The probabilities by which ``choose`` chooses. count: how many are ranked; weights: as there."""
    if not 0.0 <= explore <= 1.0:
        raise ValueError(f"explore goes from 0 to 1, not {explore}")
    rate = min(explore, MOST_EXPLORE)
    n = max(0, min(n, count))
    rest = count - n
    # With few others than the best, only the last places can be theirs.
    open_places = min(n, rest)
    shares = _shares(rest, open_places, n, weights)
    turned = rate if n > 1 else 0.0
    kept = np.full((n, n), turned / max(n - 1, 1))
    np.fill_diagonal(kept, 1.0 - turned)
    matrix = np.zeros((n, count))
    coin = np.where(np.arange(n) >= n - open_places, rate, 0.0) if open_places else np.zeros(n)
    matrix[:, :n] = (1.0 - coin)[:, None] * kept
    matrix[:, n:] = coin[:, None] * shares[None, :]
    return Chances(matrix, rate, shares)


def choose(
    ranked: Sequence[Any] | NDArray[Any],
    n: int,
    *,
    explore: float = 0.1,
    seed: int | Sequence[int] | np.random.Generator,
    weights: ArrayLike | None = None,
) -> list[Choice]:
    """n of the ranked (the best first), place by place.

    weights: for each of the ranked, how much it deserves a chance (``exploring_weights``); None: the higher it is
    ranked. A list shorter than n is all shown. ``explore`` 0 gives the n best with propensity 1. One seed, one choice.
    """
    count = len(ranked)
    known = chances(count, n, explore=explore, weights=weights)
    places = len(known.matrix)
    if not places:
        return []
    rng = seed if isinstance(seed, np.random.Generator) else np.random.default_rng(seed)
    turn = int(rng.integers(1, places)) if places > 1 and rng.random() < known.explore else 0
    shown = np.roll(np.arange(places), turn)
    coins = rng.random(places) < known.explore
    coins[: places - min(places, count - places)] = False
    given = np.flatnonzero(coins)
    if len(given):
        shown[given] = places + rng.permutation(systematic(known.shares, len(given), rng))
    likely = known.matrix[np.arange(places), shown]
    return [Choice(int(index), float(chance), bool(index >= places)) for index, chance in zip(shown, likely)]


def systematic(shares: Numbers, size: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """``size`` different indices, each of them in with the probability size * its share (Madow 1949).

    shares: sum to 1, none above 1 / size. A random order first, so that neighbours aren't kept apart.
    """
    order = rng.permutation(len(shares))
    ends = np.cumsum(shares[order]) * size
    ends[-1] = size
    marks = rng.random() + np.arange(size)
    found = np.searchsorted(ends, marks, side="right")
    # Shares of exactly 1 / size may be hit twice by rounding; the next one is as good as certain then.
    found = np.maximum.accumulate(np.maximum(found, np.arange(size)))
    for place in range(1, size):
        if found[place] <= found[place - 1]:
            found[place] = found[place - 1] + 1
    return np.asarray(order[np.minimum(found, len(shares) - 1)])


def _shares(rest: int, places: int, n: int, weights: ArrayLike | None) -> Numbers:
    """How exploring is shared out among the rest: by weight, evenly in part, nobody above 1 / places."""
    if not rest:
        return np.zeros(0)
    if weights is None:
        wanted = 1.0 / (np.arange(rest) + 1.0)
    else:
        wanted = np.asarray(weights, dtype=np.float64)[n : n + rest]
        if len(wanted) != rest or not np.isfinite(wanted).all() or (wanted < 0).any():
            raise ValueError("there must be a weight for each of the ranked, none negative")
    total = wanted.sum()
    wanted = wanted / total if total > 0 else np.full(rest, 1.0 / rest)
    limit = 1.0 / max(places, 1)
    mixed = EVEN / rest + (1.0 - EVEN) * wanted
    capped = np.zeros(rest, dtype=bool)
    for _ in range(rest):
        over = (mixed > limit + 1e-15) & ~capped
        if not over.any():
            break
        capped |= over
        mixed[capped] = limit
        free = ~capped
        left = 1.0 - limit * capped.sum()
        if not free.any() or left <= 0:
            break
        mixed[free] *= left / mixed[free].sum()
    return np.asarray(mixed / mixed.sum())
