"""Estimates from a log: right on every small case that can be counted out, and as sure as they say."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from yuefu.recommend.bandit import chances, choose
from yuefu.recommend.counterfactual import bernstein, doubly_robust, effective_size, ips, logged, snips

LOGGING = np.array([0.6, 0.3, 0.1])
TARGET = np.array([0.1, 0.2, 0.7])
REWARD = np.array([1.0, 0.5, 3.0])
TRUTH = float(TARGET @ REWARD)


def every_log(n: int):
    """All logs of n actions with their probabilities."""
    for actions in product(range(3), repeat=n):
        chosen = np.array(actions)
        yield chosen, float(np.prod(LOGGING[chosen]))


def test_ips_is_unbiased_over_all_logs():
    """The mean over every possible log of three rows, each with its probability, is the target's value."""
    mean = sum(p * ips(logged(REWARD[a], LOGGING[a], TARGET[a])).value for a, p in every_log(3))
    assert mean == pytest.approx(TRUTH)


@pytest.mark.parametrize("model", [REWARD, np.zeros(3), np.array([5.0, -1.0, 2.0])])
def test_doubly_robust_is_unbiased_whatever_the_model_guesses(model: np.ndarray):
    """With right propensities a right, an empty and a wrong model give the target's value on the mean."""
    mean = sum(
        p * doubly_robust(logged(REWARD[a], LOGGING[a], TARGET[a]), model[a], np.full(3, TARGET @ model)).value
        for a, p in every_log(3)
    )
    assert mean == pytest.approx(TRUTH)


def test_doubly_robust_is_right_with_wrong_propensities_if_the_model_is():
    """A right model leaves nothing to correct, so it doesn't matter how the rest is weighed."""
    actions = np.array([0, 1, 0, 2])
    log = logged(REWARD[actions], np.full(4, 0.25), TARGET[actions])
    assert doubly_robust(log, REWARD[actions], np.full(4, TRUTH)).value == pytest.approx(TRUTH)


def test_snips_comes_to_the_truth_and_moves_with_the_rewards():
    """With many rows its error vanishes; a constant added to all rewards is added to it, as to no plain IPS."""
    rng = np.random.default_rng(0)
    actions = rng.choice(3, size=40_000, p=LOGGING)
    log = logged(REWARD[actions], LOGGING[actions], TARGET[actions])
    assert snips(log).value == pytest.approx(TRUTH, abs=0.03)
    few = actions[:50]
    one = snips(logged(REWARD[few], LOGGING[few], TARGET[few])).value
    other = snips(logged(REWARD[few] + 7, LOGGING[few], TARGET[few])).value
    assert other - one == pytest.approx(7)
    plain = [ips(logged(REWARD[few] + add, LOGGING[few], TARGET[few])).value for add in (0, 7)]
    assert plain[1] - plain[0] != pytest.approx(7)


@pytest.mark.parametrize("way", ["ips", "snips", "doubly_robust"])
def test_intervals_hold_the_truth_as_often_as_they_say(way: str):
    """Of 400 logs of 400 lists with two correlated rows each, 95% intervals hold it in 91% to 99%."""
    rng = np.random.default_rng(1)
    held = 0
    model = np.array([0.8, 0.8, 2.0])
    for _ in range(400):
        actions = rng.choice(3, size=(400, 2), p=LOGGING)
        # The rows of a list share their luck.
        luck = rng.normal(size=(400, 1))
        rewards = REWARD[actions] + luck
        log = logged(rewards.ravel(), LOGGING[actions].ravel(), TARGET[actions].ravel(), np.repeat(np.arange(400), 2))
        if way == "doubly_robust":
            found = doubly_robust(log, model[actions].ravel(), np.full(400, 2 * TARGET @ model))
        else:
            found = ips(log) if way == "ips" else snips(log)
        held += found.low <= 2 * TRUTH <= found.high
    assert 0.91 <= held / 400 <= 0.99


