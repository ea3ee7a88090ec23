"""Learning to tell labels from rolls: windows of bars, changed so that what is hidden or mistaken doesn't matter."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import nn

from yuefu.analysis.bar_roll import DRUMS, ONSETS, ROWS, STATS, STEPS
from yuefu.models.recognizer import RollConfig, RollRecognizer
from yuefu.recognition.windows import BARS, starts_of
from yuefu.training.labelled import Arrays, LabelTable, LabelTask, Split
from yuefu.training.rolls import Rolls

_AT_ONCE = 128


class RollTable(LabelTable):
    """What is learnt, and how windows are changed.

    ignored: numbers of a bar that aren't shown (see ``bar_roll.STATS``); hide_bars, hide_band, hide_drums,
    hide_numbers: how often a bar, a window's band, its drums and its numbers are hidden; other_key: how often the key
    is taken for one a fifth or a fourth away; other_octave: how often all of it is moved by an octave.
    """

    ignored: tuple[str, ...] = ("loudness", "loudness_spread")
    hide_bars: float = Field(default=0.1, ge=0, lt=1)
    hide_band: float = Field(default=0.15, ge=0, lt=1)
    hide_drums: float = Field(default=0.1, ge=0, lt=1)
    hide_numbers: float = Field(default=0.1, ge=0, lt=1)
    other_key: float = Field(default=0.15, ge=0, lt=1)
    other_octave: float = Field(default=0.1, ge=0, lt=1)

    @property
    def shown(self) -> list[int]:
        """Columns of a bar's numbers that the network sees."""
        return [number for number, name in enumerate(STATS) if name not in self.ignored]


class RollTask(LabelTask):
    """Labels from windows of rolls."""

    def __init__(self, rolls: Rolls, split: Split, table: RollTable, seed: int) -> None:
        super().__init__(rolls.truth, rolls.names, split, table, seed)
        self.rolls, self.table = rolls, table
        bars = np.concatenate([np.arange(s.start, s.stop) for s in map(rolls.bars_of, split.train.tolist())])
        stats = rolls.stats[bars].astype(np.float32)
        self._mean, self._spread = stats.mean(axis=0), stats.std(axis=0)

    def fresh(self) -> RollRecognizer:
        """The network, its numbers scaled by the pieces that are learnt from."""
        shown = self.table.shown
        model = RollRecognizer(
            RollConfig(ROWS, STEPS, len(shown), len(self.names), self.table.width, self.table.dropout)
        )
        model.set_scale(torch.from_numpy(self._mean[shown]), torch.from_numpy(self._spread[shown]))
        return model

    def window(self, piece: int, rng: np.random.Generator) -> Arrays:
        """Rows, numbers and mask of a stretch of bars, some of it hidden or in another key."""
        table = self.table
        bars = self.rolls.bars_of(piece)
        rows, stats = self.rolls.window(piece, int(rng.integers(max(bars.stop - bars.start - BARS, 0) + 1)))
        if rng.random() < table.other_key:
            by = int(rng.choice((-7, 5, -5, 7)))
            bands = rows[:, :48].reshape(len(rows), 4, 12, STEPS)
            rows[:, :48] = np.roll(bands, by, axis=2).reshape(len(rows), 48, STEPS)
        if rng.random() < table.other_octave:
            move_octave(rows, stats, up=rng.random() < 0.5)
        if rng.random() < table.hide_band:
            band = int(rng.integers(4))
            rows[:, band * 12 : band * 12 + 12] = 0
            rows[:, ONSETS.start + band] = 0
        if rng.random() < table.hide_drums and rows[:, : DRUMS.start].any():
            rows[:, DRUMS] = 0
            stats[:, STATS.index("drum_hits")] = 0
        if rng.random() < table.hide_numbers:
            stats[:] = self._mean
        mask = (rng.random(BARS) >= table.hide_bars).astype(np.float32)
        mask[0] = max(mask[0], float(not mask.any()))
        return rows, stats[:, table.shown], mask

    def logits(self, model: nn.Module, pieces: NDArray[np.int64], most: int) -> list[NDArray[np.float32]]:
        """Logits (windows, labels) of each piece."""
        device = next(model.parameters()).device
        windows, owner = [], []
        for number, piece in enumerate(pieces.tolist()):
            bars = self.rolls.bars_of(piece)
            for start in starts_of(bars.stop - bars.start, most):
                windows.append((piece, start))
                owner.append(number)
        out = []
        model.eval()
        with torch.no_grad():
            for first in range(0, len(windows), _AT_ONCE):
                cut = [self.rolls.window(*window) for window in windows[first : first + _AT_ONCE]]
                rows = torch.from_numpy(np.stack([row for row, _ in cut])).to(device)
                stats = torch.from_numpy(np.stack([stat for _, stat in cut])[:, :, self.table.shown]).to(device)
                out.append(model(rows, stats, torch.ones(len(cut), BARS, device=device)).cpu().numpy())
        found = np.concatenate(out) if out else np.zeros((0, len(self.names)), np.float32)
        return [found[np.array(owner) == number] for number in range(len(pieces))]


def move_octave(rows: NDArray[np.float32], stats: NDArray[np.float32], up: bool) -> None:
    """Move all pitches of a window by an octave; the outermost band takes in its neighbour."""
    for part, wide in ((slice(0, 48), 12), (ONSETS, 1)):
        bands = rows[:, part].reshape(len(rows), 4, wide, STEPS)
        last, first = (-1, 0) if up else (0, -1)
        outer = np.maximum(bands[:, last], bands[:, -2 if up else 1])
        bands = np.roll(bands, 1 if up else -1, axis=1)
        bands[:, last] = outer
        bands[:, first] = 0
        rows[:, part] = bands.reshape(len(rows), -1, STEPS)
    for name in ("pitch", "lowest", "highest"):
        stats[:, STATS.index(name)] += 1.0 if up else -1.0
