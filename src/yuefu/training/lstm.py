"""The run that makes the recurrent engine: all training pieces, then folds by work with fewer steps; weights."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn
from torch.nn import functional

from yuefu.engines.lstm_inputs import ROWS, fact_sizes, sequence_inputs
from yuefu.models.lstm import LstmConfig, LstmModel, lstm_onnx
from yuefu.progress import Listener, ignore
from yuefu.score.files import atomic_write
from yuefu.tokens.sequence import training_ids
from yuefu.training.batches import Sampler
from yuefu.training.config import DataTable
from yuefu.training.dataset import load_pieces
from yuefu.training.engine_facts import engine_facts
from yuefu.training.engine_samples import draw_restricted, held_out
from yuefu.training.folds import folds_of
from yuefu.training.masking import Sample
from yuefu.training.pieces import Piece
from yuefu.training.samples import labelled_ids
from yuefu.training.supervised import Event, LoopTable, Task, best_weights, fit

#: Tokens, facts, next tokens, weights.
Item = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
#: Sequences that are evaluated at once.
_AT_ONCE = 16


class NetworkTable(BaseModel):
    """Sizes, see ``models.lstm.LstmConfig``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    width: int = Field(default=96, ge=16, le=512)
    hidden: int = Field(default=288, ge=16, le=1024)
    dropout: float = Field(default=0.15, ge=0, lt=1)


class LstmRunConfig(BaseModel):
    """A run's settings. folds: of the cross-validation by work, 0 for none; fold_steps: of each."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    folds: int = Field(default=0, ge=0, le=20)
    fold_steps: int = Field(default=150, ge=1)
    held_out_samples: int = Field(default=120, ge=1)
    data: DataTable
    loop: LoopTable = LoopTable()
    network: NetworkTable = NetworkTable()

    def run(
        self, data: Path, run: Path, device: str = "cpu", progress: Listener = ignore
    ) -> Iterator[tuple[str, Event]]:
        """Train in ``run``; the folder gets lstm.onnx and lstm.json."""
        pieces = load_pieces(data, sorted(self.data.weights), progress)
        parts = {name: [piece for piece in pieces if piece.split == name] for name in ("train", "valid", "test")}
        task = LstmTask(parts["train"], parts["valid"], self)
        for event in fit(task, self.loop, run / "whole", device):
            yield "whole", event
        measured: dict[str, Any] = {
            "held_out": task.measured(best_weights(run / "whole"), parts["test"], self.held_out_samples * 2)
        }
        self._publish(task, run, measured, pieces)
        if not self.folds:
            return
        found = []
        for number, (train, valid) in enumerate(work_folds(parts["train"], self.folds, self.loop.seed)):
            part = LstmTask(train, valid, self)
            loop = self.loop.model_copy(update={"steps": self.fold_steps})
            for event in fit(part, loop, run / f"fold-{number}", device):
                yield f"fold-{number}", event
            weights = best_weights(run / f"fold-{number}")
            found.append(part.measured(weights, valid, self.held_out_samples)["all"])
        measured["folds"] = {
            "folds": self.folds, "steps": self.fold_steps, "mean": round(float(np.mean(found)), 4),
            "spread": round(float(np.std(found, ddof=1)) if len(found) > 1 else 0.0, 4),
        }  # fmt: skip
        self._publish(task, run, measured, pieces)

    def _publish(self, task: LstmTask, run: Path, measured: dict[str, Any], pieces: Sequence[Piece]) -> None:
        """Write weights and facts."""
        model = task.build()
        model.load_state_dict(best_weights(run / "whole"))
        weights = lstm_onnx(model)
        count = sum(parameter.numel() for parameter in model.parameters())
        facts = engine_facts(count, len(weights), measured, self.data.weights, pieces)
        facts["settings"] = self.model_dump(mode="json", exclude={"kind"})
        atomic_write(run / "lstm.onnx", weights)
        atomic_write(run / "lstm.json", (json.dumps(facts, ensure_ascii=False, indent=1) + "\n").encode())


def work_folds(pieces: Sequence[Piece], folds: int, seed: int) -> Iterator[tuple[list[Piece], list[Piece]]]:
    """Pieces to learn from and to measure with, a fold at a time; the pieces of a work stay together."""
    works, sets = [f"{p.set}/{p.work}" for p in pieces], [p.set for p in pieces]
    number = folds_of(np.unique(works, return_inverse=True)[1], np.unique(sets, return_inverse=True)[1], folds, seed)
    for fold in range(folds):
        yield (
            [p for p, n in zip(pieces, number.tolist(), strict=True) if n != fold],
            [p for p, n in zip(pieces, number.tolist(), strict=True) if n == fold],
        )


class LstmTask(Task):
    """The next token of chords, tunes, basses and drums."""

    def __init__(self, train: Sequence[Piece], valid: Sequence[Piece], config: LstmRunConfig) -> None:
        self.config, self.table = config, config.network
        self.sampler = Sampler(train, config.data, config.loop.seed)
        self.valid = held_out(valid, config.data, ROWS, config.held_out_samples)

    def build(self) -> LstmModel:
        """The network."""
        return LstmModel(
            LstmConfig(
                tuple(fact_sizes()), width=self.table.width, hidden=self.table.hidden, dropout=self.table.dropout
            )
        )

    def batch(self, step: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Tokens, facts, the next tokens and their weights: samples of one length in bars."""
        data = self.config.data
        rng = np.random.default_rng([self.config.loop.seed, step])
        lengths = sorted(data.windows)
        shares = np.array([data.windows[length] for length in lengths])
        bars = int(rng.choice(lengths, p=shares / shares.sum()))
        items: list[Item] = []
        longest = 0
        while True:
            sample = draw_restricted(self.sampler, bars, rng, ROWS)
            item = encoded(*training_ids(sample.window, sample.mask, data.given_weight))
            longest = max(longest, len(item[0]))
            if items and longest * (len(items) + 1) > data.batch_tokens:
                return padded(items)
            items.append(item)

    def losses(self, model: nn.Module, step: int) -> dict[str, Tensor]:
        """Cross-entropy, weighted; ``written``: of what is written alone."""
        assert isinstance(model, LstmModel)
        device = next(model.parameters()).device
        tokens, facts, after, weights = (each.to(device) for each in self.batch(step))
        logits = model.logits(tokens, facts, weights > 0)
        at = weights > 0
        losses = functional.cross_entropy(logits, after[at], reduction="none")
        weight = weights[at]
        return {"loss": (losses * weight).sum() / weight.sum(), "written": losses[weight == 1].mean()}

    def evaluate(self, model: nn.Module) -> dict[str, float]:
        """Nats a written token of the held-out samples, of all and by row."""
        assert isinstance(model, LstmModel)
        found = sample_nats(model, self.valid)
        return {"loss": found["all"], "written": found["all"], **{row: found[row] for row in ROWS if row in found}}

    def measured(self, weights: dict[str, Tensor], pieces: Sequence[Piece], count: int) -> dict[str, float]:
        """Nats of other pieces with some weights."""
        model = self.build()
        model.load_state_dict(weights)
        found = sample_nats(model.eval(), held_out(pieces, self.config.data, ROWS, count))
        return {name: round(value, 4) for name, value in found.items()}


