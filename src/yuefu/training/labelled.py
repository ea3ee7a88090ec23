"""Learning to tell labels: balanced batches, held-out pieces, folds by group; what is common to scores and
recordings."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn
from torch.nn import functional

from yuefu.recognition.calibration import softmax
from yuefu.training.folds import folds_of
from yuefu.training.judged import measures, write_predictions
from yuefu.training.supervised import Event, LoopTable, Task, best_weights, fit

#: Windows of a held-out piece while training, and when it is measured at the end.
_GLANCES, _WINDOWS = 2, 8

#: What follows from the pieces that are learnt from, and isn't taken from other weights.
_OWN = ("mean", "spread")

Arrays = tuple[NDArray[np.float32], ...]


class LabelTable(BaseModel):
    """What is learnt, and how pieces are drawn.

    balance: a label is drawn by its pieces to this power, 1 as often as it comes, 0 as often as any other; weights: by
    how much a label drawn seldom counts more, 1 for fully; smoothing: of the labels; goal: the held-out measure by
    which the best weights are chosen, ``"loss"`` where held-out pieces are few; init: weights of a trained network to
    begin from, as far as layers have the same sizes.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    width: int = Field(default=64, ge=8, le=256)
    dropout: float = Field(default=0.5, ge=0, lt=1)
    batch: int = Field(default=64, ge=2)
    balance: float = Field(default=0.5, ge=0, le=1)
    weights: float = Field(default=0.0, ge=0, le=1)
    smoothing: float = Field(default=0.05, ge=0, lt=1)
    goal: Literal["missed", "loss"] = "missed"
    init: Path | None = None


@dataclass(frozen=True)
class Split:
    """Pieces to learn from, to stop by, and to measure with."""

    train: NDArray[np.int64]
    valid: NDArray[np.int64]
    test: NDArray[np.int64]


def splits(groups: NDArray[np.integer], truth: NDArray[np.integer], folds: int, seed: int) -> list[Split]:
    """A split for each fold: a fold's pieces test, an eighth of the others (by groups) stops the training."""
    fold = folds_of(groups, truth, folds, seed)
    return [
        Split(*_divided(groups, truth, np.flatnonzero(fold != number), seed), np.flatnonzero(fold == number))
        for number in range(folds)
    ]


def whole_split(groups: NDArray[np.integer], truth: NDArray[np.integer], seed: int) -> Split:
    """All pieces, an eighth of them to stop by; nothing left to measure with."""
    return Split(*_divided(groups, truth, np.arange(len(truth)), seed), np.zeros(0, dtype=np.int64))


def _divided(
    groups: NDArray[np.integer], truth: NDArray[np.integer], pieces: NDArray[np.int64], seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    part = folds_of(groups[pieces], truth[pieces], 8, seed + 1)
    return pieces[part != 0], pieces[part == 0]


class LabelTask(Task):
    """Labels from windows of pieces. truth: number of each piece's label in ``names``."""

    def __init__(
        self, truth: NDArray[np.int64], names: Sequence[str], split: Split, table: LabelTable, seed: int
    ) -> None:
        self.truth, self.names, self.split, self.seed = truth, list(names), split, seed
        self._smoothing, self._batch, self._init, self.goal = table.smoothing, table.batch, table.init, table.goal
        self.by_label = [split.train[truth[split.train] == label] for label in range(len(self.names))]
        count = np.array([len(pieces) for pieces in self.by_label], dtype=float)
        drawn = np.where(count > 0, count**table.balance, 0.0)
        self._drawn = drawn / drawn.sum()
        rare = np.where(count > 0, 1 / np.maximum(self._drawn, 1e-9), 0.0) ** table.weights
        self._weights = torch.tensor(rare / (rare * self._drawn).sum(), dtype=torch.float32)

    @abstractmethod
    def fresh(self) -> nn.Module:
        """A network with random weights."""

    def build(self) -> nn.Module:
        """The network to begin with."""
        model = self.fresh()
        if self._init is not None:
            given = best_weights(self._init)
            own = model.state_dict()
            same = {k: v for k, v in given.items() if k in own and own[k].shape == v.shape and k not in _OWN}
            model.load_state_dict(own | same)
        return model

    @abstractmethod
    def window(self, piece: int, rng: np.random.Generator) -> Arrays:
        """A drawn and changed window of a piece: the network's inputs, without the axis of the batch."""

    @abstractmethod
    def logits(self, model: nn.Module, pieces: NDArray[np.int64], most: int) -> list[NDArray[np.float32]]:
        """Logits (windows, labels) of each piece, of at most so many windows."""

    def batch(self, step: int) -> tuple[Arrays, NDArray[np.int64]]:
        """Inputs and labels of a step's windows."""
        rng = np.random.default_rng([self.seed, step])
        truth = rng.choice(len(self._drawn), self._batch, p=self._drawn)
        windows = [self.window(int(rng.choice(self.by_label[label])), rng) for label in truth.tolist()]
        return tuple(np.stack(each) for each in zip(*windows)), truth

    def losses(self, model: nn.Module, step: int) -> dict[str, Tensor]:
        """Cross-entropy of a step's windows, and how many are told right."""
        inputs, truth = self.batch(step)
        device = next(model.parameters()).device
        logits = model(*(torch.from_numpy(array).to(device) for array in inputs))
        wanted = torch.from_numpy(truth).to(device)
        losses = functional.cross_entropy(logits, wanted, reduction="none", label_smoothing=self._smoothing)
        weight = self._weights.to(device)[wanted]
        return {"loss": (losses * weight).mean(), "accuracy": (logits.argmax(dim=1) == wanted).float().mean()}

    def evaluate(self, model: nn.Module) -> dict[str, float]:
        """Pieces that aren't learnt from; see ``measures``."""
        shares = np.array([softmax(each).mean(axis=0) for each in self.logits(model, self.split.valid, _GLANCES)])
        return measures(shares, self.truth[self.split.valid])


def cross_validate(
    tasks: Callable[[Split], LabelTask],
    parts: Sequence[Split],
    loop: LoopTable,
    run: Path,
    device: str = "cpu",
    only: int | None = None,
) -> Iterator[tuple[int, Event]]:
    """Train a network a fold in ``run/fold-n`` and keep what each says of its test pieces; yields (fold, event).

    A fold that is done isn't done again. ``predictions.npz`` holds the logits of validation and test pieces.
    """
    for number, split in enumerate(parts):
        folder = run / f"fold-{number}"
        if only not in (None, number) or (folder / "predictions.npz").exists():
            continue
        task = tasks(split)
        for event in fit(task, loop, folder, device):
            yield number, event
        save_predictions(task, folder)


def save_predictions(task: LabelTask, folder: Path) -> None:
    """Write logits of a run's best weights for its validation and test pieces, by window."""
    model = task.fresh()
    model.load_state_dict(best_weights(folder))
    write_predictions(
        folder,
        task.names,
        {
            name: (task.logits(model, pieces, _WINDOWS), task.truth[pieces], pieces)
            for name, pieces in (("valid", task.split.valid), ("test", task.split.test))
        },
    )
