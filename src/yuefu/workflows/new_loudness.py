"""How loud new notes are: as the row's own notes at the same place in the bar, and as loud as the bars around.

A row that nobody played is shaped by the metre, beside how loud the others play. Where every note of a score
is equally loud, as in notation, new ones are too: a performance shapes them all later.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from yuefu.performance.loudness import CLASS_LEVEL, ROLE_LEVEL
from yuefu.performance.phrases import metric_weight
from yuefu.score.model import Notes, Score

#: What a bar's first beat is louder than an eighth off the beat, where a row's own notes don't tell.
ACCENT = 9.0
#: Spread of velocities from which players are heard in them.
FLAT = 2.0
GRID = 6  #: ticks to which places in a bar are rounded


def loudness(score: Score, row: str, kept: Notes, new: Notes) -> NDArray[np.int16]:
    """Velocities (1-127) of new notes. kept: the row's own notes that stay; both at sounding pitch."""
    if not len(new):
        return np.zeros(0, dtype=np.int16)
    everything = [part.notes["velocity"] for part in score.parts if len(part.notes)]
    heard = np.concatenate(everything).astype(float) if everything else np.array([80.0])
    if heard.std() < FLAT:
        return np.full(len(new), round(float(np.median(heard))), dtype=np.int16)
    if len(kept) < 8:
        return _by_metre(score, row, heard, new)
    level, deviation = _level(score, kept), kept["velocity"].astype(float)
    deviation = deviation - level(kept)
    weight = metric_weight(kept["start"].astype(np.int64), score)
    spread = float(((weight - weight.mean()) ** 2).sum())
    slope = 0.0 if spread < 0.5 else float(np.clip(((weight - weight.mean()) * deviation).sum() / spread, 0, 18))
    table: dict[tuple[int, ...], list[float]] = {}
    for (place, pitch), value in zip(_keys(score, kept, row), deviation.tolist(), strict=True):
        table.setdefault((place, pitch), []).append(value)
        table.setdefault((pitch,), []).append(value)
    general = slope * (metric_weight(new["start"].astype(np.int64), score) - weight.mean())
    shape = []
    for i, (place, pitch) in enumerate(_keys(score, new, row)):
        own = table.get((place, pitch)) or (table.get((pitch,)) if row == "drums" else None)
        shape.append(float(np.median(own)) if own else float(general[i]))
    return np.clip(np.rint(level(new) + shape), 8, 127).astype(np.int16)


def _by_metre(score: Score, row: str, heard: NDArray[np.float64], new: Notes) -> NDArray[np.int16]:
    """A new player: at the role's level beside the others, stronger where the metre is."""
    others = [(np.median(p.notes["velocity"]), ROLE_LEVEL.get(p.role, 74)) for p in score.parts if len(p.notes)]
    offset = float(np.mean([level - usual for level, usual in others])) if others else 0.0
    level = ROLE_LEVEL.get(row, 74) + offset
    shape = ACCENT * metric_weight(new["start"].astype(np.int64), score)
    if row == "drums":
        from yuefu.performance.drum_feel import CLASS_OF_PITCH

        kit = [CLASS_LEVEL[CLASS_OF_PITCH.get(int(p), "closed_hat")] - ROLE_LEVEL["drums"] for p in new["pitch"]]
        shape = shape + np.array(kit)
    return np.clip(np.rint(level + shape), 8, min(127, float(heard.max()) + 12)).astype(np.int16)


def _bar_index(score: Score, notes: Notes) -> NDArray[np.int64]:
    starts = [bar.start for bar in score.bars]
    return np.clip(np.searchsorted(starts, notes["start"], side="right") - 1, 0, len(starts) - 1)


def _level(score: Score, kept: Notes) -> Callable[[Notes], NDArray[np.float64]]:
    """A function from notes to the row's loudness around their bars."""
    bar = _bar_index(score, kept)
    bars = np.unique(bar)
    medians = np.array([np.median(kept["velocity"][bar == b]) for b in bars], dtype=float)
    padded = np.pad(medians, 1, mode="edge")
    smooth = (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4
    return lambda notes: np.interp(_bar_index(score, notes), bars, smooth)


def _keys(score: Score, notes: Notes, row: str) -> list[tuple[int, int]]:
    """(place in the bar, drum or 0) of each note."""
    bars = score.bars
    found = []
    for tick, pitch, index in zip(notes["start"].tolist(), notes["pitch"].tolist(), _bar_index(score, notes).tolist()):
        place = round((tick - bars[index].start) / GRID) * GRID
        found.append((place, pitch if row == "drums" else 0))
    return found
