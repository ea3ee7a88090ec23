"""Reading MusicXML: what other programs write comes out as it sounds."""

from __future__ import annotations

from pathlib import Path

import pytest

from yuefu.errors import FormatError, InputError
from yuefu.score.musicxml_read import read_musicxml
from yuefu.score.mxl import pack_mxl
from yuefu.theory.chord import Chord

ATTRIBUTES = (
    "<attributes><divisions>2</divisions><key><fifths>0</fifths><mode>major</mode></key>"
    "<time><beats>4</beats><beat-type>4</beat-type></time></attributes>"
)


def note(step: str = "C", length: int = 2, extra: str = "", before: str = "", octave: int = 4) -> str:
    pitch = f"<pitch><step>{step}</step><octave>{octave}</octave></pitch>" if step != "R" else "<rest/>"
    return f"<note>{before}{pitch}<duration>{length}</duration>{extra}</note>"


def document(*bars: str, head: str = "", entry: str = "") -> bytes:
    """A partwise score of one part; a bar is the inside of a measure."""
    measures = "".join(f'<measure number="{i + 1}">{bar}</measure>' for i, bar in enumerate(bars))
    return (
        f'<?xml version="1.0"?><score-partwise>{head}<part-list><score-part id="P1"><part-name>Voice</part-name>'
        f'{entry}</score-part></part-list><part id="P1">{measures}</part></score-partwise>'
    ).encode()


def rows(data: bytes, part: int = 0) -> list[tuple[int, int, int]]:
    """(start, duration, pitch) of a part's notes."""
    return [tuple(row) for row in read_musicxml(data).parts[part].notes[["start", "duration", "pitch"]].tolist()]


def test_ties_become_one_note_even_over_the_bar() -> None:
    start, both, stop = ('<tie type="start"/>', '<tie type="stop"/><tie type="start"/>', '<tie type="stop"/>')
    data = document(
        ATTRIBUTES + note("R", 4) + note("E", 4, start), note("E", 8, both), note("E", 2, stop) + note("E", 6)
    )
    assert rows(data) == [(48, 168, 64), (216, 72, 64)]


def test_ties_find_their_own_voice_when_a_pitch_is_doubled() -> None:
    first = note("C", 4, '<tie type="start"/><voice>1</voice>') + note("C", 4, '<tie type="stop"/><voice>1</voice>')
    second = note("C", 2, "<voice>2</voice>") + note("C", 6, "<voice>2</voice>")
    data = document(ATTRIBUTES + first + "<backup><duration>8</duration></backup>" + second)
    assert rows(data) == [(0, 24, 60), (0, 96, 60), (24, 72, 60)]


def test_chords_backup_and_forward_place_the_notes() -> None:
    data = document(
        ATTRIBUTES
        + note("C", 8)
        + note("E", 8, before="<chord/>")
        + "<backup><duration>8</duration></backup><forward><duration>4</duration></forward>"
        + note("G", 4)
    )
    assert rows(data) == [(0, 96, 60), (0, 96, 64), (48, 48, 67)]


def test_grace_and_cue_notes_are_left_out() -> None:
    grace = "<note><grace/><pitch><step>D</step><octave>4</octave></pitch></note>"
    assert rows(document(ATTRIBUTES + grace + note("C", 4) + note("D", 4, before="<cue/>"))) == [(0, 48, 60)]


def test_triplets_land_on_the_grid_and_end_at_the_bar_line() -> None:
    data = document(ATTRIBUTES.replace(">2<", ">3<") + note("C", 1) * 3 + note("D", 9))
    assert rows(data) == [(0, 8, 60), (8, 8, 60), (16, 8, 60), (24, 72, 62)]


def test_transposing_instruments_sound_where_they_sound() -> None:
    attributes = ATTRIBUTES.replace(
        "</attributes>", "<transpose><diatonic>-1</diatonic><chromatic>-2</chromatic></transpose></attributes>"
    ).replace("<fifths>0<", "<fifths>2<")
    score = read_musicxml(document(attributes + note("D", 8)))
    assert score.parts[0].notes["pitch"].tolist() == [60]
    assert score.keys[0].key.name == "C major"


def test_a_short_first_bar_is_a_pick_up_and_the_last_may_complete_it() -> None:
    score = read_musicxml(document(ATTRIBUTES + note("G", 2), note("C", 8), note("C", 6)))
    assert (score.pickup, [bar.duration for bar in score.bars][:2], score.length) == (24, [24, 96], 192)


