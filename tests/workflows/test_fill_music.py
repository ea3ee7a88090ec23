"""What a musician would hear in filled scores: cadences, functions, rests, fills, loudness and long bars."""

from dataclasses import replace

import numpy as np
import pytest

from yuefu.errors import InputError, LimitError
from yuefu.generation.engine import NoiseEngine
from yuefu.score.model import ChordSpan, KeyChange, MeterChange, Part, Score, Section, make_notes
from yuefu.theory.chord import Chord
from yuefu.theory.key import Key
from yuefu.tokens.vocabulary import vocabulary
from yuefu.workflows.cell_chords import closes_of
from yuefu.workflows.chord_manner import APPROACH, CLOSE, HARMONIES, WITHIN, weight_of
from yuefu.workflows.fill_score import fill
from yuefu.workflows.fill_wishes import FillMask
from yuefu.workflows.tasks import continue_score, drums, harmonize, infill, reharmonize, vary

WAYS = {"engine": NoiseEngine(len(vocabulary()), seed=3), "seed": 5, "candidates": 1}
#: Two phrases in C: the first closes over the dominant, the second on the tonic.
PHRASES = (64, 67, 72, 67, 65, 69, 72, 69, 64, 67, 64, 60, 62, None, None, None,
           64, 67, 72, 67, 65, 69, 72, 69, 62, 65, 71, 67, 60, None, None, None)  # fmt: skip


def song(loud=lambda tick: 80):
    """Eight bars of tune, a piano on each half bar that rests in the first two bars, and chords."""
    tune = [(i, i * 24, 24, p, loud(i * 24)) for i, p in enumerate(PHRASES, 1) if p is not None]
    tune = [(n, t - 24, 72 if PHRASES[n % 32] is None else 24, p, v) for n, t, d, p, v in tune]
    roots = (0, 5, 0, 7, 0, 5, 7, 0)
    keys = [
        (100 + 10 * bar + 4 * half + i, bar * 96 + half * 48, 48, 48 + roots[bar] + step, loud(half * 48))
        for bar in range(2, 8) for half in (0, 1) for i, step in enumerate((0, 4, 7))
    ]  # fmt: skip
    return Score(
        parts=(Part("P1", "Flute", "melody", 73, notes=make_notes(tune)),
               Part("P2", "Piano", "keys", 0, notes=make_notes(keys))),
        keys=(KeyChange(0, Key()),), length=768,
        chords=tuple(ChordSpan(i * 96, 96, Chord(root)) for i, root in enumerate(roots)),
    )  # fmt: skip


def test_phrases_close_where_the_tune_rests():
    assert [close.start for close in closes_of(song())] == [288, 672]
    assert [close.final for close in closes_of(song())] == [False, True]


def test_a_dominant_leads_to_a_close_and_a_close_wants_the_tonic():
    """In every way of harmonising V before a close and I on it outweigh other chords of the key."""
    for name, manner in HARMONIES.items():
        quality = {"jazz": ("maj7", "7", "m7")}.get(name, ("", "", "m"))
        tonic, dominant, other = Chord(0, quality[0]), Chord(7, quality[1]), Chord(4, quality[2])
        assert weight_of(manner, tonic, dominant, "major", CLOSE, True) > weight_of(
            manner, other, dominant, "major", CLOSE, True
        )
        assert weight_of(manner, dominant, Chord(5, quality[0]), "major", APPROACH, True) > weight_of(
            manner, other, Chord(5, quality[0]), "major", APPROACH, True
        )


def test_a_hymn_prefers_triads_and_first_inversions():
    manner = HARMONIES["hymn"]

    def weight(symbol, before="C"):
        return weight_of(manner, Chord.parse(symbol), Chord.parse(before), "major", WITHIN, False)

    assert weight("Am") > weight("Am7")
    assert weight("C/E", "Dm") > weight("C/G", "Dm")
    assert weight("F") > weight("Fm")


def test_a_hymn_ends_at_home_whatever_the_model_says():
    """Even noise for a model comes to rest on the tonic, in root position."""
    done = harmonize(replace(song(), parts=song().parts[:1]), "hymn", **{**WAYS, "candidates": 4})[0]
    final = done.score.chords[-1].chord
    assert (final.root, final.bass) == (0, None)


def test_the_parts_that_rest_go_on_resting_when_chords_change():
    done = reharmonize(song(), "jazz", **WAYS)
    piano = done.score.parts[1].notes
    assert len(piano)
    assert int(piano["start"].min()) >= 192
    assert done.score.chords != song().chords
    assert np.array_equal(done.score.parts[0].notes, song().parts[0].notes)


