"""How a band is written, whatever the model says: the fake engine's noise under the writers' leanings."""

from itertools import groupby

import numpy as np
import pytest

from yuefu.generation.engine import NoiseEngine
from yuefu.planning.planner import make_plan
from yuefu.text.brief import BriefOptions, read_brief
from yuefu.theory.key import Key
from yuefu.theory.styles import STYLES
from yuefu.tokens.vocabulary import vocabulary
from yuefu.workflows.assembly import assemble
from yuefu.workflows.canvas import build_canvas
from yuefu.workflows.drums import GROOVES, _read, fill_groove, groove_for
from yuefu.workflows.figuration import set_figuration
from yuefu.workflows.writing import write_piece


def written(seed=5, **wishes):
    """A piece by the noise engine."""
    plan = make_plan(read_brief("", BriefOptions(**wishes)), seed)
    canvas = build_canvas(plan)
    list(write_piece(NoiseEngine(len(vocabulary()), seed=1), canvas, plan, seed, 1, lambda *_: 0.0))
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


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("style", ["pop", "rock"])
def test_a_groove_keeps_its_backbeat(style, seed):
    """Kick on one and snare on two and four in every bar with drums, but for fills and the close: by construction."""
    plan, score = written(
        seed, style=style, meter="4/4", form="verse:8 chorus:8", instruments="voice, piano, bass, drums"
    )
    drums = score.part("drums").notes
    ends = [s.start + s.bars - 1 for s in plan.sections]
    for bar in np.unique(drums["start"] // 96).tolist():
        struck = {(int(n["start"]) - bar * 96, int(n["pitch"])) for n in drums if n["start"] // 96 == bar}
        assert (0, 36) in struck, bar
        if bar not in ends:
            assert {(24, 38), (72, 38)} <= struck, bar
        elif bar < ends[-1]:
            assert (24, 38) in struck
            assert sum(place >= 48 and pitch in (38, 43, 47) for place, pitch in struck) >= 3, "a fill"


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


def motif(score, section, bars=2):
    """The tune of a section's first bars, as (ticks from its start, pitch)."""
    bar = score.bars[0].duration
    tune, start = score.part("melody").notes, section.start * bar
    inside = tune[(tune["start"] >= start) & (tune["start"] < start + bars * bar)]
    return [(int(n["start"]) - start, int(n["pitch"])) for n in inside]


@pytest.mark.parametrize("form", ["A:8 B:8 A:8", "A:8 A':8 B:8 A'':8"])
def test_a_hook_returns(form):
    """A section that returns, also a varied one, opens with the two bars that it opened with before."""
    plan, score = written(style="pop", meter="4/4", form=form, instruments="flute, piano, bass")
    first = plan.sections[0]
    for section in plan.sections[1:]:
        if section.letter[0] == "A":
            assert motif(score, section) == motif(score, first)


LYRICS = """[verse]
Under the stars I wander home
Counting the lights along the bay
[verse]
Over the sea the wind has gone home
Carrying songs of yesterday
"""


def test_a_sung_return_fits_its_tune_to_other_syllables():
    """A second verse with a syllable more in a line keeps the first one's pitches, some of them struck twice."""
    plan, score = written(style="pop", meter="4/4", lyrics=LYRICS)
    verses = [s for s in plan.sections if s.kind == "verse"]
    assert len(verses) == 2
    sung = [[len(plan.lyrics[v.start + bar]) for bar in range(2)] for v in verses]
    assert sung[0] != sung[1]
    pitches = [[pitch for pitch, _ in groupby(p for _, p in motif(score, verse))] for verse in verses]
    assert pitches[0] == pitches[1]


@pytest.mark.parametrize("seed", range(4))
def test_phrases_rest_on_their_harmony(seed):
    """A section's first phrase ends on a note of its last chord and not on the tonic; the piece ends on the tonic."""
    plan, score = written(seed, style="folk", meter="4/4", key="C major", form="A:8 B:8", instruments="flute, piano")
    tune = score.part("melody").notes
    for section in plan.sections:
        close = tune[(tune["start"] >= (section.start + 3) * 96) & (tune["start"] < (section.start + 4) * 96)]
        last = close[-1]
        assert int(last["pitch"]) % 12 in chord_at(score, int(last["start"])).pitch_classes
        assert int(last["pitch"]) % 12 != 0
        assert last["start"] + last["duration"] <= (section.start + 4) * 96 - 12, "a breath"
    assert int(tune[-1]["pitch"]) % 12 == 0


def test_calm_pieces_move_less():
    """A calm mood tells the model of fewer notes, thins the accompaniment and lifts the left hand; a density that was
    asked for isn't thinned."""
    asked = {"style": "romantic", "instruments": "piano", "key": "C major", "meter": "4/4", "bars": 16, "tempo": 80}
    calm = [make_plan(read_brief("", BriefOptions(mood="0, -0.6", **asked)), seed) for seed in range(12)]
    neither = [make_plan(read_brief("", BriefOptions(mood="0, 0", **asked)), seed) for seed in range(12)]
    dense = [plan.model_copy(update={"density": STYLES["romantic"].density}) for plan in calm]

    def struck(plans):
        total = 0
        for plan in plans:
            canvas = build_canvas(plan)
            for section in plan.sections:
                set_figuration(canvas, plan, section, np.random.default_rng(plan.seed))
            total += sum(len(places) for places in canvas.figures.values())
        return total

    assert struck(calm) < 0.95 * struck(neither)
    assert struck(calm) < struck(dense)
    first, other = build_canvas(calm[0]), build_canvas(neither[0])
    assert first.headers[0].density < other.headers[0].density
    assert first.rules["bass"].low > other.rules["bass"].low
