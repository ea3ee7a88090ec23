"""Sparks of words: couplets, quatrains and titles for some words or a mood, in English and Chinese.

Lines are cast from moulds and fields of imagery. Many are tried; four are kept that have as many syllables, rhyme as
the scheme wants, use no image twice and lie near the mood. What stands in pieces or cards already isn't written again.
"""

from __future__ import annotations

import re
import tomllib
import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from itertools import combinations
from typing import Any

import numpy as np

from yuefu.errors import UnknownNameError
from yuefu.inspire.idea import Idea, Source
from yuefu.inspire.making import WORDS, make_idea
from yuefu.inspire.rights import MADE
from yuefu.inspire.wanted import wanted_of
from yuefu.text.lexicon import rated_terms, rated_words
from yuefu.text.lyrics import parse_lyrics
from yuefu.text.rhymes import Rhyme, closeness

LANGUAGES = ("en", "zh")
#: Lines that are tried for a quatrain, and titles for a choice.
_LINES, _TITLES = 150, 60
#: Schemes of four lines, and how often each is tried.
_SCHEMES = ("ABAB", "AABB", "XAXA", "AAXA")
#: Syllables of a line.
_LEAST, _MOST = {"en": 5, "zh": 6}, {"en": 10, "zh": 10}
_VOWEL = re.compile(r"^[aeiou]")
_SLOT = re.compile(r"\{(\w+)\}")
_SMALL = frozenset(["a", "an", "and", "the", "of", "in", "on", "to", "at", "by", "for", "with", "i", "you", "is"])


@dataclass(frozen=True)
class Line:
    """A line that was tried. images: the words put into it; syllables; rhyme; mood: valence and arousal."""

    text: str
    images: frozenset[str]
    syllables: int
    rhyme: Rhyme | None
    mood: tuple[float, float]


@cache
def _fields(language: str) -> dict[str, dict[str, tuple[str, ...]]]:
    told = _data()[language]
    return {
        name: {part: tuple(text.split("|")) for part, text in field.items()}
        for name, field in told.items()
        if name != "moulds"
    }


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(resources.files("yuefu.inspire").joinpath("sparks.toml").read_text("utf-8"))


def sparks(
    words: str,
    language: str = "en",
    index: Any = None,
    seed: int = 0,
    n: int = 6,
    kinds: Sequence[str] = WORDS,
) -> list[Idea]:
    """Lyric and title sparks for words; kinds take turns. index: ideas, or an
    index of them, whose texts and titles aren't to be repeated.

    The same words, language and seed give the same sparks. Raises UnknownNameError for another language or kind.
    """
    if language not in LANGUAGES:
        raise UnknownNameError("language", str(language), LANGUAGES)
    for kind in kinds:
        if kind not in WORDS:
            raise UnknownNameError("kind of spark", kind, WORDS)
    rng = np.random.default_rng([seed, zlib.crc32(words.encode()), 59])
    known: set[str] = set()
    for idea in getattr(index, "ideas", index) or ():
        known |= {_plain(line) for line in (*idea.text.splitlines(), idea.source.title) if line.strip()}
    mood = wanted_of(words).mood or _mood(words, language) or (0.0, 0.0)
    fields = _fitting(words, language, mood, rng)
    own = _keywords(words, language)
    found: list[Idea] = []
    titles = _titles(fields, own, language, mood, known, rng)
    for place in range(n):
        kind = kinds[place % len(kinds)] if kinds else "title"
        source = Source(f"words:{seed}", "", "", (0, 0), MADE, True)
        if kind == "title":
            if not titles:
                continue
            text, near = titles.pop(0)
            known.add(_plain(text))
            facts = {"valence": near[0], "arousal": near[1]}
        else:
            made = _quatrain(fields, own, language, mood, known, rng)
            if made is None:
                continue
            lines, scheme = made
            known |= {_plain(line.text) for line in lines}
            text = "\n".join(_shown(line.text, language) for line in lines)
            facts = {
                "valence": float(np.mean([line.mood[0] for line in lines])),
                "arousal": float(np.mean([line.mood[1] for line in lines])),
                "syllables": float(np.mean([line.syllables for line in lines])),
                "rhymes": _rhymes(lines, scheme),
            }
        found.append(make_idea(kind, source, text=text, facts=facts))
    return found


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()


def _mood(words: str, language: str) -> tuple[float, float] | None:
    """The mood of scenes that aren't moods themselves: rain, neon, harvest."""
    rated = rated_terms(words.lower())
    if not rated:
        return None
    weights = np.array([rating[2] for *_, rating in rated])
    values = np.array([rating[:2] for *_, rating in rated])
    middle = (weights[:, None] * values).sum(axis=0) / max(float(weights.sum()), 1e-6)
    return float(middle[0]), float(middle[1])


