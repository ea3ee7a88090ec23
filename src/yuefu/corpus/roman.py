"""Roman numerals as chords: "V65/V" in C major is a D7 over F sharp.

The notation is RomanText's (Tymoczko, Gotham, Cuthbert and Ariza, ISMIR 2019): case for major or
minor, o ø + for quality, figures for sevenths and inversions, a slash for applied chords.
"""

from __future__ import annotations

import re
from functools import lru_cache

from yuefu.errors import InputError
from yuefu.theory.chord import Chord
from yuefu.theory.key import Key

_DEGREES = {"i": 0, "ii": 1, "iii": 2, "iv": 3, "v": 4, "vi": 5, "vii": 6}
_NUMERAL = re.compile(r"^([b#]*)(VII|VI|V|IV|III|II|I|vii|vi|v|iv|iii|ii|i)(maj|M)?([oø°+h]?)(.*)$")
_AUGMENTED = re.compile(r"^(Ger|Fr|It)(\d*)")
#: Figures of inversions -> (which chord tone is in the bass, whether there's a seventh).
_FIGURES = {
    "": (0, False), "5": (0, False), "53": (0, False), "3": (0, False), "6": (1, False), "63": (1, False),
    "64": (2, False), "4": (2, False), "7": (0, True), "75": (0, True), "73": (0, True), "65": (1, True),
    "43": (2, True), "42": (3, True), "2": (3, True), "9": (0, True), "54": (0, False), "74": (0, True),
}  # fmt: skip


@lru_cache(maxsize=8192)
def roman_chord(figure: str, key: Key) -> Chord:
    """The chord of a Roman numeral in a key. Raises InputError for what isn't one.

    >>> roman_chord("V65/V", Key()), roman_chord("viio7", Key(0, "minor")).quality
    (Chord(root=2, quality='7', bass=6), 'dim7')
    >>> roman_chord("ii42", Key()).symbol(), roman_chord("N6", Key(0, "minor")).symbol(-1)
    ('Dm7/C', 'Bb/D')
    >>> roman_chord("Ger65", Key(0, "minor")).symbol(-1), roman_chord("Cad64", Key()).symbol()
    ('F7', 'C/G')
    """
    head, _, applied = figure.strip().partition("/")
    if applied:
        key = _applied_key(applied, key)
    # Brackets hold added and left-out tones; only an added ninth on a dominant would change a name.
    head = re.sub(r"[\[(][^\])]*[\])]", "", head)
    if head.startswith("Cad"):
        head = ("i" if key.mode == "minor" else "I") + head[3:]
    if head.startswith("N"):
        head = "bII" + head[1:]
    if _AUGMENTED.match(head):
        # Augmented sixths sound as a dominant seventh on the lowered sixth degree, which is their bass.
        return Chord((key.tonic + 8) % 12, "7")
    match = _NUMERAL.match(head)
    if not match:
        raise InputError(f"'{figure[:40]}' isn't a Roman numeral: write I to VII with figures, such as V65/ii.")
    accidental, numeral, major_seventh, sign, rest = match.groups()
    minor_third = numeral.islower()
    degree = _DEGREES[numeral.lower()]
    root = _root(degree, minor_third, accidental, key)
    digits = re.sub(r"[^0-9]", "", re.sub(r"[b#]\d", "", rest))
    tone, seventh = _FIGURES.get(digits, (0, "7" in digits))
    sign = "+" if "+" in rest else sign
    quality = _quality(minor_third, sign, seventh or bool(major_seventh and digits), degree, root, key, major_seventh)
    if digits == "9" and quality in ("7", "maj7", "m7"):
        quality = {"7": "9", "maj7": "maj9", "m7": "m9"}[quality]
    tones = Chord(root, quality).pitch_classes
    bass = tones[tone] if tone < len(tones) else root
    return Chord(root, quality, bass)


def _root(degree: int, minor_third: bool, accidental: str, key: Key) -> int:
    """Pitch class of a degree. In minor, a minor vi or vii stands on the raised degree."""
    step = key.scale[degree]
    if key.mode == "minor" and minor_third and degree in (5, 6) and not accidental:
        step += 1
    # bII, bVI ... are counted from the major scale in major and from the minor scale in minor; a
    # flat before a degree that minor has lowered already (bVI, bVII, bIII) changes nothing.
    if accidental.startswith("b") and key.mode == "minor" and degree in (2, 5, 6):
        accidental = accidental[1:]
    return (step + accidental.count("#") - accidental.count("b")) % 12


def _quality(
    minor_third: bool, sign: str, seventh: bool, degree: int, root: int, key: Key, major_seventh: str | None
) -> str:
    if sign in ("ø", "h"):
        return "m7b5"
    if sign in ("o", "°"):
        return "dim7" if seventh else "dim"
    if sign == "+":
        return "aug"
    if not seventh:
        return "m" if minor_third else ""
    # The seventh is the key's own; only on the fifth degree is it always minor.
    above = (key.scale[(degree + 6) % 7] - root) % 12
    large = bool(major_seventh) or (above == 11 and degree != 4)
    if minor_third:
        return "mmaj7" if large else "m7"
    return "maj7" if large else "7"


def _applied_key(figure: str, key: Key) -> Key:
    """The key that an applied chord belongs to: that of the chord after the slash."""
    head, _, rest = figure.partition("/")
    if rest:
        key = _applied_key(rest, key)
    head = re.sub(r"[\[(].*", "", head)
    if head.startswith("N"):
        head = "bII"
    match = _NUMERAL.match(head)
    if not match:
        raise InputError(f"'{figure[:40]}' isn't a chord that another can be applied to.")
    minor = match[2].islower()
    return Key.of_tonic(_root(_DEGREES[match[2].lower()], minor, match[1], key), "minor" if minor else "major")
