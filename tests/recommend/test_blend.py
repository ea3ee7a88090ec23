"""A blend learns whom to believe, from what was held out, and says why in its members' words."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from yuefu.recommend.als import Als
from yuefu.recommend.blend import Blend
from yuefu.recommend.blend_weights import Shape, learn, member_scales
from yuefu.recommend.content import Catalogue
from yuefu.recommend.ease import Ease
from yuefu.recommend.foldin import shares, solve
from yuefu.recommend.histories import Histories, histories_of_matrix
from yuefu.recommend.splits import random_split


def tastes(listeners: int = 200, items: int = 60, seed: int = 0) -> Histories:
    """Five tastes, twelve items each; listeners have eight of one and two of any."""
    rng = np.random.default_rng(seed)
    dense = np.zeros((listeners, items), dtype=np.float32)
    for row in range(listeners):
        own = np.arange(row % 5, items, 5)
        dense[row, rng.choice(own, 8, replace=False)] = 1
        dense[row, rng.choice(items, 2, replace=False)] = 1
    return histories_of_matrix(sp.csr_matrix(dense))


def test_weights_go_to_the_member_that_finds_what_was_held_out() -> None:
    """A member that knows the truth gets all; noise gets nothing."""
    data = tastes()
    split = random_split(data, seed=1)
    rng = np.random.default_rng(0)
    truth = (split.held.toarray() + 0.1 * rng.random(data.shape)).astype(np.float32)
    noise = rng.random(data.shape).astype(np.float32)
    shape, reached = learn([noise, truth], np.full(200, 8.0), split.train.matrix, split.held, 0)
    assert shape.lead == 1
    assert shape.weights[:, 0].max() == 0
    assert reached == pytest.approx(1)


def test_two_halves_of_the_truth_are_both_used() -> None:
    """Each member sees one half of the items only: together they find more than either."""
    data = tastes()
    split = random_split(data, seed=1)
    rng = np.random.default_rng(0)
    left, right = (
        (split.held.toarray() * (np.arange(60) % 2 == side) + 0.1 * rng.random(data.shape)).astype(np.float32)
        for side in (0, 1)
    )
    active = np.full(200, 8.0)
    shape, both = learn([left, right], active, split.train.matrix, split.held, 0)
    alone = max(learn([one], active, split.train.matrix, split.held, 0)[1] for one in (left, right))
    assert (shape.weights > 0).all()
    assert both > alone + 0.1


def test_ratios_bring_members_to_one_scale() -> None:
    """A member whose scores are a thousand times another's counts no more for it."""
    scores = np.random.default_rng(2).normal(size=(50, 30)).astype(np.float32)
    active = np.linspace(1, 40, 50)
    scales = member_scales([scores, 1000 * scores], active)
    ratios = Shape(0, scales, np.zeros(1), np.ones((1, 2))).ratios(active)
    np.testing.assert_allclose(ratios[:, 1], 1e-3, rtol=1e-3)


def test_a_blend_learns_and_finds_what_was_held_out() -> None:
    """Its report says what members and blend reached on what was held out, the blend no less than the best."""
    data = tastes()
    found = Blend().fit(data, seed=1)
    assert found.report["blend"] >= max(found.report["members"].values()) - 1e-9
    scores = found.scores(data)
    fresh = np.where(data.matrix.toarray() > 0, -np.inf, scores).argmax(axis=1)
    assert (fresh % 5 == np.arange(200) % 5).mean() > 0.95


def test_a_new_listener_gets_what_many_like() -> None:
    """Nothing known of the listener: the most popular item is first."""
    data = tastes()
    empty = histories_of_matrix(sp.csr_matrix((1, 60), dtype=np.float32))
    fame = np.asarray(data.matrix.sum(axis=0)).ravel()
    assert fame[Blend().fit(data, seed=1).scores(empty)[0].argmax()] == fame.max()


def test_ease_knows_an_item_that_nobody_has_by_what_it_is() -> None:
    """Without listeners but with the features of taste 0, an item is above taste 1's for a listener of taste 0."""
    data = tastes()
    bare = data.matrix.toarray()
    bare[:, 55] = 0
    features = 2 * np.eye(5, dtype=np.float32)[np.arange(60) % 5]
    names = tuple(f"style:{at}" for at in range(5))
    catalogue = Catalogue(data.items, features, names, ("",) * 60, np.full(60, np.nan))
    scores = Ease().fit(histories_of_matrix(sp.csr_matrix(bare)), catalogue).scores(data.rows([0]))[0]
    assert scores[55] > scores[1::5].max()


def test_ease_with_few_items_allowed_scores_only_these() -> None:
    """Beyond ``most_items`` scores are 0, and nothing raises."""
    scores = Ease(most_items=20).fit(tastes()).scores(tastes())
    assert (np.abs(scores).max(axis=0) > 0).sum() <= 20


def test_a_folded_in_vector_is_the_least_squares_solution() -> None:
    """Batched, padded solving is the same as solving each row alone; shares sum to the score."""
    rng = np.random.default_rng(0)
    factors = rng.normal(size=(60, 6)).astype(np.float32)
    rows = tastes(40).matrix.copy()
    rows.data = rng.uniform(0.5, 2, rows.nnz).astype(np.float32)
    found = solve(rows, factors, 3.0, 2.0)
    for at in (0, 7, 39):
        row = rows[[at]].toarray()[0]
        weight = 1 + 3 * row
        system = (factors.T * weight) @ factors + 2 * np.eye(6)
        np.testing.assert_allclose(
            found[at], np.linalg.solve(system, factors.T @ (weight * (row > 0))), rtol=1e-3, atol=1e-5
        )
        assert shares(rows[[at]], factors, 3.0, 2.0, 4).sum() == pytest.approx(float(found[at] @ factors[4]), rel=1e-3)


def test_als_gives_a_known_listener_and_their_double_the_same() -> None:
    """Whoever has the same items gets the same scores, learnt from or not."""
    data = tastes()
    fitted = Als(factors=8, rounds=4, reg=1.0).fit(data, seed=2)
    double = histories_of_matrix(data.matrix[[3]])
    np.testing.assert_allclose(fitted.scores(double)[0], fitted.scores(data)[3], rtol=1e-3, atol=1e-5)
