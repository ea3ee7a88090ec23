"""Play a score: velocities, timing, tempo and pedal as players would shape them."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np

from yuefu.performance.ending import gentler, wants_ritardando
from yuefu.performance.ending import ritardando as slowed
from yuefu.performance.free import free_tempos, is_free
from yuefu.performance.loudness import bar_energy, shape_velocities
from yuefu.performance.manner import Manner, manner_of
from yuefu.performance.pedal import pedal_events
from yuefu.performance.phrases import phrase_starts
from yuefu.performance.timing import separate_repeats, shape_ends, shape_onsets, swung
from yuefu.score.model import Score, TempoChange
from yuefu.score.performed import PERFORMED_DTYPE, Performance


def perform(
    score: Score,
    *,
    style: str = "",
    seed: int = 0,
    energy: Sequence[float] | None = None,
    ritardando: bool | None = None,
    longer: float | None = None,
) -> Performance:
    """How players would play a score; the score itself is unchanged.

    style: a style of the catalogue or a corpus label, ``""`` for the score's own (metadata
    ``"style"``); energy: 0..1 for each bar, None to guess it from sections and density;
    ritardando: whether the end slows down, None for what the style and tempo suggest; longer: the most that
    this may add, as a share of the piece's seconds, None for as much as it does. Swing comes from metadata
    ``"swing"`` (0..1). The same score, style and seed give the same performance.

    Onsets and ends stay within 0.45 tick of the written (swung) ones.

    >>> from yuefu.score.model import Part, make_notes
    >>> notes = make_notes([(i + 1, i * 24, 24, 60 + i, 64) for i in range(8)])
    >>> played = perform(Score(parts=(Part("m", "Melody", notes=notes),)), seed=1).notes["m"]
    >>> len(set(played["velocity"].tolist())) > 3, bool(abs(played["start"] - notes["start"]).max() < 0.45)
    (True, True)
    """
    manner = manner_of(style or str(score.metadata.get("style", "")))
    share = swing_of(score)
    levels = bar_energy(score, energy)
    starts = phrase_starts(score)
    played = {}
    pedals = {}
    for index, part in enumerate(score.parts):
        # Each part has its own stream, so that adding one doesn't change how the others play.
        rng = np.random.default_rng([seed % 2**32, zlib.crc32(part.id.encode()), index])
        notes = np.zeros(len(part.notes), dtype=PERFORMED_DTYPE)
        for name in ("id", "pitch"):
            notes[name] = part.notes[name]
        notes["velocity"] = shape_velocities(part, score, manner, levels, starts, rng)
        on = swung(part.notes["start"].astype(float), score, share)
        off = swung((part.notes["start"] + part.notes["duration"]).astype(float), score, share)
        begin = np.maximum(on + shape_onsets(part, score, manner, rng), 0.0)
        end = separate_repeats(begin, off + shape_ends(part, manner), part.notes)
        notes["start"] = begin
        notes["duration"] = end - begin
        played[part.id] = notes
        if manner.pedal and part.role in ("keys", "pad"):
            events = pedal_events(part, score)
            if events:
                pedals[part.id] = events
    tempos = played_tempos(score, manner, ritardando, longer)
    return Performance(score, played, tempos, pedals)


def played_tempos(
    score: Score, manner: Manner, ritardando: bool | None = None, longer: float | None = None
) -> tuple[TempoChange, ...]:
    """The tempo curve as played: the score's own, slowed at the end where ``perform`` would, or free of the beat."""
    if is_free(score):
        return free_tempos(score)
    if not (wants_ritardando(score, manner) if ritardando is None else ritardando):
        return score.tempos
    final = 0.72 if score.tempo_at(score.last_tick) > 120 else 0.62
    return slowed(score, final) if longer is None else gentler(score, final, longer)


def swing_of(score: Score) -> float:
    """How much eighths swing, 0..1, from metadata ``"swing"``."""
    try:
        value = float(score.metadata.get("swing", 0.0) or 0.0)
    except (TypeError, ValueError):
        return 0.0
    return min(max(value, 0.0), 1.0) if np.isfinite(value) else 0.0
