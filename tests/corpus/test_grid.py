"""Everything lands on the grid that the tokens can write, and stays musical."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from yuefu.corpus.grid import (
    DURATIONS,
    MAX_BAR_TICKS,
    ONSETS,
    floor_durations,
    monophonic,
    snap_durations,
    snap_notes,
    snap_onsets,
    straighten,
)
from yuefu.score.model import make_notes
from yuefu.tokens import vocabulary as tokens

note = st.tuples(st.integers(0, 760), st.integers(1, 500), st.integers(21, 108))
bars = st.lists(st.sampled_from((12, 36, 72, 96, 144)), min_size=8, max_size=12)


def layout(lengths: list[int]) -> tuple[np.ndarray, int]:
    edges = np.concatenate([[0], np.cumsum(lengths)])
    return edges[:-1], int(edges[-1])


def test_the_grid_is_the_vocabularys() -> None:
    """What the corpus writes, the tokens can read."""
    assert ONSETS == tokens.GRID
    assert DURATIONS == tokens.DURATIONS
    assert MAX_BAR_TICKS == tokens.MAX_BAR_TICKS


@settings(deadline=None)
@given(st.lists(note, max_size=60), bars)
def test_snapped_notes_are_on_the_grid_and_never_overlap_themselves(
    rows: list[tuple[int, int, int]], lengths: list[int]
) -> None:
    starts, end = layout(lengths)
    notes = snap_notes(make_notes([(i, s, d, p, 80) for i, (s, d, p) in enumerate(rows)]), starts, end)
    index = np.searchsorted(starts, notes["start"], side="right") - 1
    offset = notes["start"] - starts[index]
    inside = notes["start"] < end
    assert np.isin(offset[inside] % 24, ONSETS).all()
    assert np.isin(notes["duration"], DURATIONS).all()
    for pitch in np.unique(notes["pitch"]):
        same = notes[notes["pitch"] == pitch]
        assert (same["start"][1:] >= same["start"][:-1] + same["duration"][:-1]).all()


@settings(deadline=None)
@given(st.lists(note, max_size=60), bars)
def test_snapping_twice_changes_nothing(rows: list[tuple[int, int, int]], lengths: list[int]) -> None:
    starts, end = layout(lengths)
    once = snap_notes(make_notes([(i, s, d, p, 80) for i, (s, d, p) in enumerate(rows)]), starts, end)
    assert np.array_equal(snap_notes(once, starts, end), once)


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=50))
def test_an_onset_moves_by_less_than_a_64th(ticks: list[int]) -> None:
    starts, end = layout([96] * 11)
    moved = snap_onsets(np.array(ticks), starts, end)
    assert np.abs(moved - np.array(ticks)).max() <= 1


def test_a_place_in_the_bar_is_counted_from_its_bar_line() -> None:
    """After a bar of 7/16 (42 ticks) the next bar's first note is on place 0, not on 42 mod 24."""
    starts, end = layout([42, 96])
    assert snap_onsets(np.array([43, 42 + 13]), starts, end).tolist() == [42, 54]


@given(st.lists(st.integers(1, 600), min_size=1, max_size=40))
def test_durations_go_to_the_nearest_that_can_be_written(values: list[int]) -> None:
    allowed = np.array(DURATIONS)
    best = np.abs(allowed[None, :] - np.array(values)[:, None]).min(axis=1)
    assert (np.abs(snap_durations(np.array(values)) - values) == best).all()
    floors = floor_durations(np.array(values))
    assert ((floors <= values) & (np.isin(floors, allowed) | (np.array(values) < 3))).all()


@settings(deadline=None)
@given(st.lists(note, min_size=1, max_size=60), st.booleans())
def test_a_line_has_one_note_at_a_time(rows: list[tuple[int, int, int]], top: bool) -> None:
    starts, end = layout([96] * 8)
    notes = snap_notes(make_notes([(i, s, d, p, 80) for i, (s, d, p) in enumerate(rows)]), starts, end)
    found = monophonic(notes, top)
    assert (found["start"][1:] >= found["start"][:-1] + found["duration"][:-1]).all()
    assert np.isin(found["duration"], DURATIONS).all()
    first = notes[notes["start"] == notes["start"].min()]["pitch"]
    assert found["pitch"][0] == (first.max() if top else first.min())


def test_rolled_chords_of_a_player_become_chords_and_written_32nds_stay() -> None:
    rng = np.random.default_rng(1)
    starts, end = layout([96] * 8)
    rows = [
        (4 * i + j, max(0, i * 24 + int(rng.integers(-2, 3)) + j), 20, 60 + 4 * j, 80)
        for i in range(32)
        for j in range(3)
    ]
    played = snap_notes(straighten(make_notes(rows), starts), starts, end)
    assert np.isin(played["start"] % 24, (0, 6)).all()
    assert (played["start"] % 24 == 0).mean() > 0.9
    written = make_notes([(i, i * 3, 3, 60 + i % 5, 80) for i in range(64)])
    assert np.array_equal(straighten(written, starts), written)


def test_a_release_just_before_the_next_note_is_legato() -> None:
    notes = make_notes([(1, 0, 20, 60, 80), (2, 24, 6, 62, 80), (3, 48, 24, 64, 80)])
    assert monophonic(notes)["duration"].tolist() == [24, 6, 24]
