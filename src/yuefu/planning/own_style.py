"""What a plan takes from a style of one's own: a metre and mode of its pieces, with all that these have in common."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from yuefu.text.adapted import AdaptedStyle, Variant
from yuefu.text.brief import Asked, Brief
from yuefu.theory.key import Key
from yuefu.theory.styles import STYLES

#: Shorter forms are played twice, as the verses of a song are.
LEAST_BARS = 16
#: What a variant counts whose metre or mode isn't the one that was asked for, beside one that is.
BESIDE = 1e-3


def in_own_style(brief: Brief, style: AdaptedStyle, seed: int) -> Brief:
    """The brief, where it leaves things open, as the style's pieces are: like them, and in one of their scales.

    The draws are the plan's seed's own, so that pieces differ as the style's pieces do.
    """
    rng = np.random.default_rng([seed, 17])
    figures = style.manifest.figures
    variant = figures.variants[_drawn([_fitting(each, brief) for each in figures.variants], rng)]
    lineup = figures.lineups[_drawn([share for _, share in figures.lineups], rng)][0]
    form = figures.forms[_drawn([share for _, share in figures.forms], rng)][0]
    low, typical, high = figures.tempo
    place = float(rng.uniform(-1, 1)) if brief.arousal.value is None else brief.arousal.value
    tempo = typical + (place * (high - typical) if place > 0 else place * (typical - low))
    base = STYLES[figures.base]
    reference = variant.reference(
        name=style.name, style=base.key, label=base.key, key=variant.keys[_drawn([n for _, n in variant.keys], rng)][0],
        tempo=float(np.clip(round(tempo), 20, 300)), swing=base.swing, energy=base.energy, lineup=lineup,
        form=long_enough(form),
    )  # fmt: skip
    update: dict[str, Asked] = {"like": Asked(value=reference, source=brief.adapter.source)}
    if variant.scale and all(asked.value is None for asked in (brief.scale, brief.key, brief.mode, brief.chords)):
        update["scale"] = Asked(value=variant.scale)
    return brief.model_copy(update=update)


def long_enough(form: str) -> str:
    """A form, with a second verse where it is short.

    >>> long_enough("A:8 B:6"), long_enough("A:8 A:8")
    ("A:8 B:6 A':8 B':6", 'A:8 A:8')
    """
    items = [item.split(":") for item in form.split()]
    if sum(int(bars) for _, bars in items) >= LEAST_BARS or not all(letter[0].isupper() for letter, _ in items):
        return form
    return " ".join([form, *(f"{letter[0]}':{bars}" for letter, bars in items)])


def _fitting(variant: Variant, brief: Brief) -> float:
    """How often a variant is drawn: its share, little where it isn't what was asked for."""
    weight = variant.weight
    if brief.meter.value is not None and brief.meter.value != variant.meter:
        weight *= BESIDE
    mode = Key.parse(brief.key.value).mode if brief.key.value is not None else brief.mode.value
    if mode is not None and mode != variant.mode:
        weight *= BESIDE
    if mode is None and brief.valence.value is not None and abs(brief.valence.value) > 0.2:
        weight *= 2.0 if (brief.valence.value < 0) == (variant.mode == "minor") else 0.5
    return weight


def _drawn(weights: Sequence[float], rng: np.random.Generator) -> int:
    shares = np.asarray(weights, dtype=np.float64)
    return int(rng.choice(len(shares), p=shares / shares.sum()))
