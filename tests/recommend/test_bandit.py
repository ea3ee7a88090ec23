"""What is logged as the chance of a choice is its chance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yuefu.recommend.bandit import EVEN, chances, choose, exploring_weights, systematic

SIZES = st.tuples(st.integers(1, 30), st.integers(1, 12))


@given(SIZES, st.floats(0, 1), st.integers(0, 99))
@settings(max_examples=80, deadline=None)
def test_chances_are_chances(sizes: tuple[int, int], explore: float, seed: int):
    """Every place is taken by exactly one, no item is expected more than once, none negative."""
    count, n = sizes
    weights = np.random.default_rng(seed).exponential(size=count)
    matrix = chances(count, n, explore=explore, weights=weights).matrix
    assert matrix.shape == (min(n, count), count)
    assert matrix.min() >= 0
    assert matrix.sum(axis=1) == pytest.approx(1.0)
    assert matrix.sum(axis=0).max() <= 1 + 1e-9


@given(SIZES, st.floats(0, 1), st.integers(0, 10_000))
@settings(max_examples=80, deadline=None)
def test_a_choice_is_of_different_items_with_the_logged_chance(sizes: tuple[int, int], explore: float, seed: int):
    """No item twice; the propensity is the chance of this item at this place, above 0; one seed, one choice."""
    count, n = sizes
    chosen = choose(range(count), n, explore=explore, seed=seed)
    assert chosen == choose(range(count), n, explore=explore, seed=seed)
    assert len({one.index for one in chosen}) == len(chosen) == min(n, count)
    matrix = chances(count, n, explore=explore).matrix
    for place, one in enumerate(chosen):
        assert one.propensity == matrix[place, one.index] > 0
        assert one.explored == (one.index >= min(n, count))


@pytest.mark.parametrize(("count", "n", "explore"), [(12, 4, 0.3), (6, 4, 0.4), (5, 4, 0.5), (4, 4, 0.5), (9, 1, 0.4)])
@pytest.mark.parametrize("weighted", [False, True])
def test_drawn_often_each_item_comes_as_often_as_was_said(count: int, n: int, explore: float, weighted: bool):
    """In 8,000 draws every frequency is within five standard errors of its propensity, also where weights are steep."""
    weights = 3.0 ** -np.arange(count) if weighted else None
    matrix = chances(count, n, explore=explore, weights=weights).matrix
    rng = np.random.default_rng(5)
    draws = 8000
    seen = np.zeros_like(matrix)
    for _ in range(draws):
        for place, one in enumerate(choose(range(count), n, explore=explore, seed=rng, weights=weights)):
            seen[place, one.index] += 1
    error = np.sqrt(matrix * (1 - matrix) / draws)
    assert (np.abs(seen / draws - matrix) <= 5 * error + 1e-12).all()


def test_without_exploring_the_best_are_shown_for_certain():
    """explore 0 is no change: the first n in order, propensity 1."""
    chosen = choose("abcdef", 4, explore=0.0, seed=3)
    assert [(one.index, one.propensity, one.explored) for one in chosen] == [(at, 1.0, False) for at in range(4)]


def test_everything_can_come_and_no_estimate_explodes():
    """Every item can stand at every place, with at least half of an even chance."""
    matrix = chances(50, 10, explore=0.1, weights=10.0 ** -np.arange(50)).matrix
    assert matrix.min() >= min(0.1 * EVEN / 40, 0.9 * 0.1 / 9) - 1e-12


def test_systematic_sampling_includes_each_as_often_as_its_share():
    """Madow: the chance of being among the drawn is the size times the share, certain at 1 / size."""
    shares = np.array([1 / 3, 0.3, 0.2, 0.1, 1 / 15])
    rng = np.random.default_rng(1)
    seen = np.zeros(5)
    for _ in range(6000):
        drawn = systematic(shares, 3, rng)
        assert len(set(drawn.tolist())) == 3
        seen[drawn] += 1
    assert seen[0] == 6000
    assert seen / 6000 == pytest.approx(3 * shares, abs=0.03)


def test_the_less_shown_deserve_more():
    """Weights fall as an item is shown, and what deserves more is explored more often."""
    weights = exploring_weights([0] * 5 + [100] * 5 + [0] * 5)
    shares = chances(15, 5, explore=0.2, weights=weights).shares
    assert shares[5:].min() > 1.5 * shares[:5].max()


@pytest.mark.parametrize("explore", [-0.1, 1.5])
def test_exploring_outside_its_range_is_refused(explore: float):
    """explore is a probability."""
    with pytest.raises(ValueError, match="explore"):
        choose(range(5), 2, explore=explore, seed=0)


def test_weights_must_be_weights():
    """One for each, none negative."""
    with pytest.raises(ValueError, match="weight"):
        choose(range(5), 2, seed=0, weights=[1, 1, 1])
    with pytest.raises(ValueError, match="weight"):
        choose(range(5), 2, seed=0, weights=[1, 1, 1, -1, 1])


def test_nothing_ranked_gives_nothing():
    """An empty list or no places is no error."""
    assert choose([], 5, seed=0) == []
    assert choose([1, 2], 0, seed=0) == []
