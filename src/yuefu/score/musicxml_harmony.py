"""Chord symbols as MusicXML ``<harmony>`` elements, both ways."""

from __future__ import annotations

from yuefu.score.musicxml_tree import Element, child_text
from yuefu.theory.chord import QUALITIES, Chord, normal_quality
from yuefu.theory.pitch import STEP_PITCH_CLASS

#: MusicXML kinds -> the nearest quality of the vocabulary.
KIND_QUALITIES: dict[str, str] = {
    "major": "", "minor": "m", "augmented": "aug", "diminished": "dim", "dominant": "7",
    "major-seventh": "maj7", "minor-seventh": "m7", "diminished-seventh": "dim7",
    "augmented-seventh": "7", "half-diminished": "m7b5", "major-minor": "mmaj7",
    "major-sixth": "6", "minor-sixth": "m6", "dominant-ninth": "9", "augmented-ninth": "9",
    "major-ninth": "maj9", "minor-ninth": "m9", "dominant-11th": "7sus4", "major-11th": "maj9",
    "minor-11th": "m9", "dominant-13th": "9", "major-13th": "maj9", "minor-13th": "m9",
    "suspended-second": "sus2", "suspended-fourth": "sus4", "power": "5", "pedal": "5",
    "Neapolitan": "", "Italian": "7", "French": "7", "German": "7", "Tristan": "m7b5",
}  # fmt: skip

#: Qualities -> MusicXML kind. Sevenths and ninths that a kind lacks are in its text alone: engravers
#: print an added ``<degree>`` behind the text that names it already.
_KINDS = {
    "": "major", "m": "minor", "dim": "diminished", "aug": "augmented", "sus2": "suspended-second",
    "sus4": "suspended-fourth", "6": "major-sixth", "m6": "minor-sixth", "7": "dominant", "maj7": "major-seventh",
    "m7": "minor-seventh", "mmaj7": "major-minor", "m7b5": "half-diminished", "dim7": "diminished-seventh",
    "7sus4": "suspended-fourth", "add9": "major", "9": "dominant-ninth", "maj9": "major-ninth",
    "m9": "minor-ninth", "5": "power",
}  # fmt: skip
#: Kinds whose text may say more than they do.
_PLAIN_KINDS = frozenset({"major", "minor", "suspended-second", "suspended-fourth"})
_BY_TONES = {frozenset(step % 12 for step in steps): quality for quality, steps in reversed(QUALITIES.items())}
#: Semitones above the root of each degree, the seventh minor as MusicXML counts added degrees.
_DEGREES = {1: 0, 2: 2, 3: 4, 4: 5, 5: 7, 6: 9, 7: 10, 8: 0, 9: 2, 10: 4, 11: 5, 12: 7, 13: 9}


def kind_of(quality: str) -> str:
    """The MusicXML kind of a quality.

    >>> kind_of("m7b5"), kind_of("add9")
    ('half-diminished', 'major')
    """
    return _KINDS[quality]


def read_harmony(element: Element, shift: int = 0) -> tuple[bool, Chord | None]:
    """A ``<harmony>``: (whether it can be read, the chord or None for "no chord").

    shift: semitones from written to sounding pitch. Functional and numeral harmony (no letter
    as root) can't be read.
    """
    kind = element.find("kind")
    name = (kind.text or "").strip() if kind is not None else "major"
    if name == "none":
        return True, None
    root = _pitch_class(element, "root")
    if root is None:
        return False, None
    text = (kind.get("text") or "").strip() if kind is not None else ""
    quality = KIND_QUALITIES.get(name, "")
    if name not in KIND_QUALITIES or name in _PLAIN_KINDS:
        quality = (normal_quality(text) if text else None) or quality
    degrees = element.findall("degree")
    if degrees:
        quality = _with_degrees(quality, degrees)
    bass = _pitch_class(element, "bass")
    chord = Chord((root + shift) % 12, quality, None if bass is None else (bass + shift) % 12)
    return True, chord


def _pitch_class(element: Element, what: str) -> int | None:
    holder = element.find(what)
    if holder is None:
        return None
    step = child_text(holder, f"{what}-step").upper()
    if step not in STEP_PITCH_CLASS:
        return None
    try:
        alter = round(float(child_text(holder, f"{what}-alter") or 0))
    except (ValueError, OverflowError):
        alter = 0
    return (STEP_PITCH_CLASS[step] + alter) % 12


def _with_degrees(quality: str, degrees: list[Element]) -> str:
    """The quality whose tones are the chord's after its degrees; the same quality if none fits."""
    tones = {step % 12 for step in QUALITIES[quality]}
    for degree in degrees:
        try:
            value = int(child_text(degree, "degree-value"))
            alter = round(float(child_text(degree, "degree-alter") or 0))
        except (ValueError, OverflowError):
            continue
        plain = _DEGREES.get(value)
        if plain is None:
            continue
        action = child_text(degree, "degree-type")
        if action == "add":
            tones.add((plain + alter) % 12)
        else:  # alter or subtract: the tone of that degree that the chord has
            tones -= {(plain + near) % 12 for near in ((0, 1) if value == 7 else (0, -1) if value == 3 else (0,))}
            if action == "alter":
                tones.add((plain + alter) % 12)
    return _BY_TONES.get(frozenset(tones), quality)
