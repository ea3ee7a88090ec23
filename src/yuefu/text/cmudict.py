"""CMUdict's pronunciations, read from the installed package that carries the data file.

The package itself is never imported: its plain text file is read when the first English word is
looked up (about 80 ms), and without it the rules alone serve.
"""

from __future__ import annotations

import logging
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

_PACKAGE = "english2pinyin"
_log = logging.getLogger(__name__)

#: A pronunciation: ARPAbet phones, vowels with their stress (``"AH0"``, ``"EY1"``, ``"AY2"``).
Phones = tuple[str, ...]


def _file() -> Path | None:
    spec = find_spec(_PACKAGE)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        place = Path(folder) / "dict" / "cmudict.dict"
        if place.is_file():
            return place
    return None


@cache
def _entries() -> dict[str, str]:
    """Word, or ``word(2)`` for a further pronunciation -> phones parted by spaces."""
    place = _file()
    if place is None:
        _log.warning("CMUdict's data isn't installed: English words are read by rule")
        return {}
    lines = place.read_text(encoding="utf-8").splitlines()
    return dict(line.split(" ", 1) for line in lines if " " in line)


def available() -> bool:
    """Whether the dictionary is installed."""
    return bool(_entries())


@lru_cache(maxsize=8192)
def look_up(word: str) -> tuple[Phones, ...]:
    """All pronunciations of a lower-case word, the commonest first; none for one that it lacks.

    >>> look_up("record")[:2]
    (('R', 'AH0', 'K', 'AO1', 'R', 'D'), ('R', 'EH1', 'K', 'ER0', 'D'))
    """
    entries = _entries()
    found = []
    name, number = word, 1
    while name in entries:
        found.append(tuple(entries[name].partition(" #")[0].split()))
        number += 1
        name = f"{word}({number})"
    return tuple(found)
