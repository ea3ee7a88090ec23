"""What is written in a bar can be read: note values, triplets, ties, voices, hands, accidentals, drums."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yuefu.score.metric_grid import NOTE_TYPES, bar_tree, find_triplets, split_duration
from yuefu.score.model import Part, Score, make_notes
from yuefu.score.spelling import Spelling
from yuefu.score.staves import ALTO, BASS, BASS_8VB, TREBLE, TREBLE_8VB, lay_out
from yuefu.score.voices import MAX_VOICES, VoiceNote, arrange_voices, split_hands

METERS = st.sampled_from(
    ((4, 4), (3, 4), (2, 4), (6, 8), (9, 8), (12, 8), (2, 2), (5, 4), (7, 8), (5, 8), (3, 8), (1, 4))
)


def durations(meter: tuple[int, int], start: int, end: int) -> list[int]:
    return [piece.duration for piece in split_duration(bar_tree(*meter), start, end)]


@pytest.mark.parametrize(
    ("meter", "start", "end", "expected"),
    [
        ((4, 4), 0, 96, [96]),
        ((4, 4), 0, 72, [72]),
        ((4, 4), 24, 72, [48]),
        ((4, 4), 12, 36, [24]),
        ((4, 4), 36, 60, [12, 12]),
        ((4, 4), 12, 60, [36, 12]),
        ((4, 4), 72, 96, [24]),
        ((3, 4), 0, 72, [72]),
        ((3, 4), 24, 72, [48]),
        ((3, 4), 0, 36, [36]),
        ((6, 8), 0, 72, [72]),
        ((6, 8), 0, 48, [36, 12]),
        ((6, 8), 24, 48, [12, 12]),
        ((9, 8), 0, 108, [72, 36]),
        ((5, 4), 0, 120, [72, 48]),
        ((7, 8), 0, 84, [24, 24, 36]),
        ((2, 2), 24, 72, [48]),
    ],
)
def test_a_note_is_written_so_that_the_beats_show(
    meter: tuple[int, int], start: int, end: int, expected: list[int]
) -> None:
    assert durations(meter, start, end) == expected


def test_rests_never_hide_the_middle_of_the_bar() -> None:
    pieces = split_duration(bar_tree(4, 4), 24, 72, rest=True)
    assert [piece.duration for piece in pieces] == [24, 24]


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ((0, 24, 48), []),
        ((0, 8, 16, 24), [(0, 24)]),
        ((0, 16, 24), [(0, 24)]),
        ((0, 16, 32, 48), [(0, 48)]),
        ((48, 64, 80, 96), [(48, 48)]),
        ((0, 4, 8, 12), [(0, 12)]),
        ((0, 6, 12, 16, 20, 24), [(12, 12)]),
        ((0, 32, 64, 96), [(0, 96)]),
        ((24, 32, 36, 40, 48), [(24, 24)]),
    ],
)
def test_triplets_are_found_where_they_begin(bounds: tuple[int, ...], expected: list[tuple[int, int]]) -> None:
    assert find_triplets(bar_tree(4, 4), bounds) == expected


@settings(deadline=None, max_examples=100)
@given(METERS, st.data())
def test_any_rhythm_is_written_in_note_values_that_add_up(meter: tuple[int, int], data: st.DataObject) -> None:
    tree = bar_tree(*meter)
    bounds = sorted(data.draw(st.sets(st.integers(1, tree.length - 1), max_size=6)) | {0, tree.length})
    triplets = find_triplets(tree, bounds)
    at = 0
    for start, end in pairwise(bounds):
        for piece in split_duration(tree, start, end, triplets, rest=data.draw(st.booleans())):
            assert piece.start == at
            assert piece.duration * (3 if piece.triplet else 2) in NOTE_TYPES
            at += piece.duration
    assert at == tree.length


notes = st.lists(
    st.builds(
        lambda start, length, pitch: VoiceNote(0, start, start + length, pitch, 80),
        st.integers(0, 40),
        st.integers(1, 30),
        st.integers(40, 80),
    ),
    max_size=14,
)


@settings(deadline=None, max_examples=80)
@given(notes)
def test_voices_hold_every_note_once_and_never_overlap(found: list[VoiceNote]) -> None:
    numbered = [VoiceNote(i, n.start, n.end, n.pitch, n.velocity) for i, n in enumerate(found)]
    voices = arrange_voices(numbered)
    covered: dict[int, list[tuple[int, int]]] = {}
    for voice in voices:
        assert all(a.end <= b.start for a, b in pairwise(voice))
        for item in voice:
            assert len({note.pitch for note in item.notes}) == len(item.notes)
            for note in item.notes:
                covered.setdefault(note.id, []).append((item.start, item.end))
    for note in numbered:
        spans = sorted(covered[note.id])
        assert (spans[0][0], spans[-1][1]) == (note.start, note.end)
        assert all(a[1] == b[0] for a, b in pairwise(spans))


def test_many_overlapping_notes_need_no_more_than_four_voices() -> None:
    crowd = [VoiceNote(i, i, i + 20, 50 + i, 80) for i in range(12)]
    assert len(arrange_voices(crowd)) == MAX_VOICES


def test_hands_part_at_the_gap_and_keep_a_close_chord_together() -> None:
    chord = [VoiceNote(i, 0, 24, pitch, 80) for i, pitch in enumerate((45, 57, 60, 64, 67))]
    right, left = split_hands(chord)
    assert [note.pitch for note in left] == [45]
    assert [note.pitch for note in right] == [57, 60, 64, 67]


def test_clefs_follow_instrument_and_register() -> None:
    def clef(instrument: str, program: int, *pitches: int) -> object:
        rows = make_notes([(i + 1, 24 * i, 24, pitch, 80) for i, pitch in enumerate(pitches)])
        return lay_out(Part("P", "", program=program, instrument=instrument, notes=rows))[0].clef

    assert clef("violin", 40, 67, 76) == TREBLE
    assert clef("viola", 41, 55, 64) == ALTO
    assert clef("cello", 42, 40, 52) == BASS
    assert clef("bass", 33, 28, 40) == BASS_8VB
    assert clef("guitar", 24, 48, 60) == TREBLE_8VB
    assert clef("", 0, 36, 45) == BASS


def test_only_a_keyboard_part_that_needs_both_hands_gets_two_staves() -> None:
    wide = make_notes([(1, 0, 24, 40, 80), (2, 0, 24, 72, 80)])
    narrow = make_notes([(1, 0, 24, 64, 80), (2, 0, 24, 72, 80)])
    assert len(lay_out(Part("P", "Piano", program=0, notes=wide))) == 2
    assert len(lay_out(Part("P", "Piano", program=0, notes=narrow))) == 1
    assert len(lay_out(Part("P", "Violin", program=40, notes=wide))) == 1


def test_an_accidental_is_shown_once_in_a_bar_and_taken_back_once() -> None:
    line = [VoiceNote(i, 24 * i, 24 * i + 24, pitch, 80) for i, pitch in enumerate((66, 66, 65, 65))]
    shown = Spelling(Score()).shown([(note.start, (note,)) for note in line], 0)
    assert sorted(shown) == [(0, 0), (2, 48)]
