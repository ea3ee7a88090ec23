"""What the scores alone would play, turned towards variety, the less known and small creators: three dials.

The order that comes out is by ``score + diversity + novelty + small_creators``, and every item says what each added,
in the score's own unit, so that a reason for the score stays a reason for the place. A dial at 0 changes nothing.

- diversity: maximal marginal relevance (Carbonell & Goldstein 1998): an item loses as much as it is like what stands
  above it. The dial is what they call 1 - lambda.
- novelty: a discount by the logarithm of how many know an item (Vargas & Castells 2011).
- small_creators: exposure is calibrated (Singh & Joachims 2018; Steck 2018): counting places as people look at them,
  the small creators' share of the list is lifted from what the scores would give (0) up to their share of the items on
  offer (1). Whoever is lifted is the best of them, by just as much as was needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from yuefu.recommend.content import Catalogue

#: The creators who have the fewest listeners and together this share of all listening are the small ones.
SMALL_SHARE = 0.2
#: How many of the best are looked at: what is far below them shouldn't be played, however new it is.
DEPTH = 200
#: What the fame of the best known weighs beside the range of the scores: their logarithms are wider than what is alike.
FAME = 0.4
#: How alike two pieces of one creator are at least.
SAME_CREATOR = 0.5

Numbers = NDArray[np.float64]
Columns = NDArray[np.int64]


@dataclass(frozen=True)
class Dials:
    """Each 0 (as the scores have it) to 1. Raises ValueError outside of that."""

    diversity: float = 0.0
    novelty: float = 0.0
    small_creators: float = 0.0

    def __post_init__(self) -> None:
        for name in ("diversity", "novelty", "small_creators"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ValueError(f"the dial {name} goes from 0 to 1, not {getattr(self, name)}")


@dataclass(frozen=True, slots=True)
class Parts:
    """What an item's place is made of; ``total`` is their sum."""

    item: int
    score: float
    diversity: float = 0.0
    novelty: float = 0.0
    small_creators: float = 0.0

    @property
    def total(self) -> float:
        """By which it took its place."""
        return self.score + self.diversity + self.novelty + self.small_creators


class Reranked(NamedTuple):
    """order: columns, the best first; parts: beside them."""

    order: Columns
    parts: tuple[Parts, ...]


def strength(dial: float) -> float:
    """How much a dial weighs beside the score: as lambda does, (1 - l) : l, and finite at the end.

    >>> [round(strength(dial), 2) for dial in (0, 0.25, 0.5, 0.75, 1)]
    [0.0, 0.28, 0.77, 1.88, 6.67]
    """
    return dial / (1.15 - dial)


def places(n: int) -> Numbers:
    """How much each place of a list is looked at: 1 / log2(place + 1)."""
    return 1.0 / np.log2(np.arange(n) + 2.0)


def creators_share_of(catalogue: Catalogue, popularity: ArrayLike) -> Numbers:
    """For each item, the share of all listening that its creator's items have. One without a creator stands alone."""
    counts = np.asarray(popularity, dtype=np.float64)
    names = [creator or f"\0{row}" for row, creator in enumerate(catalogue.creators)]
    _, group = np.unique(np.array(names, dtype=object).astype(str), return_inverse=True)
    by_creator = np.bincount(group, weights=counts)
    return np.asarray(by_creator[group] / max(counts.sum(), 1e-12))


def small_of(catalogue: Catalogue, creators_share: ArrayLike, share: float = SMALL_SHARE) -> NDArray[np.bool_]:
    """Which items are by small creators: those with the least listening who together have at most ``share`` of it.
    Nobody is known to be small whose name isn't known."""
    shares = np.asarray(creators_share, dtype=np.float64)
    known: dict[str, float] = {}
    for creator, value in zip(catalogue.creators, shares):
        if creator:
            known[creator] = float(value)
    names = sorted(known, key=lambda name: (known[name], name))
    sums = np.cumsum([known[name] for name in names]) if names else np.zeros(0)
    total = sums[-1] if len(sums) else 0.0
    # Equals are small together or not at all, else the alphabet would decide.
    limit = max((known[name] for name, upto in zip(names, sums) if upto <= share * total + 1e-12), default=-1.0)
    tied = sum(value for value in known.values() if value <= limit)
    strict = tied > share * total + 1e-12 and limit > 0
    small = {name for name in names if (known[name] < limit if strict else known[name] <= limit)}
    return np.array([creator in small for creator in catalogue.creators], dtype=bool)


