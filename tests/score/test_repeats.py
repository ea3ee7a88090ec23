"""Repeats, endings and jumps are played as a musician plays them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yuefu.errors import LimitError
from yuefu.score.repeats import BarMarks, played_order


def bars(text: str) -> list[BarMarks]:
    """Bars from words: ``|:`` opens, ``:|`` closes a repeat, digits are endings, then the jumps by name."""
    result = []
    for word in text.split(" / "):
        marks = BarMarks()
        for sign in word.split():
            if sign == "|:":
                marks.repeat_start = True
            elif sign.startswith(":|"):
                marks.repeat_times = int(sign[2:] or 2)
            elif sign[0].isdigit():
                marks.endings, marks.ending_start = frozenset(int(n) for n in sign.split(",")), True
            elif sign != "-":
                setattr(marks, sign, True)
        result.append(marks)
    return result


@pytest.mark.parametrize(
    ("written", "played"),
    [
        ("- / -", [0, 1]),
        ("- / :|", [0, 1, 0, 1]),
        ("- / |: / :|3 / -", [0, 1, 2, 1, 2, 1, 2, 3]),
        ("- / 1 :| / 2 / -", [0, 1, 0, 2, 3]),
        ("|: / 1,2 :| / 3 / -", [0, 1, 0, 1, 0, 2, 3]),
        ("- / 1 :| / 2 :| / -", [0, 1, 0, 2, 3]),
        ("- / :| / |: / :|", [0, 1, 0, 1, 2, 3, 2, 3]),
        ("- / fine / da_capo", [0, 1, 2, 0, 1]),
        ("- / segno / fine / dal_segno", [0, 1, 2, 3, 1, 2]),
        ("- / to_coda / da_capo / coda / -", [0, 1, 2, 0, 1, 3, 4]),
        ("- / :| / fine / da_capo", [0, 1, 0, 1, 2, 3, 0, 1, 2]),
        ("- / 1 :| / 2 fine / - / da_capo", [0, 1, 0, 2, 3, 4, 0, 2]),
        ("- / da_capo", [0, 1]),
        ("- / dal_segno fine", [0, 1]),
    ],
)
def test_bars_are_played_in_the_order_that_the_signs_say(written: str, played: list[int]) -> None:
    assert played_order(bars(written)) == played


def test_a_piece_that_would_never_end_is_refused() -> None:
    with pytest.raises(LimitError, match="without expanding"):
        played_order([BarMarks(repeat_start=True, repeat_times=8) for _ in range(3000)])


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.builds(
            BarMarks,
            repeat_start=st.booleans(),
            repeat_times=st.sampled_from((0, 0, 2, 3)),
            endings=st.frozensets(st.integers(1, 4), max_size=2),
            ending_start=st.booleans(),
            segno=st.booleans(),
            coda=st.booleans(),
            to_coda=st.booleans(),
            fine=st.booleans(),
            da_capo=st.booleans(),
            dal_segno=st.booleans(),
        ),
        max_size=12,
    )
)
def test_any_signs_lead_to_an_end(marks: list[BarMarks]) -> None:
    order = played_order(marks)
    assert all(0 <= index < len(marks) for index in order)
