"""The baselines learn what they can: counts for n-grams, and a rule with a twist for the classifier."""

from __future__ import annotations

import numpy as np
import pytest

from yuefu.evaluation.classifier import Classifier, Settings
from yuefu.evaluation.ngrams import Bigram


def test_n_grams_are_distributions_also_over_what_was_never_seen() -> None:
    counts = Bigram(5, 3)
    counts.add(np.array([0, 0, 1]), np.array([1, 2, 1]))
    every = np.arange(5)
    assert np.exp(-counts.unigram_nats(every)).sum() == pytest.approx(1)
    for previous in range(3):
        assert np.exp(-counts.bigram_nats(np.full(5, previous), every)).sum() == pytest.approx(1)
    assert counts.unigram_nats(np.array([1]))[0] < counts.unigram_nats(np.array([4]))[0]
    # Nothing was seen after 2: its best guess is the unigram.
    assert counts.bigram_nats(np.full(5, 2), every) == pytest.approx(counts.unigram_nats(every))


def test_a_bigram_learns_a_circle_of_fifths_that_a_unigram_cannot() -> None:
    walk = np.arange(2000) * 7 % 12
    counts = Bigram(12, 12)
    counts.add(walk[:-1], walk[1:])
    assert counts.bigram_nats(walk[:-1], walk[1:]).mean() < 0.1
    assert counts.unigram_nats(walk).mean() == pytest.approx(np.log(12), abs=0.05)


def exclusive_or(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Two bits and a noisy bit; the class is whether the first two differ, which no linear rule can tell."""
    bits = np.random.default_rng(seed).integers(0, 2, (count, 3))
    return bits.astype(np.float32), (bits[:, 0] ^ bits[:, 1]).astype(np.int64)


def test_the_classifier_learns_what_no_linear_rule_can() -> None:
    settings = Settings(hidden=16, epochs=60, rate=1e-2, patience=60)
    model = Classifier(*exclusive_or(1000, 1), classes=2, seed=0, settings=settings)
    features, targets = exclusive_or(200, 2)
    assert model.nats(features, targets).mean() < 0.05
    assert model.nats(features, 1 - targets).mean() > 3


def test_features_that_say_nothing_leave_the_shares_of_the_classes() -> None:
    rng = np.random.default_rng(0)
    targets = (rng.random(3000) < 0.25).astype(np.int64)
    model = Classifier(np.ones((3000, 1), dtype=np.float32), targets, 2, seed=0)
    assert model.nats(np.ones((1, 1), dtype=np.float32), np.array([1]))[0] == pytest.approx(-np.log(0.25), abs=0.15)


def test_the_same_seed_gives_the_same_classifier() -> None:
    features, targets = exclusive_or(100, 3)
    nats = [Classifier(features, targets, 2, seed).nats(features, targets).tolist() for seed in (1, 1, 2)]
    assert nats[0] == nats[1] != nats[2]
