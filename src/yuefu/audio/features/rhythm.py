"""Onsets, tempo and beats of a sound.

Onset strength is the mean rise of mel bands in dB. Tempo: autocorrelation of the strength with a preference for
tempi near 120 (Ellis 2007, *Beat Tracking by Dynamic Programming*), and the same paper's beat tracker.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from yuefu.audio.features.frames import HOP, WINDOW, Floats, decibels
from yuefu.audio.features.mel import mel_power

#: Seconds of strength that a local tempo looks at; the tempo that is likeliest before listening, and its spread.
_SPAN, _START_BPM, _SPREAD_OCTAVES = 8.0, 120.0, 1.0
_FASTEST = 320.0
#: How strictly beats keep their distance.
_TIGHTNESS = 100.0


def onset_strength(signal: NDArray[np.floating], sr: int, hop: int = HOP) -> Floats:
    """How much begins in each frame, float32 (frames,), 0 and up."""
    return onsets_of(decibels(mel_power(signal, sr, hop=hop)), hop)


def onsets_of(levels: Floats, hop: int = HOP, window: int = WINDOW) -> Floats:
    """``onset_strength`` of mel bands in dB."""
    if levels.shape[1] < 2:
        return np.zeros(levels.shape[1], dtype=np.float32)
    rise = np.maximum(levels[:, 1:] - levels[:, :-1], 0.0).mean(axis=0)
    late = 1 + window // (2 * hop)  # a frame sees what comes half a window later
    return np.pad(rise, (late, 0))[: levels.shape[1]].astype(np.float32)


def estimate_tempo(strength: Floats, sr: int, hop: int = HOP) -> float:
    """Beats a minute, 0 for a signal without onsets."""
    bpm, scores = _tempo_scores(strength, sr, hop)
    return float(bpm[int(np.argmax(scores))]) if len(bpm) else 0.0


def tempo_candidates(strength: Floats, sr: int, count: int = 3, hop: int = HOP) -> list[float]:
    """The likeliest tempi, the first as ``estimate_tempo``; a beat's half or double is often the second."""
    bpm, scores = _tempo_scores(strength, sr, hop)
    inner = scores[1:-1]
    peaks = np.flatnonzero((inner > scores[:-2]) & (inner >= scores[2:]) & np.isfinite(inner)) + 1
    order = peaks[np.argsort(-scores[peaks], kind="stable")]
    best = [int(np.argmax(scores))] if len(scores) else []
    return [float(bpm[place]) for place in list(dict.fromkeys([*best, *order.tolist()]))[:count]]


def _tempo_scores(strength: Floats, sr: int, hop: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Tempi, by lag, and how likely each is (a logarithm); nothing for a signal without onsets."""
    if not strength.any():
        return np.zeros(0), np.zeros(0)
    lags = _tempogram(strength, min(int(_SPAN * sr / hop), len(strength))).mean(axis=1)
    bpm = np.concatenate([[np.inf], 60.0 * sr / hop / np.arange(1, len(lags))])
    prior = -0.5 * ((np.log2(np.maximum(bpm, 1e-9)) - np.log2(_START_BPM)) / _SPREAD_OCTAVES) ** 2
    prior[bpm >= _FASTEST] = -np.inf
    return bpm, np.log1p(1e6 * lags) + prior


def _tempogram(strength: Floats, span: int) -> Floats:
    """Autocorrelation around each frame, float32 (span, frames): row k is the likeness k frames later, at most 1."""
    from scipy.fft import irfft, next_fast_len, rfft

    from yuefu.audio.features.frames import hann

    padded = np.pad(strength.astype(np.float64), span // 2, mode="linear_ramp")
    frames = np.lib.stride_tricks.sliding_window_view(padded, span)[: len(strength)]
    size = next_fast_len(2 * span, real=True)
    out = np.empty((span, len(frames)), dtype=np.float32)
    for first in range(0, len(frames), 512):
        block = frames[first : first + 512] * hann(span)
        likeness = irfft(np.abs(rfft(block, size, axis=1)) ** 2, size, axis=1)[:, :span]
        most = np.abs(likeness).max(axis=1, keepdims=True)
        out[:, first : first + len(block)] = np.divide(
            likeness, most, out=np.zeros_like(likeness), where=most > 1e-30
        ).T
    return out


def track_beats(strength: Floats, sr: int, bpm: float | None = None, hop: int = HOP) -> NDArray[np.int64]:
    """The frames of the beats, in order; none for a signal without onsets. bpm None: estimated."""
    if not strength.any():
        return np.zeros(0, dtype=np.int64)
    bpm = bpm or estimate_tempo(strength, sr, hop)
    period = max(int(np.rint(60.0 * sr / hop / bpm)), 1)
    local = _local_score(strength, period)
    total, before = _chain(local, period)
    last = _last_beat(total)
    if last is None:
        return np.zeros(0, dtype=np.int64)
    beats = [last]
    while before[beats[-1]] >= 0:
        beats.append(int(before[beats[-1]]))
    return _trimmed(local, np.array(beats[::-1], dtype=np.int64))


def _local_score(strength: Floats, period: int) -> NDArray[np.float64]:
    """The strength beside its spread, smoothed over a thirty-second of a beat."""
    spread = strength.std(ddof=1) if len(strength) > 1 else 0.0
    kernel = np.exp(-0.5 * (np.arange(-period, period + 1) * 32.0 / period) ** 2)
    return np.convolve(strength / (spread + np.finfo(np.float32).tiny), kernel, mode="same")[: len(strength)]


def _chain(local: NDArray[np.float64], period: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Best summed score of beats that end at each frame, and the beat before it (-1: none)."""
    count, farthest, nearest = len(local), 2 * period, max(int(np.rint(period / 2)), 1)
    back = np.arange(-farthest, -nearest + 1)
    cost = -_TIGHTNESS * np.log(-back / period) ** 2
    padded = np.zeros(farthest + count)
    total = padded[farthest:]
    before = np.full(count, -1, dtype=np.int64)
    for first in range(0, count, nearest):  # frames nearer to each other than any two beats don't depend on each other
        last = min(first + nearest, count)
        earlier = np.lib.stride_tricks.sliding_window_view(padded[first : last - 1 + len(back)], len(back))
        candidates = earlier + cost
        best = candidates.argmax(axis=1)
        total[first:last] = local[first:last] + candidates[np.arange(last - first), best]
        before[first:last] = np.arange(first, last) + back[best]
    before[: int(np.argmax(local >= 0.01 * local.max()))] = -1  # nothing before the first onset is a beat
    return total, np.maximum(before, -1)


def _last_beat(total: NDArray[np.float64]) -> int | None:
    """The last peak that is at least half as good as the middle one."""
    peaks = np.flatnonzero((total > np.pad(total, (1, 0), mode="edge")[:-1]) & (total >= np.append(total[1:], -np.inf)))
    if not len(peaks):
        return None
    good = peaks[total[peaks] * 2 > np.median(total[peaks])]
    return int(good[-1]) if len(good) else None


def _trimmed(local: NDArray[np.float64], beats: NDArray[np.int64]) -> NDArray[np.int64]:
    """Beats without the weak ones at both ends."""
    if not len(beats):
        return beats
    smooth = np.convolve(local[beats], np.hanning(5), mode="same")
    strong = np.flatnonzero(smooth > 0.5 * np.sqrt(np.mean(smooth**2)))
    return beats[strong[0] : strong[-1] + 1] if len(strong) else beats[:0]
