"""The encoder of words: what it must get right of any weights, and of those inside."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yuefu.text.encoder.network import packed, run, shipped_weights, unpacked
from yuefu.text.encoder.reading import rules_of, understand
from yuefu.text.encoder.units import BUCKETS, MAX_UNITS, features_of, units_of
from yuefu.text.infer import infer
from yuefu.text.lexicon import concepts, rated_terms, rated_words


def test_units_are_words_characters_and_marks_in_their_places() -> None:
    text = "Not sad, 而是释然！"
    units = units_of(text)
    assert [unit.text for unit in units] == ["not", "sad", ",", "而", "是", "释", "然", "!"]
    assert all(text[unit.start : unit.end].lower() in (unit.text, "！") for unit in units)


@given(st.text(max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_text_has_bounded_units_and_rows(text: str) -> None:
    units = units_of(text)
    assert len(units) <= MAX_UNITS
    for place in range(len(units)):
        assert all(0 <= row < BUCKETS for row in features_of(units, place))


@given(st.text(max_size=200))
@settings(max_examples=40, deadline=None)
def test_any_text_is_read_or_has_no_word(text: str) -> None:
    reading = understand(text)
    if reading is None:
        assert not any(c.isalnum() and c.isascii() for c in text.lower())
    else:
        assert -1 <= reading.valence.value <= 1
        assert 0.5 <= reading.arousal.confidence <= 1


def test_the_lexicon_rates_four_thousand_terms_a_language_within_its_ranges() -> None:
    for language in ("en", "zh"):
        words = rated_words(language)
        assert len(words) >= 4000
        assert all(-1 <= v <= 1 and -1 <= a <= 1 and 0 < w <= 1 for v, a, w in words.values())
    for concept in concepts():
        assert concept.en
        assert concept.zh
        assert all(term == term.strip().lower() for term in concept.en)


def test_the_longest_term_is_rated_where_several_overlap() -> None:
    (start, end, _rating), *rest = rated_terms("漠不关心")
    assert (start, end, rest) == (0, 4, [])


def test_packing_keeps_what_the_network_says_to_a_hundredth() -> None:
    weights = shipped_weights()
    again = unpacked(packed(weights))
    units = units_of("a quiet harbour before dawn")
    rules = [rules_of("a quiet harbour before dawn")]
    assert np.allclose(run(weights, units, rules)[0], run(again, units, rules)[0], atol=0.02)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("overjoyed", "heartbroken"), ("the wedding dance", "the funeral"), ("喜出望外", "悲痛欲绝"),
        ("not sad, rather hopeful", "not hopeful, rather sad"), ("不是悲伤，而是释然", "不是释然，而是悲伤"),
    ],
)  # fmt: skip
def test_the_happier_of_two_texts_has_more_valence(one: str, other: str) -> None:
    first, second = understand(one), understand(other)
    assert first is not None
    assert second is not None
    assert first.valence.value > second.valence.value


@pytest.mark.parametrize(
    ("one", "other"), [("a frantic chase", "a sleepy afternoon"), ("千军万马冲锋", "婴儿睡着了，屋里静悄悄")]
)
def test_the_more_excited_of_two_texts_has_more_arousal(one: str, other: str) -> None:
    first, second = understand(one), understand(other)
    assert first is not None
    assert second is not None
    assert first.arousal.value > second.arousal.value


@pytest.mark.parametrize(
    ("english", "chinese", "unlike"),
    [("longing for home", "思乡", "嘉年华"), ("a thunderstorm", "雷雨", "摇篮")],
)
def test_translations_lie_nearer_to_each_other_than_to_something_else(english: str, chinese: str, unlike: str) -> None:
    vectors = [reading.vector for text in (english, chinese, unlike) if (reading := understand(text)) is not None]
    first, second, third = (vector / np.linalg.norm(vector) for vector in vectors)
    assert first @ second > first @ third


def test_inferences_quote_words_of_the_text_and_say_how_sure_they_are() -> None:
    for text in ("the last train has left and it is raining", "末班车开走了，下着雨"):
        for name, inferred in infer(text, ()).items():
            assert inferred.words, name
            assert all(word in text for word in inferred.words)
            assert 0 <= inferred.confidence <= 1


def test_what_was_said_is_not_inferred_again() -> None:
    assert "style" not in infer("smoky jazz club at midnight", ("style",))


def test_a_prompt_is_read_within_fifty_milliseconds_once_warm() -> None:
    text = "a quiet evening by the sea, not gloomy, rather grateful, with the lights of the boats coming home"
    understand(text)
    seconds = []
    for _ in range(9):
        began = time.thread_time()
        understand(text)
        seconds.append(time.thread_time() - began)
    assert min(seconds) < 0.05
