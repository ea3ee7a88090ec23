"""The catalogue of modes: consistent with itself, found by any of its names, laid on the model's white keys."""

import pytest

from yuefu.errors import InputError, UnknownNameError
from yuefu.theory.chord import Chord
from yuefu.theory.meter import METERS, check_grouping, group_starts, parse_grouped_meter
from yuefu.theory.modes import MODES, find_mode, mode_names, parse_scale, spelt_in, split_tonic

ALL = list(MODES.values())


@pytest.mark.parametrize("mode", ALL, ids=lambda mode: mode.key)
def test_a_modes_chords_marks_and_rests_lie_in_it(mode):
    """Nothing that the catalogue tells of a mode leaves its notes, but the chords of those that say so."""
    scale = mode.scale_on(0)
    assert mode.steps[0] == 0
    assert list(mode.steps) == sorted(set(mode.steps))
    assert max(mode.steps) < 12
    assert set(mode.marks) <= scale
    assert set(mode.rests) <= scale
    assert mode.marks
    for symbols in (*mode.phrases, mode.close, (mode.open,)):
        for chord in map(Chord.parse, symbols):
            assert mode.beside or {*chord.pitch_classes, chord.bass_class} <= scale, chord
    assert all(len(phrase) == 4 for phrase in mode.phrases)
    assert len(mode.close) == 2
    assert Chord.parse(mode.close[-1]).bass_class == 0


@pytest.mark.parametrize("mode", ALL, ids=lambda mode: mode.key)
def test_its_key_moves_its_tonic_to_its_home(mode):
    """On every tonic the key that it is written in, moved to C major or A minor, puts the tonic at home."""
    for tonic in range(12):
        key = mode.key_on(tonic)
        assert mode.tonic_in(key) == tonic
        assert (tonic - key.shift) % 12 == mode.home


def test_church_modes_are_the_white_keys():
    """Each church mode is laid where it has no accidentals at all."""
    for mode in (m for m in ALL if m.family == "church"):
        assert {(mode.home + step) % 12 for step in mode.steps} == {0, 2, 4, 5, 7, 9, 11}


def test_every_name_finds_its_mode():
    """Key, English, Chinese and aliases all lead somewhere, a mode's own names to itself."""
    for mode in ALL:
        for name in (mode.key, mode.zh, mode.en):
            assert find_mode(name).key == mode.key, name
        for alias in mode.aliases:
            assert find_mode(alias).key == mode_names()[alias.lower()]


@pytest.mark.parametrize(
    ("name", "key", "tonic"),
    [
        ("D dorian", "dorian", 2), ("G 徵", "zhi", 7), ("降B羽调式", "yu", 10),
        ("f# phrygian dominant", "phrygian_dominant", 6),
        ("Maqam Hijaz", "hijaz", None), ("雅乐羽调式", "yu_yayue", None), ("燕乐徵调", "zhi_yanyue", None),
        ("Eb mixolydian mode", "mixolydian", 3), ("五声音阶", "pentatonic", None),
    ],
)  # fmt: skip
def test_a_tonic_may_stand_before_a_name(name, key, tonic):
    mode, found = parse_scale(name)
    assert (mode.key, found) == (key, tonic)


def test_an_unknown_mode_names_the_nearest():
    with pytest.raises(UnknownNameError, match="did you mean 'dorian'"):
        find_mode("dorain")
    with pytest.raises(InputError):
        parse_scale("x" * 200)


def test_what_equal_semitones_cant_say_is_said():
    """Gamelan scales and modes with neutral steps carry a note in both languages."""
    for key in ("pelog", "slendro", "rast", "bayati", "saba"):
        assert MODES[key].note_en
        assert MODES[key].note_zh
    assert "quarter tone" in MODES["rast"].note_en


def test_seven_note_forms_hold_their_five():
    """清乐, 雅乐 and 燕乐 add two notes to each pentatonic mode and keep its pillars."""
    for form in ("qingyue", "yayue", "yanyue"):
        for five in ("gong", "shang", "jiao", "zhi", "yu"):
            seven = MODES[f"{five}_{form}"]
            assert len(seven.steps) == 7
            assert set(MODES[five].steps) < set(seven.steps)
            assert seven.rests == MODES[five].rests
    assert MODES["gong_qingyue"].steps == MODES["ionian"].steps


def test_notes_are_named_a_letter_each():
    """D bhairav has E flat and F sharp, not D sharp and G flat."""
    names = spelt_in("bhairav", MODES["bhairav"].key_on(2))
    assert names[3] == ("E", -1)
    assert names[6] == ("F", 1)
    assert names[1] == ("C", 1)
    assert split_tonic("dorian") == (None, "dorian")


def test_bars_of_unequal_beats():
    """Groups are read, checked, and told in ticks; what doesn't fill the bar is refused in a sentence."""
    assert parse_grouped_meter("7/8 (3+2+2)") == ("7/8", (3, 2, 2))
    assert parse_grouped_meter("2+2+2+3/8") == ("9/8", (2, 2, 2, 3))
    assert parse_grouped_meter("四三拍") == ("3/4", ())
    assert group_starts("11/8") == (0, 24, 48, 84, 108)
    assert group_starts("9/8") == ()
    with pytest.raises(InputError, match="add up to 7"):
        check_grouping("7/8", (3, 3, 2))
    with pytest.raises(InputError, match="11/8"):
        parse_grouped_meter("13/8")
    assert {"8/8", "10/8", "11/8"} <= set(METERS)
