"""Snapping to the grid that the tokens can write: onsets within a quarter, and a few durations.

All times are ticks, 24 to a quarter. Onsets are counted from the start of their bar.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from yuefu.score.model import Notes, Score, sort_notes

#: Places within a quarter where a note may start: 32nds and triplet 16ths.
ONSETS = (0, 3, 4, 6, 8, 9, 12, 15, 16, 18, 20, 21)
#: Durations that may be written.
DURATIONS = (
    3, 4, 6, 8, 9, 12, 16, 18, 20, 24, 30, 32, 36, 42, 48, 54, 60, 64, 72, 84, 96, 108, 120, 132,
    144, 168, 192, 216, 240, 288, 384,
)  # fmt: skip
MAX_BAR_TICKS = 192

_LENGTHS = np.array(DURATIONS)
_PLACES = np.array((*ONSETS, 24))
#: Nearest place for every tick 0..23; a tie goes to the 16th.
_NEAREST = np.array(
    [_PLACES[np.argmin(np.abs(_PLACES - tick) * 2 - np.isin(_PLACES, (0, 6, 12, 18, 24)))] for tick in range(24)]
)


def snap_onsets(ticks: NDArray[np.integer], bar_starts: NDArray[np.integer], end: int) -> NDArray[np.int64]:
    """Each tick moved to the nearest place of the grid in its bar.

    bar_starts: sorted start ticks of the bars; end: the tick of the final bar line. A tick nearest
    to the next bar line moves there.
    """
    ticks = np.asarray(ticks, dtype=np.int64)
    starts = np.asarray(bar_starts, dtype=np.int64)
    index = np.clip(np.searchsorted(starts, ticks, side="right") - 1, 0, len(starts) - 1)
    bar = starts[index]
    following = np.append(starts[1:], max(end, int(starts[-1]) + 1))[index]
    offset = np.maximum(ticks - bar, 0)
    snapped: NDArray[np.int64] = np.minimum(bar + offset // 24 * 24 + _NEAREST[offset % 24], following)
    return snapped


def snap_durations(durations: NDArray[np.integer]) -> NDArray[np.int64]:
    """Each duration as the nearest of ``DURATIONS``; a tie goes to the longer.

    >>> snap_durations(np.array([1, 11, 22, 500])).tolist()
    [3, 12, 24, 384]
    """
    middles = (_LENGTHS[1:] + _LENGTHS[:-1]) / 2
    return _LENGTHS[np.searchsorted(middles, np.asarray(durations), side="right")]


def floor_durations(durations: NDArray[np.integer]) -> NDArray[np.int64]:
    """The longest of ``DURATIONS`` that isn't longer; 0 where even the shortest is.

    >>> floor_durations(np.array([2, 11, 24])).tolist()
    [0, 9, 24]
    """
    index = np.searchsorted(_LENGTHS, np.asarray(durations), side="right")
    return np.append(0, _LENGTHS)[index]


def bar_starts(score: Score) -> NDArray[np.int64]:
    """Start ticks of the score's bars."""
    return np.array([bar.start for bar in score.bars], dtype=np.int64)


#: Share of exact 16ths and triplet 8ths below which a part was played, not written.
PLAYED = 0.5
_STRAIGHT, _SWUNG = (0, 6, 12, 18, 24), (0, 8, 12, 16, 24)


def straighten(notes: Notes, starts: NDArray[np.integer]) -> Notes:
    """A played part with its onsets drawn to 16ths, or to triplets where it swings; a written one as it is.

    A player's chords are rolled and a little early or late; on the fine grid each of their notes
    would land on a place of its own. Releases stay where they were.
    """
    if len(notes) < 16:
        return notes
    starts = np.asarray(starts, dtype=np.int64)
    onset = notes["start"].astype(np.int64)
    bar = starts[np.clip(np.searchsorted(starts, onset, side="right") - 1, 0, len(starts) - 1)]
    place = (onset - bar) % 24
    if float(np.isin(place, (0, 6, 8, 12, 16, 18)).mean()) >= PLAYED:
        return notes
    choices = [np.array(places) for places in (_STRAIGHT, _SWUNG)]
    distances = [np.abs(place[:, None] - places[None, :]) for places in choices]
    best = int(np.argmin([d.min(axis=1).mean() for d in distances]))
    out = notes.copy()
    moved = choices[best][distances[best].argmin(axis=1)] - place
    out["start"] = onset + moved
    out["duration"] = np.maximum(out["duration"] - moved, 3)
    return out


def snap_notes(notes: Notes, starts: NDArray[np.integer], end: int) -> Notes:
    """Notes on the grid: onsets and durations snapped, duplicates gone, no note beyond its next same-pitch onset.

    Of two notes of one pitch that come within less than the shortest duration, the first stays.
    """
    if not len(notes):
        return notes
    out = notes.copy()
    finish = out["start"].astype(np.int64) + out["duration"]
    onset = snap_onsets(out["start"], starts, end)
    out["start"] = onset
    out["duration"] = snap_durations(np.maximum(finish - onset, 1))
    order = np.lexsort((-out["duration"], out["start"], out["pitch"]))
    out = out[order]
    keep = np.ones(len(out), dtype=bool)
    pitch, start = out["pitch"].tolist(), out["start"].tolist()
    last_pitch, last_start = -1, 0
    for i in range(len(out)):
        if pitch[i] == last_pitch and start[i] - last_start < DURATIONS[0]:
            keep[i] = False
        else:
            last_pitch, last_start = pitch[i], start[i]
    out = out[keep]
    same = out["pitch"][1:] == out["pitch"][:-1]
    gap = np.where(same, out["start"][1:] - out["start"][:-1], DURATIONS[-1])
    out["duration"][:-1] = np.minimum(out["duration"][:-1], floor_durations(gap))
    return sort_notes(out)


def monophonic(notes: Notes, top: bool = True) -> Notes:
    """One note at a time: the highest (or lowest) of each onset, cut at the next onset, in ``DURATIONS``.

    A release shortly before the next onset (a fifth of the way or less) is taken as reaching it.
    """
    if not len(notes):
        return notes
    ordered = notes[np.lexsort((-notes["pitch"] if top else notes["pitch"], notes["start"]))]
    starts = ordered["start"].astype(np.int64)
    first = np.append(True, starts[1:] - starts[:-1] > 0)
    line = ordered[first].copy()
    starts = line["start"].astype(np.int64)
    gaps = starts[1:] - starts[:-1]
    keep = np.ones(len(line), dtype=bool)
    previous = int(starts[0])
    if len(gaps) and gaps.min() < DURATIONS[0]:
        for i in range(1, len(line)):
            if starts[i] - previous < DURATIONS[0]:
                keep[i] = False
            else:
                previous = int(starts[i])
        line = line[keep]
        starts = line["start"].astype(np.int64)
        gaps = starts[1:] - starts[:-1]
    room = floor_durations(gaps)
    duration = line["duration"][:-1].astype(np.int64)
    reaches = (duration >= 0.8 * gaps) | (duration > room)
    line["duration"][:-1] = np.where(reaches, room, duration)
    return line