def encoded(ids: list[int], weights: list[float]) -> Item:
    """Tokens, facts, the next heard token and its weight, by step."""
    tokens, facts, heard = sequence_inputs(ids)
    after = np.array([ids[at] for at in heard[1:]], dtype=np.int64)
    return tokens[:-1], facts[:-1], after, np.array([weights[at] for at in heard[1:]], dtype=np.float32)


def padded(items: Sequence[Item]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Items of different lengths in one batch, with weight 0 behind their ends."""
    longest = max(len(item[0]) for item in items)
    out = []
    for part in range(4):
        first = items[0][part]
        whole = np.zeros((len(items), longest, *first.shape[1:]), dtype=first.dtype)
        for number, item in enumerate(items):
            whole[number, : len(item[part])] = item[part]
        out.append(torch.from_numpy(whole))
    return out[0], out[1], out[2], out[3]


@torch.no_grad()
def sample_nats(model: LstmModel, samples: Sequence[Sample]) -> dict[str, float]:
    """Mean nats a written token, ``"all"`` and by row."""
    sums: dict[str, list[float]] = defaultdict(list)
    for first in range(0, len(samples), _AT_ONCE):
        items, labels = [], []
        for sample in samples[first : first + _AT_ONCE]:
            ids, rows = labelled_ids(sample)
            items.append(encoded(ids, [float(row is not None) for row in rows]))
            labels.append([row for row in rows if row is not None])
        tokens, facts, after, weights = padded(items)
        at = weights > 0
        losses = functional.cross_entropy(model.logits(tokens, facts, at), after[at], reduction="none")
        for row, loss in zip([row for each in labels for row in each], losses.tolist(), strict=True):
            sums[row].append(loss)
            sums["all"].append(loss)
    return {name: float(np.mean(values)) for name, values in sums.items()}
