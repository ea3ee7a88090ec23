"""A room to play in: a generated impulse response and its convolution."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

#: Seconds until the late sound has fallen by 60 dB, at middle frequencies, by kind of room.
ROOMS = {"studio": 0.7, "stage": 1.2, "hall": 2.0, "church": 3.0}
_SEED = 20231
_PREDELAY = 0.016
#: Frames convolved at a time, to bound memory.
_CHUNK = 1 << 20


@lru_cache(maxsize=4)
def impulse_response(room: str, sr: int) -> NDArray[np.float32]:
    """A stereo impulse response, float32 (n, 2) of unit energy a channel; the same bytes every time.

    Noise that decays exponentially, high frequencies faster than low ones, after a pre-delay and
    six early reflections from either side.
    """
    from scipy.signal import butter, sosfilt

    rng = np.random.default_rng(_SEED)
    decay = ROOMS[room]
    count = int(decay * 1.1 * sr)
    time = np.arange(count) / sr
    noise = rng.standard_normal((count, 2))
    out = np.zeros((count, 2))
    # (upper edge in Hz, decay relative to the middle): walls and air swallow the top first.
    bands = ((250.0, 1.1), (1200.0, 1.0), (4000.0, 0.75), (11000.0, 0.45))
    lower = 90.0
    for upper, relative in bands:
        sos = butter(2, [lower, min(upper, 0.45 * sr)], btype="bandpass", fs=sr, output="sos")
        envelope = 10 ** (-3 * time / (decay * relative))
        out += sosfilt(sos, noise, axis=0) * envelope[:, None]
        lower = upper
    out *= np.minimum(1.0, time / 0.012)[:, None]  # the diffuse sound builds up
    level = np.abs(out).max()
    for reflection in range(6):
        at = int((0.004 + 0.006 * reflection + 0.003 * rng.random()) * sr)
        side = reflection % 2
        out[at, side] += level * 0.8 * 0.75**reflection
        out[min(at + int(0.0007 * sr), count - 1), 1 - side] += level * 0.4 * 0.75**reflection
    before = np.zeros((int(_PREDELAY * sr), 2))
    response = np.concatenate([before, out])
    response /= np.sqrt((response**2).sum(axis=0, keepdims=True))
    return response.astype(np.float32)


def reverberate(audio: NDArray[np.float32], sr: int, room: str) -> NDArray[np.float32]:
    """The room's answer to a stereo signal (n, 2), longer than it by the response's length - 1."""
    from scipy.signal import oaconvolve

    response = impulse_response(room, sr)
    out = np.zeros((len(audio) + len(response) - 1, 2), dtype=np.float32)

    def answer(side: int) -> None:
        for start in range(0, len(audio), _CHUNK):  # the answers to stretches overlap and add up
            answered = oaconvolve(audio[start : start + _CHUNK, side], response[:, side])
            out[start : start + len(answered), side] += answered

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(answer, (0, 1)))
    return out
