"""Rows and melodic lines of a score: who plays what, and the tune to follow."""

from __future__ import annotations

import numpy as np

from yuefu.analysis.grid import Floats
from yuefu.score.model import NOTE_DTYPE, NOTE_ROWS, Notes, Score, sort_notes


def row_notes(score: Score, role: str) -> Notes:
    """All notes of a role, of however many parts, sorted by start and pitch."""
    found = [part.notes for part in score.parts if part.role == role and len(part.notes)]
    return sort_notes(np.concatenate(found)) if found else np.zeros(0, dtype=NOTE_DTYPE)


def rows_of(score: Score) -> dict[str, Notes]:
    """The rows that have notes, in the order of ``NOTE_ROWS``."""
    rows = {role: row_notes(score, role) for role in NOTE_ROWS}
    return {role: notes for role, notes in rows.items() if len(notes)}


def skyline(notes: Notes) -> Notes:
    """The top note at each onset, cut off by the next onset: a line of one note at a time.

    A note that starts under a longer and higher one is left out while that one sounds, if
    the higher one lasts at least as long again.
    """
    if not len(notes):
        return notes
    order = np.lexsort((-notes["pitch"].astype(np.int64), notes["start"]))
    notes = notes[order]
    first = np.append(True, np.diff(notes["start"]) > 0)
    line = notes[first].copy()
    line = line[~_covered(line)]
    gap = np.diff(line["start"])
    line["duration"][:-1] = np.minimum(line["duration"][:-1], gap)
    return line


def _covered(line: Notes) -> np.ndarray:
    """Which notes of a top line only accompany a longer, higher note that still sounds."""
    covered = np.zeros(len(line), dtype=bool)
    starts = line["start"].astype(np.int64)
    ends = starts + line["duration"]
    if not (ends[:-1] > starts[1:]).any():
        return covered
    top_end, top_pitch = -1, -1
    for index, (start, end, pitch) in enumerate(zip(starts.tolist(), ends.tolist(), line["pitch"].tolist())):
        if start < top_end and pitch < top_pitch and top_end - start >= end - start:
            covered[index] = True
        else:
            top_end, top_pitch = end, pitch
    return covered


def melody_line(score: Score) -> Notes:
    """The tune, one note at a time: of the melody row, or else of the highest pitched row.

    >>> len(melody_line(Score()))
    0
    """
    rows = rows_of(score)
    rows.pop("drums", None)
    if not rows:
        return np.zeros(0, dtype=NOTE_DTYPE)
    if "melody" not in rows:
        name = max(rows, key=lambda role: (float(rows[role]["pitch"].mean()), -NOTE_ROWS.index(role)))
        return skyline(rows[name])
    return skyline(rows["melody"])


def entropy(counts: Floats) -> float:
    """Shannon entropy of counts in bits; 0 for none.

    >>> entropy(np.array([1.0, 1.0, 0.0]))
    1.0
    """
    total = counts.sum()
    if total <= 0:
        return 0.0
    share = counts[counts > 0] / total
    return float(-(share * np.log2(share)).sum()) + 0.0
