"""The shape of a spectrum: where its weight lies, how wide, how noisy, how peaked; and the signal's level."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from yuefu.audio.features.frames import HOP, WINDOW, Floats, decibels, frames_of, frequencies

#: Octave bands of the contrast, in Hz: 0-200, 200-400 ... 6400-12800.
_LOWEST, _OCTAVES, _QUANTILE = 200.0, 6, 0.02


def _shares(magnitude: Floats) -> Floats:
    total = magnitude.sum(axis=0, keepdims=True)
    return np.asarray(np.divide(magnitude, total, out=np.zeros_like(magnitude), where=total > 1e-30))


def centroid(magnitude: Floats, sr: int, window: int = WINDOW) -> NDArray[np.float64]:
    """The mean frequency of each frame, weighted by magnitude, in Hz (frames,)."""
    return np.asarray(frequencies(sr, window) @ _shares(magnitude))


def bandwidth(magnitude: Floats, sr: int, window: int = WINDOW) -> NDArray[np.float64]:
    """The standard deviation around the centroid, in Hz (frames,)."""
    shares = _shares(magnitude)
    hz = frequencies(sr, window)
    middle = hz @ shares
    return np.sqrt(np.maximum(((hz[:, None] - middle) ** 2 * shares).sum(axis=0), 0.0))


def rolloff(magnitude: Floats, sr: int, share: float = 0.85, window: int = WINDOW) -> NDArray[np.float64]:
    """The frequency under which ``share`` of the magnitude lies, in Hz (frames,); 0 for silence."""
    summed = np.cumsum(magnitude, axis=0)
    return frequencies(sr, window)[np.argmax(summed >= share * summed[-1], axis=0)]


def flatness(magnitude: Floats) -> Floats:
    """Geometric over arithmetic mean of the power, 0 (a tone) .. 1 (white noise), (frames,)."""
    power = np.maximum(magnitude.astype(np.float64) ** 2, 1e-10)
    return np.asarray(np.exp(np.log(power).mean(axis=0)) / power.mean(axis=0), dtype=np.float32)


def contrast(magnitude: Floats, sr: int, window: int = WINDOW) -> Floats:
    """Peaks over valleys in octave bands, in dB, float32 (7, frames). Jiang et al. 2002.

    A band's peak and valley are the means of its loudest and quietest 2%. Above half the rate there is nothing: for
    a rate under 25.6 kHz the last band ends there.
    """
    hz = frequencies(sr, window)
    edges = np.concatenate([[0.0], _LOWEST * 2.0 ** np.arange(_OCTAVES + 1)])
    peaks, valleys = np.zeros((_OCTAVES + 1, magnitude.shape[1])), np.zeros((_OCTAVES + 1, magnitude.shape[1]))
    for band in range(_OCTAVES + 1):
        inside = np.flatnonzero((hz >= edges[band]) & (hz <= edges[band + 1]))
        if not len(inside):
            continue
        if band:
            inside = np.concatenate([[inside[0] - 1], inside])
        if band == _OCTAVES:
            inside = np.arange(inside[0], len(hz))
        else:
            rows = magnitude[inside][:-1]
        if band == _OCTAVES:
            rows = magnitude[inside]
        count = max(int(np.rint(_QUANTILE * len(inside))), 1)
        ordered = np.sort(rows, axis=0)
        valleys[band], peaks[band] = ordered[:count].mean(axis=0), ordered[-count:].mean(axis=0)
    return decibels(peaks, range_db=80.0) - decibels(valleys, range_db=80.0)


def zero_crossings(signal: NDArray[np.floating], window: int = WINDOW, hop: int = HOP) -> Floats:
    """The share of neighbouring samples with opposite signs, by frame, 0..1 (frames,)."""
    frames = frames_of(signal, window, hop, "edge")
    negative = np.signbit(np.where(np.abs(frames) <= 1e-10, 0.0, frames))
    crossing = np.diff(negative.astype(np.int8), axis=1) != 0
    return np.asarray(crossing.sum(axis=1) / window, dtype=np.float32)


def rms(signal: NDArray[np.floating], window: int = WINDOW, hop: int = HOP) -> Floats:
    """The root of the mean square, by frame (frames,)."""
    padded = np.pad(np.asarray(signal, dtype=np.float64), window // 2)
    summed = np.concatenate([[0.0], np.cumsum(padded**2)])
    starts = np.arange(0, len(padded) - window + 1, hop)
    return np.sqrt(np.maximum(summed[starts + window] - summed[starts], 0.0) / window).astype(np.float32)
