"""Whether a Score from outside makes musical sense: ranges, order, references.

The model's classes trust their makers; a file's maker is unknown.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from yuefu.errors import FormatError
from yuefu.score.limits import MAX_TICKS, MAX_TRACKS, check_notes, check_ticks
from yuefu.score.model import NOTE_ROWS, MeterChange, Part, Score

_DENOMINATORS = (1, 2, 4, 8, 16, 32, 64)


def check_score(score: Score) -> Score:
    """The same score. Raises FormatError for the first thing that can't be, LimitError beyond the limits."""
    check_notes(score.note_count)
    if len(score.parts) > MAX_TRACKS:
        raise _impossible(f"it has {len(score.parts):,} parts, more than {MAX_TRACKS:,}")
    for name in ("tempos", "keys", "meters"):
        ticks = [change.tick for change in getattr(score, name)]
        if ticks[0] != 0 or any(after <= before for before, after in pairwise(ticks)):
            raise _impossible(f"its {name} aren't in order of time")
        check_ticks(ticks[-1])
    for tempo in score.tempos:
        if not (math.isfinite(tempo.bpm) and 1 <= tempo.bpm <= 10_000):
            raise _impossible(f"it has a tempo of {tempo.bpm}")
    for meter in score.meters:
        _check_meter(meter)
    if not 0 <= score.pickup < score.meters[0].bar_ticks:
        raise _impossible(f"its pick-up of {score.pickup} ticks isn't shorter than a bar")
    if score.length < 0:
        raise _impossible(f"its length is {score.length} ticks")
    check_ticks(score.length)
    for chord in score.chords:
        _check_span(chord.start, chord.duration)
    for section in score.sections:
        _check_span(section.start, section.duration)
    identities = [part.id for part in score.parts]
    if len(set(identities)) < len(identities):
        raise _impossible("two of its parts have the same id")
    numbers = [_check_part(part) for part in score.parts]
    if numbers:
        every = np.concatenate(numbers)
        if len(np.unique(every)) < len(every):
            raise _impossible("two of its notes have the same id")
    return score


def _impossible(what: str) -> FormatError:
    return FormatError(f"this score makes no sense: {what}; give an undamaged copy.")


def _check_meter(meter: MeterChange) -> None:
    possible = 1 <= meter.numerator <= 64 and meter.denominator in _DENOMINATORS
    if not possible or meter.numerator * 96 % meter.denominator:
        raise _impossible(f"it has a time signature of {meter.numerator}/{meter.denominator}")


def _check_span(start: int, duration: int) -> None:
    if start < 0 or duration < 1 or start + duration > MAX_TICKS:
        raise _impossible(f"a chord or section lasts {duration} ticks from tick {start}")


def _check_part(part: Part) -> np.ndarray:
    """The part's note ids."""
    notes = part.notes
    if part.role not in NOTE_ROWS:
        raise _impossible(f"the part '{part.name[:40]}' has the role '{part.role[:20]}'")
    for name in ("program", "volume", "pan"):
        if not 0 <= getattr(part, name) <= 127:
            raise _impossible(f"the part '{part.name[:40]}' has a {name} of {getattr(part, name)}")
    if len(notes):
        start, duration = notes["start"].astype(np.int64), notes["duration"].astype(np.int64)
        if start.min() < 0 or duration.min() < 1 or (start + duration).max() > MAX_TICKS:
            raise _impossible(f"the part '{part.name[:40]}' has notes outside of its time")
        if notes["pitch"].min() < 0 or notes["pitch"].max() > 127:
            raise _impossible(f"the part '{part.name[:40]}' has pitches outside of 0 to 127")
        if notes["velocity"].min() < 1 or notes["velocity"].max() > 127:
            raise _impossible(f"the part '{part.name[:40]}' has velocities outside of 1 to 127")
    known = set(notes["id"].tolist())
    if any(syllable.note_id not in known for syllable in part.syllables):
        raise _impossible(f"the part '{part.name[:40]}' has a syllable without a note")
    if any(not 0 <= direction.tick <= MAX_TICKS for direction in part.directions):
        raise _impossible(f"the part '{part.name[:40]}' has a direction outside of its time")
    return notes["id"]
