"""ABC's ``w:`` lines: words aligned to the notes of the music line above."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

#: Hanzi, with the punctuation that follows: each is a syllable of its own.
_HANZI = re.compile(r"[\u3400-\u9fff\U00020000-\U0002fa1f][^\w\s*|~_-]*")
_RHOTIC = re.compile(r"[\u3400-\u9fff][儿兒][^\w\s*|~_-]*")
_TOKEN = re.compile(r"\\-|[-_*|~]|\s+|[^-_*|~\s\\]+|\\")


@dataclass(frozen=True, slots=True)
class Word:
    """A syllable for the slot ``slot`` (0 for the line's first note)."""

    slot: int
    text: str
    syllabic: str
    line_end: bool


def _syllables(line: str) -> Iterator[tuple[str, bool]]:
    """(text, does a hyphen follow) for syllables, and ("_"|"*"|"|", False) for the signs."""
    text = ""
    tokens = _TOKEN.findall(line)
    # Where every character stands alone, as we write them, one with 儿 on it is one syllable.
    apart = any(len(_HANZI.findall(token)) == 1 for token in tokens) and all(
        len(_HANZI.findall(token)) < 2 or _RHOTIC.fullmatch(token) for token in tokens
    )
    for token in tokens:
        if token == "\\-":
            text += "-"
        elif token == "~":
            text += " "
        elif token == "-":
            if text:
                yield text, True
                text = ""
            else:
                yield "_", False  # a hyphen on its own holds the syllable before it
        elif token in ("_", "*", "|") or token.isspace():
            if text:
                yield text, False
                text = ""
            if not token.isspace():
                yield token, False
        else:
            hanzi = _HANZI.findall(token)
            if len(hanzi) > 1 and "".join(hanzi) == token and not (apart and _RHOTIC.fullmatch(token)):
                for sign in hanzi:
                    if text:
                        yield text, False
                    text = sign
            else:
                text += token
    if text:
        yield text, False


def align(line: str, bar_slots: list[int], slots: int) -> list[Word]:
    """The syllables of a ``w:`` line on the slots of its music line.

    bar_slots: the slots that begin a new bar, for ``|``; slots: notes in the line. Syllables that
    find no note are dropped.

    >>> [(w.slot, w.text, w.syllabic) for w in align("hel-lo _ world", [], 4)]
    [(0, 'hel', 'begin'), (1, 'lo', 'end'), (3, 'world', 'single')]
    """
    placed: list[tuple[int, str, bool]] = []
    slot = 0
    for text, hyphen in _syllables(line):
        if text == "|":
            slot = next((bar for bar in bar_slots if bar >= slot), slots)
        elif text in ("_", "*"):
            slot += 1
        elif slot < slots:
            if text.strip():
                placed.append((slot, text.strip()[:200], hyphen))
            slot += 1
    words = []
    before = False
    for index, (slot, text, hyphen) in enumerate(placed):
        last = index + 1 == len(placed)
        going_on = hyphen and not last
        syllabic = ("middle" if going_on else "end") if before else ("begin" if going_on else "single")
        words.append(Word(slot, text, syllabic, last))
        before = going_on
    return words
