"""Options as a person types them, to the values of a brief.

Every function raises an InputError with one sentence: what arrived, what is allowed, what to do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from yuefu.errors import InputError, LimitError, UnknownNameError
from yuefu.text.claims import check_bars, check_seconds, check_tempo
from yuefu.text.mood import mood_of
from yuefu.text.numerals import CHINESE_NUMBER, read_number
from yuefu.text.reader import normal
from yuefu.text.scan import scan
from yuefu.text.terms import tables
from yuefu.theory.instruments import find_instrument

MAX_INSTRUMENTS = 16
_CLOCK = re.compile(r"^(\d{1,3}):([0-5]?\d(?:\.\d+)?)$")
_UNITS = re.compile(
    rf"^(?:(?P<m>{CHINESE_NUMBER})\s*(?:minutes?|mins?|m|分钟?)(?P<half>半)?)?\s*(?:(?P<s>{CHINESE_NUMBER})\s*(?:seconds?|secs?|s|秒钟?)?)?$",
    re.IGNORECASE,
)


def parse_tempo(value: str | float) -> float:
    """Quarters a minute, 20-300, from ``92``, ``"92 bpm"``, ``"allegro"`` or ``"快板"``.

    >>> parse_tempo("92 bpm"), parse_tempo("Allegro")
    (92.0, 132.0)
    """
    if isinstance(value, (int, float)):
        return check_tempo(float(value))
    text = normal(value).strip().lower()
    named = tables()["tempo"]
    if text in named:
        return float(named[text])
    number = _number(re.sub(r"\s*(bpm|拍)$", "", text))
    if number is None:
        raise InputError(
            f"'{value[:40]}' isn't a tempo: give 20 to 300 beats a minute, such as 92, or a word such as allegro."
        )
    return check_tempo(number)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return read_number(text)
    return number if number == number and abs(number) != float("inf") else None


def parse_bars(value: str | int) -> int:
    """A bar count, 1-512."""
    number = float(value) if isinstance(value, int) else _number(re.sub(r"\s*(bars?|小节)$", "", value.strip().lower()))
    if number is None:
        raise InputError(f"'{str(value)[:40]}' isn't a number of bars: give a whole number from 1 to 512.")
    return check_bars(number)


def parse_duration(value: str | float) -> float:
    """Seconds, 2 to 1800, from ``"2:30"``, ``"90"``, ``"90s"``, ``"2m30s"`` or ``"两分半"``.

    >>> parse_duration("2:30"), parse_duration("90s"), parse_duration("1.5 min"), parse_duration("两分半")
    (150.0, 90.0, 90.0, 150.0)
    """
    if isinstance(value, (int, float)):
        return check_seconds(float(value))
    text = value.strip()
    if match := _CLOCK.match(text):
        return check_seconds(int(match[1]) * 60 + float(match[2]))
    match = _UNITS.match(text)
    minutes = read_number(match["m"]) if match and match["m"] else 0.0
    seconds = read_number(match["s"]) if match and match["s"] else 0.0
    if not match or not (match["m"] or match["s"]) or minutes is None or seconds is None:
        raise InputError(f"'{text[:40]}' isn't a length: give seconds such as 90, or minutes and seconds such as 2:30.")
    return check_seconds(minutes * 60 + (30 if match["half"] else 0) + seconds)


def parse_mood(value: str) -> tuple[float, float]:
    """Valence and arousal, each -1..1, from ``"0.5,-0.2"`` or a mood word.

    >>> parse_mood("0.5, -0.2")
    (0.5, -0.2)
    >>> parse_mood("忧伤")[0] < 0
    True
    """
    parts = [part for part in re.split(r"[,，;；\s]+", value.strip()) if part]
    numbers = [
        number
        for part in parts
        if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)", part) and (number := float(part)) is not None
    ]
    if len(parts) == 2 and len(numbers) == 2:
        if all(-1 <= number <= 1 for number in numbers):
            return numbers[0], numbers[1]
    elif not numbers and (mood := mood_of(scan(normal(value[:200]).lower()))):
        return mood.valence, mood.arousal
    raise InputError(
        f"mood '{value[:40]}' isn't known: give valence and arousal, each from -1 to 1, such as '0.5,-0.2', "
        "or a mood word."
    )


def parse_instruments(value: str | Iterable[str]) -> list[str]:
    """Catalogue keys from ``"voice, piano, bass, drums"`` or ``"二胡、古筝"``; doublings are kept.

    >>> parse_instruments("Violin, violin, 中提琴 and cello")
    ['violin', 'violin', 'viola', 'cello']
    """
    listed = re.split(r"[,，、;；+/\n]", value) if isinstance(value, str) else list(value)
    keys = [key for name in listed if name.strip() for key in _keys(name)]
    if not keys:
        raise InputError("an empty list of instruments arrived: give names such as 'voice, piano, bass, drums'.")
    if len(keys) > MAX_INSTRUMENTS:
        raise LimitError(f"{len(keys)} instruments were asked for: use at most {MAX_INSTRUMENTS}.")
    return keys


def _keys(name: str) -> list[str]:
    """One name, or several joined by "and" (some names hold such a word themselves: 柔和弦乐)."""
    try:
        return [find_instrument(name).key]
    except UnknownNameError:
        parts = re.split(r"\s+and\s+|^and\s+|\s+&\s+|[和与及](?=\S)", name.strip())
        if len(parts) < 2:
            raise
        return [find_instrument(part).key for part in parts if part.strip()]


def parse_whole(value: str | int, what: str, low: int, high: int) -> int:
    """A whole number in a range. what: its name in the error message."""
    try:
        number = int(str(value).strip())
    except ValueError:
        number = low - 1
    if not low <= number <= high:
        raise InputError(f"{what} '{str(value)[:40]}' isn't possible: give a whole number from {low} to {high}.")
    return number
