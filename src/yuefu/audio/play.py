"""Sound on the desktop, through pygame's mixer."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yuefu.audio.files import read_audio
from yuefu.errors import MissingSystemError
from yuefu.progress import Listener, Progress, ignore

#: SDL drivers that take sound and let nobody hear it.
_SILENT_DRIVERS = ("dummy", "disk")
_POLL_MS = 50


def play_audio(audio: NDArray[np.float32], sr: int, progress: Listener = ignore) -> bool:
    """Play audio (n, 2) to its end; Ctrl-C stops it. Whether it was heard to the end.

    progress is told the seconds played. Raises MissingSystemError where there is no sound device.
    """
    frames = np.ascontiguousarray(np.clip(np.rint(np.nan_to_num(audio) * 32767), -32768, 32767), dtype="<i2")
    seconds = len(frames) / sr
    with _mixer(sr) as pygame:
        channel = pygame.mixer.Sound(buffer=frames.tobytes()).play()
        begun = pygame.time.get_ticks()
        try:
            while channel is not None and channel.get_busy():
                progress(Progress("play", min((pygame.time.get_ticks() - begun) / 1000.0, seconds), seconds))
                pygame.time.wait(_POLL_MS)
        except KeyboardInterrupt:
            channel.stop()
            return False
    progress(Progress("play", seconds, seconds))
    return True


def play_file(path: Path | str, progress: Listener = ignore) -> bool:
    """Play a sound file; see ``play_audio`` and ``read_audio``."""
    audio, sr = read_audio(path)
    return play_audio(audio, sr, progress)


@contextmanager
def _mixer(sr: int) -> Iterator[Any]:
    """pygame with its mixer open at a rate, in 16-bit stereo. Closed afterwards, whatever happens."""
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    try:
        import pygame
    except ImportError:
        raise MissingSystemError("playing sound needs pygame-ce: pip install pygame-ce.") from None
    try:
        with _quiet_stderr():
            pygame.mixer.init(frequency=sr, size=-16, channels=2, buffer=1024, allowedchanges=0)
    except pygame.error as error:
        raise MissingSystemError(_advice(f"{error!s:.80}")) from error
    try:
        driver = str(pygame.mixer.get_driver())
        if driver in _SILENT_DRIVERS:
            raise MissingSystemError(_advice(f"SDL_AUDIODRIVER is '{driver}', which is silent"))
        yield pygame
    finally:
        pygame.mixer.quit()


def _advice(reason: str) -> str:
    how = {
        "win32": "check the output device in Windows' sound settings",
        "darwin": "check the output device in System Settings, Sound",
    }.get(sys.platform, "connect one or start PulseAudio or PipeWire")
    return f"there is no sound device to play on ({reason}): {how}, or write a sound file and play it elsewhere."


@contextmanager
def _quiet_stderr() -> Iterator[None]:
    """ALSA tells of missing devices in a dozen lines on the process's error stream: one sentence is enough."""
    try:
        saved = os.dup(2)
        nowhere = os.open(os.devnull, os.O_WRONLY)
    except OSError:  # no error stream to begin with
        yield
        return
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(nowhere)
