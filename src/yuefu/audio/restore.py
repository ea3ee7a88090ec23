"""Recordings made better: less room, less silence around them, an even loudness. ``denoise`` is beside this.

Audio is float32 (n, 2), -1..1, levels in dB, loudness in LUFS (BS.1770).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yuefu.audio.limiter import limit, step_peaks
from yuefu.audio.loudness import integrated_loudness
from yuefu.errors import InputError, MissingExtraError
from yuefu.progress import Listener, Progress, ignore

#: No sample goes above this.
CEILING = 0.89
#: Loudness that can be asked for, in LUFS.
LOUDNESS = (-40.0, -5.0)
#: The prediction of a room: frames of about 93 ms, so many of them, after a gap, found in so many rounds.
_SECONDS, _TAPS, _DELAY, _ROUNDS = 0.093, 5, 4, 3
#: Seconds that are freed of their room at a time, and how far stretches overlap.
_STRETCH, _FADE = 60.0, 2.0
#: Frames over which levels are measured for trimming.
_LEVEL_SECONDS = 0.01


def dereverberate(audio: NDArray[np.floating], sr: int, progress: Listener = ignore) -> NDArray[np.float32]:
    """The audio (n, channels) with less of the room's late answer in it, as long as before.

    Weighted prediction error (Nakatani et al. 2010) by nara_wpe: what can be predicted from frames a while ago is the
    room. That is true of speech; held tones can be predicted as well, so frames are long and few, which costs music
    nothing and helps speech by half a decibel or so. Raises MissingExtraError without the extra `audio`.
    """
    try:
        from nara_wpe.wpe import wpe
    except ModuleNotFoundError as error:
        raise MissingExtraError("taking a room out of a recording", "audio") from error
    window = int(2 ** np.rint(np.log2(_SECONDS * sr)))
    if len(audio) < 4 * window:
        raise InputError(f"{len(audio) / sr:.2f} s of sound arrived: a room can be found in {4 * window / sr:.1f} s.")
    out = np.zeros(audio.shape, dtype=np.float32)
    stretch, fade = int(_STRETCH * sr), int(_FADE * sr)
    starts = list(range(0, max(len(audio) - fade, 1), stretch - fade))
    ramp = np.linspace(0, 1, fade, dtype=np.float32)
    for number, start in enumerate(starts):
        piece = audio[start : start + stretch]
        # One channel at a time: where they are alike, as in most mixes, they predict each other perfectly.
        dry = np.stack([_without_room(channel, window, wpe) for channel in piece.T], axis=1)
        if start:
            dry[:fade] *= ramp[: len(dry), None]
        if number + 1 < len(starts):
            dry[-fade:] *= ramp[::-1, None]
        out[start : start + len(dry)] += dry
        progress(Progress("dereverb", number + 1, len(starts)))
    return out


def _without_room(signal: NDArray[np.floating], window: int, wpe: Callable[..., Any]) -> NDArray[np.float32]:
    """``dereverberate`` of one channel (n,)."""
    from scipy.signal import istft, stft

    _, _, spectra = stft(np.asarray(signal, dtype=np.float64), nperseg=window, noverlap=window * 3 // 4)
    level = np.sqrt(np.mean(np.abs(spectra) ** 2))
    if level == 0:
        return np.zeros(len(signal), dtype=np.float32)
    # A hundred decibels below the sound, so that frequencies in which there is nothing have something to predict.
    rng = np.random.default_rng(0)
    spectra += 1e-5 * level * (rng.standard_normal(spectra.shape) + 1j * rng.standard_normal(spectra.shape))
    spectra = wpe(spectra[:, None], taps=_TAPS, delay=_DELAY, iterations=_ROUNDS)[:, 0]
    _, dry = istft(spectra, nperseg=window, noverlap=window * 3 // 4)
    return np.asarray(dry[: len(signal)], dtype=np.float32)


def sounding(audio: NDArray[np.floating], sr: int, below: float = 50.0, margin: float = 0.05) -> tuple[int, int]:
    """The first sample that is heard and the one after the last, with a margin in seconds around.

    Heard is what is at most ``below`` dB under the loudest ten milliseconds. All of it for silence.

    >>> audio = np.zeros((44100, 2), dtype=np.float32); audio[10000:20000] = 0.5
    >>> sounding(audio, 44100, margin=0)
    (9702, 20286)
    """
    step = max(int(_LEVEL_SECONDS * sr), 1)
    starts = np.arange(0, len(audio), step)
    power = np.square(audio, dtype=np.float32).mean(axis=1)
    levels = np.add.reduceat(power, starts) / np.diff(np.append(starts, len(audio))) if len(audio) else power
    if not len(audio) or levels.max() <= 0:
        return 0, len(audio)
    heard = np.flatnonzero(levels >= levels.max() * 10 ** (-below / 10))
    around = int(margin * sr)
    return max(int(heard[0]) * step - around, 0), min(int(heard[-1] + 1) * step + around, len(audio))


def trim(audio: NDArray[np.float32], sr: int, below: float = 50.0, margin: float = 0.05) -> NDArray[np.float32]:
    """The audio without the silence at both ends (see ``sounding``), faded over what is left of it."""
    if not 10 <= below <= 100:
        raise InputError(f"{below:g} dB arrived: what is 10 to 100 dB below the loudest can count as silence.")
    first, last = sounding(audio, sr, below, margin)
    out = np.array(audio[first:last], dtype=np.float32)
    fade = min(int(margin * sr / 2), len(out) // 2)
    if fade and first:
        out[:fade] *= np.linspace(0, 1, fade, dtype=np.float32)[:, None]
    if fade and last < len(audio):
        out[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)[:, None]
    return out


@dataclass(frozen=True, slots=True)
class Levelled:
    """What loudness normalisation did. gain: dB; loudness: LUFS reached; peak: highest sample, 0..1."""

    gain: float
    loudness: float
    peak: float


def normalise(audio: NDArray[np.float32], sr: int, target: float = -14.0) -> tuple[NDArray[np.float32], Levelled]:
    """The audio (n, 2) at a loudness in LUFS, its peaks limited to 0.89; silence stays as it is.

    Raises InputError for a target outside of ``LOUDNESS``. Sounds with high peaks may stay below the target, since no
    more than 12 dB are limited away.
    """
    low, high = LOUDNESS
    if not low <= target <= high:
        raise InputError(f"a loudness of {target:g} LUFS arrived: {low:g} to {high:g} can be had.")
    given = integrated_loudness(audio, sr)
    if not np.isfinite(given):
        return audio, Levelled(0.0, given, float(np.abs(audio).max(initial=0)))
    peak = float(step_peaks(audio).max())
    gain, most = target - given, 20 * np.log10(CEILING / max(peak, 1e-9)) + 12
    for _ in range(8):
        gain = min(gain, most)
        out = limit(audio * np.float32(10 ** (gain / 20)), sr, CEILING)
        reached = integrated_loudness(out, sr)
        if abs(target - reached) < 0.1 or (gain >= most and reached < target):
            break
        gain += target - reached
    return out, Levelled(float(gain), reached, float(step_peaks(out).max()))
