"""Tempo and rhythm facts."""

from __future__ import annotations

import math

import numpy as np
import pytest

from yuefu.analysis.grid import Grid
from yuefu.analysis.rhythm import estimate_tempo, groove_consistency, rhythm_entropy, syncopation, triplet_share
from yuefu.score.model import Score, TempoChange

from .music import BAR, line, part, piece


def test_mean_tempo_is_weighted_by_time() -> None:
    """A bar at 60 and a bar at 120 are 8 quarters in 6 seconds: 80 a minute."""
    notes = line([60] * 8, [24] * 8)
    score = Score(parts=(part("melody", notes),), tempos=(TempoChange(0, 60.0), TempoChange(BAR, 120.0)))
    tempo = estimate_tempo(score)
    assert (tempo.mean, tempo.low, tempo.high, tempo.changes) == (80.0, 60.0, 120.0, 1)


def test_changes_after_the_end_do_not_count() -> None:
    """A tempo past the last bar line is never heard."""
    score = Score(parts=(part("melody", line([60], [24])),), tempos=(TempoChange(0, 90.0), TempoChange(5 * BAR, 30.0)))
    assert estimate_tempo(score).changes == 0


def test_even_rhythm_has_no_entropy() -> None:
    """Equal times from onset to onset are 0 bits; two kinds in equal number are 1."""
    assert rhythm_entropy(line([60] * 9, [24] * 9)) == 0.0
    assert rhythm_entropy(line([60] * 9, [24, 12] * 4 + [24])) == pytest.approx(1.0)
    assert math.isnan(rhythm_entropy(line([60], [24])))


def test_triplets_are_told_from_sixteenths() -> None:
    """Two of three eighth triplets lie off the sixteenth grid."""
    assert triplet_share(piece(part("melody", line([60] * 12, [8] * 12)))) == pytest.approx(2 / 3)
    assert triplet_share(piece(part("melody", line([60] * 16, [6] * 16)))) == 0.0


def test_metric_strength_in_three_metres() -> None:
    """The bar line is strongest, then the half, the beats, and what lies between."""
    four = Grid.of(piece(part("melody", line([60] * 4, [24] * 4))))
    assert four.strength(np.array([0, 48, 24, 12, 6])).tolist() == [1.0, 0.75, 0.5, 0.25, 0.1]
    six = Grid.of(piece(part("melody", line([60] * 6, [12] * 6)), meter=(6, 8)))
    assert six.strength(np.array([0, 36, 12])).tolist() == [1.0, 0.75, 0.25]


def test_a_pickup_is_weak() -> None:
    """A quarter before the first bar line of 4/4 is its fourth beat."""
    grid = Grid.of(piece(part("melody", line([60] * 5, [24] * 5)), pickup=24))
    assert grid.strength(np.array([0, 24])).tolist() == [0.5, 1.0]


def test_extremes_have_rhythm(extreme: Score) -> None:
    """Any score gives numbers or NaN."""
    for part_ in extreme.parts:
        value = syncopation(part_.notes, Grid.of(extreme))
        assert math.isnan(value) or 0 <= value <= 1
    value = groove_consistency(extreme)
    assert math.isnan(value) or 0 <= value <= 1
