"""ABC as language models write it, into ABC that can be read: found in the answer, mended where that takes no taste."""

from __future__ import annotations

import re

from yuefu.errors import FormatError
from yuefu.llm.extract import fenced, without_thinking
from yuefu.score.abc_music import AbcBar
from yuefu.score.abc_read import read_abc
from yuefu.score.model import Score

_FIELD = re.compile(r"\s*[A-Za-z]:(?!\|)")
_HEADER = re.compile(r"\s*[XTCMLQK]:(?!\|)")
_STRAY = re.compile(r"[\^_=]+(?![\^_=A-Ga-g])")
_LOOKED_AT = 100_000


def find_abc(answer: str, meter: str, key: str) -> str | None:
    """The tune in a model's answer, with the header that it needs; None when there is no music.

    meter, key: for a tune that doesn't tell its own, the key as ABC writes it.

    >>> find_abc("Here it is:\\n```abc\\nM:3/4\\nGAB|c3|\\n```\\nEnjoy!", "4/4", "G")
    'X:1\\nM:3/4\\nL:1/8\\nK:G\\nGAB|c3|\\n'
    """
    text = without_thinking(answer[:_LOOKED_AT])
    blocks = [block for block in fenced(text) if "|" in block]
    lines = [line.rstrip() for line in (blocks[0] if blocks else text).splitlines() if line.strip()]
    header: list[str] = []
    music: list[str] = []
    for line in lines:
        if _HEADER.match(line) and not music:
            if line.lstrip().startswith("X:") and header:
                continue
            header.append(line.strip())
        elif line.lstrip().startswith("X:"):
            break  # a second tune
        elif line.lstrip()[:2] in ("w:", "W:"):
            continue  # words are laid on the notes by our own reading of them
        elif (_FIELD.match(line) and music) or ("|" in line and _is_music(line)):
            music.append(line.strip())
    if not any("|" in line for line in music):
        return None
    told = {line[0] for line in header}
    frame = [line for line in header if line[0] not in "XK"]
    frame += [f"M:{meter}"] * ("M" not in told) + ["L:1/8"] * ("L" not in told)
    frame += [next((line for line in header if line[0] == "K" and line[2:].strip()), f"K:{key}")]
    return "\n".join(["X:1", *frame, *music]) + "\n"


def _is_music(line: str) -> bool:
    """Whether a line with bar lines is music rather than a table or a sentence."""
    bare = re.sub(r'"[^"]*"|\[[A-Za-z]:[^\]]*\]|![^!]*!|\{[^}]*\}', "", line)
    letters = [char for char in bare if char.isalpha()]
    return not letters or sum(char in "ABCDEFGabcdefgzxZ" for char in letters) >= 0.9 * len(letters)


def read_mended(text: str) -> tuple[Score, int]:
    """A tune with every bar as long as its metre says, and how many bars weren't.

    Raises FormatError when it can't be read even without its stray signs.
    """
    try:
        return _read(text)
    except FormatError:
        return _read(_without_stray_signs(text))


def _read(text: str) -> tuple[Score, int]:
    changed: list[int] = []
    score = read_abc(text, lambda bars: changed.append(fit_bars(bars)))
    return score, sum(changed)


def _without_stray_signs(text: str) -> str:
    lines = []
    for line in text.splitlines():
        if not _FIELD.match(line):
            if line.count('"') % 2:
                line = line.replace('"', "")
            if line.count("{") != line.count("}"):
                line = line.replace("{", "").replace("}", "")
            if line.count("[") != line.count("]"):
                line = line.replace("[", "").replace("]", "")
            # Not inside quotes, where "^" places words.
            pieces = line.split('"')
            pieces[::2] = [_STRAY.sub("", piece) for piece in pieces[::2]]
            line = '"'.join(pieces)
        lines.append(line)
    return "\n".join(lines)


def fit_bars(bars: list[AbcBar]) -> int:
    """Make every bar as long as its metre: rests fill one that is short (before an up-beat), a long one is cut.

    Returns how many were changed.
    """
    changed = 0
    for index, bar in enumerate(bars):
        full = bar.full
        if bar.length in (0, full):
            continue
        changed += 1
        if bar.length < full and index == 0 and len(bars) > 1:
            gap = full - bar.length
            for event in bar.notes:
                event.at += gap
            bar.marks = [(at + gap, kind, value) for at, kind, value in bar.marks]
        else:
            bar.notes = [event for event in bar.notes if event.at < full]
            for event in bar.notes:
                event.length = min(event.length, full - event.at)
            bar.marks = [mark for mark in bar.marks if mark[0] < full]
        bar.length = full
    return changed
