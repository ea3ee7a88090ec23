"""The package's own weights: known music is told, other music isn't told as sure, files make no difference."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from yuefu.analysis.bar_roll import bar_roll
from yuefu.corpus.labels import labels
from yuefu.errors import InputError
from yuefu.recognition.explain import explain
from yuefu.recognition.recognizer import StyleRecognizer, style_recognizer
from yuefu.score.abc_read import read_abc
from yuefu.score.files import read_score, write_score
from yuefu.score.model import Part, Score, make_notes, transpose

pytestmark = pytest.mark.model

#: Tunes of our own, in the manner of dances.
JIG = """X:1
M:6/8
L:1/8
K:G
|:D|GAB dBG|AGE EDE|GAB d2e|dBA A2D|GAB dBG|AGE EDE|GAB dBA|BGG G2:|
|:d|efg edB|dBG AGE|efg edB|dBA A2d|efg edB|dBG AGE|GAB dBA|BGG G2:|
"""
REEL = """X:1
M:4/4
L:1/8
K:D
|:A2FA DAFA|B2GB EBGB|A2FA DAFA|Bcdf edBc|A2FA DAFA|B2GB EBGB|fedc BAFA|BEED E4:|
|:d2fd Adfd|e2ge Bege|d2fd Adfd|efge dBAB|d2fd Adfd|e2ge Bege|fedc BAFA|BEED E4:|
"""


@pytest.mark.parametrize(("text", "key"), [(JIG, "jig"), (REEL, "reel")])
def test_dances_are_told(text: str, key: str) -> None:
    """A jig is taken for a jig and a reel for a reel, with most of the share."""
    verdict = style_recognizer()(read_abc(text))
    assert verdict.label.key == key
    assert verdict.shares[0][1] > 0.5


def test_another_key_leaves_the_verdict() -> None:
    """Moved by a third, a reel stays a reel, with about the same share."""
    score = read_abc(REEL)
    one, other = (style_recognizer()(each) for each in (score, transpose(score, 4)))
    assert one.label == other.label
    assert one.shares[0][1] == pytest.approx(other.shares[0][1], abs=0.25)


@pytest.mark.parametrize("name", ["tune.mid", "tune.musicxml", "tune.abc"])
def test_every_format_gives_the_same_verdict(name: str, tmp_path: Path) -> None:
    """Written and read again, a tune is judged alike."""
    score = read_abc(JIG)
    write_score(score, tmp_path / name)
    back = style_recognizer()(read_score(tmp_path / name))
    assert back.label == style_recognizer()(score).label


def test_noise_is_not_told_as_sure() -> None:
    """Random notes in random rhythm are seldom called a style with confidence."""
    sure = 0
    for seed in range(8):
        rng = np.random.default_rng(seed)
        starts = np.sort(rng.integers(0, 96 * 16, 120))
        notes = [(n, int(s), int(rng.integers(2, 60)), int(rng.integers(30, 100)), 80) for n, s in enumerate(starts)]
        score = Score(parts=(Part("p", "", "keys", notes=make_notes(notes)),))
        sure += style_recognizer()(score).sure
    assert sure <= 4


def test_the_weights_know_the_labels_and_how_good_they_are() -> None:
    """Every output is a label of the table, and the figures of the cross-validation are there."""
    facts = StyleRecognizer().facts
    assert set(facts.labels) == set(labels())
    assert facts.measured["accuracy"] > 0.7
    assert facts.measured["precision_when_sure"] > 0.85
    assert 0 < facts.threshold < 1


def test_what_speaks_for_a_jig_is_there() -> None:
    """Hiding all but one bar of a jig changes its odds somewhere, and the empty bass says nothing."""
    roll = bar_roll(read_abc(JIG))
    found = explain(style_recognizer(), roll, "jig")
    assert np.nanmax(found.bars) > 0
    assert np.isnan(found.cells[3]).all()


def test_a_score_without_notes_has_no_style() -> None:
    """It is refused with a sentence."""
    with pytest.raises(InputError, match="no notes"):
        style_recognizer()(replace(Score(), length=96))
