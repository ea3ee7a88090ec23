"""Tell the style of a recording: windows of its log-mel picture through a network, and what the verdict goes by."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yuefu.audio.features.mel import hz_of, mel_of
from yuefu.audio.features.read import RATE, read_mono
from yuefu.errors import InputError
from yuefu.recognition.network import Network, Verdict
from yuefu.recognition.sound_windows import BANDS, FRAMES, SECONDS, sound_windows

#: Name of the weights and facts.
SOUNDS = "sounds"
#: What is hidden at a time to explain a verdict: stretches of a window and groups of bands.
STRETCHES, GROUPS = 12, 8


class SoundStyles(Network):
    """The network over log-mel pictures of a folder, or the package's."""

    def __init__(self, folder: Path | None = None) -> None:
        super().__init__(SOUNDS, folder)

    def logits(self, levels: NDArray[np.float32], mask: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
        """Logits (n, labels) of pictures in dB (n, BANDS, FRAMES); mask: as large, 0 where hidden."""
        return self.run({"levels": levels, "mask": np.ones_like(levels) if mask is None else mask})

    def of_signal(self, signal: NDArray[np.floating]) -> Verdict:
        """The verdict on a mono signal at 22,050 Hz. Raises InputError for silence."""
        return self.verdict(self.logits(_pictures(signal)[1]))

    def __call__(self, path: Path | str) -> Verdict:
        """The verdict on a sound file. Raises as ``audio.files.read_audio``, and InputError for silence."""
        return self.of_signal(read_mono(path))


@cache
def sound_styles() -> SoundStyles:
    """The package's own, loaded once."""
    return SoundStyles()


def _pictures(signal: NDArray[np.floating]) -> tuple[list[float], NDArray[np.float32]]:
    starts, levels = sound_windows(signal)
    if not starts:
        raise InputError("the recording is silent: there is nothing to tell a style by.")
    return starts, levels


@dataclass(frozen=True)
class SoundExplanation:
    """Effects of what is hidden, as in ``explain``.

    starts: of the windows in seconds; cells: (windows, GROUPS, STRETCHES), groups of bands from low to high, stretches
    in time; levels: the pictures in dB.
    """

    label: str
    starts: list[float]
    cells: NDArray[np.float64]
    levels: NDArray[np.float32]

    @property
    def edges(self) -> list[float]:
        """Where groups of bands begin, in Hz, and the top."""
        top = float(mel_of(RATE / 2))
        return [round(float(hz_of(place))) for place in np.linspace(0, top, GROUPS + 1)]

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "style": self.label,
            "windows": [round(start, 2) for start in self.starts],
            "seconds_a_cell": round(SECONDS / STRETCHES, 3),
            "hz": self.edges,
            "cells": [[[round(float(v), 4) for v in row] for row in window] for window in self.cells],
        }


def explain_sound(network: SoundStyles, signal: NDArray[np.floating], label: str) -> SoundExplanation:
    """What speaks for a label in a recording: each stretch of each group of bands hidden in turn."""
    starts, levels = _pictures(signal)
    column = network.facts.labels.index(label)
    bands, frames = BANDS // GROUPS, -(-FRAMES // STRETCHES)
    cells = np.zeros((len(starts), GROUPS, STRETCHES))

    def odds(pictures: NDArray[np.float32], mask: NDArray[np.float32] | None = None) -> NDArray[np.float64]:
        return network.log_odds(network.logits(pictures, mask), column)

    for number, picture in enumerate(levels):
        mask = np.ones((GROUPS * STRETCHES, BANDS, FRAMES), dtype=np.float32)
        for cell in range(len(mask)):
            group, stretch = divmod(cell, STRETCHES)
            mask[cell, group * bands : (group + 1) * bands, stretch * frames : (stretch + 1) * frames] = 0
        before = float(odds(picture[None])[0])
        effect = before - odds(np.repeat(picture[None], len(mask), axis=0), mask)
        cells[number] = effect.reshape(GROUPS, STRETCHES)
    return SoundExplanation(label, starts, cells, levels)
