"""The measures of bass and keys under a melody, on arrangements small enough to judge by hand."""

from __future__ import annotations

import math

import pytest

from yuefu.evaluation.arrangement import (
    MEASURES,
    above_share,
    block_chords,
    chord_share,
    heard_share,
    measures,
    root_share,
)
from yuefu.score.model import ChordSpan, Notes, Part, Score, make_notes
from yuefu.theory.chord import Chord


def notes(*rows: tuple[int, int, int]) -> Notes:
    """Notes as (start, duration, pitch)."""
    return make_notes([(i + 1, *row, 80) for i, row in enumerate(rows)])


def chords(*symbols: str, each: int = 48) -> tuple[ChordSpan, ...]:
    """A chord each half bar; "" is no chord."""
    return tuple(ChordSpan(i * each, each, Chord.parse(s) if s else None) for i, s in enumerate(symbols))


def score(melody: Notes, bass: Notes, keys: Notes, *symbols: str) -> Score:
    parts = (
        Part("m", "m", "melody", 73, "flute", melody),
        Part("b", "b", "bass", 33, "bass", bass),
        Part("k", "k", "keys", 0, "piano", keys),
    )
    return Score(parts=parts, chords=chords(*symbols), length=48 * len(symbols))


def test_the_bass_says_the_root_or_the_bass_that_the_symbol_names() -> None:
    """Over C, C/E, G, G: C held (right), E (right), a rest (wrong), B (wrong)."""
    bass = notes((0, 48, 36), (48, 48, 40), (144, 48, 35))
    assert root_share(bass, chords("C", "C/E", "G", "G")) == 0.5


def test_no_chord_asks_nothing_of_the_bass() -> None:
    assert root_share(notes((0, 48, 36)), chords("C", "")) == 1.0
    assert math.isnan(root_share(notes((0, 48, 36)), chords("")))


def test_time_in_the_chord_is_cut_at_its_change() -> None:
    """C held over C and G: 48 ticks inside, 48 outside; an E over C besides: 24 more inside."""
    assert chord_share(notes((0, 96, 48)), chords("C", "G")) == 0.5
    assert chord_share(notes((0, 96, 48), (0, 24, 52)), chords("C", "G")) == pytest.approx(72 / 120)


def test_tones_heard_are_the_first_four_of_the_chord() -> None:
    """C and E of C E G, then G and F of G B D F: two thirds and a half; the ninth isn't asked for."""
    played = notes((0, 48, 48), (0, 48, 64), (48, 48, 43), (48, 48, 65))
    assert heard_share(played, chords("C", "G7")) == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert heard_share(notes((0, 48, 60), (0, 48, 64), (0, 48, 67), (0, 48, 70)), chords("C9")) == 1.0


def test_keys_above_the_tune_are_counted_while_it_sounds() -> None:
    melody = notes((0, 48, 72))
    keys = notes((0, 24, 60), (24, 24, 74), (24, 24, 64), (48, 24, 90))
    assert above_share(melody, keys) == 0.5


def test_collisions_are_with_the_melody_and_not_between_bass_and_keys() -> None:
    """On beat 1 the keys play the melody's note, on beat 3 a semitone below; bass and keys also meet."""
    melody = notes((0, 24, 72), (48, 24, 72))
    keys = notes((0, 24, 72), (48, 24, 71), (72, 24, 40))
    bass = notes((72, 24, 40))
    assert measures(score(melody, bass, keys, "C", "C"))["collisions"] == 2.0


def test_hands_and_ranges() -> None:
    """Of two chords one spans three octaves with a note in the middle; one bass note of two is too low."""
    keys = notes((0, 24, 48), (0, 24, 66), (0, 24, 84), (24, 24, 60), (24, 24, 64))
    found = measures(score(notes((0, 96, 79)), notes((0, 48, 20), (48, 48, 36)), keys, "C", "C"))
    assert found["unreachable"] == 0.5
    assert found["out of range"] == pytest.approx(1 / 7)


def test_texture_numbers() -> None:
    """Two bars: keys of three notes on two onsets, at gaps of one bar; a bass of quarters and a half."""
    keys = notes((0, 96, 60), (0, 96, 64), (96, 96, 65))
    bass = notes((0, 24, 36), (24, 24, 36), (48, 48, 36), (96, 24, 48))
    found = measures(score(notes((0, 192, 79)), bass, keys, "C", "C", "F", "F"))
    assert set(found) == set(MEASURES)
    assert found["keys density"] == 1.5
    assert found["keys polyphony"] == 1.5
    assert found["keys register"] == pytest.approx(63)
    assert found["keys rhythm"] == 0.0
    assert found["bass density"] == 2.0
    assert found["bass register"] == 39.0
    # Gaps of 24, 24 and 48 ticks.
    assert found["bass rhythm"] == pytest.approx(-(2 / 3) * math.log2(2 / 3) - (1 / 3) * math.log2(1 / 3))


def test_nothing_written_gives_no_numbers_for_it() -> None:
    found = measures(score(notes((0, 96, 72)), notes(), notes(), "C", "C"))
    assert all(math.isnan(found[m]) for m in ("bass in chord", "keys in chord", "unreachable", "keys register"))
    assert found["root"] == found["chord heard"] == found["bass density"] == found["collisions"] == 0.0


def test_block_chords_say_every_chord_and_nothing_else() -> None:
    """On each beat the root and the triad; the symbol's own bass where it names one; rests without a chord."""
    written = block_chords(chords("C", "", "F/A"), 144)
    assert written["bass"]["pitch"].tolist() == [36, 36, 33, 33]
    assert written["bass"]["start"].tolist() == [0, 24, 96, 120]
    assert sorted(written["keys"]["pitch"][:3].tolist()) == [55, 60, 64]
    text = score(notes((0, 144, 84)), written["bass"], written["keys"], "C", "", "F/A")
    found = measures(text)
    assert [found[m] for m in ("root", "bass in chord", "keys in chord", "chord heard")] == [1.0] * 4
    assert found["above"] == found["unreachable"] == found["out of range"] == 0.0
