"""What is asked of bands written under a tune: full hands, chords that are heard, lines that don't run in parallel."""

from dataclasses import replace

import numpy as np
import pytest
from test_fill_music import song

from yuefu.score.model import Part, Score, make_notes
from yuefu.tokens.grid import decode_notes
from yuefu.workflows.arrange import arrange
from yuefu.workflows.cell_band import held
from yuefu.workflows.cell_judging import band_worth, parallels
from yuefu.workflows.fill_score import fill
from yuefu.workflows.fill_wishes import FillMask
from yuefu.workflows.score_canvas import open_score


def with_bass(pitches):
    """The song's tune over four bass notes a bar."""
    notes = [(500 + i, i * 24, 24, p, 80) for i, p in enumerate(pitches)]
    score = song()
    return replace(score, parts=(score.parts[0], Part("P2", "Bass", "bass", 33, notes=make_notes(notes))))


def test_octaves_and_fifths_in_parallel_are_counted():
    """A bass that shadows the tune at the octave is parallel at every step, one that holds its note nowhere."""
    tune = song().parts[0].notes
    shadow = {int(n["start"]) // 24: int(n["pitch"]) - 24 for n in tune}
    moving = open_score(with_bass([shadow.get(i, 36) for i in range(16)])).canvas
    still = open_score(with_bass([36] * 16)).canvas
    assert parallels(moving, 0, 4) >= 8
    assert parallels(still, 0, 4) == 0


def test_a_band_is_worth_more_the_more_of_its_chords_is_heard():
    """A bass with the tones of each chord beats one that sits on a strange note."""
    chords = [p - 12 for root in (48, 53, 48, 55) for p in (root, root + 4, root + 7, root)]
    assert band_worth(open_score(with_bass(chords)).canvas, 0, 4) > band_worth(
        open_score(with_bass([42] * 16)).canvas, 0, 4
    )


def test_voices_of_a_hymn_are_held_to_the_next_note():
    """Short notes with rests between become as long as there is room, and the last one fills the bar."""
    notes = make_notes([(1, 0, 12, 60, 80), (2, 24, 12, 62, 80), (3, 48, 12, 64, 80)])
    score = Score(parts=(Part("P1", "Viola", "inner", 41, notes=notes),), length=96)
    cell = open_score(score).canvas.cells["inner"][0]
    longer, _ = decode_notes(held(cell, 96), 0)
    assert longer["duration"].tolist() == [24, 24, 48]
    assert longer["pitch"].tolist() == decode_notes(cell, 0)[0]["pitch"].tolist()


@pytest.mark.model
@pytest.mark.parametrize("words", ["pop", "ballad"])
def test_a_new_piano_has_full_hands_and_moves(words):
    """Before the last bar it begins a note at every beat on average, and not in every bar at the same places."""
    tune = replace(song(), parts=song().parts[:1])
    keys = fill(tune, FillMask(["keys"]), words, seed=5).score.parts[1].notes
    bars = [{int(t) % 96 for t in keys["start"] if 96 * bar <= t < 96 * bar + 96} for bar in range(7)]
    assert np.mean([len(places) for places in bars]) >= 4
    assert len({frozenset(places) for places in bars}) >= 3


@pytest.mark.model
def test_four_voices_do_not_move_in_parallel():
    """Under a calm tune alto, tenor and bass make hardly an octave or fifth in a row, and the alto stays below."""
    done = arrange(replace(song(), parts=song().parts[:1], chords=()), "satb", seed=1)
    canvas = open_score(done.score).canvas
    assert parallels(canvas, 0, 8) <= 1
    melody, alto = (part.notes for part in done.score.parts[:2])
    top = dict(zip(melody["start"].tolist(), melody["pitch"].tolist(), strict=True))
    assert all(pitch <= top.get(tick, 127) for tick, pitch in zip(alto["start"].tolist(), alto["pitch"].tolist()))
