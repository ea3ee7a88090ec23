"""English words: how many syllables, where the stress is, how they sound."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yuefu.text import cmudict, syllable_rules_en
from yuefu.text.align_en import vowel_spans
from yuefu.text.letters_en import read_letters
from yuefu.text.pronounce_en import count_syllables, pronounce, pronunciations
from yuefu.text.syllables_en import split_word

# Each word in syllables, stressed ones marked: ' primary, , secondary. Our own choice of what songs use.
COMMON = """
'love 'heart 'night 'day 'light re-'mem-ber for-'get a-'gain to-'night to-'mor-row 'yes-ter-,day 'mid-,night
'moon-,light
'star-,light 'sun-,shine 'rain-,bow 'riv-er 'o-cean 'moun-tain 'val-ley 'for-est 'gar-den 'flow-er 'sum-mer 'win-ter
'au-tumn 'mu-sic 'mel-o-dy 'har-mo-ny 'rhy-thm 'won-der 'won-der-ful 'beau-ti-ful 'hap-py 'lone-ly 'lov-er 'dream-er
'danc-ing 'sing-ing 'cry-ing 'fly-ing 'dy-ing be-'lieve be-'liev-ing for-'ev-er 'nev-er 'al-ways 'some-,times
'ev-ery-,thing 'some-,thing 'noth-ing 'an-y-,bod-y 'heav-en 'an-gel 'dev-il 'ho-ly 'spir-it 'glo-ry 'vic-to-ry
hal-le-'lu-jah 'prom-ise 'prom-is-es 'wish-es 'kiss-es 'eyes 'ba-by 'dar-ling 'hon-ey 'sis-ter 'broth-er 'moth-er
'fa-ther 'chil-dren 'peo-ple 'cit-y 'high-,way 'tel-e-,phone ,ra-di-,o 'pho-to-,graph 'mem-o-ry i-mag-i-'na-tion
sit-u-'a-tion com-pli-'ca-tion des-ti-'na-tion con-ver-'sa-tion in-'spired de-'sire 'des-ert 'fire 'hour
'world 'girl 'walked 'want-ed 'need-ed 'loved 'blamed 'learn-ing 'lis-ten-ing 'whis-per-ing 'shim-mer-ing
'qui-et 'po-et 'crea-ture cre-'ate i-'de-a vi-o-'lin pi-'an-o gui-'tar 'ho-'tel ma-'chine un-der-'stand o-ver-'come
un-be-'liev-a-ble im-'pos-si-ble 'pos-si-ble e-lec-'tric-i-ty re-'al-i-ty e-'ter-ni-ty in-'fin-i-ty 'des-ti-ny
'mys-ter-y 'his-to-ry to-'geth-er
"""
COUNTS = [(word.replace("'", "").replace(",", "").replace("-", ""), word.count("-") + 1) for word in COMMON.split()]


def test_the_dictionary_is_installed_and_known_words_sound_as_it_says() -> None:
    assert cmudict.available()
    assert pronounce("remember") == ("R", "IH0", "M", "EH1", "M", "B", "ER0")


def test_common_words_of_songs_have_as_many_syllables_as_are_sung() -> None:
    wrong = [word for word, count in COUNTS if count not in split_word(word).counts]
    assert wrong == []


def test_the_stress_of_common_words_is_right_in_nearly_all() -> None:
    wrong = []
    for marked in COMMON.split():
        parts = marked.replace(",", "").split("-")
        word = "".join(parts).replace("'", "")
        split = split_word(word)
        primary = [index for index, part in enumerate(parts) if part.startswith("'")]
        if primary and len(split.texts) == len(parts) and split.stressed not in primary:
            wrong.append(word)
    assert len(wrong) <= 1, wrong


@pytest.mark.parametrize(
    ("word", "syllables", "stresses"),
    [
        ("alleluia", "al-le-lu-ia", (2, 0, 1, 0)), ("yesterday", "yes-ter-day", (1, 0, 2)),
        ("moonlight", "moon-light", (1, 2)), ("saviour", "sav-iour", (1, 0)), ("Charleston", "Charles-ton", (1, 0)),
        ("tumblin'", "tum-blin'", (1, 0)), ("brighten'd", None, (1, 0)), ("there'll", "there'll", (0,)),
        ("ev'ning", None, (1, 0)), ("wond'ring", None, (1, 0)), ("Beyoncé", None, None), ("café", "ca-fé", (0, 1)),
        ("player", "play-er", (1, 0)), ("whereon", "where-on", None), ("OK", "O-K", None), ("y'all'd", "y'all'd", (1,)),
        ("yeahhh", "yeahhh", (1,)),
    ],
)  # fmt: skip
def test_endings_elisions_compounds_and_names(
    word: str, syllables: str | None, stresses: tuple[int, ...] | None
) -> None:
    split = split_word(word)
    assert syllables is None or "-".join(split.texts) == syllables
    assert stresses is None or split.stresses == stresses


@pytest.mark.parametrize(
    ("word", "counts"),
    [
        ("fire", {1, 2}),
        ("hour", {1, 2}),
        ("every", {2, 3}),
        ("desire", {2, 3}),
        ("glorious", {2, 3}),
        ("flower", {1, 2}),
        ("heaven", {1, 2}),
        ("diamond", {2, 3}),
        ("river", {2}),
    ],
)
def test_words_that_may_be_sung_longer_say_so(word: str, counts: set[int]) -> None:
    assert set(split_word(word).counts) == counts


@pytest.mark.parametrize("word", ["record", "present", "desert", "object", "rebel", "conflict"])
def test_a_noun_is_stressed_before_its_verb(word: str) -> None:
    noun, verb = split_word(word, "noun").stressed, split_word(word, "verb").stressed
    assert noun is not None
    assert verb is not None
    assert noun < verb


@settings(deadline=None, max_examples=200)
@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyzéİ'", min_size=1, max_size=20))
def test_every_word_has_one_stress_and_one_sound_for_each_syllable(word: str) -> None:
    split = split_word(word)
    assert len(split.texts) == len(split.stresses) == len(split.phones) == split.counts[0]
    assert all(split.texts)
    assert set(split.stresses) <= {0, 1, 2}


@pytest.mark.parametrize("word", ["remember", "beautiful", "yesterday", "alleluia", "rhythm", "choir", "everything"])
def test_the_letters_of_each_vowel_are_found_in_order(word: str) -> None:
    phones = pronunciations(word)[0]
    spans = vowel_spans(word, phones)
    assert spans is not None
    assert len(spans) == count_syllables(phones)
    assert all(a < b for a, b in spans)
    assert all(left[1] <= right[0] for left, right in pairwise(spans))


@pytest.mark.parametrize(
    ("word", "count"), [("zorbel", 2), ("melisende", 3), ("blinkity", 3), ("snorple", 2), ("gake", 1)]
)
def test_a_word_that_nobody_knows_is_read_by_its_letters(word: str, count: int) -> None:
    assert not cmudict.look_up(word)
    assert count_syllables(read_letters(word)) == len(split_word(word).texts) == count


def test_without_the_dictionary_the_rules_still_divide_the_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cmudict, "_file", lambda: None)
    cmudict._entries.cache_clear()
    try:
        assert not cmudict.available()
        found = [len(syllable_rules_en.nuclei_of(word)) == count for word, count in COUNTS]
    finally:
        cmudict._entries.cache_clear()
    assert sum(found) >= 0.85 * len(found)
