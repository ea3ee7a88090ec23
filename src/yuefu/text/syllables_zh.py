"""Chinese characters into sung syllables: one a character, with its tone.

Tones are 1-4 and 5 for the neutral tone, as spoken in isolation (no sandhi): what a melody is
asked to respect. pypinyin reads phrases; a table of our own corrects what it misreads.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

from yuefu.text.language import is_han


@cache
def _corrections() -> dict[str, tuple[int, ...]]:
    """Words with a character of several readings -> a tone for each character."""
    text = resources.files("yuefu.text").joinpath("tones_zh.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return {word: tuple(map(int, tones)) for word, tones in rows}


@cache
def _longest() -> int:
    return max(map(len, _corrections()))


@cache
def _pinyin() -> Any:
    import pypinyin  # takes a quarter of a second, and English lyrics don't need it

    return pypinyin


def tones(text: str) -> list[int | None]:
    """A tone for each Chinese character of a text, 1-4 or 5 (neutral); None for one that isn't known.

    Characters that aren't Chinese get no entry.

    >>> tones("还钱"), tones("银行"), tones("跑得快"), tones("长大")
    ([2, 2], [2, 2], [3, 5, 4], [3, 4])
    """
    han = [char for char in text if is_han(char)]
    if not han:
        return []
    library: Any = _pinyin()
    found: list[int | None] = []
    # Runs between punctuation are read whole, so that phrases are seen.
    run = ""
    for char in text + " ":
        if is_han(char):
            run += char
        elif run:
            found += _run_tones(library, run)
            run = ""
    return found


def _run_tones(library: Any, run: str) -> list[int | None]:
    style = library.Style.TONE3
    read = library.lazy_pinyin(run, style=style, neutral_tone_with_five=True, errors=lambda s: ["?"] * len(s))
    result: list[int | None] = [int(s[-1]) if s[-1:].isdigit() else None for s in read]
    if len(result) != len(run):
        result = [None] * len(run)
    place = 0
    while place < len(run):
        for size in range(min(_longest(), len(run) - place), 0, -1):
            known = _corrections().get(run[place : place + size])
            if known:
                result[place : place + size] = list(known)
                place += size
                break
        else:
            place += 1
    return result
