"""One line of a lyric into the syllables that are sung, Chinese and English side by side."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from yuefu.text.function_words import CHINESE, CHINESE_LONG, ENGLISH
from yuefu.text.language import is_han, is_latin
from yuefu.text.lyrics_model import Break, LyricLine, LyricSyllable
from yuefu.text.pronounce_en import pronunciations
from yuefu.text.spoken import spoken
from yuefu.text.syllables_en import EnglishWord, split_word
from yuefu.text.syllables_zh import is_rhotic, readings, tone_of, with_sandhi, words

_LETTER = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\uff21-\uff3a\uff41-\uff5a"
#: Words that begin or end with an apostrophe of their own; elsewhere it is a quotation mark.
_CUT_BEFORE = "cause|til|bout|em|tis|twas|twere|twill|round|neath|cross|gainst|mid|mong|course|fore|way|ere|n'?|n"
_WORD = (
    rf"(?<![{_LETTER}])'(?i:{_CUT_BEFORE})(?![{_LETTER}])"
    rf"|[{_LETTER}]+(?:'[{_LETTER}]+)*(?:(?<=in)'|(?<=[sS])'|(?<=[oO][lf])'|(?<=\b[oO])'|(?<=[aA]n)'|(?<=[lL]il)'|(?<=th)')?"
)
_TOKEN = re.compile(rf"(?:{_WORD})|.", re.DOTALL)
_SYLLABIFIED = re.compile(rf"(?<![{_LETTER}'-])[{_LETTER}]+(?:-[{_LETTER}]+)+(?![{_LETTER}-])")
_DASH = re.compile(r"(?<=\s)-{1,3}(?=\s|$)|-{2,}")
_STOPS = dict.fromkeys(".!?。！？．", 1.0) | {"…": 0.8}
_COMMAS = {",": 0.4, "，": 0.4, "、": 0.25, ";": 0.6, "；": 0.6, ":": 0.6, "：": 0.6} | dict.fromkeys("—–~～", 0.5)
_COMMAS |= dict.fromkeys("|/", 0.4)
#: A gap between Chinese characters, and the end of a line without punctuation.
_GAP, _LINE_END = 0.4, 0.6
_NOUN_WORDS = "a an the my your his her its our their this that these those every each no some any"
_VERB_WORDS = """
to will would can could shall should may might must don't didn't won't can't i you we they let's i'll we'll you'll
"""
_BEFORE_NOUN, _BEFORE_VERB = frozenset(_NOUN_WORDS.split()), frozenset(_VERB_WORDS.split())


def read_line(text: str, *, sandhi: bool = False, erhua: bool = True) -> LyricLine | None:
    """The syllables of one line, or None when there is nothing to sing in it.

    sandhi: tones of 一, 不 and third tones as spoken together rather than one by one; erhua: a 儿 that
    only colours the character before it shares its syllable (花儿).

    >>> [(s.text, s.pinyin) for s in read_line("花儿红, baby").syllables]
    [('花儿', 'huar1'), ('红', 'hong2'), ('ba', None), ('by', None)]
    """
    said = _DASH.sub("—", spoken(text))
    parts: dict[str, tuple[str, ...]] = {}
    said = _SYLLABIFIED.sub(lambda match: _whole_word(match[0], parts), said)
    reader = _Reader(said, sandhi, erhua, parts)
    syllables = reader.read()
    if not syllables:
        return None
    return LyricLine(text.strip(), tuple(_keywords(syllables)))


def _whole_word(written: str, parts: dict[str, tuple[str, ...]]) -> str:
    """A word that was written in syllables ("Hal-le-lu-jah") as one word; other compounds as they stand."""
    pieces = tuple(written.split("-"))
    joined = "".join(pieces)
    known = pronunciations(joined)
    if known and len(split_word(joined).texts) == len(pieces) and not any(len(piece) > 8 for piece in pieces):
        parts[joined] = pieces
        return joined
    return written


class _Reader:
    """Walks through a line once."""

    def __init__(self, said: str, sandhi: bool, erhua: bool, parts: dict[str, tuple[str, ...]]) -> None:
        self.said, self.erhua, self.parts = said, erhua, parts
        given = readings(said)
        han = "".join(filter(is_han, said))
        self.readings = iter(with_sandhi(han, given) if sandhi and len(han) == len(given) else given)
        self.syllables: list[LyricSyllable] = []
        self.word = -1
        self.previous = ""
        self.before = ""

    def read(self) -> list[LyricSyllable]:
        run = ""
        for match in _TOKEN.finditer(self.said):
            token = match[0]
            if is_han(token[0]):
                if self.previous == "space":
                    self.mark(",", _GAP)
                run += token
                self.previous = "han"
                continue
            self.chinese(run)
            run = ""
            if is_latin(token.lstrip("'")[:1] or " "):
                self.english(token)
                self.previous = "latin"
            elif token in _STOPS:
                self.mark(".", _STOPS[token])
                self.previous = "stop"
            elif token in _COMMAS:
                self.mark(",", _COMMAS[token])
                self.previous = "stop"
            elif token.isspace():
                self.previous = "space" if self.previous == "han" else self.previous
        self.chinese(run)
        self.mark(",", _LINE_END)
        return self.syllables

    def mark(self, value: Break, weight: float) -> None:
        """A breath after the last syllable; the deeper one stays."""
        if not self.syllables:
            return
        last = self.syllables[-1]
        kept = "." if "." in (last.break_after, value) else value
        self.syllables[-1] = replace(last, break_after=kept, breath=max(last.breath, weight))

    def chinese(self, run: str) -> None:
        """A run of Chinese: a syllable a character, 儿 apart."""
        if not run:
            return
        indices = words(run)
        texts: dict[int, str] = {}
        for char, index in zip(run, indices):
            texts[index] = texts.get(index, "") + char
        current = -1
        for place, char in enumerate(run):
            reading = next(self.readings, None)
            if self.erhua and place and is_rhotic(run, place) and self.syllables[-1].pinyin:
                last = self.syllables[-1]
                stem, tone = (last.pinyin or "")[:-1], (last.pinyin or "")[-1:]
                self.syllables[-1] = replace(last, text=last.text + char, pinyin=f"{stem}r{tone}")
                continue
            own = texts[indices[place]]
            weak = (len(own) == 1 and own in CHINESE) or own in CHINESE_LONG
            self.word += indices[place] != current
            current = indices[place]
            self.syllables.append(
                LyricSyllable(char, "single", tone_of(reading), pinyin=reading, function=weak, word=self.word)
            )
        self.before = ""

    def english(self, word: str) -> None:
        """A word of Latin letters by its syllables."""
        if not word.strip("'"):
            return
        lower = word.lower()
        role = "noun" if self.before in _BEFORE_NOUN else "verb" if self.before in _BEFORE_VERB else ""
        split = split_word(word, role)
        texts = self.parts.get(word, split.texts)
        self.word += 1
        for index, (text, stress, phones) in enumerate(zip(texts, split.stresses, split.phones)):
            place = "single" if len(texts) == 1 else "begin" if index == 0 else "middle"
            place = "end" if index and index == len(texts) - 1 else place
            self.syllables.append(
                LyricSyllable(
                    text,
                    place,
                    None,
                    stress,
                    phones=phones,
                    function=lower in ENGLISH,
                    word=self.word,
                    glides=_glides(split, index),
                )
            )
        self.before = lower


def _glides(split: EnglishWord, index: int) -> bool:
    if max(split.counts) <= len(split.texts):
        return False
    phones = split.phones[index]
    return any(a[:2] in ("AY", "AW", "OY") and b in ("R", "L") for a, b in pairwise(phones))


def _keywords(syllables: list[LyricSyllable]) -> list[LyricSyllable]:
    """Mark the word that each phrase leans on: its last content word."""
    marked = list(syllables)
    start = 0
    for index, syllable in enumerate(syllables):
        if not syllable.break_after:
            continue
        content = [s.word for s in syllables[start : index + 1] if not s.function and s.tone != 5]
        if content:
            for place in range(start, index + 1):
                if syllables[place].word == content[-1]:
                    marked[place] = replace(syllables[place], keyword=True)
        start = index + 1
    return marked
