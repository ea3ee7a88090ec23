"""Chord symbols: a root, a quality and an optional bass."""

from __future__ import annotations

import re
from dataclasses import dataclass

from yuefu.errors import InputError
from yuefu.theory.pitch import name_of, parse_pitch_class

#: The qualities of the vocabulary: symbol suffix -> intervals above the root in semitones.
QUALITIES: dict[str, tuple[int, ...]] = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "dim": (0, 3, 6),
    "aug": (0, 4, 8),
    "sus2": (0, 2, 7),
    "sus4": (0, 5, 7),
    "6": (0, 4, 7, 9),
    "m6": (0, 3, 7, 9),
    "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "m7": (0, 3, 7, 10),
    "mmaj7": (0, 3, 7, 11),
    "m7b5": (0, 3, 6, 10),
    "dim7": (0, 3, 6, 9),
    "7sus4": (0, 5, 7, 10),
    "add9": (0, 4, 7, 14),
    "9": (0, 4, 7, 10, 14),
    "maj9": (0, 4, 7, 11, 14),
    "m9": (0, 3, 7, 10, 14),
    "5": (0, 7),
}
QUALITY_NAMES = tuple(QUALITIES)

# Other spellings seen in lead sheets and corpora, after lower-casing what is safe to lower-case.
_ALIASES = {
    "maj": "", "major": "", "M": "", "min": "m", "minor": "m", "-": "m", "mi": "m", "o": "dim",
    "°": "dim", "+": "aug", "#5": "aug", "sus": "sus4", "maj6": "6", "M6": "6", "min6": "m6",
    "-6": "m6", "M7": "maj7", "Δ": "maj7", "Δ7": "maj7", "^7": "maj7", "^": "maj7", "j7": "maj7",
    "ma7": "maj7", "min7": "m7", "mi7": "m7", "-7": "m7", "minmaj7": "mmaj7", "mM7": "mmaj7",
    "m(maj7)": "mmaj7", "min(maj7)": "mmaj7", "-j7": "mmaj7", "hdim7": "m7b5", "ø": "m7b5",
    "ø7": "m7b5", "min7b5": "m7b5", "-7b5": "m7b5", "m7-5": "m7b5", "o7": "dim7", "°7": "dim7",
    "7sus": "7sus4", "9sus4": "7sus4", "9sus": "7sus4", "sus4(b7)": "7sus4", "add2": "add9",
    "2": "add9", "7#5": "aug", "+7": "7", "7+": "7", "7b5": "7", "7b9": "7", "7#9": "7", "7#11": "7",
    "7alt": "7", "alt": "7", "dom7": "7", "13": "9", "11": "7sus4", "7b13": "7", "69": "6", "6/9": "6",
    "m69": "m6", "M9": "maj9", "min9": "m9", "-9": "m9", "m11": "m9", "min11": "m9", "m13": "m9",
    "maj13": "maj9", "maj11": "maj9", "min13": "m9", "maj7#11": "maj7", "maj7#5": "maj7",
    "madd9": "m", "1": "5", "no3": "5", "power": "5",
}  # fmt: skip
_SYMBOL = re.compile(r"^([A-G])(##|bb|#|b|♯|♭)?([^/]*)(?:/([A-Ga-g](?:##|bb|#|b|♯|♭)?))?$")


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord. root: pitch class 0-11; quality: a key of ``QUALITIES``; bass: pitch class or None.

    bass is None when the root is in the bass.
    """

    root: int
    quality: str = ""
    bass: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.root <= 11 or self.quality not in QUALITIES:
            raise InputError(f"chord root {self.root} with quality '{self.quality[:20]}' isn't known.")
        if self.bass is not None and not 0 <= self.bass <= 11:
            raise InputError(f"chord bass {self.bass} isn't a pitch class from 0 to 11.")
        if self.bass == self.root:
            object.__setattr__(self, "bass", None)

    @property
    def pitch_classes(self) -> tuple[int, ...]:
        """Chord tones as pitch classes, root first, the bass not added."""
        return tuple((self.root + step) % 12 for step in QUALITIES[self.quality])

    @property
    def bass_class(self) -> int:
        """The pitch class that the bass plays."""
        return self.root if self.bass is None else self.bass

    def transpose(self, semitones: int) -> Chord:
        """The chord moved by a number of semitones."""
        bass = None if self.bass is None else (self.bass + semitones) % 12
        return Chord((self.root + semitones) % 12, self.quality, bass)

    def symbol(self, fifths: int = 0) -> str:
        """The symbol as written in a key of ``fifths`` sharps.

        >>> Chord(7, "7", 11).symbol(), Chord(10, "maj7").symbol(-1)
        ('G7/B', 'Bbmaj7')
        """
        bass = "" if self.bass is None else "/" + name_of(self.bass, fifths)
        return name_of(self.root, fifths) + self.quality + bass

    @classmethod
    def parse(cls, text: str) -> Chord:
        """Read a chord symbol, mapping richer ones to the nearest quality of the vocabulary.

        >>> Chord.parse("G/B"), Chord.parse("F#m7b5").quality, Chord.parse("CΔ7").quality
        (Chord(root=7, quality='', bass=11), 'm7b5', 'maj7')
        """
        match = _SYMBOL.match(text.strip())
        quality = None
        if match:
            quality = normal_quality(match.group(3))
        if match is None or quality is None:
            raise InputError(
                f"'{text[:40]}' isn't a chord symbol: write a root A to G with # or b, a quality "
                f"(one of {', '.join(q for q in QUALITY_NAMES if q)}) and an optional /bass, "
                "such as C, G/B, Am7 or F#m7b5."
            )
        root = parse_pitch_class(match.group(1) + (match.group(2) or ""))
        bass = parse_pitch_class(match.group(4)) if match.group(4) else None
        return cls(root, quality, bass)


def normal_quality(text: str) -> str | None:
    """The vocabulary's quality for a suffix, or None when it makes no sense.

    >>> normal_quality("min7"), normal_quality("(b9)7"), normal_quality("zz")
    ('m7', None, None)
    """
    text = text.strip()
    for candidate in (text, text.replace("(", "").replace(")", "").replace(" ", "")):
        if candidate in QUALITIES:
            return candidate
        if candidate in _ALIASES:
            return _ALIASES[candidate]
        lower = candidate.lower() if not candidate.startswith("M") else candidate
        if lower in QUALITIES:
            return lower
        if lower in _ALIASES:
            return _ALIASES[lower]
    return None
