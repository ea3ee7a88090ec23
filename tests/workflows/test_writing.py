"""How a band is written, whatever the model says: the fake engine's noise under the writers' leanings."""

import numpy as np
import pytest

from yuefu.generation.engine import NoiseEngine
from yuefu.planning.planner import make_plan
from yuefu.text.brief import BriefOptions, read_brief
from yuefu.theory.key import Key
from yuefu.tokens.vocabulary import vocabulary
from yuefu.workflows.assembly import assemble
from yuefu.workflows.canvas import build_canvas
from yuefu.workflows.drums import GROOVES, _read, fill_groove, groove_for
from yuefu.workflows.writing import write_piece


def written(**wishes):
    """A piece by the noise engine."""
    plan = make_plan(read_brief("", BriefOptions(**wishes)), 5)
    canvas = build_canvas(plan)
    list(write_piece(NoiseEngine(len(vocabulary()), seed=1), canvas, plan, 5, 1, lambda *_: 0.0))
    return plan, assemble(canvas, plan)


@pytest.fixture(scope="module")
def band():
    return written(
        style="pop",
        key="C major",
        meter="4/4",
        form="verse:8 chorus:8",
        instruments="voice, piano, strings, bass, drums",
    )


def chord_at(score, tick):
    return next(s.chord for s in score.chords if s.start <= tick < s.start + s.duration)


def test_the_bass_holds_the_roots(band):
    """On nearly every first beat the bass plays its chord's bass note, also where a chord goes on."""
    _, score = band
    notes = score.part("bass").notes
    first = notes[notes["start"] % 96 == 0]
    assert len(first) >= 14
    held = [int(n["pitch"]) % 12 == chord_at(score, int(n["start"])).bass_class for n in first]
    assert np.mean(held) > 0.9


def test_pads_and_chords_keep_to_the_harmony(band):
    """Pads play chord tones and last as long as their chord; the keys play hardly anything else."""
    _, score = band
    for role, share in (("pad", 0.97), ("keys", 0.85)):
        notes = score.part(role).notes
        inside = [int(n["pitch"]) % 12 in chord_at(score, int(n["start"])).pitch_classes for n in notes]
        assert np.mean(inside) >= share, role
    assert np.mean(score.part("pad").notes["duration"]) >= 48


def test_chords_lie_in_a_hand_and_clear_of_mud(band):
    """Keys struck together span at most ten semitones and stay above C3."""
    _, score = band
    notes = score.part("keys").notes
    assert notes["pitch"].min() >= 48
    for start in np.unique(notes["start"]):
        pitches = notes["pitch"][notes["start"] == start]
        assert pitches.max() - pitches.min() <= 10


def test_the_chorus_lies_above_the_verse(band):
    """The tune's mean pitch rises in the section with the most energy."""
    _, score = band
    tune = score.part("melody").notes
    verse, chorus = tune[tune["start"] < 8 * 96], tune[tune["start"] >= 8 * 96]
    assert chorus["pitch"].mean() > verse["pitch"].mean()


def test_a_groove_keeps_its_backbeat(band):
    """Snare on two and four and kick on one, in most bars in which drums play."""
    _, score = band
    drums = score.part("drums").notes
    bars = np.unique(drums["start"] // 96)

    def share(place, pitch):
        return np.mean([((drums["start"] == b * 96 + place) & (drums["pitch"] == pitch)).any() for b in bars])

    assert share(24, 38) > 0.7
    assert share(0, 36) > 0.7


def test_hymns_move_together():
    """In a hymn the lower voices start where the tune does."""
    plan, score = written(style="hymn", bars=8, instruments="flute, viola, cello")
    tune = set(score.part("melody").notes["start"].tolist())
    changes = {bar * plan_bar(plan) + c.position for bar, chords in enumerate(plan.harmony) for c in chords}
    bass = set(score.part("bass").notes["start"].tolist())
    assert len(bass & (tune | changes)) / len(bass) > 0.9


def plan_bar(plan):
    numerator, denominator = map(int, plan.meter.split("/"))
    return numerator * 96 // denominator


def test_an_ensemble_of_voices_plays_throughout():
    """A quartet has no section in which half of it is silent."""
    plan = make_plan(read_brief("", BriefOptions(style="string_quartet", bars=16)), 5)
    assert all(set(section.rows) == set(plan.sections[0].rows) for section in plan.sections)


def test_grooves_are_whole_bars_and_fills_replace_their_second_half():
    """Every written groove has a strong first half, and a fill leaves it as it is."""
    for options in GROOVES.values():
        for text in options:
            groove = _read(text)
            assert max(groove) < 96
            filled = fill_groove(groove, 96)
            assert all(filled[place] == hits for place, hits in groove.items() if place < 48)
            assert all(filled[place] <= {38, 43, 47} for place in range(48, 96, 12))


@pytest.mark.parametrize("meter", ["3/4", "6/8", "5/4", "7/8", "2/4"])
def test_every_metre_has_a_groove(meter):
    """Grooves stay inside the bar of any metre and begin with its first beat."""
    plan = make_plan(read_brief("", BriefOptions(style="rock", meter=meter, bars=8)), 5)
    groove = groove_for(plan, 0.7, np.random.default_rng(0))
    assert max(groove) < plan_bar(plan)
    assert 36 in groove[0]


def test_the_end_is_held_by_all(band):
    """Everyone closes on the tonic chord with a long note."""
    plan, score = band
    last = score.length - 96
    tonic = Key.parse(plan.key).tonic
    for part in score.parts:
        if not part.is_drums and part.role != "melody":
            notes = part.notes[part.notes["start"] >= last]
            assert notes["duration"].min() >= 48, part.role
            assert {(int(p) - tonic) % 12 for p in notes["pitch"]} <= {0, 4, 7}
