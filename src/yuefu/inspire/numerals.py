"""Chords as Roman numerals, and how near progressions are to one another: in any key, with substitutes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from yuefu.corpus.roman import roman_chord
from yuefu.errors import InputError, LimitError, YuefuError
from yuefu.theory.chord import Chord
from yuefu.theory.key import MAJOR, NATURAL_MINOR, Key

#: Kinds of chord that are told apart, and the qualities of each.
CLASSES = ("major", "minor", "dominant", "diminished", "augmented", "suspended")
_CLASS = {
    "": 0, "6": 0, "maj7": 0, "add9": 0, "maj9": 0, "5": 0, "m": 1, "m6": 1, "m7": 1, "mmaj7": 1, "m9": 1, "7": 2,
    "9": 2, "dim": 3, "m7b5": 3, "dim7": 3, "aug": 4, "sus2": 5, "sus4": 5, "7sus4": 5,
}  # fmt: skip
STATES = 12 * len(CLASSES)
_TONES = ((0, 4, 7), (0, 3, 7), (0, 4, 7, 10), (0, 3, 6), (0, 4, 8), (0, 5, 7))
_NUMERALS = ("I", "II", "III", "IV", "V", "VI", "VII")
#: Suffixes after a numeral whose case tells the third already.
_SUFFIX = {
    "": "", "m": "", "dim": "°", "aug": "+", "sus2": "sus2", "sus4": "sus4", "6": "add6", "m6": "add6", "7": "7",
    "maj7": "maj7", "m7": "7", "mmaj7": "maj7", "m7b5": "ø7", "dim7": "°7", "7sus4": "7sus4", "add9": "add9",
    "9": "9", "maj9": "maj9", "m9": "9", "5": "5",
}  # fmt: skip
_SPLIT = re.compile(r"[\s,，、;；|→>–—]+|-(?=[b#♭♯]?[IViv])")
#: Longest progression that is searched for.
MOST = 32
#: Plain words for qualities after a numeral, as people type them.
_TYPED = re.compile(r"^([b#]*)(VII|VI|IV|V|III|II|I|vii|vi|iv|v|iii|ii|i)(.*)$")
_MINOR_THIRDS = frozenset(("m", "dim", "m6", "m7", "mmaj7", "m7b5", "dim7", "m9"))


def roman_of(chord: Chord, key: Key) -> str:
    """A chord as a Roman numeral of a key.

    >>> roman_of(Chord.parse("Am7"), Key()), roman_of(Chord.parse("G7/B"), Key()), roman_of(Chord.parse("Bb"), Key())
    ('vi7', 'V7/3', 'bVII')
    >>> roman_of(Chord.parse("A7"), Key()), roman_of(Chord.parse("F7"), Key()), roman_of(Chord.parse("C7"), Key())
    ('V7/ii', 'IV7', 'I7')
    >>> roman_of(Chord.parse("E7"), Key(0, "minor")), roman_of(Chord.parse("F"), Key(0, "minor"))
    ('V7', 'VI')
    """
    applied = _applied(chord, key) if chord.bass is None else ""
    if applied:
        return applied
    scale = MAJOR if key.mode == "major" else NATURAL_MINOR
    step = (chord.root - key.tonic) % 12
    numeral = ""
    if step in scale:
        numeral = _NUMERALS[scale.index(step)]
    elif step - 11 in (0,) and key.mode == "minor":
        numeral = "#VII"
    else:  # the tritone and, in minor, the raised degrees are written from below, the rest from above
        sharp = step == 6 or (key.mode == "minor" and step != 1)
        near = (step - 1) % 12 if sharp else (step + 1) % 12
        numeral = ("#" if sharp else "b") + _NUMERALS[scale.index(near)] if near in scale else ""
        if not numeral:
            numeral = "b" + _NUMERALS[scale.index((step + 1) % 12)]
    if chord.quality in _MINOR_THIRDS:
        degree = numeral.lstrip("b#")
        sign = numeral.removesuffix(degree)
        if key.mode == "minor" and degree in ("VI", "VII"):  # plain on the raised degree, as in vii°
            sign = "" if sign else "b"
        numeral = sign + degree.lower()
    bass = ""
    if chord.bass is not None:
        above = (chord.bass - chord.root) % 12
        bass = {3: "/3", 4: "/3", 6: "/5", 7: "/5", 8: "/5", 9: "/7", 10: "/7", 11: "/7"}.get(above, "/x")
    return numeral + _SUFFIX[chord.quality] + bass


def symbol_in(chord: Chord, key: Key) -> str:
    """A chord's symbol as a key would write it: a lowered degree with flats, a raised one with sharps.

    >>> symbol_in(Chord(8), Key()), symbol_in(Chord(6, "dim"), Key())
    ('Ab', 'F#dim')
    """
    sign = roman_of(chord, key)[0]
    fifths = max(key.fifths - 5, -7) if sign == "b" else min(key.fifths + 5, 7) if sign == "#" else key.fifths
    return chord.symbol(fifths)


def _applied(chord: Chord, key: Key) -> str:
    """A dominant of another degree than the first, as such: "V7/ii"; "" for any other chord."""
    scale = MAJOR if key.mode == "major" else NATURAL_MINOR
    step = (chord.root - key.tonic) % 12
    rises = {"7": 5, "dim7": 1}.get(chord.quality)
    if rises is None:
        return ""
    target = (step + rises) % 12
    tones = {(tone - key.tonic) % 12 for tone in chord.pitch_classes}
    own = set(scale) | ({11} if key.mode == "minor" else set())
    if target == 0 or target not in scale or tones <= own or (chord.quality == "7" and step == 0 and 3 not in scale):
        return ""  # the tonic's own, the key's own, or the seventh that a blues rests on
    degree = scale.index(target)
    third = (scale[(degree + 2) % 7] - target) % 12
    fifth = (scale[(degree + 4) % 7] - target) % 12
    if fifth != 7:
        return ""
    numeral = _NUMERALS[degree].lower() if third == 3 else _NUMERALS[degree]
    return ("V7/" if chord.quality == "7" else "vii°7/") + numeral


@lru_cache(maxsize=4096)
def chord_of_roman(figure: str, mode: str = "major") -> Chord:
    """The chord of a numeral in C major or A minor. Raises InputError.

    >>> chord_of_roman("vi7").symbol(), chord_of_roman("V7/3").symbol(), chord_of_roman("bVIImaj7").symbol(-2)
    ('Am7', 'G7/B', 'Bbmaj7')
    >>> chord_of_roman("iiø7").symbol(), chord_of_roman("IV64").symbol(), chord_of_roman("V7sus4").symbol()
    ('Dm7b5', 'F/C', 'G7sus4')
    """
    key = Key(0, mode)
    plain = figure.strip().replace("♭", "b").replace("♯", "#").replace("Ⅰ", "I").replace("°", "o")
    head, _, below = plain.partition("/")
    match = _TYPED.match(head)
    if match is not None and below in ("3", "5", "7", "x", ""):
        suffix = match[3]
        named = next((quality for quality, said in _SUFFIX.items() if said and said.replace("°", "o") == suffix
                      and (quality in _MINOR_THIRDS) == match[2].islower()), None)  # fmt: skip
        if named is not None or not suffix:
            base = roman_chord(match[1] + match[2], key)
            quality = base.quality if named is None else named
            chord = Chord(base.root, quality)
            place = {"3": 1, "5": 2, "7": 3}.get(below)
            tones = chord.pitch_classes
            return chord if place is None or place >= len(tones) else Chord(base.root, quality, tones[place])
    return roman_chord(plain, key)


def parse_roman(text: str) -> tuple[Chord, ...]:
    """A progression of numerals, or of chord symbols, as chords in C major. Raises InputError, LimitError.

    >>> [chord.symbol() for chord in parse_roman("I V vi IV")], [c.symbol() for c in parse_roman("ii7-V7-Imaj7")]
    (['C', 'G', 'Am', 'F'], ['Dm7', 'G7', 'Cmaj7'])
    >>> [chord.symbol() for chord in parse_roman("1 5 6m 4")], [chord.symbol() for chord in parse_roman("Am F C G")]
    (['C', 'G', 'Am', 'F'], ['Am', 'F', 'C', 'G'])
    """
    figures = [figure for figure in _SPLIT.split(text.strip()) if figure]
    if not figures:
        raise InputError("the progression is empty: give some numerals, such as I V vi IV.")
    if len(figures) > MOST:
        raise LimitError(f"a progression of {len(figures)} chords is too long: give at most {MOST}.")
    digits = all(re.fullmatch(r"[b#]?[1-7](?:m|maj|7|-)?(?:7)?", figure) for figure in figures)
    symbols = not digits and all(re.match(r"[A-G]", figure) for figure in figures)
    minor = not symbols and any(re.match(r"i(?![iv])", figure) for figure in figures) and not any(
        re.match(r"I(?![IV])", figure) for figure in figures)  # fmt: skip
    found = []
    for figure in figures:
        try:
            if digits:
                found.append(_nashville(figure))
            elif symbols:
                found.append(Chord.parse(figure))
            else:
                found.append(chord_of_roman(figure, "minor" if minor else "major"))
        except YuefuError as error:
            raise InputError(
                f"'{figure[:20]}' isn't a chord of a progression: write numerals such as I V vi IV, ii7 V7 Imaj7, or "
                "symbols such as C G Am F."
            ) from error
    return tuple(found)


def _nashville(figure: str) -> Chord:
    """A chord by its number: 1 5 6m 4; without an m those of the key are meant."""
    alter = figure.count("#") - figure.count("b")
    digit = int(re.sub(r"[^1-7]", "", figure)[0])
    root = (MAJOR[digit - 1] + alter) % 12
    own = "" if digit in (1, 4, 5) else "dim" if digit == 7 else "m"
    quality = "m" if "m" in figure and "maj" not in figure else own
    return Chord(root, quality)


def state_of(chord: Chord) -> int:
    """A chord's number among the ``STATES``: its root and kind."""
    return chord.root * len(CLASSES) + _CLASS[chord.quality]


