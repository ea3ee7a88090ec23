"""Turns of phrase: what denies a feeling without a word of negation, and what only seems to."""

from __future__ import annotations

import pytest

from yuefu.text.mood import mood_of
from yuefu.text.scan import scan


def _valence(text: str) -> float:
    mood = mood_of(scan(text))
    assert mood is not None
    return mood.valence


@pytest.mark.parametrize(
    "text",
    [
        "i wish we were happy", "if only it were peaceful", "who could be happy here", "gone is the joy",
        "no amount of joy", "the joy is gone", "happy? not any more", "nobody is happy",
        "要是能开心就好了", "谁高兴得起来", "快乐早没了", "强装快乐", "快乐是他们的", "没有人快乐",
    ],
)  # fmt: skip
def test_a_good_feeling_that_is_wished_for_or_over_is_not_there(text: str) -> None:
    """Happiness that a text wishes for, remembers or doubts reads as unpleasant."""
    assert _valence(text) < 0


@pytest.mark.parametrize(
    "text",
    ["i refuse to be sad", "the grief has passed", "no reason to be sad", "enough sadness", "何必难过",
     "悲伤已经过去了", "走出悲伤", "难过什么呀"],
)  # fmt: skip
def test_a_bad_feeling_that_is_refused_or_over_is_not_there_either(text: str) -> None:
    """Sadness that is refused or past reads as pleasant."""
    assert _valence(text) > 0


@pytest.mark.parametrize(
    ("twice", "once"),
    [
        ("couldn't be happier", "happier"),
        ("how could i not be happy", "happy"),
        ("忍不住快乐", "快乐"),
        ("再快乐不过", "快乐"),
    ],
)
def test_two_denials_make_a_feeling_no_weaker(twice: str, once: str) -> None:
    """What is denied twice reads at least as pleasant as what is plainly said."""
    assert _valence(twice) >= _valence(once) > 0


def test_a_turn_of_phrase_is_quoted_with_its_term() -> None:
    """The words that a mood rests on include those that turn it."""
    mood = mood_of(scan("i wish we were happy"))
    assert mood is not None
    assert mood.words == ("i wish we were happy",)
