"""A lyric line as it is spoken: figures, signs and abbreviations turned into words of the language around them."""

from __future__ import annotations

import re
from collections.abc import Callable

from yuefu.text.language import is_han, is_latin
from yuefu.text.numerals import chinese_words, english_words

_DIGITS_ZH = "零一二三四五六七八九"
_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip
_ABBREVIATIONS = {
    "mr": "mister", "mrs": "missus", "ms": "miz", "dr": "doctor", "st": "saint", "jr": "junior", "sr": "senior",
    "vs": "versus", "etc": "et cetera", "feat": "featuring", "ft": "featuring", "no": "number", "mt": "mount",
}  # fmt: skip
_SHORT = re.compile(r"\b(M(?:[rs]|rs|t(?=\.? [A-Z]))|[JS]r|Dr|St(?=\.? [A-Z])|vs|etc|feat|ft|[Nn]o(?=\. ?[0-9]))\b\.?")
_BARE = frozenset(("mr", "mrs", "dr", "st", "mt", "vs"))
_INITIALS_WORDS = """
TV CD DJ MC USA UK NYC BMW SUV DNA FBI CIA VIP PC ATM LED SOS ABC FM GPS DVD MTV KTV PM UFO IQ EQ KO CEO LSD BBC NBA
DIY FYI OMG
"""
_INITIALS = frozenset(_INITIALS_WORDS.split())
_DOTTED = re.compile(r"\b(?:[A-Za-z]\.){2,}(?![A-Za-z])")
_CAPITALS = re.compile(r"(?<![A-Za-z'])[A-Z]{2,5}(?![A-Za-z'])")
_MONEY = {"$": "dollar", "£": "pound", "€": "euro", "¥": "yuan", "￥": "yuan"}
#: What 2 is 两 before.
_MEASURES = frozenset("个只次人天年颗位条双杯岁朵片座首句声滴张把扇间阵场回遍趟步种家万千亿")
#: Numbers that are read figure by figure in Chinese: emergency calls, and those that lovers write.
_SPELT_ZH = frozenset(("110", "119", "120", "404", "520", "521", "530", "996", "007", "1314", "3344", "886"))
_FIGURES = str.maketrans("０１２３４５６７８９：／％．’‘ʼ＇", "0123456789:/%.''''")


def spoken(text: str) -> str:
    """A line with figures, signs and abbreviations as words.

    >>> spoken("Summer of 1969, 24/7"), spoken("the 3rd of May at 7:30")
    ('Summer of nineteen sixty nine, twenty four seven', 'the third of May at seven thirty')
    >>> spoken("2个人, 50%的爱, 2024年"), spoken("on my TV, Mr. Moon")
    ('两个人, 百分之五十的爱, 二零二四年', 'on my T V, mister Moon')
    """
    text = text.translate(_FIGURES).replace("½", "1/2").replace("¼", "1/4").replace("¾", "3/4")
    chinese = sum(map(is_han, text)) > sum(map(is_latin, text)) / 4
    text = text.replace("&", "和" if chinese else " and ")
    text = _letters(text)
    text = _figures_zh(text) if chinese else _figures_en(text)
    return re.sub(r"(?<=\S) {2,}(?=\S)", " ", text)


def _letters(text: str) -> str:
    """Abbreviations written out and initials one by one (w is "double u")."""

    def name(match: re.Match[str]) -> str:
        letters = match[0].replace(".", "")
        if "." not in match[0] and letters not in _INITIALS:
            return match[0]
        return " ".join(("double u" if letter in "wW" else letter) for letter in letters)

    def whole(match: re.Match[str]) -> str:
        key = match[1].lower()
        if not match[0].endswith(".") and key not in _BARE:
            return match[0]
        word = _ABBREVIATIONS[key]
        return word.capitalize() if match[1][0].isupper() and key not in ("no", "mr", "mrs", "ms") else word

    shouting = text.isupper() and sum(map(is_latin, text)) > 6
    text = _DOTTED.sub(name, text)
    text = text if shouting else _CAPITALS.sub(name, text)
    return _SHORT.sub(whole, text)


