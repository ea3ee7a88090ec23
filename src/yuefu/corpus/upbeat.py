"""Where the bar lines are in a MIDI file that starts with an upbeat and doesn't say so.

Such files count bars from the first note, so every bar line is late by the same amount. The notes
tell: long notes, low notes and notes struck together favour the first beat, and the last bar is
filled up to the upbeat.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from yuefu.score.model import MeterChange, Score

#: How much better another place of the bar line must fit before it is believed.
MARGIN = 1.25
#: How much heavier the other half of the bar must be before an upbeat of half a bar or more is believed.
HALF_MARGIN = 1.6


def on_grid(score: Score) -> Score:
    """The score moved by a few ticks where its notes share an offset from the beat.

    A grace note before the first beat moves everything after it in some programs' MIDI.
    """
    arrays = [part.notes["start"] for part in score.parts if len(part.notes)]
    if not arrays:
        return score
    phase = np.bincount(np.concatenate(arrays) % 24, minlength=24).astype(float)
    fits = [sum(phase[(place + offset) % 24] for place in (0, 0, 6, 12, 12, 18)) for offset in range(24)]
    best = int(np.argmax(fits))
    if best == 0 or fits[best] < 1.5 * fits[0] or best % 6 == 0:
        return score
    parts = []
    for part in score.parts:
        notes = part.notes.copy()
        notes["start"] = np.maximum(notes["start"] - best, 0)
        parts.append(part.with_notes(notes))
    return replace(score, parts=tuple(parts))


def find_upbeat(score: Score) -> Score:
    """The score with its pick-up bar's length set where the evidence is clear; else as it is.

    Only pieces in one metre whose file gives no pick-up are looked at, or those whose first change
    of metre doesn't fall on a bar line (then the remainder is the upbeat).
    """
    meter = score.meters[0]
    bar = meter.bar_ticks
    if score.pickup or bar < 24:
        return score
    if len(score.meters) > 1:
        remainder = score.meters[1].tick % bar
        return replace(score, pickup=remainder) if remainder else score
    best, ratio = estimate_upbeat(score, meter)
    return replace(score, pickup=best) if best and ratio >= MARGIN else score


def estimate_upbeat(score: Score, meter: MeterChange) -> tuple[int, float]:
    """The likeliest upbeat in ticks and how much better than none it fits (a ratio of accents)."""
    bar = meter.bar_ticks
    arrays = [part.notes for part in score.parts if not part.is_drums and len(part.notes)]
    if not arrays:
        return 0, 1.0
    notes = np.concatenate(arrays)
    start = notes["start"].astype(np.int64)
    # An accent is made by length, by a low pitch, and by several notes at once.
    length = np.minimum(notes["duration"].astype(float), bar) ** 0.7
    low = 1.0 + 0.5 * (notes["pitch"] < np.percentile(notes["pitch"], 30))
    accents = np.bincount(start, weights=length * low)
    present = np.nonzero(accents)[0]
    struck = accents[present] ** 0.8
    unit = 12 if meter.denominator >= 8 or bar % 24 else 24
    places = [p for p in range(0, bar, 12) if p % unit == 0 or p <= 12]
    phase = np.bincount(present % bar, weights=struck, minlength=bar)
    total = float(phase.sum()) or 1.0
    last = int(start.max())
    halves = meter.numerator % 2 == 0
    half = bar // 2 if halves else bar

    def fit(place: int) -> float:
        found = phase[place] / total
        if halves:
            found += 0.6 * phase[(place + half) % bar] / total
        return float(found * (1.1 if (last - place) % half == 0 else 1.0))  # pieces end on a strong beat

    # Which half of the bar comes first is hard to hear: the shorter upbeat, unless the accents are clear.
    short = [place for place in places if place < half]
    best = max(short, key=lambda place: (fit(place), -place))
    if not halves and 2 * best > bar and fit(best) < HALF_MARGIN * fit(0):
        return 0, 1.0
    if halves and phase[(best + half) % bar] > HALF_MARGIN * phase[best]:
        best += half
    return best, fit(best) / max(fit(0), 1e-9)
