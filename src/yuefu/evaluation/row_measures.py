"""What a row's written bars are like, beside what people wrote there: statistics, likeness of outputs, stock phrases.

Notes are a score's, in ticks; ``bars`` the (start, end) of the bars that were written.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import wasserstein_distance

from yuefu.score.model import ChordSpan, Notes

#: Statistics of a row's bars: one value a bar, or none where there is nothing to tell.
PITCHED = (
    "notes",
    "off_beat",
    "length",
    "pitch",
    "range",
    "step",
    "leap",
    "same_pitch",
    "in_chord",
    "at_once",
    "like_last",
)
DRUMS = ("notes", "off_beat", "sounds", "kick_down", "snare_back", "like_last")
EIGHTH, QUARTER = 12, 24
KICKS, SNARES = (35, 36), (37, 38, 39, 40)

Bars = Sequence[tuple[int, int]]


def statistics(
    notes: Notes, bars: Bars, chords: Sequence[ChordSpan] = (), drums: bool = False
) -> dict[str, list[float]]:
    """Statistic -> its value in each bar that has one.

    notes: onsets a bar; off_beat: share of onsets off the eighths; length: mean, in quarters; pitch, range: semitones;
    step, leap, same_pitch: shares of the line's moves; in_chord: share of notes that begin in the chord; at_once: notes
    an onset; like_last: share of places and pitches that the bar before had too; sounds: different drums; kick_down,
    snare_back: whether a kick falls on the first beat, a snare on the second or last.
    """
    names = DRUMS if drums else PITCHED
    found: dict[str, list[float]] = {name: [] for name in names}
    before: set[tuple[int, int]] = set()
    for start, end in bars:
        own = notes[(notes["start"] >= start) & (notes["start"] < end)]
        places = np.unique(own["start"])
        found["notes"].append(float(len(places)))
        here = {(int(n["start"]) - start, int(n["pitch"])) for n in own}
        if here and before:
            found["like_last"].append(len(here & before) / len(here | before))
        before = here
        if not len(own):
            continue
        found["off_beat"].append(float(((places - start) % EIGHTH != 0).mean()))
        if drums:
            found["sounds"].append(float(len(set(own["pitch"].tolist()))))
            found["kick_down"].append(float(any((0, pitch) in here for pitch in KICKS)))
            back = {QUARTER, end - start - QUARTER}
            found["snare_back"].append(float(any((at, pitch) in here for at in back for pitch in SNARES)))
            continue
        top = np.array([own["pitch"][own["start"] == place].max() for place in places])
        found["length"].append(float(own["duration"].mean()) / QUARTER)
        found["pitch"].append(float(own["pitch"].mean()))
        found["range"].append(float(np.ptp(own["pitch"])))
        found["at_once"].append(len(own) / len(places))
        if len(top) > 1:
            moves = np.abs(np.diff(top))
            found["step"].append(float(((moves > 0) & (moves <= 2)).mean()))
            found["leap"].append(float((moves > 4).mean()))
            found["same_pitch"].append(float((moves == 0).mean()))
        inside = [_in_chord(int(n["start"]), int(n["pitch"]), chords) for n in own]
        known = [flag for flag in inside if flag is not None]
        if known:
            found["in_chord"].append(float(np.mean(known)))
    return found


def _in_chord(tick: int, pitch: int, chords: Sequence[ChordSpan]) -> bool | None:
    chord = next((span.chord for span in chords if span.start <= tick < span.start + span.duration), None)
    return None if chord is None else pitch % 12 in chord.pitch_classes


def distances(own: dict[str, list[float]], human: dict[str, list[float]]) -> dict[str, float]:
    """How far each statistic's values lie from people's: the earth mover's distance in standard deviations of theirs.

    A statistic that people never vary, or that one side hasn't got, is left out.

    >>> distances({"notes": [4.0, 6.0]}, {"notes": [3.0, 5.0]})
    {'notes': 1.0}
    """
    found = {}
    for name, values in human.items():
        spread = float(np.std(values)) if values else 0.0
        if own.get(name) and spread > 1e-6:
            found[name] = round(float(wasserstein_distance(own[name], values)) / spread, 4)
    return found


def likeness(outputs: Sequence[Notes]) -> float:
    """Share of (onset, pitch) that two outputs have in common, mean over pairs (F1); NaN for fewer than two."""
    sets = [{(int(n["start"]), int(n["pitch"])) for n in notes} for notes in outputs]
    pairs = [(a, b) for a, b in combinations(sets, 2) if a or b]
    return float(np.mean([2 * len(a & b) / (len(a) + len(b)) for a, b in pairs])) if pairs else float("nan")


def distinct(lines: Sequence[NDArray[np.integer]], length: int = 4) -> float:
    """Share of different stretches of so many symbols among all stretches of some lines; NaN without any.

    >>> distinct([np.array([1, 2, 1, 2, 1, 2])])
    0.6667
    """
    found = [tuple(line[at : at + length].tolist()) for line in lines for at in range(len(line) - length + 1)]
    return round(len(set(found)) / len(found), 4) if found else float("nan")


def line_symbols(notes: Notes, bars: Bars, drums: bool = False) -> NDArray[np.int64]:
    """A row's written notes as symbols: interval and time to the next for a line, place and sounds for drums."""
    inside = np.zeros(len(notes), dtype=bool)
    for start, end in bars:
        inside |= (notes["start"] >= start) & (notes["start"] < end)
    own = notes[inside]
    places = np.unique(own["start"])
    if drums:
        masks = [sum(1 << (int(p) % 24) for p in own["pitch"][own["start"] == place]) for place in places]
        return np.array([mask * 200 + int(place) % 96 for mask, place in zip(masks, places.tolist())], dtype=np.int64)
    top = np.array([own["pitch"][own["start"] == place].max() for place in places], dtype=np.int64)
    return np.diff(top) * 1000 + np.minimum(np.diff(places.astype(np.int64)), 400)
