"""Keys are found from notes alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yuefu.analysis.key import estimate_key, local_keys
from yuefu.score.model import Score, TempoChange, transpose
from yuefu.theory.key import Key

from .music import BAR, chart, line, part, piece, progression, tune

MAJOR = "C F G C Am F G7 C"
MINOR = "Am Dm E Am F Dm E7 Am"


def test_a_tune_and_its_bass_give_the_key() -> None:
    """Twinkle in C is in C major, and surely so."""
    estimate = estimate_key(tune())
    assert estimate.key == Key()
    assert estimate.confidence > 0.8


@pytest.mark.parametrize("semitones", range(12))
@pytest.mark.parametrize(("symbols", "mode"), [(MAJOR, "major"), (MINOR, "minor")])
def test_a_progression_is_found_in_every_key(symbols: str, mode: str, semitones: int) -> None:
    """Transposing a progression transposes its key and keeps its mode."""
    score = transpose(progression(symbols), semitones)
    tonic = (semitones + (0 if mode == "major" else 9)) % 12
    assert estimate_key(score).key == Key.of_tonic(tonic, mode)


def test_relative_keys_differ_by_their_ends() -> None:
    """The same chords are major or minor by where they rest."""
    assert estimate_key(progression("C Am F G C Am F G C")).key.mode == "major"
    assert estimate_key(progression("Am F C G Am F Em Am")).key == Key(0, "minor")


def test_a_scale_alone_gives_its_key() -> None:
    """A harmonic minor scale up and down is in its minor key."""
    up = [57, 59, 60, 62, 64, 65, 68, 69]
    score = piece(part("melody", line(up + up[::-1], [24] * 16)))
    assert estimate_key(score).key == Key(0, "minor")


def test_no_notes_no_confidence() -> None:
    """Silence is in no key."""
    assert estimate_key(Score()).confidence == 0.0


def test_a_chord_chart_has_a_key() -> None:
    """Chord symbols serve where there are no notes."""
    assert estimate_key(chart("G Em C D G")).key == Key(1)
    assert estimate_key(chart("Em C D B7 Em")).key == Key(1, "minor")


def test_confidence_is_a_share(extreme: Score) -> None:
    """Any score gets a key and a confidence from 0 to 1."""
    estimate = estimate_key(extreme)
    assert 0.0 <= estimate.confidence <= 1.0
    assert local_keys(extreme)[0].tick == 0


def test_a_modulation_is_heard() -> None:
    """Sixteen bars in C and sixteen in E are told apart, near the seam."""
    first = progression("C F G C", repeat=4)
    second = transpose(progression("C F G C", repeat=4), 4)
    parts = []
    for a, b in zip(first.parts, second.parts):
        late = b.notes.copy()
        late["start"] += 16 * BAR
        late["id"] += 1000
        parts.append(a.with_notes(np.concatenate([a.notes, late])))
    changes = local_keys(piece(*parts))
    assert [change.key for change in changes] == [Key(), Key(4)]
    assert abs(changes[1].tick - 16 * BAR) <= 2 * BAR


def test_a_steady_piece_stays_in_its_key() -> None:
    """One key throughout is one entry."""
    assert [change.key for change in local_keys(progression(MAJOR, repeat=4))] == [Key()]


@settings(max_examples=25, deadline=None)
@given(st.integers(-5, 6), st.floats(30, 240), st.sampled_from([1, 2]))
def test_key_follows_transposition_and_ignores_tempo(semitones: int, bpm: float, stretch: int) -> None:
    """Transposing moves the tonic; tempo and even augmentation change nothing."""
    score = transpose(progression(MINOR, each=BAR * stretch), semitones)
    score = Score(parts=score.parts, tempos=(TempoChange(0, bpm),))
    assert estimate_key(score).key == Key.of_tonic((9 + semitones) % 12, "minor")
