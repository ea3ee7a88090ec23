"""Keys: a signature and a mode."""

from __future__ import annotations

import re
from dataclasses import dataclass

from yuefu.errors import InputError
from yuefu.theory.pitch import STEP_FIFTHS, STEPS, name_of

MAJOR = (0, 2, 4, 5, 7, 9, 11)
NATURAL_MINOR = (0, 2, 3, 5, 7, 8, 10)
HARMONIC_MINOR = (0, 2, 3, 5, 7, 8, 11)
_CHINESE_ALTER = {"升": 1, "降": -1}
_PATTERN = re.compile(
    r"^\s*(?P<zh>[升降])?(?P<step>[A-Ga-g])(?P<alter>[#b♯♭]|\s*(?:sharp|flat))?\s*-?\s*"
    r"(?P<mode>major|maj|minor|min|m|M|大调|小调)?\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Key:
    """A key. fifths: -7 (seven flats) to 7 (seven sharps); mode: ``"major"`` or ``"minor"``."""

    fifths: int = 0
    mode: str = "major"

    def __post_init__(self) -> None:
        if not -7 <= self.fifths <= 7 or self.mode not in ("major", "minor"):
            raise InputError(
                f"key signature {self.fifths} {self.mode[:20]} doesn't exist: use -7 to 7 sharps, major or minor."
            )

    @property
    def tonic(self) -> int:
        """Pitch class of the tonic, 0-11."""
        return (self.fifths * 7 + (9 if self.mode == "minor" else 0)) % 12

    @property
    def name(self) -> str:
        """The English name, such as ``"Bb major"``."""
        return f"{name_of(self.tonic, self.fifths)} {self.mode}"

    @property
    def scale(self) -> tuple[int, ...]:
        """The seven pitch classes, from the tonic up (natural minor in minor)."""
        steps = MAJOR if self.mode == "major" else NATURAL_MINOR
        return tuple((self.tonic + step) % 12 for step in steps)

    @property
    def shift(self) -> int:
        """Semitones from C major / A minor up to this key, -5..6 (the nearest way)."""
        up = self.fifths * 7 % 12
        return up if up <= 6 else up - 12

    @classmethod
    def of_tonic(cls, tonic: int, mode: str) -> Key:
        """The key on a tonic pitch class with the fewest accidentals (F# before Gb)."""
        relative = tonic if mode == "major" else tonic + 3
        fifths = relative * 7 % 12
        return cls(fifths if fifths <= 6 else fifths - 12, mode)

    @classmethod
    def parse(cls, text: str) -> Key:
        """Read ``"G major"``, ``"f# minor"``, ``"Am"``, ``"bB"``, ``"降E大调"``, ``"C sharp minor"``.

        A lone lower-case letter is still major; minor must be said ("m", "min", "minor", 小调).

        >>> Key.parse("f# minor").name, Key.parse("降E大调").name, Key.parse("Am").name
        ('F# minor', 'Eb major', 'A minor')
        """
        match = _PATTERN.match(text)
        if match:
            step = match["step"].upper()
            sign = (match["alter"] or "").strip().lower()
            alter = {"#": 1, "♯": 1, "sharp": 1, "b": -1, "♭": -1, "flat": -1}.get(sign, 0)
            if match["zh"]:
                alter = _CHINESE_ALTER[match["zh"]]
            word = match["mode"] or "major"
            minor = word == "m" or word.lower() in ("minor", "min", "小调")
            fifths = STEP_FIFTHS[step] + 7 * alter - (3 if minor else 0)
            if -7 <= fifths <= 7:
                return cls(fifths, "minor" if minor else "major")
        raise InputError(
            f"'{text[:40]}' isn't a key that can be written: give a letter {STEPS[0]} to G with an "
            "optional # or b and 'major' or 'minor', at most seven sharps or flats, such as "
            "'G major', 'f# minor' or '降E大调'."
        )
