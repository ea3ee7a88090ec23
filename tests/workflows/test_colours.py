"""Scales, unequal beats, drones, ornaments and free rhythm in what is written, whatever the model says (noise here)."""

import numpy as np
import pytest

from yuefu.analysis.colour import drone_share, final_class, grouping_heard, scale_share, small_notes, tempo_spread
from yuefu.errors import InputError
from yuefu.generation.engine import NoiseEngine
from yuefu.performance.perform import perform
from yuefu.planning.planner import make_plan
from yuefu.score.files import score_from_json, score_to_json
from yuefu.score.graces import folded, without_graces
from yuefu.score.midi import midi_bytes, read_midi
from yuefu.score.musicxml_read import read_musicxml
from yuefu.score.musicxml_write import musicxml_bytes
from yuefu.text.brief import BriefOptions, read_brief
from yuefu.theory.modes import MODES
from yuefu.tokens.vocabulary import vocabulary
from yuefu.workflows.assembly import assemble
from yuefu.workflows.canvas import build_canvas
from yuefu.workflows.report_colour import colour_findings
from yuefu.workflows.writing import write_piece


def written(words="", seed=5, **wishes):
    """A piece by the noise engine: its brief, plan, score, and the score that its MIDI reads back as."""
    brief = read_brief(words, BriefOptions(**wishes))
    plan = make_plan(brief, seed)
    canvas = build_canvas(plan)
    list(write_piece(NoiseEngine(len(vocabulary()), seed=1), canvas, plan, seed, 1, lambda *_: 0.0))
    score = assemble(canvas, plan)
    return brief, plan, score, read_midi(midi_bytes(score, perform(score, style=plan.style, seed=seed)))


@pytest.mark.parametrize(
    "scale", ["D dorian", "G 徵", "E hijaz", "A hirajoshi", "C whole_tone", "F# bhairav", "Bb jiao_yanyue"]
)
def test_a_tune_keeps_to_its_mode_and_ends_on_its_tonic(scale):
    """Even noise can't leave the scale, and the report says so from the MIDI alone."""
    brief, plan, _, heard = written(scale=scale, style="folk", bars=8)
    classes = MODES[plan.scale].scale_on(plan.tonic)
    assert scale_share(heard, classes) == 1.0
    assert final_class(heard) == plan.tonic
    found = {name: met for name, _, met, _ in colour_findings(brief, heard)}
    assert found == {"scale": True}


def test_the_band_keeps_to_the_mode_too():
    """Bass, chords and lines play notes of the scale, since its chords are of it."""
    _, _plan, score, _ = written(scale="D phrygian", style="pop", bars=8)
    scale = MODES["phrygian"].scale_on(2)
    for part in score.parts:
        if not part.is_drums:
            assert {int(pitch) % 12 for pitch in part.notes["pitch"]} <= scale, part.name


def test_the_report_tells_a_scale_that_isnt_kept():
    """A chromatic tune isn't in D dorian."""
    brief, _, _score, heard = written(scale="D dorian", style="folk", bars=8)
    parts = tuple(part.with_notes(_raised(part.notes)) if part.role == "melody" else part for part in heard.parts)
    from dataclasses import replace

    assert next(colour_findings(brief, replace(heard, parts=parts)))[2] is False


def _raised(notes):
    out = notes.copy()
    out["pitch"][::2] += 1
    return out


@pytest.mark.parametrize("meter", ["7/8", "7/8 (3+2+2)", "5/4", "9/8 (2+2+2+3)", "11/8", "4/4 (3+3+2)"])
def test_accents_fall_where_groups_begin(meter):
    """Bass, drums and tune together tell the grouping that was asked for."""
    _, plan, score, heard = written(meter=meter, style="rock", bars=16)
    groups = plan.grouping or {"7/8": (2, 2, 3), "5/4": (3, 2), "11/8": (2, 2, 3, 2, 2)}[plan.meter]
    order, _share = grouping_heard(heard, groups)
    assert order == groups
    drums = score.part("drums").notes
    kicks = drums["start"][drums["pitch"] == 36] % score.meters[0].bar_ticks
    assert np.isin(kicks, plan.groups).mean() > 0.6


def test_a_grouping_is_written_and_kept():
    """7/8 as 3+2+2 is beamed so, says so in its time signature, and survives JSON."""
    _, _, score, _ = written(meter="7/8 (3+2+2)", style="folk", bars=4)
    assert score.meters[0].grouping == (3, 2, 2)
    assert score.bars[0].groups == (0, 36, 60)
    document = musicxml_bytes(score)
    assert b"<beats>3+2+2</beats>" in document
    again = read_musicxml(document)
    assert (again.meters[0].numerator, again.meters[0].denominator) == (7, 8)
    assert score_from_json(score_to_json(score)).meters == score.meters


