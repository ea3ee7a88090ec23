"""Populations that differ are told apart, and those that don't aren't."""

from __future__ import annotations

import numpy as np

from yuefu.evaluation.populations import mean_distance, mean_distances, overlapping_area


def test_the_overlapping_area_falls_as_populations_part() -> None:
    rng = np.random.default_rng(1)
    human = rng.normal(size=120)
    areas = [overlapping_area(rng.normal(size=150) + shift, human) for shift in (0.0, 1.0, 3.0, 12.0)]
    assert areas[0] > 0.9
    assert areas == sorted(areas, reverse=True)
    assert areas[-1] < 0.05
    # Too narrow is as far off as too wide is: variety counts.
    assert overlapping_area(np.zeros(50), human) < 0.85
    assert overlapping_area(np.ones(3), np.ones(4)) == 1.0
    assert np.isnan(overlapping_area(np.array([np.nan]), human))


def test_distances_are_in_human_deviations_and_leave_out_what_no_one_has() -> None:
    human = np.array([[0.0, 5.0, np.nan], [2.0, 5.0, np.nan]])
    own = np.array([[4.0, 5.0, 1.0], [np.nan, 6.0, 1.0]])
    found = mean_distances(own, human)
    assert found[0] == 3.0
    assert np.isnan(found[1:]).all()


def test_the_interval_of_a_distance_holds_the_true_one() -> None:
    rng = np.random.default_rng(2)
    human = rng.normal(size=(100, 6))
    near, far = (mean_distance(rng.normal(size=(100, 6)) + shift, human) for shift in (0.0, 1.0))
    assert near.low <= near.mean <= near.high
    assert near.high < 0.5
    assert far.low < 1.0 < far.high
    assert far.low > near.high