def test_a_bar_split_by_a_repeat_stays_one_bar() -> None:
    repeat = '<barline location="right"><repeat direction="backward"/></barline>'
    score = read_musicxml(
        document(ATTRIBUTES + note("G", 2), note("C", 8), note("D", 6) + repeat, note("E", 2), note("C", 8))
    )
    assert [bar.duration for bar in score.bars] == [24, 96, 96, 96, 96, 96]
    assert len(score.meters) == 1


def test_a_bar_of_the_wrong_length_keeps_the_following_bar_lines() -> None:
    score = read_musicxml(
        document(ATTRIBUTES + note("C", 8), note("D", 5), note("E", 8), note("F", 8), note("G", 10), note("A", 8))
    )
    assert [bar.start for bar in score.bars] == [0, 96, 156, 252, 348, 468]


def test_repeats_sing_the_next_verse() -> None:
    lyric = "".join(
        f'<lyric number="{n}"><syllabic>single</syllabic><text>{text}</text></lyric>'
        for n, text in ((1, "moon"), (2, "月"))
    )
    repeat = '<barline location="right"><repeat direction="backward"/></barline>'
    data = document(ATTRIBUTES + note("C", 8, lyric) + repeat, note("D", 8))
    part = read_musicxml(data).parts[0]
    assert [(s.text, s.verse) for s in part.syllables] == [("moon", 1), ("月", 1)]
    written = read_musicxml(data, expand_repeats=False).parts[0]
    assert [(s.text, s.verse) for s in written.syllables] == [("moon", 1), ("月", 2)]


def test_two_syllables_on_one_note_are_joined_and_verse_numbers_dropped() -> None:
    lyric = (
        "<lyric><syllabic>end</syllabic><text>1. la</text><elision>‿</elision>"
        "<syllabic>begin</syllabic><text>a</text><extend/></lyric>"
    )
    (syllable,) = read_musicxml(document(ATTRIBUTES + note("C", 8, lyric))).parts[0].syllables
    assert (syllable.text, syllable.syllabic) == ("la‿a", "middle")


def test_tempo_and_key_come_back_when_a_jump_goes_back() -> None:
    slow = '<sound tempo="60"/>'
    key = "<attributes><key><fifths>1</fifths><mode>major</mode></key></attributes>"
    repeat = '<barline location="right"><repeat direction="backward"/></barline>'
    fast = '<direction><sound tempo="90"/></direction>'
    score = read_musicxml(document(ATTRIBUTES + fast + note("C", 8), slow + key + note("C", 8) + repeat))
    assert [(t.tick, t.bpm) for t in score.tempos] == [(0, 90), (96, 60), (192, 90), (288, 60)]
    assert [(k.tick, k.key.fifths) for k in score.keys] == [(0, 0), (96, 1), (192, 0), (288, 1)]


def test_a_metronome_mark_counts_in_its_own_unit() -> None:
    mark = (
        "<direction><direction-type><metronome><beat-unit>quarter</beat-unit><beat-unit-dot/>"
        "<per-minute>c. 80</per-minute></metronome></direction-type></direction>"
    )
    assert read_musicxml(document(ATTRIBUTES + mark + note("C", 8))).tempos[0].bpm == 120


@pytest.mark.parametrize(
    ("inside", "chord"),
    [
        (
            "<root><root-step>B</root-step><root-alter>-1</root-alter></root><kind>major-seventh</kind>",
            Chord(10, "maj7"),
        ),
        ("<root><root-step>C</root-step></root><kind text='7sus'>suspended-fourth</kind>", Chord(0, "7sus4")),
        (
            "<root><root-step>G</root-step></root><kind>dominant</kind><bass><bass-step>B</bass-step></bass>",
            Chord(7, "7", 11),
        ),
        (
            "<root><root-step>D</root-step></root><kind>minor-seventh</kind><degree><degree-value>5</degree-value>"
            "<degree-alter>-1</degree-alter><degree-type>alter</degree-type></degree>",
            Chord(2, "m7b5"),
        ),
        ("<root><root-step>A</root-step></root><kind text='m9'>other</kind>", Chord(9, "m9")),
        ("<root><root-step>C</root-step></root><kind>none</kind>", None),
    ],
)
def test_chord_symbols_map_to_the_vocabulary(inside: str, chord: Chord | None) -> None:
    score = read_musicxml(document(ATTRIBUTES + f"<harmony>{inside}</harmony>" + note("C", 8), note("C", 8)))
    assert [(span.start, span.duration, span.chord) for span in score.chords] == [(0, 192, chord)]


