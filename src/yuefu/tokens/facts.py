"""What a window's header says, measured from its notes."""

from __future__ import annotations

import math
from collections.abc import Iterable

from yuefu.tokens.grid import Cell
from yuefu.tokens.vocabulary import BINS, vocabulary

#: Ends of the density bins: onsets a quarter note, all rows together.
DENSITY_BINS = (1.0, 1.8, 2.8, 4.5)


def density_bin(onsets_per_quarter: float) -> int:
    """The bin (0-4) of a density."""
    return sum(onsets_per_quarter > end for end in DENSITY_BINS)


def mood(mode: str, bpm: float, onsets_per_second: float, mean_pitch: float) -> tuple[float, float]:
    """Valence and arousal, each -1..1, as far as mode, tempo, density and register tell them.

    A hand-set estimate: mode weighs most in valence, tempo and density in arousal, as studies of
    musical emotion agree. It only has to order pieces; the header tells it in five bins.

    >>> sad, glad = mood("minor", 60, 2, 60), mood("major", 140, 6, 70)
    >>> sad[0] < glad[0], sad[1] < glad[1]
    (True, True)
    """
    valence = (0.5 if mode == "major" else -0.5) + 0.3 * math.tanh((bpm - 100) / 50)
    valence += 0.2 * math.tanh((mean_pitch - 66) / 8)
    arousal = 0.5 * math.tanh((bpm - 100) / 45) + 0.5 * math.tanh((onsets_per_second - 5) / 4)
    return valence, arousal


def mood_bin(value: float) -> int:
    """The bin (0-4) of a valence or arousal in -1..1."""
    return min(BINS - 1, max(0, int((value + 1) / 2 * BINS)))


def onsets_and_pitch(cells: Iterable[Cell]) -> tuple[int, float]:
    """How many onsets the cells hold, and the mean pitch of their notes (66 when there are none)."""
    v = vocabulary()
    onsets, pitches = 0, []
    for cell in cells:
        for token in cell.tolist():
            if token in v.position_ticks:
                onsets += 1
            elif v.pitch + 21 <= token <= v.pitch + 108:
                pitches.append(token - v.pitch)
    return onsets, sum(pitches) / len(pitches) if pitches else 66.0
