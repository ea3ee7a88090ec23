"""The grid codec loses nothing that lies on the grid."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yuefu.errors import LimitError
from yuefu.score.model import ChordSpan, MeterChange, Part, Score, Syllable, make_notes, sort_notes
from yuefu.theory.chord import QUALITY_NAMES, Chord
from yuefu.tokens.grid import decode_chords, decode_notes, encode_score, snap_duration, snap_onset
from yuefu.tokens.vocabulary import DURATIONS, GRID, HITS, vocabulary

BARS = 4
PLACES = [bar * 96 + q * 24 + g for bar in range(BARS) for q in range(4) for g in GRID]
notes_on_grid = st.lists(
    st.tuples(st.sampled_from(PLACES), st.sampled_from(DURATIONS), st.integers(21, 108)),
    min_size=1, max_size=40, unique_by=lambda n: (n[0], n[2]),
)  # fmt: skip
chord = st.builds(Chord, st.integers(0, 11), st.sampled_from(QUALITY_NAMES), st.one_of(st.none(), st.integers(0, 11)))


def rows_of(notes):
    return sorted((int(n["start"]), int(n["pitch"]), int(n["duration"])) for n in notes)


@settings(max_examples=60, deadline=None)
@given(notes_on_grid, st.sampled_from(["melody", "keys", "bass"]))
def test_notes_on_the_grid_come_back_whole(rows, role):
    """Score to cells to notes is the identity for any notes on the grid."""
    notes = make_notes([(i + 1, s, d, p, 80) for i, (s, d, p) in enumerate(rows)])
    score = Score(parts=(Part("P1", "x", role, notes=sort_notes(notes)),), length=BARS * 96)
    grid = encode_score(score)
    back = [decode_notes(cell, start)[0] for cell, start in zip(grid.cells[role], grid.starts)]
    assert rows_of(np.concatenate(back)) == rows_of(notes)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 15), st.one_of(st.none(), chord)), min_size=1, max_size=8, unique_by=lambda x: x[0]
    )
)
def test_chords_come_back_whole(changes):
    """Chord symbols, with basses and no-chords, survive; equal neighbours may join."""
    changes = sorted(changes)
    ends = [beat for beat, _ in changes[1:]] + [16]
    spans = [ChordSpan(b * 24, (e - b) * 24, c) for (b, c), e in zip(changes, ends)]
    grid = encode_score(Score(chords=tuple(spans), length=384))
    back = decode_chords(grid.cells["chords"], grid.bars, grid.starts)

    def at(items, tick):
        return [s.chord for s in items if s.start <= tick < s.start + s.duration]

    for tick in range(0, 384, 24):
        assert at(back, tick) == at(spans, tick)


def test_every_drum_sound_comes_back():
    """Each drum sound of the vocabulary is written and read as itself."""
    notes = make_notes([(i + 1, 6 * (i % 16), 6, pitch, 90) for i, pitch in enumerate(HITS.values())])
    grid = encode_score(Score(parts=(Part("D", "kit", "drums", notes=sort_notes(notes)),), length=96))
    back, _ = decode_notes(grid.cells["drums"][0], 0)
    assert sorted(back["pitch"].tolist()) == sorted(HITS.values())


def test_a_pickup_bar_is_right_aligned():
    """Notes of a pick-up bar keep their place before the first full bar."""
    notes = make_notes([(1, 0, 24, 60, 80), (2, 24, 24, 62, 80)])
    grid = encode_score(Score(parts=(Part("P", "x", notes=notes),), pickup=24, length=120))
    assert grid.bars[0].offset == 72
    back = [decode_notes(c, s, b.offset)[0] for c, s, b in zip(grid.cells["melody"], grid.starts, grid.bars)]
    assert rows_of(np.concatenate(back)) == rows_of(notes)


def test_sung_notes_without_a_syllable_hold_the_last():
    """A melisma is written as HOLD, and syllables and line ends are counted bar by bar."""
    v = vocabulary()
    notes = make_notes([(1, 0, 24, 60, 80), (2, 24, 24, 62, 80), (3, 48, 48, 64, 80)])
    part = Part("P", "x", "melody", notes=notes, syllables=(Syllable(1, "la"), Syllable(3, "li", line_end=True)))
    grid = encode_score(Score(parts=(part,), length=96))
    assert grid.cells["melody"][0].tolist().count(v.hold) == 1
    assert [v.names[t] for t in grid.lyrics[0]] == ["SYL", "SYL", "LINE"]
    assert decode_notes(grid.cells["melody"][0], 0)[1] == [False, True, False]


def test_bars_beyond_eight_quarters_are_refused():
    """A bar that is too long for the grid is refused in one sentence."""
    with pytest.raises(LimitError, match="too long for the grid"):
        encode_score(Score(meters=(MeterChange(0, 9, 4),), length=216))


@given(st.integers(0, 191), st.integers(1, 500))
def test_snapping_goes_to_the_nearest(onset, duration):
    """No grid place or duration is nearer than the one chosen."""
    places = [q * 24 + g for q in range(9) for g in GRID]
    assert abs(snap_onset(onset) - onset) == min(abs(p - onset) for p in places)
    assert abs(snap_duration(duration) - duration) == min(abs(d - duration) for d in DURATIONS)
