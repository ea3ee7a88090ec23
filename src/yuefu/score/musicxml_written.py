"""What a MusicXML part says, as plain values: notes, bars, lyrics, keys and time signatures as written.

Times are in ticks (24 a quarter) from the start of the written bar, exact: integers where the
file's divisions allow, fractions elsewhere. Pitches are sounding MIDI numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction

from yuefu.score.model import TICKS_PER_QUARTER
from yuefu.score.musicxml_tree import Element, child_text, number
from yuefu.score.repeats import BarMarks
from yuefu.theory.chord import Chord
from yuefu.theory.key import Key

Ticks = int | Fraction

#: The unseen mark by which our writer ends a section that no other follows at once.
SECTION_END = "section end"
_MINOR_MODES = frozenset({"minor", "aeolian", "dorian", "phrygian", "locrian"})


@dataclass(slots=True)
class WrittenNote:
    """A note as written: tied notes are still apart. sung: (verse, text, syllabic, ends a line)."""

    start: Ticks
    duration: Ticks
    pitch: int
    velocity: int
    voice: str
    tie_start: bool
    tie_stop: bool
    sung: list[tuple[int, str, str, bool]] | None
    id: str
    release: Ticks
    drum: bool


@dataclass(slots=True)
class WrittenBar:
    """A bar of one part. meter: (numerator, denominator), (0, 0) for an open metre, None for no change."""

    length: Ticks = 0
    implicit: bool = False
    meter: tuple[int, int] | None = None
    notes: list[WrittenNote] = field(default_factory=list)
    harmonies: list[tuple[Ticks, Chord | None, bool]] = field(default_factory=list)  # the last: hidden
    directions: list[tuple[Ticks, str, str]] = field(default_factory=list)
    rehearsals: list[tuple[Ticks, str]] = field(default_factory=list)
    tempos: list[tuple[Ticks, float]] = field(default_factory=list)
    keys: list[tuple[Ticks, Key, bool]] = field(default_factory=list)  # the last: whether a mode was given
    marks: BarMarks = field(default_factory=BarMarks)


@dataclass(frozen=True, slots=True)
class PartHead:
    """A part's entry in the part list. drum_pitches: instrument id -> General MIDI drum sound."""

    id: str
    name: str = ""
    program: int = 0
    drum_channel: bool = False
    volume: int = 100
    pan: int = 64
    drum_pitches: dict[str, int] = field(default_factory=dict)


def read_lyric(lyric: Element) -> tuple[int, str, str, bool]:
    """(verse, text, syllabic, ends a line) of a ``<lyric>``; several syllables on a note are joined."""
    text, syllabic, ends = "", "single", False
    first = True
    for child in lyric:
        if child.tag == "syllabic":
            word = (child.text or "").strip()
            if first:
                syllabic = word
            elif word in ("begin", "middle") and syllabic in ("single", "end"):
                syllabic = "begin" if syllabic == "single" else "middle"
            elif word in ("single", "end") and syllabic in ("begin", "middle"):
                syllabic = "single" if syllabic == "begin" else "end"
            first = False
        elif child.tag == "text":
            text += child.text or ""
        elif child.tag == "elision":
            text += child.text or "‿"
        elif child.tag in ("end-line", "end-paragraph"):
            ends = True
    verse = re.search(r"\d{1,3}", lyric.get("number") or "1")
    place = syllabic if syllabic in ("single", "begin", "middle", "end") else "single"
    return max(int(verse.group()) if verse else 1, 1), " ".join(text.split())[:200], place, ends


def read_meter(time: Element) -> tuple[int, int] | None:
    """(numerator, denominator) of a ``<time>``; (0, 0) for an open metre."""
    if time.find("senza-misura") is not None:
        return 0, 0
    pairs = []
    for beats, unit in zip(time.findall("beats"), time.findall("beat-type")):
        counts = re.findall(r"\d{1,3}", beats.text or "")
        denominator = (unit.text or "").strip()
        if not counts or denominator not in ("1", "2", "4", "8", "16", "32", "64"):
            return 0, 0
        pairs.append((sum(int(count) for count in counts), int(denominator)))
    if not pairs:
        return None
    finest = max(denominator for _, denominator in pairs)
    total = sum(numerator * (finest // denominator) for numerator, denominator in pairs)
    if total == 0 or total * TICKS_PER_QUARTER * 4 % finest or total > 128:
        return 0, 0
    return total, finest


def read_key(element: Element, shift: int) -> tuple[Key, bool] | None:
    """The key of a ``<key>`` moved by ``shift`` fifths, and whether it names a mode.

    None for signatures that aren't sharps or flats alone. More than seven are written another way.
    """
    fifths = element.findtext("fifths")
    if fifths is None:
        return None
    count = int(number(fifths, "key signature")) + shift
    count = count if -7 <= count <= 7 else (count + 5) % 12 - 5
    mode = child_text(element, "mode").lower()
    return Key(count, "minor" if mode in _MINOR_MODES else "major"), mode not in ("", "none")
