"""The critic prefers tunes that lie in the corpus's spread."""

import numpy as np

from yuefu.generation.critic import WEIGHTS, judge, reference, tune_measures
from yuefu.score.model import ChordSpan, Part, Score, make_notes
from yuefu.theory.chord import Chord


def tune(pitches):
    notes = make_notes([(i + 1, i * 24, 24, p, 80) for i, p in enumerate(pitches)])
    chords = tuple(ChordSpan(i * 96, 96, Chord([0, 5, 7, 0][i % 4])) for i in range(len(pitches) // 4))
    return Score(parts=(Part("P", "x", notes=notes),), chords=chords, length=len(pitches) * 24)


def test_a_plain_tune_beats_noise():
    """Steps within the chords score above random leaps."""
    plain = tune([64, 67, 64, 62, 65, 69, 65, 64, 62, 67, 65, 62, 64, 62, 60, 60] * 2)
    noise = tune(np.random.default_rng(0).integers(36, 96, 32).tolist())
    assert judge(plain, "pop") > judge(noise, "pop")


def test_likelihood_has_a_say():
    """Between equal tunes the likelier one wins."""
    plain = tune([64, 67, 64, 62, 65, 69, 65, 64] * 4)
    assert judge(plain, "pop", -0.5) > judge(plain, "pop", -1.5)


def test_the_reference_covers_all_measures():
    """Each style group has mean and spread of every measure that the critic weighs."""
    assert "pop" in reference()
    for table in reference().values():
        assert set(table) <= set(WEIGHTS)
        assert all(spread > 0 for _, spread in table.values())
    assert set(tune_measures(tune([60, 62, 64, 65] * 4))) == set(WEIGHTS)
