"""Numbered notation: its digits, lines, dots and dashes as Chinese singers read them; as text, and back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.score.strategies import scores

from yuefu.errors import FormatError, LimitError, UnknownNameError, YuefuError
from yuefu.score import jianpu_text as jianpu_text_module
from yuefu.score.check import check_score
from yuefu.score.jianpu import jianpu_of
from yuefu.score.jianpu_read import read_jianpu
from yuefu.score.jianpu_signs import DASH, Jianpu, digit_of, pitch_of
from yuefu.score.jianpu_text import jianpu_text
from yuefu.score.model import (
    ChordSpan,
    KeyChange,
    MeterChange,
    Part,
    Score,
    Section,
    Syllable,
    TempoChange,
    make_notes,
)
from yuefu.score.tune import lead_sheet, single_line, sung_part
from yuefu.score.verses import Ending, Repeat
from yuefu.theory.chord import Chord
from yuefu.theory.key import Key


def tune(
    *notes: tuple[int, int], words: str = "", key: Key | None = None, meter: tuple[int, int] = (4, 4), pickup: int = 0
) -> Score:
    """A score of (duration in ticks, pitch) in a row, pitch 0 for a rest; words: a syllable a note."""
    rows = []
    tick = 0
    for duration, pitch in notes:
        if pitch:
            rows.append((len(rows) + 1, tick, duration, pitch, 80))
        tick += duration
    syllables = tuple(Syllable(i + 1, text) for i, text in enumerate(words.split()) if text != "*")
    return Score(
        parts=(Part("P1", "人声", notes=make_notes(rows), syllables=syllables),),
        keys=(KeyChange(0, key or Key()),),
        meters=(MeterChange(0, *meter),),
        pickup=pickup,
        length=tick,
    )


def digits(score: Score) -> str:
    """The line of digits as text."""
    lines = [line.strip() for line in jianpu_text(jianpu_of(score)).split("\n")[3:]]
    return " ".join(
        " ".join(line for line in lines if line and line[:2] not in ("c:", "w:") and line[0] != "[").split()
    )


def test_values_are_digits_lines_dots_and_dashes() -> None:
    """A quarter is plain, an eighth and a sixteenth have lines, a dot adds half, a half and a whole have dashes."""
    score = tune((36, 67), (12, 69), (6, 71), (6, 72), (12, 74), (24, 0), (48, 76), (48, 0), (96, 72))
    assert digits(score) == "5. 6_ 7__ 1'__ 2'_ 0 | 3' - 0 0 | 1' - - - |]"


def test_compound_time_counts_dotted_beats() -> None:
    """In 6/8 a note over both beats is two dotted digits tied, and an empty bar two dotted rests."""
    score = tune((72, 67), (24, 69), (12, 71), (36, 0), (72, 0), meter=(6, 8))
    assert digits(score) == "5.~ 5. | 6 7_ 0. | 0. 0. |]"


def test_a_note_over_the_bar_line_is_tied_and_triplets_are_marked() -> None:
    """What crosses a bar line or a beat that must be seen is tied; three in the time of two stand in a bracket."""
    score = tune((72, 60), (48, 62), (8, 64), (8, 65), (8, 67), (48, 60))
    assert digits(score) == "1 - - 2~ | 2 3[3_ 4_ 5_] 1 - |]"


def test_minor_keys_are_read_from_their_relative_major() -> None:
    """In A minor 1 is C and the tonic 6; the raised leading note is a sharp 5, told once a bar and then undone."""
    score = tune((24, 69), (24, 68), (24, 68), (24, 67), (24, 68), (72, 69), key=Key(0, "minor"))
    text = jianpu_text(jianpu_of(score))
    assert "1=C 4/4 ♩=120 (A minor)" in text
    assert digits(score) == "6 #5 5 n5 | #5 6 - - |]"
    assert read_jianpu(text).keys == score.keys


@pytest.mark.parametrize("fifths", range(-7, 8))
def test_every_pitch_has_a_digit_in_every_key_and_the_digit_gives_it_back(fifths: int) -> None:
    """No pitch of MIDI is lost in any of the fifteen signatures, and none needs more than one sign."""
    for pitch in range(128):
        degree, octave, alter = digit_of(pitch, Key(fifths))
        assert 1 <= degree <= 7
        assert -1 <= alter <= 1
        assert pitch_of(degree, octave, alter, Key(fifths)) == pitch


def test_a_low_voice_gets_a_low_do_rather_than_dots_under_every_digit() -> None:
    """The octave of 1 is the one that needs the fewest dots, and the text says so where it isn't the usual one."""
    low = jianpu_of(tune((24, 38), (24, 40), (24, 42), (24, 45), key=Key(2)))
    assert low.octave == 2
    assert {sign.octave for sign in low.bars[0].signs} == {0}
    assert "1=D2 " in jianpu_text(low)
    assert jianpu_of(tune((24, 62), (24, 64), (24, 66), (24, 69), key=Key(2))).octave is None


