"""Singability: each rule finds what it is there for, and praises what keeps it."""

from __future__ import annotations

import pytest

from yuefu.analysis.singing import check_singing
from yuefu.analysis.singing.checks import breath, keywords, leaps, melismas, pace, repeats, stress, tones
from yuefu.analysis.singing.sung import SungLine, beat_strength, sung_lines
from yuefu.errors import InputError
from yuefu.score.model import Bar, Part, Score, Section, Syllable, make_notes
from yuefu.text.lyrics import read_line


def sung(text: str, notes: list[tuple[int, int, int]], held: tuple[int, ...] = ()) -> Score:
    """A voice in 4/4 at 120: (start, duration, pitch) a syllable of the text, and held notes at their places."""
    line = read_line(text)
    assert line is not None
    rows = [(i + 1, start, length, pitch, 80) for i, (start, length, pitch) in enumerate(notes)]
    free = [row[0] for i, row in enumerate(rows) if i not in held]
    syllables = tuple(
        Syllable(note, s.text, s.syllabic, line_end=s is line.syllables[-1])
        for note, s in zip(free, line.syllables, strict=True)
    )
    part = Part("P1", "Voice", instrument="voice", notes=make_notes(rows), syllables=syllables)
    return Score(parts=(part,), sections=(Section(0, 768, "A", "verse"),), length=768)


def line_of(score: Score) -> SungLine:
    (line,) = sung_lines(score, score.parts[0])
    return line


def quarters(pitches: list[int], length: int = 24) -> list[tuple[int, int, int]]:
    return [(i * length, length, pitch) for i, pitch in enumerate(pitches)]


def test_a_tune_that_moves_with_the_tones_scores_more_than_one_that_moves_against_them() -> None:
    # 妈 (1, high) 马 (3, low): down is right.
    along, against = (line_of(sung("妈马妈马", quarters(p))) for p in ([67, 60, 67, 60], [60, 67, 60, 67]))
    assert tones(along).score == 1
    assert tones(against).score == 0
    assert "against the tones" in tones(against).faults[0][1]


def test_english_has_no_tones_and_chinese_no_stress() -> None:
    assert tones(line_of(sung("hello moon", quarters([60, 62, 64])))).score is None
    assert stress(line_of(sung("明月", quarters([60, 62])))).score is None


def test_stress_on_the_beat_is_praised_and_off_it_is_named() -> None:
    good = line_of(sung("golden river", [(0, 12, 60), (12, 12, 62), (24, 12, 64), (36, 12, 62)]))
    bad = line_of(sung("golden river", [(12, 12, 60), (24, 12, 62), (36, 12, 64), (48, 12, 62)]))
    assert stress(good).score == 1
    assert (stress(bad).score or 0) < 0.7
    assert "weaker beat" in stress(bad).faults[0][1]


def test_a_rest_inside_a_word_is_a_fault_and_one_after_the_line_is_not() -> None:
    whole = line_of(sung("golden river", [(0, 12, 60), (12, 12, 62), (24, 12, 64), (36, 12, 62)]))
    parted = line_of(sung("golden river", [(0, 12, 60), (36, 12, 62), (48, 12, 64), (60, 12, 62)]))
    assert breath(whole).score == 1
    assert (breath(parted).score or 0) <= 0.5
    assert "parts a word" in breath(parted).faults[0][1]


def test_many_syllables_on_one_pitch_lose_points() -> None:
    assert repeats(line_of(sung("明月几时有", quarters([60, 62, 64, 62, 60])))).score == 1
    assert (repeats(line_of(sung("明月几时有啊啊", quarters([60] * 7)))).score or 0) < 0.5


def test_syllables_too_short_to_pronounce_are_named() -> None:
    verdict = pace(line_of(sung("明月", [(0, 3, 60), (3, 24, 62)])))
    assert verdict.faults[0][0] == 0
    assert (verdict.score or 0) < 1


def test_a_leap_beyond_an_octave_is_named() -> None:
    verdict = leaps(line_of(sung("明月", quarters([60, 76]))))
    assert verdict.faults == ((1, "a leap of 16 semitones", "跳进 16 个半音"),)


def test_notes_without_words_belong_to_the_syllable_before() -> None:
    score = sung("moon", [(0, 12, 60), (12, 12, 62), (24, 12, 64)], held=(1, 2))
    assert line_of(score).syllables[0].pitches == (60, 62, 64)
    assert melismas(line_of(score)).score == 1


def test_keywords_between_the_beats_lose_points() -> None:
    on = line_of(sung("silver", [(0, 12, 60), (12, 24, 62)]))
    off = line_of(sung("silver", [(6, 12, 60), (18, 24, 62)]))
    assert (keywords(on).score or 0) > (keywords(off).score or 0)


@pytest.mark.parametrize(
    ("bar", "strengths"),
    [
        (Bar(0, 0, 96, 4, 4), {0: 3, 24: 1, 48: 2, 12: 0}),
        (Bar(0, 0, 72, 3, 4), {0: 3, 24: 1, 48: 1}),
        (Bar(0, 0, 72, 6, 8), {0: 3, 36: 2, 12: 0}),
        (Bar(0, 0, 24, 4, 4), {0: 1}),  # an upbeat of a quarter is the fourth beat
    ],
)
def test_beats_are_as_strong_as_their_metre_says(bar: Bar, strengths: dict[int, int]) -> None:
    assert {tick: beat_strength(bar, tick) for tick in strengths} == strengths


def test_the_sheet_is_a_mean_of_its_lines_and_names_them() -> None:
    sheet = check_singing(sung("明月几时有", quarters([60, 62, 64, 62, 60])))
    assert 0 <= sheet.score <= 1
    assert [line.line.text for line in sheet.lines] == ["明月几时有"]
    assert sheet.to_dict()["lines"][0]["text"] == "明月几时有"


def test_lines_of_sections_with_one_letter_are_compared() -> None:
    one = sung("明月几时有", quarters([60, 62, 64, 62, 60]))
    notes = one.parts[0].notes
    later = notes.copy()
    later["start"] += 384
    later["id"] += 10
    part = one.parts[0]
    syllables = (*part.syllables, *(Syllable(s.note_id + 10, s.text, line_end=s.line_end) for s in part.syllables))
    import numpy as np

    both = Part("P1", "Voice", instrument="voice", notes=np.concatenate([notes, later]), syllables=syllables)
    sections = (Section(0, 384, "A", "verse"), Section(384, 384, "A", "verse"))
    assert check_singing(Score(parts=(both,), sections=sections, length=768)).kinship == 1


def test_a_score_without_words_is_refused_in_one_sentence() -> None:
    with pytest.raises(InputError, match="no lyrics"):
        check_singing(Score(parts=(Part("P1", "Flute", notes=make_notes([(1, 0, 24, 60, 80)])),)))
