"""A text as units (English words, Chinese characters, marks) and the hashed features of each.

There is no vocabulary: a unit is the sum of its character n-grams' vectors, found by a hash, so that no word
is unknown and kindred spellings share what was learnt (cf. Bojanowski et al. 2017, "Enriching word vectors
with subword information").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

from yuefu.text.language import is_han
from yuefu.text.lexicon import rated_terms

#: Rows of the table of vectors.
BUCKETS = 1 << 16
#: Longer texts are cut: nobody's request has more, and a lyric's mood is plain by then.
MAX_UNITS = 160
_UNIT = re.compile(r"[a-z0-9]+(?:'[a-z]+)?|[^\W\d_a-z]|[.,;:!?，。；：！？、…\n]")
#: Marks that mean the same in both languages.
_MARKS = str.maketrans("，。；：！？…", ",.;:!?.")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of a text, in lower case. start, end: its place; rating: of the lexicon term it lies in, if any."""

    text: str
    start: int
    end: int
    rating: tuple[float, float, float] | None = None

    @property
    def is_mark(self) -> bool:
        """Whether it is punctuation."""
        return not self.text[0].isalnum()


def units_of(text: str) -> list[Unit]:
    """The first ``MAX_UNITS`` units of a text (as ``reader.normal`` gives it).

    >>> [unit.text for unit in units_of("Not sad, 而是释然")]
    ['not', 'sad', ',', '而', '是', '释', '然']
    """
    lowered = text.lower() if len(text.lower()) == len(text) else text
    ratings = rated_terms(lowered)
    found: list[Unit] = []
    for match in _UNIT.finditer(lowered):
        if len(found) == MAX_UNITS:
            break
        start, end = match.span()
        rating = next((r for first, last, r in ratings if first <= start and end <= last), None)
        found.append(Unit(match[0].translate(_MARKS), start, end, rating))
    return found


def features_of(units: Sequence[Unit], place: int) -> list[int]:
    """Rows of the table for the unit at ``place``: itself and its n-grams, for Chinese with its neighbours."""
    word = units[place].text
    if not is_han(word[0]):
        return _rows_of_word(word)
    before = units[place - 1].text if place and is_han(units[place - 1].text[0]) else "<"
    after = units[place + 1].text if place + 1 < len(units) and is_han(units[place + 1].text[0]) else ">"
    names = (word, before + word + "-", "-" + word + after, before + word + after)
    return [crc32(name.encode()) % BUCKETS for name in names]


@lru_cache(maxsize=20_000)
def _rows_of_word(word: str) -> list[int]:
    names = [word]
    if word[0].isalpha() and len(word) > 2:
        told = f"<{word}>"
        names += [told[i : i + n] for n in (3, 4, 5) for i in range(len(told) - n + 1)]
        names += [f"<{word[:n]}" for n in (5, 6) if len(word) > n]
    return [crc32(name.encode()) % BUCKETS for name in names]
