"""From played notes to clean lines: one voice out of many, the bass under a piano, releases.

Functions take and give arrays of ``NOTE_DTYPE`` (ticks, MIDI pitches) with onsets on the grid and
durations as played.
"""

from __future__ import annotations

import numpy as np

from yuefu.score.model import NOTE_DTYPE, Notes, sort_notes

#: Durations that performed releases are rounded to, in ticks.
RELEASES = np.array([6, 12, 18, 24, 36, 48, 72, 96, 144, 192])
#: The highest pitch of a bass note (B3: nearly all left hands lie below).
BASS_TOP = 59
_FAR = 10**6


def notes_from(starts: np.ndarray, durations: np.ndarray, pitches: np.ndarray, velocities: np.ndarray) -> Notes:
    """A sorted note array from columns; ids count from 1; of two notes alike the longer stays."""
    notes = np.zeros(len(starts), dtype=NOTE_DTYPE)
    notes["start"], notes["duration"] = starts, durations
    notes["pitch"], notes["velocity"] = pitches, np.clip(velocities, 1, 127)
    notes = notes[np.lexsort((-notes["duration"], notes["pitch"], notes["start"]))]
    if len(notes):
        again = (np.diff(notes["start"]) == 0) & (np.diff(notes["pitch"]) == 0)
        notes = notes[np.concatenate([[True], ~again])]
    notes["id"] = np.arange(1, len(notes) + 1)
    return notes


def top_line(notes: Notes) -> Notes:
    """The top voice: of each onset the highest note, each cut by the next.

    A lower note that starts while a higher one goes on for more than a quarter note is an inner
    voice and left out; one that starts near its end follows it.
    """
    kept: list[int] = []
    notes = sort_notes(notes)
    onsets, first = np.unique(notes["start"], return_index=True)
    tops = np.concatenate([first[1:], [len(notes)]]) - 1
    for onset, top in zip(onsets.tolist(), tops.tolist(), strict=True):
        if kept:
            held = notes[kept[-1]]
            left = int(held["start"]) + int(held["duration"]) - onset
            if notes[top]["pitch"] < held["pitch"] and left > 24:
                continue
        kept.append(top)
    return _one_voice(notes[kept])


def _one_voice(notes: Notes) -> Notes:
    notes = notes.copy()
    if len(notes) > 1:
        notes["duration"][:-1] = np.minimum(notes["duration"][:-1], np.diff(notes["start"]))
    return notes


def smooth_line(notes: Notes) -> Notes:
    """A sung or played single line written cleanly: plain releases, small gaps before a next note closed.

    Of notes on one onset the highest stays.
    """
    if not len(notes):
        return notes
    notes = sort_notes(notes)
    notes = _one_voice(notes[np.append(np.diff(notes["start"]) > 0, True)])
    room = np.append(np.diff(notes["start"]), _FAR)
    # Long notes end on an eighth: performed lengths say little beyond that.
    step = np.where(notes["duration"] >= 30, 12, 6)
    end = np.round((notes["start"] + notes["duration"]) / step).astype(np.int64) * step
    length = np.maximum(end - notes["start"], np.minimum(room, 6))
    close = room - length <= np.where(room <= 24, 6, 12)
    notes["duration"] = np.where(close, room, np.minimum(length, room))
    return notes


def split_bass(notes: Notes, window: int = 48, bar: int = 96, reach: int = 3) -> tuple[Notes, Notes]:
    """A piano part as (bass, rest): the lowest line below middle C, and everything else.

    A note belongs to the bass when it is the lowest of its onset, at most ``BASS_TOP``, and within
    ``reach`` semitones of the lowest note of its window (ticks; half a bar), so that the upper
    notes of broken chords stay in the rest. The bass is legato up to its next onset, or to the end
    of its bar where the piano leaves it alone. Tick 0 must be the start of a bar.
    """
    notes = sort_notes(notes)
    if not len(notes):
        return notes, notes
    index = notes["start"] // window
    _, member = np.unique(index, return_inverse=True)
    lowest = np.full(member.max() + 1, 127)
    np.minimum.at(lowest, member, notes["pitch"])
    first = np.concatenate([[True], np.diff(notes["start"]) > 0])
    is_bass = first & (notes["pitch"] <= BASS_TOP) & (notes["pitch"] <= lowest[member] + reach)
    bass = notes[is_bass].copy()
    if len(bass):
        room = np.append(np.diff(bass["start"]), _FAR)
        held = np.round(bass["duration"] / 24).astype(np.int64) * 24
        stop = np.maximum((bass["start"] // bar + 1) * bar - bass["start"], held)
        bass["duration"] = np.minimum(room, np.minimum(stop, 2 * bar))
    return bass, notes[~is_bass]


def snap_releases(notes: Notes, most: int = 5) -> Notes:
    """Chords and broken chords written cleanly: releases at a following onset or on a plain duration.

    Notes that start together and end nearly together end together; at most ``most`` notes sound at
    a time (older notes end early, then the softest inner notes of an onset go).
    """
    notes = sort_notes(notes).copy()
    if not len(notes):
        return notes
    onsets, order = np.unique(notes["start"], return_inverse=True)
    played = notes["start"] + notes["duration"]
    nearest = RELEASES[np.abs(RELEASES[None, :] - notes["duration"][:, None]).argmin(axis=1)]
    end = (notes["start"] + nearest).astype(np.int64)
    slack = np.maximum(6, notes["duration"] // 4)
    best = np.full(len(notes), _FAR)
    for step in range(1, 9):
        following = np.where(order + step < len(onsets), onsets[np.minimum(order + step, len(onsets) - 1)], _FAR)
        distance = np.abs(following - played)
        better = (distance <= slack) & (distance < best)
        end = np.where(better, following, end)
        best = np.where(better, distance, best)
    longest = np.zeros(len(onsets), dtype=np.int64)
    np.maximum.at(longest, order, end)
    end = np.where(longest[order] - end <= 12, longest[order], end)
    notes["duration"] = np.clip(end - notes["start"], 4, 384)
    return limit_polyphony(stop_repeats(notes), most)


def stop_repeats(notes: Notes) -> Notes:
    """Each note ends at the latest when its own pitch is struck again."""
    notes = notes[np.lexsort((notes["start"], notes["pitch"]))].copy()
    if len(notes) > 1:
        same = np.diff(notes["pitch"]) == 0
        room = np.where(same, np.diff(notes["start"]), _FAR)
        notes["duration"][:-1] = np.minimum(notes["duration"][:-1], room)
    return sort_notes(notes[notes["duration"] > 0])


def limit_polyphony(notes: Notes, most: int) -> Notes:
    """At most ``most`` notes (two or more) sound at a time.

    Of one onset the softest inner notes go; at a new onset the oldest sounding notes end.
    """
    notes = sort_notes(notes).copy()
    starts, lengths = notes["start"].tolist(), notes["duration"].tolist()
    keep = np.ones(len(notes), dtype=bool)
    sounding: list[int] = []
    index = 0
    while index < len(starts):
        now = starts[index]
        group = []
        while index < len(starts) and starts[index] == now:
            group.append(index)
            index += 1
        while len(group) > most:
            inner = min(group[1:-1], key=lambda i: (int(notes["velocity"][i]), i))
            group.remove(inner)
            keep[inner] = False
        sounding = [i for i in sounding if starts[i] + lengths[i] > now]
        sounding.sort(key=lambda i: starts[i])
        while len(sounding) + len(group) > most:
            oldest = sounding.pop(0)
            lengths[oldest] = now - starts[oldest]
        sounding += group
    notes["duration"] = lengths
    return notes[keep]
