"""Steady noise found in a recording, and taken out of it.

Audio is float32 (n, channels), -1..1. The noise is taken to be steady and its spectrum smooth: hiss, hum of air, tape
and rooms, but no voices, clicks or traffic. Nothing needs to be silent: it is read from the quietest moments of each
frequency and from the gaps between partials. Speech and music that are themselves steady noise (a held cymbal, rain)
look like noise, and are taken for it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from yuefu.audio.features.frames import Floats, hann
from yuefu.errors import InputError, MissingExtraError
from yuefu.progress import Listener, Progress, ignore

#: How noise can be taken out: our own Wiener filter, or noisereduce's spectral gate (extra `audio`).
METHODS = ("wiener", "gate")
#: A frame lasts about so many seconds; frames start every quarter of it.
_SECONDS = 0.093
_OVERLAP = 4
#: Frames over which power is averaged before its quantile is taken, and how many of them are independent.
_AVERAGED, _INDEPENDENT = 9, 4.1
_QUANTILE = 0.05
#: The noise spectrum is a low quantile of its neighbours', since partials stick out of it.
_BETWEEN_PARTIALS = 0.3
#: How much of the last frame's estimate stays in the next; the least signal-to-noise (power) and gain assumed.
_KEPT, _LEAST_RATIO, _LEAST_GAIN = 0.92, 10**-2.5, 0.05
#: The noise is read from at most so many stretches of so many seconds.
_STRETCHES, _STRETCH_SECONDS = 12, 5.0
_AT_ONCE = 256


def denoise(
    audio: NDArray[np.floating], sr: int, method: str = "wiener", progress: Listener = ignore
) -> NDArray[np.float32]:
    """The audio (n, channels) with less of the steady noise in it, as long as before.

    method: one of ``METHODS``. Raises InputError for another method or less than half a second of sound,
    MissingExtraError for the gate without the extra `audio`.
    """
    if method not in METHODS:
        raise InputError(f"a method '{method[:40]}' of denoising arrived: use {' or '.join(METHODS)}.")
    if len(audio) < sr // 2:
        raise InputError(f"{len(audio) / sr:.2f} s of sound arrived: noise can be found in half a second or more.")
    out = np.empty(audio.shape, dtype=np.float32)
    for channel in range(audio.shape[1]):
        signal = np.asarray(audio[:, channel], dtype=np.float32)
        floor = noise_floor(signal, sr)
        if method == "gate":
            out[:, channel] = _gated(signal, sr, floor)
        else:
            share = (channel / audio.shape[1], 1 / audio.shape[1])
            out[:, channel] = _filtered(signal, floor, progress, share)
    progress(Progress("denoise", 1, 1))
    return out


def window_of(sr: int) -> int:
    """Samples in a frame: the power of two nearest to 93 ms.

    >>> window_of(44100), window_of(22050)
    (4096, 2048)
    """
    return int(2 ** np.rint(np.log2(_SECONDS * sr)))


def noise_floor(signal: NDArray[np.floating], sr: int) -> Floats:
    """The power of the steady noise in each frequency of ``window_of(sr)``, float32 (window // 2 + 1,).

    The power is that of frames under the root of a Hann window. After Martin 2001 (minimum statistics), with a
    quantile in place of the minimum and the spectrum's own gaps beside time's.
    """
    from scipy.ndimage import uniform_filter1d
    from scipy.special import gammaincinv

    window = window_of(sr)
    averaged = []
    for stretch in _stretches(signal, sr):
        power = np.concatenate([np.abs(spectra) ** 2 for _, spectra in _spectra(stretch, window)])
        averaged.append(uniform_filter1d(power, _AVERAGED, axis=0, mode="nearest"))
    low = np.quantile(np.concatenate(averaged), _QUANTILE, axis=0)
    # The mean power that has this quantile, for the average of some independent frames of noise.
    mean = low / (gammaincinv(_INDEPENDENT, _QUANTILE) / _INDEPENDENT)
    return _between_partials(mean)


def _between_partials(power: NDArray[np.floating]) -> Floats:
    """A smooth spectrum along the lower side of another one."""
    # Most noises fall with frequency: turned so that pink noise is even, neighbours can be compared.
    tilt = np.log(np.maximum(np.arange(len(power)), 1))
    levels = np.log(np.maximum(power, 1e-20)) + tilt
    smooth = np.empty(len(power))
    for bin_ in range(len(power)):
        wide = max(3, bin_ // 6)
        smooth[bin_] = np.quantile(levels[max(1, bin_ - wide) : bin_ + wide + 1], _BETWEEN_PARTIALS)
    return np.exp(smooth - tilt).astype(np.float32)


def _stretches(signal: NDArray[np.floating], sr: int) -> list[NDArray[np.floating]]:
    """The signal, or evenly spaced stretches of a long one."""
    size = int(_STRETCH_SECONDS * sr)
    if len(signal) <= _STRETCHES * size:
        return [signal]
    starts = np.linspace(0, len(signal) - size, _STRETCHES).astype(int)
    return [signal[start : start + size] for start in starts]


def _spectra(signal: NDArray[np.floating], window: int) -> Iterator[tuple[int, NDArray[np.complex64]]]:
    """Spectra of all frames that touch the signal, some at a time: the first one's number, (frames, frequencies)."""
    from scipy.fft import rfft

    hop = window // _OVERLAP
    padded = np.pad(np.asarray(signal, dtype=np.float32), (window - hop, window))
    frames = np.lib.stride_tricks.sliding_window_view(padded, window)[::hop]
    shape = np.sqrt(hann(window))
    for first in range(0, len(frames), _AT_ONCE):
        yield first, rfft(frames[first : first + _AT_ONCE] * shape, axis=1)


def _filtered(signal: Floats, floor: Floats, progress: Listener, share: tuple[float, float]) -> Floats:
    """The signal through a Wiener filter that follows it.

    The signal-to-noise ratio of each frequency is estimated "decision-directed" (Ephraim and Malah 1984): from the
    last frame's result and this frame's power.
    """
    from scipy.fft import irfft

    window = 2 * (len(floor) - 1)
    hop = window // _OVERLAP
    shape = np.sqrt(hann(window)) / (_OVERLAP / 2)
    out = np.zeros(len(signal) + 2 * window, dtype=np.float32)
    floor = np.maximum(floor, np.float32(1e-20))
    last = np.zeros(len(floor), dtype=np.float32)
    for first, spectra in _spectra(signal, window):
        for row in spectra:
            power = row.real**2 + row.imag**2
            ratio = _KEPT * last / floor + (1 - _KEPT) * np.maximum(power / floor - 1, 0)
            gain = ratio / (1 + ratio)
            np.maximum(gain, _LEAST_GAIN, out=gain, where=ratio > _LEAST_RATIO)
            gain[ratio <= _LEAST_RATIO] = _LEAST_GAIN
            last = gain * gain * power
            row *= gain
        blocks = irfft(spectra, window, axis=1) * shape
        for number, block in enumerate(blocks, start=first):
            start = number * hop
            if start + window <= len(out):
                out[start : start + window] += block
        done = min((first + len(spectra)) * hop / max(len(signal), 1), 1.0)
        progress(Progress("denoise", share[0] + share[1] * done, 1))
    return out[window - hop :][: len(signal)]


def _gated(signal: Floats, sr: int, floor: Floats) -> Floats:
    """The signal through noisereduce's spectral gate, which is shown noise with the spectrum that was found."""
    try:
        import noisereduce
    except ModuleNotFoundError as error:
        raise MissingExtraError("the spectral gate", "audio") from error
    cleaned = noisereduce.reduce_noise(
        signal, sr, stationary=True, y_noise=_like(floor, 3 * sr), prop_decrease=0.9, n_std_thresh_stationary=1.0,
        n_fft=2048, freq_mask_smooth_hz=max(100.0, sr / 1024), time_mask_smooth_ms=50,
    )  # fmt: skip
    return np.asarray(cleaned, dtype=np.float32)


def _like(floor: Floats, count: int) -> Floats:
    """Noise (count,) whose frames have a mean power spectrum, the same each time."""
    window = 2 * (len(floor) - 1)
    spectrum = np.fft.rfft(np.random.default_rng(0).standard_normal(count))
    places = np.linspace(0, len(floor) - 1, len(spectrum))
    # Under the root of a Hann window white noise of mean square 1 has a power of half the window.
    spectrum *= np.sqrt(np.interp(places, np.arange(len(floor)), floor) / (window / 2))
    return np.fft.irfft(spectrum, count).astype(np.float32)
