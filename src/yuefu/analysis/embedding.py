"""Points of many numbers laid on a plane: principal axes, and t-SNE (van der Maaten and Hinton 2008) for neighbours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_ROUNDS, _EARLY = 400, 100


def plane(points: Floats, way: str = "tsne") -> tuple[Floats, float]:
    """Places (n, 2) in -1 to 1 of points (n, numbers), and the share of their spread that two principal axes hold.

    way: ``"pca"`` or ``"tsne"`` (few points are laid out by PCA in any case). The same points give the same places.
    """
    places, kept = principal(points)
    if way == "tsne" and len(points) >= 8:
        places = tsne(points, places)
    places = places - (places.max(axis=0) + places.min(axis=0)) / 2
    return places / max(float(np.abs(places).max()), 1e-9), kept


def principal(points: Floats) -> tuple[Floats, float]:
    """Coordinates (n, 2) on the two axes of most spread, and their share of it; the largest number of an axis is
    positive.

    >>> places, kept = principal(np.array([[0.0, 0, 0], [2.0, 0, 0], [4.0, 0, 0]]))
    >>> places[:, 0].round(6).tolist(), round(kept, 6)
    ([-2.0, 0.0, 2.0], 1.0)
    """
    centred = points - points.mean(axis=0)
    _, sizes, axes = np.linalg.svd(centred, full_matrices=False)
    axes = axes[:2]
    axes = axes * np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)])[:, None]
    places = centred @ axes.T
    if places.shape[1] < 2:
        places = np.pad(places, ((0, 0), (0, 2 - places.shape[1])))
    return places, float((sizes[:2] ** 2).sum() / max((sizes**2).sum(), 1e-12))


def tsne(points: Floats, start: Floats, perplexity: float = 15.0) -> Floats:
    """Places (n, 2) in which near points stay near, beginning from ``start``."""
    count = len(points)
    shares = _near(points, min(perplexity, (count - 1) / 3))
    places = 1e-2 * start / max(float(start.std()), 1e-9)
    speed, gains = np.zeros_like(places), np.ones_like(places)
    rate = max(count / 12.0, 20.0)
    for number in range(_ROUNDS):
        apart = places[:, None] - places[None]
        weight = 1 / (1 + (apart**2).sum(axis=2))
        np.fill_diagonal(weight, 0)
        own = weight / weight.sum()
        pull = (shares * (8.0 if number < _EARLY else 1.0) - own) * weight
        slope = 4 * (pull[:, :, None] * apart).sum(axis=1)
        same = np.sign(slope) == np.sign(speed)
        gains = np.clip(np.where(same, gains * 0.8, gains + 0.2), 0.01, None)
        speed = (0.5 if number < _EARLY else 0.8) * speed - rate * gains * slope
        places = places + speed
    return places


def _near(points: Floats, perplexity: float) -> Floats:
    """How near points are to each other, as shares of all pairs: each has about ``perplexity`` neighbours."""
    far = ((points[:, None] - points[None]) ** 2).sum(axis=2)
    np.fill_diagonal(far, np.inf)
    low, high = np.full(len(points), 1e-6), np.full(len(points), 1e6)
    for _ in range(60):  # by bisection of the width of each point's surroundings
        width = np.sqrt(low * high)
        shares = np.exp(-(far - far.min(axis=1, keepdims=True)) / width[:, None])
        shares /= shares.sum(axis=1, keepdims=True)
        surprise = -(shares * np.log(np.maximum(shares, 1e-12))).sum(axis=1)
        wide = surprise > np.log(perplexity)
        high, low = np.where(wide, width, high), np.where(wide, low, width)
    both: Floats = (shares + shares.T) / (2 * len(points))
    return both
