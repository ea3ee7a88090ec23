"""A listening world whose truth is known, and the loop: what is shown is heard, what is heard is learnt, and shown.

Nothing here is about real people: tastes, pieces and fame are drawn from a seed. Fame has nothing to do with how good
a piece is, small creators' pieces are as good as the famous ones', and part of the pieces come out later. Places of a
list are looked at less the lower they stand. So it can be seen, beside the truth, whether a way of choosing finds what
people would like, or feeds on what it showed before.

Ways of choosing (``POLICIES``):

- random: any list;
- popular: the most played first, for everybody the same;
- clicks: item-to-item likeness of what was clicked, as if what wasn't shown weren't liked;
- greedy: the model of ``Learner``, which knows what was shown where, and always its best;
- bandit: the same model, doubt counted in favour of the unheard, and ``bandit.choose`` over its ranking.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from yuefu.recommend.bandit import choose

Numbers = NDArray[np.float64]
Columns = NDArray[np.int64]

POLICIES = ("random", "popular", "clicks", "greedy", "bandit")


@dataclass(frozen=True, eq=False)
class World:
    """The truth. likes: (listeners, items) how likely one who looks at an item plays it; features: what is known of
    the items, the tastes' dimensions blurred; fame: plays before the first round; creators: of the items; small: which
    are by small creators; born: the round an item comes out; looked: how much each place is looked at."""

    likes: Numbers
    features: Numbers
    fame: Numbers
    creators: Columns
    small: NDArray[np.bool_]
    born: Columns
    looked: Numbers

    def best(self, now: int) -> Columns:
        """(listeners, places) the best lists possible in a round."""
        open_ = np.where(self.born <= now, self.likes, -np.inf)
        return np.argsort(-open_, axis=1, kind="stable")[:, : len(self.looked)]

    def value(self, lists: Columns) -> Numbers:
        """How many plays each listener's list brings, on the mean."""
        shown: Numbers = np.take_along_axis(self.likes, lists, axis=1)
        return np.asarray(shown @ self.looked)


