"""Free rhythm (散板, senza misura, alap): a tempo curve that breathes by phrases instead of beating time."""

from __future__ import annotations

import zlib

import numpy as np

from yuefu.performance.phrases import lead_part, phrase_starts
from yuefu.score.model import Score, TempoChange

#: Speeds, of the piece's own, at the beginning of a phrase, where it moves most, and at its end.
BEGIN, MOVE, END = 0.78, 1.45, 0.6
#: Where in the phrase it moves most, of its length.
CREST = 0.55
#: How much slower again a note that ends a phrase is held.
HELD = 0.62
#: How much phrases differ, as a standard deviation of the logarithm of their speed.
SPREAD = 0.13
_STEP = 12


def is_free(score: Score) -> bool:
    """Whether a score asks to be played without a beat (metadata ``"free_rhythm"``)."""
    return bool(score.metadata.get("free_rhythm"))


def free_tempos(score: Score) -> tuple[TempoChange, ...]:
    """Tempo changes for playing a score freely; the piece lasts about as long as it would in time.

    Phrases gather way and give it up, and hold their last note. The same notes give the same curve.
    """
    starts = phrase_starts(score)
    end = score.end_tick
    part = lead_part(score)
    notes = np.zeros(0, dtype="<i4") if part is None else part.notes["start"]
    rng = np.random.default_rng(zlib.crc32(np.ascontiguousarray(notes).tobytes()))
    ticks = np.arange(0, end, _STEP)
    speeds = np.ones(len(ticks))
    for begin, finish in zip(starts[:-1].tolist(), starts[1:].tolist()):
        inside = (ticks >= begin) & (ticks < finish)
        place = (ticks[inside] + _STEP / 2 - begin) / (finish - begin)
        rising = BEGIN + (MOVE - BEGIN) * np.sin(np.pi / 2 * np.minimum(place / CREST, 1.0)) ** 2
        falling = END + (MOVE - END) * np.cos(np.pi / 2 * np.clip((place - CREST) / (1 - CREST), 0, 1)) ** 2
        own = np.where(place < CREST, rising, falling) * np.exp(rng.normal(0, SPREAD))
        last = notes[(notes >= begin) & (notes < finish)]
        if len(last):
            own = np.where(ticks[inside] >= int(last.max()), np.minimum(own, HELD), own)
        speeds[inside] = own
    base = np.array([score.tempo_at(int(tick)) for tick in ticks])
    lasting = (1.0 / base).sum()
    speeds *= (1.0 / (base * speeds)).sum() / lasting  # freely, but no longer or shorter as a whole
    changes = [TempoChange(0, score.tempos[0].bpm)]  # what the score says comes first
    for tick, bpm in zip(ticks.tolist()[1:], (base * speeds).tolist()[1:]):
        bpm = round(float(np.clip(bpm, 12.0, 400.0)), 2)
        if abs(bpm - changes[-1].bpm) > 0.5:
            changes.append(TempoChange(tick, bpm))
    return tuple(changes)
