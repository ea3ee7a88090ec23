"""A signal whose features are known: for tests, and for comparing with other programs."""

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