def test_notes_on_one_syllable_are_under_a_curve_and_words_wait() -> None:
    """A syllable held over several notes has a curve; the next word stands under the next new note."""
    score = tune((24, 60), (24, 62), (24, 64), (24, 65), (96, 60), words="moon * * light *")
    text = jianpu_text(jianpu_of(score))
    assert digits(score) == "(1 2 3) (4 | 1) - - - |]"
    (line,) = [line for line in text.split("\n") if line.startswith("w:")]
    assert line.split() == ["w:", "moon", "light"]
    music = text.split("\n")[text.split("\n").index(line) - 1]
    assert music.index("(4") == line.index("light")


def test_chords_sections_changes_and_verses_stand_where_they_belong() -> None:
    """Everything a lead sheet says is in the text, and comes back from it."""
    score = replace(
        tune(*[(24, 60 + i % 5) for i in range(8)], (72, 67), words="a b c d e f g h i"),
        title="歌",
        composer="阿炳",
        metadata={"lyricist": "李白"},
        chords=(
            ChordSpan(0, 96, Chord.parse("C")),
            ChordSpan(96, 48, Chord.parse("F#m7b5")),
            ChordSpan(144, 120, None),
        ),
        sections=(Section(0, 96, "A", "verse"), Section(96, 168, "B", "chorus")),
        keys=(KeyChange(0, Key()), KeyChange(192, Key(-2, "minor"))),
        meters=(MeterChange(0, 4, 4), MeterChange(192, 3, 4)),
        tempos=(TempoChange(0, 90), TempoChange(192, 72)),
    )
    second = tuple(Syllable(i, text, verse=2) for i, text in enumerate("床前明月光疑是地上", start=1))
    score = replace(score, parts=(replace(score.parts[0], syllables=score.parts[0].syllables + second),))
    text = jianpu_text(jianpu_of(score))
    for expected in (
        "词：李白",
        "曲：阿炳",
        "[A 主歌]",
        "[B 副歌]",
        "F#m7b5",
        "N.C.",
        "3/4",
        "1=bB(G_minor)",
        "♩=72",
        "w2: ",
    ):
        assert expected in text
    again = read_jianpu(text)
    for name in ("title", "composer", "metadata", "chords", "sections", "keys", "meters", "tempos", "length"):
        assert getattr(again, name) == getattr(score, name), name
    key = lambda s: (s.verse, s.note_id)  # noqa: E731
    assert sorted(again.parts[0].syllables, key=key) == sorted(score.parts[0].syllables, key=key)


def test_repeats_and_endings_are_written_and_played_out() -> None:
    """A folded verse has repeat signs and brackets; reading plays it out with the words of each pass."""
    score = tune(*[(96, pitch) for pitch in (60, 62, 64, 65)], words="a b c d")
    part = score.parts[0]
    score = replace(
        score, parts=(replace(part, syllables=(*part.syllables, Syllable(1, "x", verse=2), Syllable(2, "y", verse=2))),)
    )
    endings = (Ending(192, 288, (1,)), Ending(288, 384, (2,)))
    sheet = jianpu_of(score, repeats=(Repeat(0, 384, 2, endings),))
    text = jianpu_text(sheet)
    music = next(line for line in text.split("\n") if "|:" in line)
    assert " ".join(music.split()) == "|: 1 - - - | 2 - - - | <1> 3 - - - :| <2> 4 - - - |]"
    again = read_jianpu(text)
    assert again.parts[0].notes["pitch"].tolist() == [60, 62, 64, 60, 62, 65]
    assert [(s.text, s.verse) for s in again.parts[0].syllables] == [(c, 1) for c in "abcxyd"]


def test_the_example_in_the_documents_is_read() -> None:
    """What the guide shows is what the reader takes, tie after the dashes and all; so is the module's own example."""
    guide = (Path(__file__).parents[2] / "docs" / "jianpu.md").read_text("utf-8").split("```")[1].strip("\n")
    own = (jianpu_text_module.__doc__ or "").split("\n\n    ")
    for text in (guide, "\n\n".join(part.replace("\n    ", "\n") for part in own[1:]).split("\n- ")[0]):
        score = read_jianpu(text)
        assert [bar.duration for bar in score.bars] == [96, 96, 96]
        assert score.parts[0].notes["duration"].tolist() == [36, 12, 24, 24, 84, 12, 12, 8, 8, 8, 48]
        assert "".join(s.text for s in score.parts[0].syllables) == "江南可采莲莲叶何田田"
        assert [(c.start, c.chord.symbol()) for c in score.chords if c.chord] == [(0, "D"), (180, "G"), (216, "A")]


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(scores(max_parts=2, poly=False))
def test_pitch_and_rhythm_survive_the_text(score: Score) -> None:
    """Whatever a tune does (triplets, ties, odd metres, pick-ups), its text reads back as the same notes."""
    assume(any(len(p.notes) and not p.is_drums for p in score.parts))
    wanted = single_line(sung_part(score)).notes
    again = read_jianpu(jianpu_text(jianpu_of(score)))
    for name in ("start", "duration", "pitch"):
        assert again.parts[0].notes[name].tolist() == wanted[name].tolist(), name


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(scores(max_parts=2, poly=False))
def test_the_signs_fill_every_bar(score: Score) -> None:
    """The digits, rests and dashes of a bar last exactly as long as the bar, one after the other."""
    assume(any(len(p.notes) and not p.is_drums for p in score.parts))
    sheet: Jianpu = jianpu_of(score)
    for bar in sheet.bars:
        tick = bar.bar.start
        for sign in bar.signs:
            assert sign.start == tick
            tick += sign.duration
        assert tick == bar.bar.end
        assert bar.signs[0].degree != DASH


