"""Frames and spectra: a signal cut into windows, and the power in each frequency."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

WINDOW = 2048
HOP = 512
#: Frames transformed at a time: what they need stays in a core's cache.
_AT_ONCE = 64


@cache
def hann(size: int) -> Floats:
    """The periodic Hann window, float32 (size,)."""
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)).astype(np.float32)


def frames_of(signal: NDArray[np.floating], window: int = WINDOW, hop: int = HOP, mode: str = "constant") -> Floats:
    """Centred frames of a signal (n,) as a view (count, window); the ends are padded (``np.pad``'s mode).

    >>> frames_of(np.ones(1024), 512, 256).shape
    (5, 512)
    """
    padded = np.pad(np.asarray(signal, dtype=np.float32), window // 2, mode=mode)  # type: ignore[call-overload]
    return np.lib.stride_tricks.sliding_window_view(padded, window)[::hop]


def powers(signal: NDArray[np.floating], window: int = WINDOW, hop: int = HOP) -> Iterator[tuple[int, Floats]]:
    """The power spectrogram some frames at a time: the first frame's number, float32 (frames, window // 2 + 1).

    A block is overwritten by the next one.
    """
    from scipy.fft import rfft

    frames = frames_of(signal, window, hop)
    windowed = np.empty((_AT_ONCE, window), dtype=np.float32)
    power = np.empty((_AT_ONCE, window // 2 + 1), dtype=np.float32)
    for first in range(0, len(frames), _AT_ONCE):
        count = min(_AT_ONCE, len(frames) - first)
        spectrum = rfft(np.multiply(frames[first : first + count], hann(window), out=windowed[:count]), axis=1)
        # Squares of the parts, since the absolute value of complex numbers takes far longer.
        block = np.square(spectrum.real, out=power[:count])
        block += np.square(spectrum.imag)
        yield first, block


def frame_count(samples: int, hop: int = HOP) -> int:
    """How many frames a signal of some samples has.

    >>> frame_count(1024, 256)
    5
    """
    return samples // hop + 1


def magnitudes(signal: NDArray[np.floating], window: int = WINDOW, hop: int = HOP) -> Floats:
    """The magnitude spectrogram, float32 (window // 2 + 1, frames); each frame's values lie side by side."""
    out = np.empty((frame_count(len(signal), hop), window // 2 + 1), dtype=np.float32)
    for first, power in powers(signal, window, hop):
        np.sqrt(power, out=out[first : first + len(power)])
    return out.T


def frequencies(sr: int, window: int = WINDOW) -> NDArray[np.float64]:
    """The centre of each band of ``magnitudes`` in Hz, (window // 2 + 1,)."""
    return np.arange(window // 2 + 1) * sr / window


def times(count: int, sr: int, hop: int = HOP) -> NDArray[np.float64]:
    """The middle of each frame in seconds, (count,)."""
    return np.arange(count) * hop / sr


def decibels(power: NDArray[np.floating], reference: float = 1.0, range_db: float | None = 80.0) -> Floats:
    """Power in dB beside a reference, at most ``range_db`` below the loudest; 1e-10 is the floor.

    >>> decibels(np.array([1.0, 0.1, 0.0])).round(1).tolist()
    [0.0, -10.0, -80.0]
    """
    levels = np.log(np.maximum(power, 1e-10), dtype=np.float32)
    levels *= 10 / np.log(10)
    levels -= np.float32(10 * np.log10(max(reference, 1e-10)))
    if range_db is not None and levels.size:
        np.maximum(levels, levels.max() - range_db, out=levels)
    return levels
