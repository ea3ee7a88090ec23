"""The sustain pedal of a piano: changed with the harmony, left alone where it would blur."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from yuefu.score.model import Part, Score

#: General MIDI programs with a sustain pedal that pianists use so.
PEDALLED = range(0, 6)
#: Ticks after the new harmony's onset that the pedal is lifted and pressed again.
LIFT, PRESS = 0.6, 3.0


def pedal_events(part: Part, score: Score) -> tuple[tuple[float, bool], ...]:
    """(tick, down) events for a part: pressed just after each change of harmony, lifted at the next.

    Spans whose lower notes move by step are left dry. Without chord symbols the bars stand for them.
    """
    if part.program not in PEDALLED or part.is_drums or not len(part.notes):
        return ()
    notes = part.notes
    ends = notes["start"] + notes["duration"]
    events: list[tuple[float, bool]] = []
    for start, end in _spans(score):
        inside = (notes["start"] < end) & (ends > start)
        struck = notes[inside & (notes["start"] >= start)]
        if not len(struck) or _blurs(struck["pitch"].astype(int), struck["start"]) or end - start < 12:
            continue
        events += [(start + PRESS, True), (end + LIFT, False)]
    last = float(ends.max())
    return tuple((min(tick, last) if not down else tick, down) for tick, down in events if not down or tick < last)


def _spans(score: Score) -> list[tuple[int, int]]:
    edges = {chord.start for chord in score.chords} | {chord.start + chord.duration for chord in score.chords}
    edges |= {bar.start for bar in score.bars if not score.chords or bar.index % 2 == 0}
    ordered = sorted(edges | {0, score.end_tick})
    return list(pairwise(ordered))


def _blurs(pitch: np.ndarray, start: np.ndarray) -> bool:
    """Whether one pedal over these notes would pile up seconds: a scale, above all a low one."""
    if len(np.unique(start)) < 3:
        return False
    onsets = np.unique(start)
    low = np.array([pitch[start == onset].min() for onset in onsets])
    steps = np.abs(np.diff(low))
    return bool(((steps > 0) & (steps <= 2)).sum() >= max(2, len(steps) // 2))
