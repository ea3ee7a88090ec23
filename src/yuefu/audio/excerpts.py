"""A stretch of a score as sound, quickly: all parts by one synthesiser that stays open, mixed to one channel.

For making many short recordings to learn from. What people listen to is made by ``audio.render``, with a mixer and a
room.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from yuefu.audio.fluidsynth import DRUM_CHANNEL, Synth
from yuefu.audio.synth import part_events
from yuefu.score.model import Part, Score, TempoChange
from yuefu.score.performed import Performance

_CHANNELS = 16
#: Frames that FluidSynth computes at a time; events count from the next ones on.
_BLOCK = 64
_PEDAL, _ON = 1, 2


def cut(score: Score, start: int, end: int) -> Score:
    """The notes that begin between two ticks, moved so that ``start`` is 0, cut off at ``end``; tempo, key and metre as
    at ``start``."""
    parts = []
    for part in score.parts:
        notes = part.notes[(part.notes["start"] >= start) & (part.notes["start"] < end)].copy()
        notes["duration"] = np.minimum(notes["duration"], end - notes["start"])
        notes["start"] -= start
        parts.append(replace(part, notes=notes, syllables=(), directions=()))
    meter, key = score.meter_at(start), [change for change in score.keys if change.tick <= start][-1]
    return replace(
        score, parts=tuple(parts), chords=(), sections=(), pickup=0, length=end - start,
        tempos=(TempoChange(0, score.tempo_at(start)),), keys=(replace(key, tick=0),), meters=(replace(meter, tick=0),),
    )  # fmt: skip


def play(
    synth: Synth, performance: Performance, sr: int, seconds: float, gains: Mapping[str, float] | None = None
) -> NDArray[np.float32]:
    """So many seconds of a performance, mono float32.

    synth: opened with ``sr``; gains: part id -> factor on its velocities. More parts than channels share the last one.
    """
    wanted = round(seconds * sr)
    # Whole blocks, so that the next excerpt begins as the first one did.
    out = np.zeros((-(-wanted // _BLOCK) * _BLOCK, 2), dtype=np.float32)
    channels = _channels(performance.score.parts)
    events: list[tuple[int, int, int, int, int]] = []
    for part in performance.score.parts:
        channel, gain = channels[part.id], (gains or {}).get(part.id, 1.0)
        synth.select(channel, 0 if part.is_drums else part.program)
        for frame, kind, value, velocity in part_events(performance, part, sr):
            loud = int(np.clip(round(velocity * gain), 1, 127)) if kind == _ON else 0
            events.append((frame, kind, channel, value, loud))
    at = 0
    for frame, kind, channel, value, velocity in sorted(events):
        if frame >= len(out):
            break
        if frame > at:
            synth.write(out[at:frame])
            at = frame
        if kind == _ON:
            synth.note_on(channel, value, velocity)
        elif kind == _PEDAL:
            synth.pedal(channel, bool(value))
        else:
            synth.note_off(channel, value)
    synth.write(out[at:])
    for channel in set(channels.values()):
        synth.pedal(channel, False)
        synth.silence(channel)
    return np.asarray(out[:wanted].mean(axis=1), dtype=np.float32)


def _channels(parts: tuple[Part, ...]) -> dict[str, int]:
    free = [channel for channel in range(_CHANNELS) if channel != DRUM_CHANNEL]
    found: dict[str, int] = {}
    for part in parts:
        found[part.id] = DRUM_CHANNEL if part.is_drums else free.pop(0) if len(free) > 1 else free[0]
    return found
