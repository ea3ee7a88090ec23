"""Signals whose features are known: for tests, and for comparing with other programs."""

from __future__ import annotations

import numpy as np

from yuefu.audio.features.frames import Floats


def example_signal(sr: int, seconds: float = 4.0, seed: int = 5) -> Floats:
    """Chords of decaying harmonics on a beat of 120, a click on each beat and a little noise; float32 (n,)."""
    rng = np.random.default_rng(seed)
    count = int(sr * seconds)
    out = 0.002 * rng.standard_normal(count)
    time = np.arange(count) / sr
    for beat, root in enumerate((60, 65, 67, 60, 57, 62, 67, 60)):
        start = beat * 0.5
        after = np.maximum(time - start, 0.0)
        sounding = (time >= start) * np.exp(-4 * after)
        for interval in (0, 4, 7):
            hz = 440.0 * 2 ** ((root + interval - 69) / 12)
            for harmonic in range(1, 6):
                out += 0.05 / harmonic * sounding * np.sin(2 * np.pi * hz * harmonic * after)
        out += 0.2 * (time >= start) * np.exp(-200 * after) * rng.standard_normal(count)
    return np.asarray(np.clip(out, -1, 1), dtype=np.float32)


#: A tune as MIDI pitches, 0 for a rest.
_SUNG = (60, 62, 64, 67, 64, 62, 60, 0, 57, 60, 62, 64, 62, 60, 57, 0)
#: Formants of an open vowel: Hz, width, strength.
_FORMANTS = ((700.0, 120.0, 1.0), (1150.0, 150.0, 0.6), (2700.0, 250.0, 0.25), (3500.0, 300.0, 0.15))


def sung_signal(sr: int, seconds: float = 8.0) -> Floats:
    """A tune as a voice would sing it on one vowel, with vibrato and two rests in sixteen notes; float32 (n,)."""
    note = seconds / len(_SUNG)
    time = np.arange(int(sr * note)) / sr
    rise = np.clip(np.minimum(time / 0.05, (note - time) / 0.08), 0, 1)
    out = np.zeros(int(sr * seconds))
    for number, pitch in enumerate(_SUNG):
        if not pitch:
            continue
        hz = 440 * 2 ** ((pitch - 69) / 12)
        phase = 2 * np.pi * np.cumsum(hz * (1 + 0.006 * np.sin(2 * np.pi * 5.5 * time))) / sr
        start = round(number * note * sr)
        for harmonic in range(1, int(min(30.0, 0.45 * sr / hz))):
            shape = sum(s * np.exp(-0.5 * ((hz * harmonic - f) / w) ** 2) for f, w, s in _FORMANTS)
            place = out[start : start + len(time)]
            place += (0.1 * (shape + 0.02 / harmonic) * rise * np.sin(harmonic * phase))[: len(place)]
    return out.astype(np.float32)


def speech_signal(sr: int, seconds: float = 6.0, seed: int = 3) -> Floats:
    """Short gliding sounds with little pauses, which is how speech differs from song; float32 (n,)."""
    rng = np.random.default_rng(seed)
    out = np.zeros(int(sr * seconds))
    at = 0
    while True:
        size = int(rng.uniform(0.12, 0.3) * sr)
        if at + size > len(out):
            return out.astype(np.float32)
        time = np.arange(size) / sr
        glide = 1 + rng.uniform(-0.2, 0.2) * np.linspace(0, 1, size)
        phase = 2 * np.pi * np.cumsum(rng.uniform(130, 260) * glide) / sr
        rise = np.clip(np.minimum(time / 0.02, (size / sr - time) / 0.04), 0, 1)
        for harmonic in range(1, 20):
            out[at : at + size] += 0.1 / harmonic * rise * np.sin(harmonic * phase)
        at += size + int(rng.uniform(0.0, 0.15) * sr)
