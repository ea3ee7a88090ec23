"""Chord labels of the annotation corpora."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuefu.corpus.harte import SHORTHANDS, nearest_quality, parse_harte
from yuefu.errors import InputError
from yuefu.theory.chord import QUALITIES


@given(st.sampled_from(sorted(QUALITIES)))
def test_the_vocabularys_own_qualities_are_found_from_their_tones(quality: str) -> None:
    tones = frozenset(step % 12 for step in QUALITIES[quality])
    assert {step % 12 for step in QUALITIES[nearest_quality(tones)]} == set(tones)


@given(st.sampled_from("CDEFGAB"), st.sampled_from(["", "b", "#"]), st.sampled_from(sorted(SHORTHANDS)))
def test_every_shorthand_on_every_root_is_a_chord(step: str, sign: str, shorthand: str) -> None:
    chord = parse_harte(f"{step}{sign}:{shorthand}" if shorthand else step + sign)
    assert chord is not None
    assert chord.quality in QUALITIES


@pytest.mark.parametrize(
    ("label", "symbol"),
    [
        ("C:maj(9)", "Cadd9"), ("G:min/b3", "Gm/Bb"), ("D:13", "D9"), ("A:11", "A7sus4"), ("E:1", "E5"),
        ("F:maj6(9)", "F6"), ("Bb:5(b7)", "Bb7"), ("Cb:maj", "B"), ("C:sus4(b7,9,13)", "C7sus4"), ("C:maj/#11", "C/F#"),
    ],
)  # fmt: skip
def test_labels_become_the_nearest_chord(label: str, symbol: str) -> None:
    assert parse_harte(label).symbol() == symbol


@pytest.mark.parametrize("label", ["H:maj", "C:what", "C:maj/15", "c"])
def test_what_is_no_label_is_refused(label: str) -> None:
    with pytest.raises(InputError):
        parse_harte(label)
