"""Chroma: how much of each pitch class sounds, whatever the octave, and the key that it suggests.

After Ellis 2007, *Chroma feature analysis and synthesis*: each frequency is shared out among the pitch classes by a
Gaussian bump; middle octaves count most. The tuning is found first, by the peaks' distances to semitones.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from yuefu.audio.features.frames import HOP, WINDOW, Floats, frequencies, magnitudes

_CENTRE_OCTAVE, _OCTAVE_WIDTH = 5.0, 2.0
_A440 = 440.0


def estimate_tuning(
    magnitude: Floats, sr: int, window: int = WINDOW, low: float = 150.0, high: float = 4000.0
) -> float:
    """How far the music is from A = 440 Hz, in semitones, -0.5..0.5, to a hundredth.

    The most common distance to a semitone among spectral peaks (placed between bins by a parabola) that are at
    least as loud as the median peak.
    """
    return tuning_of(*spectral_peaks(magnitude, sr, window, low, high))


def tuning_of(hz: NDArray[np.float64], strength: NDArray[np.float64]) -> float:
    """``estimate_tuning`` from the frequencies and strengths of peaks."""
    if not len(hz):
        return 0.0
    loud = hz[strength >= np.median(strength)]
    off = np.mod(12 * np.log2(loud / _A440), 1.0)
    off[off >= 0.5] -= 1.0
    counts, edges = np.histogram(off, np.linspace(-0.5, 0.5, 101))
    return float(edges[np.argmax(counts)])


def spectral_peaks(
    magnitude: Floats, sr: int, window: int = WINDOW, low: float = 150.0, high: float = 4000.0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Frequency and strength of every local maximum between two frequencies above a tenth of its frame's loudest."""
    first, last = np.clip(np.searchsorted(frequencies(sr, window), (low, high)), 1, len(magnitude) - 1)
    here = magnitude[first:last]
    before, after = magnitude[first - 1 : last - 1], magnitude[first + 1 : last + 1]
    peak = (here > before) & (here >= after) & (here > 0.1 * magnitude.max(axis=0))
    before, here, after = (rows[peak].astype(np.float64) for rows in (before, here, after))
    slope = 0.5 * (after - before)
    bend = 2 * here - after - before
    shift = np.divide(slope, bend, out=np.zeros_like(slope), where=np.abs(bend) > np.finfo(np.float32).tiny)
    hz = (np.nonzero(peak)[0] + first + shift) * sr / window
    keep = hz > 0
    return hz[keep], (here + 0.5 * slope * shift)[keep]


@cache
def chroma_bank(sr: int, tuning: float = 0.0, window: int = WINDOW) -> Floats:
    """Weights float32 (12, window // 2 + 1), row 0 for C; each frequency's row sum is its octave's weight."""
    hz = np.arange(1, window) * sr / window
    reference = _A440 * 2.0 ** (tuning / 12)
    bins = 12 * np.log2(hz / (reference / 16))
    bins = np.concatenate([[bins[0] - 18.0], bins])  # the constant part lies one and a half octaves under the first
    widths = np.concatenate([np.maximum(np.diff(bins), 1.0), [1.0]])
    distance = np.mod(bins[None, :] - np.arange(12)[:, None] + 6 + 120, 12) - 6
    weights = np.exp(-0.5 * (2 * distance / widths) ** 2)
    weights /= np.linalg.norm(weights, axis=0, keepdims=True)
    weights *= np.exp(-0.5 * ((bins / 12 - _CENTRE_OCTAVE) / _OCTAVE_WIDTH) ** 2)
    return np.roll(weights, -3, axis=0)[:, : window // 2 + 1].astype(np.float32)  # from A to C


def chroma(
    signal: NDArray[np.floating], sr: int, tuning: float | None = None, window: int = WINDOW, hop: int = HOP
) -> Floats:
    """Pitch classes C..B by frame, float32 (12, frames), each frame's loudest 1. tuning None: found."""
    magnitude = magnitudes(signal, window, hop)
    return chroma_of(magnitude, sr, tuning, window)


def chroma_of(magnitude: Floats, sr: int, tuning: float | None = None, window: int = WINDOW) -> Floats:
    """``chroma`` of a magnitude spectrogram."""
    power = magnitude**2
    return chroma_of_power(power, sr, estimate_tuning(power, sr, window) if tuning is None else tuning, window)


def chroma_of_power(power: Floats, sr: int, tuning: float, window: int = WINDOW) -> Floats:
    """``chroma`` of a power spectrogram (window // 2 + 1, frames)."""
    rows = chroma_bank(sr, tuning, window) @ power
    most = rows.max(axis=0, keepdims=True)
    return np.asarray(np.divide(rows, most, out=np.zeros_like(rows), where=most > 1e-30))


@dataclass(frozen=True, slots=True)
class AudioKey:
    """A key heard in a sound: name such as ``"G minor"``; margin: 0..1 over the next best."""

    name: str
    margin: float


#: Ratings of the twelve degrees, Krumhansl and Kessler 1982.
_MAJOR = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
_MINOR = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])


def key_of(rows: Floats) -> AudioKey:
    """The key whose profile agrees best with the mean chroma (12, frames).

    >>> tones = np.zeros((12, 4), dtype=np.float32); tones[[0, 2, 4, 5, 7, 9, 11]] = 0.4; tones[[0, 4, 7]] = 1
    >>> key_of(tones).name
    'C major'
    """
    from yuefu.theory.key import Key

    mean = rows.mean(axis=1) if rows.size else np.zeros(12)
    if float(np.ptp(mean)) < 1e-6:
        return AudioKey("C major", 0.0)
    names = [Key.of_tonic(tonic, mode).name for mode in ("major", "minor") for tonic in range(12)]
    profiles = [np.roll(profile, tonic) for profile in (_MAJOR, _MINOR) for tonic in range(12)]
    scores = np.array([np.corrcoef(mean, profile)[0, 1] for profile in profiles])
    order = np.argsort(-scores, kind="stable")
    return AudioKey(names[int(order[0])], float(np.clip(scores[order[0]] - scores[order[1]], 0, 1)))
