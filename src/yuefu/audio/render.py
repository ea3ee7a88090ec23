"""A score or a performance to finished sound."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yuefu.audio.mix import Balance, mix_stems
from yuefu.audio.soundfont import find_soundfont
from yuefu.audio.synth import TAIL, Stem, check_length, render_stems
from yuefu.errors import InputError
from yuefu.progress import Listener, Progress, ignore
from yuefu.score.model import Score
from yuefu.score.performed import Performance, as_written

#: Frames a second that can be rendered at.
SAMPLE_RATES = (22050, 32000, 44100, 48000, 88200, 96000)
#: Styles that sound in another room than a stage.
_ROOMS = {
    **dict.fromkeys(("electronic", "hiphop", "disco", "funk", "lofi", "reggae", "metal", "punk"), "studio"),
    **dict.fromkeys(("classical", "romantic", "art_song", "modern", "epic", "cinematic", "ambient"), "hall"),
    **dict.fromkeys(("chorale", "hymn", "renaissance"), "church"),
}


def render_score(
    score: Score,
    performance: Performance | None = None,
    sr: int = 44100,
    progress: Listener = ignore,
    *,
    soundfont: str | Path | None = None,
) -> NDArray[np.float32]:
    """The sound of a piece: float32 (n, 2), -14 LUFS, no sample above 0.89. The same input gives the same bytes.

    performance: how it is played, None for exactly as written; sr: frames a second, one of ``SAMPLE_RATES``;
    soundfont: see ``find_soundfont``. Frame 0 is tick 0. Raises LimitError over an hour of music,
    MissingSystemError without FluidSynth or a soundfont, FormatError for a damaged soundfont.
    """
    return render_with_balance(score, performance, sr, progress, soundfont=soundfont)[0]


def render_with_balance(
    score: Score,
    performance: Performance | None = None,
    sr: int = 44100,
    progress: Listener = ignore,
    *,
    soundfont: str | Path | None = None,
) -> tuple[NDArray[np.float32], Balance]:
    """As ``render_score``, with the levels that the mixer chose and the loudness and peak that came out."""
    if sr not in SAMPLE_RATES:
        raise InputError(f"{sr} Hz can't be rendered: use one of {', '.join(map(str, SAMPLE_RATES))}.")
    played = performance or as_written(score)
    seconds = check_length(played)
    font = find_soundfont(soundfont)
    room = room_of(str(score.metadata.get("style", "")))
    total = sum(1 for part in score.parts if len(played.notes.get(part.id, ()))) + 1

    def reported() -> Iterator[Stem]:
        for done, stem in enumerate(render_stems(played, font, sr), start=1):
            progress(Progress("sound", done, total, stem.part.name))
            yield stem

    audio, balance = mix_stems(reported(), score.parts, sr, room, seconds=seconds + TAIL)
    progress(Progress("sound", total, total, "mix"))
    return audio, balance


def room_of(style: str) -> str:
    """The kind of room that a style is heard in.

    >>> room_of("romantic"), room_of("pop")
    ('hall', 'stage')
    """
    return _ROOMS.get(style, "stage")
