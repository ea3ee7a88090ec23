"""First minutes: a taste from a few choices, clips that tell much, and a place for a piece that nobody has heard."""

from __future__ import annotations

import time
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.recommend.shelf import fame_of, shelf

from yuefu.recommend.cold import (
    clips_to_show,
    mood_nearness,
    profile_of_choices,
    start_scores,
    tie,
    unit_rows,
)

SHELF = shelf()
FAME = fame_of(SHELF)
JAZZ = np.arange(60) % 2 == 1


def test_liked_clips_lift_what_is_like_them():
    """Two jazz clips liked and two folk clips not: the mean jazz item is above the mean folk item."""
    profile = profile_of_choices((), [(1, True), ("piece:3", True), (2, False), (4, False)], SHELF)
    scores = profile.scores(SHELF)
    assert scores[JAZZ].mean() > 0 > scores[~JAZZ].mean()
    assert profile.as_dict()["style:jazz"] > 0 > profile.as_dict()["style:folk"]


def test_moods_chosen_lift_what_is_near():
    """With no clip answered the order is that of the nearness to the nearest point, and two points are two hills."""
    profile = profile_of_choices([(0.8, 0.5), (-0.7, -0.6)], [], SHELF)
    scores = profile.scores(SHELF)
    moods = SHELF.features[:, 2:4] * 0.5
    far = np.min([np.linalg.norm(moods - point, axis=1) for point in np.array([(0.8, 0.5), (-0.7, -0.6)])], axis=0)
    assert np.argsort(-scores, kind="stable").tolist() == np.argsort(far, kind="stable").tolist()
    assert profile_of_choices((0.8, 0.5), [], SHELF).points == ((0.8, 0.5),)


@given(
    st.lists(st.tuples(st.integers(0, 59), st.booleans()), max_size=5, unique_by=lambda clip: clip[0]),
    st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), max_size=3),
    st.integers(0, 59),
)
@settings(max_examples=60, deadline=None)
def test_a_first_score_is_the_sum_of_its_reasons(clips, mood, item):
    """By clips and by attributes, with the mood, to the last digit."""
    profile = profile_of_choices(mood, clips, SHELF)
    score = profile.scores(SHELF)[item]
    for by in ("item", "attribute"):
        found = profile.explain(SHELF, item, by=by)
        assert found.score == pytest.approx(score, abs=1e-9)
        assert found.rest == pytest.approx(0, abs=1e-9)
        assert sum(one.amount for one in found.reasons) == pytest.approx(score, abs=1e-9)


def test_no_choice_finds_everything_alike():
    """Nothing chosen, nothing preferred; unknown clips are left out."""
    assert not profile_of_choices((), [], SHELF).scores(SHELF).any()
    assert profile_of_choices((), [("piece:gone", True), (999, True)], SHELF).clips == ()


def test_clips_are_different_and_tell_more_than_chance():
    """Five different ones of both styles; what they leave unknown is less than for any of 50 random fives."""
    rows = unit_rows(SHELF.features)

    def told(chosen: list[int]) -> float:
        return float(np.linalg.slogdet(np.eye(len(chosen)) + rows[chosen] @ rows[chosen].T / 0.3)[1])

    chosen = clips_to_show(SHELF, 5, seed=0)
    assert len(set(chosen)) == 5
    assert set(JAZZ[chosen]) == {True, False}
    rng = np.random.default_rng(0)
    others = [told(list(rng.choice(60, 5, replace=False))) for _ in range(50)]
    assert told(chosen) > np.quantile(others, 0.9)


