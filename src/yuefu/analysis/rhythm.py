"""Tempo and rhythm facts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from yuefu.analysis.grid import Grid
from yuefu.analysis.lines import entropy, row_notes
from yuefu.score.model import TICKS_PER_QUARTER, Notes, Score


@dataclass(frozen=True, slots=True)
class TempoFacts:
    """Quarter notes a minute: mean (by time), lowest and highest, and the number of changes."""

    mean: float
    low: float
    high: float
    changes: int


def estimate_tempo(score: Score) -> TempoFacts:
    """The tempo by the score's tempo map; mean is quarters over minutes, up to the final bar line.

    >>> estimate_tempo(Score()).mean
    120.0
    """
    end = score.end_tick
    used = [change for change in score.tempos if change.tick < end] or [score.tempos[0]]
    minutes = score.seconds_at(end) / 60.0
    mean = end / TICKS_PER_QUARTER / minutes if minutes > 0 else used[0].bpm
    bpm = [change.bpm for change in used]
    return TempoFacts(round(float(mean), 3), min(bpm), max(bpm), len(used) - 1)


def onset_patterns(score: Score, steps: int = 16) -> np.ndarray:
    """Which of ``steps`` equal places of each bar hold an onset in any part, shape (bars, steps)."""
    grid = Grid.of(score)
    table = np.zeros((len(grid.bars), steps), dtype=bool)
    full = np.maximum(grid.durations + grid.missing, 1)
    for part in score.parts:
        if len(part.notes):
            starts = part.notes["start"].astype(np.int64)
            bar = grid.bar_of(starts)
            table[bar, np.clip(grid.offsets(starts) * steps // full[bar], 0, steps - 1)] = True
    return table


def groove_consistency(score: Score) -> float:
    """Likeness of the onset patterns of neighbouring bars, 0..1 (NaN for fewer than two bars with notes).

    1 - mean(differing places / places), after Wu and Yang 2020 (*The Jazz Transformer on the
    Front Line*); pairs in which both bars are empty are left out.
    """
    table = onset_patterns(score)
    used = table[1:].any(axis=1) | table[:-1].any(axis=1)
    if not used.any():
        return float("nan")
    return float(1.0 - (table[1:] != table[:-1])[used].mean())


def syncopation(line: Notes, grid: Grid) -> float:
    """Share of a line's notes that start off the beat and sound past a stronger place, 0..1.

    After Longuet-Higgins and Lee 1984: the stronger place is one with more metric strength before
    the next onset. NaN for an empty line.
    """
    return float(held_over(line, grid).mean()) if len(line) else float("nan")


def held_over(line: Notes, grid: Grid) -> np.ndarray:
    """Which notes of a line start off the beat and sound past a stronger place (see ``syncopation``), (n,)."""
    starts = line["start"].astype(np.int64)
    ends = starts + line["duration"]
    strength = grid.strength(starts)
    # The next beat is the least stronger place that a note off the beat can reach.
    bar = grid.bar_of(starts)
    beat = grid.beats[bar]
    following = starts - grid.offsets(starts) % beat + beat
    held: np.ndarray = (strength < 0.5) & (ends > following)
    # A weak beat held over the bar line counts too.
    bar_end = grid.starts[bar] + grid.durations[bar]
    held |= (strength < 0.75) & (strength >= 0.5) & (ends > bar_end) & (grid.offsets(starts) > 0)
    return held


def rhythm_entropy(line: Notes) -> float:
    """Entropy in bits (0 and up) of a line's times from onset to onset; NaN for fewer than two notes."""
    if len(line) < 2:
        return float("nan")
    gaps = np.minimum(np.diff(line["start"].astype(np.int64)), 8 * TICKS_PER_QUARTER)
    return entropy(np.bincount(gaps).astype(np.float64))


def triplet_share(score: Score) -> float:
    """Share of onsets on thirds or sixths of a quarter that no sixteenth grid holds, 0..1 (NaN without notes)."""
    starts = [part.notes["start"] for part in score.parts if len(part.notes)]
    if not starts:
        return float("nan")
    within = np.concatenate(starts) % TICKS_PER_QUARTER
    return float(np.isin(within, (4, 8, 16, 20)).mean())


def drum_hits(score: Score) -> float:
    """Drum notes a bar, 0 and up."""
    return len(row_notes(score, "drums")) / len(score.bars)
