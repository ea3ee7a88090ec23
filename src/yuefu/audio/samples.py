"""Single notes out of the soundfont, for a sampler that plays elsewhere: a browser.

Each program is brought to one loudness by its middle register, as the mixer brings stems to one loudness by
role; within a program the soundfont's own balance stays, and the drums of the kit keep theirs.
"""

from __future__ import annotations

import io
import threading
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yuefu.audio.fluidsynth import DRUM_CHANNEL, Synth
from yuefu.audio.loudness import block_powers
from yuefu.audio.soundfont import find_soundfont
from yuefu.errors import InputError
from yuefu.score.files import atomic_write

SAMPLE_RATE = 44100
#: Loudness of a program's middle register at ``VELOCITY``, in LUFS of its loudest 400 ms, the same on both sides:
#: a band of such samples, played at the mixer's levels by role, comes near the rendered mix. Drums hit harder.
TARGET, KIT_TARGET = -13.0, -15.0
VELOCITY = 100
#: No sample is louder than this, 0..1.
CEILING = 0.95
LONGEST = 10.0
#: Notes by which a program's loudness is judged; of the kit: bass drum, snare, closed hi-hat.
_MIDDLE, _KIT = (48, 55, 60, 67, 72), (36, 38, 42)
#: What lies below this share of the peak is silence: at the start, at the end.
_BEGUN, _ENDED = 10 ** (-50 / 20), 10 ** (-60 / 20)
_FADE = 0.02
#: Frames that FluidSynth works out at a time.
_BLOCK = 64
#: In the name of the cache: another one when samples are made in another way.
_VERSION = 1
_turns = threading.Lock()  # one synthesiser is enough: samples are made once


def sample(
    program: int | None, pitch: int, seconds: float = 3.0, velocity: int = VELOCITY, *, soundfont: Path | None = None
) -> NDArray[np.float32]:
    """A note as it sounds: float32 mono at 44,100 Hz, silence cut off at both ends.

    program: General MIDI 0-127, None for the drum kit; seconds: the most that it lasts. Raises InputError for
    what can't be, MissingSystemError without FluidSynth or a soundfont.
    """
    _check(program, pitch, seconds, velocity)
    font = str(soundfont or find_soundfont())
    with _turns:
        gain = _gain(program, font)
        audio = _rendered(font, program, pitch, seconds, velocity) * np.float32(gain)
    audio = _trimmed(audio)
    peak = float(np.abs(audio).max()) if len(audio) else 0.0
    return audio if peak <= CEILING else audio * np.float32(CEILING / peak)


def sample_flac(
    program: int | None, pitch: int, folder: Path | None = None, seconds: float = 3.0, velocity: int = VELOCITY
) -> bytes:
    """The same as a FLAC file of 16 bits. folder: where made ones are kept, None to keep none."""
    _check(program, pitch, seconds, velocity)
    path = None
    if folder is not None:
        font = find_soundfont()
        size = font.stat().st_size
        kind = "drums" if program is None else str(program)
        name = f"{kind}-{pitch}-{velocity}-{round(seconds * 1000)}.flac"
        path = Path(folder) / f"{font.stem[:40]}-{size}-{_VERSION}" / name
        try:
            return path.read_bytes()
        except OSError:
            pass
    data = flac_bytes(sample(program, pitch, seconds, velocity))
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic_write(path, data)
    return data


def flac_bytes(audio: NDArray[np.float32]) -> bytes:
    """Mono audio as FLAC, 16 bits."""
    import soundfile

    out = io.BytesIO()
    soundfile.write(out, audio, SAMPLE_RATE, format="FLAC", subtype="PCM_16")
    return out.getvalue()


def _check(program: int | None, pitch: int, seconds: float, velocity: int) -> None:
    if program is not None and not 0 <= program <= 127:
        raise InputError(f"program {program} isn't of General MIDI: give 0 to 127, or none for drums.")
    if not 0 <= pitch <= 127 or not 1 <= velocity <= 127:
        raise InputError(f"pitch {pitch} at velocity {velocity} can't be played: give pitches 0-127, velocities 1-127.")
    if not 0.05 <= seconds <= LONGEST:
        raise InputError(f"a sample of {seconds:g} seconds can't be made: give 0.05 to {LONGEST:g}.")


@lru_cache(maxsize=1)
def _synth(font: str) -> Synth:
    """The synthesiser that makes samples, kept open: loading a soundfont takes longer than playing a note."""
    return Synth(Path(font), SAMPLE_RATE)


def _rendered(font: str, program: int | None, pitch: int, seconds: float, velocity: int) -> NDArray[np.float32]:
    """The note from its start on, mono: the same, whatever was played before."""
    frames = round(seconds * SAMPLE_RATE)
    # The synthesiser works in blocks: whole ones, so that the next note begins with a block as this one did.
    out = np.zeros((-(-frames // _BLOCK) * _BLOCK, 2), dtype=np.float32)
    channel = DRUM_CHANNEL if program is None else 0
    synth = _synth(font)
    synth.select(channel, program or 0)
    # Voices keep a trace of the note before in their filters: so that this is always the same one, it is begun twice.
    for block in (out[: 16 * _BLOCK], out):
        synth.note_on(channel, pitch, velocity)
        synth.write(block)
        synth.silence(channel)
        while synth.sounding:
            synth.write(np.zeros((_BLOCK, 2), dtype=np.float32))
    return out[:frames].mean(axis=1)


@lru_cache(maxsize=256)
def _gain(program: int | None, font: str) -> float:
    """What brings a program to the target."""
    powers = []
    for pitch in _KIT if program is None else _MIDDLE:
        audio = _rendered(font, program, pitch, 1.2, VELOCITY)
        blocks = block_powers(np.column_stack([audio, audio]), SAMPLE_RATE)
        if blocks.max() > 0:
            powers.append(float(blocks.max()))
    if not powers:
        return 1.0
    loudness = -0.691 + 10 * np.log10(float(np.median(powers)))
    return float(np.clip(10 ** (((KIT_TARGET if program is None else TARGET) - loudness) / 20), 0.02, 24.0))


def _trimmed(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    """From where it begins to where it has died away, its last moment faded."""
    level = np.abs(audio)
    peak = float(level.max()) if len(level) else 0.0
    if peak <= 0:
        return np.zeros(SAMPLE_RATE // 20, dtype=np.float32)
    first = int(np.argmax(level > peak * _BEGUN))
    last = len(level) - int(np.argmax(level[::-1] > peak * _ENDED))
    first = max(0, first - SAMPLE_RATE // 1000)
    cut = audio[first:last].copy()
    fade = min(len(cut), round(_FADE * SAMPLE_RATE))
    cut[-fade:] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)
    return cut
