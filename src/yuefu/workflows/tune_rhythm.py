"""The rhythm of a planned tune: how many notes its bars strike, and which of them anticipate a beat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from yuefu.generation.fill import Canvas
from yuefu.generation.rules import RowRules
from yuefu.planning.harmony import GROUPS
from yuefu.planning.like import figures_of
from yuefu.planning.plan import Plan, PlannedSection
from yuefu.planning.tune_figures import Onsets
from yuefu.theory.styles import STYLES
from yuefu.workflows.figuration import group_of
from yuefu.workflows.leanings import SYNCOPATED, Taste
from yuefu.workflows.scale_rules import grouped_figures

PHRASE = 4  #: bars
#: How a phrase spreads its notes over its bars.
SHAPES = (
    (1.0, 0.85, 1.2, 0.6),
    (1.1, 0.6, 1.15, 0.6),
    (0.8, 1.0, 1.2, 0.6),
    (1.15, 1.05, 0.8, 0.5),
    (0.7, 1.2, 1.0, 0.6),
)
#: From so calm a mood on, tunes that else run walk at so many onsets a quarter (at a tempo of 105).
CALM, CALM_PACE = 0.4, 1.6
#: Pace of tunes of any style at a middling density, where a density was asked for; octaves of pace from 0 to 1.
ASKED_PACE, BY_DENSITY = 1.1, 1.8
#: Pace of tunes in unequal beats or free rhythm, where a style doesn't say, and how much slower the latter are.
UNEQUAL_PACE, FREELY = 1.4, 0.65
#: How much slower than usual a tune strikes its notes in a wholly calm piece.
SLOWER = 0.1
#: How strictly a tune keeps to a style's rhythm, and its notes to their full length.
FIGURED, HELD = 9.0, 5.0
#: How often a sung bar that anticipates nothing has a longer note among its syllables.
UNEVEN = 0.65


def paces_of(plan: Plan, index: int, ticks: int, rng: np.random.Generator, taste: Taste) -> list[int]:
    """How many notes each bar of a section's tune strikes, as a singer would: a shape that its phrases share.

    Sections with other letters are slower or quicker by turns. Empty where the style's tunes run.
    """
    section = plan.sections[index]
    label = STYLES[plan.style].corpus_label
    pace = taste.pace.get(label) or taste.pace.get(GROUPS.get(label, "pop"))
    calm = plan.calm if plan.density is None else 0.0
    if pace is None and calm >= CALM:
        pace = CALM_PACE
    if pace is None and plan.density is not None:
        pace = ASKED_PACE
    if pace is None and (plan.groups or plan.rhythm == "free"):
        pace = UNEQUAL_PACE
    if pace is None:
        return []
    if plan.rhythm == "free":
        pace *= FREELY
    pace *= 1.0 - SLOWER * calm
    if plan.density is not None:
        pace *= 2 ** (BY_DENSITY * (plan.density - 0.5))
    letters = list(dict.fromkeys(s.letter[0] for s in plan.sections if "melody" in s.rows))
    turn = letters.index(section.letter[0]) + plan.seed
    quarters = ticks / 24
    mean = pace * quarters * (0.86 if turn % 2 else 1.14) * float(np.clip((105 / plan.tempo) ** 0.5, 0.75, 1.2))
    spread = SHAPES[int(rng.integers(len(SHAPES)))]
    most = int(quarters * 2)
    drawn = [max(1, min(most, round(mean * part + float(rng.normal(0, 0.45))))) for part in spread]
    counts = [drawn[offset % PHRASE] for offset in range(section.bars)]
    for offset in range(PHRASE + 2, section.bars, 2 * PHRASE):  # the answer moves on, or holds back
        counts[offset] = max(1, min(most, counts[offset] + int(rng.integers(-1, 3))))
    return counts


def style_figures(plan: Plan, section: PlannedSection, seed: Sequence[int]) -> list[Onsets]:
    """The rhythm of each bar of a section's tune as tunes of its style have them; empty where the style leaves it open.

    seed: of draws of its own, so that styles without figures draw as ever.
    """
    known = figures_of(plan)
    return [] if known is None else known.draw(section.bars, np.random.default_rng(seed))


def figured_rules(rules: RowRules, onsets: Onsets) -> RowRules:
    """Rules under which a tune keeps to a rhythm, triplets included, and is played through without gaps."""
    ticks = sorted(onsets)
    shortest = min([b - a for a, b in pairwise(ticks)], default=rules.shortest)
    return replace(
        rules, rhythm=FIGURED, legato=HELD, places=tuple(sorted({*rules.places, *(tick % 24 for tick in ticks)})),
        shortest=min(rules.shortest, max(3, shortest)), latest=10_000,
        through=True,
    )  # fmt: skip


def pushed_bars(
    canvas: Canvas, plan: Plan, section: PlannedSection, paces: Sequence[int] | None, ticks: int,
    rng: np.random.Generator,
) -> dict[int, frozenset[int]]:  # fmt: skip
    """Bars of a phrase that anticipate a beat, where the style's singers do: bar of the phrase -> its onsets."""
    if plan.groups:
        counts = paces or [len(plan.lyrics.get(section.start + bar, ())) for bar in range(section.bars)]
        return grouped_figures(plan.groups, ticks, counts, min(PHRASE - 1, section.bars), rng)
    share = SYNCOPATED.get(group_of(plan), 0.0)
    if ticks != 96 or GROUPS.get(STYLES[plan.style].corpus_label, "pop") not in ("pop", "standard"):
        return {}
    found = {}
    for offset in range(min(PHRASE - 1, section.bars)):
        draw, beat, mixing = rng.random(), int(rng.choice((48, 24, 72), p=(0.6, 0.15, 0.25))), rng.random(8)
        count = paces[offset] if paces else len(plan.lyrics.get(section.start + offset, ()))
        if not 2 <= count <= 6:
            continue
        if draw >= share:
            if not paces and draw < share + UNEVEN and 3 <= count <= 5:
                found[offset] = _uneven(count, mixing)
            continue
        # The beat's own place stays free: its note has come a quaver before. Other beats come before other quavers.
        others = [place for place in range(0, ticks, 12) if place not in (beat, beat - 12)]
        others.sort(key=lambda place: mixing[place // 12] - (0.8 if place == 0 else 0.4 if place % 24 == 0 else 0.0))
        found[offset] = frozenset((beat - 12, *others[: count - 1]))
    return found


def _uneven(count: int, mixing: np.ndarray) -> frozenset[int]:
    """Onsets of a bar of four quarters that has a longer note: what keeps words from being counted off on the beats."""
    places = sorted(range(12, 73, 12), key=lambda place: mixing[place // 12] - 0.25 * (place % 24 == 0))
    chosen = sorted((0, *places[: count - 1]))
    gaps = {b - a for a, b in pairwise((*chosen, 96))}
    return frozenset(chosen if len(gaps) > 1 else (0, 36, 48, 60, 72)[:count])
