"""Clock time to score time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuefu.corpus.beatgrid import BEAT_TICKS, DIVISIONS, find_bars, grid_offset, positions_of, quantise, regular_beats
from yuefu.errors import FormatError


def test_a_lost_beat_is_filled_and_a_double_one_removed() -> None:
    beats = regular_beats(np.array([0.0, 0.5, 0.52, 1.0, 2.0, 2.5, 3.0]))
    assert np.allclose(beats, [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0])


def test_too_few_beats_are_refused_in_a_sentence() -> None:
    with pytest.raises(FormatError, match="at least four"):
        regular_beats(np.array([0.0, 1.0]))


def test_positions_follow_a_tempo_that_changes() -> None:
    beats = np.array([0.0, 1.0, 1.5, 2.0])
    assert positions_of(np.array([0.5, 1.25, 2.25]), beats).tolist() == [0.5, 1.5, 3.5]


@given(st.lists(st.floats(0, 60), min_size=1, max_size=80))
def test_every_onset_lands_on_a_division_within_reach(positions: list[float]) -> None:
    ticks = quantise(np.array(positions))
    places = {place for offsets in DIVISIONS.values() for place in offsets}
    assert all(int(tick) % BEAT_TICKS in places for tick in ticks)
    assert np.abs(np.array(positions) * BEAT_TICKS - ticks).max() <= 4.01


@given(st.integers(0, 2**32 - 1), st.sampled_from(["sixteenths", "triplets"]))
def test_notes_played_a_little_off_come_back_to_where_they_were_written(seed: int, division: str) -> None:
    rng = np.random.default_rng(seed)
    # Whole figures, so that the division of each beat can be heard.
    written = np.concatenate([beat * 24 + np.array(DIVISIONS[division][:-1]) for beat in range(8)])
    played = written / BEAT_TICKS + rng.uniform(-0.02, 0.02, len(written))
    assert quantise(played).tolist() == written.tolist()


def test_a_constant_lag_is_found() -> None:
    written = np.arange(64) / 4
    assert grid_offset(written + 0.05) == pytest.approx(0.05, abs=1e-6)
    assert grid_offset(written[:8] + 0.05) == 0.0


def test_bars_keep_their_length_through_weak_and_wrong_clues() -> None:
    clues = np.zeros(64)
    clues[2::4] = 1.0
    clues[[10, 26]] = 0.0
    clues[[13, 29, 30]] = 1.0
    assert find_bars(clues, 4) == list(range(2, 64, 4))


def test_a_bar_of_two_beats_is_found_where_all_later_clues_say_so() -> None:
    clues = np.zeros(66)
    clues[0:32:4] = 1.0
    clues[34::4] = 1.0
    bars = find_bars(clues, 4)
    assert 32 in bars
    assert 34 in bars
    assert sorted(set(np.diff(bars))) == [2, 4]
