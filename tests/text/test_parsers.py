"""Forms, chord charts, numerals and languages as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yuefu.errors import InputError, LimitError
from yuefu.text.chord_chart import parse_chords
from yuefu.text.form import FormItem, parse_form
from yuefu.text.language import language_of
from yuefu.text.numerals import chinese_words, english_words, read_number
from yuefu.text.options import parse_duration


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("A A B A", [("A", "", None)] * 2 + [("B", "", None), ("A", "", None)]),
        ("AABA'", [("A", "", None)] * 2 + [("B", "", None), ("A'", "", None)]),
        ("aaba", [("A", "", None)] * 2 + [("B", "", None), ("A", "", None)]),
        ("A:8 B:16", [("A", "", 8), ("B", "", 16)]),
        ("intro:4 verse:16 chorus:16", [("I", "intro", 4), ("A", "verse", 16), ("B", "chorus", 16)]),
        ("verse-chorus-verse", [("A", "verse", None), ("B", "chorus", None), ("A", "verse", None)]),
        ("Verse 1, Chorus, Verse 2", [("A", "verse", None), ("B", "chorus", None), ("A", "verse", None)]),
        (
            "前奏:4 主歌:16 副歌:16 尾奏:4",
            [("I", "intro", 4), ("A", "verse", 16), ("B", "chorus", 16), ("O", "outro", 4)],
        ),
        ("主歌→副歌", [("A", "verse", None), ("B", "chorus", None)]),
        ("A x2 B", [("A", "", None), ("A", "", None), ("B", "", None)]),
        ("rondo", [(letter, "", None) for letter in "ABACA"]),
        ("verse (8 bars), chorus (8 bars)", [("A", "verse", 8), ("B", "chorus", 8)]),
    ],
)
def test_forms_are_read(text: str, items: list[tuple[str, str, int | None]]) -> None:
    assert parse_form(text) == tuple(FormItem(letter=a, kind=b, bars=c) for a, b, c in items)


@pytest.mark.parametrize("text", ["", "  ", "123", "A:0", "A:999999999", "verse::4 x", "???", "A B Z9Q"])
def test_what_isnt_a_form_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_form(text)


@pytest.mark.parametrize(
    ("text", "chart"),
    [
        ("C G/B Am F", [["C"], ["G/B"], ["Am"], ["F"]]),
        ("| C G | Am | F |", [["C", "G"], ["Am"], ["F"]]),
        ("C - G - Am - F", [["C"], ["G"], ["Am"], ["F"]]),
        ("C→G→Am", [["C"], ["G"], ["Am"]]),
        ("C, G, Am", [["C"], ["G"], ["Am"]]),
        ("C | % | G", [["C"], ["C"], ["G"]]),
        ("verse: C G | chorus: F C", {"verse": [["C"], ["G"]], "chorus": [["F"], ["C"]]}),
        ("主歌: C G | Am F\n副歌: F | C G |", {"verse": [["C", "G"], ["Am", "F"]], "chorus": [["F"], ["C", "G"]]}),
        ("A: C G B: F", {"A": [["C"], ["G"]], "B": [["F"]]}),
        ("Cmaj7 | N.C. | F#m7b5", [["Cmaj7"], ["N.C."], ["F#m7b5"]]),
    ],
)
def test_chord_charts_are_read(text: str, chart: object) -> None:
    assert parse_chords(text) == chart


@pytest.mark.parametrize("text", ["", "|", "% C", "C Q", "C C C C C C C C C | G", "C verse: G", "banana: C"])
def test_what_isnt_a_chord_chart_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_chords(text)


def test_a_chart_longer_than_a_piece_is_refused() -> None:
    with pytest.raises(LimitError):
        parse_chords("C " * 513)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 9999))
def test_numbers_in_words_read_back_in_both_languages(value: int) -> None:
    assert read_number(chinese_words(value)) == value
    if value < 1000:
        assert read_number(english_words(value)) == value


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2:30", 150), ("90", 90), ("90s", 90), ("2m30s", 150), ("2 minutes", 120), ("1.5 min", 90), ("两分半", 150),
        ("一分三十秒", 90), ("45秒", 45), ("三分钟", 180), ("0:20", 20),
    ],
)  # fmt: skip
def test_durations_are_read(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("hello", "en"), ("naïve café", "en"), ("你好", "zh"),
        ("一首 R&B 风格的歌，92 bpm", "zh"), ("hello 你好 world 世界", "mixed"),
        ("こんにちは", "unsupported"), ("안녕하세요", "unsupported"),
        ("Привет мир", "unsupported"), ("123 !?", "unsupported"),
        ("😀😀", "unsupported"), ("", "unsupported"), ("สวัสดี", "unsupported"), ("عربي", "unsupported"),
    ],
)  # fmt: skip
def test_the_language_is_told_by_its_script(text: str, language: str) -> None:
    assert language_of(text) == language
