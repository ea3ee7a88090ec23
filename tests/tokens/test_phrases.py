"""Phrases as arrays: what lies on the sixteenths comes back as it went in."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yuefu.errors import InputError, UnknownNameError
from yuefu.theory.chord import Chord
from yuefu.tokens.grid import GridBar, chord_tokens
from yuefu.tokens.phrase_attributes import attribute, attributes_of, measure, parse_attributes
from yuefu.tokens.phrases import (
    HELD,
    LANES,
    LOWEST_PITCH,
    NO_CHORD,
    SILENT,
    STRUCK,
    Phrase,
    cells_of,
    chord_number,
    fits,
    notes_of,
    phrase_from,
    sounding,
)
from yuefu.tokens.vocabulary import vocabulary

V = vocabulary()


def cell(*events: tuple[int, int, int]) -> np.ndarray:
    """A cell from (position, pitch, ticks)."""
    tokens = []
    for position, pitch, ticks in events:
        tokens += [V.position_ids[position], V.pitch + pitch, V.duration_ids[ticks]]
    return np.array(tokens, dtype=np.int16)


@given(st.lists(st.tuples(st.integers(1, 8), st.integers(40, 84), st.booleans()), min_size=1, max_size=30))
@settings(max_examples=60, deadline=None)
def test_a_line_on_the_grid_comes_back_from_its_cells(told):
    """Any line of notes and rests of one to eight sixteenths, also over bar lines, survives the way through cells."""
    flat = np.full(64, SILENT, dtype=np.uint8)
    at = 0
    for length, pitch, sounds in told:
        if at + length > 64:
            break
        if sounds:
            flat[at] = STRUCK + pitch - LOWEST_PITCH
            flat[at + 1 : at + length] = HELD
        at += length
    chords = np.full((4, 16), NO_CHORD, dtype=np.uint8)
    phrase = Phrase("melody", "4/4", False, flat.reshape(4, 16), chords)
    back = phrase_from({"melody": cells_of(phrase)}, [GridBar("4/4", 96)] * 4, "melody", 0, 4)
    assert np.array_equal(back.steps, phrase.steps)
    assert back.bent == 0


def test_drums_come_back_with_every_sound_told_apart():
    """All sounds of the vocabulary struck at once, and one by one, survive the way through cells."""
    steps = np.zeros((2, 12, len(LANES)), dtype=bool)
    steps[0, 0] = True
    steps[1, np.arange(12), np.arange(12)] = True
    phrase = Phrase("drums", "3/4", False, steps, np.full((2, 12), NO_CHORD, dtype=np.uint8))
    back = phrase_from({"drums": cells_of(phrase)}, [GridBar("3/4", 72)] * 2, "drums", 0, 2)
    assert np.array_equal(back.steps, steps)


def test_triplets_move_to_the_nearest_sixteenth_and_are_counted():
    cells = [cell((0, 60, 8), (8, 62, 8), (16, 64, 8)), cell((0, 65, 24))]
    phrase = phrase_from({"melody": cells}, [GridBar("4/4", 96)] * 2, "melody", 0, 2)
    assert phrase.bent == 2
    assert [start for start, _, _ in notes_of(phrase.steps)] == [0, 1, 3, 16]


def test_of_notes_struck_together_the_tune_takes_the_highest_and_the_bass_the_lowest():
    both = np.concatenate([cell((0, 48, 24)), cell((0, 72, 24))[1:]])
    bars = [GridBar("4/4", 96)]
    for row, pitch in (("melody", 72), ("bass", 48)):
        assert [p for _, p, _ in notes_of(phrase_from({row: [both]}, bars, row, 0, 1).steps)] == [pitch]


def test_chords_sound_on_until_the_next_one_also_over_bar_lines():
    """A bar without a chord of its own has the last one before; a change in the bar changes from there."""
    first = np.array([V.position_ids[0], *chord_tokens(Chord(0))], dtype=np.int16)
    third = np.array([V.position_ids[48], *chord_tokens(Chord(7, "7", 11))], dtype=np.int16)
    empty = np.zeros(0, dtype=np.int16)
    cells = {"chords": [first, empty, third], "melody": [cell((0, 60, 24))] * 3}
    phrase = phrase_from(cells, [GridBar("4/4", 96)] * 3, "melody", 1, 2)
    c, g = chord_number(Chord(0)), chord_number(Chord(7, "7"))
    assert phrase.chords[0].tolist() == [c] * 16
    assert phrase.chords[1].tolist() == [c] * 8 + [g] * 8
    assert phrase.before == 60


def test_what_sounds_goes_on_while_a_note_is_held():
    steps = np.array([[SILENT, STRUCK + 3, HELD, SILENT, HELD, STRUCK + 1]], dtype=np.uint8)
    assert sounding(steps).tolist() == [[0, 4, 4, 0, 0, 2]]


def test_long_bars_and_shortened_ones_are_no_phrases():
    assert [fits(bar) for bar in (GridBar("4/4", 96), GridBar("12/8", 144), GridBar("4/4", 72))] == [True, False, False]


def test_attributes_measure_what_they_say():
    """Twice the notes is busier and shorter, an octave up is higher by twelve, off the beat is syncopated."""

    def line(starts, pitches):
        steps = np.full((1, 16), SILENT, dtype=np.uint8)
        for start, pitch, end in zip(starts, pitches, [*starts[1:], 16], strict=True):
            steps[0, start] = STRUCK + pitch - LOWEST_PITCH
            steps[0, start + 1 : end] = HELD
        return measure(Phrase("melody", "4/4", False, steps, np.full((1, 16), NO_CHORD, dtype=np.uint8)))[0]

    names = list(attributes_of("melody"))
    calm = dict(zip(names, line([0, 4, 8, 12], [60, 62, 64, 65]), strict=True))
    busy = dict(zip(names, line(list(range(0, 16, 2)), [72, 76] * 4), strict=True))
    off = dict(zip(names, line([0, 3, 7, 11], [60, 62, 64, 65]), strict=True))
    assert busy["busier"] == 2 * calm["busier"]
    assert busy["longer"] == calm["longer"] / 2
    assert busy["leaps"] > calm["leaps"]
    assert busy["higher"] - calm["higher"] > 10
    assert off["syncopated"] > calm["syncopated"] == 0


def test_attributes_are_asked_for_in_both_languages_and_refused_kindly():
    assert parse_attributes(["busier=1", "更高=0.5", "smoother"]) == {"busier": 1.0, "higher": 0.5, "leaps": -1.0}
    assert attribute("sparser") == ("busier", -1)
    with pytest.raises(UnknownNameError, match="did you mean 'busier'"):
        parse_attributes(["buzier=1"])
    with pytest.raises(InputError, match="NAME=NUMBER"):
        parse_attributes(["busier=much"])
    for much in ("busier=9", "busier=nan", "busier=inf"):
        with pytest.raises(InputError, match="-3 to 3"):
            parse_attributes([much])