def test_clips_lean_to_the_known_keep_to_the_allowed_and_vary():
    """Popular items are asked about rather; only allowed ones are; one seed, one set, another seed, another."""
    known = np.mean([FAME[clips_to_show(SHELF, 5, seed, popularity=FAME)].mean() for seed in range(5)])
    assert known > np.mean([FAME[clips_to_show(SHELF, 5, seed)].mean() for seed in range(5)])
    allowed = np.arange(60) < 7
    assert max(clips_to_show(SHELF, 5, 1, allowed=allowed)) < 7
    assert len(clips_to_show(SHELF, 9, 1, allowed=allowed)) == 7
    assert clips_to_show(SHELF, 5, 3) == clips_to_show(SHELF, 5, 3)
    assert len({tuple(clips_to_show(SHELF, 5, seed)) for seed in range(8)}) > 1


def test_clips_lean_to_the_moods_chosen():
    """With a mood chosen the clips are nearer to it."""
    mood = [(0.6, 0.6)]
    near = mood_nearness(SHELF, mood)
    plain, leaning = (near[clips_to_show(SHELF, 5, 0, mood=which)].mean() for which in ([], mood))
    assert leaning > plain


def test_the_first_scores_go_from_everybodys_to_the_listeners_own():
    """Without an answer the order is by popularity; the more answers, the nearer to the own scores."""
    own = np.random.default_rng(1).normal(size=60)
    assert np.argsort(-start_scores(own, 0, FAME), kind="stable").tolist() == np.argsort(-FAME, kind="stable").tolist()
    close = [np.corrcoef(start_scores(own, answers, FAME), own)[0, 1] for answers in (0, 1, 3, 5, 20)]
    assert all(later > earlier for earlier, later in pairwise(close))
    others = np.random.default_rng(2).normal(size=60)
    mixed = start_scores(own, 50, FAME, others=others)
    assert min(np.corrcoef(mixed, which)[0, 1] for which in (own, others)) > 0.5


def test_a_new_piece_stands_with_those_it_is_like():
    """For one whose scores favour jazz, a new jazz piece is above a new folk piece, on the scale of the known."""
    known = np.where(JAZZ, 3.0, 1.0) + np.random.default_rng(0).normal(scale=0.1, size=60)
    new = tie(SHELF.features[[1, 2]] + 0.1, SHELF)
    jazz, folk = new.scores(known)[0]
    assert known.min() - 0.1 < folk < 2 < jazz < known.max() + 0.1


def test_a_new_piece_without_content_takes_after_its_creator_and_parents():
    """Nothing known but who made it, or what it came from: their scores; nothing known at all: the mean."""
    known = np.zeros(60)
    own = [at for at, creator in enumerate(SHELF.creators) if creator == "small 4"]
    known[own] = 5.0
    blank = np.zeros((3, 7))
    parent = SHELF.items[own[0]]
    new = tie(blank, SHELF, creators=["small 4", "", "nobody"], parents={1: [parent, "piece:gone"]})
    by_creator, by_parent, unknown = new.scores(known)[0]
    assert min(by_creator, by_parent) > 3
    assert unknown == pytest.approx(known.mean())


def test_a_new_pieces_score_is_the_sum_of_its_reasons():
    """What it took over from each tie, beside the listener's mean, to the last digit; -inf is no reason."""
    known = np.random.default_rng(2).normal(size=60)
    known[5] = -np.inf
    new = tie(SHELF.features[:3] + 0.2, SHELF, creators=["large", "", "small 1"])
    for at in range(3):
        found = new.explain(known, at)
        assert found.score == pytest.approx(new.scores(known)[0, at])
        assert found.rest + sum(one.amount for one in found.reasons) == pytest.approx(found.score)
        assert np.isfinite(found.score)


def test_a_new_piece_is_placed_within_a_second_among_many():
    """Twenty thousand known pieces and a hundred listeners: one new piece is tied and scored in time."""
    many = shelf(20_000)
    known = np.random.default_rng(0).normal(size=(100, 20_000))
    start = time.perf_counter()
    scores = tie(many.features[:1], many, creators=["large"]).scores(known)
    assert time.perf_counter() - start < 1.0
    assert scores.shape == (100, 1)
