"""How much later one recording begins than another: the lag at which they correlate best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yuefu.errors import InputError

#: Shifts that are looked for, and how much of the recordings is looked at, in seconds.
LONGEST_SHIFT, _LOOKED_AT = 10.0, 60.0
#: Below this correlation two recordings aren't the same sound, and no shift is believed.
ALIKE = 0.1


@dataclass(frozen=True, slots=True)
class Shift:
    """samples: how much later the other one begins (negative: earlier); alike: correlation there, -1..1, over what
    both have."""

    samples: int
    alike: float

    @property
    def found(self) -> bool:
        """Whether the recordings are alike enough for the shift to mean something."""
        return self.alike >= ALIKE


def find_shift(reference: NDArray[np.floating], other: NDArray[np.floating], sr: int) -> Shift:
    """The shift of another recording (n,) of the same sound, at most ``LONGEST_SHIFT`` either way, to the sample.

    The first minute of both is looked at. Where nothing correlates the shift is 0 and ``found`` false. Raises
    InputError for less than half a second.

    >>> click = np.zeros(22050); click[3000] = 1
    >>> find_shift(click, np.roll(click, 441), 22050).samples
    441
    """
    from scipy.fft import irfft, next_fast_len, rfft

    if min(len(reference), len(other)) < sr // 2:
        raise InputError(f"{min(len(reference), len(other)) / sr:.2f} s arrived: give at least half a second of sound.")
    most = int(LONGEST_SHIFT * sr)
    count = int(_LOOKED_AT * sr)
    one = np.asarray(reference[:count], dtype=np.float32)
    two = np.asarray(other[: count + most], dtype=np.float32)
    size = next_fast_len(len(one) + len(two), real=True)
    likeness = irfft(np.conj(rfft(one, size)) * rfft(two, size), size)
    # Lags with less than a quarter of the shorter recording in common could correlate by chance.
    kept = min(len(one), len(two)) // 4
    later, earlier = min(most, len(two) - kept), min(most, len(one) - kept)
    lags = np.concatenate([np.arange(later + 1), np.arange(-earlier, 0)])
    best = int(lags[np.argmax(likeness[lags])])
    alike = _correlation(*aligned(one, two, best))
    return Shift(best, alike) if alike >= ALIKE else Shift(0, _correlation(*aligned(one, two, 0)))


def aligned(
    reference: NDArray[np.floating], other: NDArray[np.floating], shift: int
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """What both recordings have, the other one ``shift`` samples earlier than it is."""
    one, two = reference[max(-shift, 0) :], other[max(shift, 0) :]
    count = min(len(one), len(two))
    return one[:count], two[:count]


def _correlation(one: NDArray[np.floating], two: NDArray[np.floating]) -> float:
    power = float(np.sqrt(np.dot(one, one) * np.dot(two, two)))
    return float(np.dot(one, two)) / power if power > 0 else 0.0