def test_rows_of_the_way_itself_are_its_mean():
    """Where the target is what was logged, IPS and SNIPS are the plain mean, and every row counts in full."""
    rewards = np.array([1.0, 0.0, 2.0, 5.0])
    log = logged(rewards, np.full(4, 0.5), np.full(4, 0.5))
    assert ips(log).value == snips(log).value == pytest.approx(2.0)
    assert ips(log).effective == 4
    assert ips(log).support == 1.0


def test_lists_chosen_by_the_bandit_tell_the_value_of_another_order():
    """From propensities logged by ``choose``, the value of the reversed list is found, and so is that of chance."""
    rng = np.random.default_rng(2)
    count, n = 6, 3
    likes, looked = np.array([0.8, 0.6, 0.4, 0.3, 0.5, 0.1]), np.array([1.0, 0.6, 0.4])
    reversed_ = np.zeros((n, count))
    reversed_[[0, 1, 2], [2, 1, 0]] = 1.0
    rows = []
    for now in range(6000):
        for place, one in enumerate(choose(range(count), n, explore=0.4, seed=rng)):
            rows.append((rng.random() < likes[one.index] * looked[place], one.propensity, place, one.index, now))
    reward, propensity, place, index, group = (np.array(column) for column in zip(*rows))
    for target in (reversed_, np.full((n, count), 1 / count), chances(count, n, explore=0.1).matrix):
        truth = float((target * looked[:, None] * likes[None, :]).sum())
        log = logged(reward, propensity, target[place, index], group)
        for found in (ips(log), snips(log)):
            assert abs(found.value - truth) <= 4 * found.error
            assert found.support == pytest.approx(1.0, abs=0.1)


def test_what_could_not_be_logged_shows_in_the_support():
    """A target that the log never shows has no weight: the support is far from 1, so nobody trusts the value."""
    log = logged([1.0, 1.0, 0.0], [0.5, 0.5, 0.5], [0.0, 0.0, 0.0])
    assert ips(log).support == 0.0
    assert snips(log).value == 0.0


def test_cut_weights_are_told():
    """Weights above the limit are cut to it, and the share of them is reported."""
    actions = np.array([2, 0, 0, 0])
    log = logged(REWARD[actions], LOGGING[actions], TARGET[actions])
    found = ips(log, most_weight=2.0)
    assert found.cut == 0.25
    assert found.value == pytest.approx((2 * 3 + 3 * (1 / 6) * 1) / 4)


def test_the_bound_for_any_n_is_wider_and_falls():
    """Bernstein's interval holds the normal one, and narrows with n."""
    rng = np.random.default_rng(3)
    wide = []
    for n in (100, 10_000):
        actions = rng.choice(3, size=n, p=LOGGING)
        found = ips(logged(REWARD[actions], LOGGING[actions], TARGET[actions]))
        low, high = bernstein(found, span=21.0)
        assert low <= min(found.low, TRUTH)
        assert high >= max(found.high, TRUTH)
        wide.append(high - low)
    assert wide[1] < wide[0] / 5
    with pytest.raises(ValueError, match="two"):
        bernstein(ips(logged([1.0], [1.0], [1.0])), 1.0)


def test_effective_size_is_between_one_and_all():
    """Kish's size is all rows for even weights, one for one weight, and doesn't know the unit."""
    weights = np.random.default_rng(4).exponential(size=200)
    assert 1 < effective_size(weights) < 200
    assert effective_size(weights * 9) == pytest.approx(effective_size(weights))


@pytest.mark.parametrize(
    ("reward", "propensity", "target"),
    [([1.0], [0.0], [1.0]), ([1.0], [1.2], [1.0]), ([float("nan")], [0.5], [1.0]), ([1.0], [0.5], [-0.1]),
     ([1.0, 2.0], [0.5], [1.0])],
)  # fmt: skip
def test_a_log_that_is_none_is_refused(reward, propensity, target):
    """Propensities in (0, 1], targets in [0, 1], rewards that are numbers, as many of each."""
    with pytest.raises(ValueError):
        logged(reward, propensity, target)
