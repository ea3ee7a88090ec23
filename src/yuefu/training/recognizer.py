"""Learning to tell labels from rolls: balanced batches of changed windows, held-out pieces, folds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn
from torch.nn import functional

from yuefu.analysis.bar_roll import DRUMS, ONSETS, ROWS, STATS, STEPS
from yuefu.models.recognizer import RollConfig, RollRecognizer
from yuefu.recognition.calibration import softmax
from yuefu.recognition.windows import BARS, starts_of
from yuefu.training.folds import folds_of
from yuefu.training.rolls import Rolls
from yuefu.training.supervised import Event, LoopTable, Task, best_weights, fit

#: Windows of a held-out piece while training, and when it is measured at the end.
_GLANCES, _WINDOWS = 2, 8
_AT_ONCE = 128


class RollTable(BaseModel):
    """What is learnt, and how windows are drawn and changed.

    ignored: numbers of a bar that aren't shown (see ``bar_roll.STATS``); balance: a label is drawn by its pieces to
    this power, 1 as often as it comes, 0 as often as any other; weights: by how much a label drawn seldom counts more,
    1 for fully; smoothing: of the labels; hide_bars, hide_band, hide_drums, hide_numbers: how often a bar, a
    window's band, its drums and its numbers are hidden; other_key: how often the key is taken for one a fifth away.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    width: int = Field(default=64, ge=8, le=256)
    dropout: float = Field(default=0.4, ge=0, lt=1)
    batch: int = Field(default=64, ge=2)
    ignored: tuple[str, ...] = ("loudness", "loudness_spread")
    balance: float = Field(default=0.5, ge=0, le=1)
    weights: float = Field(default=0.5, ge=0, le=1)
    smoothing: float = Field(default=0.05, ge=0, lt=1)
    hide_bars: float = Field(default=0.1, ge=0, lt=1)
    hide_band: float = Field(default=0.15, ge=0, lt=1)
    hide_drums: float = Field(default=0.1, ge=0, lt=1)
    hide_numbers: float = Field(default=0.1, ge=0, lt=1)
    other_key: float = Field(default=0.15, ge=0, lt=1)

    @property
    def shown(self) -> list[int]:
        """Columns of a bar's numbers that the network sees."""
        return [number for number, name in enumerate(STATS) if name not in self.ignored]


@dataclass(frozen=True)
class Split:
    """Pieces to learn from, to stop by, and to measure with."""

    train: NDArray[np.int64]
    valid: NDArray[np.int64]
    test: NDArray[np.int64]


def splits(rolls: Rolls, folds: int, seed: int) -> list[Split]:
    """A split for each fold: a fold's pieces test, an eighth of the others (by groups) stops the training."""
    fold = folds_of(rolls.groups, rolls.truth, folds, seed)
    return [Split(*_divided(rolls, np.flatnonzero(fold != k), seed), np.flatnonzero(fold == k)) for k in range(folds)]


def whole_split(rolls: Rolls, seed: int) -> Split:
    """All pieces, an eighth of them to stop by; nothing left to measure with."""
    return Split(*_divided(rolls, np.arange(len(rolls)), seed), np.zeros(0, dtype=np.int64))


