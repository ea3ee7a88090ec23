"""Play the parts of a performance, each to its own stereo stem.

Stems are float32 arrays of shape (n, 2), dry (no reverb), at the synthesiser's own level.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yuefu.audio.fluidsynth import DRUM_CHANNEL, Synth
from yuefu.audio.loudness import integrated_loudness
from yuefu.errors import LimitError
from yuefu.score.model import TICKS_PER_QUARTER, Part, TempoChange
from yuefu.score.performed import Performance

#: Longest piece that is rendered, in seconds; memory grows by about 2 MB a second for five parts.
LONGEST = 3600.0
#: Longest release after the last note, in seconds; the stem ends earlier when all is still.
TAIL = 4.0
#: Hertz cut from below by role where there is a bass part, and by anybody without one.
_LOW_CUT = {"bass": 30.0, "drums": 30.0, "keys": 70.0, "pad": 110.0}
_LOW_CUT_ALONE = 28.0
#: Frames filtered at a time, to bound memory.
_CHUNK = 1 << 19
_ON, _OFF, _PEDAL = 2, 0, 1


@dataclass(frozen=True)
class Stem:
    """A part alone. audio: float32 (n, 2), stereo as the soundfont places it; loudness: its LUFS."""

    part: Part
    audio: NDArray[np.float32]
    loudness: float


def seconds_of(ticks: NDArray[np.float64], tempos: tuple[TempoChange, ...]) -> NDArray[np.float64]:
    """Clock times of (fractional) ticks by a tempo map.

    >>> seconds_of(np.array([24.0, 72.0]), (TempoChange(0, 60.0), TempoChange(48, 120.0))).tolist()
    [1.0, 2.5]
    """
    starts = np.array([change.tick for change in tempos], dtype=float)
    per_tick = np.array([60.0 / (change.bpm * TICKS_PER_QUARTER) for change in tempos])
    begun = np.concatenate([[0.0], np.cumsum(np.diff(starts) * per_tick[:-1])])
    index = np.clip(np.searchsorted(starts, ticks, side="right") - 1, 0, None)
    return begun[index] + (np.asarray(ticks, dtype=float) - starts[index]) * per_tick[index]


def part_events(performance: Performance, part: Part, sr: int) -> list[tuple[int, int, int, int]]:
    """(frame, kind, pitch or pedal state, velocity) in playing order.

    A note that is struck again while it sounds is released first, so that no release is lost and
    nothing hangs.
    """
    notes = performance.notes[part.id]
    if not len(notes):
        return []
    begin = seconds_of(notes["start"], performance.tempos)
    end = seconds_of(notes["start"] + notes["duration"], performance.tempos)
    on = np.maximum(np.rint(begin * sr).astype(np.int64), 0)
    off = np.maximum(np.rint(end * sr).astype(np.int64), on + 1)
    events: list[tuple[int, int, int, int]] = []
    next_on: dict[int, int] = {}
    for i in np.lexsort((notes["pitch"], on))[::-1].tolist():
        pitch = int(notes["pitch"][i])
        if not 0 <= pitch <= 127 or notes["velocity"][i] <= 0:
            continue
        release = int(off[i])
        if pitch in next_on:
            if next_on[pitch] <= on[i]:
                continue  # the same note twice at once sounds once
            release = min(release, next_on[pitch])
        next_on[pitch] = int(on[i])
        events.append((int(on[i]), _ON, pitch, int(min(notes["velocity"][i], 127))))
        events.append((release, _OFF, pitch, 0))
    for tick, down in performance.pedals.get(part.id, ()):
        at = round(float(seconds_of(np.array([max(tick, 0.0)]), performance.tempos)[0]) * sr)
        events.append((at, _PEDAL, int(down), 0))
    return sorted(events)


def render_part(performance: Performance, part: Part, soundfont: Path, sr: int = 44100) -> NDArray[np.float32]:
    """A part's stem, from the start of the piece until its last sound has died away."""
    events = part_events(performance, part, sr)
    if not events:
        return np.zeros((0, 2), dtype=np.float32)
    channel = DRUM_CHANNEL if part.is_drums else 0
    last = events[-1][0]
    out = np.zeros((last + int(TAIL * sr), 2), dtype=np.float32)
    with Synth(soundfont, sr) as synth:
        synth.select(channel, 0 if part.is_drums else part.program)
        at = 0
        for frame, kind, value, velocity in events:
            if frame > at:
                if synth.sounding:
                    synth.write(out[at:frame])
                at = frame
            if kind == _ON:
                synth.note_on(channel, value, velocity)
            elif kind == _OFF:
                synth.note_off(channel, value)
            else:
                synth.pedal(channel, bool(value))
        synth.pedal(channel, False)
        step = sr // 4
        while at < len(out) and synth.sounding:
            until = min(at + step, len(out))
            synth.write(out[at:until])
            at = until
    return out[:at]


