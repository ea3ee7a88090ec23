"""Writing ABC: our reader gets the score back, and music21 counts the same notes."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from tests.score.strategies import scores

from yuefu.score.abc_read import read_abc
from yuefu.score.abc_write import abc_text
from yuefu.score.model import ChordSpan, KeyChange, Part, Score, Section, Syllable, make_notes
from yuefu.theory.chord import Chord
from yuefu.theory.key import Key

relaxed = settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow])


def rows(score: Score) -> list[tuple[str, str, int, list[tuple[int, int, int]]]]:
    return [
        (part.id, part.role, part.program, part.notes[["start", "duration", "pitch"]].tolist()) for part in score.parts
    ]


@relaxed
@given(scores(sung=False))
def test_notes_parts_bars_keys_and_tempi_read_back_the_same(score: Score) -> None:
    again = read_abc(abc_text(score))
    assert rows(again) == rows(score)
    assert (again.title, again.composer, again.pickup) == (score.title, score.composer, score.pickup)
    assert [(b.start, b.duration, b.numerator, b.denominator) for b in again.bars] == [
        (b.start, b.duration, b.numerator, b.denominator) for b in score.bars
    ]
    assert again.keys == score.keys
    assert [(t.tick, round(t.bpm, 2)) for t in again.tempos] == [(t.tick, t.bpm) for t in score.tempos]


@relaxed
@given(scores(sung=False, max_parts=2))
def test_chord_symbols_and_section_letters_read_back_the_same(score: Score) -> None:
    again = read_abc(abc_text(score))
    named = [(c.start, c.chord) for c in again.chords if c.chord]
    assert named == [(c.start, c.chord) for c in score.chords if c.chord]
    assert [(s.start, s.letter, s.kind) for s in again.sections] == [
        (s.start, s.letter, s.kind) for s in score.sections
    ]


def sung(texts: list[Syllable], durations: list[int]) -> Score:
    starts = [sum(durations[:index]) for index in range(len(durations))]
    notes = make_notes([(i + 1, s, d, 60 + i, 80) for i, (s, d) in enumerate(zip(starts, durations))])
    return Score(parts=(Part("P1", "人声", notes=notes, syllables=tuple(texts)),), length=sum(durations))


def test_words_lines_and_holds_read_back_the_same() -> None:
    texts = [
        Syllable(1, "moon", "begin"), Syllable(2, "light", "end", line_end=True), Syllable(4, "月"),
        Syllable(5, "the wa", "begin"), Syllable(6, "ter-lily", "end", line_end=True),
        Syllable(1, "one", verse=2), Syllable(2, "two", verse=2, line_end=True),
        Syllable(4, "three", verse=2, line_end=True),
    ]  # fmt: skip
    score = sung(texts, [24, 48, 96, 24, 24, 48])
    assert read_abc(abc_text(score)).parts[0].syllables == score.parts[0].syllables


def test_lengths_are_note_values_that_notation_has() -> None:
    text = abc_text(sung([], [1, 5, 7, 8, 16, 20, 60, 84, 91]))
    body = text.split("V:1\n")[-1]
    lengths = re.findall(r"[A-Ga-gz][,']*(\d*)(?:/(\d+))?", body)
    for top, bottom in lengths:
        assert int(top or 1) in (1, 2, 3, 4, 6, 7, 8, 12, 14, 16)
        assert int(bottom or 1) in (1, 2, 4, 8)


def test_three_even_notes_share_one_triplet_bracket() -> None:
    assert "(3C2 ^C2 D2" in abc_text(sung([], [16, 16, 16]))


def test_a_note_over_the_bar_line_is_tied() -> None:
    text = abc_text(sung([], [72, 48]))
    assert "^C2- | ^C2" in text


def test_a_sign_is_said_again_where_a_tie_goes_on_within_the_bar() -> None:
    assert "^C2- ^C/2" in abc_text(sung([], [76, 20]))  # no single note is 20 ticks long


def test_a_double_flat_is_said_every_time() -> None:
    notes = make_notes([(1, 0, 24, 62, 80), (2, 24, 24, 60, 80), (3, 48, 24, 62, 80)])
    score = Score(title="T", parts=(Part("P1", "V", notes=notes),), keys=(KeyChange(0, Key(-7, "major")),), length=96)
    assert abc_text(score).count("__") == 2
    assert seen_by_music21(score) == [60, 62, 62]


def test_a_gap_between_chords_is_written_as_no_chord() -> None:
    score = replace(sung([], [96, 96]), chords=(ChordSpan(0, 48, Chord(0)), ChordSpan(96, 96, Chord(7))))
    assert [(c.start, c.chord) for c in read_abc(abc_text(score)).chords] == [(0, Chord(0)), (48, None), (96, Chord(7))]


def test_awkward_words_in_names_do_no_harm() -> None:
    score = replace(
        sung([], [96]), title="50% off\nK:Zz", composer='The "Band"', sections=(Section(0, 96, "A", "verse"),)
    )
    score = replace(score, parts=(replace(score.parts[0], name='The "lead" 100%'),))
    again = read_abc(abc_text(score))
    assert again.title == "50% off K:Zz"
    assert again.parts[0].name == "The 'lead' 100%"


def seen_by_music21(score: Score) -> list[int]:
    """The pitches of the notes that music21 sees begin (it doesn't read ties of chords, nor join all that it reads)."""
    import music21

    stream = music21.converter.parse(abc_text(replace(score, title="T")), format="abc")
    return sorted(
        pitch.midi
        for element in stream.recurse().notes
        if not isinstance(element, music21.harmony.ChordSymbol) and (element.tie is None or element.tie.type == "start")
        for pitch in element.pitches
    )


@pytest.mark.slow
@settings(
    deadline=None,
    max_examples=10,
    suppress_health_check=[HealthCheck.too_slow],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(scores(sung=False, max_parts=2, max_bars=4, poly=False))
def test_music21_finds_the_same_notes(score: Score) -> None:
    assert seen_by_music21(score) == sorted(int(pitch) for part in score.parts for pitch in part.notes["pitch"])


def test_music21_finds_chords_and_triplets_and_words_do_not_disturb_it() -> None:
    rows = [(1, 0, 72, 60, 80), (2, 72, 24, 61, 80), (3, 72, 24, 64, 80), (4, 96, 8, 73, 80), (5, 104, 40, 72, 80)]
    words = (Syllable(1, "moon", "begin"), Syllable(3, "light", "end"))
    part = Part("P1", "Voice", notes=make_notes(rows), syllables=words)
    score = Score(parts=(part,), chords=(ChordSpan(0, 192, Chord(0)),), length=192)
    assert seen_by_music21(score) == [60, 61, 64, 72, 73]
