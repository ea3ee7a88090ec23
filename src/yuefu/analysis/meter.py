"""The metre, from the notes alone: which bar length and first downbeat explain the accents best.

The beat is known (24 ticks a quarter); what is asked is how beats group. Accents come from long
notes, bass notes, changes of harmony and drums. They are folded by each candidate bar, compared
with the bar's pattern of strong and weak places, and the piece's own repetition at that distance
(autocorrelation) is added.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from yuefu.analysis.grid import Floats
from yuefu.analysis.lines import melody_line, row_notes
from yuefu.score.model import NOTE_DTYPE, TICKS_PER_QUARTER, Notes, Score

#: Resolution of the accents in ticks.
_STEP = 6
_MOST_TICKS = 400_000
# numerator, denominator, strength by eighth.
_CANDIDATES: tuple[tuple[int, int, tuple[float, ...]], ...] = (
    (4, 4, (4, 0, 1, 0, 3, 0, 1, 0)),
    (3, 4, (4, 0, 1.5, 0, 1.5, 0)),
    (2, 4, (4, 0, 1.5, 0)),
    (6, 8, (4, 0, 0.5, 2.5, 0, 0.5)),
    (9, 8, (4, 0, 0.5, 2, 0, 0.5, 2, 0, 0.5)),
    (12, 8, (4, 0, 0.5, 2, 0, 0.5, 3, 0, 0.5, 2, 0, 0.5)),
    (5, 4, (4, 0, 1, 0, 1, 0, 2.5, 0, 1, 0)),
    (7, 8, (4, 0, 1.5, 0, 2.5, 0, 1)),
)
# Weights of the evidence (see _evidence) and leaning towards each candidate, fitted by logistic regression.
_WEIGHTS = np.array([11.0, 5.2, 2.2, 3.5, 1.5, 1.0, 0.9, 2.0, 2.2])
_LEANING = np.array([1.1, 0.3, -0.4, 0.1, -0.1, -0.3, -0.7, -0.7])
_NO_PICKUP = 0.06


@dataclass(frozen=True, slots=True)
class MeterEstimate:
    """A metre: numerator and denominator; pickup: ticks before the first downbeat; confidence: 0..1."""

    numerator: int
    denominator: int
    pickup: int
    confidence: float


def estimate_meter(score: Score) -> MeterEstimate:
    """The time signature that the notes suggest (the score's own is not looked at).

    2/2 is reported as 4/4 and 3/8 as 6/8 or 3/4: they sound alike. Without notes: 4/4 with confidence 0.

    >>> estimate_meter(Score()).confidence
    0.0
    """
    accents = accent_curve(score)
    if not accents.any():
        return MeterEstimate(4, 4, 0, 0.0)
    pitches = tune_pitches(score, len(accents))
    evidence = np.array([_evidence(accents, pitches, pattern)[0] for _, _, pattern in _CANDIDATES])
    scores = evidence @ _WEIGHTS + _LEANING
    best = int(np.argmax(scores))
    numerator, denominator, pattern = _CANDIDATES[best]
    pickup = _evidence(accents, np.zeros(len(accents)), pattern)[1] * _STEP
    return MeterEstimate(numerator, denominator, pickup, float(1.0 / np.exp(scores - scores[best]).sum()))


def _evidence(accents: Floats, pitches: Floats, pattern: tuple[float, ...]) -> tuple[list[float], int]:
    """What speaks for a metre, and the place of its first downbeat.

    The evidence: fit to the pattern, then repetition of accents and of pitches after 1, 2, 4 and 8 bars.
    """
    period = len(pattern) * 2
    shape = np.zeros(period)
    shape[::2] = pattern
    fit, phase = _best_phase(accents, shape)
    lags = [period * bars for bars in (1, 2, 4, 8)]
    return [fit, *(_autocorrelation(accents, lag) for lag in lags), *(_echo(pitches, lag) for lag in lags)], phase


def accent_curve(score: Score) -> Floats:
    """How strongly each place (6 ticks apart from tick 0) is accented, 0 and up."""
    pitched = [part.notes for part in score.parts if not part.is_drums and len(part.notes)]
    drums = row_notes(score, "drums")
    notes = np.concatenate(pitched) if pitched else np.zeros(0, dtype=NOTE_DTYPE)
    everything = np.concatenate([notes, drums])
    if not len(everything):
        return np.zeros(1)
    size = int(min(int(everything["start"].max()), _MOST_TICKS)) // _STEP + 17
    curve = np.zeros(size)
    for row in pitched:
        _add_long_notes(curve, row)
    if len(notes):
        _add_bass(curve, notes)
        curve += _harmony_changes(notes, size)
    for kinds, weight in (((35, 36), 1.0), ((38, 40), 0.3), ((49, 57, 52, 55), 1.5)):
        _add(curve, drums["start"][np.isin(drums["pitch"], kinds)], weight)
    _add(curve, drums["start"], 0.15)
    return curve


def _add(curve: Floats, starts: np.ndarray, weight: float | Floats) -> None:
    places = np.rint(starts / _STEP).astype(np.int64)
    inside = places < len(curve)
    np.add.at(curve, places[inside], weight if isinstance(weight, float) else weight[inside])


def _add_long_notes(curve: Floats, row: Notes) -> None:
    """An onset counts by the time to the row's next one (agogic accent), up to a whole note."""
    starts = np.unique(row["start"]).astype(np.int64)
    gaps = np.append(np.diff(starts), TICKS_PER_QUARTER)
    _add(curve, starts, np.sqrt(np.minimum(gaps, 96) / TICKS_PER_QUARTER) * 0.6)


def _add_bass(curve: Floats, notes: Notes) -> None:
    """Low notes and, more so, moves of the lowest voice fall on strong places."""
    order = np.lexsort((notes["pitch"], notes["start"]))
    starts, pitch = notes["start"][order].astype(np.int64), notes["pitch"][order].astype(np.int64)
    first = np.append(True, np.diff(starts) > 0)
    starts, pitch = starts[first], pitch[first]
    low = pitch <= np.percentile(pitch, 40)
    _add(curve, starts[low], 0.5)


def _harmony_changes(notes: Notes, size: int) -> Floats:
    """At each eighth: how different the pitch classes of the next half bar are from the last, 0..2."""
    eighth = 2 * _STEP
    count = size // 2 + 2
    table = np.zeros((count + 1, 12))
    starts = notes["start"].astype(np.int64)
    first = np.minimum(starts // eighth, count)
    last = np.minimum(np.maximum(-(-(starts + np.minimum(notes["duration"], 384)) // eighth), first + 1), count)
    np.add.at(table, (first, notes["pitch"] % 12), 1.0)
    np.add.at(table, (last, notes["pitch"] % 12), -1.0)
    sounding = table.cumsum(axis=0)[:count]
    total = np.vstack([np.zeros(12), sounding.cumsum(axis=0)])
    reach = 3
    here = np.arange(count)
    after = total[np.minimum(here + reach, count)] - total[here]
    before = total[here] - total[np.maximum(here - reach, 0)]
    sizes = np.linalg.norm(after, axis=1) * np.linalg.norm(before, axis=1)
    change = np.where(sizes > 1e-9, 1.0 - (after * before).sum(axis=1) / np.maximum(sizes, 1e-9), 0.0)
    curve = np.zeros(size)
    curve[::2] = 2.0 * change[: len(curve[::2])]
    return curve


def _fold(curve: Floats, period: int) -> Floats:
    """Mean accent at each place of a bar of ``period`` places."""
    places = np.arange(len(curve)) % period
    return np.bincount(places, weights=curve, minlength=period) / np.maximum(np.bincount(places, minlength=period), 1)


def _best_phase(curve: Floats, pattern: Floats) -> tuple[float, int]:
    """The best correlation of the folded accents with a pattern, and the place of the downbeat."""
    folded = _fold(curve, len(pattern))
    folded = folded - folded.mean()
    centred = pattern - pattern.mean()
    size = np.linalg.norm(folded) * np.linalg.norm(centred)
    if size < 1e-9:
        return 0.0, 0
    fits = np.array([folded @ np.roll(centred, phase) for phase in range(0, len(pattern), 2)]) / size
    fits[0] += _NO_PICKUP
    best = int(np.argmax(fits))
    return float(fits[best]), best * 2


def tune_pitches(score: Score, size: int) -> Floats:
    """Pitch of the top line at each place (6 ticks apart), 0 where it rests."""
    line = melody_line(score)
    pitches = np.zeros(size)
    if len(line):
        places = np.arange(size) * _STEP
        at = np.searchsorted(line["start"], places, side="right") - 1
        sounds = (at >= 0) & (places < line["start"][at] + line["duration"][at])
        pitches[sounds] = line["pitch"][at[sounds]]
    return pitches


def _echo(pitches: Floats, lag: int) -> float:
    """Share (0..1) of the places at which the tune sounds the pitch it sounded a lag before."""
    if len(pitches) < 2 * lag:
        return 0.0
    both = (pitches[lag:] > 0) & (pitches[:-lag] > 0)
    return float((pitches[lag:] == pitches[:-lag])[both].mean()) if both.any() else 0.0


def _autocorrelation(curve: Floats, lag: int) -> float:
    """Correlation of the accents with themselves a lag later, -1..1."""
    if len(curve) < 2 * lag:
        return 0.0
    a, b = curve[:-lag] - curve.mean(), curve[lag:] - curve.mean()
    size = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum() / size) if size > 1e-9 else 0.0