def make_world(
    seed: int,
    *,
    listeners: int = 120,
    items: int = 240,
    creators: int = 60,
    dimensions: int = 6,
    places: int = 5,
    late: float = 0.3,
    rounds: int = 60,
    blur: float = 0.8,
) -> World:
    """A world. late: the share of items that come out in the first half of the rounds; blur: how badly the features
    tell the truth."""
    rng = np.random.default_rng(seed)
    taste = rng.normal(size=(listeners, dimensions)) / np.sqrt(dimensions)
    nature = rng.normal(size=(items, dimensions))
    quality = rng.normal(scale=0.7, size=items)
    likes = 1.0 / (1.0 + np.exp(-(-1.6 + 1.4 * taste @ nature.T + quality[None, :])))
    creator = rng.integers(0, creators, size=items)
    size = (rng.permutation(creators) + 1.0) ** -1.0
    fame = rng.poisson(60.0 * size[creator] * rng.exponential(size=items)).astype(np.float64)
    born = np.zeros(items, dtype=np.int64)
    coming = rng.permutation(items)[: int(late * items)]
    born[coming] = rng.integers(1, max(2, rounds // 2), size=len(coming))
    fame[coming] = 0.0
    total = np.bincount(creator, weights=fame, minlength=creators)
    order = np.argsort(total, kind="stable")
    under = order[np.cumsum(total[order]) <= 0.2 * total.sum()]
    looked = np.asarray((np.arange(places) + 1.0) ** -0.8, dtype=np.float64)
    features = nature + blur * rng.normal(size=nature.shape)
    return World(likes, features, fame, creator, np.isin(creator, under), born, looked)


class Learner:
    """What a loop knows of likes from what it showed: a base rate, what all like in common in the features, what each
    likes beyond it, and how good each item is beside what its features promise. Ridge regressions, in turn.

    A play is divided by how much its place was looked at, so that low places aren't taken for dislike.
    """

    def __init__(self, features: Numbers, listeners: int) -> None:
        self.features = np.hstack([np.ones((len(features), 1)), features])
        self.looked = np.zeros((listeners, len(features)))  # how much each was looked at by each
        self.played = np.zeros((listeners, len(features)))
        self.common = np.zeros(self.features.shape[1])
        self.own = np.zeros((listeners, self.features.shape[1]))
        self.quality = np.zeros(len(features))

    def learn(self, lists: Columns, plays: Numbers, looked: Numbers) -> None:
        """Another round: what was shown to everybody, and what was played."""
        rows = np.arange(len(lists))[:, None]
        self.looked[rows, lists] += looked[None, :]
        self.played[rows, lists] += plays
        width = self.features.shape[1]
        outer = np.einsum("id,ie->ide", self.features, self.features).reshape(len(self.features), -1)
        grams = (self.looked @ outer).reshape(len(self.own), width, width)
        for _ in range(2):
            left = self.played - self.looked * (self.quality[None, :] + self.own @ self.features.T)
            gram = grams.sum(axis=0) + np.eye(width)
            self.common = np.linalg.solve(gram, self.features.T @ left.sum(axis=0))
            left = self.played - self.looked * (self.quality + self.features @ self.common)[None, :]
            self.own = np.linalg.solve(grams + 6.0 * np.eye(width), (left @ self.features)[:, :, None])[:, :, 0]
            left = self.played - self.looked * (self.features @ self.common + self.own @ self.features.T)
            self.quality = left.sum(axis=0) / (self.looked.sum(axis=0) + 4.0)

    def likes(self) -> Numbers:
        """(listeners, items) how likely a play is taken to be."""
        return np.asarray(self.features @ self.common + self.own @ self.features.T + self.quality)

    def doubt(self) -> Numbers:
        """How little is known of each item's own quality: it falls as it is looked at."""
        return np.asarray(0.45 / np.sqrt(4.0 + self.looked.sum(axis=0)))


@dataclass(frozen=True, eq=False)
class Loop:
    """What happened, round by round. regret: the share of the best possible plays that was missed; gini: how unevenly
    the items out were shown in this round and the nine before (0 even, 1 all to one); small: the small creators' share
    of what was looked at; late: that of the items that came out late; fair_small, fair_late: the same in the best
    lists; learner: at the end."""

    policy: str
    regret: Numbers
    gini: Numbers
    small: Numbers
    late: Numbers
    fair_small: Numbers
    fair_late: Numbers
    learner: Learner = field(repr=False)


def gini(values: Sequence[float] | Numbers) -> float:
    """How uneven amounts are: 0 all the same, near 1 all to one.

    >>> gini([1, 1, 1, 1]), gini([0, 0, 0, 1])
    (0.0, 0.75)
    """
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    total, n = float(ordered.sum()), len(ordered)
    if not total:
        return 0.0
    return float((2 * np.arange(1, n + 1) - n - 1) @ ordered) / (n * total)


def run(world: World, policy: str, *, rounds: int = 60, explore: float = 0.03, seed: int = 0) -> Loop:
    """The loop under one way of choosing: every round a list for every listener. Raises ValueError for another name."""
    if policy not in POLICIES:
        raise ValueError(f"{policy} is none of {', '.join(POLICIES)}")
    rng = np.random.default_rng([seed, POLICIES.index(policy)])
    listeners, items = world.likes.shape
    learner = Learner(world.features, listeners)
    clicked = np.zeros((listeners, items))
    shown: list[Numbers] = []
    told: list[tuple[float, float, float, float, float, float]] = []
    for now in range(rounds):
        out = np.flatnonzero(world.born <= now)
        lists = _lists(policy, world, learner, clicked, out, explore, rng)
        chance: Numbers = np.take_along_axis(world.likes, lists, axis=1) * world.looked[None, :]
        plays = (rng.random(lists.shape) < chance).astype(np.float64)
        np.add.at(clicked, (np.arange(listeners)[:, None], lists), plays)
        if policy in ("greedy", "bandit"):
            learner.learn(lists, plays, world.looked)
        best = world.best(now)
        shown.append(_looked_at(world, lists))
        ideal = _looked_at(world, best)
        possible = float(world.value(best).sum())
        recent = np.array(shown[-10:]).sum(axis=0)
        told.append(
            (
                1.0 - float(world.value(lists).sum()) / possible,
                gini(recent[out]),
                float(shown[-1][world.small].sum() / shown[-1].sum()),
                float(shown[-1][world.born > 0].sum() / shown[-1].sum()),
                float(ideal[world.small].sum() / ideal.sum()),
                float(ideal[world.born > 0].sum() / ideal.sum()),
            )
        )
    regret, uneven, small, late, fair_small, fair_late = np.array(told).T
    return Loop(policy, regret, uneven, small, late, fair_small, fair_late, learner)


def ideal_gini(world: World, rounds: int) -> float:
    """How uneven the best lists are themselves: the tastes' own unevenness."""
    return gini(_looked_at(world, world.best(rounds)))


def _looked_at(world: World, lists: Columns) -> Numbers:
    """How much each item is looked at in all the lists together."""
    weights = np.tile(world.looked, len(lists))
    return np.bincount(lists.ravel(), weights=weights, minlength=world.likes.shape[1]).astype(np.float64)


def _lists(
    policy: str,
    world: World,
    learner: Learner,
    clicked: Numbers,
    out: Columns,
    explore: float,
    rng: np.random.Generator,
) -> Columns:
    """(listeners, places) what everybody is shown in a round, from the items that are out."""
    listeners, places = len(clicked), len(world.looked)
    if policy == "random":
        order = np.argsort(rng.random((listeners, len(out))), axis=1)
        return np.asarray(out[order[:, :places]])
    if policy == "popular":
        counts = world.fame + clicked.sum(axis=0)
        ranked = out[np.argsort(-counts[out], kind="stable")]
        return np.asarray(np.tile(ranked[:places], (listeners, 1)))
    if policy == "clicks":
        lengths = np.sqrt((clicked**2).sum(axis=0)) + 1.0
        alike = (clicked.T @ clicked) / lengths[:, None] / lengths[None, :]
        # Until something is played, what is popular decides.
        values = clicked @ alike + 1e-4 * (world.fame + clicked.sum(axis=0))[None, :]
    else:
        values = learner.likes() + (learner.doubt()[None, :] if policy == "bandit" else 0.0)
        # Nothing is known in the first round: what is popular decides, as it would for anybody.
        values = values + 1e-9 * world.fame[None, :]
    ranked_all = out[np.argsort(-values[:, out], axis=1, kind="stable")]
    if policy != "bandit":
        return np.asarray(ranked_all[:, :places])
    seen = learner.looked.sum(axis=0)
    likes = np.clip(learner.likes(), 0.02, 1.0)
    lists = np.empty((listeners, places), dtype=np.int64)
    for row, ranked in enumerate(ranked_all):
        deserved = likes[row, ranked] / np.sqrt(1.0 + seen[ranked])
        chosen = choose(ranked, places, explore=explore, seed=rng, weights=deserved)
        lists[row] = [ranked[one.index] for one in chosen]
    return lists
