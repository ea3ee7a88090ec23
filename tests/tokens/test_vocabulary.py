"""The vocabulary is unambiguous, and moving it moves only what has a pitch."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from yuefu.tokens.vocabulary import HIT_ALIASES, family_of, hit_pitch, tempo_bin, vocabulary


def test_names_are_unique_and_ids_round_trip():
    """Every name has one id and every id its name."""
    v = vocabulary()
    assert len(set(v.names)) == len(v)
    assert all(v.id(name) == i for i, name in enumerate(v.names))


@given(st.integers(-6, 6))
def test_transposing_there_and_back_is_the_identity_in_the_middle(semitones):
    """Ids of middle pitches, roots and basses come back; other tokens never move."""
    v = vocabulary()
    ids = np.array(
        [v.id(n) for n in ("PITCH_60", "ROOT_0", "CBASS_11", "POS_24", "DUR_24", "HIT_kick", "END", "QUALITY_m7")]
    )
    moved = v.transposed(ids, semitones)
    assert (v.transposed(moved, -semitones) == ids).all()
    assert (moved[3:] == ids[3:]).all()
    assert v.names[moved[0]] == f"PITCH_{60 + semitones}"


def test_features_tell_tokens_apart_in_kind_and_tie_pitch_classes():
    """Pitches an octave apart, a root and its pitch class share a feature."""
    v = vocabulary()
    matrix, features = v.features()
    assert matrix.shape == (len(v), len(features))
    column = features.index("class:0")
    for name in ("PITCH_60", "PITCH_72", "ROOT_0", "CBASS_0", "PC_0"):
        assert matrix[v.id(name), column] == 1


def test_drum_aliases_lead_to_known_sounds():
    """Every alias of a drum sound is one that can be written; unknown pitches are None."""
    assert all(hit_pitch(pitch) is not None for pitch in HIT_ALIASES)
    assert hit_pitch(3) is None


def test_bins_cover_all_tempi_and_families():
    """Any tempo and program falls in a bin."""
    assert tempo_bin(20) == 0
    assert tempo_bin(300) == 11
    assert family_of(0, "keys") == "piano"
    assert family_of(53, "melody") == "voice"
    assert family_of(0, "drums") == "kit"
