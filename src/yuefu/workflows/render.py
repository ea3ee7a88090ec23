"""Score files to sound: into a file, or through the loudspeakers.

A MIDI file is a performance already and is played as it is; notation says little of loudness and
timing, so it is performed as players would, unless it shall sound exactly as written.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yuefu.audio.files import AUDIO_FORMATS, audio_format_of, write_audio
from yuefu.errors import InputError
from yuefu.performance.perform import perform
from yuefu.progress import Listener, ignore
from yuefu.score.files import format_of, output_error, read_score
from yuefu.score.model import Score
from yuefu.score.performed import Performance

SAMPLE_RATE = 44100
#: What may be played out of a composition's folder, in this order.
_IN_A_FOLDER = ("song.wav", "song.flac", "song.ogg", "song.mp3", "song.mid", "song.musicxml")


def performance_of(score: Score, source: Path, as_written: bool = False, seed: int = 0) -> Performance | None:
    """How to play a score read from a file; None for exactly as written."""
    if as_written or (source.suffix.lower() in (".mid", ".midi") and format_of(source) == "midi"):
        return None
    return perform(score, seed=seed)


def sound_of(
    source: Path | str,
    *,
    sr: int = SAMPLE_RATE,
    soundfont: Path | str | None = None,
    as_written: bool = False,
    seed: int = 0,
    progress: Listener = ignore,
) -> tuple[NDArray[np.float32], Score]:
    """The sound of a score file, float32 (n, 2) at ``sr`` frames a second, and the score.

    as_written: don't shape loudness and timing; seed: of that shaping. Raises InputError for a file
    that isn't a score, and what ``render_score`` raises.
    """
    from yuefu.audio.render import render_score

    source = Path(source)
    score = read_score(source)
    if not score.note_count:
        raise InputError(f"'{source.name}' has no notes to play: give a score with at least one note.")
    performance = performance_of(score, source, as_written, seed)
    return render_score(score, performance, sr, progress, soundfont=soundfont), score


def render(
    source: Path | str,
    target: Path | str,
    *,
    sr: int = SAMPLE_RATE,
    soundfont: Path | str | None = None,
    as_written: bool = False,
    seed: int = 0,
    progress: Listener = ignore,
) -> Path:
    """Render a score file to a sound file (.wav, .flac, .mp3 or .ogg by extension).

    The file is whole or absent. Raises UnknownNameError for another extension, OutputError when it
    can't be written, and what ``sound_of`` raises.
    """
    target = Path(target)
    audio_format_of(target)
    check_place(target)
    audio, score = sound_of(source, sr=sr, soundfont=soundfont, as_written=as_written, seed=seed, progress=progress)
    tags = {"title": score.title or target.stem}
    if score.composer:
        tags["artist"] = score.composer
    write_audio(target, audio, sr, tags)
    return target


def play(
    source: Path | str,
    *,
    soundfont: Path | str | None = None,
    as_written: bool = False,
    progress: Listener = ignore,
) -> bool:
    """Play a sound file, a score file or a composition's folder; whether it was heard to the end.

    Raises MissingSystemError where there is no sound device.
    """
    from yuefu.audio.play import play_audio, play_file

    path = playable(Path(source))
    if path.suffix.lower() in AUDIO_FORMATS:
        return play_file(path, progress)
    audio, _ = sound_of(path, soundfont=soundfont, as_written=as_written, progress=progress)
    return play_audio(audio, SAMPLE_RATE, progress)


def playable(source: Path) -> Path:
    """The file to play: the source itself, or a folder's song. Raises InputError for a folder without one."""
    if not source.is_dir():
        return source
    for name in _IN_A_FOLDER:
        if (source / name).is_file():
            return source / name
    raise InputError(f"the folder '{source}' holds no song: give a sound file, a score or a folder that Yuefu wrote.")


def check_place(target: Path) -> None:
    """Raise OutputError at once, before long work, when a file plainly can't be written there."""
    folder = target.parent
    reason = 0
    if target.is_dir():
        reason = errno.EISDIR
    elif not folder.exists():
        reason = errno.ENOENT
    elif not folder.is_dir():
        reason = errno.ENOTDIR
    elif not os.access(folder, os.W_OK):
        reason = errno.EACCES
    if reason:
        raise output_error(target, OSError(reason, os.strerror(reason)))
