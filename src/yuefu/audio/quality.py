"""How near one recording is to another: what can be computed, and what it can't say.

All of these compare sound, not music. MSE and SNR need both recordings aligned to the sample: a shift of a
millisecond ruins them, though nobody hears it. The log-spectral distance forgives phase, but not time. The timbre
distance compares what the whole sounds like and forgives time altogether, melody included: two different songs by
one band may be near. Loudness says how loud, not how good. None of them says whether anybody would like it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yuefu.audio.features.frames import powers
from yuefu.audio.features.mel import log_mel, mfcc
from yuefu.audio.loudness import integrated_loudness
from yuefu.errors import InputError


@dataclass(frozen=True, slots=True)
class Quality:
    """Two recordings beside each other, over the shorter one's length.

    mse: mean square difference; snr: dB of the reference over the difference; log_spectral: dB; timbre: 0 for equal
    statistics of MFCC; loudness: LUFS, of the other less the reference; fitted_snr: snr of the other one at the gain
    at which it is nearest, so that being louder isn't counted as being wrong.
    """

    mse: float
    snr: float
    log_spectral: float
    timbre: float
    loudness: float
    fitted_snr: float


def compare(reference: NDArray[np.floating], other: NDArray[np.floating], sr: int) -> Quality:
    """Both recordings mono (n,) at the same rate. Raises InputError for less than half a second."""
    count = min(len(reference), len(other))
    if count < sr // 2:
        raise InputError(f"{count / sr:.2f} s arrived: recordings of at least half a second can be compared.")
    one, two = reference[:count], other[:count]
    levels = [integrated_loudness(np.repeat(np.asarray(s, np.float32)[:, None], 2, axis=1), sr) for s in (one, two)]
    difference = levels[1] - levels[0] if np.isfinite(levels).all() else float("nan")
    return Quality(
        mean_square_error(one, two), signal_to_noise(one, two), log_spectral_distance(one, two),
        timbre_distance(reference, other, sr), difference, fitted_signal_to_noise(one, two),
    )  # fmt: skip


def mean_square_error(reference: NDArray[np.floating], other: NDArray[np.floating]) -> float:
    """Of two aligned signals of one length."""
    return float(np.mean((np.asarray(reference, np.float64) - other) ** 2))


def signal_to_noise(reference: NDArray[np.floating], other: NDArray[np.floating]) -> float:
    """The reference's power over the difference's in dB, inf for equal signals, -inf beside silence.

    >>> signal_to_noise(np.ones(100), np.full(100, 0.9))
    20.0
    """
    wrong = mean_square_error(reference, other)
    if wrong == 0:
        return float("inf")
    power = float(np.mean(np.square(reference, dtype=np.float64)))
    return round(10 * float(np.log10(power / wrong)), 10) if power else float("-inf")


def fitted_signal_to_noise(reference: NDArray[np.floating], other: NDArray[np.floating]) -> float:
    """``signal_to_noise`` of the other signal at the gain at which it is nearest to the reference; inf for equal ones.

    >>> fitted_signal_to_noise(np.array([1.0, 0.0]), np.array([3.0, 3.0])).__round__(2)
    3.01
    """
    one, two = (np.asarray(signal, dtype=np.float64) for signal in (reference, other))
    power = float(two @ two)
    return signal_to_noise(one, two * (float(one @ two) / power)) if power > 0 else 0.0


def log_spectral_distance(reference: NDArray[np.floating], other: NDArray[np.floating]) -> float:
    """The root mean square difference of spectra in dB over frequencies, averaged over frames that sound.

    Gray and Markel 1976. What lies 60 dB below a recording's loudest doesn't count as louder than that.
    """
    both = (reference, other)
    floors = [10 * np.log10(max(float(block.max()) for _, block in powers(s)) + 1e-12) - 60 for s in both]
    total, count = 0.0, 0
    for (_, one), (_, two) in zip(*map(powers, both)):
        levels = [10 * np.log10(block.astype(np.float64) + 1e-12) for block in (one, two)]
        heard = np.any([level.max(axis=1) > floor for level, floor in zip(levels, floors)], axis=0)
        lower, upper = (np.maximum(level[heard], floor) for level, floor in zip(levels, floors))
        total += float(np.sqrt(((lower - upper) ** 2).mean(axis=1)).sum())
        count += int(heard.sum())
    return total / count if count else 0.0


def timbre_distance(reference: NDArray[np.floating], other: NDArray[np.floating], sr: int) -> float:
    """The symmetric Kullback-Leibler divergence of MFCC as Gaussians, a coefficient. Mandel and Ellis 2005."""

    def statistics(signal: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        rows = mfcc(log_mel(signal, sr), 13)[1:].astype(np.float64)  # without the first, which is loudness
        return rows.mean(axis=1), np.cov(rows) + 1e-2 * np.eye(len(rows))

    (mean_a, cov_a), (mean_b, cov_b) = statistics(reference), statistics(other)
    inverse_a, inverse_b = np.linalg.inv(cov_a), np.linalg.inv(cov_b)
    apart = mean_a - mean_b
    size = len(mean_a)
    divergence = np.trace(inverse_b @ cov_a) + np.trace(inverse_a @ cov_b) - 2 * size
    divergence += apart @ (inverse_a + inverse_b) @ apart
    return float(max(divergence, 0.0) / (2 * size))
