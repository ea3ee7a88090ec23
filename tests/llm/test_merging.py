"""Whose word counts: an option's, then the plain words', then the language model's, then what was inferred."""

from __future__ import annotations

import json

from tests.llm.server import answers, serving

from yuefu.errors import InputError
from yuefu.llm.brief_writer import BriefDraft, merge_brief
from yuefu.llm.settings import LlmSettings
from yuefu.planning.plan import Plan
from yuefu.planning.planner import make_plan
from yuefu.text.brief import Asked, Brief, BriefOptions, read_brief
from yuefu.workflows.llm_brief import consult

DRAFT = BriefDraft(
    title="Night Train", style="jazz", key="C minor", meter="5/4", tempo=150, bars=24, instruments=["piano", "drums"],
    valence=0.9, arousal=0.8,
)  # fmt: skip


def test_options_and_plain_words_win_over_the_model() -> None:
    """Each field that was said keeps its value and its source."""
    brief = read_brief("a slow waltz in G minor without drums", BriefOptions(tempo="80", bars=8, title="Mine"))
    merged = merge_brief(brief, DRAFT)
    for name in ("title", "style", "key", "meter", "tempo", "bars", "without", "mode"):
        assert getattr(merged, name) == getattr(brief, name), name
    assert merged.instruments.value == ["piano"]
    assert merged.instruments.source == "llm"


def test_the_model_wins_over_what_was_only_inferred() -> None:
    """A mood with a confidence was guessed from the words; the model's replaces it."""
    brief = Brief(words="x", valence=Asked(value=-0.4, source="text", words=("x",), confidence=0.6))
    merged = merge_brief(brief, DRAFT)
    assert (merged.valence.value, merged.valence.source, merged.valence.confidence) == (0.9, "llm", None)


def test_a_title_taken_from_the_words_gives_way_and_one_that_they_name_does_not() -> None:
    """The first clause of a prompt is no wish for a title; 《》 and 'called' are."""
    assert merge_brief(read_brief("rain on the roof"), DRAFT).title.value == "Night Train"
    assert merge_brief(read_brief("写一首名为《夜雨》的歌"), DRAFT).title.value == "夜雨"


def test_a_key_of_the_other_mode_is_not_taken() -> None:
    """Words that say minor aren't answered with a major key."""
    brief = read_brief("something in a minor key")
    assert brief.mode.value == "minor"
    assert merge_brief(brief, BriefDraft(key="C major")).key.value is None


def test_a_length_that_was_said_keeps_the_models_form_and_bars_out() -> None:
    """Two minutes are two minutes."""
    merged = merge_brief(read_brief("two minutes of piano"), BriefDraft(form="A:8 B:8", bars=16))
    assert merged.form.value is None
    assert merged.bars.value is None


def test_what_no_plan_can_be_made_with_is_given_up_with_a_notice() -> None:
    """Players of the model's that don't go with the rest are dropped; its style stays."""

    def picky(brief: Brief, seed: int) -> Plan:
        if brief.instruments.source == "llm":
            raise InputError("these can't play together")
        return make_plan(brief, seed)

    with serving(answers(json.dumps({"instruments": ["piano"], "style": "jazz"}))) as heard:
        settings = LlmSettings(heard.url, "m", deadline=5)
        asked = consult(Brief(words="rain", seed=Asked(value=1)), settings, plan=picky)
    assert asked.brief.instruments.value is None
    assert (asked.brief.style.value, asked.record.fields) == ("jazz", ("style",))
    assert ["instruments" in line and "planner" in line for line in asked.record.lines("en")] == [True]
