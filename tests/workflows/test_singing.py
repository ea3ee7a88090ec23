"""What singers get: lead sheets, numbered notation and karaoke, by name, from any score."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from yuefu.errors import FormatError, InputError, UnknownNameError
from yuefu.score.files import read_score, write_score
from yuefu.score.model import ChordSpan, Part, Score, Section, Syllable, make_notes
from yuefu.score.musicxml_read import read_musicxml
from yuefu.theory.chord import Chord
from yuefu.workflows.compose import check_formats
from yuefu.workflows.convert import convert
from yuefu.workflows.singing import SINGING_FORMATS, check_words, sheet_files, singing_files

VOICE = make_notes([(i + 1, i * 48, 48, (60, 64, 67, 65, 62, 59, 60, 60)[i % 8], 80) for i in range(16)])
PIANO = make_notes(
    [(100 + i * 3 + j, i * 96, 96, root + step, 60) for i, root in enumerate((48, 53, 55, 48) * 2)
     for j, step in enumerate((0, 4, 7))]
)  # fmt: skip
WORDS = tuple(Syllable(i + 1, char, line_end=i % 8 == 7) for i, char in enumerate("床前明月光疑是地" * 2))
SONG = Score(
    title="静夜思",
    composer="乐府",
    parts=(
        Part("P1", "Piano", "keys", 0, "piano", PIANO),
        Part("P2", "Voice", "melody", 52, "voice", VOICE, WORDS),
    ),
    sections=(Section(0, 384, "A", "verse"), Section(384, 384, "B", "chorus")),
    length=768,
)


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """A song for voice and piano, without chord symbols."""
    path = tmp_path / "song.musicxml"
    write_score(SONG, path)
    return path


def test_a_lead_sheet_has_the_voice_alone_and_chords_found_in_the_accompaniment(song: Path) -> None:
    """Chords that nobody wrote are read from the piano; those that were written are kept as they are."""
    (sheet,) = convert(song, song.parent / "leadsheet.musicxml")
    score = read_score(sheet)
    assert [part.name for part in score.parts] == ["Voice"]
    assert [chord.chord.root for chord in score.chords[:4] if chord.chord] == [0, 5, 7, 0]
    given = replace(SONG, chords=(ChordSpan(0, 768, Chord(9, "m7")),))
    assert read_musicxml(sheet_files(given, "leadsheet", ".musicxml")[0]).chords == given.chords


@pytest.mark.parametrize("name", ["song.jianpu.pdf", "song.简谱.svg", "jianpu.png", "a.leadsheet.pdf", "功能谱.png"])
def test_the_name_says_what_sheet_is_wanted(song: Path, name: str) -> None:
    """A word before the extension, in English or Chinese, chooses between a score's page and a singer's."""
    (written,) = convert(song, song.parent / name)
    data = written.read_bytes()
    assert data.startswith({".pdf": b"%PDF", ".svg": b"<svg", ".png": b"\x89PNG"}[written.suffix])


def test_numbered_notation_is_a_score_format_both_ways(song: Path) -> None:
    """A tune typed as text becomes any other format, and any score its text."""
    (text,) = convert(song, song.parent / "song.jianpu.txt")
    assert text.read_text("utf-8").startswith("静夜思\n曲：乐府\n\n1=C 4/4")
    (midi,) = convert(text, song.parent / "back.mid")
    assert read_score(midi).parts[0].notes["pitch"].tolist() == VOICE["pitch"].tolist()
    tune = song.parent / "tune.txt"  # known by what it holds
    tune.write_text("Air\n\n1=D 3/4\n\n1 2 3 | 1 - - |]\n", "utf-8")
    assert read_score(tune).parts[0].notes["pitch"].tolist() == [62, 64, 66, 62]


def test_a_part_can_be_asked_for_and_a_flag_is_as_good_as_a_name(song: Path) -> None:
    """The pianist's line in numbers; --jianpu with a plain name; each once wrong."""
    (path,) = convert(song, song.parent / "plain.txt", sheet="jianpu", part="piano")
    assert "5, - - - | 1 - - - | 2 - - - |" in path.read_text("utf-8")
    with pytest.raises(UnknownNameError, match="Voice"):
        convert(song, song.parent / "x.jianpu.pdf", part="tuba")
    with pytest.raises(UnknownNameError, match=r"\.svg"):
        convert(song, song.parent / "x.mid", sheet="jianpu")
    with pytest.raises(InputError, match="part is chosen"):
        convert(song, song.parent / "x.pdf", part="Voice")
    with pytest.raises(InputError, match="two pictures"):
        convert(song, song.parent / "x.png", sheet="jianpu", roll=True)


@pytest.mark.parametrize("name", SINGING_FORMATS)
def test_every_format_for_singers_is_made_and_named_as_said(name: str) -> None:
    """Each name of ``--formats`` gives the file that the list promises, first of all."""
    files = singing_files(name, SONG)
    assert next(iter(files)) == SINGING_FORMATS[name]
    assert all(files.values())


def test_a_lead_sheet_comes_with_its_musicxml() -> None:
    """Whoever wants to change the lead sheet gets it as a document too."""
    assert list(singing_files("leadsheet", SONG)) == ["leadsheet.pdf", "leadsheet.musicxml"]


def test_names_and_other_names_of_formats() -> None:
    """简谱 and karaoke are understood; karaoke without words is refused before any work."""
    assert check_formats(["简谱", "karaoke", "lead-sheet", "midi"]) == ["midi", "leadsheet", "jianpu", "words.lrc"]
    check_words(["lrc", "jianpu"], True)
    check_words(["jianpu"], False)
    with pytest.raises(FormatError, match="needs words"):
        check_words(["midi", "lrc"], False)


def test_lines_of_a_lead_sheet_begin_with_sections() -> None:
    """The engraved page breaks where the form does."""
    (page,) = sheet_files(SONG, "leadsheet", ".svg")
    assert page.count(b'class="system"') + page.count(b'class="system ') == 2
