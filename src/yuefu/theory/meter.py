"""Time signatures that can be asked for."""

from __future__ import annotations

import re

from yuefu.errors import InputError

#: Numerator/denominator pairs that the grid and the model can write.
METERS = (
    "2/4", "3/4", "4/4", "5/4", "6/4", "7/4", "2/2", "3/2", "4/2", "3/8", "4/8", "5/8", "6/8", "7/8",
    "9/8", "12/8",
)  # fmt: skip
_NUMERALS = {"二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十二": 12}
_FRACTION = re.compile(r"^\s*(\d{1,3})\s*[/／:-]\s*(\d{1,3})\s*$")
_CHINESE = re.compile(
    r"^\s*(?P<a>十二|[二两三四五六七八九]|12|[2-9])\s*(?P<of>分之)?\s*(?P<b>十二|[二两三四五六七八九]|12|[2-9])\s*拍子?\s*$"
)
_NAMES = {"c": "4/4", "common time": "4/4", "common": "4/4", "cut time": "2/2", "alla breve": "2/2"}


def parse_meter(text: str) -> tuple[int, int]:
    """Beats in a bar and the note value of one, from ``"3/4"``, ``"common time"`` or ``"四三拍"``.

    Raises InputError when it isn't one of ``METERS``.

    >>> parse_meter("6/8"), parse_meter("四分之三拍"), parse_meter("cut time")
    ((6, 8), (3, 4), (2, 2))
    """
    name = _NAMES.get(text.strip().lower(), text)
    pair: tuple[int, int] | None = None
    if match := _FRACTION.match(name):
        pair = (int(match[1]), int(match[2]))
    elif match := _CHINESE.match(name):
        first, second = (_NUMERALS.get(match[part]) or int(match[part]) for part in "ab")
        # The note value comes first (四三拍 is 3/4), but 三四拍, 六八拍 and 二四拍 are said too.
        said_upside_down = match["of"] is None and (first == 2 or f"{second}/{first}" not in METERS)
        pair = (first, second) if said_upside_down else (second, first)
    if pair is None or f"{pair[0]}/{pair[1]}" not in METERS:
        raise InputError(f"'{text[:40]}' isn't a metre that can be written: use one of {', '.join(METERS)}.")
    return pair
