"""Statistics of rows, and how far they lie from people's."""

import numpy as np
import pytest

from yuefu.evaluation.row_measures import distances, distinct, likeness, line_symbols, statistics
from yuefu.score.model import ChordSpan, make_notes
from yuefu.theory.chord import Chord

BARS = [(0, 96), (96, 192)]


def tune(pitches, step=24):
    return make_notes([(n + 1, n * step, step, pitch, 80) for n, pitch in enumerate(pitches)])


def test_a_scale_in_quarters_has_the_statistics_that_one_can_count():
    """Four notes a bar, on the beat, all steps, half of them in the chord of C."""
    chords = [ChordSpan(0, 192, Chord(0))]
    found = statistics(tune([60, 62, 64, 65, 67, 69, 71, 72]), BARS, chords)
    assert found["notes"] == [4.0, 4.0]
    assert found["off_beat"] == [0.0, 0.0]
    assert found["step"] == [1.0, 1.0]
    assert found["leap"] == [0.0, 0.0]
    assert found["range"] == [5.0, 5.0]
    assert found["in_chord"] == [0.5, 0.5]
    assert found["like_last"] == [0.0]


def test_drums_are_told_by_kick_snare_and_sounds():
    hits = make_notes([(1, 0, 6, 36, 80), (2, 24, 6, 38, 80), (3, 30, 6, 42, 80), (4, 96, 6, 42, 80)])
    found = statistics(hits, BARS, drums=True)
    assert found["kick_down"] == [1.0, 0.0]
    assert found["snare_back"] == [1.0, 0.0]
    assert found["sounds"] == [3.0, 1.0]
    assert found["off_beat"][0] == pytest.approx(1 / 3)


def test_what_people_wrote_is_at_no_distance_from_itself_and_noise_is_far():
    """A tune that leaps about lies farther from a scale than another scale does."""
    chords = [ChordSpan(0, 384, Chord(0))]
    bars = [(n * 96, n * 96 + 96) for n in range(4)]
    human = statistics(tune([60, 62, 64, 65, 67, 65, 64, 62, 60, 60, 62, 67, 69, 67, 64, 60]), bars, chords)
    near = statistics(tune([62, 64, 65, 67, 69, 67, 65, 64, 62, 62, 64, 65, 67, 69, 67, 62]), bars, chords)
    leaps = np.random.default_rng(1).integers(40, 90, 32).tolist()
    far = statistics(tune(leaps, 12), bars, chords)
    mean = {name: np.mean(list(distances(own, human).values())) for name, own in (("near", near), ("far", far))}
    assert max(distances(human, human).values()) == 0
    assert mean["near"] * 3 < mean["far"]


def test_outputs_are_alike_as_far_as_they_share_notes():
    one, half = tune([60, 62, 64, 65]), tune([60, 62, 71, 72])
    assert likeness([one, one]) == 1.0
    assert likeness([one, half]) == 0.5
    assert np.isnan(likeness([one]))


def test_repetition_makes_fewer_distinct_stretches():
    notes = tune([60, 62, 60, 62, 60, 62, 60, 62])
    assert distinct([line_symbols(notes, BARS)]) < distinct(
        [line_symbols(tune([60, 61, 63, 66, 70, 75, 81, 88]), BARS)]
    )