def states_of(symbols: Sequence[str], key: Key) -> NDArray[np.int64]:
    """Chords by symbol, told as if they stood in C major or A minor."""
    return np.array([state_of(Chord.parse(symbol).transpose(-key.shift)) for symbol in symbols], dtype=np.int64)


@cache
def likeness() -> NDArray[np.float32]:
    """How well a chord stands for another, 0..1, shape (STATES, STATES): tones in common, and known substitutions."""
    table = np.zeros((STATES, STATES), dtype=np.float32)
    tones = [frozenset((root + step) % 12 for step in _TONES[kind]) for root in range(12) for kind in range(6)]
    for a in range(STATES):
        for b in range(STATES):
            shared = len(tones[a] & tones[b])
            table[a, b] = max(0.0, (shared / max(len(tones[a]), len(tones[b])) - 0.3) * 0.85)
    for root in range(12):
        own = [root * 6 + kind for kind in range(6)]
        for one, other, value in ((0, 2, 0.9), (0, 5, 0.75), (2, 5, 0.75), (1, 3, 0.6), (0, 1, 0.5), (0, 4, 0.6)):
            table[own[one], own[other]] = table[own[other], own[one]] = value
        tritone = ((root + 6) % 12) * 6 + 2  # the dominant a tritone away leads to the same chord
        table[own[2], tritone] = table[tritone, own[2]] = 0.65
        leading = ((root + 4) % 12) * 6 + 3  # vii° for V
        table[own[2], leading] = table[leading, own[2]] = 0.75
        table[own[0], leading] = table[leading, own[0]] = 0.6
    np.fill_diagonal(table, 1.0)
    return table


def shifted(states: NDArray[np.int64], semitones: int) -> NDArray[np.int64]:
    """Chords moved by semitones."""
    roots, kinds = np.divmod(states, 6)
    return (roots + semitones) % 12 * 6 + kinds


def substitution(one: int, other: int) -> str:
    """How two chords go together: "" the same, "seventh" another colour, else "substitute"."""
    if one == other:
        return ""
    return "colour" if one // 6 == other // 6 else "substitute"
