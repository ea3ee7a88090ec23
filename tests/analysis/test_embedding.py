"""Points on a plane: spread along principal axes, neighbours together."""

import numpy as np

from yuefu.analysis.embedding import plane, principal


def test_two_clouds_stay_apart_and_neighbours_near():
    """Points of two clouds in ten numbers lie with their own cloud on the plane, in both ways of laying out."""
    rng = np.random.default_rng(1)
    points = np.concatenate([rng.normal(0, 0.3, (15, 10)), rng.normal(3, 0.3, (15, 10))])
    for way in ("pca", "tsne"):
        places, kept = plane(points, way)
        assert np.abs(places).max() <= 1 + 1e-9
        far = ((places[:, None] - places[None]) ** 2).sum(axis=2)
        np.fill_diagonal(far, np.inf)
        nearest = far.argmin(axis=1)
        assert ((nearest < 15) == (np.arange(30) < 15)).all(), way
        assert 0.5 < kept <= 1


def test_the_same_points_lie_in_the_same_places_and_alike_ones_together():
    points = np.repeat(np.eye(4), 3, axis=0)
    one, other = plane(points)[0], plane(points)[0]
    assert np.array_equal(one, other)
    assert np.isfinite(one).all()


def test_the_first_axis_holds_most():
    rng = np.random.default_rng(2)
    places, kept = principal(rng.normal(0, 1, (50, 3)) * (5, 1, 0.1))
    assert places[:, 0].std() > places[:, 1].std() > 0.5
    assert kept > 0.98
