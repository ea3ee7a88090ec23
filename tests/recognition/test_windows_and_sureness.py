"""Windows cover a piece, and shares mean what they say."""

from __future__ import annotations

import itertools

import numpy as np
from tests.corpus.tunes import song

from yuefu.analysis.bar_roll import bar_roll
from yuefu.recognition.calibration import calibration_error, fit_temperature, piece_shares, softmax, threshold_for
from yuefu.recognition.windows import BARS, starts_of, windows_of
from yuefu.score.model import Score


def test_windows_cover_the_piece_from_its_first_to_its_last_bar() -> None:
    """The first window begins with the piece, the last ends with it, no bar is left out while few do."""
    for bars in (1, 15, 16, 17, 40, 100, 1000):
        starts = starts_of(bars)
        assert starts[0] == 0
        assert max(starts[-1] + BARS, bars) == max(bars, BARS)
        if bars <= 8 * BARS:
            assert all(b - a <= BARS for a, b in itertools.pairwise(starts))


def test_a_short_piece_is_heard_again_until_it_fills_a_window() -> None:
    """Eight bars come twice."""
    starts, rows, stats = windows_of(bar_roll(song(0, 8)))
    assert starts == [0]
    assert np.array_equal(rows[0, :8], rows[0, 8:])
    assert np.array_equal(stats[0, :8], stats[0, 8:])


def test_silence_has_no_windows() -> None:
    """A score without notes can't be looked at."""
    starts, rows, _ = windows_of(bar_roll(Score()))
    assert starts == []
    assert len(rows) == 0


def test_the_temperature_makes_overconfident_shares_honest() -> None:
    """Logits four times too large get a temperature near 4 and then a small calibration error."""
    rng = np.random.default_rng(0)
    true_logits = rng.normal(0, 1.5, (3000, 5))
    truth = np.array([rng.choice(5, p=p) for p in softmax(true_logits)])
    pieces = [row[None] * 3.0 for row in true_logits]
    temperature = fit_temperature(pieces, truth)
    assert 2.6 < temperature < 3.4
    before = np.array([piece_shares(each) for each in pieces])
    after = np.array([piece_shares(each, temperature) for each in pieces])
    assert calibration_error(after, truth) < 0.04 < calibration_error(before, truth)


def test_verdicts_over_the_threshold_are_as_precise_as_asked() -> None:
    """Of those at or above it nine in ten are right, and a lower one wouldn't do."""
    rng = np.random.default_rng(1)
    shares = softmax(rng.normal(0, 2, (4000, 6)))
    truth = np.array([rng.choice(6, p=p) for p in shares])
    threshold = threshold_for(shares, truth, 0.9)
    sure = shares.max(axis=1) >= threshold
    right = shares.argmax(axis=1) == truth
    assert right[sure].mean() >= 0.9
    assert 0.05 < sure.mean() < 0.95
    assert right[shares.max(axis=1) >= threshold - 0.05].mean() < 0.9


def test_where_nothing_is_precise_enough_the_surest_are_told() -> None:
    """Labels that can't be told give a threshold that few pieces reach."""
    rng = np.random.default_rng(2)
    shares = softmax(rng.normal(0, 2, (500, 4)))
    truth = rng.integers(0, 4, 500)
    threshold = threshold_for(shares, truth, 0.99)
    assert 0.02 < (shares.max(axis=1) >= threshold).mean() < 0.5
