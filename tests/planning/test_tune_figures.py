"""Rhythms of tunes by style: what the file holds, and what is drawn from it."""

from __future__ import annotations

import numpy as np
import pytest

from yuefu.planning.plan import PlannedSection
from yuefu.planning.planner import make_plan
from yuefu.planning.tune_figures import PHRASE, TuneFigures, read_rhythm, tune_figures
from yuefu.text.brief import BriefOptions, read_brief
from yuefu.theory.meter import METERS
from yuefu.theory.styles import STYLES
from yuefu.workflows.tune_rhythm import figured_rules, style_figures

FIGURED = [style for style in STYLES.values() if style.figures]


@pytest.mark.parametrize("style", FIGURED, ids=lambda style: style.key)
def test_every_style_with_figures_has_them_in_its_usual_metre(style) -> None:
    """What a style names is in the file, in whole phrases that fit the bar."""
    meter = max(style.meters, key=lambda pair: pair[1])[0]
    assert meter in METERS
    found = tune_figures(style.figures, meter)
    assert found is not None
    numerator, denominator = map(int, meter.split("/"))
    for rhythm, works in (*found.opening, *found.closing):
        assert len(rhythm) == PHRASE
        assert works >= 1
        assert all(bar and max(bar) < numerator * 96 // denominator for bar in rhythm)


@pytest.mark.parametrize("bars", [1, 3, 4, 7, 8, 12, 16, 17])
@pytest.mark.parametrize("shuffled", [False, True])
def test_a_section_of_any_length_gets_a_rhythm_for_each_bar(bars: int, shuffled: bool) -> None:
    """As many bars as were asked for, the same for the same seed."""
    jig = tune_figures("jig", "6/8")
    assert jig is not None
    figures = TuneFigures(jig.opening, jig.closing, shuffled)
    drawn = figures.draw(bars, np.random.default_rng(4))
    assert len(drawn) == bars
    assert drawn == figures.draw(bars, np.random.default_rng(4))


def test_a_part_closes_as_parts_close() -> None:
    """The last bar of a part is a closing phrase's last bar, also where the part ends early."""
    opening, closing = read_rhythm("0/0/0/0"), read_rhythm("24/24/24/48")
    figures = TuneFigures(((opening, 1.0),), ((closing, 1.0),))
    for bars in (6, 8, 16):
        assert figures.draw(bars, np.random.default_rng(1))[-1] == frozenset((48,))


def test_only_styles_with_figures_are_held_to_them() -> None:
    """A jig's bars have rhythms; a pop song's and a jig in another metre's don't."""
    section = PlannedSection(letter="A", start=0, bars=8, energy=0.5, rows=("melody",))
    for style, meter, count in (("jig", "6/8", 8), ("jig", "5/4", 0), ("pop", "4/4", 0)):
        plan = make_plan(read_brief("", BriefOptions(style=style, meter=meter)), 1)
        assert len(style_figures(plan, section, (1, 2))) == count


def test_triplets_get_their_places() -> None:
    """Rules for a rhythm with triplets allow them and nothing shorter than its notes."""
    from yuefu.generation.rules import RowRules

    rules = figured_rules(RowRules(shortest=6), frozenset((0, 8, 16, 24, 48)))
    assert {0, 8, 16} <= set(rules.places)
    assert rules.shortest == 6
    assert figured_rules(RowRules(shortest=6), frozenset((0, 3, 24))).shortest == 3
