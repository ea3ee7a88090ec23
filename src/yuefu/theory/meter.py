"""Time signatures that can be asked for."""

from __future__ import annotations

import re

from yuefu.errors import InputError

#: Numerator/denominator pairs that the grid and the model can write.
METERS = (
    "2/4", "3/4", "4/4", "5/4", "6/4", "7/4", "2/2", "3/2", "4/2", "3/8", "4/8", "5/8", "6/8", "7/8",
    "9/8", "12/8", "8/8", "10/8", "11/8",
)  # fmt: skip
#: How a bar of unequal beats is counted when nobody says otherwise, by metre, in its note values.
USUAL_GROUPINGS: dict[str, tuple[int, ...]] = {
    "5/4": (3, 2), "5/8": (3, 2), "7/4": (2, 2, 3), "7/8": (2, 2, 3), "8/8": (3, 3, 2), "10/8": (3, 2, 2, 3),
    "11/8": (2, 2, 3, 2, 2),
}  # fmt: skip
_NUMERALS = {"二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十二": 12}
_FRACTION = re.compile(r"^\s*(\d{1,3})\s*[/／:-]\s*(\d{1,3})\s*$")
_SUM = r"\d{1,2}(?:\s*[+＋]\s*\d{1,2})+"
_GROUPED = re.compile(
    rf"^(?P<before>.*?)[\s,:：（(\[]*(?:grouped|counted|as|in|分成|分为|按)?\s*(?P<sum>{_SUM})\s*[)）\]]?\s*(?:[/／]\s*(?P<unit>\d{{1,2}}))?\s*$"
)
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


def parse_grouped_meter(text: str) -> tuple[str, tuple[int, ...]]:
    """A metre and how its bars are grouped, () where nothing is said of that.

    Groups are counted in the metre's own note values, or in quavers where these add up (``"4/4 (3+3+2)"``).

    >>> parse_grouped_meter("7/8 (3+2+2)"), parse_grouped_meter("2+2+2+3/8"), parse_grouped_meter("3/4")
    (('7/8', (3, 2, 2)), ('9/8', (2, 2, 2, 3)), ('3/4', ()))
    """
    match = _GROUPED.match(text) if len(text) <= 60 else None
    if match is None:
        return "{}/{}".format(*parse_meter(text)), ()
    groups = tuple(int(part) for part in re.split(r"[+＋]", match["sum"]))
    if match["unit"]:
        meter = "{}/{}".format(*parse_meter(f"{sum(groups)}/{match['unit']}"))
    else:
        before = match["before"].strip(" ,:：(（[")
        meter = "{}/{}".format(*parse_meter(before or f"{sum(groups)}/8"))
    check_grouping(meter, groups)
    return meter, groups


def check_grouping(meter: str, groups: tuple[int, ...]) -> None:
    """Raises InputError unless groups of 1 to 4 fill a bar of a metre, in its note values or in quavers."""
    numerator, denominator = map(int, meter.split("/"))
    fills = sum(groups) == numerator or (denominator < 8 and sum(groups) * denominator == numerator * 8)
    if not fills or not all(1 <= group <= 4 for group in groups):
        raise InputError(
            f"{'+'.join(map(str, groups))} doesn't fill a bar of {meter}: "
            f"give groups of 1 to 4 that add up to {numerator}."
        )


def group_starts(meter: str, groups: tuple[int, ...] = ()) -> tuple[int, ...]:
    """Where the groups of a bar begin, in ticks (24 a quarter); () for metres whose beats are equal.

    groups: as asked for, () for the metre's usual ones.

    >>> group_starts("7/8"), group_starts("7/8", (3, 2, 2)), group_starts("4/4"), group_starts("4/4", (3, 3, 2))
    ((0, 24, 48), (0, 36, 60), (), (0, 36, 72))
    """
    groups = groups or USUAL_GROUPINGS.get(meter, ())
    if not groups:
        return ()
    numerator, denominator = map(int, meter.split("/"))
    unit = numerator * 96 // denominator // sum(groups)
    return tuple(unit * sum(groups[:place]) for place in range(len(groups)))
