"""Bar lines are put right where a file starts with an upbeat and doesn't say so."""

from __future__ import annotations

import numpy as np
import pytest
from tests.corpus.tunes import line, walk

from yuefu.corpus.upbeat import find_upbeat, on_grid
from yuefu.score.model import MeterChange, Notes, Part, Score, make_notes


def accented(bars: int, beats: int, upbeat: int) -> Notes:
    """A tune of eighths with a long first note in each bar, after an upbeat of so many eighths."""
    rows: list[tuple[int, int, int, int, int]] = []
    tick = 0
    for i in range(upbeat):
        rows.append((len(rows), tick, 12, 67 + i, 80))
        tick += 12
    rng = np.random.default_rng(5)
    for _ in range(bars):
        rows.append((len(rows), tick, 24, 60, 80))
        for eighth in range(2, beats * 2):
            rows.append((len(rows), tick + eighth * 12, 12, 62 + int(rng.integers(0, 12)), 80))
        tick += beats * 24
    rows.append((len(rows), tick, 48, 60, 80))
    return make_notes(rows)


@pytest.mark.parametrize(("upbeat", "beats"), [(0, 4), (1, 4), (2, 4), (0, 3), (1, 3), (2, 3)])
def test_a_clear_upbeat_is_found_and_none_is_invented(upbeat: int, beats: int) -> None:
    part = Part("p", "", notes=accented(12, beats, upbeat))
    score = find_upbeat(Score(parts=(part,), meters=(MeterChange(0, beats, 4),)))
    assert score.pickup == upbeat * 12


def test_even_notes_without_accents_keep_the_files_bars() -> None:
    part = Part("p", "", notes=line(walk(1, 128), 12))
    assert find_upbeat(Score(parts=(part,))).pickup == 0


def test_a_change_of_metre_off_the_bar_line_tells_the_upbeat() -> None:
    part = Part("p", "", notes=line(walk(1, 60)))
    score = Score(parts=(part,), meters=(MeterChange(0, 4, 4), MeterChange(24 + 8 * 96, 3, 4)))
    assert find_upbeat(score).pickup == 24


def test_a_shared_offset_from_the_beat_is_taken_away() -> None:
    """As after a grace note before the first beat."""
    notes = line(walk(1, 32))
    late = notes.copy()
    late["start"] += 5
    grace = make_notes([(99, 0, 5, 60, 80)])
    score = on_grid(Score(parts=(Part("p", "", notes=np.concatenate([grace, late])),)))
    assert set((score.parts[0].notes["start"] % 24).tolist()) == {0}
    assert (
        on_grid(Score(parts=(Part("p", "", notes=notes),))).parts[0].notes["start"].tolist() == notes["start"].tolist()
    )
