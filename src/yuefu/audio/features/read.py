"""A sound file as one channel at one rate, which is what features are made of, and what is lost by that."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yuefu.audio.features.frames import Floats

RATE = 22_050
#: Frames of the file read at a time.
_CHUNK = 1 << 18


@dataclass(frozen=True, slots=True)
class Sound:
    """A sound file in one channel, and what is measured of it as it is.

    signal: float32 (n,) at sr; rate, channels: of the file; loudness: LUFS, -inf for silence; momentary: LUFS of
    400 ms, every 100 ms; peak: the highest sample of any channel, 0..1 and more.
    """

    signal: Floats
    sr: int
    rate: int
    channels: int
    loudness: float
    momentary: Floats
    peak: float

    @property
    def seconds(self) -> float:
        """The length."""
        return len(self.signal) / self.sr


def read_sound(path: Path | str, sr: int = RATE, longest: float = 1800.0) -> Sound:
    """A sound file, read piece by piece. longest: seconds. Raises as ``files.read_audio``."""
    from yuefu.audio.files import opened
    from yuefu.audio.loudness import LoudnessMeter, loudness_of, momentary

    with opened(path, longest) as file:
        rate, channels = int(file.samplerate), int(file.channels)
        meter = LoudnessMeter(rate)
        pieces, peak = [np.zeros(0, dtype=np.float32)], 0.0
        while len(piece := file.read(_CHUNK, dtype="float32", always_2d=True)):
            piece = np.nan_to_num(piece[:, :2], posinf=0.0, neginf=0.0)
            peak = max(peak, float(np.abs(piece).max()))
            meter.add(np.repeat(piece, 2, axis=1) if piece.shape[1] == 1 else piece)
            pieces.append(piece.mean(axis=1))
    powers = meter.powers()
    signal = resample(np.concatenate(pieces), rate, sr)
    return Sound(signal, sr, rate, channels, loudness_of(powers), momentary(powers), peak)


def read_mono(path: Path | str, sr: int = RATE, longest: float = 4 * 3600.0) -> Floats:
    """The mean of the first two channels at a rate, float32 (n,). Raises as ``files.read_audio``."""
    from yuefu.audio.files import read_audio

    audio, rate = read_audio(path, longest)
    return resample(audio.mean(axis=1), rate, sr)


def resample(signal: NDArray[np.floating], rate: int, sr: int) -> Floats:
    """A signal (n,) at another rate, by a polyphase filter, float32.

    >>> len(resample(np.zeros(44100), 44100, 22050))
    22050
    """
    if rate == sr or not len(signal):
        return np.asarray(signal, dtype=np.float32)
    from scipy.signal import resample_poly

    common = gcd(rate, sr)
    return np.asarray(resample_poly(signal, sr // common, rate // common), dtype=np.float32)
