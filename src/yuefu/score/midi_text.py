"""What Yuefu writes as text inside MIDI, and reads back.

A sequencer shows or ignores these; the notes don't depend on them.

- Markers in the first track name sections: ``A verse``, ``A' chorus``, ``B``; ``end`` closes the last.
- Text events ``chord: Am7`` in the first track are chord symbols; ``chord: N.C.`` is an explicit
  no-chord and ``chord: end`` ends a chord that no other follows.
- Lyric events carry one syllable each: ``moon-`` goes on in the next syllable (or, as karaoke files
  have it, words end in a space), and a line's last syllable ends in a line feed. Further verses are
  text events ``lyric 2: moon-``.
- One text event ``yuefu: {...}`` (JSON) at the start of a track holds what MIDI has no event for:
  in the first track the pick-up and length in ticks (24 a quarter), the composer and the metadata, in
  the others the part's id, role and instrument.

A pick-up bar is written as sequencers understand it, a first bar of its own shorter time signature
(1/4 before 4/4); without that text, such a first bar is read as a pick-up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from yuefu.errors import InputError
from yuefu.score.model import ChordSpan, Section, Syllable
from yuefu.theory.chord import Chord

OWN, CHORD, VERSE = "yuefu: ", "chord: ", re.compile(r"lyric (\d{1,2}): (.*)", re.DOTALL)
#: Own data beyond this many characters isn't read, so it isn't written either.
MAX_OWN = 20_000
NO_CHORD, END = "N.C.", "end"
_LETTER = re.compile(r"[A-Z][a-z0-9]?'{0,4}")
_KINDS = (
    "intro|introduction|verse|pre-chorus|prechorus|chorus|refrain|bridge|solo|interlude|instrumental|break|breakdown|"
    "outro|coda|ending|head|theme|hook|build|drop|tag|trio|前奏|主歌|副歌|间奏|桥段|尾奏|尾声"
)
_KIND = re.compile(rf"\W*({_KINDS})\b", re.IGNORECASE)
_KIND_NAMES = {
    "introduction": "intro", "prechorus": "pre-chorus", "refrain": "chorus", "ending": "outro",
    "instrumental": "interlude", "前奏": "intro", "主歌": "verse", "副歌": "chorus", "间奏": "interlude",
    "桥段": "bridge", "尾奏": "outro", "尾声": "outro",
}  # fmt: skip


def own_data(text: str) -> dict[str, Any] | None:
    """The data of a ``yuefu: {...}`` text, or None when the text is something else."""
    if not text.startswith(OWN) or len(text) > MAX_OWN:
        return None
    try:
        data = json.loads(text[len(OWN) :])
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def own_text(data: dict[str, Any]) -> str:
    """The text event that ``own_data`` reads."""
    return OWN + json.dumps(data, ensure_ascii=False, sort_keys=True)


def section_marker(section: Section) -> str:
    """The marker of a section.

    >>> section_marker(Section(0, 96, "A'", "verse"))
    "A' verse"
    """
    return f"{section.letter} {section.kind}".strip()


def read_sections(markers: Iterable[tuple[int, str]], end: int) -> tuple[Section, ...]:
    """Sections of (tick, marker text), each up to the next marker; the last up to ``end``.

    Markers that name neither a letter nor a usual kind of section are left out. A kind without a
    letter gets the letter of its first appearance.

    >>> [s.letter + "/" + s.kind for s in read_sections([(0, "Intro"), (96, "Verse 1"), (192, "C solo")], 288)]
    ['A/intro', 'B/verse', 'C/solo']
    """
    found: list[tuple[int, str, str]] = []
    letters: dict[str, str] = {}
    for tick, text in sorted(markers, key=lambda item: item[0]):
        first, _, rest = text.strip().partition(" ")
        if text.strip() == END:
            found.append((tick, "", ""))
        elif _LETTER.fullmatch(first) and len(rest) <= 40:
            found.append((tick, first, rest.strip()))
        elif match := _KIND.match(text):
            kind = match.group(1).lower()
            kind = _KIND_NAMES.get(kind, kind)
            letter = letters.setdefault(kind, chr(ord("A") + len(letters) % 26))
            found.append((tick, letter, kind))
    sections = []
    for index, (tick, letter, kind) in enumerate(found):
        stop = found[index + 1][0] if index + 1 < len(found) else end
        if letter and stop > tick:
            sections.append(Section(tick, stop - tick, letter, kind))
    return tuple(sections)


def read_chords(texts: Iterable[tuple[int, str]], end: int) -> tuple[ChordSpan, ...]:
    """Chord spans of (tick, what follows ``chord: ``), each up to the next; the last up to ``end``."""
    changes: dict[int, Chord | str | None] = {}
    for tick, text in texts:
        text = text.strip()
        if text == END:
            changes.setdefault(tick, END)
            continue
        try:
            changes[tick] = None if text == NO_CHORD else Chord.parse(text)
        except InputError:
            continue
    ticks = sorted(changes)
    spans = []
    for tick, stop in zip(ticks, ticks[1:] + [end]):
        chord = changes[tick]
        if not isinstance(chord, str) and stop > tick:
            spans.append(ChordSpan(tick, stop - tick, chord))
    return tuple(spans)


def lyric_text(syllable: Syllable) -> str:
    """The lyric event of a syllable.

    >>> lyric_text(Syllable(1, "moon", "begin")), lyric_text(Syllable(2, "光", line_end=True))
    ('moon-', '光\\n')
    """
    going_on = "-" if syllable.syllabic in ("begin", "middle") else ""
    return syllable.text + going_on + ("\n" if syllable.line_end else "")


def read_lyrics(events: Sequence[tuple[int, str]], verse: int = 1) -> list[tuple[int, Syllable]]:
    """Syllables of (tick, lyric text) in time order, note ids left at 0.

    Understands trailing hyphens, karaoke spaces (a syllable without one goes on) and line ends as
    line feed, carriage return, or ``/`` and ``\\`` before the next line.

    >>> [(s.text, s.syllabic, s.line_end) for _, s in read_lyrics([(0, "moon-"), (24, "light\\n"), (48, "月")])]
    [('moon', 'begin', False), ('light', 'end', True), ('月', 'single', False)]
    """
    spaced = any(text.strip() and text.rstrip("\r\n").endswith(" ") for _, text in events)
    words: list[tuple[int, str, bool, bool]] = []
    for tick, text in events:
        if text[:1] in ("/", "\\", "\r", "\n"):
            if words:
                words[-1] = (*words[-1][:2], False, True)
            text = text.lstrip("/\\\r\n")
        if spaced and text.startswith(" ") and words:
            words[-1] = (*words[-1][:2], False, words[-1][3])
        stripped = text.rstrip("\r\n")
        line_end = stripped != text
        going_on = stripped.endswith("-") and len(stripped.strip()) > 1
        going_on = going_on or (spaced and not stripped.endswith(" ") and not line_end)
        if stripped.strip().endswith("-"):
            stripped = stripped.strip()[:-1]
        stripped = stripped.strip()
        if stripped:
            words.append((tick, stripped[:200], going_on and not line_end, line_end))
        elif words and line_end:
            words[-1] = (*words[-1][:2], False, True)
    syllables = []
    before = False
    for index, (tick, text, going_on, line_end) in enumerate(words):
        going_on = going_on and index + 1 < len(words)
        syllabic = ("middle" if going_on else "end") if before else ("begin" if going_on else "single")
        syllables.append((tick, Syllable(0, text, syllabic, verse, line_end)))
        before = going_on
    return syllables


def mend_words(syllables: Sequence[Syllable]) -> tuple[Syllable, ...]:
    """Syllables in order with words made whole again after some were left out.

    >>> [s.syllabic for s in mend_words([Syllable(1, "lo", "middle"), Syllable(2, "dy", "end")])]
    ['begin', 'end']
    """
    mended = []
    before = False
    for index, syllable in enumerate(syllables):
        following = syllables[index + 1].syllabic if index + 1 < len(syllables) else "single"
        going_on = syllable.syllabic in ("begin", "middle") and following in ("middle", "end")
        syllabic = ("middle" if going_on else "end") if before else ("begin" if going_on else "single")
        mended.append(replace(syllable, syllabic=syllabic))
        before = going_on
    return tuple(mended)
