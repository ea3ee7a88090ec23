"""An adapter of the fill model that is learnt from a few pieces: small, restrained, stopped on held-out works."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn
from torch.nn import functional

from yuefu.generation.scorer import Scorer
from yuefu.models.export import load_hugging_face
from yuefu.models.fill import FillModel
from yuefu.models.lora import LoraSizes, factors, with_adapter
from yuefu.tokens.vocabulary import vocabulary
from yuefu.training.batches import Sampler
from yuefu.training.config import DataTable
from yuefu.training.held_out import evaluate
from yuefu.training.masking import Sample
from yuefu.training.own_pieces import OWN
from yuefu.training.pieces import Piece
from yuefu.training.samples import held_out_samples, labelled_ids
from yuefu.training.supervised import Event, LoopTable, Task, best_weights, fit

#: Padded tokens a step: a few hundred written ones, so that a small folder still makes many steps.
BATCH_TOKENS = 1600
#: Windows that are measured to stop by, and before and after.
STOP_WINDOWS, TEST_WINDOWS = 40, 120


class AdaptConfig(BaseModel):
    """A run's settings. rank, alpha, dropout: of the adapter (see ``models.lora``); steps: at most."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    seed: int = 1
    rank: int = Field(default=8, ge=1, le=64)
    alpha: int = Field(default=16, ge=1, le=256)
    dropout: float = Field(default=0.1, ge=0, lt=1)
    rate: float = Field(default=2e-3, gt=0, le=0.1)
    weight_decay: float = Field(default=0.1, ge=0)
    steps: int = Field(default=160, ge=1, le=20_000)
    evaluate_every: int = Field(default=20, ge=1)
    patience: int = Field(default=3, ge=1)

    @property
    def sizes(self) -> LoraSizes:
        """The adapter's."""
        return LoraSizes(self.rank, self.alpha, self.dropout)

    @property
    def loop(self) -> LoopTable:
        """The loop's."""
        return LoopTable(
            seed=self.seed, steps=self.steps, evaluate_every=self.evaluate_every, checkpoint_every=self.evaluate_every,
            patience=self.patience, rate=self.rate, warmup=min(20, self.steps), weight_decay=self.weight_decay,
        )  # fmt: skip


def data_table() -> DataTable:
    """How windows are drawn from pieces of one's own: the standard tasks, mostly eight bars."""
    return DataTable(
        weights={OWN: 1.0}, batch_tokens=BATCH_TOKENS, max_tokens=960, given_weight=0.3,
        windows={4: 0.2, 8: 0.55, 16: 0.25},
    )  # fmt: skip


class AdaptTask(Task):
    """The fill model with an adapter, on pieces of the split's parts ``"train"`` and ``"valid"``."""

    def __init__(self, plain: Path, pieces: Sequence[Piece], config: AdaptConfig) -> None:
        self.plain = plain
        self.config = config
        self.sampler = Sampler([piece for piece in pieces if piece.split == "train"], data_table(), config.seed)
        valid = [piece for piece in pieces if piece.split == "valid"]
        self.held_out = held_out_samples(valid, data_table(), STOP_WINDOWS)

    def build(self) -> FillModel:
        """The model with a fresh adapter."""
        return with_adapter(FillModel.from_llama(load_hugging_face(self.plain), vocabulary()), self.config.sizes)

    def losses(self, model: nn.Module, step: int) -> dict[str, Tensor]:
        """The mean loss of a step's batch."""
        assert isinstance(model, FillModel)
        batch = self.sampler.batch(step)
        ids, weights = torch.from_numpy(batch.ids), torch.from_numpy(batch.weights)
        logits, index = model.token_logits(ids, weights)
        losses = functional.cross_entropy(logits, ids[:, 1:].reshape(-1)[index], reduction="none")
        weight = weights[:, 1:].reshape(-1)[index]
        return {"loss": (losses * weight).sum() / weight.sum()}

    def evaluate(self, model: nn.Module) -> dict[str, float]:
        """Nats a written token of the part to stop by, in all and by row."""
        assert isinstance(model, FillModel)
        found = evaluate(model, self.held_out)
        return {"loss": found.loss, **found.rows}


def adapt(plain: Path, pieces: Sequence[Piece], config: AdaptConfig, run: Path) -> Iterator[Event]:
    """Train an adapter, or go on, in the folder ``run``; yields the loop's events."""
    yield from fit(AdaptTask(plain, pieces, config), config.loop, run)


def best_factors(plain: Path, config: AdaptConfig, run: Path) -> dict[str, tuple[NDArray, NDArray]]:
    """The adapter that did best on the part to stop by, rounded to float16. Raises InputError where there is none."""
    model = with_adapter(FillModel.from_llama(load_hugging_face(plain), vocabulary()), config.sizes)
    model.load_state_dict(best_weights(run))
    return {name: (a.astype(np.float16), b.astype(np.float16)) for name, (a, b) in factors(model).items()}


def factors_bytes(pairs: Mapping[str, tuple[NDArray, NDArray]]) -> bytes:
    """An adapter as the bytes of an ``.npz`` file."""
    buffer = io.BytesIO()
    arrays = {f"{name}.{which}": array for name, pair in sorted(pairs.items()) for which, array in zip("AB", pair)}
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def measured_samples(pieces: Sequence[Piece]) -> list[Sample]:
    """Windows of the part that nothing was chosen by."""
    return held_out_samples([piece for piece in pieces if piece.split == "test"], data_table(), TEST_WINDOWS, 30_000)


def runtime_losses(folder: Path, samples: Sequence[Sample]) -> dict[str, float]:
    """Nats a written token as the four-bit runtime gives them, by row, and ``"loss"`` in all."""
    scorer = Scorer(folder)
    sums: dict[str, list[float]] = {}
    for sample in samples:
        ids, rows = labelled_ids(sample)
        for nats, row in zip(scorer.token_nats(ids).tolist(), rows, strict=True):
            if row is not None:
                for name in ("loss", row):
                    entry = sums.setdefault(name, [0.0, 0])
                    entry[0] += nats
                    entry[1] += 1
    return {name: round(total / count, 4) for name, (total, count) in sorted(sums.items())}


def run_stamp(base: str, config: AdaptConfig, sources: Sequence[str]) -> str:
    """What a run is of: it goes on only with the same model, settings and pieces."""
    told: dict[str, Any] = {"base": base, "config": config.model_dump(), "sources": list(sources)}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]
