"""Every pitched piece has a key and chords, given or found, and says which."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.corpus.tunes import line, song, tune

from yuefu.corpus.annotate import annotate
from yuefu.score.model import ChordSpan, KeyChange, Part, Score, transpose
from yuefu.theory.chord import Chord
from yuefu.theory.key import Key

A_MINOR = [69, 71, 72, 74, 76, 74, 72, 71, 69, 68, 69, 76, 81, 76, 72, 69] * 3


def minor() -> Score:
    return Score(parts=(Part("p", "", notes=line(A_MINOR)),))


def test_a_signature_that_nobody_meant_is_replaced_by_what_is_heard() -> None:
    found = annotate(replace(transpose(song(), 2), keys=(KeyChange(0, Key()),)), trust_key=False)
    assert found.keys == (KeyChange(0, Key.parse("D major")),)


def test_a_written_signature_stays_but_its_mode_is_listened_to() -> None:
    """Sources rarely tell A minor from C major."""
    assert annotate(minor(), trust_key=True).keys[0].key == Key.parse("A minor")
    flats = replace(tune(1), keys=(KeyChange(0, Key(-3)),))
    assert annotate(flats, trust_key=True).keys[0].key.fifths == -3


def test_keys_are_judged_segment_by_segment() -> None:
    second = transpose(song(), 7)
    both = []
    for part, other in zip(song().parts, second.parts, strict=True):
        moved = other.notes.copy()
        moved["start"] += song().end_tick
        moved["id"] += 10_000
        both.append(part.with_notes(np.concatenate([part.notes, moved])))
    change = KeyChange(song().end_tick, Key(1))
    found = annotate(replace(song(), parts=tuple(both), keys=(KeyChange(0, Key()), change)), trust_key=True)
    assert [k.key.name for k in found.keys] == ["C major", "G major"]


def test_chords_that_are_given_stay() -> None:
    chords = (ChordSpan(0, 8 * 96, Chord(7, "7")),)
    found = annotate(replace(song(), chords=chords), trust_key=True)
    assert found.chords == chords
    assert found.metadata["chords"] == "given"


def test_chords_that_are_missing_are_found_in_the_notes() -> None:
    found = annotate(song(), trust_key=True)
    assert found.metadata["chords"] == "inferred"
    assert all(span.duration > 0 for span in found.chords)
    assert {span.chord.root for span in found.chords if span.chord} >= {0, 5, 7}


@pytest.mark.parametrize("seed", range(5))
def test_a_lone_tune_gets_plain_chords(seed: int) -> None:
    """A tune can't tell inversions or suspensions."""
    found = annotate(tune(seed, 16), trust_key=True)
    assert found.chords
    for span in found.chords:
        assert span.chord is None or (span.chord.bass is None and "sus" not in span.chord.quality)


def test_drums_alone_get_neither() -> None:
    drums = Score(parts=(Part("d", "", "drums", notes=line([36, 42, 38, 42] * 8, 12)),))
    assert annotate(drums, trust_key=False).chords == ()
