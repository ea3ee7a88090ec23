"""Measures have the values their formulas say."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yuefu.analysis.measures import MEASURES, measure, measure_many
from yuefu.score.model import Score, TempoChange, make_notes, transpose

from .music import BAR, chorus, line, part, piece, progression, tune

SHARES = [
    name
    for name in MEASURES
    if name.startswith(("empty_", "self_similarity"))
    or name in ("scale_ratio", "chord_tone_ratio", "groove_consistency", "repeats", "steps", "skips", "leaps")
    or name in ("unresolved_leaps", "syncopation", "dissonance")
]


def test_every_name_has_a_number_in_range(extreme: Score) -> None:
    """All names are there, shares lie in 0..1, and nothing is infinite or negative."""
    found = measure(extreme)
    assert tuple(found) == MEASURES
    for name, value in found.items():
        assert isinstance(value, float)
        assert math.isnan(value) or 0 <= value < math.inf, name
        if name in SHARES and not math.isnan(value):
            assert value <= 1 + 1e-9, name


def test_intervals_of_a_known_line() -> None:
    """C D E E A C' C: two steps, a repeat, a leap up, a skip, a leap down."""
    found = measure(piece(part("melody", line([60, 62, 64, 64, 69, 72, 60], [24] * 7))))
    assert found["steps"] == pytest.approx(2 / 6)
    assert found["repeats"] == pytest.approx(1 / 6)
    assert found["skips"] == pytest.approx(1 / 6)
    assert found["leaps"] == pytest.approx(2 / 6)
    assert found["melody_range"] == 12
    assert found["mean_interval"] == pytest.approx((2 + 2 + 0 + 5 + 3 + 12) / 6)


def test_unresolved_leaps() -> None:
    """A leap that goes on leaping the same way is unresolved; one that turns back isn't."""
    on = measure(piece(part("melody", line([60, 67, 71, 72], [24] * 4))))
    back = measure(piece(part("melody", line([60, 67, 65, 64], [24] * 4))))
    assert on["unresolved_leaps"] == 1.0
    assert back["unresolved_leaps"] == 0.0


def test_densities_and_empty_bars() -> None:
    """Eight notes in the first of two bars are four a bar, and half the bars are empty."""
    bass = line([36, 36], [BAR, BAR], 0, 100)
    found = measure(piece(part("melody", line([60] * 8, [12] * 8)), part("bass", bass)))
    assert found["density_melody"] == 4
    assert found["empty_melody"] == 0.5
    assert found["empty_bass"] == 0.0
    assert found["empty_drums"] == 1.0


def test_a_loop_grooves_and_noise_does_not() -> None:
    """Equal onset patterns in every bar are 1."""
    loop = measure(piece(part("melody", line([60, 62, 64] * 8, [24, 24, 48] * 8))))
    assert loop["groove_consistency"] == 1.0
    assert measure(piece(part("melody", chorus(8, 1))))["groove_consistency"] < 1.0


def test_scale_and_chord_tones_fall_with_wrong_notes() -> None:
    """Scattering the tune's pitches lowers both ratios."""
    right = tune()
    rng = np.random.default_rng(0)
    notes = right.parts[0].notes.copy()
    notes["pitch"] += rng.integers(-3, 4, len(notes)).astype(np.int16)
    wrong = piece(right.parts[0].with_notes(notes), right.parts[1])
    assert measure(right)["scale_ratio"] == 1.0
    assert measure(wrong)["scale_ratio"] < 0.95
    assert measure(right)["chord_tone_ratio"] > measure(wrong)["chord_tone_ratio"] + 0.2


def test_dissonance_between_rows() -> None:
    """Parallel thirds have none; parallel semitones nothing else."""
    melody = part("melody", line([64, 65, 67, 69], [24] * 4))
    thirds = part("counter", line([60, 62, 64, 65], [24] * 4, 0, 50))
    semitones = part("counter", line([63, 64, 66, 68], [24] * 4, 0, 50))
    assert measure(piece(melody, thirds))["dissonance"] == 0.0
    assert measure(piece(melody, semitones))["dissonance"] == 1.0


def test_syncopation_of_offbeats() -> None:
    """Notes between the beats held over them are syncopated; notes on the beats aren't."""
    off = piece(part("melody", line([-1] + [60] * 7, [12] + [24] * 7)))
    on = piece(part("melody", line([60] * 8, [24] * 8)))
    assert measure(off)["syncopation"] == 1.0
    assert measure(on)["syncopation"] == 0.0


def test_chords_are_counted() -> None:
    """Four chords over four bars: three changes, three of them different."""
    found = measure(progression("C F G C"))
    assert found["chord_changes"] == pytest.approx(3 / 4)
    assert found["distinct_chords"] == 3


def test_drums_are_counted_by_bar() -> None:
    """Sixteen hits in two bars are eight a bar."""
    assert measure(piece(part("drums", make_notes([(i, i * 12, 12, 42, 80) for i in range(16)]))))["drum_hits"] == 8


@settings(max_examples=15, deadline=None)
@given(st.integers(-5, 6), st.floats(40, 200))
def test_measures_ignore_key_and_tempo(semitones: int, bpm: float) -> None:
    """Every measure of the transposed piece at another tempo is the same."""
    score = tune()
    moved = transpose(score, semitones)
    moved = Score(parts=moved.parts, tempos=(TempoChange(0, bpm),))
    found = measure(moved)
    for name, value in measure(score).items():
        assert found[name] == pytest.approx(value, nan_ok=True), name


def test_many_pieces_have_a_mean_and_a_spread() -> None:
    """NaN values are left out, and counted as such."""
    spreads = measure_many([tune(), Score()])
    assert spreads["melody_range"].count == 1
    assert spreads["melody_range"].mean == 9
    assert spreads["density_melody"].count == 2
    assert spreads["density_melody"].std == pytest.approx(spreads["density_melody"].mean)
    assert measure_many([])["steps"].count == 0