def _figures_en(text: str) -> str:
    rules: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = (
        (r"#\s?(?=[0-9])", lambda m: "number"),
        (r"([$£€¥￥])\s?([0-9][0-9,]*(?:\.[0-9]+)?)(?: (hundred|thousand|million|billion))?", _money),
        (r"([0-9][0-9,]*(?:\.[0-9]+)?)\s?%", lambda m: f"{_number(m[1])} percent"),
        (r"([0-9]+)\s?°[CF]?", lambda m: f"{_number(m[1])} degrees"),
        (r"\b([0-9]{1,2}):00(?=\s?[apAP]\.?\s?[mM])", lambda m: _number(m[1])),
        (r"\b([0-9]{1,2}):([0-5][0-9])\b", lambda m: _clock(int(m[1]), int(m[2]))),
        (r"\b1/2\b", lambda m: "one half"),
        (r"\b([0-9]{1,4})/([0-9]{1,4})\b", lambda m: f"{_number(m[1])} {_number(m[2])}"),
        (r"\b([0-9]{1,6})(?:st|nd|rd|th)\b", lambda m: _ordinal(int(m[1]))),
        (r"'?\b([0-9]{0,2}[0-9]0)'?s\b", lambda m: _decade(m[1])),
        (r"\b([0-9]{1,2})\s?(am|pm|AM|PM)\b", lambda m: f"{_number(m[1])} {m[2][0]} {m[2][1]}"),
        (r"[0-9][0-9,]*(?:\.[0-9]+)?", lambda m: _number(m[0])),
    )
    for pattern, said in rules:
        text = re.sub(pattern, lambda match, said=said: f" {said(match)} ", text)  # type: ignore[misc]
    text = re.sub(r" +(?=[,.;:!?)\]\"”])", "", text)
    return re.sub(r"(?<=[(\[“]) +", "", text).strip()


def _number(figures: str) -> str:
    """A number of any length in words, without hyphens."""
    tail = "," if figures.endswith(",") else ""
    grouped = "," in figures[:-1]
    figures = figures.replace(",", "")
    whole, _, part = figures.partition(".")
    if len(whole) > 6 or (len(whole) > 1 and whole[0] == "0"):
        words = " ".join(english_words(int(digit)) for digit in whole)
    elif len(whole) == 4 and not grouped and not part and (1100 <= int(whole) <= 1999 or 2010 <= int(whole) <= 2099):
        words = _year(int(whole))
    else:
        words = english_words(int(whole))
    if part:
        words += " point " + " ".join(english_words(int(digit)) for digit in part)
    return words.replace("-", " ") + tail


def _year(value: int) -> str:
    century, rest = divmod(value, 100)
    if rest == 0:
        return f"{english_words(century)} hundred"
    return f"{english_words(century)} {'oh ' if rest < 10 else ''}{english_words(rest)}"


def _clock(hour: int, minute: int) -> str:
    if minute == 0:
        return f"{english_words(hour)} o'clock".replace("-", " ")
    return f"{english_words(hour)} {'oh ' if minute < 10 else ''}{english_words(minute)}".replace("-", " ")


def _ordinal(value: int) -> str:
    *first, last = english_words(value).replace("-", " ").split()
    last = _ORDINALS.get(last, last[:-1] + "ieth" if last.endswith("y") else last + "th")
    return " ".join((*first, last))


def _decade(figures: str) -> str:
    *first, last = _number(figures).split()
    return " ".join((*first, last[:-1] + "ies" if last.endswith("y") else last + "s"))


def _money(match: re.Match[str]) -> str:
    scale = f" {match[3]}" if match[3] else ""
    unit = _MONEY[match[1]]
    plural = "" if (match[2] == "1" and not scale) or unit == "yuan" else "s"
    return f"{_number(match[2].replace(',', ''))}{scale} {unit}{plural}"


def _figures_zh(text: str) -> str:
    rules: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = (
        (r"([0-9]+(?:\.[0-9]+)?)\s?%", lambda m: "百分之" + _number_zh(m[1], "")),
        (r"([0-9]+)\s?°C?", lambda m: _number_zh(m[1], "") + "度"),
        (r"(?<![0-9])([0-9]{1,2}):([0-5][0-9])(?![0-9])", lambda m: _clock_zh(int(m[1]), int(m[2]))),
        (r"([0-9]{1,3})/([0-9]{1,3})", lambda m: _number_zh(m[2], "") + "分之" + _number_zh(m[1], "")),
        (r"([0-9][0-9,]*(?:\.[0-9]+)?)(?=(.?))", lambda m: _number_zh(m[1], m[2])),
    )
    for pattern, said in rules:
        text = re.sub(pattern, said, text)  # type: ignore[call-overload]
    return text


def _number_zh(figures: str, following: str) -> str:
    tail = "," if figures.endswith(",") else ""
    figures = figures.replace(",", "")
    whole, _, part = figures.partition(".")
    spelt = len(whole) > 8 or (len(whole) > 1 and whole[0] == "0") or figures in _SPELT_ZH
    if not part and len(whole) == 4 and (following == "年" or 1900 <= int(whole) <= 2099):
        spelt = True
    if not part and len(whole) == 2 and following == "年" and int(whole) >= 60:
        spelt = True  # 98年
    if spelt:
        words = "".join(_DIGITS_ZH[int(digit)] for digit in whole)
    elif figures == "2" and following in _MEASURES and following:
        words = "两"
    else:
        words = chinese_words(int(whole))
    if part:
        words += "点" + "".join(_DIGITS_ZH[int(digit)] for digit in part)
    return words + tail


def _clock_zh(hour: int, minute: int) -> str:
    hours = "两" if hour == 2 else chinese_words(hour)
    return f"{hours}点" + ("" if minute == 0 else ("零" if minute < 10 else "") + chinese_words(minute) + "分")