def test_the_named_part_is_written_and_an_unknown_name_lists_the_parts() -> None:
    """A player can have a part of one's own by name, id or role."""
    score = tune((96, 60))
    bass = Part("P2", "Bass", "bass", notes=make_notes([(9, 0, 96, 36, 80)]))
    both = replace(score, parts=(*score.parts, bass))
    assert jianpu_of(both, "bass").bars[0].signs[0].note_id == 9
    assert jianpu_of(both).bars[0].signs[0].note_id == 1
    with pytest.raises(UnknownNameError, match="Bass"):
        jianpu_of(both, "tuba")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("江南\n", "no line says"),
        ("x\n\n1=C 4/4\n\n1 2 8 |]", "line 5: '8'"),
        ("x\n\n1=C 4/4\n\n1 2 |]\nw: a b c", "3 syllables"),
        ("x\n\n1=C 0/4\n\n1 |]", "time signature"),
        ("x\n\n1=C 4/4\n\n1''''''''' |]", "outside"),
    ],
)
def test_what_cannot_be_read_is_told_by_line(text: str, message: str) -> None:
    """A damaged text is refused with one sentence that names the place."""
    with pytest.raises(FormatError, match=message):
        read_jianpu(text)


def test_a_lead_sheet_keeps_tune_words_and_chords_alone() -> None:
    """Of a band only the sung line stays, as one voice, with all chord symbols."""
    voice = Part(
        "P2", "Voice", notes=make_notes([(1, 0, 48, 60, 80), (2, 0, 48, 64, 80)]), syllables=(Syllable(1, "la"),)
    )
    piano = Part("P1", "Piano", "melody", notes=make_notes([(3, 0, 96, 72, 80)]))
    sheet = lead_sheet(Score(parts=(piano, voice), chords=(ChordSpan(0, 96, Chord(0)),)))
    (part,) = sheet.parts
    assert part.notes["id"].tolist() == [1]
    assert [s.text for s in part.syllables] == ["la"]
    assert sheet.chords == (ChordSpan(0, 96, Chord(0)),)
    with pytest.raises(FormatError, match="no notes"):
        lead_sheet(Score())


_TOKENS = [
    "1", "5,", "#4'", "b7_.", "0_", "-", "|", "||", "|:", ":|", ":|x3", "<1>", "<2>", "3[5_", "6_]", "(1", "2)", "3~",
    "3/4", "7/8", "1=G", "1=bE(C_minor)", "♩=90", "c: C", "\nw: la", "\n", "[A]", "x",
]  # fmt: skip


@settings(deadline=None, max_examples=150)
@given(st.lists(st.sampled_from(_TOKENS), max_size=40), st.booleans())
def test_any_text_is_read_or_refused_with_a_reason(tokens: list[str], headed: bool) -> None:
    """Signs in any order make a score that makes sense, or one of our own errors; never a crash."""
    text = ("T\n\n1=C 4/4\n\n" if headed else "") + " ".join(tokens)
    try:
        score = read_jianpu(text)
    except YuefuError:
        return
    assert check_score(score) == score
    jianpu_text(jianpu_of(score)) if score.note_count else None


def test_a_very_long_text_is_read_in_time_or_refused() -> None:
    """Ten thousand bars on one line take no more than they should, and a piece beyond the limits is refused."""
    score = read_jianpu("T\n\n1=C 4/4\n\n" + "1 2 3 4 | " * 10_000)
    assert score.note_count == 40_000
    with pytest.raises(LimitError):
        read_jianpu("T\n\n1=C 4/4\n\n" + "1 - - - | " * 30_000)


def test_the_tune_of_a_piano_piece_is_in_the_right_hand() -> None:
    """A bass note that sounds alone between the tune's notes isn't taken for one of them."""
    right = [(i + 1, i * 24, 24, 67 + i, 80) for i in range(8)]
    left = [(20, 12, 96, 40, 70), (21, 108, 84, 43, 70)]
    piano = Part("P1", "Piano", "keys", 0, "piano", make_notes(right + left))
    assert single_line(piano).notes["id"].tolist() == list(range(1, 9))
    assert lead_sheet(Score(parts=(piano,))).parts[0].notes["duration"].tolist() == [24] * 8