def likeness(catalogue: Catalogue, rows: Columns, row: int) -> Numbers:
    """How much items are like one, 0..1: the cosine of their features, and more if one creator made both."""
    features = catalogue.features
    one = features[row].astype(np.float64)
    others = features[rows].astype(np.float64)
    lengths = np.linalg.norm(others, axis=1) * np.linalg.norm(one)
    cosine = np.clip(np.divide(others @ one, lengths, out=np.zeros(len(rows)), where=lengths > 0), 0.0, 1.0)
    creator = catalogue.creators[row]
    if creator:
        same = np.array([catalogue.creators[int(other)] == creator for other in rows], dtype=bool)
        cosine = np.where(same, SAME_CREATOR + (1.0 - SAME_CREATOR) * cosine, cosine)
    return np.asarray(cosine)


def rerank(
    scores: ArrayLike,
    candidates: Sequence[int] | Columns,
    catalogue: Catalogue,
    popularity: ArrayLike | None = None,
    creators_share: ArrayLike | None = None,
    dials: Dials = Dials(),
    n: int = 20,
    *,
    small: NDArray[np.bool_] | None = None,
) -> Reranked:
    """The n best candidates (columns), by the scores and the dials.

    scores: of every item of the catalogue; popularity: how many know each (None: nobody knows any); creators_share: as
    ``creators_share_of``, which it is by default; small: as ``small_of``, if it is at hand. What has no finite score
    comes last and isn't moved. Equal scores go by the column.
    """
    values = np.asarray(scores, dtype=np.float64)
    columns = np.unique(np.asarray(candidates, dtype=np.int64))
    finite = columns[np.isfinite(values[columns])]
    ordered = finite[np.argsort(-values[finite], kind="stable")]
    hopeless = columns[~np.isfinite(values[columns])]
    known = np.zeros(len(values)) if popularity is None else np.asarray(popularity, dtype=np.float64)
    size = min(n, len(ordered))
    if dials == Dials() or not size:
        parts = [Parts(int(item), float(values[item])) for item in ordered[:size]]
    else:
        lift = np.zeros(len(values), dtype=bool)
        if dials.small_creators > 0:
            shares = creators_share_of(catalogue, known) if creators_share is None else creators_share
            lift = small_of(catalogue, shares) if small is None else small
        parts = _greedy(values, ordered, catalogue, known, lift, dials, size)
    parts += [Parts(int(item), float("-inf")) for item in hopeless[: max(0, n - size)]]
    return Reranked(np.array([part.item for part in parts], dtype=np.int64), tuple(parts))


def _greedy(
    values: Numbers,
    ordered: Columns,
    catalogue: Catalogue,
    known: Numbers,
    small: NDArray[np.bool_],
    dials: Dials,
    n: int,
) -> list[Parts]:
    """The list, place by place."""
    depth = max(DEPTH, 5 * n)
    pool = ordered[:depth]
    # Small creators may all stand deep down; the best of them are on offer too.
    of_small = ordered[small[ordered]][:depth] if dials.small_creators > 0 else ordered[:0]
    unit = float(values[pool[0]] - values[pool[-1]]) or 1.0
    pool = np.concatenate([pool, of_small[~np.isin(of_small, pool)]])
    fame = np.log1p(np.maximum(known, 0.0)) / max(float(np.log1p(np.maximum(known, 0.0)).max()), 1e-12)
    novelty = -FAME * strength(dials.novelty) * unit * fame[pool]
    weight = strength(dials.diversity) * unit
    alike = np.zeros(len(pool))
    free = np.ones(len(pool), dtype=bool)
    looked = places(n)
    target = 0.0
    if dials.small_creators > 0:
        # What this list would give them without this dial, up to what they have of all that is on offer.
        bare = _greedy(values, ordered, catalogue, known, small, Dials(dials.diversity, dials.novelty), n)
        natural = float(looked @ np.array([small[part.item] for part in bare]) / looked.sum())
        fair = float(small[ordered].mean())
        target = natural + dials.small_creators * max(0.0, fair - natural)
    given = 0.0
    parts: list[Parts] = []
    for place in range(n):
        diversity = -weight * alike
        total = np.where(free, values[pool] + diversity + novelty, -np.inf)
        best = int(np.argmax(total))
        raised = 0.0
        # Without this place their share of all up to here would stay below the target: it is theirs.
        owed = dials.small_creators > 0 and given < target * looked[: place + 1].sum() - 0.5 * looked[place]
        if owed and not small[pool[best]]:
            theirs = np.where(small[pool], total, -np.inf)
            if np.isfinite(theirs.max()):
                raised = float(total[best] - theirs.max())
                best = int(np.argmax(theirs))
        item = int(pool[best])
        parts.append(Parts(item, float(values[item]), float(diversity[best]), float(novelty[best]), raised))
        free[best] = False
        given += float(looked[place]) if small[item] else 0.0
        if weight > 0:
            alike = np.maximum(alike, likeness(catalogue, pool, item))
    return parts
