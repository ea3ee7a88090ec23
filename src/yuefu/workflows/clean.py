"""A recording cleaned into another file: room, noise, silence, loudness, in this order."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from yuefu.audio.denoise import METHODS, denoise, noise_floor
from yuefu.audio.files import audio_format_of, read_audio, read_tags, write_audio
from yuefu.audio.loudness import integrated_loudness
from yuefu.audio.restore import LOUDNESS, dereverberate, normalise, sounding, trim
from yuefu.errors import InputError, UnknownNameError
from yuefu.progress import Listener, ignore
from yuefu.workflows.render import check_place

#: Longest recording that is cleaned, in seconds.
LONGEST = 3600.0


@dataclass(frozen=True, slots=True)
class Heard:
    """What a recording is like. seconds; loudness: LUFS; peak: dB; noise: dB of the steady noise beside the sound's
    mean level, at most (dense music is taken for noise in part; nan for silence); silence: seconds at both ends."""

    seconds: float
    loudness: float
    peak: float
    noise: float
    silence: float


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A recording before and after."""

    before: Heard
    after: Heard


def clean(
    source: Path | str,
    target: Path | str,
    *,
    noise: str | None = None,
    room: bool = False,
    ends: bool = False,
    loudness: float | None = None,
    progress: Listener = ignore,
) -> Cleaned:
    """Clean a sound file into another one, tags included.

    noise: None or how to take it out (``audio.denoise.METHODS``); room: take some of it out; ends: trim silence;
    loudness: LUFS to bring it to. Raises InputError when nothing is asked for, MissingExtraError without the extra
    `audio` where it is needed, and what readers and writers raise; a target is whole or absent.
    """
    source, target = Path(source), Path(target)
    if noise is None and not room and not ends and loudness is None:
        raise InputError("nothing to clean was asked for: use --denoise, --dereverb, --trim or --loudness.")
    if noise is not None and noise not in METHODS:
        raise UnknownNameError("way to denoise", noise, METHODS)
    if loudness is not None and not LOUDNESS[0] <= loudness <= LOUDNESS[1]:
        raise InputError(
            f"a loudness of {loudness:g} LUFS was asked for: {LOUDNESS[0]:g} to {LOUDNESS[1]:g} can be had."
        )
    audio_format_of(target)
    check_place(target)
    audio, sr = read_audio(source, LONGEST)
    tags = read_tags(source)
    before = heard(audio, sr)
    if room:
        audio = dereverberate(audio, sr, progress)
    if noise is not None:
        audio = denoise(audio, sr, noise, progress)
    if ends:
        # What is left of the noise counts as silence, too.
        audio = trim(audio, sr, below=50.0 if noise is None else 40.0)
    if loudness is not None:
        audio, _ = normalise(audio, sr, loudness)
    write_audio(target, audio, sr, tags)
    return Cleaned(before, heard(audio, sr))


def heard(audio: np.ndarray, sr: int) -> Heard:
    """What audio (n, 2) is like."""
    peak = float(np.abs(audio).max(initial=0))
    power = float(np.mean(np.square(audio, dtype=np.float64))) if len(audio) else 0.0
    first, last = sounding(audio, sr, margin=0)
    level = float("nan")
    if power > 0 and len(audio) >= sr // 2:
        floor = noise_floor(audio.mean(axis=1), sr)
        window = 2 * (len(floor) - 1)
        # Under the root of a Hann window, power summed over both halves of the spectrum is half the window squared.
        level = 10 * float(np.log10(max(2 * floor.sum(dtype=np.float64) / (window**2 / 2), 1e-20) / power))
    return Heard(
        len(audio) / sr, integrated_loudness(audio, sr), 20 * float(np.log10(max(peak, 1e-10))), level,
        (len(audio) - (last - first)) / sr,
    )  # fmt: skip
