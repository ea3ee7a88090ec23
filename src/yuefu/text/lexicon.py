"""The bilingual mood lexicon: some thousands of words in each language, rated by us for valence and arousal.

``moods/*.tsv`` hold concepts (English and Chinese terms that share a rating), ``lexicon_en.tsv`` and
``lexicon_zh.tsv`` single words that the rules of ``scan`` know; where both rate a word, the latter win.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

from yuefu.text.language import is_han
from yuefu.text.terms import lexicon, stem_rating

Rating = tuple[float, float, float]
#: Files of concepts.
CONCEPTS = ("feelings", "nature", "life", "qualities")
_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
_MOST_WORDS = 4


@dataclass(frozen=True, slots=True)
class Concept:
    """Terms of both languages with one rating. valence, arousal: -1..1; weight: 1 a mood, less a scene."""

    en: tuple[str, ...]
    zh: tuple[str, ...]
    valence: float
    arousal: float
    weight: float


@cache
def concepts() -> tuple[Concept, ...]:
    """All concepts of ``moods/``."""
    found = []
    for name in CONCEPTS:
        for en, zh, valence, arousal, weight in _rows(f"{name}.tsv"):
            english, chinese = (tuple(filter(None, side.split("|"))) for side in (en, zh))
            found.append(Concept(english, chinese, float(valence), float(arousal), float(weight)))
    return tuple(found)


def _rows(name: str) -> Iterator[list[str]]:
    text = resources.files("yuefu.text").joinpath("moods", name).read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


@cache
def rated_words(language: str) -> dict[str, Rating]:
    """Term -> valence, arousal, weight, of a language ("en" or "zh"); a term of several concepts has their mean.

    >>> len(rated_words("en")) >= 4000 and len(rated_words("zh")) >= 4000
    True
    """
    several: dict[str, list[Rating]] = {}
    for concept in concepts():
        for term in concept.en if language == "en" else concept.zh:
            several.setdefault(term.lower(), []).append((concept.valence, concept.arousal, concept.weight))
    found: dict[str, Rating] = {}
    for term, ratings in several.items():
        valence, arousal, weight = (round(sum(column) / len(ratings), 3) for column in zip(*ratings, strict=True))
        found[term] = (valence, arousal, weight)
    return found | lexicon(language)


@cache
def _longest_zh() -> int:
    return max(map(len, rated_words("zh")))


def rated_terms(text: str) -> list[tuple[int, int, Rating]]:
    """Start, end and rating of the rated terms of a lower-case text, the longest first where they overlap.

    Single Chinese characters don't count: they are parts of other words more often than words.

    >>> [(2, 4)] == [(start, end) for start, end, _ in rated_terms("一片忧愁")]
    True
    """
    found = []
    words = list(_WORD.finditer(text))
    english, place = rated_words("en"), 0
    while place < len(words):
        for count in range(min(_MOST_WORDS, len(words) - place), 0, -1):
            start, end = words[place].start(), words[place + count - 1].end()
            rating = english.get(text[start:end]) or (stem_rating(text[start:end]) if count == 1 else None)
            if rating is not None:
                found.append((start, end, rating))
                place += count - 1
                break
        place += 1
    chinese, position = rated_words("zh"), 0
    while position < len(text):
        if is_han(text[position]):
            for stop in range(min(len(text), position + _longest_zh()), position + 1, -1):
                if rating := chinese.get(text[position:stop]):
                    found.append((position, stop, rating))
                    position = stop - 1
                    break
        position += 1
    return found
