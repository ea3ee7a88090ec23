"""Bars as rolls: what lanes can say goes to cells and back unchanged, and chords decide the pitches."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yuefu.engines import texture as t
from yuefu.theory.chord import QUALITIES, Chord
from yuefu.tokens.grid import decode_notes

chords = st.builds(Chord, st.integers(0, 11), st.sampled_from(sorted(QUALITIES)))


def canonical(rng: np.random.Generator, count: int) -> t.Roll:
    """A roll that lanes can say: one bass at a time, held steps only after an onset of their lane."""
    roll = np.zeros((t.CHANNELS, t.STEPS), dtype=bool)
    roll[t.DRUMS, :count] = rng.random((len(t.DRUM_LANES), count)) < 0.2
    bass, keys = False, np.zeros(len(t.KEYS_TONES), dtype=bool)
    for step in range(count):
        if rng.random() < 0.3:
            roll[t.BASS.start + rng.integers(len(t.BASS_DEGREES)), step] = bass = True
        else:
            roll[t.BASS_HELD, step] = bass = bass and bool(rng.random() < 0.7)
        struck = rng.random(len(keys)) < 0.1
        held = keys & ~struck & (rng.random(len(keys)) < 0.7)
        roll[t.KEYS, step], roll[t.KEYS_HELD, step] = struck, held
        keys = struck | held
    return roll


def cells(roll: t.Roll, own: list[Chord], count: int) -> dict:
    hits = [(step, [t.DRUM_LANES[lane][1][0] for lane in lanes]) for step, lanes in t.drum_hits(roll, count)]
    return {
        "drums": t.drum_cell(hits),
        "bass": t.note_cell(t.bass_notes(roll, own, count)),
        "keys": t.note_cell(t.keys_notes(roll, own, count)),
    }


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), chords, st.sampled_from([12, 16]))
def test_a_roll_goes_to_cells_and_back(seed, chord, count):
    """Onsets come back exactly over any chord, held steps as far as lengths can be written."""
    roll = canonical(np.random.default_rng(seed), count)
    own = [chord] * t.STEPS
    back = t.read_bar(cells(roll, own, count), own, count * t.STEP)
    for row in t.ROWS:
        assert np.array_equal(back[t.ONSETS_OF[row]], roll[t.ONSETS_OF[row]]), row
    assert not (back & ~roll).any()  # a length that can't be written is a shorter one
    again = t.read_bar(cells(back, own, count), own, count * t.STEP)
    assert np.array_equal(again, back)


@settings(max_examples=40, deadline=None)
@given(chords, st.integers(24, 45))
def test_lanes_rise_and_hold_the_chord(chord, base):
    """Lanes of keys are chord tones from low to high, those of the bass rise and have the root at degree 0."""
    pitches = t.keys_pitches(chord)
    assert list(pitches) == sorted(set(pitches))
    assert {p % 12 for p in pitches} == {p % 12 for p in chord.pitch_classes}
    bass = [t.bass_pitch(chord, lane, base) for lane in range(len(t.BASS_DEGREES))]
    assert bass == sorted(set(bass))
    assert bass[-t.BASS_DEGREES[0]] % 12 == chord.root
    assert base <= bass[-t.BASS_DEGREES[0]] < base + 12


def test_the_same_picture_is_the_nearest_voicing_of_the_next_chord():
    """Three lanes over C, F and G lie within a fourth of each other; a slash chord has its bass at the first degree."""
    roll = np.zeros((t.CHANNELS, t.STEPS), dtype=bool)
    roll[t.KEYS.start + 5 : t.KEYS.start + 8, 0] = True
    voicings = [[p for _, p, _ in t.keys_notes(roll, [Chord(root)] * 16, 16)] for root in (0, 5, 7)]
    assert voicings == [[60, 64, 67], [57, 60, 65], [59, 62, 67]]
    assert t.bass_pitch(Chord(0, "", 4), 3, 33) % 12 == 4


def test_a_held_note_moves_with_the_chord():
    """Over a chord change in the bar a held bass and a held chord are struck anew on the new chord's tones."""
    roll = np.zeros((t.CHANNELS, t.STEPS), dtype=bool)
    roll[t.BASS.start + 3, 0] = roll[t.KEYS.start + 5, 0] = True
    roll[t.BASS_HELD, 1:16] = roll[t.KEYS_HELD.start + 5, 1:16] = True
    own = [Chord(0)] * 8 + [Chord(5)] * 8
    assert [(s, p % 12, n) for s, p, n in t.bass_notes(roll, own, 16)] == [(0, 0, 8), (8, 5, 8)]
    assert [(s, n) for s, _, n in t.keys_notes(roll, own, 16)] == [(0, 8), (8, 8)]


def test_swung_quavers_are_quavers():
    """The last triplet of a beat is the second quaver where quavers swing, else the nearest sixteenth."""
    ride = t.drum_cell([(0, [51])])
    notes, _ = decode_notes(ride, 0)
    assert notes["pitch"].tolist() == [51]
    assert t.step_of(24 + 16, swung=True) == 6
    assert t.step_of(24 + 18, swung=False) == 7


@pytest.mark.parametrize("lane", range(len(t.DRUM_LANES)))
def test_every_sound_of_a_lane_is_read_into_it(lane):
    for sound in t.DRUM_LANES[lane][1]:
        roll = t.read_bar({"drums": t.drum_cell([(2, [sound])])}, [Chord(0)] * 16, 96)
        assert np.argwhere(roll).tolist() == [[lane, 2]]
