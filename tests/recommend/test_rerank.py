"""The dials turn a list towards what they are called, say by how much, and change nothing at 0."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.recommend.shelf import fame_of, shelf

from yuefu.recommend.content import Catalogue
from yuefu.recommend.rerank import Dials, creators_share_of, likeness, places, rerank, small_of

SHELF = shelf()
FAME = fame_of(SHELF)
DIALS = (0.0, 0.25, 0.5, 0.75, 1.0)


def scores_of(seed: int) -> np.ndarray:
    """Scores that lean to the famous, as those of a recommender do."""
    return np.random.default_rng(seed).normal(size=len(SHELF.items)) + 0.01 * FAME


def spread(order: np.ndarray) -> float:
    """How unlike the items of a list are, on the mean over pairs."""
    pairs = list(combinations(order.tolist(), 2))
    return float(np.mean([1 - likeness(SHELF, np.array([one]), other)[0] for one, other in pairs]))


@given(st.integers(0, 10_000), st.integers(1, 30), st.sets(st.integers(0, 59), min_size=1))
@settings(max_examples=40, deadline=None)
def test_dials_at_zero_change_nothing(seed: int, n: int, candidates: set[int]):
    """The order is that of the scores, equal ones by column, and every part but the score is 0."""
    scores = np.round(scores_of(seed), 1)
    order, parts = rerank(scores, sorted(candidates), SHELF, FAME, n=n)
    assert order.tolist() == sorted(candidates, key=lambda at: (-scores[at], at))[:n]
    assert [part.total for part in parts] == [scores[at] for at in order]


@given(st.integers(0, 10_000), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.integers(1, 25))
@settings(max_examples=40, deadline=None)
def test_every_place_is_taken_by_the_largest_sum_of_its_parts(seed, diversity, novelty, small, n):
    """No item twice; the total is the sum; without the creators' dial nothing left out had a larger total."""
    dials = Dials(diversity, novelty, small)
    scores = scores_of(seed)
    order, parts = rerank(scores, range(60), SHELF, FAME, dials=dials, n=n)
    assert len(set(order.tolist())) == n == len(parts)
    for part in parts:
        assert part.score == scores[part.item]
        assert max(part.diversity, part.novelty) <= 0
        assert part.small_creators >= -1e-12
        assert part.total == pytest.approx(part.score + part.diversity + part.novelty + part.small_creators)


@pytest.mark.parametrize("seed", range(6))
def test_the_novelty_dial_lowers_the_fame_of_a_list(seed: int):
    """Each step to the right plays what fewer know, or the same: the discount's sum never grows."""
    fame = [np.log1p(FAME[rerank(scores_of(seed), range(60), SHELF, FAME, dials=Dials(novelty=d), n=10).order]).sum()
            for d in DIALS]  # fmt: skip
    assert all(later <= earlier + 1e-9 for earlier, later in pairwise(fame))
    assert fame[-1] < fame[0]


def test_the_diversity_dial_spreads_a_list():
    """Over many lists, each step to the right makes the items less alike."""
    mean = [
        np.mean([spread(rerank(scores_of(seed), range(60), SHELF, FAME, dials=Dials(diversity=d), n=8).order)
                 for seed in range(25)])
        for d in DIALS
    ]  # fmt: skip
    assert all(later > earlier for earlier, later in pairwise(mean))


@pytest.mark.parametrize("seed", range(6))
def test_small_creators_get_the_exposure_that_the_dial_says(seed: int):
    """Looked-at places given to them reach the target between what scores give and their part of the offer."""
    small = small_of(SHELF, creators_share_of(SHELF, FAME))
    looked = places(20)

    def share(dial: float) -> float:
        order = rerank(scores_of(seed), range(60), SHELF, FAME, dials=Dials(small_creators=dial), n=20).order
        return float(looked @ small[order] / looked.sum())

    natural, fair = share(0.0), float(small.mean())
    assert natural < fair
    for dial in DIALS:
        target = natural + dial * (fair - natural)
        assert share(dial) >= target - 0.5 * looked[0] / looked.sum()
        assert share(dial) <= max(natural, target + 0.5 * looked[0] / looked.sum())


def test_the_lift_of_a_small_creator_is_no_more_than_needed():
    """Whoever is lifted has then just the total of the item that would have stood there."""
    scores = np.linspace(1, 0, 60)
    _, parts = rerank(scores, range(60), SHELF, FAME, dials=Dials(small_creators=1.0), n=6)
    lifted = [at for at, part in enumerate(parts) if part.small_creators > 0]
    assert lifted
    taken = {part.item for part in parts[: lifted[0]]}
    assert parts[lifted[0]].total == pytest.approx(max(scores[at] for at in range(60) if at not in taken))


def test_small_creators_are_those_who_together_are_little_heard():
    """Creators with at most a fifth of the listening together are small; the unknown ones aren't, equals are alike."""
    catalogue = Catalogue(
        tuple("abcde"), np.zeros((5, 1), np.float32), ("tag:x",), ("A", "B", "C", "C", ""), np.zeros(5)
    )
    counts = [10.0, 10.0, 40.0, 40.0, 0.0]
    assert small_of(catalogue, creators_share_of(catalogue, counts)).tolist() == [True, True, False, False, False]
    even = [10.0, 10.0, 5.0, 5.0, 0.0]
    assert not small_of(catalogue, creators_share_of(catalogue, even)).any()


def test_what_has_no_score_comes_last_and_is_not_moved():
    """Items that nothing can be told about stand behind all others, whatever the dials."""
    scores = scores_of(1)
    scores[[3, 4]] = -np.inf
    order = rerank(scores, range(8), SHELF, FAME, dials=Dials(0.5, 1.0, 1.0), n=8).order
    assert order[-2:].tolist() == [3, 4]


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan")])
def test_a_dial_outside_its_range_is_refused(value: float):
    """Dials go from 0 to 1."""
    with pytest.raises(ValueError, match="novelty"):
        Dials(novelty=value)
