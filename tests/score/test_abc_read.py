"""Reading ABC: pitches, lengths, repeats, words and keys as the standard says."""

from __future__ import annotations

import pytest

from yuefu.errors import FormatError, LimitError
from yuefu.score.abc_read import read_abc, read_abc_book
from yuefu.score.model import MeterChange, Score
from yuefu.theory.chord import Chord
from yuefu.theory.key import Key


def tune(body: str, key: str = "C", meter: str = "4/4", unit: str = "1/4", head: str = "") -> Score:
    return read_abc(f"X:1\nT:Test\nM:{meter}\nL:{unit}\n{head}K:{key}\n{body}\n")


def pitches(score: Score) -> list[int]:
    return score.parts[0].notes["pitch"].tolist()


def times(score: Score) -> list[tuple[int, int]]:
    return score.parts[0].notes[["start", "duration"]].tolist()


def test_octaves_accidentals_and_the_key_give_the_pitches() -> None:
    assert pitches(tune("C,C c c'|^F =F _B __B|")) == [48, 60, 72, 84, 66, 65, 70, 69]
    assert pitches(tune("F C f =f|F", key="D")) == [66, 61, 78, 77, 66]


def test_an_accidental_lasts_to_the_bar_line_in_its_octave() -> None:
    assert pitches(tune("^F F f F|F")) == [66, 66, 77, 66, 65]


def test_lengths_multiply_and_divide_the_unit() -> None:
    assert [d for _, d in times(tune("C2 C/ C// C3/2 C/4|", unit="1/4"))] == [48, 12, 6, 36, 6]


@pytest.mark.parametrize(("sign", "lengths"), [(">", [36, 12]), ("<", [12, 36]), (">>", [42, 6])])
def test_broken_rhythm_lengthens_one_note_and_shortens_the_other(sign: str, lengths: list[int]) -> None:
    assert [d for _, d in times(tune(f"C{sign}D z2|"))] == lengths


def test_tuplets_fit_their_notes_into_the_time_of_others() -> None:
    assert times(tune("(3CDE (3:2:2G2A z2|", unit="1/8")) == [(0, 8), (8, 8), (16, 8), (24, 16), (40, 8)]
    assert times(tune("(2CD E|", meter="6/8", unit="1/8"))[:2] == [(0, 18), (18, 18)]


def test_ties_join_notes_over_bar_lines_and_keep_their_accidental() -> None:
    score = tune("z3 ^F-|F F|")
    assert times(score) == [(72, 48), (120, 24)]
    assert pitches(score) == [66, 65]


def test_chords_sound_together_and_tie_note_by_note() -> None:
    score = tune("[C-E]2 [CG]2|")
    assert score.parts[0].notes[["start", "duration", "pitch"]].tolist() == [(0, 96, 60), (0, 48, 64), (48, 48, 67)]


def test_chord_symbols_become_chords_and_other_quotes_do_not() -> None:
    score = tune('"Am7"C2 "^Slow"D2|"4"E2 "G/B"F2|')
    assert [(c.start, c.duration, c.chord) for c in score.chords] == [
        (0, 144, Chord(9, "m7")),
        (144, 48, Chord(7, "", 11)),
    ]


def test_graces_slurs_and_ornaments_are_passed_over() -> None:
    assert pitches(tune("{ag}(C ~D) !trill!E uTF|")) == [60, 62, 64, 65]


@pytest.mark.parametrize(
    ("body", "order"),
    [
        ("CCCC|DDDD:|", "CDCD"),
        ("|:CCCC|DDDD:|EEEE|", "CDCDE"),
        ("CCCC|1DDDD:|2EEEE|]", "CDCE"),
        ("|:CCCC|[1DDDD:|[2EEEE||FFFF|GGGG:|", "CDCEFGFG"),
        ("CCCC|DDDD::EEEE:|", "CDCDEE"),
        ("|:CCCC|1,3DDDD:|2EEEE:|", "CDCECD"),
        ("CCCC||DDDD:|", "CDD"),
        ("|:CCCC:|\n|:DDDD:|", "CCDD"),
    ],
)
def test_repeats_and_endings_are_played_out(body: str, order: str) -> None:
    steps = {60: "C", 62: "D", 64: "E", 65: "F", 67: "G"}
    assert "".join(steps[pitch] for pitch in pitches(tune(body))[::4]) == order


def test_strains_between_repeats_are_sections() -> None:
    score = tune("CCCC|DDDD:|EEEE:|")
    assert [(s.letter, s.start, s.duration) for s in score.sections] == [
        ("A", 0, 192), ("A", 192, 192), ("B", 384, 96), ("B", 480, 96),
    ]  # fmt: skip


def test_labelled_parts_are_played_in_the_order_of_the_head() -> None:
    score = tune("P:A\nCCCC|\nP:B\nDDDD|", head="P:ABA\n")
    assert pitches(score)[::4] == [60, 62, 60]
    assert [s.letter for s in score.sections] == ["A", "B", "A"]


def test_a_short_first_bar_is_a_pick_up_that_a_short_last_bar_completes() -> None:
    score = tune("G|CDEF|GAB:|")
    assert score.pickup == 24
    assert score.meters == (MeterChange(0, 4, 4),)
    assert [bar.duration for bar in score.bars] == [24, 96, 96, 96, 96]