def test_a_drone_holds_the_tonic_through():
    """From the first bar to the last, and a tanpura's goes on being plucked."""
    for wishes in ({"style": "celtic", "key": "D major", "drone": True}, {"scale": "D yaman", "bars": 8}):
        _, plan, _, heard = written(**wishes)
        assert drone_share(heard, plan.tonic) > 0.9
    _, plan, _, heard = written(style="pop", key="D major", bars=8)
    assert drone_share(heard, plan.tonic) < 0.85


def test_ornaments_are_small_notes_that_notation_writes_as_graces():
    """They sound in MIDI, are graces on the page, and taking them out gives the tune its time back."""
    _, _plan, score, heard = written(style="jig", bars=16, ornaments="rich")
    plain = make_plan(read_brief("", BriefOptions(style="jig", bars="16", ornaments="none")), 5)
    tune = score.part("melody")
    assert len(tune.graces) >= 16
    assert small_notes(heard) >= len(tune.graces)
    assert plain.ornaments == "none"
    document = musicxml_bytes(score)
    assert document.count(b"<grace") == len(tune.graces)
    bare = without_graces(score).part("melody")
    assert not bare.graces
    assert len(bare.notes) == len(tune.notes) - len(tune.graces)
    read = read_musicxml(document).part("melody").notes
    assert read[["start", "pitch"]].tolist() == bare.notes[["start", "pitch"]].tolist()
    kept = score_from_json(score_to_json(score)).part("melody")
    assert kept.graces == tune.graces


def test_ornaments_come_from_the_scale_and_leave_room():
    """Small notes lie in the tune's scale, and their note keeps half of its time at least."""
    _, plan, score, _ = written(scale="G 羽", style="chinese_folk", bars=16, ornaments="rich")
    tune = score.part("melody")
    _, graces = folded(tune)
    by_id = {int(note["id"]): note for note in tune.notes}
    scale = MODES["yu"].scale_on(plan.tonic)
    assert graces
    for main, small in graces.items():
        assert all(pitch % 12 in scale for _, _, pitch, _ in small)
        assert by_id[main]["duration"] >= 3 * len(small)


def test_a_bar_that_returns_is_ornamented_as_it_was():
    """The same notes in another bar bear the same ornaments."""
    _, _, score, _ = written(style="jig", form="A:8 A:8", ornaments="light")
    notes = score.part("melody").notes
    bar = score.meters[0].bar_ticks
    first, second = (notes[(notes["start"] >= at * bar) & (notes["start"] < (at + 4) * bar)] for at in (0, 8))
    assert (first["start"]).tolist() == (second["start"] - 8 * bar).tolist()


def test_a_sung_note_keeps_its_one_syllable():
    """Ornaments add no syllable and lose none, and light ones leave the singer alone."""
    words = "床前明月光\n疑是地上霜\n举头望明月\n低头思故乡"
    for ornaments in ("light", "rich"):
        _, _, score, _ = written(style="guofeng", lyrics=words, ornaments=ornaments)
        voice = score.part("melody")
        assert "".join(s.text for s in voice.syllables) == words.replace("\n", "")
        assert bool(voice.graces) == (ornaments == "rich")
        assert musicxml_bytes(score).count(b"<text>") == 20


def test_free_rhythm_moves_the_tempo_and_says_so():
    """The tempo breathes, the piece lasts as long as in time, and the page says senza misura."""
    _, _, score, heard = written(style="folk", rhythm="free", bars=12, tempo=60)
    _, _, strict, in_time = written(style="folk", rhythm="strict", bars=12, tempo=60)
    assert tempo_spread(heard) > 0.15 > tempo_spread(in_time) + 0.02
    assert heard.tempos[0].bpm == pytest.approx(60, abs=0.05)
    assert heard.duration == pytest.approx(score.duration, rel=0.05)
    assert any(mark.text == "senza misura" for mark in score.parts[0].directions)
    assert any(mark.kind == "fermata" for mark in score.part("melody").directions)
    assert not any(mark.kind == "words" for part in strict.parts for mark in part.directions)


def test_a_grouping_that_doesnt_fill_its_bar_is_refused():
    """A score file can't smuggle in groups that no bar has."""
    _, _, score, _ = written(meter="7/8 (3+2+2)", style="folk", bars=4)
    broken = score_to_json(score).replace(b"[3, 2, 2]", b"[3, 3, 2]").replace(b"[3,2,2]", b"[3,3,2]")
    assert broken != score_to_json(score)
    with pytest.raises(InputError, match="doesn't fill a bar"):
        score_from_json(broken)
