"""A small binding of libfluidsynth through ctypes: events in, stereo frames out.

The library is the system's, else the copy inside pygame-ce's wheels (Linux, macOS), so that pip
alone is enough. Frames are float32 arrays of shape (n, 2); channels 0-15, channel 9 the drums.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import importlib.util
import logging
import sys
import threading
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yuefu.errors import FormatError, MissingSystemError

log = logging.getLogger(__name__)

DRUM_CHANNEL = 9
_SUSTAIN = 64
_ALL_SOUND_OFF = 120
_OK = 0
# The library sets up its tables with the first synthesiser: a second one started meanwhile on
# another thread would play with half-made tables.
_STARTING = threading.Lock()
_LOG_CALLBACK = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)
#: Function -> (result, arguments), for those that don't just take and return ints.
_POINTER = ctypes.c_void_p
_SIGNATURES: dict[str, tuple[Any, list[Any]]] = {
    "new_fluid_settings": (_POINTER, []),
    "delete_fluid_settings": (None, [_POINTER]),
    "fluid_settings_setint": (ctypes.c_int, [_POINTER, ctypes.c_char_p, ctypes.c_int]),
    "fluid_settings_setnum": (ctypes.c_int, [_POINTER, ctypes.c_char_p, ctypes.c_double]),
    "new_fluid_synth": (_POINTER, [_POINTER]),
    "delete_fluid_synth": (None, [_POINTER]),
    "fluid_synth_sfload": (ctypes.c_int, [_POINTER, ctypes.c_char_p, ctypes.c_int]),
    "fluid_synth_program_select": (ctypes.c_int, [_POINTER] + [ctypes.c_int] * 4),
    "fluid_synth_program_change": (ctypes.c_int, [_POINTER] + [ctypes.c_int] * 2),
    "fluid_synth_noteon": (ctypes.c_int, [_POINTER] + [ctypes.c_int] * 3),
    "fluid_synth_noteoff": (ctypes.c_int, [_POINTER] + [ctypes.c_int] * 2),
    "fluid_synth_cc": (ctypes.c_int, [_POINTER] + [ctypes.c_int] * 3),
    "fluid_synth_get_active_voice_count": (ctypes.c_int, [_POINTER]),
    "fluid_synth_write_float": (
        ctypes.c_int,
        [_POINTER, ctypes.c_int, _POINTER, ctypes.c_int, ctypes.c_int, _POINTER, ctypes.c_int, ctypes.c_int],
    ),
    "fluid_set_log_function": (_POINTER, [ctypes.c_int, _LOG_CALLBACK, _POINTER]),
}


class Synth:
    """One synthesiser with a soundfont loaded. Use it as a context manager, from one thread at a time.

    sr: frames a second; gain: 0.4 leaves headroom for a full band. Raises MissingSystemError when
    there is no libfluidsynth and FormatError when the soundfont can't be loaded.
    """

    def __init__(self, soundfont: Path, sr: int = 44100, gain: float = 0.4) -> None:
        self._lib = library()
        self._settings = self._synth = None
        settings = self._settings = self._lib.new_fluid_settings()
        # Reverb and chorus are the mixer's business; samples are loaded as programs are chosen.
        for name, value in (
            (b"synth.reverb.active", 0),
            (b"synth.chorus.active", 0),
            (b"synth.dynamic-sample-loading", 1),
            (b"synth.polyphony", 256),
        ):
            self._lib.fluid_settings_setint(settings, name, value)
        self._lib.fluid_settings_setnum(settings, b"synth.sample-rate", float(sr))
        self._lib.fluid_settings_setnum(settings, b"synth.gain", gain)
        with _STARTING:
            self._synth = self._lib.new_fluid_synth(settings)
        if not self._synth:
            self.close()
            raise MissingSystemError(f"FluidSynth can't start at {sr} Hz: use a rate from 8000 to 96000.")
        self._font = self._lib.fluid_synth_sfload(self._synth, str(soundfont).encode(sys.getfilesystemencoding()), 1)
        if self._font < 0:
            self.close()
            raise FormatError(f"the soundfont '{soundfont}' can't be loaded: it is damaged, give another .sf2 file.")

    def __enter__(self) -> Synth:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Free the synthesiser; using it afterwards is an error."""
        if self._synth:
            self._lib.delete_fluid_synth(self._synth)
        if self._settings:
            self._lib.delete_fluid_settings(self._settings)
        self._synth = self._settings = None

    def select(self, channel: int, program: int) -> None:
        """Choose a General MIDI program (0-127); on the drum channel a kit, the standard one if it is missing."""
        if channel == DRUM_CHANNEL:
            if self._lib.fluid_synth_program_select(self._synth, channel, self._font, 128, program) != _OK:
                self._lib.fluid_synth_program_select(self._synth, channel, self._font, 128, 0)
            return
        if self._lib.fluid_synth_program_select(self._synth, channel, self._font, 0, program) != _OK:
            log.warning("the soundfont has no program %d: the synthesiser chooses the nearest", program)
            self._lib.fluid_synth_program_change(self._synth, channel, program)

    def note_on(self, channel: int, pitch: int, velocity: int) -> None:
        """Start a note."""
        self._lib.fluid_synth_noteon(self._synth, channel, pitch, velocity)

    def note_off(self, channel: int, pitch: int) -> None:
        """Release a note; one that isn't sounding is no error."""
        self._lib.fluid_synth_noteoff(self._synth, channel, pitch)

    def pedal(self, channel: int, down: bool) -> None:
        """Press or lift the sustain pedal."""
        self._lib.fluid_synth_cc(self._synth, channel, _SUSTAIN, 127 if down else 0)

    def silence(self, channel: int) -> None:
        """Cut off whatever sounds on a channel, without its release."""
        self._lib.fluid_synth_cc(self._synth, channel, _ALL_SOUND_OFF, 0)

    @property
    def sounding(self) -> int:
        """Voices that still sound, releases included."""
        return int(self._lib.fluid_synth_get_active_voice_count(self._synth))

    def write(self, out: NDArray[np.float32]) -> None:
        """Fill ``out`` (float32, C-contiguous, shape (n, 2)) with the next n frames."""
        if len(out):
            at = out.ctypes.data
            self._lib.fluid_synth_write_float(self._synth, len(out), at, 0, 2, at, 1, 2)


