"""A look-ahead limiter: peaks are turned down before they arrive, so nothing clips and nothing clicks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: Frames that the gain is worked out for at a time.
STEP = 32


def limit(
    audio: NDArray[np.float32], sr: int, ceiling: float = 0.89, lookahead: float = 0.005, release: float = 0.12
) -> NDArray[np.float32]:
    """The audio with no sample above ``ceiling`` (0..1); quieter passages are left exactly as they were.

    audio: float32 (n, 2), both channels get the same gain; lookahead and release: seconds.

    >>> loud = np.full((4000, 2), 2.0, dtype=np.float32)
    >>> bool(np.abs(limit(loud, 44100)).max() <= 0.89)
    True
    """
    peaks = step_peaks(audio)
    if not len(audio) or peaks.max() <= ceiling:
        return audio
    wanted = np.minimum(1.0, ceiling / np.maximum(peaks, 1e-9))
    gain = _smoothed(wanted, max(2, int(lookahead * sr / STEP)), np.exp(-STEP / (release * sr)))
    # Within a step the gain moves in a line between values that are both low enough for the step.
    edges = np.minimum(np.append(gain, gain[-1]), np.append(gain[:1], gain))
    ramp = np.arange(STEP) / STEP
    fine = (edges[:-1, None] + (edges[1:] - edges[:-1])[:, None] * ramp).astype(np.float32).ravel()[: len(audio)]
    out = audio * fine[:, None]
    return np.clip(out, -ceiling, ceiling, out=out)  # rounding only


def step_peaks(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    """The highest absolute sample of either channel in each step of 32 frames."""
    steps = -(-len(audio) // STEP)
    padded = np.zeros(steps * STEP * 2, dtype=np.float32)
    np.abs(audio.ravel(), out=padded[: 2 * len(audio)])
    return np.asarray(padded.reshape(steps, 2 * STEP).max(axis=1))


def _smoothed(wanted: NDArray[np.float64], window: int, keep: float) -> NDArray[np.float64]:
    """A gain that never exceeds ``wanted``: eased in over the window before a peak, let go slowly after."""
    from scipy.ndimage import minimum_filter1d, uniform_filter1d

    held = minimum_filter1d(wanted, 2 * window + 1, mode="nearest")
    released = np.empty_like(held)
    reduction = 0.0
    for i, target in enumerate((1.0 - held).tolist()):
        reduction = max(target, reduction * keep)
        released[i] = 1.0 - reduction
    return np.minimum(uniform_filter1d(released, window, mode="nearest"), wanted)