def _divided(rolls: Rolls, pieces: NDArray[np.int64], seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    part = folds_of(rolls.groups[pieces], rolls.truth[pieces], 8, seed + 1)
    return pieces[part != 0], pieces[part == 0]


class RollTask(Task):
    """Labels from windows of rolls."""

    goal = "missed"

    def __init__(self, rolls: Rolls, split: Split, table: RollTable, seed: int) -> None:
        self.rolls, self.split, self.table, self.seed = rolls, split, table, seed
        truth = rolls.truth[split.train]
        self._by_label = [split.train[truth == label] for label in range(len(rolls.names))]
        count = np.array([len(pieces) for pieces in self._by_label], dtype=float)
        drawn = np.where(count > 0, count**table.balance, 0.0)
        self._drawn = drawn / drawn.sum()
        rare = np.where(count > 0, 1 / np.maximum(self._drawn, 1e-9), 0.0) ** table.weights
        self._weights = torch.tensor(rare / (rare * self._drawn).sum(), dtype=torch.float32)

    def build(self) -> RollRecognizer:
        """The network, its numbers scaled by the pieces that are learnt from."""
        shown = self.table.shown
        model = RollRecognizer(
            RollConfig(ROWS, STEPS, len(shown), len(self.rolls.names), self.table.width, self.table.dropout)
        )
        bars = np.concatenate([np.arange(s.start, s.stop) for s in map(self.rolls.bars_of, self.split.train.tolist())])
        stats = self.rolls.stats[bars][:, shown].astype(np.float32)
        model.set_scale(torch.from_numpy(stats.mean(axis=0)), torch.from_numpy(stats.std(axis=0)))
        return model

    def losses(self, model: nn.Module, step: int) -> dict[str, Tensor]:
        """Cross-entropy of a step's windows, and how many are told right."""
        rows, stats, mask, truth = self.batch(step)
        device = next(model.parameters()).device
        logits = model(*(torch.from_numpy(array).to(device) for array in (rows, stats, mask)))
        wanted = torch.from_numpy(truth).to(device)
        losses = functional.cross_entropy(logits, wanted, reduction="none", label_smoothing=self.table.smoothing)
        weight = self._weights.to(device)[wanted]
        return {"loss": (losses * weight).mean(), "accuracy": (logits.argmax(dim=1) == wanted).float().mean()}

    def batch(
        self, step: int
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]:
        """Rows, stats, mask and labels of a step's windows, changed as the table says."""
        rng = np.random.default_rng([self.seed, step])
        truth = rng.choice(len(self._drawn), self.table.batch, p=self._drawn)
        rows, stats = [], []
        for label in truth.tolist():
            piece = int(rng.choice(self._by_label[label]))
            bars = self.rolls.bars_of(piece)
            window = self.rolls.window(piece, int(rng.integers(max(bars.stop - bars.start - BARS, 0) + 1)))
            row, stat = self._changed(*window, rng)
            rows.append(row)
            stats.append(stat)
        mask = (rng.random((len(truth), BARS)) >= self.table.hide_bars).astype(np.float32)
        mask[:, 0] = np.maximum(mask[:, 0], mask.sum(axis=1) == 0)
        return np.stack(rows), np.stack(stats)[:, :, self.table.shown], mask, truth

    def _changed(
        self, rows: NDArray[np.float32], stats: NDArray[np.float32], rng: np.random.Generator
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        table = self.table
        if rng.random() < table.other_key:
            by = int(rng.choice((-7, 5, -5, 7)))
            bands = rows[:, :48].reshape(len(rows), 4, 12, STEPS)
            rows[:, :48] = np.roll(bands, by, axis=2).reshape(len(rows), 48, STEPS)
        if rng.random() < table.hide_band:
            hide_band(rows, int(rng.integers(4)))
        if rng.random() < table.hide_drums and rows[:, : DRUMS.start].any():
            rows[:, DRUMS] = 0
            stats[:, STATS.index("drum_hits")] = 0
        if rng.random() < table.hide_numbers:
            stats[:] = 0
        return rows, stats

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
        found = np.concatenate(out) if out else np.zeros((0, len(self.rolls.names)), np.float32)
        return [found[np.array(owner) == number] for number in range(len(pieces))]

    def evaluate(self, model: nn.Module) -> dict[str, float]:
        """Pieces that aren't learnt from: nats (each label as much as any other), accuracy, macro F1."""
        shares = np.array([softmax(each).mean(axis=0) for each in self.logits(model, self.split.valid, _GLANCES)])
        return measures(shares, self.rolls.truth[self.split.valid])


def hide_band(rows: NDArray[np.float32], band: int) -> None:
    """Take a band of an octave out of a window's rows."""
    rows[:, band * 12 : band * 12 + 12] = 0
    rows[:, ONSETS.start + band] = 0


def measures(shares: NDArray[np.floating], truth: NDArray[np.integer]) -> dict[str, float]:
    """Nats averaged over labels, accuracy, mean recall and F1 over the labels that there are, and ``missed``: what is
    missing from 1 in the mean of accuracy and F1.

    >>> measures(np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([0, 0]))["accuracy"]
    1.0
    """
    nats = -np.log(np.maximum(shares[np.arange(len(truth)), truth], 1e-6))
    best = shares.argmax(axis=1)
    there = np.unique(truth)
    recall = [float((best[truth == label] == label).mean()) for label in there]
    f1 = [2 * float(((best == k) & (truth == k)).sum()) / float((best == k).sum() + (truth == k).sum()) for k in there]
    accuracy, macro = float((best == truth).mean()), float(np.mean(f1))
    return {
        "loss": float(np.mean([nats[truth == label].mean() for label in there])),
        "accuracy": accuracy,
        "macro_recall": float(np.mean(recall)),
        "macro_f1": macro,
        "missed": 1 - (accuracy + macro) / 2,
    }


def cross_validate(
    rolls: Rolls,
    table: RollTable,
    loop: LoopTable,
    folds: int,
    run: Path,
    device: str = "cpu",
    only: int | None = None,
) -> Iterator[tuple[int, Event]]:
    """Train a network a fold in ``run/fold-n`` and keep what each says of its test pieces; yields (fold, event).

    A fold that is done isn't done again. ``predictions.npz`` holds the logits of validation and test pieces.
    """
    for number, split in enumerate(splits(rolls, folds, loop.seed)):
        folder = run / f"fold-{number}"
        if only not in (None, number) or (folder / "predictions.npz").exists():
            continue
        task = RollTask(rolls, split, table, loop.seed)
        for event in fit(task, loop, folder, device):
            yield number, event
        save_predictions(task, folder)


def save_predictions(task: RollTask, folder: Path) -> None:
    """Write logits of a run's best weights for its validation and test pieces, by window."""
    model = task.build()
    model.load_state_dict(best_weights(folder))
    told: dict[str, NDArray] = {"names": np.array(task.rolls.names)}
    for name, pieces in (("valid", task.split.valid), ("test", task.split.test)):
        logits = task.logits(model, pieces, _WINDOWS)
        told[f"{name}_logits"] = np.concatenate(logits) if logits else np.zeros((0, len(task.rolls.names)))
        told[f"{name}_windows"] = np.array([len(each) for each in logits], dtype=np.int64)
        told[f"{name}_truth"] = task.rolls.truth[pieces]
        told[f"{name}_pieces"] = pieces
    temporary = folder / "predictions.tmp.npz"
    np.savez(temporary, **told)  # type: ignore[arg-type]
    temporary.replace(folder / "predictions.npz")
