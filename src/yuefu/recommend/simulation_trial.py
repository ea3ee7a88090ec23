"""Counterfactual estimates beside the truth: what another way of choosing would have earned, from a log and for real.

Lists are logged in a simulated world under a bandit, other ways to choose are judged from the log alone, and then the
world is asked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yuefu.recommend.bandit import chances, choose
from yuefu.recommend.counterfactual import Estimate, doubly_robust, ips, logged, snips
from yuefu.recommend.simulation import World, run

Numbers = NDArray[np.float64]
Columns = NDArray[np.int64]

#: Ways that are judged, all over the same candidates: (listeners, places, candidates) chances in the ranked order.
TARGETS = ("best", "popular", "turned", "random", "logging")


@dataclass(frozen=True, eq=False)
class Trial:
    """A log and the truth. ranked: (listeners, candidates) the order that the bandit was given. Row by row: listener,
    round, place, index (in ``ranked``), reward, propensity, explored. Of the world: likes and fame (listeners,
    candidates), looked. guessed: what the model says of each candidate's like."""

    ranked: Columns
    listener: Columns
    round: Columns
    place: Columns
    index: Columns
    reward: Numbers
    propensity: Numbers
    explored: NDArray[np.bool_]
    likes: Numbers
    looked: Numbers
    guessed: Numbers
    fame: Numbers
    explore: float


@dataclass(frozen=True)
class Judged:
    """One way and what was said of it: truth is plays a list; naive is the mean of the log whatever was asked about."""

    target: str
    truth: float
    naive: float
    ips: Estimate
    snips: Estimate
    doubly_robust: Estimate


def make_trial(
    world: World, seed: int, *, before: int = 15, rounds: int = 40, explore: float = 0.3, candidates: int = 20
) -> Trial:
    """A log of so many rounds over the best candidates of a model that learnt in ``before`` rounds, then held still."""
    loop = run(world, "bandit", rounds=before, explore=explore, seed=seed)
    rng = np.random.default_rng([seed, 77])
    out = np.flatnonzero(world.born < before)
    taken = loop.learner.likes()
    ranked = out[np.argsort(-taken[:, out], axis=1, kind="stable")[:, :candidates]]
    listeners, places = len(ranked), len(world.looked)
    rows: list[tuple[int, int, int, int, float, float, bool]] = []
    for now in range(rounds):
        for listener in range(listeners):
            for place, one in enumerate(choose(ranked[listener], places, explore=explore, seed=rng)):
                like = world.likes[listener, ranked[listener, one.index]] * world.looked[place]
                played = float(rng.random() < like)
                rows.append((listener, now, place, one.index, played, one.propensity, one.explored))
    listener_, round_, place_, index_, reward, propensity, explored = (np.array(column) for column in zip(*rows))
    return Trial(
        ranked,
        listener_,
        round_,
        place_,
        index_,
        reward,
        propensity,
        explored,
        np.take_along_axis(world.likes, ranked, axis=1),
        world.looked,
        np.clip(np.take_along_axis(taken, ranked, axis=1), 0.0, 1.0),
        np.asarray(world.fame[ranked]),
        explore,
    )


def target_chances(trial: Trial, target: str) -> Numbers:
    """(listeners, places, candidates) how likely the way that is asked about shows each. Raises ValueError."""
    listeners, candidates = trial.ranked.shape
    places = len(trial.looked)
    found = np.zeros((listeners, places, candidates))
    if target == "random":
        found[:] = 1.0 / candidates
    elif target == "logging":
        found[:] = chances(candidates, places, explore=trial.explore).matrix[None, :, :]
    elif target in ("best", "popular", "turned"):
        order = np.tile(np.arange(places), (listeners, 1))
        if target == "turned":
            order = order[:, ::-1]
        if target == "popular":
            order = np.argsort(-trial.fame, axis=1, kind="stable")[:, :places]
        rows = np.arange(listeners)[:, None]
        found[rows, np.arange(places)[None, :], order] = 1.0
    else:
        raise ValueError(f"{target} is none of {', '.join(TARGETS)}")
    return found


def judge(trial: Trial, target: str, *, most_weight: float | None = None) -> Judged:
    """What the log says of another way, and what is true."""
    chance = target_chances(trial, target)
    worth = trial.looked[None, :, None] * trial.likes[:, None, :]
    truth = float((chance * worth).sum(axis=(1, 2)).mean())
    group = trial.round * len(trial.ranked) + trial.listener
    log_ = logged(trial.reward, trial.propensity, chance[trial.listener, trial.place, trial.index], group)
    model = trial.looked[None, :, None] * trial.guessed[:, None, :]
    expected = (chance * model).sum(axis=(1, 2))
    guessed = model[trial.listener, trial.place, trial.index]
    # Groups are numbered round by round, listener by listener.
    means = expected[np.unique(group) % len(trial.ranked)]
    naive = float(trial.reward.sum()) / log_.count
    return Judged(
        target,
        truth,
        naive,
        ips(log_, most_weight=most_weight),
        snips(log_, most_weight=most_weight),
        doubly_robust(log_, guessed, means, most_weight=most_weight),
    )


def looked_from_log(trial: Trial) -> Numbers:
    """How much each place is looked at beside the first, learnt from the lists that were turned: with the weights
    1 / propensity the best stand at every place alike (Joachims, Swaminathan & Schnabel 2017 do so by swaps)."""
    best = ~trial.explored
    weight = np.where(best, 1.0 / trial.propensity, 0.0)
    places = len(trial.looked)
    plays = np.bincount(trial.place, weights=weight * trial.reward, minlength=places)
    shown = np.bincount(trial.place, weights=weight, minlength=places)
    rate = plays / np.maximum(shown, 1e-12)
    return np.asarray(rate / max(float(rate[0]), 1e-12))
