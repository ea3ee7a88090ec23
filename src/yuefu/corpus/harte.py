"""Chord labels of the annotation corpora ("C:maj7/3", "G:sus4(b7,9)"), after Harte and others (ISMIR 2005).

A label is a root, a shorthand for its tones with additions in brackets, and a bass as a degree of
the root. What our vocabulary lacks becomes the quality that shares most tones with it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from yuefu.errors import InputError
from yuefu.theory.chord import QUALITIES, Chord
from yuefu.theory.pitch import parse_pitch_class

#: Semitones of the degrees of a major scale, extended.
DEGREES = {1: 0, 2: 2, 3: 4, 4: 5, 5: 7, 6: 9, 7: 11, 8: 0, 9: 2, 10: 4, 11: 5, 12: 7, 13: 9}
#: Shorthands and their tones as semitones above the root, folded into an octave.
SHORTHANDS: dict[str, tuple[int, ...]] = {
    "": (0, 4, 7), "maj": (0, 4, 7), "min": (0, 3, 7), "dim": (0, 3, 6), "aug": (0, 4, 8),
    "maj7": (0, 4, 7, 11), "min7": (0, 3, 7, 10), "7": (0, 4, 7, 10), "dim7": (0, 3, 6, 9),
    "hdim7": (0, 3, 6, 10), "minmaj7": (0, 3, 7, 11), "maj6": (0, 4, 7, 9), "min6": (0, 3, 7, 9),
    "maj9": (0, 4, 7, 11, 2), "min9": (0, 3, 7, 10, 2), "9": (0, 4, 7, 10, 2), "sus2": (0, 2, 7),
    "sus4": (0, 5, 7), "5": (0, 7), "1": (0,), "11": (0, 7, 10, 2, 5), "13": (0, 4, 7, 10, 2, 9),
    "maj11": (0, 4, 7, 11, 2), "min11": (0, 3, 7, 10, 2, 5), "maj13": (0, 4, 7, 11, 2, 9),
    "min13": (0, 3, 7, 10, 2, 9),
}  # fmt: skip
_LABEL = re.compile(r"^([A-G][b#]*)(?::([a-z0-9]*)(?:\(([^)]*)\))?)?(?:/([b#]*\d+))?$")


@lru_cache(maxsize=4096)
def parse_harte(label: str) -> Chord | None:
    """The chord of a label; None for no chord (``N``) or an unknown one (``X``).

    Raises InputError for what isn't a label.

    >>> parse_harte("C:maj7/3"), parse_harte("Eb:min/b3").bass, parse_harte("N")
    (Chord(root=0, quality='maj7', bass=4), 6, None)
    >>> parse_harte("G:sus4(b7,9)").quality, parse_harte("D:7(#9)").quality
    ('7sus4', '7')
    """
    label = label.strip()
    if label in ("N", "X", "", "*"):
        return None
    match = _LABEL.match(label)
    if not match or (match[2] or "") not in SHORTHANDS:
        raise InputError(f"'{label[:40]}' isn't a chord label: write a root, a colon and a shorthand, as in C:min7/b3.")
    root_name = match[1]
    root = (parse_pitch_class(root_name[0]) + root_name.count("#") - root_name.count("b")) % 12
    tones = set(SHORTHANDS[match[2] or ""])
    for addition in (match[3] or "").split(","):
        addition = addition.strip()
        if addition.startswith("*"):
            tones.discard(degree(addition[1:]))
        elif addition:
            tones.add(degree(addition))
    bass = None if match[4] is None else (root + degree(match[4])) % 12
    return Chord(root, nearest_quality(frozenset(tones)), bass)


def degree(text: str) -> int:
    """Semitones above the root of a degree such as ``"b7"``.

    >>> degree("b7"), degree("#11"), degree("3")
    (10, 6, 4)
    """
    number = text.lstrip("b#")
    if not number.isdigit() or int(number) not in DEGREES:
        raise InputError(f"'{text[:20]}' isn't a degree of a chord: use 1 to 13 with b or #.")
    return (DEGREES[int(number)] + text.count("#") - text.count("b")) % 12


@lru_cache(maxsize=1024)
def nearest_quality(tones: frozenset[int]) -> str:
    """The quality that shares most with a set of tones above the root (ties: the first of ``QUALITIES``).

    >>> nearest_quality(frozenset({0, 4, 7, 10, 2, 9})), nearest_quality(frozenset({0}))
    ('9', '5')
    """

    def overlap(quality: str) -> float:
        own = {step % 12 for step in QUALITIES[quality]}
        return len(own & tones) / len(own | tones)

    return max(QUALITIES, key=overlap)
