"""What a corpus reader hands to the builder: a list of things to load, cheap to make and to send.

A reader module has one function ``read(folder: Path) -> Iterator[Item]``. It only lists the set
(file names, metadata tables); the slow part, parsing, happens in ``Item.load(*Item.args)``, which
a pool of processes calls. So ``load`` must be a function at module level and ``args`` plain values.

What ``load`` returns: a Score, or several (a tune book). Times in ticks (24 a quarter), roughly on
the grid; the builder does the rest: cleaning, rows, key and chords where absent, splits. A loaded
score's own ``metadata`` wins over the item's, so a book can set ``work`` or ``style`` by tune.
A piece that can't be used raises a YuefuError with one sentence: it is counted, never fatal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from yuefu.score.model import Score

#: Labels that a piece's style may have.
STYLES = (
    "pop", "rock", "jazz", "standard", "blues", "country", "folk", "celtic", "hymn", "chorale",
    "renaissance", "baroque", "classical", "romantic", "modern", "ragtime", "march", "waltz",
    "art_song", "game", "funk", "soul", "latin", "reggae", "hiphop", "disco", "electronic", "afro",
    "gospel", "children",
)  # fmt: skip
SPLITS = ("train", "valid", "test")


@dataclass(frozen=True)
class Item:
    """One thing to load.

    work: the composition's id within the set; all versions of a work get one split.
    load, args: a module-level function and plain arguments that give the Score or Scores.
    source: where it is in the set (a relative path), for messages and the record.
    style: one of ``STYLES`` or "" (the manifest's default). licence: "" for the set's own.
    split: the set's own split, or "" to have it drawn from a hash of the work.
    arranged: the loaded score has at most one part a row and its roles are final.
    metadata: anything else worth keeping (plain JSON values).
    """

    work: str
    load: Callable[..., Score | Sequence[Score]]
    args: tuple[Any, ...]
    source: str
    style: str = ""
    licence: str = ""
    split: str = ""
    arranged: bool = False
    metadata: dict[str, Any] = field(default_factory=dict)
