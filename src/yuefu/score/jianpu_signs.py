"""Numbered notation (简谱) of a tune: its digits, lines, dots and dashes, bar by bar, before they are drawn.

1 to 7 are the degrees of the major scale of the key signature, so that minor keys have 6 as their
tonic, as Chinese practice has it. A plain digit lasts a quarter; each line under it halves that, a
dot adds half, a dash goes on for another quarter. Dots over and under a digit are octaves.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from yuefu.score.model import Bar
from yuefu.score.spelling import signature_alter
from yuefu.theory.key import MAJOR, Key
from yuefu.theory.pitch import STEPS, spell

REST = 0
DASH = -1
#: The octave of a plain 1 begins within these pitches: A3 to G sharp 4.
_LOWEST_DO = 57


@dataclass(frozen=True, slots=True)
class Word:
    """A syllable as printed under a digit. goes_on: its word does, a hyphen follows."""

    verse: int
    text: str
    goes_on: bool = False
    line_end: bool = False


@dataclass(frozen=True, slots=True)
class Sign:
    """A digit, a rest (degree 0) or a dash (degree -1).

    start, duration: in ticks; octave: dots above (or, negative, below); accidental: ``"#"``, ``"b"``,
    ``"n"`` or none; lines: under the digit; group: digits of one number share their lines; triplet:
    the start of its group of three, None outside one; tied: goes on in the next digit; slur_start,
    slur_stop: a curve over notes that share a syllable.
    """

    start: int
    duration: int
    degree: int
    octave: int = 0
    accidental: str = ""
    lines: int = 0
    dots: int = 0
    group: int = 0
    triplet: int | None = None
    tied: bool = False
    slur_start: bool = False
    slur_stop: bool = False
    note_id: int = 0
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """A new key, metre or tempo from a tick on; the others are None."""

    tick: int
    key: Key | None = None
    meter: tuple[int, int] | None = None
    bpm: float | None = None


@dataclass(frozen=True, slots=True)
class JianpuBar:
    """A bar. chords: (tick, symbol); label: letter and kind of the section that begins here.

    line: the bar line at its end, ``"single"``, ``"double"`` or ``"final"``; opens, closes: repeat signs
    at its start and end; times: how often the repeat that closes here is played; ending: the numbers
    of a first or second ending that it is in; ending_start, ending_stop: where its bracket begins and ends.
    """

    bar: Bar
    signs: tuple[Sign, ...]
    chords: tuple[tuple[int, str], ...] = ()
    changes: tuple[Change, ...] = ()
    label: tuple[str, str] = ("", "")
    line: str = "single"
    opens: bool = False
    closes: bool = False
    times: int = 2
    ending: tuple[int, ...] = ()
    ending_start: bool = False
    ending_stop: bool = False


@dataclass(frozen=True, slots=True)
class Jianpu:
    """A tune in numbered notation. octave: of a plain 1, None when it is the usual one for the key."""

    title: str
    composer: str
    lyricist: str
    key: Key
    meter: tuple[int, int]
    bpm: float
    octave: int | None
    verses: tuple[int, ...]
    bars: tuple[JianpuBar, ...] = field(default=())


def usual_do(key: Key) -> int:
    """The pitch of a plain 1: the tonic of the major key, from A3 to G sharp 4.

    >>> usual_do(Key(0)), usual_do(Key(2)), usual_do(Key(0, "minor")), usual_do(Key(-2))
    (60, 62, 60, 58)
    """
    return _LOWEST_DO + (key.fifths * 7 - _LOWEST_DO) % 12


def digit_of(pitch: int, key: Key, shift: int = 0) -> tuple[int, int, int]:
    """Degree 1-7, octave dots (below: negative) and alteration in semitones of a MIDI pitch.

    shift: octaves that a plain 1 lies over its usual place.

    >>> digit_of(66, Key(2)), digit_of(56, Key(0, "minor")), digit_of(74, Key(2))
    ((3, 0, 0), (5, -1, 1), (1, 1, 0))
    """
    do = usual_do(key) + 12 * shift
    do_step, do_alter = spell(do % 12, key.fifths)
    step, alter = spell(pitch % 12, key.fifths)
    place = (pitch - alter) // 12 * 7 + STEPS.index(step)
    home = (do - do_alter) // 12 * 7 + STEPS.index(do_step)
    octave, degree = divmod(place - home, 7)
    return degree + 1, octave, alter - signature_alter(step, key.fifths)


def pitch_of(degree: int, octave: int, alter: int, key: Key, shift: int = 0) -> int:
    """The MIDI pitch of a digit: ``digit_of`` undone."""
    return usual_do(key) + 12 * (shift + octave) + MAJOR[degree - 1] + alter


def is_compound(numerator: int, denominator: int) -> bool:
    """Whether a beat is a dotted note: 6/8, 9/8, 12/8, 3/8."""
    return denominator >= 8 and numerator % 3 == 0
