"""Phrases with more or less of an attribute: along the attributes' ways first, then by search around what that gives.

A way moves a point by the mean difference that an attribute makes. That does for register and density; what depends on
how notes lie to each other, leaps or syncopation, has hardly a mean difference. So points around are decoded and
measured, the best kept and varied again, a few times.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from yuefu.tokens.phrase_attributes import measure
from yuefu.tokens.phrases import Phrase

if TYPE_CHECKING:
    from yuefu.engines.phrase_space import Floats, PhraseSpace

#: Rounds, points of each, and how many of a round the next one grows from.
_ROUNDS, _POINTS, _KEPT = 4, 40, 6
#: How far points go along the ways at first, and how much of another phrase they take on.
_ALONG = (0.0, 0.5, 1.0, 1.5, 2.5)
_AROUND = (0.12, 0.2, 0.3, 0.45)
#: Drawn phrases that are gone towards, and how far.
_EXAMPLES, _TOWARDS = 4, (0.25, 0.4, 0.55, 0.7)
#: What it costs, beside being off in an attribute that was asked for: to change another, to differ in notes.
_OTHERS, _NOTES = 0.3, 0.6


def steered(
    space: PhraseSpace,
    like: Phrase,
    start: Floats,
    asked: NDArray[np.float64],
    rng: np.random.Generator,
    *,
    bias: Floats | None = None,
    given: NDArray[np.bool_] | None = None,
    temperature: float = 0.0,
    leap: float = 0.0,
    than: Phrase | None = None,
    value: Callable[[NDArray, float], float] | None = None,
) -> tuple[Floats, NDArray, float]:
    """The point, the steps and the log-probability of a phrase near ``start`` (bars, latent) with what is asked.

    like, bias, given, temperature, leap: as for ``PhraseSpace.decode``; asked: standard deviations of the corpus for
    each attribute, more than ``than`` has, or the phrase at ``start``; value: how good steps are besides.
    """
    bars = len(start)
    still = np.zeros(bars, dtype=bool) if given is None else given
    base = space.decode(start[None], like, None, 0.0, bias, given, leap)
    own = _open(like.with_steps(base.steps[0]) if than is None else than, still)
    spreads = space.scale(like.row)[1]
    target = np.where(np.isfinite(own), own, space.scale(like.row)[0]) + asked * spreads
    weights = np.where(asked != 0, 1.0, _OTHERS) / np.maximum(spreads, 1e-6)
    lean = (asked @ space.ways(like.row)).astype(np.float32)
    pool = [start + np.float32(by) * lean for by in _ALONG]
    pool += _towards_examples(space, like, start, asked, rng, bias)
    best: tuple[float, Floats, NDArray, float] | None = None
    for turn in range(_ROUNDS):
        grown = [_varied(space, like.row, pool[k % len(pool)], rng) for k in range(_POINTS - len(pool))]
        points = np.stack([*pool, *grown]).astype(np.float32)
        points[:, still] = start[still]
        made = space.decode(points, like, rng if turn else None, temperature, bias, given, leap)
        scores = []
        for steps, gained in zip(made.steps, made.log_probability, strict=True):
            measured = _open(like.with_steps(steps), still)
            off = np.abs(np.where(np.isfinite(measured), measured - target, 3 * spreads)) * weights
            score = -float(off.sum()) - _NOTES * _apart(base.steps[0], steps)
            scores.append(score + (0.0 if value is None else 0.5 * value(steps, float(gained))))
        order = np.argsort(scores)[::-1][:_KEPT].tolist()
        pool = [points[k] for k in order]
        first = order[0]
        if best is None or scores[first] > best[0]:
            best = (scores[first], points[first], made.steps[first], float(made.log_probability[first]))
    assert best is not None
    return best[1], best[2], best[3]


def _towards_examples(
    space: PhraseSpace, like: Phrase, start: Floats, asked: NDArray[np.float64], rng: np.random.Generator,
    bias: Floats | None,
) -> list[Floats]:  # fmt: skip
    """Points on the way to those of some drawn phrases that have most of what is asked."""
    drawn = space.drawn(like.row, len(start), _POINTS, rng)
    wanted = np.sign(asked)
    scores = []
    for steps in space.decode(drawn, like, None, 0.0, bias).steps:
        measured = _open(like.with_steps(steps), np.zeros(len(start), dtype=bool))
        scaled = (measured - space.scale(like.row)[0]) / np.maximum(space.scale(like.row)[1], 1e-6)
        scores.append(float((wanted * scaled).sum()) if np.isfinite(measured).all() else -np.inf)
    best = np.argsort(scores)[::-1][:_EXAMPLES].tolist()
    return [start + np.float32(by) * (drawn[k] - start) for k in best for by in _TOWARDS]


def _varied(space: PhraseSpace, row: str, point: Floats, rng: np.random.Generator) -> Floats:
    """A point a share of the way to a drawn one; now and then in one bar alone."""
    bars = len(point)
    by = _AROUND[int(rng.integers(len(_AROUND)))]
    middle = space.mean(row)[:bars]
    other = space.drawn(row, bars, 1, rng)[0]
    found = middle + np.sqrt(1 - by**2) * (point - middle) + by * (other - middle)
    if rng.random() < 0.4:
        bar = int(rng.integers(bars))
        return np.where((np.arange(bars) == bar)[:, None], found, point)
    return np.asarray(found)


def _open(phrase: Phrase, still: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Attributes of the bars that aren't given, NaN where nothing is struck."""
    values = measure(phrase)[~still]
    good = np.isfinite(values).all(axis=1)
    return values[good].mean(axis=0) if good.any() else np.full(values.shape[1], np.nan)


def _apart(a: NDArray, b: NDArray) -> float:
    if a.ndim == 3:
        return float((a != b).sum() / max(int((a | b).sum()), 1))
    return float((a != b).mean())