def test_rehearsal_marks_are_sections_and_dynamics_are_heard() -> None:
    marks = (
        "<direction><direction-type><rehearsal>B chorus</rehearsal></direction-type></direction>"
        "<direction><direction-type><dynamics><ff/></dynamics></direction-type></direction>"
        "<direction><direction-type><words>dolce</words></direction-type></direction>"
    )
    score = read_musicxml(document(ATTRIBUTES + note("C", 8), marks + note("C", 8)))
    assert [(s.start, s.duration, s.letter, s.kind) for s in score.sections] == [(96, 96, "B", "chorus")]
    assert score.parts[0].notes["velocity"].tolist() == [80, 112]
    assert [(d.kind, d.text) for d in score.parts[0].directions] == [("dynamic", "ff"), ("words", "dolce")]


def test_unpitched_notes_are_drums_when_the_file_says_which() -> None:
    entry = (
        '<midi-instrument id="I1"><midi-channel>10</midi-channel><midi-unpitched>39</midi-unpitched></midi-instrument>'
    )
    stroke = (
        "<note><unpitched><display-step>C</display-step><display-octave>5</display-octave></unpitched>"
        '<duration>2</duration><instrument id="I1"/></note>'
    )
    part = read_musicxml(document(ATTRIBUTES + stroke, entry=entry)).parts[0]
    assert (part.role, part.notes["pitch"].tolist()) == ("drums", [38])
    assert read_musicxml(document(ATTRIBUTES + stroke + note("C", 2))).parts[0].notes["pitch"].tolist() == [60]


def test_missing_key_or_mode_is_said() -> None:
    plain = "<attributes><divisions>2</divisions></attributes>"
    assert read_musicxml(document(plain + note("C", 8))).metadata == {"key_given": False}
    signature = "<attributes><divisions>2</divisions><key><fifths>3</fifths></key></attributes>"
    assert read_musicxml(document(signature + note("C", 8))).metadata == {"mode_given": False}


def test_open_metre_and_bars_without_a_signature_take_their_own_length() -> None:
    free = "<attributes><divisions>2</divisions><time><senza-misura/></time></attributes>"
    score = read_musicxml(document(free + note("C", 2) * 5, note("C", 6)))
    assert [(bar.start, bar.duration) for bar in score.bars] == [(0, 120), (120, 72)]


def test_timewise_scores_and_archives_read_alike() -> None:
    bar = ATTRIBUTES + note("C", 8)
    timewise = (
        '<score-timewise><part-list><score-part id="P1"><part-name>Voice</part-name></score-part></part-list>'
        f'<measure number="1"><part id="P1">{bar}</part></measure></score-timewise>'
    ).encode()
    assert rows(timewise) == rows(document(bar)) == rows(pack_mxl(document(bar))) == [(0, 96, 60)]


def test_title_people_and_program_are_kept(tmp_path: Path) -> None:
    head = (
        "<work><work-title>春江</work-title></work><identification><creator type='composer'>阿炳</creator>"
        "<creator type='lyricist'>李白</creator></identification>"
    )
    entry = (
        '<midi-instrument id="I1"><midi-program>41</midi-program><volume>50</volume><pan>-90</pan></midi-instrument>'
    )
    path = tmp_path / "song.xml"
    path.write_bytes(document(ATTRIBUTES + note("C", 8), head=head, entry=entry))
    score = read_musicxml(path)
    assert (score.title, score.composer, score.metadata["lyricist"]) == ("春江", "阿炳", "李白")
    assert (score.parts[0].program, score.parts[0].volume, score.parts[0].pan) == (40, 64, 0)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "well-formed"),
        (b"hello", "well-formed"),
        (b"<html/>", "isn't a score"),
        (b"<score-partwise/>", "no <part>"),
        (document(), "no bars"),
        (document(ATTRIBUTES + note("H", 2)), "letter from A to G"),
        (document(ATTRIBUTES + note("C", 2, octave=12)), "0 to 127"),
        (document(ATTRIBUTES + "<note><rest/><duration>two</duration></note>"), "bar 1 of part P1"),
    ],
)
def test_what_is_no_score_is_refused_in_one_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(FormatError, match=sentence) as caught:
        read_musicxml(data)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no"):
        read_musicxml(tmp_path / "nothing.musicxml")
