"""How a piece ends: the final slowing, as a curve of tempo changes.

The curve is the one measured by Friberg and Sundberg, "Does music performance allude to locomotion?"
(J. Acoust. Soc. Am. 105, 1999): speed falls as a runner's who comes to a stop,
v(x) = (1 + (w^q - 1) x)^(1/q), x from 0 to 1 along the slowing, w the last speed, q about 3.
"""

from __future__ import annotations

from dataclasses import replace

from yuefu.performance.manner import Manner
from yuefu.performance.phrases import beat_ticks
from yuefu.score.model import Score, TempoChange

_CURVATURE = 3.0


def wants_ritardando(score: Score, manner: Manner) -> bool:
    """Whether players would slow down: by style and by the tempo at the end; never in pieces under four bars."""
    if len(score.bars) < 4 or not any(len(part.notes) for part in score.parts):
        return False
    return score.tempo_at(score.last_tick) <= manner.ritardando


def ritardando(score: Score, final: float = 0.6) -> tuple[TempoChange, ...]:
    """The score's tempi with its last bar or two slowed down and the last note held.

    final: the last speed as a share of the speed before, 0..1. One bar is slowed in pieces under
    twelve bars, else two. Ticks stay as they are: a held note is a slower tempo.
    """
    bars = score.bars
    onsets = [int(part.notes["start"].max()) for part in score.parts if len(part.notes)]
    if not onsets:
        return score.tempos
    last = max(onsets)
    last_bar = max(bar.index for bar in bars if bar.start <= last)
    step = 12
    # A last note on a bar line belongs to the slowing of the bars before it.
    stop = last if last > bars[last_bar].start else bars[last_bar].start
    first_bar = max(0, last_bar - (1 if len(bars) < 12 else 2) + (1 if stop > bars[last_bar].start else 0))
    start = bars[first_bar].start
    if stop - start < 2 * step:
        start = max(0, stop - bars[last_bar].duration)
    if stop <= start:
        return score.tempos
    changes = [change for change in score.tempos if change.tick < start]
    for tick in range(start, stop, step):
        place = (tick + step / 2 - start) / (stop - start)
        speed = (1 + (final**_CURVATURE - 1) * min(place, 1.0)) ** (1 / _CURVATURE)
        changes.append(TempoChange(tick, _floor(score.tempo_at(tick) * speed)))
    bar = bars[last_bar]
    beat = beat_ticks(bar.numerator, bar.denominator)
    long_already = score.last_tick - stop >= 4 * beat
    held = final * (1.0 if long_already else 0.8)
    changes.append(TempoChange(stop, _floor(score.tempo_at(stop) * held)))
    return tuple(changes)


def gentler(score: Score, final: float, most: float) -> tuple[TempoChange, ...]:
    """A slowing that adds at most a share ``most`` to the piece's seconds: a gentler one than ``final``, or none.

    For a piece whose duration was asked for: in a short one the usual slowing is a tenth of it.
    """
    plain = score.duration
    while final < 1:
        tempos = ritardando(score, final)
        if replace(score, tempos=tempos).duration <= plain * (1 + most):
            return tempos
        final += 0.06
    return score.tempos


def _floor(bpm: float) -> float:
    return round(max(bpm, 12.0), 3)
