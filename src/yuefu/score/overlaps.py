"""Overlapping unisons: one instrument can't hold the same pitch twice."""

from __future__ import annotations

import numpy as np

from yuefu.score.model import Notes, sort_notes


def trim_overlaps(notes: Notes) -> Notes:
    """The notes, sorted, with every pitch sounding once at a time.

    Of notes that start together on one pitch the longest stays; a note still sounding when its
    pitch is struck again ends there.

    >>> from yuefu.score.model import make_notes
    >>> trim_overlaps(make_notes([(1, 0, 48, 60, 80), (2, 24, 48, 60, 80)]))["duration"].tolist()
    [24, 48]
    """
    if len(notes) < 2:
        return notes
    # By pitch and start, the longest first, so that equal neighbours keep the longest.
    by_pitch = notes[np.lexsort((-notes["duration"], notes["start"], notes["pitch"]))]
    pitch, start = by_pitch["pitch"], by_pitch["start"]
    doubled = np.zeros(len(by_pitch), dtype=bool)
    doubled[1:] = (pitch[1:] == pitch[:-1]) & (start[1:] == start[:-1])
    kept = by_pitch[~doubled].copy()
    same = kept["pitch"][1:] == kept["pitch"][:-1]
    gap = kept["start"][1:] - kept["start"][:-1]
    kept["duration"][:-1] = np.where(same, np.minimum(kept["duration"][:-1], gap), kept["duration"][:-1])
    return sort_notes(kept)