def _keywords(words: str, language: str) -> list[str]:
    """Nouns of the words that the imagery knows, to be said at least once."""
    plain = words.lower()
    nouns = [noun for field in _fields(language).values() for noun in field["noun"]]
    if language == "zh":
        return [
            noun
            for noun in nouns
            if noun in plain or (len(noun) == 2 and noun[-1] in plain and noun[-1] in "雨雪海月风夜")
        ]
    return [noun for noun in nouns if re.search(rf"\b{re.escape(noun)}s?\b", plain)]


def _fitting(
    words: str, language: str, mood: tuple[float, float], rng: np.random.Generator
) -> list[dict[str, tuple[str, ...]]]:
    """Three fields of imagery: those that the words touch, then those that lie near the mood."""
    fields = _fields(language)
    plain = words.lower()
    values = {}
    for name, field in fields.items():
        said = [word for part in ("noun", "trait") for word in field[part]]
        touched = sum(_touches(word, plain, language) for word in said) + 2 * (name in plain)
        moods = np.array([_rating(word, language) for word in said])
        near = float(((moods.mean(axis=0) - np.array(mood)) ** 2).sum())
        values[name] = 3.0 * touched - near + 0.5 * rng.random()
    best = sorted(fields, key=lambda name: -values[name])[:3]
    return [fields[name] for name in best]


def _touches(word: str, plain: str, language: str) -> bool:
    if language == "zh":
        return word in plain or any(char in plain for char in word if char in "雨雪海月风夜星灯花路梦心火家")
    return re.search(rf"\b{re.escape(word)}s?\b", plain) is not None


@lru_cache(maxsize=8192)
def _rating(word: str, language: str) -> tuple[float, float]:
    """Valence and arousal of a word or phrase: its own, or the mean of those inside it."""
    own = rated_words(language).get(word)
    if own is not None:
        return own[0], own[1]
    inside = [rating for *_, rating in rated_terms(word)]
    if not inside:
        return 0.0, 0.0
    return float(np.mean([r[0] for r in inside])), float(np.mean([r[1] for r in inside]))


def _cast(
    mould: str, fields: Sequence[dict[str, tuple[str, ...]]], own: Sequence[str], language: str,
    mood: tuple[float, float], rng: np.random.Generator,
) -> tuple[str, frozenset[str], tuple[float, float]]:  # fmt: skip
    """A mould filled from one field, with a second for contrast; the images in it, and their mood."""
    field = fields[int(rng.choice(len(fields), p=_SHARES[: len(fields)]))]
    images: list[str] = []
    for slot in _SLOT.findall(mould):
        part = slot.rstrip("_2")
        if part == "time":
            options: tuple[str, ...] = tuple(_data()[language]["moulds"]["time"].split("|"))
        else:
            options = field[part]
        if part == "noun" and own and rng.random() < 0.35:
            options = tuple(own)
        weights = np.exp([-2.0 * _far(_rating(option, language), mood) for option in options])
        word = str(rng.choice(options, p=weights / weights.sum()))
        images.append(word)
        mould = mould.replace("{" + slot + "}", word, 1)
    text = re.sub(r"\ba (?=[aeiou])", "an ", mould)
    ratings = [_rating(image, language) for image in images]
    return text, frozenset(images), tuple(np.mean(ratings, axis=0).tolist()) if ratings else (0.0, 0.0)  # type: ignore[return-value]


_SHARES = np.array([0.5, 0.3, 0.2])


