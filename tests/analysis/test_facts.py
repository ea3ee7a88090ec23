"""Everything in one value, and as text."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from yuefu.analysis.facts import analyze
from yuefu.analysis.facts_text import facts_text
from yuefu.errors import UnknownNameError
from yuefu.score.model import KeyChange, Score
from yuefu.theory.key import Key

from .music import chart, tune


def test_the_facts_of_a_known_song() -> None:
    """Key, form, bars, chords and parts of Twinkle in D."""
    facts = analyze(tune(Key(2)))
    assert facts.key == Key(2)
    assert facts.form_letters == "A B A"
    assert facts.bars == 12
    assert facts.duration == pytest.approx(24.0)
    assert [chord.symbol for chord in facts.chords][:3] == ["D", "G", "D"]
    assert (facts.chords[1].bar, facts.chords[1].beat, facts.chords[1].beats) == (2, 1.0, 2.0)
    assert [part.role for part in facts.texture.parts] == ["melody", "bass"]
    assert facts.form[0].rows == ("melody", "bass")
    assert len(facts.phrases) == 6


def test_the_given_key_is_kept_beside_the_found_one() -> None:
    """A wrong signature is reported, not believed."""
    facts = analyze(replace(tune(), keys=(KeyChange(0, Key(-4)),)))
    assert (facts.key, facts.given_key) == (Key(), Key(-4))
    assert "written as Ab major" in facts_text(facts)
    assert "记谱为降A大调" in facts_text(facts, "zh")


def test_facts_become_json(extreme: Score) -> None:
    """Any score's facts are strict JSON, and text in both languages."""
    facts = analyze(extreme)
    data = json.loads(json.dumps(facts.to_dict(), allow_nan=False))
    assert data["bars"] == facts.bars
    for language in ("en", "zh"):
        text = facts_text(facts, language)
        assert text
        assert "nan" not in text


def test_a_chord_chart_keeps_its_chords() -> None:
    """Without notes the written chords are listed, and said to be given."""
    facts = analyze(chart("G Em C D"))
    assert facts.chords_given
    assert [chord.symbol for chord in facts.chords] == ["G", "Em", "C", "D"]


def test_both_languages_say_the_same() -> None:
    """Both texts have as many lines, and the Chinese one is Chinese."""
    facts = analyze(tune())
    english, chinese = facts_text(facts), facts_text(facts, "zh")
    assert len(english.splitlines()) == len(chinese.splitlines())
    assert "C大调" in chinese
    assert "C major" in english
    assert not any("\u4e00" <= character <= "\u9fff" for character in english)


def test_another_language_is_refused() -> None:
    """The message lists the languages."""
    with pytest.raises(UnknownNameError, match="en, zh"):
        facts_text(analyze(Score()), "fr")


def test_analysis_is_deterministic() -> None:
    """Twice the same score, twice the same facts."""
    assert json.dumps(analyze(tune()).to_dict()) == json.dumps(analyze(tune()).to_dict())
