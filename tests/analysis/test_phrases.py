"""Phrases and cadences."""

from __future__ import annotations

import itertools

from yuefu.analysis.phrases import CADENCES, cadence, phrases
from yuefu.score.model import Score

from .music import BAR, line, part, piece, progression, tune


def test_rests_end_phrases() -> None:
    """Four lines of seven notes with a rest after each are four phrases."""
    notes = line([60, 62, 64, 65, 67, 65, 64, -1] * 4, [24] * 32)
    found = phrases(piece(part("melody", notes)))
    assert [phrase.notes for phrase in found] == [7] * 4
    assert [phrase.start for phrase in found] == [0, 192, 384, 576]


def test_long_notes_end_phrases() -> None:
    """Twinkle's six lines end on its half notes."""
    found = phrases(tune())
    assert [phrase.notes for phrase in found] == [7] * 6


def test_phrases_hold_every_note_of_the_line(extreme: Score) -> None:
    """Phrases follow each other and don't overlap."""
    found = phrases(extreme)
    assert all(a.start < b.start for a, b in itertools.pairwise(found))
    assert all(phrase.notes > 0 for phrase in found)


def test_cadences_of_progressions() -> None:
    """The four kinds, at the fourth bar of a phrase in C."""
    whole = "C F G7 C "
    for phrase, kind in {
        "C Am F C": "plagal",
        "C F Dm G": "half",
        "C F G7 C": "authentic",
        "C F G7 Am": "deceptive",
    }.items():
        score = progression(whole + phrase + " " + whole)
        assert cadence(score, 7) == kind, phrase


def test_a_minor_key_has_its_cadences() -> None:
    """E7 to A minor is authentic in A minor."""
    assert cadence(progression("Am Dm E7 Am Am Dm E7 Am"), 7) == "authentic"


def test_any_bar_has_an_answer(extreme: Score) -> None:
    """A bar in or outside the piece gives one of the names."""
    for bar in (-1, 0, len(extreme.bars) - 1, len(extreme.bars), 10_000):
        assert cadence(extreme, bar) in CADENCES


def test_a_cadence_outside_is_none() -> None:
    """There is no cadence after the end."""
    assert cadence(progression("C G7 C"), 3 + BAR) == "none"