@_LOG_CALLBACK
def _to_logging(level: int, message: bytes | None, _: Any) -> None:
    # FluidSynth's levels: 0 panic, 1 error, 2 warning, 3 information, 4 debugging.
    severity = {0: logging.WARNING, 1: logging.WARNING, 2: logging.DEBUG}.get(level, logging.DEBUG)
    log.log(severity, "fluidsynth: %s", (message or b"").decode("utf-8", "replace").strip())


@cache
def library() -> Any:
    """libfluidsynth, its functions declared. Raises MissingSystemError when there is none."""
    for candidate in _candidates():
        try:
            lib = ctypes.CDLL(candidate)
            for name, (result, arguments) in _SIGNATURES.items():
                function = getattr(lib, name)
                function.restype, function.argtypes = result, arguments
        except (OSError, AttributeError) as error:
            log.debug("not %s: %s", candidate, error)
            continue
        for level in range(5):
            lib.fluid_set_log_function(level, _to_logging, None)
        log.debug("FluidSynth from %s", candidate)
        return lib
    raise MissingSystemError(_advice(sys.platform))


def _candidates() -> Iterator[str]:
    """Places of the library, the system's first, those inside pygame-ce's wheels after."""
    for name in ("fluidsynth", "fluidsynth-3", "libfluidsynth-3", "libfluidsynth"):
        found = ctypes.util.find_library(name)
        if found:
            yield found
            break
    spec = importlib.util.find_spec("pygame")  # found, not imported
    if spec is None or not spec.origin:
        return
    package = Path(spec.origin).parent
    for folder in (package.parent / "pygame_ce.libs", package / ".dylibs", package):
        for pattern in ("libfluidsynth*.so*", "libfluidsynth*.dylib", "*fluidsynth*.dll"):
            yield from (str(path) for path in sorted(folder.glob(pattern)))


def _advice(platform: str) -> str:
    how = {
        "win32": "download FluidSynth for Windows and put its bin folder on PATH",
        "darwin": "brew install fluid-synth, or pip install pygame-ce",
    }.get(platform, "pip install pygame-ce, or install your system's libfluidsynth3")
    return f"sound needs FluidSynth, which isn't on this machine: {how}."
