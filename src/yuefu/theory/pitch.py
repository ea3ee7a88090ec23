"""Pitch names, pitch classes and MIDI numbers (0-127; middle C = C4 = 60)."""

from __future__ import annotations

import re

from yuefu.errors import InputError

STEPS = "CDEFGAB"
STEP_PITCH_CLASS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
#: Position of each step on the line of fifths, with C at 0.
STEP_FIFTHS = {"F": -1, "C": 0, "G": 1, "D": 2, "A": 3, "E": 4, "B": 5}
_NAME = re.compile(r"^([A-Ga-g])(##|#|x|bb|b|♯|♭|-)?(-?\d+)?$")
_ALTER = {None: 0, "": 0, "#": 1, "♯": 1, "##": 2, "x": 2, "b": -1, "♭": -1, "-": -1, "bb": -2}


def parse_pitch_class(name: str) -> int:
    """The pitch class (0-11, C = 0) of a name such as ``"F#"`` or ``"Bb"``.

    >>> parse_pitch_class("Bb"), parse_pitch_class("f♯")
    (10, 6)
    """
    match = _NAME.match(name.strip())
    if not match or match.group(3):
        raise InputError(f"'{name[:40]}' isn't a pitch name: write A to G with an optional # or b.")
    return (STEP_PITCH_CLASS[match.group(1).upper()] + _ALTER[match.group(2)]) % 12


def spell(pitch_class: int, fifths: int = 0) -> tuple[str, int]:
    """Step and alteration (-2..2) for a pitch class, as written in a key of ``fifths`` sharps.

    The spelling is the one nearest on the line of fifths to the key's own notes, leaning to the
    leading tone's side as notation does (F# and C# before Gb and Db in C major).

    >>> spell(6, 0), spell(10, 0), spell(8, 0), spell(6, -5)
    (('F', 1), ('B', -1), ('G', 1), ('G', -1))
    """
    # Allowed window on the line of fifths for C major / A minor: Eb (-3) to G# (8).
    low = fifths - 3
    position = low + ((pitch_class * 7 - low) % 12)
    alter, index = divmod(position + 1, 7)
    return "FCGDAEB"[index], alter


def name_of(pitch_class: int, fifths: int = 0) -> str:
    """The name of a pitch class in a key of ``fifths`` sharps.

    >>> name_of(10, -1), name_of(6, 1)
    ('Bb', 'F#')
    """
    step, alter = spell(pitch_class % 12, fifths)
    return step + ("#" * alter if alter > 0 else "b" * -alter)
