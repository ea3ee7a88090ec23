"""Samples for engines that write some rows alone: the fill model's, with the other rows left out of what is written."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from yuefu.score.model import ROWS
from yuefu.tokens.sequence import Cover
from yuefu.training.batches import Sampler
from yuefu.training.config import DataTable
from yuefu.training.masking import Sample
from yuefu.training.pieces import Piece


def restricted(sample: Sample, rows: Collection[str]) -> Sample | None:
    """The sample with the cells of other rows absent where they were to be written; None where nothing is left."""
    mask = sample.mask.copy()
    for column, row in enumerate(ROWS):
        if row not in rows:
            mask[mask[:, column] == Cover.FILL, column] = Cover.ABSENT
    return replace(sample, mask=mask) if (mask == Cover.FILL).any() else None


def draw_restricted(sampler: Sampler, bars: int, rng: np.random.Generator, rows: Collection[str]) -> Sample:
    """The next sample of which something is left."""
    while True:
        sample = restricted(sampler.sample(bars, rng)[0], rows)
        if sample is not None:
            return sample


def held_out(
    pieces: Sequence[Piece], data: DataTable, rows: Collection[str], count: int, seed: int = 20_001
) -> list[Sample]:
    """The same samples every time: windows of 8 bars with the settings' own tasks, as they are."""
    sampler = Sampler(pieces, data.model_copy(update={"register_share": 0.0}), seed)
    rng = np.random.default_rng([seed, 0])
    return [draw_restricted(sampler, 8, rng, rows) for _ in range(count)]
