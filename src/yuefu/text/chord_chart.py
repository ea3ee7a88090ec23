"""Chord progressions as people type them: ``"C G/B Am F"``, with bar lines, or by section."""

from __future__ import annotations

import re

from yuefu.errors import InputError, LimitError
from yuefu.text.form import KINDS, MAX_BARS
from yuefu.theory.chord import Chord

#: One bar: its chord symbols in order, sharing the bar evenly. "N.C." is a bar without chord.
Bar = list[str]
#: A progression that repeats over the piece, or one for each section (by kind or letter).
Progression = list[Bar] | dict[str, list[Bar]]
MAX_CHORDS_A_BAR = 8
_LABEL = re.compile(r"(?:^|[|;；\n\s])\s*([^\s|:：;；]+(?:[ -][Cc]horus)?)\s*[:：]")
_NO_CHORD = {"nc", "n.c.", "n.c", "none"}
_REPEAT = {"%", "𝄎", "/"}


def parse_chords(text: str) -> Progression:
    """Read a progression: bars split by ``|``, or a chord a bar when there are no bar lines.

    ``verse: C G | chorus: F C`` gives one progression for each section. ``%`` repeats a bar. Chords
    keep their spelling. Raises InputError or LimitError.

    >>> parse_chords("C G/B Am F"), parse_chords("| C G | Am |")
    ([['C'], ['G/B'], ['Am'], ['F']], [['C', 'G'], ['Am']])
    >>> parse_chords("verse: C G | chorus: F C")
    {'verse': [['C'], ['G']], 'chorus': [['F'], ['C']]}
    """
    text = text.strip().replace("｜", "|").replace("‖", "|").replace("||", "|")
    labels = list(_LABEL.finditer(text))
    if not labels:
        return _bars(text)
    if text[: labels[0].start()].strip(" |"):
        raise InputError(
            f"chords '{text[:40]}' mix a progression without a section and named sections: "
            "name every section, such as 'verse: C G | chorus: F C'."
        )
    sections: dict[str, list[Bar]] = {}
    for index, label in enumerate(labels):
        end = labels[index + 1].start() if index + 1 < len(labels) else len(text)
        sections[_section(label[1])] = _bars(text[label.end() : end])
    return sections


def _section(name: str) -> str:
    kind = KINDS.get(name.lower())
    if kind is None and re.fullmatch(r"[A-Za-z]'{0,4}", name):
        kind = name.upper()
    if kind is None:
        shown = "verse, chorus, bridge, intro, outro, 主歌, 副歌"
        raise InputError(f"'{name[:40]}' isn't a section for chords: use {shown} or a letter such as A.")
    return kind


def _bars(text: str) -> list[Bar]:
    text = text.strip().strip("|;；").strip()
    lined = "|" in text
    pieces = text.split("|") if lined else re.split(r"[\s,，、;；]+", re.sub(r"\s[-–—]\s|[→>–—]", " ", text))
    bars: list[Bar] = []
    for piece in pieces:
        symbols = [s for s in re.split(r"[\s,，、]+|(?<=\s)[-–—](?=\s)|[→>]", piece) if s and s not in "-–—"]
        if not symbols:
            continue
        if len(symbols) > MAX_CHORDS_A_BAR:
            raise LimitError(f"a bar with {len(symbols)} chords was asked for: use at most {MAX_CHORDS_A_BAR}.")
        if symbols[0] in _REPEAT and len(symbols) == 1:
            if not bars:
                raise InputError("the chords begin with a repeat sign: write the first chord.")
            bars.append(list(bars[-1]))
            continue
        bars.append([_symbol(symbol) for symbol in symbols])
    if not bars:
        raise InputError("an empty chord progression arrived: write chords such as 'C G/B Am F'.")
    if len(bars) > MAX_BARS:
        raise LimitError(f"the chords have {len(bars)} bars: use at most {MAX_BARS}.")
    return bars


def _symbol(symbol: str) -> str:
    if symbol.lower() in _NO_CHORD:
        return "N.C."
    Chord.parse(symbol)
    return symbol
