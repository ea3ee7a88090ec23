"""Chords are found from notes alone."""

from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yuefu.analysis.chords import infer_chords
from yuefu.errors import UnknownNameError
from yuefu.score.model import Score, make_notes, transpose
from yuefu.theory.chord import Chord

from .music import BAR, line, part, piece, progression, tune

WALK = "C Am F G7 C/E Dm7 G C"


def symbols(score: Score, resolution: str = "half") -> list[str]:
    """The chord symbols found, in order."""
    return [span.chord.symbol() if span.chord else "N.C." for span in infer_chords(score, resolution)]


def test_block_chords_are_named() -> None:
    """Triads, sevenths and an inversion come back as they were put in."""
    assert symbols(progression(WALK)) == WALK.split()


@pytest.mark.parametrize("resolution", ["beat", "half", "bar"])
def test_chords_that_last_a_bar_are_found_at_every_resolution(resolution: str) -> None:
    """A finer grid doesn't break up what lasts."""
    assert symbols(progression(WALK), resolution) == WALK.split()


@pytest.mark.parametrize("symbol", ["C", "Cm", "Cdim", "Caug", "C7", "Cmaj7", "Cm7", "Cm7b5", "Cdim7", "Csus4"])
def test_every_quality_can_be_heard(symbol: str) -> None:
    """Each quality, sounding alone for long, is named with its root."""
    found = [span.chord for span in infer_chords(progression(symbol, repeat=4), key=None)]
    assert [chord.root for chord in found if chord] == [0]
    if symbol not in ("Caug", "Cdim7"):  # these look alike from each of their roots
        assert found[0] == Chord.parse(symbol)


@settings(max_examples=30, deadline=None)
@given(st.integers(-5, 6), st.sampled_from([WALK, "Am Dm E7 Am F C/G G C", "Dm7 G7 Cmaj7 Fmaj7 Bm7b5 E7 Am"]))
def test_transposing_transposes_the_chords(semitones: int, walk: str) -> None:
    """The chords of the transposed piece are the transposed chords."""
    score = progression(walk)
    expected = [span.chord.transpose(semitones) for span in infer_chords(score) if span.chord]
    assert [span.chord for span in infer_chords(transpose(score, semitones))] == expected


def test_arpeggios_count_as_chords() -> None:
    """Broken chords over their bass are the same harmony."""
    keys = line([60, 64, 67, 72] * 4 + [62, 65, 69, 74] * 4 + [59, 62, 67, 74] * 4 + [60, 64, 67, 72] * 4, [12] * 64)
    bass = line([36, 38, 43, 36], [192] * 4, 0, 100)
    assert symbols(piece(part("keys", keys), part("bass", bass))) == ["C", "Dm", "G", "C"]


def test_changes_in_half_bars_are_found() -> None:
    """Two chords a bar are two spans a bar."""
    assert symbols(progression("C G Am Em F C Dm G", each=48)) == ["C", "G", "Am", "Em", "F", "C", "Dm", "G"]


def test_changes_on_beats_need_beats() -> None:
    """A chord on each beat is found with resolution "beat"."""
    assert symbols(progression("C F G C C F G C", each=24), "beat") == ["C", "F", "G", "C", "F", "G", "C"]


def test_spans_cover_the_piece_without_gaps(extreme: Score) -> None:
    """Spans follow each other from the first tick to the last bar line, or there are none."""
    for resolution in ("beat", "half", "bar"):
        spans = infer_chords(extreme, resolution)
        if spans:
            assert spans[0].start == 0
            assert spans[-1].start + spans[-1].duration == extreme.end_tick
            assert all(a.start + a.duration == b.start for a, b in itertools.pairwise(spans))
            assert all(span.duration > 0 for span in spans)


def test_drums_have_no_chords() -> None:
    """A drum part alone gives no spans."""
    drums = part("drums", make_notes([(i, i * 24, 24, 36, 80) for i in range(16)]))
    assert infer_chords(piece(drums)) == ()


def test_long_silence_is_no_chord() -> None:
    """Two empty bars are N.C.; a short rest isn't."""
    score = progression("C C")
    parts = []
    for p in score.parts:
        notes = p.notes.copy()
        notes["start"][notes["start"] >= BAR] += 2 * BAR
        parts.append(p.with_notes(notes))
    assert symbols(piece(*parts)) == ["C", "N.C.", "C"]
    rests = piece(part("keys", make_notes([(i, i * 48, 24, 60 + step, 80) for i in range(8) for step in (0, 4, 7)])))
    assert symbols(rests) == ["C"]


def test_a_melody_alone_gets_plain_chords() -> None:
    """A tune without accompaniment is heard in its key, without slash basses, not changing at every beat."""
    score = piece(tune().parts[0])
    found = [span.chord for span in infer_chords(score) if span.chord]
    assert len(found) <= 24
    assert all(chord.bass is None for chord in found)
    assert found[0].root == 0
    assert found[-1].root in (0, 9)


def test_an_unknown_resolution_is_refused_with_the_known_ones() -> None:
    """The message names what is allowed."""
    with pytest.raises(UnknownNameError, match="beat"):
        infer_chords(tune(), "quarter")


def test_a_long_piece_is_quick() -> None:
    """Three minutes of block chords and bass take well under a second even on a slow machine."""
    score = progression(WALK, repeat=12)
    infer_chords(score)
    start = time.process_time()
    infer_chords(score)
    assert time.process_time() - start < 0.25
