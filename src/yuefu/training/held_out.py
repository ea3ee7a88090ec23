"""Held-out loss of the fill model, by row, by task and by kind of token."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from yuefu.models.fill import FillModel
from yuefu.tokens.sequence import Fill, script
from yuefu.tokens.vocabulary import vocabulary
from yuefu.training.batches import Sampler
from yuefu.training.config import DataTable
from yuefu.training.masking import TASKS, Sample
from yuefu.training.pieces import Piece

HELD_OUT_SEED = 20_000


@dataclass(frozen=True)
class HeldOut:
    """Mean nats a token: over all filled tokens, and by row, task and kind (``"PITCH"``, ``"DUR"`` ...)."""

    loss: float
    tokens: int
    rows: dict[str, float]
    tasks: dict[str, float]
    kinds: dict[str, float]


def held_out_samples(pieces: Sequence[Piece], data: DataTable, count: int, seed: int = HELD_OUT_SEED) -> list[Sample]:
    """The same samples every time: windows of 8 bars from held-out works, with the standard tasks, as they are."""
    data = data.model_copy(update={"tasks": dict(TASKS), "register_share": 0.0})
    sampler = Sampler(pieces, data, seed)
    rng = np.random.default_rng([seed, 0])
    return [sampler.sample(8, rng)[0] for _ in range(count)]


def labelled_ids(sample: Sample) -> tuple[list[int], list[str | None]]:
    """A sample's ids and, for each token that the model writes, its row (None elsewhere)."""
    v = vocabulary()
    ids: list[int] = []
    rows: list[str | None] = []
    for step in script(sample.window, sample.mask):
        if isinstance(step, Fill):
            cells = sample.window.cells.get(step.row)
            cell = [int(t) for t in cells[step.bar]] if cells else []
            ids += [*cell, v.end]
            rows += [step.row] * (len(cell) + 1)
        else:
            ids += step.ids
            rows += [None] * len(step.ids)
    return ids, rows


@torch.no_grad()
def evaluate(model: FillModel, samples: Sequence[Sample]) -> HeldOut:
    """Held-out loss over samples."""
    v = vocabulary()
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    sums: dict[str, dict[str, list[float]]] = {k: defaultdict(lambda: [0.0, 0]) for k in ("rows", "tasks", "kinds")}
    total, count = 0.0, 0
    for sample in samples:
        ids, rows = labelled_ids(sample)
        weights = torch.tensor([[row is not None for row in rows]], dtype=torch.float32, device=device)
        losses, index = model.token_losses(torch.tensor([ids], device=device), weights)
        for loss, place in zip(losses.tolist(), index.tolist()):
            token = place + 1
            row = rows[token]
            for table, key in (("rows", str(row)), ("tasks", sample.task), ("kinds", f"{row} {v.kind(ids[token])}")):
                entry = sums[table][key]
                entry[0] += loss
                entry[1] += 1
            total += loss
            count += 1
    model.train(was_training)
    means = {table: {k: s / n for k, (s, n) in sorted(entries.items())} for table, entries in sums.items()}
    return HeldOut(total / max(count, 1), count, **means)
