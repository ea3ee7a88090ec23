"""Figures, signs and abbreviations as words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuefu.text.spoken import spoken


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("1989", "nineteen eighty nine"), ("in 2024", "in twenty twenty four"), ("1905", "nineteen oh five"),
        ("24/7", "twenty four seven"), ("the 3rd", "the third"), ("21st", "twenty first"), ("the '90s", "the nineties"),
        ("1980s", "nineteen eighties"), ("7:30", "seven thirty"), ("9:05", "nine oh five"), ("9:00 p.m.", "nine p m"),
        ("9:00", "nine o'clock"),

        ("50%", "fifty percent"),
        ("$1", "one dollar"), ("$20", "twenty dollars"), ("1,000 miles", "one thousand miles"), ("3.14",
        "three point one four"),
        ("#1", "number one"), ("007", "zero zero seven"), ("Mr. Blue", "mister Blue"), ("St. James", "Saint James"),
        ("U.S.A.", "U S A"), ("roll#1a", "roll number one a"), ("my CD", "my C D"), ("you & me", "you and me"),
        ("12th of never", "twelfth of never"),
        ("在1998年", "在一九九八年"), ("98年", "九八年"), ("2个人", "两个人"), ("2月", "二月"), ("50%的爱",
        "百分之五十的爱"),
        ("10:30出门", "十点三十分出门"), ("1/2的心", "二分之一的心"), ("520", "five hundred twenty"), ("我说520",
        "我说五二零"),
        ("第3天", "第三天"), ("3.5个", "三点五个"), ("12000里", "一万二千里"),
    ],
)  # fmt: skip
def test_figures_are_said_as_a_singer_says_them(written: str, said: str) -> None:
    assert spoken(written) == said


@given(st.text(alphabet="0123456789.,:/%$#'°stndrhapm 年个月A", max_size=24))
def test_no_figure_is_left_and_no_input_fails(text: str) -> None:
    assert not any(c in "0123456789" for c in spoken(text))
