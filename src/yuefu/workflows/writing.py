"""Writing a planned piece: first the tune of each section, then the band, then the drums."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from yuefu.generation.engine import Engine
from yuefu.generation.fill import Canvas
from yuefu.generation.originality import CopyGuard
from yuefu.planning.plan import Plan
from yuefu.tokens.grid import EMPTY
from yuefu.workflows.band_writing import write_band
from yuefu.workflows.drum_writing import write_drums
from yuefu.workflows.leanings import Taste
from yuefu.workflows.tune_writing import Critic, write_tune


@dataclass(frozen=True)
class Written:
    """A bar of a stage is done. stage: ``"melody"``, ``"band"`` or ``"drums"``."""

    stage: str
    bar: int
    bars: int


def write_piece(
    engine: Engine,
    canvas: Canvas,
    plan: Plan,
    seed: int,
    candidates: int,
    critic: Critic,
    taste: Taste | None = None,
    guard: CopyGuard | None = None,
) -> Iterator[Written]:
    """Fill the whole canvas in place, yielding as bars are done. guard: keeps tunes from copying the corpus."""
    taste = taste or Taste()
    settings = taste.band
    for row in {row for section in plan.sections for row in section.rows}:
        canvas.cells.setdefault(row, [EMPTY] * len(canvas.bars))
    for index, section in enumerate(plan.sections):
        if "melody" in section.rows:
            write_tune(engine, canvas, plan, index, seed, candidates, critic, taste, guard)
        yield Written("melody", section.start + section.bars, len(canvas.bars))
    for index in range(len(plan.sections)):
        rng = np.random.default_rng([seed, 3, index])
        for bar in write_band(engine, canvas, plan, index, rng, settings, guard):
            yield Written("band", bar + 1, len(canvas.bars))
    if any("drums" in section.rows for section in plan.sections):
        for index, section in enumerate(plan.sections):
            rng = np.random.default_rng([seed, 4, index])
            if "drums" in section.rows:
                write_drums(engine, canvas, plan, index, rng, settings)
            yield Written("drums", section.start + section.bars, len(canvas.bars))