def _far(one: tuple[float, float], other: tuple[float, float]) -> float:
    return (one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2


def _tried(
    fields: Sequence[dict[str, tuple[str, ...]]], own: Sequence[str], language: str, mood: tuple[float, float],
    known: Collection[str], rng: np.random.Generator,
) -> list[Line]:  # fmt: skip
    """Lines that may be kept: of a good length, without an image twice, and not known."""
    moulds = _data()[language]["moulds"]["line"]
    texts: dict[str, tuple[frozenset[str], tuple[float, float]]] = {}
    for _ in range(_LINES):
        mould = str(rng.choice(moulds))
        text, images, near = _cast(mould, fields, own, language, mood, rng)
        doubled = len(images) < len(_SLOT.findall(mould)) or _says_twice(text, language)
        if not doubled and _plain(text) not in known:
            texts.setdefault(text, (images, near))
    if not texts:
        return []
    lyrics = parse_lyrics("\n".join(texts))
    read = [line for section in lyrics.sections for line in section.lines]
    lines = []
    for line in read:
        told = texts.get(line.text.strip())
        count = len(line.syllables)
        if told is None or not _LEAST[language] <= count <= _MOST[language]:
            continue
        lines.append(Line(line.text.strip(), told[0], count, line.rhyme, told[1]))
    return lines


def _says_twice(text: str, language: str) -> bool:
    """Whether a word of weight is said twice in a line."""
    if language == "zh":
        pairs = [text[i : i + 2] for i in range(len(text) - 1)]
        return len(pairs) != len(set(pairs))
    said = [word for word in re.findall(r"[a-z']+", text) if word not in _SMALL]
    return len(said) != len(set(said))


def _quatrain(
    fields: Sequence[dict[str, tuple[str, ...]]], own: Sequence[str], language: str, mood: tuple[float, float],
    known: Collection[str], rng: np.random.Generator,
) -> tuple[list[Line], str] | None:  # fmt: skip
    """Four lines and their scheme: the best of many, one keyword at least among them."""
    lines = _tried(fields, own, language, mood, known, rng)
    if len(lines) < 4:
        return None
    pairs = [
        (a, b)
        for a, b in combinations(range(len(lines)), 2)
        if lines[a].rhyme is not None and lines[b].rhyme is not None
        and closeness(lines[a].rhyme, lines[b].rhyme) == 2  # type: ignore[arg-type]
        and _last(lines[a], language) != _last(lines[b], language)
        and abs(lines[a].syllables - lines[b].syllables) <= 1 and not lines[a].images & lines[b].images
    ]  # fmt: skip
    if not pairs:
        return None
    order = rng.permutation(len(pairs))[:60]
    scheme = str(rng.choice(_SCHEMES[:3]))
    best: tuple[float, list[Line]] | None = None
    for i in order.tolist():
        first = [lines[k] for k in pairs[i]]
        options = order.tolist() if scheme != "XAXA" else order.tolist()[:1]
        for j in options:
            if scheme == "XAXA":
                free = [line for line in lines if not any(line.images & other.images for other in first)][:8]
                chosen = [(a, b) for a, b in combinations(free, 2) if not a.images & b.images][:6]
                tries = [[a, first[0], b, first[1]] for a, b in chosen]
            else:
                second = [lines[k] for k in pairs[j]]
                if any(a.images & b.images for a in first for b in second):
                    continue
                tries = [[first[0], second[0], first[1], second[1]] if scheme == "ABAB" else [*first, *second]]
            for four in tries:
                if len({_start(line, language) for line in four}) < 3:
                    continue
                counts = [line.syllables for line in four]
                images = frozenset().union(*(line.images for line in four))
                value = -0.5 * (max(counts) - min(counts)) - float(np.mean([_far(line.mood, mood) for line in four]))
                value += 0.6 * bool(images & set(own)) - 0.3 * max(
                    0, sum(bool(line.images & set(own)) for line in four) - 1
                )
                if best is None or value > best[0]:
                    best = (value, four)
    return None if best is None else (best[1], scheme)


def _last(line: Line, language: str) -> str:
    return line.text[-1] if language == "zh" else line.text.split()[-1]


def _start(line: Line, language: str) -> str:
    return line.text[:1] if language == "zh" else " ".join(line.text.split()[:1])


def _rhymes(lines: Sequence[Line], scheme: str) -> float:
    """The share of the scheme's rhymes that are perfect."""
    wanted = [(a, b) for a, b in combinations(range(len(lines)), 2) if scheme[a] == scheme[b] != "X"]
    hits = [
        closeness(lines[a].rhyme, lines[b].rhyme) == 2  # type: ignore[arg-type]
        for a, b in wanted
        if lines[a].rhyme is not None and lines[b].rhyme is not None
    ]
    return float(np.mean(hits)) if hits else 0.0


def _titles(
    fields: Sequence[dict[str, tuple[str, ...]]], own: Sequence[str], language: str, mood: tuple[float, float],
    known: Collection[str], rng: np.random.Generator,
) -> list[tuple[str, tuple[float, float]]]:  # fmt: skip
    """Titles, the ones with the user's own images and near the mood first, no mould or image twice in a row."""
    moulds = _data()[language]["moulds"]["title"]
    tried: list[tuple[float, str, frozenset[str], tuple[float, float], str]] = []
    for _ in range(_TITLES):
        mould = str(rng.choice(moulds))
        text, images, near = _cast(mould, fields, own, language, mood, rng)
        if len(images) < len(_SLOT.findall(mould)) or _says_twice(text, language) or _plain(text) in known:
            continue
        shown = text if language == "zh" else _capitals(text)
        value = 1.0 * bool(images & set(own)) - _far(near, mood) + 0.3 * rng.random()
        tried.append((value, shown, images, near, mould))
    tried.sort(key=lambda row: (-row[0], row[1]))
    kept: list[tuple[str, tuple[float, float]]] = []
    moulded: dict[str, int] = {}
    seen: dict[str, int] = {}
    for _, text, images, near, mould in tried:
        if moulded.get(mould, 0) >= 2 or any(seen.get(image, 0) >= 2 for image in images):
            continue
        moulded[mould] = moulded.get(mould, 0) + 1
        for image in images:
            seen[image] = seen.get(image, 0) + 1
        kept.append((text, near))
    return kept


def _capitals(text: str) -> str:
    words = text.split()
    return " ".join(word if i > 0 and word in _SMALL else word[:1].upper() + word[1:] for i, word in enumerate(words))


def _shown(text: str, language: str) -> str:
    if language == "zh":
        return text
    plain = re.sub(r"\bi\b", "I", text)
    return plain[:1].upper() + plain[1:]
