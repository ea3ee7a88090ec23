"""The loop of showing and learning, in worlds whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from yuefu.recommend.simulation import POLICIES, Loop, gini, make_world, run
from yuefu.recommend.simulation_trial import TARGETS, judge, looked_from_log, make_trial, target_chances

SMALL = {"listeners": 50, "items": 100, "creators": 25, "rounds": 40}


@pytest.fixture(scope="module")
def loops() -> dict[str, list[Loop]]:
    """Every way of choosing in the same three worlds."""
    return {
        policy: [run(make_world(seed, **SMALL), policy, rounds=40, seed=seed) for seed in range(3)]
        for policy in POLICIES
    }


def mean(loops: list[Loop], what: str, part: slice) -> float:
    """Of a curve, over rounds and worlds."""
    return float(np.mean([getattr(loop, what)[part].mean() for loop in loops]))


LAST = slice(-10, None)


def test_regret_is_a_share_of_what_was_possible(loops):
    """Never below nothing and never above all, in every round of every way."""
    for way in loops.values():
        for loop in way:
            assert ((loop.regret >= -1e-12) & (loop.regret <= 1)).all()


def test_the_bandits_regret_falls(loops):
    """Its last rounds miss less than two thirds of what its first miss, and less than any way that doesn't learn."""
    bandit = mean(loops["bandit"], "regret", LAST)
    assert bandit < 0.67 * mean(loops["bandit"], "regret", slice(0, 10))
    assert all(bandit < mean(loops[other], "regret", LAST) for other in ("random", "popular", "clicks"))


def test_popularity_does_not_run_away_under_the_bandit(loops):
    """Showing what was clicked ends with a few pieces; the bandit stays as even as at its start or nearly."""
    assert mean(loops["popular"], "gini", LAST) > 0.9
    assert mean(loops["bandit"], "gini", LAST) < mean(loops["greedy"], "gini", LAST)
    assert mean(loops["bandit"], "gini", LAST) < mean(loops["clicks"], "gini", LAST) - 0.1
    early = float(np.mean([loop.gini[9] for loop in loops["bandit"]]))
    assert mean(loops["bandit"], "gini", LAST) < early + 0.2


def test_small_creators_and_late_pieces_are_found_by_the_bandit(loops):
    """They get at least two thirds of what the best lists would give them; by popularity next to nothing."""
    for what, fair in (("small", "fair_small"), ("late", "fair_late")):
        assert mean(loops["bandit"], what, LAST) > 0.67 * mean(loops["bandit"], fair, LAST)
        assert mean(loops["popular"], what, LAST) < 0.2 * mean(loops["popular"], fair, LAST)


def test_one_seed_is_one_history():
    """The same world and seed give the same curves; another way, others."""
    world = make_world(3, **SMALL)
    one, same = (run(world, "bandit", rounds=5, seed=1) for _ in range(2))
    assert one.regret.tolist() == same.regret.tolist()
    assert one.regret.tolist() != run(world, "bandit", rounds=5, seed=2).regret.tolist()


def test_nothing_is_shown_before_it_is_out():
    """A piece that comes out late has no look before."""
    world = make_world(4, **SMALL)
    loop = run(world, "random", rounds=3)
    unborn = world.born > 2
    assert unborn.any()
    assert (run(world, "bandit", rounds=3).learner.looked[:, unborn] == 0).all()
    assert loop.late.max() < (world.born > 0).mean()


def test_an_unknown_way_is_refused():
    """The name of a way that isn't there is an error."""
    with pytest.raises(ValueError, match="oracle"):
        run(make_world(0, **SMALL), "oracle")


def test_gini_knows_even_and_uneven():
    """0 for even amounts, 1 - 1/n for all to one, no unit, nothing for nothing."""
    assert gini([2, 2, 2]) == pytest.approx(0)
    assert gini([0, 0, 0, 0, 9]) == pytest.approx(0.8)
    assert gini([1, 2, 3]) == pytest.approx(gini([10, 20, 30]))
    assert gini([0, 0]) == 0.0


@pytest.fixture(scope="module")
def trials():
    """Logs of four worlds."""
    return [
        make_trial(make_world(seed, listeners=40, items=80, rounds=20), seed, before=6, rounds=40) for seed in range(4)
    ]


@pytest.mark.parametrize("target", TARGETS)
def test_estimates_come_to_the_truth(trials, target: str):
    """For every way asked about, over the worlds, each estimator is within four of its standard errors."""
    for way in ("ips", "snips", "doubly_robust"):
        missed, error = [], []
        for trial in trials:
            found = judge(trial, target)
            missed.append(getattr(found, way).value - found.truth)
            error.append(getattr(found, way).error)
        assert abs(np.mean(missed)) <= 4 * np.sqrt(np.sum(np.square(error))) / len(trials)


def test_the_logs_own_mean_is_no_answer_for_another_way(trials):
    """For a way unlike the logged one the plain mean is wrong by more than any estimate."""
    found = [judge(trial, "random") for trial in trials]
    naive = np.mean([abs(one.naive - one.truth) for one in found])
    for way in ("ips", "snips", "doubly_robust"):
        assert np.mean([abs(getattr(one, way).value - one.truth) for one in found]) < 0.5 * naive


def test_ways_asked_about_are_chances(trials):
    """Each shows one candidate at every place; a name that isn't one is refused."""
    for target in TARGETS:
        assert target_chances(trials[0], target).sum(axis=2) == pytest.approx(1.0)
    with pytest.raises(ValueError, match="oracle"):
        target_chances(trials[0], "oracle")


def test_how_places_are_looked_at_is_learnt_from_turned_lists(trials):
    """From the log alone, on the mean within .08 of the truth at every place."""
    found = np.mean([looked_from_log(trial) for trial in trials], axis=0)
    assert found == pytest.approx(trials[0].looked, abs=0.08)