def test_a_full_last_bar_skips_the_pick_up_on_the_repeat() -> None:
    assert pitches(tune("G|CDEF|GABG:|")) == [67, 60, 62, 64, 65, 67, 69, 71, 67, 60, 62, 64, 65, 67, 69, 71, 67]


def test_a_bar_that_neither_fills_nor_completes_restates_the_metre() -> None:
    score = tune("CDEF|CDE|CDEF|CDEF|")
    assert score.metadata["irregular_bars"] == 1
    assert [bar.duration for bar in score.bars] == [96, 72, 96, 96]


@pytest.mark.parametrize(
    ("text", "key"),
    [("G", Key(1)), ("Am", Key(0, "minor")), ("D dor", Key(0, "minor")), ("AMix", Key(2)), ("Bb", Key(-2)),
     ("F#m", Key(3, "minor")), ("E Phrygian", Key(0, "minor")), ("none", Key()), ("Hp", Key(2))],
)  # fmt: skip
def test_keys_and_modes_give_the_signature_and_the_third(text: str, key: Key) -> None:
    assert tune("C", key=text).keys[0].key == key


@pytest.mark.parametrize(
    ("text", "bpm"),
    [("1/4=100", 100.0), ("3/8=80", 120.0), ("100", 100.0), ('"Allegro" 1/2=60', 120.0), ("C=90", 90.0)],
)
def test_tempi_count_quarters(text: str, bpm: float) -> None:
    assert tune("C", head=f"Q:{text}\n").tempos[0].bpm == bpm


def test_fields_inside_the_tune_change_key_metre_unit_and_tempo() -> None:
    score = tune("CDEF|[M:3/4][K:G][Q:1/4=80]F F F|[L:1/8]F2F2F2|")
    assert score.meters == (MeterChange(0, 4, 4), MeterChange(96, 3, 4))
    assert [change.tick for change in score.keys] == [0, 96]
    assert score.tempos[-1].bpm == 80.0
    assert pitches(score)[4:] == [66] * 6


def test_words_align_by_hyphens_holds_blanks_and_bars() -> None:
    score = tune("C D E F|G A B c|\nw: moon-light _ on | the~wa-ter *")
    syllables = score.parts[0].syllables
    notes = score.parts[0].notes["id"].tolist()
    assert [(notes.index(s.note_id), s.text, s.syllabic) for s in syllables] == [
        (0, "moon", "begin"), (1, "light", "end"), (3, "on", "single"), (4, "the wa", "begin"), (5, "ter", "end"),
    ]  # fmt: skip
    assert syllables[-1].line_end


def test_chinese_words_need_no_spaces() -> None:
    score = tune("C D E F|G\nw: 床前明月，光")
    assert [s.text for s in score.parts[0].syllables] == ["床", "前", "明", "月，", "光"]


def test_further_word_lines_are_further_verses() -> None:
    score = tune("C D\nw: one two\nw: three four")
    assert [(s.verse, s.text) for s in score.parts[0].syllables] == [(1, "one"), (1, "two"), (2, "three"), (2, "four")]


def test_voices_become_parts_with_their_names() -> None:
    score = read_abc('X:1\nM:2/4\nL:1/4\nV:1 name="Flute"\nV:2 nm="Bass"\nK:C\n[V:1]c d|\n[V:2]C,, D,,|\n[V:1]e f|\n')
    assert [part.name for part in score.parts] == ["Flute", "Bass"]
    assert [part.role for part in score.parts] == ["melody", "bass"]
    assert pitches(score) == [72, 74, 76, 77]


def test_overlays_sound_with_the_bar_they_stand_in() -> None:
    score = tune("c4 & C2 E2|d4|")
    assert times(score) == [(0, 48), (0, 96), (48, 48), (96, 96)]


def test_a_book_gives_every_tune_and_can_leave_out_damaged_ones() -> None:
    book = "X:1\nT:One\nK:C\nC\n\nsome words\n\nX:2\nT:Two\nK:Zz\nC\n\nX:3\nT:Three\nR:jig\nK:G\nG\n"
    assert [score.title for score in read_abc_book(book, skip_damaged=True)] == ["One", "Three"]
    assert read_abc_book(book, skip_damaged=True)[1].metadata["rhythm"] == "jig"
    with pytest.raises(FormatError, match="line 10"):
        read_abc_book(book)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("hello", "isn't ABC"),
        ("X:1\nK:C\n", "no music"),
        ("X:1\nM:5\nK:C\nC", "line 2.*metre"),
        ("X:1\nK:C\n[CE", "line 3.*chord"),
        ("X:1\nK:C\nC ^ D", "line 3.*accidental"),
        ('X:1\nK:C\n"Am C', "line 3.*closed"),
        ("X:1\nL:0\nK:C\nC", "line 2.*unit"),
        ("X:1\nQ:fast\nK:C\nC", "tempo"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(text: str, sentence: str) -> None:
    with pytest.raises(FormatError, match=sentence):
        read_abc(text)


def test_a_tune_that_unfolds_without_end_is_refused() -> None:
    bars = "|:" + "C|" * 3000 + "1,2,3,4,5,6,7,8C:|9D:|"
    with pytest.raises(LimitError, match="bars"):
        tune(bars)


def test_empty_lines_do_not_hide_the_end_of_the_head() -> None:
    assert pitches(read_abc("X:1\nT:A\nK:C\n\nCDE\n")) == [60, 62, 64]
