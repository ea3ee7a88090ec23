"""Cleaning keeps the music and drops what no model should see."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from tests.corpus.tunes import line, tune, walk
from tests.score.strategies import scores

from yuefu.corpus.clean import HIGHEST_PITCH, LOWEST_PITCH, Refused, clean, split_long_bars, trim
from yuefu.corpus.grid import DURATIONS, MAX_BAR_TICKS, ONSETS
from yuefu.score.model import ChordSpan, KeyChange, MeterChange, Part, Score, Section, make_notes
from yuefu.theory.chord import Chord
from yuefu.theory.key import Key


@settings(max_examples=60, deadline=None)
@given(scores())
def test_any_score_is_cleaned_onto_the_grid_or_refused(score: Score) -> None:
    try:
        found = clean(score)
    except Refused:
        return
    starts = np.array([bar.start for bar in found.bars])
    for part in found.parts:
        offset = part.notes["start"] - starts[np.searchsorted(starts, part.notes["start"], side="right") - 1]
        assert np.isin(offset % 24, ONSETS).all()
        assert np.isin(part.notes["duration"], DURATIONS).all()
        if not part.is_drums:
            assert ((part.notes["pitch"] >= LOWEST_PITCH) & (part.notes["pitch"] <= HIGHEST_PITCH)).all()
    assert all(bar.duration <= MAX_BAR_TICKS for bar in found.bars)
    assert all(a.start + a.duration <= b.start for a, b in zip(found.chords, found.chords[1:], strict=False))


def test_silence_at_both_ends_goes_and_everything_moves_with_the_notes() -> None:
    score = tune(1, bars=4)
    part = score.parts[0]
    moved = part.notes.copy()
    moved["start"] += 2 * 96
    score = Score(
        parts=(replace(part, notes=moved),),
        chords=(ChordSpan(192, 96, Chord(0)),),
        sections=(Section(0, 6 * 96, "A"),),
        keys=(KeyChange(0, Key(0)), KeyChange(3 * 96, Key(1))),
        length=10 * 96,
    )
    found = trim(score)
    assert found.parts[0].notes["start"].min() == 0
    assert found.end_tick == 4 * 96
    assert found.chords == (ChordSpan(0, 96, Chord(0)),)
    assert found.sections == (Section(0, 4 * 96, "A"),)
    assert found.keys == (KeyChange(0, Key(0)), KeyChange(96, Key(1)))


def test_a_pick_up_bar_stays() -> None:
    score = replace(tune(1, bars=4), pickup=24)
    assert clean(score).pickup == 24


def test_a_note_written_twice_is_kept_once() -> None:
    score = tune(1)
    part = score.parts[0]
    doubled = np.concatenate([part.notes, part.notes])
    assert clean(replace(score, parts=(part.with_notes(doubled),))).note_count == len(part.notes)


def test_pitches_beyond_the_piano_fold_by_octaves() -> None:
    part = Part("p", "", notes=line([0, 12, 20, 21, 108, 109, 120, 127] * 2))
    found = clean(Score(parts=(part,))).parts[0].notes["pitch"]
    assert ((found - part.notes["pitch"]) % 12 == 0).all()
    assert found.min() >= 21
    assert found.max() <= 108


@pytest.mark.parametrize(
    ("score", "reason"),
    [
        (Score(), "almost empty"),
        (Score(parts=(Part("p", "", notes=line([60, 62])),)), "almost empty"),
        (Score(parts=(Part("p", "", notes=line([60] * 20, 100_000)),)), "too long"),
        (Score(parts=(Part("p", "", notes=line([60, 62, 64, 65] * 20, 11, 3)),)), "not on a grid"),
    ],
)
def test_absurd_pieces_are_refused_with_their_reason(score: Score, reason: str) -> None:
    with pytest.raises(Refused) as caught:
        clean(score)
    assert caught.value.reason == reason


def test_bars_too_long_for_the_tokens_become_several() -> None:
    even = Score(parts=(Part("p", "", notes=line(walk(0, 32))),), meters=(MeterChange(0, 16, 4),))
    assert [bar.duration for bar in split_long_bars(even).bars] == [192] * 4
    odd = Score(parts=(Part("p", "", notes=line(walk(0, 22))),), meters=(MeterChange(0, 11, 4),))
    found = split_long_bars(odd)
    assert [bar.duration for bar in found.bars] == [144, 120, 144, 120]
    assert found.note_count == 22


def test_tempi_stay_within_what_is_accepted() -> None:
    from yuefu.score.model import TempoChange

    found = clean(replace(tune(2), tempos=(TempoChange(0, 5.0), TempoChange(96, 5.01), TempoChange(192, 900.0))))
    assert found.tempos == (TempoChange(0, 20.0), TempoChange(192, 300.0))


def test_chords_that_overlap_or_repeat_are_put_in_order() -> None:
    chords = (ChordSpan(96, 300, Chord(7)), ChordSpan(0, 200, Chord(0)), ChordSpan(192, 96, Chord(7)))
    found = clean(replace(tune(3), chords=chords))
    assert found.chords == (ChordSpan(0, 96, Chord(0)), ChordSpan(96, 192, Chord(7)))


def test_nothing_is_left_of_notes_outside_the_score() -> None:
    """An empty part disappears."""
    score = tune(4)
    assert len(clean(replace(score, parts=(*score.parts, Part("e", "", notes=make_notes())))).parts) == 1
