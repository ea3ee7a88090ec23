"""The shape of a spectrum: where its weight lies, how wide, how noisy, how peaked; and the signal's level."""

from __future__ import annotations

from math import gcd

import numpy as np
from numpy.typing import NDArray

from yuefu.audio.features.frames import HOP, WINDOW, Floats, decibels, frequencies

#: Octave bands of the contrast, in Hz: 0-200, 200-400 ... 6400-12800.
_LOWEST, _OCTAVES, _QUANTILE = 200.0, 6, 0.02


def _moments(magnitude: Floats, hz: NDArray[np.float64], orders: int) -> NDArray[np.float64]:
    """Means of the frequency's powers 1..orders, weighted by magnitude, (orders, frames); 0 for silent frames."""
    powers = hz[None, :] ** np.arange(orders + 1)[:, None]
    sums = np.empty((orders + 1, magnitude.shape[1]))
    for first in range(0, magnitude.shape[1], 256):  # the float64 copy stays small
        sums[:, first : first + 256] = powers @ magnitude[:, first : first + 256].astype(np.float64)
    return np.divide(sums[1:], sums[0], out=np.zeros_like(sums[1:]), where=sums[0] > 1e-30)


def centroid(magnitude: Floats, sr: int, window: int = WINDOW) -> NDArray[np.float64]:
    """The mean frequency of each frame, weighted by magnitude, in Hz (frames,)."""
    return _moments(magnitude, frequencies(sr, window), 1)[0]


def bandwidth(magnitude: Floats, sr: int, window: int = WINDOW) -> NDArray[np.float64]:
    """The standard deviation around the centroid, in Hz (frames,)."""
    return centroid_and_bandwidth(magnitude, sr, window)[1]


def centroid_and_bandwidth(
    magnitude: Floats, sr: int, window: int = WINDOW
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both at once, in Hz (frames,)."""
    mean, square = _moments(magnitude, frequencies(sr, window), 2)
    return mean, np.sqrt(np.maximum(square - mean**2, 0.0))


def rolloff(magnitude: Floats, sr: int, share: float = 0.85, window: int = WINDOW) -> NDArray[np.float64]:
    """The frequency under which ``share`` of the magnitude lies, in Hz (frames,); 0 for silence."""
    summed = np.cumsum(magnitude, axis=0)
    return frequencies(sr, window)[np.argmax(summed >= share * summed[-1], axis=0)]


def flatness(magnitude: Floats) -> Floats:
    """Geometric over arithmetic mean of the power, 0 (a tone) .. 1 (white noise), (frames,)."""
    power = np.maximum(magnitude**2, 1e-10)
    mean = power.mean(axis=0, dtype=np.float64)
    return np.asarray(np.exp(np.log(power, out=power).mean(axis=0, dtype=np.float64)) / mean, dtype=np.float32)


def contrast(magnitude: Floats, sr: int, window: int = WINDOW) -> Floats:
    """Peaks over valleys in octave bands, in dB, float32 (7, frames). Jiang et al. 2002.

    A band's peak and valley are the means of its loudest and quietest 2%. The last band goes on to half the rate; a
    band above that is 0.
    """
    return contrast_of(*peaks_and_valleys(magnitude, sr, window))


def contrast_of(peaks: NDArray[np.float64], valleys: NDArray[np.float64]) -> Floats:
    """``contrast`` from ``peaks_and_valleys`` of the whole sound."""
    return (decibels(peaks, range_db=80.0) - decibels(valleys, range_db=80.0)) * (peaks.max(axis=1) > 0)[:, None]


def peaks_and_valleys(
    magnitude: Floats, sr: int, window: int = WINDOW
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The loudest and the quietest of each octave band, both (7, frames); 0 for bands above half the rate."""
    hz = frequencies(sr, window)
    low = np.concatenate([[0.0], _LOWEST * 2.0 ** np.arange(_OCTAVES)])
    first = np.maximum(np.searchsorted(hz, low) - 1, 0)  # from the bin below the edge
    last = np.append(first[1:], len(hz))
    # The bins at both edges count for the 2%, though the upper one belongs to the next band.
    touching = last - first
    touching[:-1] += 1
    shape = (_OCTAVES + 1, magnitude.shape[1])
    peaks, valleys = np.zeros(shape), np.zeros(shape)
    for band in np.flatnonzero(low < hz[-1]):
        count = max(int(np.rint(_QUANTILE * touching[band])), 1)
        ordered = np.sort(magnitude[first[band] : last[band]].T, axis=1)
        valleys[band], peaks[band] = ordered[:, :count].mean(axis=1), ordered[:, -count:].mean(axis=1)
    return peaks, valleys


def zero_crossings(signal: NDArray[np.floating], window: int = WINDOW, hop: int = HOP) -> Floats:
    """The share of neighbouring samples with opposite signs, by frame, 0..1 (frames,)."""
    negative = np.pad(np.asarray(signal, dtype=np.float32), window // 2, mode="edge") < -1e-10
    crossed = np.concatenate([[0], np.cumsum(negative[1:] != negative[:-1], dtype=np.int32)])
    starts = np.arange(0, len(negative) - window + 1, hop)
    return ((crossed[starts + window - 1] - crossed[starts]) / window).astype(np.float32)


def rms(signal: NDArray[np.floating], window: int = WINDOW, hop: int = HOP) -> Floats:
    """The root of the mean square, by frame (frames,)."""
    step = gcd(window, hop)
    padded = np.pad(np.asarray(signal, dtype=np.float32), window // 2)
    steps = padded[: len(padded) // step * step].reshape(-1, step)
    sums = np.einsum("ij,ij->i", steps, steps).astype(np.float64)
    summed = np.convolve(sums, np.ones(window // step), mode="valid")
    return np.sqrt(summed[:: hop // step] / window).astype(np.float32)
