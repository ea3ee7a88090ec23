"""Lyrics as they are typed, into sections, lines and sung syllables.

Sections are marked by tags (``[verse]``, ``【副歌】``, ``主歌：``) or parted by blank lines; a block
that returns is taken for the chorus. Chinese is sung one syllable a character, English by
syllables; numbers are read out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from yuefu.errors import InputError, LimitError
from yuefu.text.form import KINDS
from yuefu.text.language import is_han, is_latin, require_supported
from yuefu.text.numerals import chinese_words, english_words
from yuefu.text.syllables_en import split_word
from yuefu.text.syllables_zh import tones

MAX_LINES = 500
MAX_LINE = 300
Break = Literal["", ",", "."]
_CHORUS = "chorus"


@dataclass(frozen=True, slots=True)
class LyricSyllable:
    """One syllable to sing.

    syllabic: ``"single"``, ``"begin"``, ``"middle"`` or ``"end"`` of a word; tone: 1-5 in Chinese,
    else None; stress: 1 or 0 in English, else None; break_after: ``","`` a breath (a comma, a gap,
    a line end), ``"."`` the end of a sentence, else ``""``.
    """

    text: str
    syllabic: str = "single"
    tone: int | None = None
    stress: int | None = None
    break_after: Break = ""


@dataclass(frozen=True, slots=True)
class LyricLine:
    """A line: the text as written and its syllables (at least one)."""

    text: str
    syllables: tuple[LyricSyllable, ...]


@dataclass(frozen=True, slots=True)
class LyricSection:
    """A section. kind: ``"verse"``, ``"chorus"``, ``"bridge"`` ... as in forms."""

    kind: str
    lines: tuple[LyricLine, ...]


@dataclass(frozen=True, slots=True)
class Lyrics:
    """A whole lyric."""

    sections: tuple[LyricSection, ...] = field(default_factory=tuple)

    @property
    def lines(self) -> tuple[LyricLine, ...]:
        """All lines in order."""
        return tuple(line for section in self.sections for line in section.lines)

    @property
    def syllable_count(self) -> int:
        """Syllables in all lines."""
        return sum(len(line.syllables) for line in self.lines)


_KIND = "|".join(sorted(map(re.escape, KINDS), key=len, reverse=True))
_TAG = re.compile(
    rf"^\s*(?P<open>[\[【(（〔<「]?)\s*(?P<kind>{_KIND})\s*(?P<number>\d{{1,2}}|[一二三四五六ABab])?\s*(?:[x×*]\s*(?P<times>\d))?\s*"
    r"(?P<close>[\]】)）〕>」]?)\s*(?P<colon>[:：]?)\s*(?:[x×*]\s*(?P<more>\d))?\s*$", re.IGNORECASE,
)  # fmt: skip
_OTHER_TAG = re.compile(r"^\s*[\[【〔][^\]】〕]{0,40}[\]】〕]\s*$")
_INLINE = re.compile(rf"^\s*[\[【](?P<kind>{_KIND})\s*\d*[\]】]\s*(?P<rest>\S.*)$", re.IGNORECASE)
_STAMP = re.compile(r"^(?:\s*\[\d{1,3}:\d{2}(?:[.:]\d{1,3})?\])+")
_META = re.compile(r"^\s*\[(?:ti|ar|al|by|offset|au|length|re|ve):[^\]]*\]\s*$", re.IGNORECASE)
_TIMES = re.compile(r"\s*[(（\[]?\s*[x×]\s*([2-4])\s*[)）\]]?\s*$", re.IGNORECASE)
_LETTER = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\uff21-\uff3a\uff41-\uff5a"
_TOKEN = re.compile(rf"[{_LETTER}]+(?:'[{_LETTER}]+)*'?|.", re.DOTALL)
_STOPS, _COMMAS = ".!?。！？…．", ",;:，；：、—–~～|/"


def check_lyrics(text: str) -> None:
    """Raise InputError or LimitError when a lyric can't be set: too long, no words, another script."""
    lines = text.splitlines()
    if len(lines) > MAX_LINES:
        raise LimitError(f"the lyrics have {len(lines)} lines: use at most {MAX_LINES}.")
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_LINE:
            raise LimitError(f"line {number} of the lyrics has {len(line)} characters: use at most {MAX_LINE} a line.")
    if not text.strip():
        raise InputError("the lyrics are empty: give at least one line of words in Chinese or English.")
    require_supported(text, "the lyrics")


def parse_lyrics(text: str) -> Lyrics:
    """Read a lyric. Raises InputError (LimitError) with one sentence for one that can't be set.

    >>> lyrics = parse_lyrics("[Verse]\\nHello, moon\\n[Chorus]\\n明月几时有")
    >>> [(section.kind, len(section.lines)) for section in lyrics.sections]
    [('verse', 1), ('chorus', 1)]
    >>> [(s.text, s.syllabic, s.break_after) for s in lyrics.lines[0].syllables]
    [('Hel', 'begin', ''), ('lo', 'end', ','), ('moon', 'single', ',')]
    >>> [s.tone for s in lyrics.lines[1].syllables]
    [2, 4, 3, 2, 3]
    """
    check_lyrics(text)
    blocks = _blocks(text)
    sections: list[LyricSection] = []
    earlier: dict[str, tuple[LyricLine, ...]] = {}
    for kind, times, raw in blocks:
        lines = tuple(line for written in raw if (line := read_line(written)) is not None)
        if not lines:
            lines = earlier.get(kind, ())  # a bare [Chorus] sings the chorus again
            if not lines:
                continue
        else:
            earlier.setdefault(kind, lines)
        sections += [LyricSection(kind, lines)] * times
    total = sum(len(section.lines) for section in sections)
    if total > MAX_LINES:
        raise LimitError(f"the lyrics have {total} lines with their repeats: use at most {MAX_LINES}.")
    if not sections:
        raise InputError("the lyrics hold no words to sing: give at least one line in Chinese or English.")
    return Lyrics(tuple(sections))


