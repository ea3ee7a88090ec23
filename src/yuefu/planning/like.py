"""What a plan takes from a piece that it shall be like: its habits, where the brief leaves them open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from yuefu.planning.harmony import Pattern, progressions, simplify
from yuefu.planning.plan import Plan
from yuefu.planning.tune_figures import Rhythm, TuneFigures, read_rhythm, tune_figures
from yuefu.text.style_reference import Figure, PhraseFigure, StyleReference
from yuefu.theory.styles import STYLES, Style

#: How far tempi are drawn around the piece's own.
SLOWER, FASTER = 0.92, 1.08
#: Progressions of its own from which a piece needs no others.
ENOUGH = 4
#: What the style's other progressions weigh beside a piece's own.
BESIDE = 0.2


def style_like(found: StyleReference) -> Style:
    """The catalogue's nearest style with the piece's own mode, metre, tempo, line-up and form."""
    base = STYLES[found.style]
    rows = {row for row, _ in found.lineup}
    lineups = (tuple(found.lineup),) if "melody" in rows else base.lineups
    return replace(
        base, tempo=(found.tempo * SLOWER, found.tempo, found.tempo * FASTER), meters=((found.meter, 1.0),),
        minor=float(found.mode == "minor"), swing=found.swing, lineups=lineups, forms=(found.form,),
        energy=found.energy, chord_level=found.chord_level, register=found.tune_range, keys=(found.key,),
        drum_style=base.drum_style or ("pop" if "drums" in rows else ""),
    )  # fmt: skip


def planned_style(plan: Plan) -> Style:
    """The style that a plan writes in: the catalogue's, as a piece is like it where the plan names one."""
    return STYLES[plan.style] if plan.like is None else style_like(plan.like)


def patterns_like(found: StyleReference, group: str, mode: str, level: str) -> list[tuple[Pattern, float]] | None:
    """Progressions to draw from: the piece's own, and where those are few the group's that keep to its chords.

    None where the piece is in the other mode or tells no progression.
    """
    if found.mode != mode or not found.progressions:
        return None
    own = [
        ([[(half, symbol) for half, symbol in bar] for bar in pattern], weight)
        for pattern, weight in found.progressions
    ]
    if len(own) >= ENOUGH:
        return own
    known = {simplify(symbol, "triads") for pattern, _ in own for bar in pattern for _, symbol in bar}
    total = sum(weight for _, weight in own)
    others = [
        (pattern, weight)
        for pattern, weight in progressions().get(f"{group} {mode}", [])
        if all(simplify(symbol, "triads") in known for bar in pattern for _, symbol in bar)
    ]
    scale = BESIDE * total / max(sum(weight for _, weight in others), 1e-9)
    return own + [(pattern, weight * scale) for pattern, weight in others]


def figures_of(plan: Plan) -> TuneFigures | None:
    """The rhythms that a plan's tunes keep to; None where they are free."""
    if plan.like is None:
        style = STYLES[plan.style]
        return tune_figures(style.figures, plan.meter) if style.figures else None
    if plan.like.meter != plan.meter or not plan.like.opening:
        return None
    numerator, denominator = map(int, plan.meter.split("/"))
    ticks = numerator * 96 // denominator

    def inside(table: Sequence[PhraseFigure]) -> tuple[tuple[Rhythm, float], ...]:
        read = ((read_rhythm(text), weight) for text, weight in table)
        return tuple((rhythm, weight) for rhythm, weight in read if all(max(bar) < ticks for bar in rhythm))

    opening, closing = inside(plan.like.opening), inside(plan.like.closing)
    return TuneFigures(opening, closing, shuffled=True) if opening and closing else None


def row_figure(plan: Plan, row: str, rng: np.random.Generator) -> tuple[int, ...] | None:
    """A rhythm of a row's bars as the piece has it; None where it tells none."""
    if plan.like is None or plan.like.meter != plan.meter:
        return None
    table: list[Figure] = plan.like.figures.get(row, [])
    if not table:
        return None
    weights = np.array([weight for _, weight in table])
    text = table[int(rng.choice(len(table), p=weights / weights.sum()))][0]
    return tuple(map(int, text.split()))
