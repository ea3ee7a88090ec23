"""Whether a section's tune has a shape: what listeners miss in a dull one, beside the critic's measures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from yuefu.tokens.grid import Cell
from yuefu.workflows.tune_cells import TuneNote, notes_of

#: Semitones that a tune of eight bars spans at least.
SPAN = 11
#: The most that its commonest pitch may have of the notes.
COMMONEST = 0.34
#: The share of notes in common from which a bar is the one before it once again.
ALIKE = 0.6
#: What each fault costs, beside a critic whose judgements lie about one apart.
SPAN_COST, COMMONEST_COST, REPEAT_COST, SAME_COST, PEAK_COST = 0.12, 3.0, 2.0, 0.6, 0.35
#: The most of a tune's steps that may strike the same pitch again.
REPEATED = 0.22


def shape(cells: Sequence[Cell]) -> float:
    """How shapely the bars of a tune are, 0 at best: its span, no pitch too often, no bar twice in a row, one
    summit.

    >>> from yuefu.workflows.tune_cells import TuneNote, cell_of
    >>> arch = [cell_of([TuneNote(24 * i, pitch, 24) for i, pitch in enumerate(bar)]) for bar in
    ...         ((60, 62, 64, 65), (67, 65, 69, 72), (71, 67, 65, 64), (62, 60))]
    >>> drone = [cell_of([TuneNote(24 * i, pitch, 24) for i, pitch in enumerate((60, 62, 60, 60))])] * 4
    >>> shape(arch) == 0 > shape(drone)
    True
    """
    bars = [notes_of(cell) for cell in cells]
    pitches = np.array([note.pitch for bar in bars for note in bar if not note.hold])
    if len(pitches) < 8:
        return 0.0
    value = -SPAN_COST * max(0, min(SPAN, SPAN * len(bars) // 8 + 3) - int(np.ptp(pitches)))
    value -= COMMONEST_COST * max(0.0, Counter(pitches.tolist()).most_common(1)[0][1] / len(pitches) - COMMONEST)
    value -= REPEAT_COST * max(0.0, float(np.mean(np.diff(pitches) == 0)) - REPEATED)
    value -= SAME_COST * sum(_alike(a, b) for a, b in pairwise(bars))
    summit = float(np.mean(pitches == pitches.max()))
    return float(value - PEAK_COST * (summit > 0.15))


def _alike(one: Sequence[TuneNote], other: Sequence[TuneNote]) -> bool:
    """Whether two bars have most of their notes in common."""
    a, b = ({(note.position, note.pitch) for note in bar} for bar in (one, other))
    return min(len(a), len(b)) > 1 and len(a & b) / len(a | b) >= ALIKE
