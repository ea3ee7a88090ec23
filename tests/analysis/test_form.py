"""Sections, their letters, and the likeness of bars."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yuefu.analysis.form import bar_similarity, section_similarity, segment, self_similarity
from yuefu.score.model import Score, transpose

from .music import BAR, chorus, part, piece, progression, tune


def of_pattern(pattern: str, seed: int = 0, bars: int = 8) -> Score:
    """A melody in which equal letters are equal."""
    rows = []
    for place, letter in enumerate(pattern):
        rows.append(chorus(bars, seed * 100 + ord(letter), place * bars * BAR, 1 + place * 1000))
    return piece(part("melody", np.concatenate(rows)))


@pytest.mark.parametrize("pattern", ["AABA", "ABAB", "ABAC", "ABCABC", "AABB", "ABACA"])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_letters_follow_the_repetitions(pattern: str, seed: int) -> None:
    """Eight-bar sections come back with their letters and lengths."""
    sections = segment(of_pattern(pattern, seed))
    assert [section.letter for section in sections] == list(pattern)
    assert {section.duration for section in sections} == {8 * BAR}


def test_a_song_in_three_parts() -> None:
    """Twinkle is A B A by four bars."""
    sections = segment(tune())
    assert [(s.letter, s.start // BAR, s.duration // BAR) for s in sections] == [("A", 0, 4), ("B", 4, 4), ("A", 8, 4)]


def test_a_varied_repeat_gets_a_prime() -> None:
    """A section that returns with two of eight bars changed is A', or A if hardly changed; never B."""
    score = of_pattern("AABA")
    notes = score.parts[0].notes.copy()
    late = (notes["start"] >= 30 * BAR) & (notes["start"] < 32 * BAR)
    notes["pitch"][late] -= 5
    early = (notes["start"] >= 26 * BAR) & (notes["start"] < 27 * BAR)
    notes["pitch"][early] += 3
    letters = [section.letter for section in segment(piece(score.parts[0].with_notes(notes)))]
    assert letters[:3] == ["A", "A", "B"]
    assert letters[3] in ("A", "A'")


def test_sections_cover_the_piece(extreme: Score) -> None:
    """Sections follow each other from the first tick to the last bar line."""
    sections = segment(extreme)
    if extreme.last_tick:
        assert sections[0].start == 0
        assert sections[-1].start + sections[-1].duration == extreme.end_tick
        assert all(a.start + a.duration == b.start for a, b in itertools.pairwise(sections))
    else:
        assert sections == ()


def test_bars_without_melody_are_an_intro() -> None:
    """Four bars of chords before the tune are an intro."""
    chords = progression("C G Am F", repeat=5)
    melody = chorus(16, 3, 4 * BAR, 10_000)
    sections = segment(piece(part("melody", melody), *chords.parts))
    assert (sections[0].kind, sections[0].duration) == ("intro", 4 * BAR)
    assert all(section.kind == "" for section in sections[1:])


def test_likeness_is_symmetric_and_bounded(extreme: Score) -> None:
    """The matrix is symmetric, within 0..1, 1 on the diagonal."""
    table = bar_similarity(extreme)
    assert table.shape == (len(extreme.bars),) * 2
    np.testing.assert_allclose(table, table.T, atol=1e-9)
    assert table.min() >= 0
    assert table.max() <= 1
    assert (np.diagonal(table) == 1).all()


@settings(max_examples=15, deadline=None)
@given(st.integers(-5, 6), st.integers(0, 50))
def test_form_ignores_transposition(semitones: int, seed: int) -> None:
    """The sections of a transposed piece are the same."""
    score = of_pattern("AABA", seed)
    assert segment(transpose(score, semitones)) == segment(score)


def test_repeats_are_alike_and_others_are_not() -> None:
    """Likeness of equal sections is 1, of different ones well below."""
    score = of_pattern("AABA")
    a, again, b, _ = segment(score)
    assert section_similarity(score, a, again) == pytest.approx(1.0)
    assert section_similarity(score, a, b) < 0.6


def test_lags_measure_repetition() -> None:
    """A two-bar loop is more like itself two bars later than one."""
    rows = [chorus(2, 5, place * 2 * BAR, 1 + place * 100) for place in range(6)]
    found = self_similarity(piece(part("melody", np.concatenate(rows))))
    assert found[2] == pytest.approx(1.0)
    assert found[1] < 0.9
    assert 16 not in found
