"""The values of ABC's information fields: keys, metres, tempi, unit lengths, part orders.

Each reader takes the text after ``K:`` and so on and raises InputError when it makes no sense.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from yuefu.errors import InputError
from yuefu.theory.key import Key
from yuefu.theory.pitch import STEP_FIFTHS

#: Sharps relative to the major key on the same tonic, and the mode by the tonic's third.
_MODES = {
    "": (0, "major"), "maj": (0, "major"), "ion": (0, "major"), "lyd": (1, "major"), "mix": (-1, "major"),
    "m": (-3, "minor"), "min": (-3, "minor"), "aeo": (-3, "minor"), "dor": (-2, "minor"), "phr": (-4, "minor"),
    "loc": (-5, "minor"),
}  # fmt: skip
_MODE_NAMES = {"lyd": "lydian", "mix": "mixolydian", "dor": "dorian", "phr": "phrygian", "loc": "locrian"}
_KEY = re.compile(r"([A-G])([#b♯♭]?)\s*([A-Za-z]*)(.*)")
_ACCIDENTAL = re.compile(r"(\^\^|\^|__|_|=)([A-Ga-g])")
ALTERATIONS = {"^^": 2, "^": 1, "=": 0, "_": -1, "__": -2, "": 0}
_TEMPO_WORDS = {
    "grave": 40.0, "largo": 50.0, "lento": 56.0, "slow": 66.0, "adagio": 70.0, "andante": 84.0, "andantino": 92.0,
    "moderate": 104.0, "moderato": 104.0, "allegretto": 112.0, "lively": 120.0, "allegro": 128.0,
    "vivace": 152.0, "presto": 176.0,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class AbcKey:
    """A key field: the signature, the alteration of each letter, and the church mode if it is one."""

    key: Key
    alterations: dict[str, int]
    mode: str = ""


def signature(fifths: int) -> dict[str, int]:
    """The alteration of each letter in a key of ``fifths`` sharps.

    >>> signature(2)["C"], signature(-1)["B"], signature(0)["F"]
    (1, -1, 0)
    """
    letters = "FCGDAEB"
    sharps = dict.fromkeys(letters[: max(fifths, 0)], 1)
    flats = dict.fromkeys(letters[::-1][: max(-fifths, 0)], -1)
    return dict.fromkeys(letters, 0) | sharps | flats


def parse_key(text: str) -> AbcKey:
    """Read ``G``, ``Am``, ``D Mixolydian``, ``Ador``, ``Dmix=c``, ``Hp``, ``none``.

    >>> parse_key("Ador").key, parse_key("D mix").mode, parse_key("Dmix=c").alterations["C"]
    (Key(fifths=1, mode='minor'), 'mixolydian', 0)
    """
    text = text.strip()
    if not text or text.lower().startswith("none"):
        return AbcKey(Key(), signature(0))
    if text[:2] in ("HP", "Hp"):  # Highland pipes: F and C sharp, on A
        return AbcKey(Key(2), signature(2), "mixolydian")
    match = _KEY.match(text)
    if not match:
        if re.match(r"(clef|treble|bass|alto|tenor|perc|octave|transpose|middle|staff)", text):
            return AbcKey(Key(), signature(0))
        raise InputError(f"'{text[:40]}' isn't a key: write a tonic and a mode, such as G, Am or D mix")
    word = match[3].lower()
    rest = match[4]
    if word.startswith(("clef", "treble", "bass", "alto", "tenor", "perc", "exp", "octave", "transpose", "middle")):
        word = ""
    short = word if word in ("", "m") else word[:3]
    if short not in _MODES:
        raise InputError(f"'{word[:20]}' isn't a mode: write maj, min, dor, mix, lyd, phr, loc, ion or aeo")
    sharps, mode = _MODES[short]
    fifths = STEP_FIFTHS[match[1]] + 7 * {"#": 1, "♯": 1, "b": -1, "♭": -1}.get(match[2], 0) + sharps
    if not -7 <= fifths <= 7:
        raise InputError(f"the key '{text[:40]}' needs more than seven sharps or flats")
    base = dict.fromkeys("CDEFGAB", 0) if " exp" in text else signature(fifths)
    for accidental, letter in _ACCIDENTAL.findall(rest):
        base[letter.upper()] = ALTERATIONS[accidental]
    return AbcKey(Key(fifths, mode), base, _MODE_NAMES.get(short, ""))


def parse_meter(text: str) -> tuple[int, int]:
    """Read ``C``, ``C|``, ``6/8``, ``2+3/8``; free metre (``none``) counts as 4/4.

    >>> parse_meter("C|"), parse_meter("2+3/8")
    ((2, 2), (5, 8))
    """
    text = text.strip()
    if text in ("C", "") or text.lower() == "none":
        return 4, 4
    if text == "C|":
        return 2, 2
    match = re.match(r"\(?(\d{1,3}(?:\s*\+\s*\d{1,3})*)\)?\s*/\s*(\d{1,3})", text)
    if match:
        numerator = sum(int(number) for number in match[1].split("+"))
        denominator = int(match[2])
        if 1 <= numerator <= 64 and denominator in (1, 2, 4, 8, 16, 32, 64) and not numerator * 96 % denominator:
            return numerator, denominator
    raise InputError(f"'{text[:40]}' isn't a metre: write C, C| or a fraction such as 6/8")


def parse_length(text: str) -> Fraction:
    """Read a unit note length such as ``1/8``, as a fraction of a whole note."""
    match = re.match(r"\s*(\d{1,3})\s*(?:/\s*(\d{1,4}))?", text)
    if match and int(match[1]) and int(match[2] or 1):
        length = Fraction(int(match[1]), int(match[2] or 1))
        if Fraction(1, 256) <= length <= 4:
            return length
    raise InputError(f"'{text.strip()[:40]}' isn't a unit length: write a fraction such as 1/8")


def parse_tempo(text: str, unit: Fraction) -> float | None:
    """Quarters a minute of ``1/4=120``, ``3/8=88 "Lively"``, ``120`` (units a minute), ``"Allegro"``.

    None when it names no speed that we know.

    >>> parse_tempo("3/8=80", Fraction(1, 8)), parse_tempo('"Allegro"', Fraction(1, 8))
    (120.0, 128.0)
    """
    words = " ".join(re.findall(r'"([^"]*)"', text)).lower()
    plain = re.sub(r'"[^"]*"', "", text).strip()
    if match := re.match(r"((?:\d+/\d+\s*)+)=\s*(\d+(?:\.\d+)?)", plain):
        beat = Fraction(0)
        for number, whole in re.findall(r"(\d+)/(\d+)", match[1]):
            if not int(whole):
                raise InputError(f"'{text[:40]}' isn't a tempo: write one such as 1/4=120")
            beat += Fraction(int(number), int(whole))
        bpm = float(beat * 4) * float(match[2])
    elif match := re.match(r"(?:C\d*\s*=\s*)?(\d+(?:\.\d+)?)$", plain):
        bpm = float(unit * 4) * float(match[1])
    elif plain and not words:
        raise InputError(f"'{text[:40]}' isn't a tempo: write one such as 1/4=120")
    else:
        return next((speed for word, speed in _TEMPO_WORDS.items() if re.search(rf"\b{word}\b", words)), None)
    return round(min(max(bpm, 10.0), 600.0), 3)


def parse_order(text: str) -> str:
    """The order in which labelled parts are played: ``A(BC)2`` becomes ``ABCBC``.

    Empty when the text is no such order (or longer than 500 parts).

    >>> parse_order("A(BC)2"), parse_order("ABA  "), parse_order("Variations")
    ('ABCBC', 'ABA', '')
    """
    text = re.sub(r"[\s.]", "", text)
    if not re.fullmatch(r"[A-Z()0-9]{1,200}", text):
        return ""
    for _ in range(20):
        if "(" not in text and not re.search(r"\d", text):
            return text
        text = re.sub(r"([A-Z])(\d{1,2})", lambda match: match[1] * int(match[2]), text)
        text = re.sub(r"\(([A-Z]*)\)(\d{0,2})", lambda match: match[1] * int(match[2] or 1), text)
        if len(text) > 500:
            return ""
    return ""
