"""Numbers in words, in English and Chinese, to values and back."""

from __future__ import annotations

import itertools
import re

_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ENGLISH = {word: value for value, word in enumerate(_ONES)} | {
    word: 10 * (index + 2) for index, word in enumerate(_TENS)
}
_ENGLISH |= {"a": 1, "an": 1, "couple": 2, "dozen": 12}
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_ZH_ONES = "一二三四五六七八九"
#: Two neighbouring digits before a ten: an estimate (七八十).
_PAIR = re.compile("([一二两]?百)?(" + "|".join(low + high for low, high in itertools.pairwise(_ZH_ONES)) + ")十")
#: A number as a person writes it, for use inside larger patterns.
_TENS_WORD, _ONES_WORD = "|".join(_TENS), "|".join(sorted(_ONES[1:], key=len, reverse=True))
_BELOW_HUNDRED = rf"(?:(?:{_TENS_WORD})(?:[\s-](?:{_ONES_WORD})\b)?|(?:{_ONES_WORD})\b)"
_HUNDRED_MORE = rf"hundred(?:[\s-](?:and[\s-])?{_BELOW_HUNDRED})"
ENGLISH_NUMBER = rf"(?:\d+(?:\.\d+)?|(?:{_BELOW_HUNDRED}|an?)[\s-](?:{_HUNDRED_MORE}|hundred)|{_BELOW_HUNDRED}|an?\b)"
#: A number above a hundred as musicians say a tempo: "one-twenty", "one oh five".
SHORT_HUNDRED = (
    rf"(?:(?:one|two)[\s-](?:oh?[\s-](?:{_ONES_WORD})\b|{_BELOW_HUNDRED}(?![\s-]hundred))|{_HUNDRED_MORE}|hundred)"
)
CHINESE_NUMBER = r"(?:\d+(?:\.\d+)?|[零〇一二两三四五六七八九十百千]+)"


def read_number(text: str) -> float | None:
    """The value of a number in figures or words up to 9,999, or None.

    >>> read_number("thirty-two"), read_number("三十二"), read_number("一百二"), read_number("1.5")
    (32.0, 32.0, 120.0, 1.5)
    """
    text = text.strip().lower()
    try:
        return float(text) if text and text[0].isdigit() else _in_words(text)
    except ValueError:
        return None


def _in_words(text: str) -> float | None:
    if not text:
        return None
    if all(c in _DIGITS or c in _UNITS for c in text):
        return _chinese(text)
    total = 0
    words = [word for word in text.replace("-", " ").split() if word != "and"]
    if len(words) > 1 and words[0] in ("one", "two") and (words[1] in ("oh", "o") or _ENGLISH.get(words[1], 0) >= 10):
        words.insert(1, "hundred")  # "one-twenty"
    for word in words:
        if word == "hundred":
            total = max(total, 1) * 100
        elif word in ("oh", "o"):
            continue
        elif word in _ENGLISH:
            total += _ENGLISH[word]
        else:
            return None
    return float(total)


def _chinese(text: str) -> float:
    if pair := _PAIR.fullmatch(text):
        low, high = (10 * _DIGITS[digit] for digit in pair[2])
        return (_chinese(pair[1]) if pair[1] else 0) + (low + high) / 2
    if not any(c in _UNITS for c in text):  # 二零二四: digits read one by one
        return float("".join(str(_DIGITS[c]) for c in text))
    total, digit, unit = 0, 0, 0
    for char in text:
        if char in _UNITS:
            unit = _UNITS[char]
            total += (digit or 1) * unit
            digit = 0
        else:
            digit = _DIGITS[char]
            if char in "零〇":
                unit = 0  # 一百零二 is 102, 一百二 is 120
    return float(total + digit * (unit // 10 if unit > 10 else 1))


def english_words(value: int) -> str:
    """A whole number up to 999,999 as English words.

    >>> english_words(24), english_words(1905), english_words(110)
    ('twenty-four', 'one thousand nine hundred five', 'one hundred ten')
    """
    if value < 20:
        return _ONES[value]
    if value < 100:
        rest = value % 10
        return _TENS[value // 10 - 2] + (f"-{_ONES[rest]}" if rest else "")
    for size, name in ((1000, "thousand"), (100, "hundred")):
        if value >= size:
            rest = value % size
            return f"{english_words(value // size)} {name}" + (f" {english_words(rest)}" if rest else "")
    raise AssertionError


def chinese_words(value: int) -> str:
    """A whole number up to 99,999,999 as Chinese words.

    >>> chinese_words(24), chinese_words(105), chinese_words(10), chinese_words(3000), chinese_words(12030)
    ('二十四', '一百零五', '十', '三千', '一万二千零三十')
    """
    digits = "零一二三四五六七八九"
    if value >= 10_000:
        rest = value % 10_000
        tail = "" if not rest else ("零" if rest < 1000 else "") + chinese_words(rest).removeprefix("零")
        if rest and 10 <= rest < 20:
            tail = tail.replace("十", "一十", 1)
        return chinese_words(value // 10_000) + "万" + tail
    if value < 10:
        return digits[value]
    text, gap = "", False
    for size, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // size % 10
        if digit:
            text += ("零" if gap and text else "") + digits[digit] + name
            gap = False
        else:
            gap = bool(text)
    return text.removeprefix("一") if 10 <= value < 20 else text