def render_stem(performance: Performance, part: Part, soundfont: Path, sr: int = 44100) -> Stem:
    """A part's stem without the rumble below its range, and its loudness."""
    audio = low_cut(render_part(performance, part, soundfont, sr), cut_frequency(part, performance.score.parts), sr)
    return Stem(part, audio, integrated_loudness(audio, sr))


def cut_frequency(part: Part, parts: tuple[Part, ...]) -> float:
    """Hertz below which a part is cut: high only where another part plays the bass, always under its lowest note."""
    has_bass = any(other.role == "bass" and len(other.notes) for other in parts)
    cut = _LOW_CUT.get(part.role, 90.0) if has_bass else _LOW_CUT_ALONE
    if part.is_drums or not len(part.notes):
        return cut
    lowest = 440.0 * 2 ** ((int(part.notes["pitch"].min()) - 69) / 12)
    return float(max(min(cut, 0.8 * lowest), _LOW_CUT_ALONE))


def low_cut(audio: NDArray[np.float32], frequency: float, sr: int) -> NDArray[np.float32]:
    """A signal (n, 2) through a second-order high-pass; no DC is left."""
    from scipy.signal import butter, sosfilt

    sos = butter(2, frequency, btype="highpass", fs=sr, output="sos")
    state = np.zeros((1, 2, 2))
    out = np.empty_like(audio)
    for start in range(0, len(audio), _CHUNK):
        out[start : start + _CHUNK], state = sosfilt(sos, audio[start : start + _CHUNK], axis=0, zi=state)
    return out


def render_stems(performance: Performance, soundfont: Path, sr: int = 44100) -> Iterator[Stem]:
    """The stems of all parts that sound, those with most sound first, rendered side by side on two threads.

    Raises LimitError for a piece of more than ``LONGEST`` seconds.
    """
    check_length(performance)
    parts = [part for part in performance.score.parts if len(performance.notes.get(part.id, ()))]
    parts.sort(key=lambda part: -float(performance.notes[part.id]["duration"].sum()))
    # Each stem has its own synthesiser, so the threads' timing can't influence the sound.
    workers = min(2, os.cpu_count() or 1, max(len(parts), 1))
    with ThreadPoolExecutor(workers) as pool:
        waiting: list[Future[Stem]] = []
        queue = list(parts)
        while queue or waiting:
            while queue and len(waiting) < workers:
                part = queue.pop(0)
                waiting.append(pool.submit(render_stem, performance, part, soundfont, sr))
            yield waiting.pop(0).result()


def check_length(performance: Performance) -> float:
    """Seconds until the last note ends. Raises LimitError when that is more than ``LONGEST``."""
    ends = [float((notes["start"] + notes["duration"]).max()) for notes in performance.notes.values() if len(notes)]
    seconds = float(seconds_of(np.array([max(ends, default=0.0)]), performance.tempos)[0])
    if seconds > LONGEST:
        raise LimitError(
            f"the piece lasts {seconds / 60:.0f} minutes and at most {LONGEST / 60:.0f} can be rendered: "
            "render a part of it, or play it faster."
        )
    return seconds
