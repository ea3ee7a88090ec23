"""Plans in a mode: chords that lie in it, vamps that end at home; drones, groupings and free rhythm as fields."""

import numpy as np
import pytest

from yuefu.planning.modal import modal_skeleton
from yuefu.planning.plan import Plan
from yuefu.planning.planner import make_plan
from yuefu.text.brief import BriefOptions, read_brief
from yuefu.theory.chord import Chord
from yuefu.theory.instruments import INSTRUMENTS
from yuefu.theory.key import Key
from yuefu.theory.modes import MODES


def plan_for(words="", seed=3, **options):
    return make_plan(read_brief(words, BriefOptions(**options)), seed)


@pytest.mark.parametrize("key", MODES)
@pytest.mark.parametrize("level", ["triads", "extended"])
def test_a_skeleton_lies_in_its_mode_and_comes_home(key, level):
    """Whatever the mode, its chords keep to it at any level of richness, and the last one stands on the tonic."""
    mode = MODES[key]
    bars = modal_skeleton(mode, [8, 8, 8], [None, None, 0], [True, False, False], level, np.random.default_rng(1))
    chords = [Chord.parse(chord.symbol) for bar in bars for chord in bar]
    assert len(bars) == 24
    scale = mode.scale_on(mode.home)
    assert mode.beside or all({*chord.pitch_classes, chord.bass_class} <= scale for chord in chords)
    assert chords[-1].bass_class == mode.home
    assert bars[:6] == bars[16:22]


def test_d_dorian_has_no_signature_and_its_tonic_is_d():
    plan = plan_for(scale="D dorian", style="folk", bars=16)
    assert (plan.key, plan.scale, plan.tonic, plan.home) == ("A minor", "dorian", 2, 2)
    assert Plan.from_json(plan.model_dump_json()) == plan


def test_pentatonic_is_major_or_minor_as_the_mood_is():
    assert plan_for(scale="pentatonic", key="A minor").scale == "minor_pentatonic"
    assert plan_for(scale="pentatonic", key="C major").scale == "major_pentatonic"


def test_given_chords_find_the_tonic():
    """With chords and a mode but no tonic, the tonic is where the chords lie in the mode."""
    plan = plan_for(scale="dorian", chords="Dm G Dm G", style="folk")
    assert plan.tonic == 2
    assert [chord.symbol for chord in plan.harmony[0]] == ["Dm"]


def test_second_chords_enter_where_groups_do():
    """In 7/8 as 3+2+2 no chord enters between the groups."""
    plan = plan_for(style="jazz", meter="7/8 (3+2+2)", bars=32, seed=9)
    places = {chord.position for bar in plan.harmony for chord in bar}
    assert len(places) > 1
    assert places <= {0, 36, 60}


def test_free_rhythm_has_no_drums_and_no_swing():
    """散板: nobody beats time unless drums were asked for."""
    for seed in range(6):
        plan = plan_for("散板", style="jazz", seed=seed)
        assert plan.rhythm == "free"
        assert plan.swing == 0.0
        assert not any(INSTRUMENTS[part.instrument].is_drums for part in plan.parts)
    assert any(
        part.rows == ("drums",) for part in plan_for(style="jazz", rhythm="free", instruments="piano,drums").parts
    )


def test_a_drone_takes_a_row_that_nobody_else_plays():
    plan = plan_for(style="folk", drone=True)
    holders = [part for part in plan.parts if plan.drone in part.rows]
    assert plan.drone
    assert len(holders) == 1
    assert all(plan.drone not in section.rows for section in plan.sections)
    alone = plan_for(instruments="bagpipes", drone=True)
    assert [part.rows for part in alone.parts] == [("melody", alone.drone)]


def test_ornaments_and_drones_are_a_styles_own_or_none():
    """Celtic, Chinese and baroque tunes are lightly ornamented, pop isn't; a raga brings its drone."""
    assert plan_for(style="celtic").ornaments == plan_for(style="chinese_folk").ornaments == "light"
    assert plan_for(style="pop").ornaments == "none"
    assert plan_for(style="pop").drone == ""
    assert plan_for("raga yaman").drone
    assert not plan_for("raga yaman", drone=False).drone


def test_saying_nothing_changes_nothing():
    """A plan that asks for none of it has none of it."""
    plan = plan_for(style="pop")
    assert (plan.scale, plan.grouping, plan.rhythm, plan.groups) == ("", (), "strict", ())


@pytest.mark.parametrize("scale", ["yu", "hijaz", "dorian", "hirajoshi"])
def test_a_mode_without_a_tonic_is_written_in_few_accidentals(scale: str) -> None:
    """Whatever the seed: at most three sharps or flats."""
    for seed in range(12):
        plan = make_plan(read_brief("", BriefOptions(scale=scale, style="hymn", bars="8")), seed)
        assert abs(Key.parse(plan.key).fifths) <= 3
