"""Finding the lines in a texture: a top melody, a bass, two voices on a staff.

Notes in, notes out; times in ticks. All functions work on notes that are already on the grid.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from yuefu.corpus.grid import floor_durations, monophonic
from yuefu.score.model import Notes, make_notes, sort_notes

#: Most notes that may sound together in a chordal row.
MAX_TOGETHER = 6


def polyphony(notes: Notes) -> float:
    """Mean number of notes that sound together, over the time when any does (1.0 for a single line).

    Overlaps of less than a third of a note are counted as legato, not as polyphony.
    """
    if len(notes) < 2:
        return float(len(notes))
    start = notes["start"].astype(np.int64)
    finish = start + np.maximum(notes["duration"] * 2 // 3, 1)
    times = np.concatenate([start, finish])
    steps = np.concatenate([np.ones(len(start), dtype=np.int64), -np.ones(len(start), dtype=np.int64)])
    order = np.lexsort((steps, times))
    sounding = np.cumsum(steps[order])[:-1]
    spans = np.diff(times[order])
    covered = float(spans[sounding > 0].sum())
    return float((sounding * spans).sum()) / covered if covered else 1.0


def merge(arrays: Sequence[Notes]) -> Notes:
    """Several note arrays as one, sorted."""
    filled = [notes for notes in arrays if len(notes)]
    return sort_notes(np.concatenate(filled)) if filled else make_notes()


def without(notes: Notes, taken: Notes) -> Notes:
    """The notes whose ids aren't among those taken."""
    return notes[~np.isin(notes["id"], taken["id"])]


def top_line(notes: Notes, floor: int = 52) -> Notes:
    """The melody on top of a texture: one note at a time.

    A note belongs when nothing higher sounds, unless it falls far (a tenth or more) below the line
    of the last beats while the line has only just stopped: then it is accompaniment, and the line
    rests. floor: notes lower than this never belong.
    """
    if not len(notes):
        return notes
    ordered = notes[np.lexsort((-notes["pitch"], notes["start"]))]
    chosen: list[int] = []
    centre, last_end, last_pitch, last_start = 0.0, -10_000, 0, -1
    rows = zip(ordered["start"].tolist(), ordered["duration"].tolist(), ordered["pitch"].tolist(), strict=True)
    for i, (start, duration, pitch) in enumerate(rows):
        if start == last_start or pitch < floor:
            continue
        sounding = start < last_end
        if sounding and pitch < last_pitch:
            continue
        rest = start - last_end
        if chosen and rest < 48 and pitch < centre - 15:
            continue
        if chosen and rest < 24 and last_pitch - pitch > 12 and duration <= 12:
            continue
        chosen.append(i)
        centre = pitch if rest > 192 or not centre else 0.75 * centre + 0.25 * pitch
        last_end, last_pitch, last_start = start + duration, pitch, start
    return monophonic(ordered[chosen])


def bass_line(notes: Notes, half_bar: int = 48, ceiling: int = 62) -> Notes:
    """The bass under a texture: the lowest notes, one at a time, without the upper notes of broken chords.

    A note belongs when nothing lower sounds and it isn't the continuation of a figure: more than a
    tone above a bass note that began less than ``half_bar`` ticks earlier.
    """
    if not len(notes):
        return notes
    ordered = notes[np.lexsort((notes["pitch"], notes["start"]))]
    chosen: list[int] = []
    last_end, last_pitch, last_start = -10_000, 200, -10_000
    rows = zip(ordered["start"].tolist(), ordered["duration"].tolist(), ordered["pitch"].tolist(), strict=True)
    for i, (start, duration, pitch) in enumerate(rows):
        if start == last_start or pitch > ceiling:
            continue
        if start < last_end and pitch > last_pitch:
            continue
        if start - last_start < half_bar and pitch > last_pitch + 2:
            continue
        chosen.append(i)
        last_end, last_pitch, last_start = start + duration, pitch, start
    return monophonic(ordered[chosen], top=False)


