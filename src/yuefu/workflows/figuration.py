"""Accompaniment figures: where bass, keys and pad move in a bar, steady within a section.

A figure is a set of onset positions that a style's players use. The model is asked for as many
onsets and prefers these places; which notes it plays there is its own.
"""

from __future__ import annotations

import numpy as np

from yuefu.generation.fill import Canvas
from yuefu.planning.plan import Plan, PlannedSection
from yuefu.theory.styles import STYLES

Figure = tuple[int, ...]
EIGHTHS = (0, 12, 24, 36, 48, 60, 72, 84)
QUARTERS = (0, 24, 48, 72)
#: Group of styles -> figures in bars of four quarters, from calm to full.
BASS: dict[str, tuple[Figure, ...]] = {
    "pop": ((0,), (0, 48), (0, 36, 48), (0, 36, 48, 84), EIGHTHS),
    "ballad": ((0,), (0, 48), (0, 48, 84), (0, 36, 48)),
    "rock": ((0, 48), (0, 36, 48, 84), EIGHTHS, EIGHTHS),
    "swing": (QUARTERS, QUARTERS),
    "latin": ((0, 36, 48, 84), (0, 36, 48, 84), (0, 36, 72)),
    "reggae": ((0, 36, 48), (0, 24, 36, 60)),
    "funk": ((0, 18, 48, 66), (0, 18, 36, 60, 66, 84)),
    "march": ((0, 48), (0, 48), QUARTERS),
    "classical": ((0,), (0, 48), QUARTERS, QUARTERS),
    "hymn": (QUARTERS, QUARTERS),
}
KEYS: dict[str, tuple[Figure, ...]] = {
    "pop": ((0, 48), QUARTERS, (0, 12, 24, 36, 48, 60), EIGHTHS),
    "ballad": ((0, 24, 48, 72), (0, 12, 24, 36, 48, 72), EIGHTHS),
    "rock": (QUARTERS, (0, 24, 36, 60, 72), EIGHTHS),
    "swing": ((0, 36), (24, 60), (0, 36, 84)),
    "latin": ((0, 18, 48, 66), (0, 18, 36, 60, 84)),
    "reggae": ((24, 72), (12, 36, 60, 84)),
    "funk": ((0, 18, 42, 66), (0, 18, 30, 54, 66, 90)),
    "march": ((24, 72), (12, 36, 60, 84)),
    "classical": (QUARTERS, (0, 12, 24, 36, 48, 60, 72, 84), EIGHTHS),
    "hymn": (QUARTERS, QUARTERS),
}
TRIPLE_BASS: tuple[Figure, ...] = ((0,), (0,), (0, 48))
TRIPLE_KEYS: tuple[Figure, ...] = ((24, 48), (24, 48), (0, 12, 24, 36, 48, 60))
COMPOUND_KEYS: tuple[Figure, ...] = ((0, 24, 36, 60), (0, 12, 24, 36, 48, 60))
#: Drum style or style -> group of figures.
GROUP = {
    "pop": "pop", "ballad": "ballad", "rock": "rock", "folk": "pop", "jazz": "swing", "swing": "swing", "blues": "swing",
    "bossa_nova": "latin", "latin": "latin", "country": "pop", "lofi": "ballad", "electronic": "rock", "disco": "rock",
    "funk": "funk", "soul": "pop", "reggae": "reggae", "hiphop": "pop", "march": "march", "epic": "rock", "afro": "latin",
    "hymn": "hymn", "chorale": "hymn", "ragtime": "march", "guofeng": "ballad", "celtic": "pop", "lullaby": "ballad",
}  # fmt: skip


def figure_for(row: str, plan: Plan, energy: float, rng: np.random.Generator) -> Figure:
    """A row's figure in a bar of the plan's metre, calmer or fuller by energy."""
    style = STYLES[plan.style]
    numerator, denominator = map(int, plan.meter.split("/"))
    ticks = numerator * 96 // denominator
    group = GROUP.get(style.key) or GROUP.get(style.drum_style) or "classical"
    if denominator == 8 and numerator % 3 == 0:
        beats = tuple(range(0, ticks, 36))
        options = (beats[:1], beats) if row == "bass" else COMPOUND_KEYS
        figure = _pick(options, energy, rng)
        return tuple(sorted({p + base for base in range(0, ticks, 72) for p in figure if p + base < ticks}))
    if ticks == 72 and denominator == 4:
        return _pick(TRIPLE_BASS if row == "bass" else TRIPLE_KEYS, energy, rng)
    figure = _pick((BASS if row == "bass" else KEYS)[group], energy, rng)
    cut = tuple(place for place in figure if place < ticks)
    return tuple(sorted({*cut, *(place for place in range(96, ticks, 24))})) or (0,)


def _pick(options: tuple[Figure, ...], energy: float, rng: np.random.Generator) -> Figure:
    place = energy * (len(options) - 1) + rng.uniform(-0.45, 0.45)
    return options[int(np.clip(round(place), 0, len(options) - 1))]


def set_figuration(canvas: Canvas, plan: Plan, section: PlannedSection, rng: np.random.Generator) -> None:
    """Write the section's figures and onset counts for bass, keys and pad into the canvas."""
    busy = plan.density if plan.density is not None else STYLES[plan.style].density
    figures = {
        "bass": figure_for("bass", plan, section.energy, rng),
        "keys": figure_for("keys", plan, 0.5 * section.energy + 0.5 * busy, rng),
        "pad": (0,),
    }
    for row, figure in figures.items():
        if row not in section.rows:
            continue
        for bar in range(section.start, section.start + section.bars):
            changes = {chord.position for chord in plan.harmony[bar]}
            places = frozenset(figure) | (changes if row != "keys" else frozenset())
            canvas.figures[bar, row] = places
            canvas.counts[bar, row] = len(places)
