"""Changed copies of scores: what is asked changes, all else follows or stays, and every copy makes sense."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.score.strategies import scores

from yuefu.errors import InputError, UnknownNameError
from yuefu.score import augment
from yuefu.score.check import check_score
from yuefu.score.model import Part, Score, Syllable, make_notes
from yuefu.theory.instruments import INSTRUMENTS, instrument_for_program

some = settings(max_examples=60, deadline=None)


def sung() -> Score:
    """A voice with a word, a bass and drums."""
    voice = Part("V", "Voice", "melody", 52, "", make_notes([(1, 0, 24, 60, 70), (2, 24, 24, 64, 90)]))
    voice = replace(voice, syllables=(Syllable(1, "mel", "begin"), Syllable(2, "ody", "end")))
    bass = Part("B", "Bass", "bass", 33, "", make_notes([(3, 0, 48, 40, 80)]))
    drums = Part("D", "Drums", "drums", 0, "", make_notes([(4, 0, 6, 36, 100), (5, 24, 6, 38, 20)]))
    return Score(parts=(voice, bass, drums))


def in_range(part: Part) -> bool:
    instrument = INSTRUMENTS.get(part.instrument) or instrument_for_program(part.program)
    return part.is_drums or all(instrument.low <= pitch <= instrument.high for pitch in part.notes["pitch"].tolist())


@some
@given(scores(), st.integers(0, 10_000), st.sampled_from((0.3, 1.0)))
def test_every_copy_makes_sense_and_keeps_what_it_must(score: Score, seed: int, strength: float):
    """Whatever is drawn: the copy passes the check, the notes of parts that stay have their ids, times and words, bars
    and sections stay, and no part leaves the range that it was in."""
    copy, changes = augment.augmented(score, seed, strength)
    check_score(copy)
    assert [bar.start for bar in copy.bars] == [bar.start for bar in score.bars]
    assert copy.sections == score.sections
    assert [chord.start for chord in copy.chords] == [chord.start for chord in score.chords]
    before = {part.id: part for part in score.parts}
    for part in copy.parts:
        old = before[part.id]
        order, older = np.argsort(part.notes["id"]), np.argsort(old.notes["id"])
        for name in ("id", "start", "duration"):
            assert part.notes[name][order].tolist() == old.notes[name][older].tolist()
        assert part.syllables == old.syllables
        moved = part.notes["pitch"][order].astype(int) - old.notes["pitch"][older]
        assert len(set(moved.tolist())) <= 1
        assert not part.is_drums or not moved.any()
        assert in_range(part) or not in_range(old)
    assert augment.apply(score, changes).tempos == copy.tempos


@some
@given(scores(), st.integers(0, 10_000))
def test_keys_and_chords_follow_the_notes(score: Score, seed: int):
    """After a transposition every key and chord has moved as far as the notes, and back it is the same music."""
    low, high = augment.room_to_move(score)
    steps = int(np.random.default_rng(seed).integers(max(low, -11), min(high, 11) + 1))
    moved = augment.transposed(score, steps)
    for old, new in zip(score.keys, moved.keys):
        assert (new.key.tonic - old.key.tonic) % 12 == steps % 12
        assert new.key.mode == old.key.mode
    for one, other in zip(score.chords, moved.chords):
        if one.chord and other.chord:
            assert (other.chord.root - one.chord.root) % 12 == steps % 12
            assert other.chord.quality == one.chord.quality
    low, high = augment.room_to_move(moved)
    if low <= -steps <= high:  # a part that was out of its range can't go out again
        back = augment.transposed(moved, -steps)
        assert all(a.notes["pitch"].tolist() == b.notes["pitch"].tolist() for a, b in zip(back.parts, score.parts))


def test_the_same_seed_gives_the_same_copy_and_others_differ():
    """Copies depend on the seed alone, and the changes told make the copy again."""
    score = sung()
    copies = [augment.augmented(score, seed) for seed in range(12)]
    assert augment.augmented(score, 3)[1] == copies[3][1]
    assert len({str(changes) for _, changes in copies}) > 8
    assert all(changes for _, changes in copies)
    for copy, changes in copies:
        again = augment.apply(score, changes)
        assert [p.notes.tolist() for p in again.parts] == [p.notes.tolist() for p in copy.parts]


@pytest.mark.parametrize("kind", augment.KINDS)
def test_only_the_kinds_that_are_asked_for_are_drawn(kind: str):
    """With one kind all changes are of it, and it comes about."""
    drawn = [augment.augmented(sung(), seed, 1.0, [kind])[1] for seed in range(8)]
    assert {change.kind for changes in drawn for change in changes} == {kind}


def test_no_strength_is_no_change():
    """At strength 0 the copy is the score."""
    copy, changes = augment.augmented(sung(), 1, 0.0)
    assert changes == ()
    assert [part.notes.tolist() for part in copy.parts] == [part.notes.tolist() for part in sung().parts]


def test_instruments_stay_within_their_range():
    """A violin on its lowest string can't go down at all, and a transposition beyond the room is refused."""
    violin = INSTRUMENTS["violin"]
    notes = make_notes([(1, 0, 24, violin.low, 80), (2, 24, 24, violin.low + 12, 80)])
    score = Score(parts=(Part("P", "Violin", "melody", violin.program, "violin", notes),))
    assert augment.room_to_move(score) == (0, violin.high - violin.low - 12)
    with pytest.raises(InputError, match="semitones"):
        augment.transposed(score, -1)
    with pytest.raises(InputError, match="octaves"):
        augment.in_register(score, "P", -1)
    assert augment.in_register(score, "P", 1).parts[0].notes["pitch"].tolist() == [violin.low + 12, violin.low + 24]


def test_speed_and_velocity_change_as_they_say():
    """Twice the speed is twice every tempo; velocities move together, spread about their mean and stay in 1..127."""
    score = sung()
    assert augment.at_speed(score, 2.0).tempos[0].bpm == 240
    assert augment.at_velocity(score, louder=10).parts[0].notes["velocity"].tolist() == [80, 100]
    assert augment.at_velocity(score, spread=0.5).parts[0].notes["velocity"].tolist() == [75, 85]
    assert augment.at_velocity(score, louder=60).parts[2].notes["velocity"].tolist() == [127, 80]


def test_dropped_parts_leave_the_length():
    """Without its longest part a score is as long as before, and its last notes can't be dropped."""
    score = sung()
    left = augment.without_parts(score, ["V", "B"])
    assert [part.id for part in left.parts] == ["D"]
    assert left.end_tick == score.end_tick
    with pytest.raises(InputError, match="at least one"):
        augment.without_parts(score, ["V", "B", "D"])


def test_what_cannot_be_done_is_refused():
    """Unknown parts and kinds, absurd speeds, registers of drums and strengths get a sentence each."""
    score = sung()
    for wrong in (
        lambda: augment.without_parts(score, ["X"]),
        lambda: augment.augmented(score, 1, kinds=["colour"]),
        lambda: augment.apply(score, [augment.ScoreChange("colour", {})]),
    ):
        with pytest.raises(UnknownNameError):
            wrong()
    for wrong in (
        lambda: augment.at_speed(score, 9),
        lambda: augment.in_register(score, "D", 1),
        lambda: augment.at_velocity(score, 500),
        lambda: augment.augmented(score, 1, 2.0),
    ):
        with pytest.raises(InputError):
            wrong()
