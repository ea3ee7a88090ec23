"""Held-out loss of the fill model, by row, by task and by kind of token."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from yuefu.models.fill import FillModel
from yuefu.tokens.vocabulary import vocabulary
from yuefu.training.masking import Sample
from yuefu.training.samples import held_out_samples, labelled_ids

__all__ = ["HeldOut", "evaluate", "held_out_samples", "labelled_ids"]


@dataclass(frozen=True)
class HeldOut:
    """Mean nats a token: over all filled tokens, and by row, task and kind (``"PITCH"``, ``"DUR"`` ...)."""

    loss: float
    tokens: int
    rows: dict[str, float]
    tasks: dict[str, float]
    kinds: dict[str, float]


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
