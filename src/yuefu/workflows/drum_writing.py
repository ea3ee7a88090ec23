"""Writing the drums of a planned piece: a groove of two bars for each section, fills where it ends, and a close."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from yuefu.generation.engine import Engine
from yuefu.generation.fill import Canvas, SamplingSettings, fill
from yuefu.planning.plan import Plan
from yuefu.score.model import ROWS
from yuefu.tokens.sequence import Cover, Mask
from yuefu.workflows.drums import FILLS, backbone, fill_groove, groove_for, second_half, with_crash, with_hits
from yuefu.workflows.figuration import fullness
from yuefu.workflows.tune_rhythm import PHRASE
from yuefu.workflows.tune_writing import mask_of

#: A return that has so much more energy than its source plays a fuller groove.
FULLER = 0.08
#: How often the bar before a new phrase is played otherwise.
VARIED = 0.35


def write_drums(
    engine: Engine, canvas: Canvas, plan: Plan, index: int, rng: np.random.Generator, settings: SamplingSettings
) -> None:
    """A two-bar groove for the section, repeated; bars before a new phrase may vary, the last fills.

    The groove's backbone is in every bar, whatever the model adds or leaves out. A return plays what its section
    played, with a fill of its own; one that is much fuller, and every later one, has a new groove.
    """
    section = plan.sections[index]
    start, end = section.start, section.start + section.bars
    known = {row: Cover.GIVEN for row in canvas.cells if row != "drums"}
    source = None if section.source is None else plan.sections[section.source]
    turns = sum(other.source == section.source for other in plan.sections[:index]) if source is not None else 0
    pattern = groove_for(plan, fullness(plan, section.energy), rng)
    returns = (
        source is not None
        and "drums" in source.rows
        and source.bars >= section.bars
        and section.energy - source.energy < FULLER
        and not turns
    )
    if returns and source is not None:  # the groove that was asked for there, and what came of it
        pattern = dict(canvas.bar_rules[source.start, "drums"].groove or pattern)
    filling = fill_groove(pattern, canvas.bars[start].ticks, int(rng.integers(len(FILLS))), plan.groups)
    has_fill = section.bars >= 4
    for bar in range(start, end):
        own = filling if bar == end - 1 and has_fill else pattern
        canvas.bar_rules[bar, "drums"] = replace(canvas.rules["drums"], groove=own, rhythm=6.0, off_beat=-2.0)
        canvas.figures[bar, "drums"] = frozenset(own)
        canvas.counts[bar, "drums"] = len(own)
    if returns and source is not None:
        for offset in range(section.bars):
            canvas.cells["drums"][start + offset] = canvas.cells["drums"][source.start + offset]
        if section.bars > 3:  # without the crash that may have opened it
            canvas.cells["drums"][start] = canvas.cells["drums"][source.start + 2]
    else:
        groove = [bar for bar in (start, start + 1) if bar < end]
        list(fill(engine, canvas, _drum_mask(canvas, known, start, groove), rng, settings))
        for bar in groove:
            canvas.cells["drums"][bar] = with_hits(canvas.cells["drums"][bar], backbone(pattern))
        for bar in range(start + 2, end):
            canvas.cells["drums"][bar] = canvas.cells["drums"][start + (bar - start) % 2]
    fresh = [bar for bar in range(start + PHRASE - 1, end - 1, PHRASE) if rng.random() < VARIED]
    fresh.append(end - 1)
    fresh = [bar for bar in fresh if bar >= start + 2]
    for bar in fresh:  # a stroke or two more than usual
        canvas.counts[bar, "drums"] = min(16, canvas.counts[bar, "drums"] + int(rng.integers(0, 3)))
    last = len(canvas.bars) - 1
    if last == end - 1:
        fresh = sorted({*fresh, last})
        canvas.counts[last, "drums"] = 1
        canvas.figures[last, "drums"] = frozenset((0,))
        canvas.bar_rules[last, "drums"] = replace(
            canvas.rules["drums"], latest=0, hits=frozenset((36, 49)), max_onsets=1, groove={0: frozenset((36, 49))}
        )
    list(fill(engine, canvas, _drum_mask(canvas, known, end, fresh), rng, settings))
    half = second_half(canvas.bars[start].ticks, plan.groups)
    for bar in fresh:
        bones = {0: frozenset((36, 49))} if bar == last else backbone(pattern)
        if bar == end - 1 and has_fill and bar != last:
            bones = {place: hits for place, hits in bones.items() if place < half}
            bones |= {place: hits for place, hits in filling.items() if place >= half}
        canvas.cells["drums"][bar] = with_hits(canvas.cells["drums"][bar], bones)
    if section.energy >= 0.5 and index > 0:
        canvas.cells["drums"][start] = with_crash(canvas.cells["drums"][start])


def _drum_mask(canvas: Canvas, known: dict[str, Cover], until: int, bars: list[int]) -> Mask:
    mask = mask_of(canvas, known)
    mask[:until, ROWS.index("drums")] = Cover.GIVEN
    for bar in bars:
        mask[bar, ROWS.index("drums")] = Cover.FILL
    return mask
