"""How a score is played: note timings and loudness beside the clean score."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from yuefu.score.model import Part, Score, TempoChange

#: One played note. start and duration are in (fractional) ticks, 24 to a quarter; ids match the score's.
PERFORMED_DTYPE = np.dtype(
    [("id", "<i4"), ("start", "<f8"), ("duration", "<f8"), ("pitch", "<i2"), ("velocity", "<i2")]
)


@dataclass(frozen=True)
class Performance:
    """A played score.

    notes: part id -> array of ``PERFORMED_DTYPE``; tempos: the tempo curve as played (a
    ritardando adds changes to the score's own); pedals: part id -> (tick, down) events of the
    sustain pedal.
    """

    score: Score
    notes: dict[str, NDArray[np.void]]
    tempos: tuple[TempoChange, ...]
    pedals: dict[str, tuple[tuple[float, bool], ...]] = field(default_factory=dict)


def performed_notes(part: Part) -> NDArray[np.void]:
    """A part's notes exactly as written, in the performed layout."""
    notes = np.zeros(len(part.notes), dtype=PERFORMED_DTYPE)
    for name in PERFORMED_DTYPE.names or ():
        notes[name] = part.notes[name]
    return notes


def as_written(score: Score) -> Performance:
    """The performance that plays exactly what is written."""
    return Performance(score, {part.id: performed_notes(part) for part in score.parts}, score.tempos)
