"""Changed copies of a recording, for learning what doesn't matter: noise, pitch, time, gain, colour, room.

Signals are mono float32 (n,). Whatever is drawn comes from the generator or seed that is given: the same seed gives
the same sound.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yuefu.audio.features.frames import Floats, hann
from yuefu.errors import InputError, UnknownNameError

#: How loud frequencies are in a noise: power falls by this power of the frequency.
NOISES = {"white": 0.0, "pink": 1.0, "brown": 2.0}
_WINDOW, _HOP = 2048, 512
#: Frames stretched at a time, to bound memory.
_AT_ONCE = 256
_WIDEST = 24.0


def power_of(signal: NDArray[np.floating]) -> float:
    """Mean square."""
    return float(np.mean(np.square(signal, dtype=np.float64))) if len(signal) else 0.0


def noise(count: int, rng: np.random.Generator, colour: str = "white") -> Floats:
    """``count`` samples of noise with mean square 1. Raises InputError for an unknown colour."""
    if colour not in NOISES:
        raise InputError(f"a noise of colour '{colour[:40]}' arrived: use {', '.join(NOISES)}.")
    spectrum = np.fft.rfft(rng.standard_normal(max(count, 2)))
    spectrum[1:] /= np.arange(1, len(spectrum)) ** (NOISES[colour] / 2)
    if NOISES[colour]:
        spectrum[0] = 0
    out = np.fft.irfft(spectrum, max(count, 2))[:count]
    return np.asarray(out / np.sqrt(power_of(out) or 1.0), dtype=np.float32)


def add_noise(signal: NDArray[np.floating], snr: float, rng: np.random.Generator, colour: str = "white") -> Floats:
    """The signal with noise ``snr`` dB below it (by mean square).

    >>> quiet = add_noise(np.ones(1000), 20.0, np.random.default_rng(1)) - 1
    >>> round(10 * float(np.log10(np.mean(quiet**2))), 1)
    -20.0
    """
    level = np.sqrt(power_of(signal) / 10 ** (snr / 10))
    return np.asarray(signal + level * noise(len(signal), rng, colour), dtype=np.float32)


def time_stretch(signal: NDArray[np.floating], rate: float) -> Floats:
    """The signal ``rate`` times as fast at the same pitch: a phase vocoder (Flanagan and Golden 1966; Laroche and
    Dolson 1999). rate: 0.25 to 4."""
    if not 0.25 <= rate <= 4:
        raise InputError(f"a rate of {rate:g} arrived: stretching goes from 0.25 to 4 times the speed.")
    if rate == 1 or not len(signal):
        return np.asarray(signal, dtype=np.float32)
    from scipy.fft import irfft, rfft

    window = hann(_WINDOW)
    padded = np.pad(np.asarray(signal, dtype=np.float32), (_WINDOW // 2, _WINDOW))
    framed = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP]
    places = np.arange(0, len(framed) - 1, rate)
    out = np.zeros(_HOP * len(places) + _WINDOW)
    weight = np.zeros_like(out)
    phase: NDArray[np.float64] | None = None
    for first in range(0, len(places), _AT_ONCE):
        here = places[first : first + _AT_ONCE]
        low, high = int(here[0]), int(here[-1]) + 2
        slowed, phase = _slowed(rfft(framed[low:high] * window, axis=1), here - low, phase)
        for number, block in enumerate(irfft(slowed, _WINDOW, axis=1) * window, start=first):
            out[number * _HOP : number * _HOP + _WINDOW] += block
            weight[number * _HOP : number * _HOP + _WINDOW] += window**2
    out /= np.maximum(weight, 1e-3)
    wanted = round(len(signal) / rate)
    out = out[_WINDOW // 2 :][:wanted]
    return np.pad(out, (0, wanted - len(out))).astype(np.float32)


def _slowed(
    spectra: NDArray[np.complexfloating], places: NDArray[np.floating], phase: NDArray[np.float64] | None
) -> tuple[NDArray[np.complexfloating], NDArray[np.float64]]:
    """Spectra (frames, bands) read at places between frames, from a phase (None: the first frame's) on, and the phase
    after them. Each peak's phase goes on at its own frequency; the bands around it keep their phase beside it, so that
    they still add up to one partial."""
    bands = np.arange(spectra.shape[1])
    expected = 2 * np.pi * _HOP * bands / _WINDOW
    angles, sizes = np.angle(spectra), np.abs(spectra)
    out = np.empty((len(places), len(bands)), dtype=np.complex128)
    phase = angles[0].astype(np.float64) if phase is None else phase
    for number, place in enumerate(places):
        whole = int(place)
        size = (1 - (place - whole)) * sizes[whole] + (place - whole) * sizes[whole + 1]
        out[number] = size * np.exp(1j * phase)
        turned = angles[whole + 1] - angles[whole] - expected
        ahead = phase + expected + turned - 2 * np.pi * np.round(turned / (2 * np.pi))
        peaks = np.flatnonzero((size[1:-1] > size[:-2]) & (size[1:-1] >= size[2:])) + 1
        if len(peaks):
            nearest = peaks[np.searchsorted((peaks[1:] + peaks[:-1]) / 2, bands)]
            ahead = ahead[nearest] + angles[whole + 1] - angles[whole + 1][nearest]
        phase = ahead
    return out, phase


def pitch_shift(signal: NDArray[np.floating], semitones: float) -> Floats:
    """The signal moved in pitch, as long as before. semitones: -24 to 24."""
    if abs(semitones) > _WIDEST:
        raise InputError(f"{semitones:g} semitones arrived: pitches move by -{_WIDEST:g} to {_WIDEST:g}.")
    if semitones == 0 or not len(signal):
        return np.asarray(signal, dtype=np.float32)
    from scipy.signal import resample

    slower = time_stretch(signal, 2 ** (-semitones / 12))
    return np.asarray(resample(slower, len(signal)), dtype=np.float32)


def gain(signal: NDArray[np.floating], decibels: float) -> Floats:
    """The signal louder or softer; what goes beyond -1..1 is bent, not cut."""
    out = np.asarray(signal, dtype=np.float64) * 10 ** (decibels / 20)
    return np.asarray(np.where(np.abs(out) > 0.9, np.sign(out) * (0.9 + 0.1 * np.tanh((np.abs(out) - 0.9) / 0.1)), out),
                      dtype=np.float32)  # fmt: skip


def equalize(signal: NDArray[np.floating], sr: int, bands: Mapping[float, float], q: float = 0.9) -> Floats:
    """The signal with bands raised or lowered. bands: centre in Hz -> dB, peaking filters of the Audio EQ Cookbook
    (Bristow-Johnson); those at or above half the rate are left out."""
    from scipy.signal import sosfilt

    sections = []
    for centre, level in bands.items():
        if not 0 < centre < sr / 2:
            continue
        amplitude = 10 ** (level / 40)
        turn = 2 * np.pi * centre / sr
        alpha = np.sin(turn) / (2 * q)
        top = np.array([1 + alpha * amplitude, -2 * np.cos(turn), 1 - alpha * amplitude])
        bottom = np.array([1 + alpha / amplitude, -2 * np.cos(turn), 1 - alpha / amplitude])
        sections.append(np.concatenate([top, bottom]) / bottom[0])
    if not sections:
        return np.asarray(signal, dtype=np.float32)
    return np.asarray(sosfilt(np.array(sections), signal), dtype=np.float32)


def room(signal: NDArray[np.floating], sr: int, seconds: float, wet: float, rng: np.random.Generator) -> Floats:
    """The signal in a room: decaying noise as its answer. seconds: until 60 dB less; wet: 0 dry .. 1 far away."""
    from scipy.signal import fftconvolve

    if not 0 < seconds <= 10 or not 0 <= wet <= 1:
        raise InputError(f"a room of {seconds:g} s, wet {wet:g}, arrived: 0 to 10 s and 0 to 1 are allowed.")
    count = max(int(sr * seconds), 1)
    tail = rng.standard_normal(count) * 10 ** (-3 * np.arange(count) / count)
    tail /= np.sqrt(np.sum(tail**2))
    answer = fftconvolve(signal, tail)[: len(signal)]
    return np.asarray((1 - wet) * np.asarray(signal) + wet * answer, dtype=np.float32)


#: What can be changed in a sound, in the order in which it is.
KINDS = ("pitch", "speed", "colour", "room", "noise", "gain")
_BANDS = (120.0, 500.0, 2000.0, 6000.0)


@dataclass(frozen=True, slots=True)
class SoundChange:
    """One change. kind: of ``KINDS``; settings: how much, plain values (see ``changed``)."""

    kind: str
    settings: dict[str, Any]


def draw(rng: np.random.Generator, strength: float = 1.0, kinds: Collection[str] = KINDS) -> Iterator[SoundChange]:
    """Changes for a copy, each drawn when it is asked for: those of ``kinds``, all but gain in half of the copies.

    strength: 0..1, how far they go. Raises UnknownNameError, InputError.
    """
    for kind in kinds:
        if kind not in KINDS:
            raise UnknownNameError("change", kind, KINDS)
    if not 0 <= strength <= 1:
        raise InputError(f"a strength of {strength:g} arrived: use 0 to 1.")
    if "pitch" in kinds and rng.random() < 0.5 * strength:
        yield SoundChange("pitch", {"semitones": float(rng.uniform(-2, 2)) * strength})
    if "speed" in kinds and rng.random() < 0.5 * strength:
        yield SoundChange("speed", {"rate": float(2 ** (rng.uniform(-0.2, 0.2) * strength))})
    if "colour" in kinds and rng.random() < 0.5:
        yield SoundChange("colour", {"bands": {hz: float(rng.uniform(-6, 6)) * strength for hz in _BANDS}})
    if "room" in kinds and rng.random() < 0.5:
        seconds, wet = float(rng.uniform(0.2, 1.5)), float(rng.uniform(0.0, 0.35)) * strength
        yield SoundChange("room", {"seconds": seconds, "wet": wet})
    if "noise" in kinds and rng.random() < 0.5:
        yield SoundChange("noise", {"snr": float(rng.uniform(12, 40)), "colour": str(rng.choice(list(NOISES)))})
    if "gain" in kinds:
        yield SoundChange("gain", {"decibels": float(rng.uniform(-9, 3)) * strength})


def changed(signal: NDArray[np.floating], sr: int, change: SoundChange, rng: np.random.Generator) -> Floats:
    """The signal with one change; rng: of noise and rooms."""
    if change.kind == "pitch":
        return pitch_shift(signal, **change.settings)
    if change.kind == "speed":
        return time_stretch(signal, **change.settings)
    if change.kind == "colour":
        return equalize(signal, sr, **change.settings)
    if change.kind == "room":
        return room(signal, sr, rng=rng, **change.settings)
    if change.kind == "noise":
        return add_noise(signal, rng=rng, **change.settings)
    if change.kind == "gain":
        return gain(signal, **change.settings)
    raise UnknownNameError("change", change.kind, KINDS)


def augmented(
    signal: NDArray[np.floating],
    sr: int,
    seed: int | np.random.Generator,
    strength: float = 1.0,
    kinds: Collection[str] = KINDS,
) -> Floats:
    """A changed copy: some of pitch, speed, colour, room, noise and gain, as much as ``strength`` (0..1) allows.

    Each change but gain happens in about half of the copies, so that the untouched sound is learnt, too.
    """
    rng = np.random.default_rng(seed)
    out = np.asarray(signal, dtype=np.float32)
    for change in draw(rng, strength, kinds):
        out = changed(out, sr, change, rng)
    return out
