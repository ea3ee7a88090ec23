"""Bars in numbers: what a hand-made piece has, and what must add up in any piece."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from tests.score.strategies import scores

from yuefu.analysis.bars import COLUMNS, bar_table
from yuefu.score.model import NOTE_ROWS, Score, TempoChange

from .music import BAR, line, part, piece


@pytest.fixture
def song() -> Score:
    """A tune over bass and drums, then a bar of silence, then a held chord."""
    tune = line([60, 62, 67, -1, -1, 64], [24, 24, 36, 12, BAR, BAR])
    bass = line([36], [2 * BAR], first_id=20)
    drums = line([36, 38, 36, 38], [24] * 4, first_id=30)
    score = piece(part("melody", tune), part("bass", bass), part("drums", drums))
    return replace(score, tempos=(TempoChange(0, 120.0), TempoChange(BAR, 60.0)), length=3 * BAR)


def test_each_number_is_what_the_notes_say(song: Score) -> None:
    """Counts, pitches, lengths and intervals of the first bar of a piece, worked out by hand."""
    told = {name: column[0] for name, column in bar_table(song).columns.items()}
    assert (told["bar"], told["quarters"], told["notes"], told["onsets"]) == (1, 4, 4, 3)
    assert (told["lowest"], told["highest"], told["density"], told["drum_hits"]) == (36, 67, 1, 4)
    assert told["register"] == pytest.approx((60 * 24 + 62 * 24 + 67 * 36 + 36 * 192) / 276)
    assert told["length"] == pytest.approx((24 + 24 + 36 + 192) / 4 / 24)
    assert told["polyphony"] == pytest.approx((24 + 24 + 36 + 96) / 96)
    assert (told["thickest"], told["velocity"], told["syncopation"]) == (2, 80, 0)
    assert (told["interval"], told["direction"], told["steps"], told["leaps"]) == (3.5, 3.5, 0.5, 0.5)


def test_what_a_bar_has_not_is_not_a_number(song: Score) -> None:
    """In a bar in which nothing begins there is no pitch, length or interval, but what is held still sounds."""
    table = bar_table(song)
    second = {name: column[1] for name, column in table.columns.items()}
    assert (second["notes"], second["onsets"], second["drum_hits"]) == (0, 0, 0)
    assert second["polyphony"] == 1
    assert all(np.isnan(second[name]) for name in ("lowest", "register", "length", "velocity", "interval"))
    assert table.pitch_classes[1].tolist() == [1.0] + [0.0] * 11


def test_bars_begin_when_the_tempo_says(song: Score) -> None:
    """A bar at 120 takes two seconds, one at 60 four."""
    assert bar_table(song).columns["start"].tolist() == [0.0, 2.0, 6.0]


def test_a_note_held_over_the_beat_is_syncopated() -> None:
    """Of four notes that begin off the beat and are held over it all count; on the beat none does."""
    off = piece(part("melody", line([-1, 60, 62, 64, 65], [12, 24, 24, 24, 12])))
    on = piece(part("melody", line([60, 62, 64, 65], [24] * 4)))
    assert bar_table(off).columns["syncopation"][0] == 0.75  # the last ends at the bar line
    assert bar_table(on).columns["syncopation"][0] == 0


@settings(max_examples=40, deadline=None)
@given(scores())
def test_bars_add_up_to_the_piece(score: Score) -> None:
    """All notes are in some bar, shares sum to 1 or 0, lowest is never above highest, nothing is infinite."""
    table = bar_table(score)
    pitched = sum(len(p.notes) for p in score.parts if not p.is_drums)
    assert table.columns["notes"].sum() == pitched
    assert table.rows.sum() == score.note_count
    assert list(table.columns) == list(COLUMNS)
    assert table.rows.shape == (len(score.bars), len(NOTE_ROWS))
    sums = table.pitch_classes.sum(axis=1)
    assert np.all(np.isclose(sums, 1) | (sums == 0))
    there = ~np.isnan(table.columns["lowest"])
    assert (table.columns["lowest"][there] <= table.columns["register"][there]).all()
    assert (table.columns["register"][there] <= table.columns["highest"][there] + 1e-9).all()
    assert not any(np.isinf(column).any() for column in table.columns.values())
    for bar, start in zip(score.bars, table.columns["start"]):
        assert start == pytest.approx(score.seconds_at(bar.start))
