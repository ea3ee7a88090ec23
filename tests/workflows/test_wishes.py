"""Wishes that songwriters combine: what the report calls met is so, to the last player and syllable."""

from __future__ import annotations

import pytest

from yuefu.text.brief import BriefOptions, read_brief
from yuefu.workflows.compose import compose
from yuefu.workflows.report import _players_agree

pytestmark = pytest.mark.model


def test_a_string_quartet_has_four_named_parts():
    """Both violins play, and each has its own name on the page."""
    made = compose("a string quartet", bars=4, seed=1, candidates=1)
    assert [part.name for part in made.score.parts] == ["violin 1", "violin 2", "viola", "cello"]
    assert all(len(part.notes) for part in made.score.parts)
    assert next(f for f in made.report.findings if f.field == "instruments").met


def test_a_missing_second_player_or_an_uninvited_one_is_told():
    """Three of a quartet aren't a quartet, and a duo isn't a solo."""
    duo = compose("", instruments="violin, cello", bars=2, seed=1, candidates=1).score
    for names, met in (("violin, cello", True), ("violin, violin, cello", False), ("violin", False)):
        assert _players_agree(read_brief("", BriefOptions(instruments=names)), duo) is met


def test_chords_without_a_key_are_heard_in_their_own_key():
    """The progression's key is on the page, and the chords are exact."""
    made = compose("", chords="verse: Eb Bb | chorus: Cm Ab", form="verse:2 chorus:2", seed=2, candidates=1)
    assert made.plan.key == "Eb major"
    assert not made.report.unmet
