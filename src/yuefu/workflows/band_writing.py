"""Writing the band of a planned piece around its tune: lines, bass and chords, section by section."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

import numpy as np

from yuefu.generation.engine import Engine
from yuefu.generation.fill import Canvas, SamplingSettings, chord_reader, fill
from yuefu.generation.originality import CopyGuard
from yuefu.generation.rules import RowRules
from yuefu.planning.plan import Plan
from yuefu.score.model import ROWS
from yuefu.tokens.sequence import Cover
from yuefu.workflows.figuration import set_figuration
from yuefu.workflows.scale_rules import final_classes
from yuefu.workflows.tune_cells import notes_of
from yuefu.workflows.tune_writing import mask_of

BAND = ("counter", "inner", "bass", "keys", "pad")
#: How likely a row of a return plays something new: at its first return, and more at each later one.
ANEW, ANEW_AGAIN = 0.15, 0.4


def write_band(
    engine: Engine, canvas: Canvas, plan: Plan, index: int, rng: np.random.Generator, settings: SamplingSettings,
    guard: CopyGuard | None,
) -> Iterator[int]:  # fmt: skip
    """Write the band of a section into the canvas; yields each bar as it is done.

    A return brings back what was played under the same bars of the tune; at later returns rows take up new figures.
    """
    section = plan.sections[index]
    start, end = section.start, section.start + section.bars
    rows = [row for row in BAND if row in section.rows]
    set_figuration(canvas, plan, section, rng)
    mask = mask_of(canvas, {"chords": Cover.GIVEN})
    for row in ROWS[1:]:
        if row == "drums" or row not in canvas.cells:
            continue
        mask[:start, ROWS.index(row)] = Cover.GIVEN
    if "melody" in canvas.cells:
        mask[:, ROWS.index("melody")] = Cover.GIVEN
    source = None if section.source is None else plan.sections[section.source]
    turns = sum(other.source == section.source for other in plan.sections[:index]) if source is not None else 0
    anew = ANEW + ANEW_AGAIN * turns + section.variation * 0.5
    for row in rows:
        again = rng.random() >= anew
        column = ROWS.index(row)
        for bar in range(start, end):
            old = None if source is None or row not in source.rows else source.start + bar - start
            unchanged = (
                old is not None
                and old < source.start + source.bars  # type: ignore[union-attr]
                and plan.harmony[old] == plan.harmony[bar]
                and _same_tune(canvas, old, bar)
            )
            if unchanged and old is not None and again:
                canvas.cells[row][bar] = canvas.cells[row][old]
                mask[bar, column] = Cover.GIVEN
            else:
                mask[bar, column] = Cover.FILL
        if index == len(plan.sections) - 1:
            _closing_bar(canvas, row, end - 1, plan)
            mask[end - 1, column] = Cover.FILL
    for event in fill(engine, canvas, mask, rng, settings, guard=guard):
        if event.row == rows[-1]:
            yield event.bar


def _same_tune(canvas: Canvas, one: int, other: int) -> bool:
    """Whether two bars have the same tune, however many syllables its notes are struck for."""
    if "melody" not in canvas.cells:
        return True
    a, b = (notes_of(canvas.cells["melody"][bar]) for bar in (one, other))
    return [k for k, _ in groupby(n.pitch for n in a)] == [k for k, _ in groupby(n.pitch for n in b)]


def _closing_bar(canvas: Canvas, row: str, bar: int, plan: Plan) -> None:
    """The last bar: one long chord tone on the first beat."""
    ticks = canvas.bars[bar].ticks
    tonic = frozenset((9, 0, 4) if plan.key.endswith("minor") else (0, 4, 7))
    if row == "bass":
        tonic = frozenset((9,) if plan.key.endswith("minor") else (0,))
    if plan.scale:
        chord = chord_reader(canvas, bar)(0)
        tonic = frozenset((plan.home,)) if row == "bass" else final_classes(plan, chord)
    base: RowRules = canvas.rules.get(row, RowRules())
    canvas.counts[bar, row] = 1
    canvas.figures[bar, row] = frozenset((0,))
    canvas.bar_rules[bar, row] = replace(
        base, latest=0, shortest=min(48, ticks // 2), scale=tonic, outside=-12.0, max_onsets=1, legato=9.0
    )
