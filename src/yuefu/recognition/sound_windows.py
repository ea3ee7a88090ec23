"""Windows of a recording: log-mel pictures of some seconds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from yuefu.audio.features.mel import log_mel
from yuefu.audio.features.read import RATE

#: Seconds of a window, and what it is cut into.
SECONDS = 12.0
BANDS, WINDOW, HOP = 64, 2048, 1024
FRAMES = int(SECONDS * RATE) // HOP + 1
#: Windows of a long recording that are looked at.
MOST = 8
_SILENCE = 1e-4


def picture_of(signal: NDArray[np.floating]) -> NDArray[np.float32]:
    """The log-mel picture of a window, float32 (BANDS, FRAMES) in dB. A shorter sound is heard again."""
    wanted = int(SECONDS * RATE)
    if len(signal) < wanted:
        signal = np.tile(signal, -(-wanted // max(len(signal), 1)))
    return log_mel(signal[:wanted], RATE, BANDS, WINDOW, HOP)[:, :FRAMES]


def sound_windows(signal: NDArray[np.floating], most: int = MOST) -> tuple[list[float], NDArray[np.float32]]:
    """Windows of a recording (n,) at ``RATE``: their starts in seconds, pictures (windows, BANDS, FRAMES).

    Silence at both ends is left out. A silent recording has no windows.
    """
    loud = np.flatnonzero(np.abs(signal) > _SILENCE)
    if not len(loud):
        return [], np.zeros((0, BANDS, FRAMES), dtype=np.float32)
    first, last = int(loud[0]), int(loud[-1]) + 1
    wanted = int(SECONDS * RATE)
    length = last - first
    count = min(max(round(length / wanted), 1), most)
    starts = [first + round(place) for place in np.linspace(0, max(length - wanted, 0), count)]
    pictures = np.stack([picture_of(signal[start : min(start + wanted, last)]) for start in starts])
    return [start / RATE for start in starts], pictures
