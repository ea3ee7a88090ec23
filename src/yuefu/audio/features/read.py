"""A sound file as one channel at one rate, which is what features are made of."""

from __future__ import annotations

from math import gcd
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yuefu.audio.features.frames import Floats

RATE = 22_050


def read_mono(path: Path | str, sr: int = RATE) -> Floats:
    """The mean of both channels at a rate, float32 (n,). Raises as ``files.read_audio``."""
    from yuefu.audio.files import read_audio

    audio, rate = read_audio(path)
    return resample(audio.mean(axis=1), rate, sr)


def resample(signal: NDArray[np.floating], rate: int, sr: int) -> Floats:
    """A signal (n,) at another rate, by a polyphase filter, float32.

    >>> len(resample(np.zeros(44100), 44100, 22050))
    22050
    """
    if rate == sr:
        return np.asarray(signal, dtype=np.float32)
    from scipy.signal import resample_poly

    common = gcd(rate, sr)
    return np.asarray(resample_poly(signal, sr // common, rate // common), dtype=np.float32)
