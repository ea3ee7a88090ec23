"""Mel bands, their cepstrum (MFCC) and how it moves (deltas).

The mel scale is Slaney's (*Auditory Toolbox*, 1998): linear to 1 kHz, logarithmic above.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from yuefu.audio.features.frames import HOP, WINDOW, Floats, decibels, frame_count, frequencies, powers
from yuefu.errors import InputError

BANDS = 128
COEFFICIENTS = 20
#: Bands multiplied together: neighbours cover nearly the same frequencies, the rest of their filters is zero.
_TOGETHER = 16
_LINEAR_HZ = 200 / 3
_BREAK_HZ = 1000.0
_BREAK_MEL = _BREAK_HZ / _LINEAR_HZ
_LOG_STEP = np.log(6.4) / 27


def mel_of(hz: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Frequencies in mels.

    >>> mel_of(np.array([0.0, 1000.0, 6400.0])).round(2).tolist()
    [0.0, 15.0, 42.0]
    """
    hz = np.asarray(hz, dtype=float)
    above = _BREAK_MEL + np.log(np.maximum(hz, _BREAK_HZ) / _BREAK_HZ) / _LOG_STEP
    return np.where(hz < _BREAK_HZ, hz / _LINEAR_HZ, above)


def hz_of(mel: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Mels in Hz, the inverse of ``mel_of``."""
    mel = np.asarray(mel, dtype=float)
    above = _BREAK_HZ * np.exp(_LOG_STEP * (np.maximum(mel, _BREAK_MEL) - _BREAK_MEL))
    return np.where(mel < _BREAK_MEL, mel * _LINEAR_HZ, above)


@cache
def mel_bank(sr: int, window: int = WINDOW, bands: int = BANDS, low: float = 0.0, high: float = 0.0) -> Floats:
    """Triangular filters of equal area, float32 (bands, window // 2 + 1). high 0: half the rate."""
    edges = hz_of(np.linspace(mel_of(low), mel_of(high or sr / 2), bands + 2))
    centre = frequencies(sr, window)
    rising = (centre - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - centre) / (edges[2:] - edges[1:-1])[:, None]
    area = 2.0 / (edges[2:] - edges[:-2])
    return (np.maximum(0.0, np.minimum(rising, falling)) * area[:, None]).astype(np.float32)


def mel_power(
    signal: NDArray[np.floating], sr: int, bands: int = BANDS, window: int = WINDOW, hop: int = HOP
) -> Floats:
    """Power in mel bands, float32 (bands, frames)."""
    out = np.empty((bands, frame_count(len(signal), hop)), dtype=np.float32)
    for first, power in powers(signal, window, hop):
        mel_of_power(power, sr, window, out[:, first : first + len(power)])
    return out


def mel_of_power(power: Floats, sr: int, window: int, out: Floats) -> None:
    """Write the mel bands (bands, frames) of power spectra (frames, window // 2 + 1)."""
    for rows, low, high, weights in _banded(sr, window, len(out)):
        out[rows] = weights @ power[:, low:high].T


@cache
def _banded(sr: int, window: int, bands: int) -> tuple[tuple[slice, int, int, Floats], ...]:
    """``mel_bank`` cut into groups of bands: which, the frequencies (from, to) that they cover, their weights."""
    bank = mel_bank(sr, window, bands)
    groups = []
    for first in range(0, bands, _TOGETHER):
        rows = slice(first, min(first + _TOGETHER, bands))
        used = np.flatnonzero(bank[rows].any(axis=0))
        low, high = (int(used[0]), int(used[-1]) + 1) if len(used) else (0, 1)
        groups.append((rows, low, high, np.ascontiguousarray(bank[rows, low:high])))
    return tuple(groups)


def log_mel(signal: NDArray[np.floating], sr: int, bands: int = BANDS, window: int = WINDOW, hop: int = HOP) -> Floats:
    """Mel bands in dB, the top 80 dB, float32 (bands, frames)."""
    return decibels(mel_power(signal, sr, bands, window, hop))


def mfcc(levels: Floats, count: int = COEFFICIENTS) -> Floats:
    """Mel-frequency cepstral coefficients of ``log_mel``'s bands: an orthonormal DCT-II, float32 (count, frames)."""
    from scipy.fft import dct

    return np.asarray(dct(levels, axis=0, type=2, norm="ortho")[:count], dtype=np.float32)


def deltas(rows: NDArray[np.floating], width: int = 9, order: int = 1) -> Floats:
    """The slope (order 1) or bend (order 2) of each row over ``width`` frames, by a fitted polynomial.

    Savitzky and Golay 1964. Raises InputError when there are fewer frames than the width, or the width is even.

    >>> deltas(np.arange(12.0)[None]).round(3).tolist()[0][:3]
    [1.0, 1.0, 1.0]
    """
    from scipy.signal import savgol_filter

    if width < 3 or width % 2 == 0:
        raise InputError(f"a width of {width} frames arrived: deltas need an odd one from 3.")
    if rows.shape[-1] < width:
        raise InputError(f"the sound has {rows.shape[-1]} frames, deltas need {width}: give a longer one.")
    out = savgol_filter(rows, width, polyorder=order, deriv=order, axis=-1, mode="interp")
    return np.asarray(out, dtype=np.float32)