def _blocks(text: str) -> list[tuple[str, int, list[str]]]:
    """Kind, times sung and raw lines of each section."""
    blocks: list[tuple[str, int, list[str]]] = []
    kind, times, lines, tagged, open_tag = "", 1, [], False, False  # type: str, int, list[str], bool, bool

    def close() -> None:
        if lines or open_tag:
            blocks.append((kind, times, list(lines)))
        lines.clear()

    for written in text.splitlines():
        line = _STAMP.sub("", written).strip()
        if _META.match(written):
            continue
        tag = _TAG.match(line)
        if tag and (
            tag["open"] or tag["close"] or tag["colon"] or tag["number"] or not is_latin(line[0]) or line[0].isupper()
        ):
            close()
            kind, tagged, open_tag = KINDS[tag["kind"].lower()], True, True
            times = min(int(tag["times"] or tag["more"] or 1), 4) or 1
        elif inline := _INLINE.match(line):
            close()
            kind, times, tagged, open_tag = KINDS[inline["kind"].lower()], 1, True, True
            lines.append(inline["rest"])
        elif _OTHER_TAG.match(line):
            close()
            kind, times, open_tag = "", 1, False
        elif line:
            repeats = _TIMES.search(line)
            lines += [_TIMES.sub("", line)] * (int(repeats[1]) if repeats else 1)
        elif lines and not tagged:
            close()
            open_tag = False
        elif lines:  # a blank line ends a tagged section only when another block follows untagged
            close()
            open_tag, tagged = False, True
    close()
    return _named(blocks)


def _named(blocks: list[tuple[str, int, list[str]]]) -> list[tuple[str, int, list[str]]]:
    """Give blocks without a tag their kind: one that returns is the chorus, the others are verses."""

    def shape(lines: list[str]) -> str:
        return "\n".join("".join(c for c in line.lower() if c.isalnum()) for line in lines)

    shapes = [shape(lines) for _, _, lines in blocks]
    named = []
    previous = ""
    for (kind, times, lines), form in zip(blocks, shapes):
        if not kind:
            returns = len(lines) > 1 and shapes.count(form) > 1
            kind = _CHORUS if returns else previous if previous == "verse" else "verse"
        named.append((kind, times, lines))
        previous = kind
    return named


def read_line(text: str) -> LyricLine | None:
    """The syllables of one line, or None when there is nothing to sing in it."""
    syllables: list[LyricSyllable] = []
    pending: Break = ""

    def mark(value: Break) -> None:
        if syllables and syllables[-1].break_after != ".":
            last = syllables[-1]
            syllables[-1] = LyricSyllable(last.text, last.syllabic, last.tone, last.stress, value)

    spoken = _spoken(text)
    tone_of = iter(tones(spoken))
    previous = ""
    for match in _TOKEN.finditer(spoken):
        token = match[0]
        if is_han(token[0]):
            if previous == "space":
                mark(",")
            syllables.append(LyricSyllable(token, "single", next(tone_of, None)))
            previous = "han"
        elif is_latin(token[0]):
            _english(token, syllables)
            previous = "latin"
        elif token in _STOPS:
            mark(".")
            previous = "stop"
        elif token in _COMMAS:
            mark(",")
            previous = "stop"
        elif token.isspace():
            previous = "space" if previous == "han" else previous
    if not syllables:
        return None
    pending = syllables[-1].break_after or ","
    mark(pending)
    return LyricLine(text.strip(), tuple(syllables))


def _english(word: str, syllables: list[LyricSyllable]) -> None:
    if not word.strip("'’"):
        return
    split = split_word(word)
    count = len(split.texts)
    for index, part in enumerate(split.texts):
        place = "single" if count == 1 else "begin" if index == 0 else "end" if index == count - 1 else "middle"
        syllables.append(LyricSyllable(part, place, None, 1 if index == split.stressed else 0))


def _spoken(text: str) -> str:
    """A line with its numbers read out in the language around them, and signs that are words."""
    chinese = sum(map(is_han, text)) > sum(map(is_latin, text)) / 4
    text = text.replace("&", "和" if chinese else " and ").replace("’", "'")

    def read(match: re.Match[str]) -> str:
        digits = match[0].replace(",", "")
        whole, _, part = digits.partition(".")
        if (
            len(whole) > 6
            or (chinese and (text[match.end() : match.end() + 1] == "年" and len(whole) == 4))
            or (len(whole) > 1 and whole[0] == "0")
        ):
            names = "零一二三四五六七八九" if chinese else None
            return (
                "".join(names[int(d)] for d in whole)
                if names
                else " " + " ".join(english_words(int(d)) for d in whole) + " "
            )
        if chinese:
            return chinese_words(int(whole)) + (
                "点" + "".join("零一二三四五六七八九"[int(d)] for d in part) if part else ""
            )
        words = english_words(int(whole)).replace("-", " ")
        return f" {words} " + ("point " + " ".join(english_words(int(d)) for d in part) + " " if part else "")

    return re.sub(r"\d[\d,]*(?:\.\d+)?", read, text)
