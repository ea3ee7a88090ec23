"""The measures of chords under a melody, on songs small enough to work out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from yuefu.evaluation.harmony import IN_KEY, Line, Markov, greedy, measures, random_in_key, shuffled, tonal_distance


def line(*notes: tuple[int, int, int], slots: int = 2) -> Line:
    """Notes as (start, end, pitch) over slots of 48 ticks."""
    starts, ends, pitches = (np.array(column, dtype=np.int64) for column in zip(*notes))
    return Line(starts, ends, pitches, np.arange(slots + 1, dtype=np.int64) * 48)


def test_entropy_and_count_of_chords() -> None:
    """Two chords of equal share have an entropy of ln 2; slots without a chord are left out."""
    found = measures(line((0, 24, 60), slots=5), [(0, ""), (7, ""), (0, ""), (7, ""), None])
    assert found["CHE"] == pytest.approx(math.log(2))
    assert found["CC"] == 2


def test_tonal_distance_of_a_semitone_and_of_a_fifth() -> None:
    """Chords of the three circles of the tonal centroid space, by the angle between the two notes."""
    chord = 2 * math.sin(math.radians(105))  # 210 degrees on a circle of radius 1
    # From C to C#: 7pi/6, 3pi/2 and 2pi/3 a semitone.
    assert tonal_distance([0], [1]) == pytest.approx(math.sqrt(chord**2 + 2 + 0.25 * 3))
    # Seven of them: 30, 90 and 120 degrees.
    small = 2 * math.sin(math.radians(15))
    assert tonal_distance([0], [7]) == pytest.approx(math.sqrt(small**2 + 2 + 0.25 * 3))


def test_only_a_passing_note_under_the_same_chord_is_proper() -> None:
    """Over C: C and E belong, D passes by step; the last F is followed in the next slot, so it isn't proper."""
    tune = line((0, 12, 60), (12, 24, 62), (24, 36, 64), (36, 48, 65), (48, 96, 67))
    found = measures(tune, [(0, ""), (0, "")])
    assert found["CTnCTR"] == pytest.approx(4 / 5)


def test_consonance_is_of_the_interval_above_each_chord_tone() -> None:
    """C over C E G: unison 1, minor sixth 1, fourth 0. B over the same: -1, fifth 1, third 1."""
    assert measures(line((0, 48, 72)), [(0, ""), None])["PCS"] == pytest.approx(2 / 3)
    assert measures(line((0, 48, 71)), [(0, ""), None])["PCS"] == pytest.approx(1 / 3)


def test_a_note_counts_by_its_time_under_each_chord() -> None:
    """A note held over two chords has each one's distance in the share of its time there."""
    found = measures(line((24, 96, 60)), [(0, ""), (6, "")])
    near, far = tonal_distance([0], [0, 4, 7]), tonal_distance([0], [6, 10, 1])
    assert found["MCTD"] == pytest.approx((near * 24 + far * 48) / 72)


def test_without_chords_nothing_is_measured() -> None:
    assert all(math.isnan(value) for value in measures(line((0, 24, 60)), [None, None]).values())


def test_baselines_do_what_their_names_say() -> None:
    rng = np.random.default_rng(0)
    chords = [(0, ""), (7, ""), (9, "m"), None]
    assert sorted(map(str, shuffled(chords, rng))) == sorted(map(str, chords))
    assert set(random_in_key(200, rng)) == set(IN_KEY)
    assert greedy(line((0, 16, 67), (16, 32, 71), (32, 48, 74), slots=2)) == [(7, ""), (7, "")]
    chain = Markov([[(0, ""), (7, ""), (0, ""), (7, "")]])
    assert chain.draw(4, rng) == [(0, ""), (7, ""), (0, ""), (7, "")]
