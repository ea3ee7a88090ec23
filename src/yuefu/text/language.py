"""Which language a text is in, judged by its script: Chinese, English, or both.

Latin letters count as English and Han characters as Chinese; anything else (Arabic, Thai, kana,
Hangul, Cyrillic ...) isn't supported yet.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Literal

from yuefu.errors import InputError

Language = Literal["en", "zh", "mixed", "unsupported"]

#: Share of foreign letters above which a text counts as written in another script.
_FOREIGN_SHARE = 0.2
#: Share of the lesser language above which a text is mixed.
_MIXED_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Scripts:
    """How much of each script a text holds.

    han: characters; words: runs of Latin letters, of which long_words have two or more letters;
    foreign: letters of other scripts; foreign_name: the name of the first such script in lower case, or "".
    """

    han: int
    words: int
    long_words: int
    foreign: int
    foreign_name: str


def is_han(char: str) -> bool:
    """Whether a character is a Chinese ideograph.

    >>> is_han("月"), is_han("a"), is_han("の")
    (True, False, False)
    """
    return (
        "\u4e00" <= char <= "\u9fff"
        or "\u3400" <= char <= "\u4dbf"
        or char == "〇"
        or "\uf900" <= char <= "\ufaff"
        or "\U00020000" <= char <= "\U000323af"
    )


def is_latin(char: str) -> bool:
    """Whether a character is a Latin letter, accents included."""
    if char.isascii():
        return char.isalpha()
    return char.isalpha() and unicodedata.name(char, "").startswith(("LATIN", "FULLWIDTH LATIN"))


def scripts(text: str) -> Scripts:
    """Count the scripts of a text."""
    han = words = long_words = foreign = 0
    name = ""
    inside = 0  # letters of the Latin word so far
    for char in text:
        if is_han(char):
            han += 1
            inside = 0
        elif is_latin(char):
            inside += 1
            words += inside == 1
            long_words += inside == 2
        elif char.isalpha():
            foreign += 1
            name = name or unicodedata.name(char, "unknown").split()[0].lower()
            inside = 0
        elif char not in "'’-" and not unicodedata.combining(char):
            inside = 0
    return Scripts(han, words, long_words, foreign, name)


def language_of(text: str) -> Language:
    """The language of a text by its script.

    >>> language_of("a quiet song"), language_of("一首安静的歌"), language_of("สวัสดี"), language_of("🎵")
    ('en', 'zh', 'unsupported', 'unsupported')
    >>> language_of("一首安静的 lofi 歌"), language_of("hello 你好 world 世界")
    ('zh', 'mixed')
    """
    found = scripts(text)
    known = found.han + found.words
    letters = found.han + 4 * found.words  # a Latin word is about four letters
    if not known or found.foreign > _FOREIGN_SHARE * (letters + found.foreign):
        return "unsupported"
    if found.han < _MIXED_SHARE * known:
        return "en"
    return "zh" if found.long_words < _MIXED_SHARE * known else "mixed"


def require_supported(text: str, what: str) -> None:
    """Raise InputError unless a text holds Chinese or English words. what: "the prompt", "the lyrics"."""
    if language_of(text) != "unsupported":
        return
    found = scripts(text)
    many = what.endswith("s")
    written, hold = ("are", "hold") if many else ("is", "holds")
    arrived = f"{written} written in {found.foreign_name} script" if found.foreign else f"{hold} no words"
    raise InputError(f"{what} {arrived}: write it in Chinese or English.")
