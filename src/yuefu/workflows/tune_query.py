"""A tune as people give it to a search: digits, note names, MIDI numbers, a hummed track, or ups and downs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yuefu.errors import FormatError, InputError, LimitError
from yuefu.theory.key import MAJOR
from yuefu.theory.pitch import parse_pitch_class

#: Longest query in characters and in notes.
MAX_TEXT, MAX_NOTES = 40_000, 200
#: Fewest notes (or steps up and down) that say something.
FEWEST, FEWEST_STEPS = 3, 3
_SPLIT = re.compile(r"[\s|;，、；·]+")
_DIGIT = re.compile(r"([#b♯♭]?)([0-7])([#b♯♭]?)(['’′.,_]*)(-*)")
_NAME = re.compile(r"([A-Ga-g])(##|bb|[#b♯♭]?)(-?\d)?")
_NUMBER = re.compile(r"(\d{1,3}(?:\.\d+)?)(?:([@:])(\d+(?:\.\d+)?))?")
#: The lowest MIDI number that a search takes for one: a piano's lowest key.
_LOWEST = 21
_STEPS = {"u": 1, "d": -1, "r": 0, "s": 0, "上": 1, "升": 1, "下": -1, "降": -1, "平": 0, "同": 0}
#: Seconds between frames below which numbers with times are a track from a microphone, not notes.
_DENSE = 0.07
#: A sung note stays within this many semitones for at least this many seconds.
_STEADY, _SHORTEST = 0.65, 0.09


@dataclass(frozen=True, eq=False)
class Query:
    """What is searched for. pitches: semitones from anywhere (fractions are sung); times: onsets in seconds or None;
    steps: True when pitches are only ups and downs, one a step."""

    pitches: NDArray[np.float64]
    times: NDArray[np.float64] | None = None
    steps: bool = False

    def __len__(self) -> int:
        return len(self.pitches)


def parse_tune(text: str) -> Query:
    """Read a tune. Raises FormatError, with an example, for what is none, LimitError for a very long one.

    Digits of numbered notation (``5 6 1' 3``: ``'`` after a digit is an octave up, ``.`` or ``,`` one down), names of
    notes (``C4 E4 G4``, or without octaves: the nearest), MIDI numbers (``60 64 67``; ``60@1.5`` begins at a second,
    ``60:0.5`` lasts so many), or steps up, down and repeated (``u d r``, 上 下 平).

    >>> parse_tune("5 6 1' 3").pitches.tolist(), parse_tune("c d e g").pitches.tolist(), parse_tune("udr").steps
    ([67.0, 69.0, 72.0, 64.0], [60.0, 62.0, 64.0, 67.0], True)
    """
    if len(text) > MAX_TEXT:
        raise LimitError(f"the tune has {len(text):,} characters: give at most {MAX_TEXT:,}.")
    plain = unicodedata.normalize("NFKC", text).replace("*", " ").strip()
    tokens = _tokens(plain)
    if not tokens:
        raise InputError("the tune is empty: give a few notes, such as 5 6 1' 3 or C4 E4 G4.")
    for read in (_steps, _numbers, _digits, _names):
        query = read(tokens)
        if query is not None:
            return _checked(query)
    raise FormatError(
        f"'{' '.join(text.split())[:40]}' isn't a tune: write digits (5 6 1' 3), notes (C4 E4 G4), "
        "MIDI numbers (60 64 67) or steps (u d r)."
    )


def _tokens(plain: str) -> list[str]:
    """Words of a query. Commas part words where they stand after each; else one after a digit is an octave down."""
    words = [word for word in _SPLIT.split(plain) if word]
    if len(words) > 1 and all(word.endswith(",") for word in words[:-1]):
        words = [word.rstrip(",") for word in words]
    elif len(words) == 1 and "," in plain:
        words = [word for word in plain.split(",") if word]
    return [word for word in words if word.strip("-,")]


def _checked(query: Query) -> Query:
    fewest = FEWEST_STEPS if query.steps else FEWEST
    if len(query) < fewest:
        raise InputError(f"a tune of {len(query)} is too short to be found: give at least {fewest} notes.")
    times = None if query.times is None else query.times[:MAX_NOTES]
    return Query(query.pitches[:MAX_NOTES], times, query.steps)


def _steps(tokens: Sequence[str]) -> Query | None:
    letters = "".join(tokens).lower()
    if not all(letter in _STEPS for letter in letters):
        return None
    return Query(np.array([float(_STEPS[letter]) for letter in letters]), None, True)


def _digits(tokens: Sequence[str]) -> Query | None:
    """Numbered notation, its digits parted or not; a rest or a dash is no note."""
    pitches: list[float] = []
    for token in tokens:
        at = 0
        while at < len(token):
            match = _DIGIT.match(token, at)
            if match is None:
                return None
            before, degree, after, dots, _ = match.groups()
            alter = (before + after).count("#") + (before + after).count("♯")
            alter -= (before + after).count("b") + (before + after).count("♭")
            octave = sum(1 if dot in "'’′" else -1 for dot in dots)
            if degree != "0":
                pitches.append(60.0 + MAJOR[int(degree) - 1] + alter + 12 * octave)
            at = match.end()
    return Query(np.array(pitches))


def _names(tokens: Sequence[str]) -> Query | None:
    """Names of notes; one without an octave lies nearest to the note before it."""
    pitches: list[float] = []
    octave_of_last = False
    for token in tokens:
        match = _NAME.fullmatch(token)
        if match is None:
            return None
        accidental = match[2].replace("♯", "#").replace("♭", "b")
        place = parse_pitch_class(match[1].upper() + accidental)
        if match[3] is not None:
            alter = accidental.count("#") - accidental.count("b")
            natural = parse_pitch_class(match[1].upper())
            pitches.append(float(natural + alter + 12 * (int(match[3]) + 1)))
            octave_of_last = True
        elif pitches:
            pitches.append(pitches[-1] + (place - pitches[-1] + 6) % 12 - 6)
        else:
            pitches.append(60.0 + place)
    return Query(np.array(pitches)) if pitches or octave_of_last else None


def _numbers(tokens: Sequence[str]) -> Query | None:
    """MIDI numbers, which may have times; a dense track is cut into notes."""
    pitches: list[float] = []
    marks: list[tuple[str, float]] = []
    for token in tokens:
        match = _NUMBER.fullmatch(token.rstrip(","))
        if match is None or not (match[2] or float(match[1]) >= _LOWEST) or float(match[1]) > 127:
            return None  # 5 and 12 are digits of numbered notation
        pitches.append(float(match[1]))
        if match[2]:
            marks.append((match[2], float(match[3])))
    found = np.array(pitches)
    if len(marks) < len(pitches):
        return Query(found) if len(found) > 1 else None  # a single one is digits without gaps
    values = np.array([value for _, value in marks])
    lasts = all(mark == ":" for mark, _ in marks)
    times = np.concatenate([[0.0], np.cumsum(values)[:-1]]) if lasts else values
    order = np.argsort(times, kind="stable")
    found, times = found[order], times[order]
    if len(found) > 8 and float(np.median(np.diff(times))) < _DENSE:
        found, times = sung_notes(found, times)
    return Query(found, times)


def sung_notes(
    track: NDArray[np.float64], times: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The notes of a pitch track: stretches where the voice stays; glides between them are left out.

    >>> frames = np.array([60.1, 60.0, 59.9, 60.0, 60.1, 61.0, 62.0, 62.9, 64.0, 64.1, 64.0, 63.9, 64.0])
    >>> sung_notes(frames, np.arange(13) * 0.03)[0].tolist()
    [60.0, 64.0]
    """
    padded = np.pad(track, 1, mode="edge")
    smooth = np.median(np.stack([padded[:-2], padded[1:-1], padded[2:]]), axis=0)
    usual = float(np.median(np.diff(times))) if len(times) > 1 else 0.0
    pitches: list[float] = []
    onsets: list[float] = []
    ends: list[float] = []
    first = 0
    for index in range(1, len(smooth) + 1):
        stays = (
            index < len(smooth)
            and abs(smooth[index] - float(np.median(smooth[first:index]))) < _STEADY
            and times[index] - times[index - 1] < 2.5 * usual
        )
        if stays:
            continue
        last = times[index - 1] + usual
        if last - times[first] >= _SHORTEST:
            pitch = float(np.median(smooth[first:index]))
            if pitches and abs(pitches[-1] - pitch) < _STEADY and times[first] - ends[-1] < 0.03:
                ends[-1] = last
            else:
                pitches.append(round(pitch, 2))
                onsets.append(float(times[first]))
                ends.append(last)
        first = index
    return np.array(pitches), np.array(onsets)
