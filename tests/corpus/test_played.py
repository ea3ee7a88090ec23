"""Played notes as clean lines."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from yuefu.corpus.played import BASS_TOP, limit_polyphony, notes_from, smooth_line, snap_releases, split_bass, top_line
from yuefu.score.model import Notes

PLAYED = st.lists(
    st.tuples(st.integers(0, 60).map(lambda x: 6 * x), st.integers(1, 100), st.integers(36, 90), st.integers(1, 127)),
    min_size=1,
    max_size=60,
)


def played(rows: list[tuple[int, int, int, int]]) -> Notes:
    columns = np.array(rows).T
    return notes_from(columns[0], columns[1], columns[2], columns[3])


def sounding(notes: Notes) -> int:
    """Most notes that sound at once."""
    times = [(int(n["start"]), 1) for n in notes] + [(int(n["start"] + n["duration"]), -1) for n in notes]
    level = most = 0
    for _, step in sorted(times):
        level += step
        most = max(most, level)
    return most


@given(PLAYED)
def test_a_smooth_line_has_one_note_at_a_time_and_none_without_length(rows: list[tuple[int, int, int, int]]) -> None:
    line = smooth_line(top_line(played(rows)))
    assert sounding(line) == 1
    assert (line["duration"] > 0).all()


@given(PLAYED)
def test_chords_never_exceed_the_limit_and_keep_their_onsets(rows: list[tuple[int, int, int, int]]) -> None:
    notes = played(rows)
    clean = snap_releases(notes, most=5)
    assert sounding(clean) <= 5
    assert (clean["duration"] > 0).all()
    assert set(clean["start"].tolist()) == set(notes["start"].tolist())


@given(PLAYED)
def test_the_bass_and_the_rest_are_the_whole_piano(rows: list[tuple[int, int, int, int]]) -> None:
    notes = played(rows)
    bass, rest = split_bass(notes)
    together = sorted([*bass["id"].tolist(), *rest["id"].tolist()])
    assert together == sorted(notes["id"].tolist())
    assert sounding(bass) <= 1
    assert (bass["pitch"] <= BASS_TOP).all()


def test_the_bass_of_a_broken_chord_is_its_root_held_to_the_next() -> None:
    figure = [(0, 40), (12, 47), (24, 52), (36, 47), (48, 45), (60, 52), (72, 57), (84, 52)]
    bass, rest = split_bass(played([(tick, 12, pitch, 80) for tick, pitch in figure]))
    assert [(int(n["start"]), int(n["duration"]), int(n["pitch"])) for n in bass] == [(0, 48, 40), (48, 48, 45)]
    assert len(rest) == 6


def test_a_small_gap_before_the_next_note_is_closed_and_a_rest_stays() -> None:
    line = smooth_line(played([(0, 20, 60, 80), (24, 22, 62, 80), (96, 24, 64, 80)]))
    assert line["duration"].tolist() == [24, 24, 24]


def test_releases_of_one_chord_meet_at_the_next_chord() -> None:
    chord = [(0, 44, 60, 80), (0, 47, 64, 80), (0, 41, 67, 80), (48, 40, 59, 80)]
    clean = snap_releases(played(chord))
    assert clean["duration"].tolist() == [48, 48, 48, 36]


def test_too_many_notes_at_once_lose_the_softest_inner_one() -> None:
    chord = played([(0, 24, 48, 80), (0, 24, 55, 20), (0, 24, 60, 80), (0, 24, 64, 10)])
    assert limit_polyphony(chord, 3)["pitch"].tolist() == [48, 60, 64]
