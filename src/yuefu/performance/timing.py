"""When notes are played: swing, looseness, strummed chords, drum feel, articulation.

Onsets and ends stay within ``REACH`` ticks of their written (or swung) place, so that a written
MIDI file still reads back as the same score. All times are in ticks, 24 to a quarter.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from yuefu.performance.drum_feel import CLASS_OF_PITCH, feel_for, fold_to_common_time
from yuefu.performance.loudness import correlated_noise
from yuefu.performance.manner import Manner
from yuefu.performance.phrases import onset_groups
from yuefu.score.model import Notes, Part, Score

#: Farthest that an onset moves; ends may move a little farther, so that repeated notes separate.
REACH = 0.40
END_REACH = 0.43
#: An off-beat eighth at full swing lands on the last triplet of the beat: this many ticks late.
FULL_SWING = 4.0
_BLOWN_OR_BOWED = range(40, 80)
_PLUCKED_CHORDS = {*range(24, 32), 46, 104, 105, 106, 107, 15}


def swung(ticks: NDArray[np.float64], score: Score, share: float) -> NDArray[np.float64]:
    """Where ticks fall when eighths swing. share: 0 straight .. 1 triplets (2:1).

    Places that are triplets as written stay; compound and eighth-note metres don't swing.

    >>> swung(np.array([0.0, 12.0, 18.0, 16.0]), Score(length=96), 1.0).tolist()
    [0.0, 16.0, 20.0, 16.0]
    """
    ticks = np.asarray(ticks, dtype=float)
    if share <= 0 or not len(ticks):
        return ticks.copy()
    starts = np.array([bar.start for bar in score.bars])
    swings = np.array([bar.denominator <= 4 for bar in score.bars])
    index = np.clip(np.searchsorted(starts, ticks, side="right") - 1, 0, len(starts) - 1)
    origin = starts[index].astype(float)
    if score.pickup:  # beats of a pick-up are counted back from the first full bar
        origin[index == 0] = score.pickup - 24.0 * np.ceil(score.pickup / 24.0)
    beat = np.floor((ticks - origin) / 24.0)
    inside = ticks - origin - 24.0 * beat
    late = FULL_SWING * min(share, 1.0)
    moved = np.where(inside <= 12, inside * (12 + late) / 12, 12 + late + (inside - 12) * (12 - late) / 12)
    straight = np.isclose(inside % 3, 0)
    return np.where(straight & swings[index], origin + 24.0 * beat + moved, ticks)


def shape_onsets(part: Part, score: Score, manner: Manner, rng: np.random.Generator) -> NDArray[np.float64]:
    """How far each note is played from its place, in ticks, at most ``REACH`` either way."""
    notes = part.notes
    if not len(notes):
        return np.zeros(0)
    per_ms = ticks_per_millisecond(notes["start"], score)
    groups = onset_groups(notes)
    count = int(groups[-1]) + 1
    if part.is_drums:
        milliseconds = _drum_offsets(part, score, manner, groups, rng)
    else:
        milliseconds = correlated_noise(count, 0.8, rng)[groups] * manner.looseness
        if part.role == "melody":
            milliseconds = milliseconds + manner.behind
        milliseconds = milliseconds + _spread(part, manner, groups, rng)
    return np.clip(milliseconds * per_ms, -REACH, REACH)


def ticks_per_millisecond(ticks: NDArray[np.int32], score: Score) -> NDArray[np.float64]:
    """Ticks in a millisecond by the tempo at each tick."""
    changes = np.array([change.tick for change in score.tempos])
    bpm = np.array([change.bpm for change in score.tempos])
    return bpm[np.clip(np.searchsorted(changes, ticks, side="right") - 1, 0, None)] * 24 / 60_000.0


def _spread(part: Part, manner: Manner, groups: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Milliseconds between the notes of a chord: strings are struck one after the other, keys nearly together."""
    notes = part.notes
    out = np.zeros(len(notes))
    sizes = np.bincount(groups)
    strummed = part.program in _PLUCKED_CHORDS and manner.looseness >= 2
    uneven = rng.standard_normal(len(notes)) * min(manner.looseness, 6.0) * 0.35
    first = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    for begin, size in zip(first[sizes > 1].tolist(), sizes[sizes > 1].tolist()):
        inside = slice(begin, begin + size)
        if not strummed:
            out[inside] = uneven[inside]
            continue
        rank = np.arange(size) - (size - 1) / 2
        off_beat = notes["start"][begin] % 24 not in (0,)
        guitar = 24 <= part.program < 32
        out[inside] = rank * 7.0 * (-1 if guitar and off_beat else 1) + 0.3 * uneven[inside]
    return out


def _drum_offsets(
    part: Part, score: Score, manner: Manner, groups: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Milliseconds from the grid, by drum, style and place; hits struck together share their unevenness."""
    feel = feel_for(manner.drums)
    human = 0.1 if manner.looseness < 3 else 1.0
    shared = correlated_noise(int(groups[-1]) + 1, 0.5, rng)
    own = rng.standard_normal(len(part.notes))
    starts = np.array([bar.start for bar in score.bars])
    out = np.zeros(len(part.notes))
    for i, note in enumerate(part.notes):
        bar = score.bars[int(np.clip(np.searchsorted(starts, note["start"], side="right") - 1, 0, len(starts) - 1))]
        slot = fold_to_common_time(int(note["start"]) - bar.start, bar.numerator, bar.denominator, bar.groups)
        _, _, offset, jitter = feel.at(CLASS_OF_PITCH.get(int(note["pitch"]), "closed_hat"), slot)
        # The table's jitter is wider than a tight player's, since it holds what the snapping misread.
        out[i] = human * (offset + 0.35 * jitter * (0.85 * shared[groups[i]] + 0.5 * own[i]))
    return out


def shape_ends(part: Part, manner: Manner) -> NDArray[np.float64]:
    """How far each note's end is moved, in ticks within ``END_REACH``: legato overlaps, detached falls short."""
    notes = part.notes
    if part.is_drums or not len(notes):
        return np.zeros(len(notes))
    legato = part.program in _BLOWN_OR_BOWED or part.role in ("pad", "melody", "counter", "inner")
    out = np.full(len(notes), 0.2 if legato else (-0.4 if manner.detached else -0.1))
    ends = notes["start"] + notes["duration"]
    onsets = np.unique(notes["start"])
    following = np.searchsorted(onsets, ends, side="left")
    nothing_follows = (following >= len(onsets)) | (onsets[np.minimum(following, len(onsets) - 1)] > ends)
    out[nothing_follows] = -0.15
    if legato and part.program in _BLOWN_OR_BOWED:
        # A wide leap is tongued or bowed afresh.
        out[_leaps(notes)] = -0.3
    return out


def _leaps(notes: Notes) -> NDArray[np.bool_]:
    jump = np.abs(np.diff(notes["pitch"].astype(int), append=int(notes["pitch"][-1])))
    return jump > 9


def separate_repeats(starts: NDArray[np.float64], ends: NDArray[np.float64], notes: Notes) -> NDArray[np.float64]:
    """Ends cut so that a note stops before the next of the same pitch starts, where the score has them apart."""
    ends = ends.copy()
    next_of: dict[int, int] = {}
    for i in range(len(notes) - 1, -1, -1):
        pitch = int(notes["pitch"][i])
        later = next_of.get(pitch)
        if later is not None and notes["start"][later] >= notes["start"][i] + notes["duration"][i]:
            ends[i] = min(ends[i], starts[later] - 0.03)
        next_of[pitch] = i
    return np.maximum(ends, starts + 0.1)