def two_voices(notes: Notes) -> tuple[Notes, Notes]:
    """A staff with two voices, apart: (upper, lower). Where one note stands alone, both sing it."""
    if not len(notes):
        return notes, notes
    ordered = notes[np.lexsort((notes["pitch"], notes["start"]))]
    start = ordered["start"].astype(np.int64)
    finish = start + ordered["duration"]
    pitch = ordered["pitch"]
    upper: list[int] = []
    lower: list[int] = []
    i = 0
    held: list[int] = []
    while i < len(ordered):
        j = i
        while j < len(ordered) and start[j] == start[i]:
            j += 1
        held = [k for k in held if finish[k] > start[i]]
        group = list(range(i, j))
        if len(group) >= 2:
            lower.append(group[0])
            upper.append(group[-1])
        elif held:
            other = held[-1]
            (lower if pitch[group[0]] <= pitch[other] else upper).append(group[0])
        else:
            lower.append(group[0])
            upper.append(group[0])
        held += group
        i = j
    return monophonic(ordered[upper]), monophonic(ordered[lower], top=False)


def relay(candidates: Sequence[Notes], bar_starts: np.ndarray, end: int) -> Notes:
    """One line that several instruments carry in turn.

    In each bar the first candidate (they come in order of preference) that plays there is taken; a
    note that was left to another bar's instrument is cut where the next begins.
    """
    filled = [notes for notes in candidates if len(notes)]
    if len(filled) < 2:
        return filled[0] if filled else make_notes()
    edges = np.append(bar_starts, end)
    taken = np.zeros(len(bar_starts), dtype=bool)
    pieces = []
    for notes in filled:
        bar = np.clip(np.searchsorted(edges, notes["start"], side="right") - 1, 0, len(bar_starts) - 1)
        mine = ~taken[bar]
        # A bar is left to the next instrument unless this one really plays in it or sounds through it.
        pieces.append(notes[mine])
        taken[bar[mine]] = True
        last = np.clip(
            np.searchsorted(edges, notes["start"] + notes["duration"] - 1, side="right") - 1, 0, len(bar_starts) - 1
        )
        for a, b in zip(bar[mine].tolist(), last[mine].tolist(), strict=True):
            if b > a + 1:
                taken[a + 1 : b] = True
    return monophonic(merge(pieces))


def thin(notes: Notes, most: int = MAX_TOGETHER) -> Notes:
    """A chordal row with at most ``most`` notes together: outer notes stay, doubled octaves go first.

    Notes of one pitch that overlap are cut or, on the same onset, merged (the longer stays).
    """
    if not len(notes):
        return notes
    order = np.lexsort((-notes["duration"], notes["pitch"], notes["start"]))
    notes = notes[order]
    same = np.append(False, (notes["start"][1:] == notes["start"][:-1]) & (notes["pitch"][1:] == notes["pitch"][:-1]))
    notes = notes[~same].copy()
    # No note past the next of its pitch.
    by_pitch = np.lexsort((notes["start"], notes["pitch"]))
    ordered = notes[by_pitch]
    follows = ordered["pitch"][1:] == ordered["pitch"][:-1]
    gap = np.where(follows, ordered["start"][1:] - ordered["start"][:-1], 1 << 14)
    ordered["duration"][:-1] = np.minimum(ordered["duration"][:-1], floor_durations(gap))
    notes = sort_notes(ordered[ordered["duration"] > 0])
    start, finish, pitch = (
        notes["start"].tolist(),
        (notes["start"] + notes["duration"]).tolist(),
        notes["pitch"].tolist(),
    )
    keep = [True] * len(notes)
    sounding: list[int] = []
    i = 0
    while i < len(notes):
        j = i
        while j < len(notes) and start[j] == start[i]:
            j += 1
        sounding = [k for k in sounding if finish[k] > start[i]]
        group = list(range(i, j))
        room = max(1, most - len(sounding))
        if len(group) > room:
            seen: set[int] = {pitch[k] % 12 for k in sounding}
            ranked = [group[0], group[-1]] if room > 1 else [group[-1]]
            middle = [k for k in group if k not in ranked]
            seen |= {pitch[k] % 12 for k in ranked}
            middle.sort(key=lambda k: (pitch[k] % 12 in seen, -pitch[k]))
            kept = set((ranked + middle)[:room])
            for k in group:
                keep[k] = k in kept
            group = [k for k in group if k in kept]
        if len(sounding) >= most:  # even one more is too many: the oldest stops
            notes["duration"][sounding[0]] = max(3, int(floor_durations(np.array([start[i] - start[sounding[0]]]))[0]))
            sounding = sounding[1:]
        sounding += group
        i = j
    return notes[np.array(keep)]
