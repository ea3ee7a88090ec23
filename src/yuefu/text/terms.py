"""The words that the reader knows, with their senses: one index over all catalogues.

A term may have several senses at once: "waltz" is a style and a metre, "party" a mood and an
occasion. The index is built once, on first use.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from yuefu.theory.instruments import instrument_names
from yuefu.theory.styles import style_names

#: Kinds of sense that steer how others are read.
STEERING = ("negation", "shield", "contrast", "degree")


@dataclass(frozen=True, slots=True)
class Sense:
    """One meaning of a term.

    kind: ``"mood"`` (value: valence, arousal, weight), ``"style"``, ``"instrument"`` (catalogue
    keys), ``"ensemble"`` (a tuple of instrument keys), ``"tempo"`` (quarters a minute), ``"pace"``
    (-1.2..1.2), ``"energy"``, ``"density"`` (0..1), ``"mode"``, ``"meter"``, ``"occasion"`` or one
    of ``STEERING`` (a degree's value is its factor).
    """

    kind: str
    value: Any


@cache
def tables() -> dict[str, Any]:
    """The tables of ``terms.toml``."""
    return tomllib.loads(resources.files("yuefu.text").joinpath("terms.toml").read_text(encoding="utf-8"))


@cache
def lookalikes() -> tuple[str, ...]:
    """Everyday phrases that hold a word of music (``lookalikes.toml``)."""
    text = resources.files("yuefu.text").joinpath("lookalikes.toml").read_text(encoding="utf-8")
    return tuple(phrase for phrases in tomllib.loads(text).values() for phrase in phrases)


@cache
def lexicon(language: str) -> dict[str, tuple[float, float, float]]:
    """Rated words of a language ("en" or "zh"): word -> valence, arousal (-1..1), weight (0..1)."""
    text = resources.files("yuefu.text").joinpath(f"lexicon_{language}.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return {word: (float(valence), float(arousal), float(weight)) for word, valence, arousal, weight in rows}


@cache
def index() -> dict[str, tuple[Sense, ...]]:
    """Lower-case term in either language -> its senses."""
    found: dict[str, list[Sense]] = {}

    def add(term: str, kind: str, value: Any) -> None:
        for form in _spellings(term.lower()):
            senses = found.setdefault(form, [])
            if all(sense.kind != kind for sense in senses):
                senses.append(Sense(kind, value))

    data = tables()
    for term in _words(data["reading"]["shields"]):
        add(term, "shield", None)
    for term in lookalikes():
        add(term, "shield", None)
    for term in _words(data["reading"]["negations"]):
        add(term, "negation", None)
    for term in _words(data["reading"]["contrasts"]):
        add(term, "contrast", None)
    for term, factor in data["reading"]["degrees"].items():
        add(term, "degree", factor)
    for kind in ("tempo", "pace", "energy", "density", "mode", "meter"):
        for term, value in data[kind].items():
            add(term, kind, value)
    for term, keys in data["ensemble"].items():
        add(term, "ensemble", tuple(keys))
    for occasion, terms in data["occasion"].items():
        for term in _words(terms):
            add(term, "occasion", occasion)
    ignored = {word.lower() for word in data["styles"]["ignored"]}
    for name, key in style_names().items():
        if name not in ignored:
            for form in _plurals(name):
                add(form, "style", key)
    ignored = {word.lower() for word in data["instruments"]["ignored"]}
    for name, key in instrument_names().items():
        if name not in ignored:
            for form in _plurals(name):
                add(form, "instrument", key)
    for language in ("en", "zh"):
        for word, rating in lexicon(language).items():
            add(word, "mood", rating)
    for wrong, right in data["misspelt"].items():
        for form, meant in zip(_plurals(wrong), _plurals(right), strict=False):
            found.setdefault(form, list(found.get(meant, found[right])))
    for term in lookalikes():
        found[term] = [sense for sense in found[term] if sense.kind == "mood"] or [Sense("shield", None)]
    for term, senses in found.items():
        if any(sense.kind == "style" for sense in senses):
            senses += _inherited(term, senses, found)
    return {term: tuple(senses) for term, senses in found.items()}


def _inherited(term: str, senses: list[Sense], found: dict[str, list[Sense]]) -> list[Sense]:
    """Senses that a style's name has through the words in it: "slow waltz" is slow, "ragtime piano" for piano."""
    if term.isascii():
        words = re.split(r"[ -]", term)
        parts = [" ".join(words[a:b]) for a in range(len(words)) for b in range(a + 1, len(words) + 1)]
    else:
        parts = [term[a:b] for a in range(len(term)) for b in range(a + 2, len(term) + 1)]
    kinds = {sense.kind for sense in senses}
    inherited = {"mood", "occasion", "pace", "energy", "density", "meter"}
    if "ensemble" not in kinds and "drum" not in term:
        inherited.add("instrument")
    gained: dict[str, Sense] = {}
    for part in parts:
        if part != term:
            for sense in found.get(part, ()):
                if sense.kind in inherited and sense.kind not in kinds:
                    gained.setdefault(sense.kind, sense)
    return list(gained.values())


@cache
def longest_term() -> int:
    """Length in characters of the longest term."""
    return max(map(len, index()))


def _words(terms: Iterable[str]) -> Iterable[str]:
    return (term.strip() for term in terms if term.strip())


def _spellings(term: str) -> set[str]:
    """The term with hyphens and spaces exchanged."""
    return {term, term.replace("-", " "), term.replace(" ", "-")} if term.isascii() else {term}


def _plurals(term: str) -> tuple[str, ...]:
    if not term.isascii() or not term[-1].isalpha() or len(term) < 3 or term.endswith("s"):
        return (term,)
    return (term, term + ("es" if term.endswith(("x", "ch", "sh", "z")) else "s"))


_ENDINGS = (
    ("iness", "y"), ("ily", "y"), ("ier", "y"), ("iest", "y"), ("ied", "y"), ("ies", "y"), ("ness", ""),
    ("fully", "ful"), ("ally", "al"), ("ically", "ic"), ("ably", "able"), ("ly", ""), ("ingly", "ing"), ("ing", ""),
    ("ing", "e"), ("ed", ""), ("ed", "e"), ("est", ""), ("est", "e"), ("er", ""), ("er", "e"), ("es", ""), ("s", ""),
    ("d", ""), ("ish", ""), ("like", ""), ("y", ""),
)  # fmt: skip


def stem_rating(word: str) -> tuple[float, float, float] | None:
    """The rating of an inflected English word by the word it comes from, or None.

    >>> stem_rating("gloomily") == stem_rating("gloominess") != None
    True
    """
    rated = lexicon("en")
    if len(word) < 5:
        return None
    for ending, restored in _ENDINGS:
        if word.endswith(ending):
            stem = word[: -len(ending)] + restored
            undoubled = stem[:-1] if re.search(r"([bdgklmnprt])\1$", stem) else ""
            for candidate in (stem, undoubled):
                if len(candidate) >= 3 and candidate in rated:
                    return rated[candidate]
    return None
