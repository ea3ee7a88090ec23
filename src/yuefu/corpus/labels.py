"""Labels of style for the corpora's pieces, and groups of pieces that must stay on one side of a split.

``style_labels.toml`` says which piece is called what. A group joins what could give a label away without any music
being learnt: the versions and movements of a work, tunes of one name, a drummer's session.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from yuefu.score.model import Score

#: What a rule may ask to be equal to one of some values, and what to be found by a regular expression.
_EQUAL = ("style", "rhythm", "take", "meter")
_FOUND = ("title", "composer", "source", "instrument")
_ARTICLES = re.compile(r"\b(the|a|an|da|de|la|le)\b|[^\w]+")
#: Sets whose tunes are passed on under their titles, in many settings.
_TUNE_SETS = ("cre_irish", "pd_fiddle_abc")
_SETS_OF_TAKES = ("groove",)


@dataclass(frozen=True)
class Label:
    """A style. key: as it is kept; en, zh: as it is told."""

    key: str
    en: str
    zh: str

    def name(self, language: str) -> str:
        """The name in ``"en"`` or ``"zh"``."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True)
class Piece:
    """What a label and a group depend on; see ``facts_of``."""

    facts: Mapping[str, Any]

    def meets(self, rule: Mapping[str, Any]) -> bool:
        """Whether all that a rule asks holds."""
        if self.facts.get("set") != rule["set"]:
            return False
        if any(self.facts.get(name, "") not in rule[name] for name in _EQUAL if name in rule):
            return False
        patterns = ((name, rule[name]) for name in _FOUND if name in rule)
        return all(re.search(pattern, str(self.facts.get(name, "")), re.IGNORECASE) for name, pattern in patterns)

    @property
    def names(self) -> list[str]:
        """What groups the piece: its work, and its title where tunes go by title."""
        origin, work = str(self.facts.get("set", "")), str(self.facts.get("work", ""))
        if origin in _SETS_OF_TAKES:
            return [f"{origin}/{work.rpartition('/')[0] or work}"]
        found = [f"{origin}/{work}"]
        if origin in _TUNE_SETS:
            title = _ARTICLES.sub("", str(self.facts.get("title", "")).lower())
            if len(title) > 3:
                found.append(f"tune/{title}")
        return found


@cache
def _tables() -> tuple[dict[str, Any], ...]:
    text = files("yuefu.corpus").joinpath("style_labels.toml").read_text("utf-8")
    return tuple(tomllib.loads(text)["label"])


@cache
def labels() -> dict[str, Label]:
    """All labels by key, in the order of the table.

    >>> labels()["slip_jig"].name("zh")
    '滑步吉格'
    """
    return {table["key"]: Label(table["key"], table["en"], table["zh"]) for table in _tables() if table["key"]}


def facts_of(score: Score) -> dict[str, Any]:
    """What rules and groups ask of a score of a corpus: its metadata, title, composer and first metre."""
    meter = score.meter_at(0)
    told = {"title": score.title, "composer": score.composer, "meter": f"{meter.numerator}/{meter.denominator}"}
    return {**score.metadata, **told}


def sets_of_labels() -> list[str]:
    """The sets that have labelled pieces, sorted."""
    return sorted({rule["set"] for table in _tables() if table["key"] for rule in table["rules"]})


def label_of(facts: Mapping[str, Any]) -> str | None:
    """The key of the label that a piece's facts give it, or None.

    >>> label_of({"set": "cre_irish", "rhythm": "reel"})
    'reel'
    """
    piece = Piece(facts)
    for table in _tables():
        if any(piece.meets(rule) for rule in table["rules"]):
            return table["key"] or None
    return None


def groups_of(names: Sequence[Sequence[str]]) -> list[int]:
    """A number for each piece, equal for pieces that share a name, also by way of others.

    >>> groups_of([["a"], ["b", "c"], ["c", "a"], ["d"]])
    [0, 0, 0, 1]
    """
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for each in names:
        for other in each[1:]:
            parent[root(other)] = root(each[0])
    numbers: dict[str, int] = {}
    return [numbers.setdefault(root(each[0]), len(numbers)) for each in names]