def test_reharmonizing_goes_by_corrected_roles():
    """What was told to be the tune stays, whatever the part's role says."""
    score = song()
    score = replace(score, parts=(replace(score.parts[0], role="counter"), score.parts[1]))
    done = reharmonize(score, "pop", roles="Flute=melody", **WAYS)
    assert np.array_equal(done.score.parts[0].notes, score.parts[0].notes)
    assert "counter" not in done.filled


def test_infilling_leaves_out_who_rests_there():
    assert "keys" not in infill(song(), "1-2", **WAYS).filled
    assert "keys" in infill(song(), "4-5", **WAYS).filled


def test_new_drums_fill_at_the_end_of_a_section_and_the_piece_ends_on_a_stroke():
    score = replace(song(), sections=(Section(0, 384, "A"), Section(384, 384, "B")))
    notes = drums(score, "rock", **WAYS).score.parts[-1].notes
    fourth = set(notes["pitch"][(notes["start"] >= 336) & (notes["start"] < 384)].tolist())
    assert fourth & {38, 47, 43}
    assert set(notes["start"][notes["start"] >= 672].tolist()) == {672}
    first, third = (notes[(notes["start"] >= a) & (notes["start"] < a + 96)] for a in (0, 192))
    assert np.array_equal(first["start"] + 192, third["start"])
    assert np.array_equal(first["pitch"], third["pitch"])


def test_new_notes_are_accented_as_the_old_ones_are():
    score = song(lambda tick: 100 if tick % 96 == 0 else 60)
    done = fill(score, FillMask(["keys"], "5-6"), **WAYS)
    new = done.score.parts[1].notes
    new = new[(new["start"] >= 384) & (new["start"] < 576) & np.isin(new["start"] % 96, (0, 48))]
    first = new["velocity"][new["start"] % 96 == 0]
    assert len(first)
    assert first.min() > new["velocity"][new["start"] % 96 == 48].max(initial=0)
    flat = fill(song(), FillMask(["keys", "drums"], "5-6"), **WAYS)
    assert {int(v) for part in flat.score.parts for v in part.notes["velocity"]} == {80}


def test_bars_longer_than_the_grid_are_kept_and_the_others_can_be_written():
    """A bar of ten quarters stands in the way of nothing but itself."""
    rows = [(i, i * 24, 24, 60 + i % 7, 80) for i in range(1, 30)]
    score = Score(
        parts=(Part("P1", "Flute", "melody", 73, notes=make_notes(rows)),), length=96 * 2 + 240 + 96 * 3,
        meters=(MeterChange(0, 4, 4), MeterChange(192, 10, 4), MeterChange(432, 4, 4)),
    )  # fmt: skip
    done = fill(score, FillMask(["bass"], "5-6"), **WAYS)
    assert done.filled == {"bass": [5, 6]}
    assert np.array_equal(done.score.parts[0].notes, score.parts[0].notes)
    assert all(528 <= int(n["start"]) < 720 for n in done.score.parts[1].notes)
    with pytest.raises(LimitError, match="bar 3 lasts 10 quarters"):
        fill(score, FillMask(["bass"], "2-4"), **WAYS)


def test_rows_have_chinese_names_too():
    assert FillMask("旋律，贝斯、鼓").rows == ("melody", "bass", "drums")
    assert set(vary(song(), 0.5, rows=["键盘"], **WAYS).filled) == {"keys"}


def test_a_row_that_nobody_plays_cannot_vary():
    with pytest.raises(InputError, match="nobody plays bass"):
        vary(song(), 0.5, rows=["bass"], **WAYS)


def test_sections_close_whatever_their_last_notes_are():
    """A section's last note is a close even where the tune runs on."""
    score = replace(song(), sections=(Section(0, 192, "A"), Section(192, 576, "B")))
    assert 168 in [close.start for close in closes_of(score)]


def test_a_continuation_comes_to_rest_in_every_part():
    """In the last bar nobody moves any more, however busy the parts were."""
    done = continue_score(song(), 4, **WAYS)
    for part in done.score.parts:
        last = part.notes[part.notes["start"] >= 1056]
        assert set(last["start"].tolist()) == {1056}


@pytest.mark.parametrize("seed", [1, 2, 5])
def test_the_last_chord_of_new_keys_is_struck_at_once(seed):
    """However the piano breaks its chords before, the last one sounds together and nothing comes after it."""
    tune = replace(song(), parts=song().parts[:1])
    keys = fill(tune, FillMask(["keys"]), "pop, energetic", **{**WAYS, "seed": seed}).score.parts[1].notes
    last = keys[keys["start"] >= 672]
    assert len(last) >= 2
    assert set(last["start"].tolist()) == {672}
