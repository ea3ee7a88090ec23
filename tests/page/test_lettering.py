"""Outlines of text: every character has a shape, in the right place and width."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuefu.page.fonts import glyph, has_chinese_font, is_wide, text_width
from yuefu.page.lettering import Run, set_line, svg_text
from yuefu.page.outline import is_outlined, outline_svg


def _extent(path: str) -> tuple[float, float, float, float]:
    numbers = [float(n) for n in re.findall(r"-?\d+\.?\d*", path)]
    return min(numbers[::2]), max(numbers[::2]), min(numbers[1::2]), max(numbers[1::2])


def test_chinese_needs_no_font_of_the_system() -> None:
    assert has_chinese_font()


@pytest.mark.parametrize("char", "春天的气息灣龘〇，。！？《》aéøßŠЖλ♭♯°—…“”’©½")
def test_letters_of_many_scripts_are_drawn(char: str) -> None:
    box = glyph("\U000f1234")
    assert glyph(char).steps
    assert glyph(char).steps != box.steps


def test_a_character_that_no_font_has_becomes_a_box_and_keeps_its_width() -> None:
    assert len(glyph("\U000f1234").steps) == 10
    assert glyph("\U000f1234").advance == 0.6


def test_bold_and_italic_are_faces_of_their_own_in_latin_and_heavier_strokes_in_chinese() -> None:
    faces = {glyph("a", bold, italic).steps for bold in (False, True) for italic in (False, True)}
    assert len(faces) == 4
    assert glyph("春", bold=True).embolden > 0
    assert glyph("春").embolden == 0


@given(
    st.text(st.sampled_from("abc WMi.春天，♭éÅ"), min_size=1, max_size=12), st.sampled_from(["start", "middle", "end"])
)
def test_a_line_stands_where_its_anchor_says(text: str, anchor: str) -> None:
    line = set_line([Run(text, 1000)], 5000, 2000, anchor)
    assert line.width == pytest.approx(text_width(text) * 1000)
    if text.strip():
        left, right, top, bottom = _extent(line.solid)
        start = 5000 - {"start": 0, "middle": line.width / 2, "end": line.width}[anchor]
        assert start - 120 <= left <= right <= start + line.width + 120
        assert 900 <= top < bottom <= 2350


def test_chinese_fills_squares_and_latin_does_not() -> None:
    assert all(is_wide(char) and glyph(char).advance == 1.0 for char in "春，。")
    assert not any(is_wide(char) for char in "aé♭—")


def test_outlining_twice_changes_nothing() -> None:
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="10mm" height="10mm" viewBox="0 0 1000 1000">'
        '<g class="tempo"><text x="10" y="500" font-size="0px"><tspan font-size="200px">A&amp;春</tspan></text>'
        "</g></svg>"
    )
    once = outline_svg(svg)
    assert 'aria-label="A&amp;春"' in once
    assert is_outlined(once)
    assert not is_outlined(svg)
    assert outline_svg(once) == once


def test_blank_text_draws_nothing() -> None:
    assert svg_text("  ", 0, 0, 12) == ""
