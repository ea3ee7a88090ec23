"""Loudness after ITU-R BS.1770, in LUFS: K-weighting, gated mean square over 400 ms blocks.

The same measure as pyloudnorm's (the tests compare them), in a fifth of its time.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

_BLOCK = 0.4
_OVERLAP = 4
#: Steps (of 100 ms) filtered at a time, to bound memory.
_STEPS_AT_ONCE = 128
_ABSOLUTE_GATE = -70.0
_RELATIVE_GATE = -10.0


@cache
def k_weighting(sr: int) -> NDArray[np.float64]:
    """The two K-weighting filters as second-order sections (2, 6): a high shelf and a high-pass."""
    # The standard's analogue prototypes, as biquads for any rate.
    gain, q, corner = 3.999843853973347, 0.7071752369554196, 1681.974450955533
    k = np.tan(np.pi * corner / sr)
    high = 10 ** (gain / 20)
    band = high**0.4996667741545416
    norm = 1 + k / q + k * k
    shelf = [high + band * k / q + k * k, 2 * (k * k - high), high - band * k / q + k * k]
    shelf = [*(b / norm for b in shelf), 1.0, 2 * (k * k - 1) / norm, (1 - k / q + k * k) / norm]
    q, corner = 0.5003270373238773, 38.13547087602444
    k = np.tan(np.pi * corner / sr)
    norm = 1 + k / q + k * k
    high_pass = [1.0, -2.0, 1.0, 1.0, 2 * (k * k - 1) / norm, (1 - k / q + k * k) / norm]
    return np.array([shelf, high_pass])


class LoudnessMeter:
    """Loudness of sound that arrives piece by piece.

    >>> meter = LoudnessMeter(44100)
    >>> meter.add(np.zeros((1000, 2), dtype=np.float32))
    >>> loudness_of(meter.powers())
    -inf
    """

    def __init__(self, sr: int) -> None:
        self._step = int(_BLOCK * sr) // _OVERLAP
        self._sos = k_weighting(sr)
        self._state = np.zeros((len(self._sos), 2, 2))
        self._rest = np.zeros((0, 2), dtype=np.float32)
        self._steps: list[NDArray[np.float64]] = []

    def add(self, audio: NDArray[np.float32]) -> None:
        """The next piece of sound (n, 2)."""
        from scipy.signal import sosfilt

        step = self._step
        audio = np.concatenate([self._rest, audio]) if len(self._rest) else audio
        count = len(audio) // step
        for first in range(0, count, _STEPS_AT_ONCE):
            last = min(first + _STEPS_AT_ONCE, count)
            weighted, self._state = sosfilt(self._sos, audio[first * step : last * step], axis=0, zi=self._state)
            whole = weighted.reshape(last - first, step * 2)
            self._steps.append(np.einsum("ij,ij->i", whole, whole))
        self._rest = np.array(audio[count * step :])

    def powers(self) -> NDArray[np.float64]:
        """K-weighted mean square of each 400 ms block (a block every 100 ms), both channels summed.

        A sound shorter than a block counts as followed by silence.
        """
        missing = _OVERLAP - sum(map(len, self._steps))
        if missing > 0:
            self.add(np.zeros((missing * self._step - len(self._rest), 2), dtype=np.float32))
        return np.convolve(np.concatenate(self._steps), np.ones(_OVERLAP), mode="valid") / (self._step * _OVERLAP)


def block_powers(audio: NDArray[np.float32], sr: int) -> NDArray[np.float64]:
    """``LoudnessMeter.powers`` of a whole sound (n, 2)."""
    meter = LoudnessMeter(sr)
    meter.add(audio)
    return meter.powers()


def integrated_loudness(audio: NDArray[np.float32], sr: int) -> float:
    """Gated loudness of a stereo signal (n, 2) in LUFS; -inf for silence."""
    return loudness_of(block_powers(audio, sr))


def loudness_of(powers: NDArray[np.float64]) -> float:
    """Gated loudness of blocks in LUFS; -inf for silence."""
    powers = powers[powers > 10 ** ((_ABSOLUTE_GATE + 0.691) / 10)]
    if not len(powers):
        return float("-inf")
    powers = powers[powers > powers.mean() * 10 ** (_RELATIVE_GATE / 10)]
    return float(-0.691 + 10 * np.log10(powers.mean()))


def momentary(powers: NDArray[np.float64]) -> NDArray[np.float32]:
    """Loudness of each block in LUFS, at least -70."""
    return np.maximum(-0.691 + 10 * np.log10(np.maximum(powers, 1e-12)), _ABSOLUTE_GATE).astype(np.float32)
