"""Writing a planned piece: first the tune of each section, then the band, then the drums."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from yuefu.generation.engine import Engine
from yuefu.generation.fill import Canvas
from yuefu.generation.originality import CopyGuard
from yuefu.planning.plan import Plan
from yuefu.tokens.grid import EMPTY
from yuefu.workflows.band_writing import BAND, write_band
from yuefu.workflows.drum_writing import write_drums
from yuefu.workflows.leanings import Taste
from yuefu.workflows.tune_writing import Critic, write_tune
from yuefu.workflows.watching import Sketcher

#: Bars of the band that are shown at once.
AT_ONCE = 4


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
    sketcher: Sketcher | None = None,
    tune: Engine | None = None,
    drums: Engine | None = None,
) -> Iterator[Written]:
    """Fill the whole canvas in place, yielding as bars are done. guard: keeps tunes from copying the corpus.

    sketcher: shows the cells as they come; the notes are the same whether anybody looks or not. tune, drums: engines of
    their own for these rows.
    """
    taste = taste or Taste()
    settings = taste.band
    sketcher = sketcher or Sketcher(plan, None)
    sketcher.show_bars(canvas, "chords", 0, len(canvas.bars))
    for row in {row for section in plan.sections for row in section.rows}:
        canvas.cells.setdefault(row, [EMPTY] * len(canvas.bars))
    canvas.restore()
    for index, section in enumerate(plan.sections):
        if "melody" in section.rows:
            # The first tune is shown while it is only tried: a listener waits for nothing as for the first bars.
            first = not any("melody" in earlier.rows for earlier in plan.sections[:index])
            look = partial(sketcher.show_tried, "melody") if first else None
            write_tune(tune or engine, canvas, plan, index, seed, candidates, critic, taste, guard, look)
            canvas.restore()
            sketcher.show_bars(canvas, "melody", section.start, section.bars)
        yield Written("melody", section.start + section.bars, len(canvas.bars))
    for index, section in enumerate(plan.sections):
        rng = np.random.default_rng([seed, 3, index])
        band = [row for row in BAND if row in section.rows]
        shown = section.start
        for bar in write_band(engine, canvas, plan, index, rng, settings, guard):
            if bar + 1 - shown >= AT_ONCE:
                sketcher.show_rows(canvas, band, shown, bar + 1 - shown)
                shown = bar + 1
            yield Written("band", bar + 1, len(canvas.bars))
        canvas.restore()
        sketcher.show_rows(canvas, band, shown, section.start + section.bars - shown)
    if any("drums" in section.rows for section in plan.sections):
        for index, section in enumerate(plan.sections):
            rng = np.random.default_rng([seed, 4, index])
            if "drums" in section.rows:
                write_drums(drums or engine, canvas, plan, index, rng, settings)
                canvas.restore()
                sketcher.show_bars(canvas, "drums", section.start, section.bars)
            yield Written("drums", section.start + section.bars, len(canvas.bars))
