"""Accompaniment figures: where bass, keys and pad move in a bar, steady within a section.

A figure is a set of onset positions that a style's players use. The model is asked for as many
onsets and prefers these places; which notes it plays there is its own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from yuefu.generation.fill import Canvas
from yuefu.planning.like import row_figure
from yuefu.planning.plan import Plan, PlannedSection
from yuefu.theory.styles import STYLES
from yuefu.tokens.vocabulary import vocabulary
from yuefu.workflows.scale_rules import grouped_figure

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
#: Notes at once, on average, under which chords are taken for broken ones.
SINGLY = 1.5
#: Styles whose voices move by themselves between the beats.
MOVING = ("chorale", "renaissance")
#: How often a voice of a chorale moves between two beats.
PASSING = 0.25
#: How much of its motion an accompaniment loses in a wholly calm piece.
STILLER = 0.15
#: A walking bass: chord tones on strong beats, passing notes between, mostly by step.
WALKING: dict[str, Any] = {"again": -5.0, "smooth": 0.5, "harmonic": -0.4, "chord_tone": 1.5}
ROOTED: dict[str, Any] = {"pedal": 1.2}
#: Drum style or style -> group of figures.
GROUP = {
    "pop": "pop", "ballad": "ballad", "rock": "rock", "folk": "pop", "jazz": "swing", "swing": "swing",
    "blues": "swing", "bossa_nova": "latin", "latin": "latin", "country": "pop", "lofi": "ballad",
    "electronic": "rock", "disco": "rock", "funk": "funk", "soul": "pop", "reggae": "reggae", "hiphop": "pop",
    "march": "march", "epic": "rock", "afro": "latin", "hymn": "hymn", "chorale": "hymn", "ragtime": "march",
    "reel": "march", "hornpipe": "march", "strathspey": "march", "polka": "march", "country_dance": "march",
    "air": "ballad", "renaissance": "hymn", "guofeng": "ballad", "celtic": "pop", "lullaby": "ballad",
}  # fmt: skip


def group_of(plan: Plan) -> str:
    """The group of figures that a plan's style plays."""
    style = STYLES[plan.style]
    return GROUP.get(style.key) or GROUP.get(style.drum_style) or "classical"


def fullness(plan: Plan, energy: float) -> float:
    """How full the band plays where a section has some energy, 0..1: so full, or mostly as dense as was asked."""
    return energy if plan.density is None else 0.35 * energy + 0.65 * plan.density


def figure_for(row: str, plan: Plan, energy: float, rng: np.random.Generator) -> Figure:
    """A row's figure in a bar of the plan's metre, calmer or fuller by energy."""
    numerator, denominator = map(int, plan.meter.split("/"))
    ticks = numerator * 96 // denominator
    group = group_of(plan)
    if plan.rhythm == "free":
        return (0,)
    walks = row == "bass" and group == "swing" and denominator < 8
    if plan.groups and not walks:
        return grouped_figure(row, plan.groups, ticks, float(np.clip(energy + rng.uniform(-0.15, 0.15), 0, 1)))
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
    """Write the section's figures and onset counts for the band into the canvas; the tune is there already.

    Hymns and chorales move together with the tune; elsewhere an inner voice moves with the beat and
    a counter-melody moves where the tune rests.
    """
    full = fullness(plan, section.energy)
    busy = full if plan.density is not None else 0.5 * section.energy + 0.5 * STYLES[plan.style].density
    still = 1.0 if plan.density is not None else 1.0 - STILLER * plan.calm
    figures = {
        "bass": figure_for("bass", plan, full * still, rng),
        "keys": figure_for("keys", plan, busy * still, rng),
        "pad": (0,),
    }
    if plan.like is not None:
        figures |= {row: own for row in figures if (own := row_figure(plan, row, rng)) is not None}
    group = group_of(plan)
    together = GROUP.get(plan.style) == "hymn" and "melody" in section.rows
    for bar in range(section.start, section.start + section.bars):
        changes = {chord.position for chord in plan.harmony[bar]}
        tune = _onsets(canvas, bar)
        for row in ("counter", "inner", "bass", "keys", "pad"):
            if row not in section.rows:
                continue
            if together and tune and row != "pad":
                places = frozenset(tune | changes | passing(plan, canvas.bars[bar].ticks, rng))
            elif row in figures:
                places = frozenset(figures[row]) | (changes if row != "keys" else frozenset())
            else:
                places = _between(row, canvas.bars[bar].ticks, tune, plan, section.energy) | changes
            canvas.figures[bar, row] = places
            canvas.counts[bar, row] = len(places)
            rules = canvas.rule(bar, row)
            if row == "keys" and rules.polyphony > 1:  # many onsets are a broken chord, few are struck
                broken = len(figures["keys"]) >= 6 and not together
                if plan.like is not None and row in plan.like.voices:
                    broken = plan.like.voices[row] < SINGLY
                canvas.bar_rules[bar, row] = (
                    replace(rules, voices=1, again=-4.0) if broken else replace(rules, voices=3)
                )
            elif row == "bass":  # a walking bass never stands still; others stay by the root
                walks = group == "swing" or plan.style in MOVING
                canvas.bar_rules[bar, row] = replace(rules, **(WALKING if walks else ROOTED))
            elif plan.style in MOVING:
                canvas.bar_rules[bar, row] = replace(rules, again=-3.0)


def passing(plan: Plan, ticks: int, rng: np.random.Generator) -> set[int]:
    """Quavers between the beats on which a voice of a chorale or madrigal moves by itself; none in a hymn."""
    if plan.style not in MOVING:
        return set()
    return {beat + 12 for beat in range(0, ticks, 24) if rng.random() < PASSING and beat + 12 < ticks}


def _onsets(canvas: Canvas, bar: int) -> set[int]:
    """Where the tune starts notes in a bar."""
    v = vocabulary()
    cells = canvas.cells.get("melody")
    return {v.position_ticks[t] for t in cells[bar].tolist() if t in v.position_ticks} if cells else set()


def _between(row: str, ticks: int, tune: set[int], plan: Plan, energy: float) -> frozenset[int]:
    """Beats for an inner voice, and for a counter-melody those on which the tune holds or rests."""
    if plan.groups:
        return frozenset(plan.groups if row == "inner" else {0} | {p for p in plan.groups if p not in tune})
    beat = 36 if plan.meter.endswith("/8") and ticks % 36 == 0 else 24
    beats = range(0, ticks, beat)
    if row == "inner":
        return frozenset(beats if energy > 0.6 else beats[::2])
    return frozenset({0} | {place for place in beats if place not in tune})
