"""Textures alone: rows, chords, metre and count as asked, one seed one result, files as told."""

from pathlib import Path

import pytest

from yuefu.cli.main import run
from yuefu.errors import InputError, LimitError, UnknownNameError
from yuefu.score.files import read_score
from yuefu.text.brief import BriefOptions
from yuefu.workflows.texture import bare_score, textures, together, write_textures


def test_rows_bars_and_chords_are_those_that_were_asked_for() -> None:
    made = list(textures("funk", rows="drums,bass", bars=6, count=2, chords="Am F | G", energy=0.7, seed=5))
    assert [each.seed for each in made] == [5, 6]
    for each in made:
        assert [part.role for part in each.score.parts] == ["bass", "drums"]
        assert len(each.score.bars) == 6
        assert [span.chord.symbol() for span in each.score.chords[:3]] == ["Am", "F", "G"]
        assert each.facts()["style"] == "funk"
    notes = [tuple(part.notes.tobytes() for part in each.score.parts) for each in made]
    assert notes[0] != notes[1]


def test_a_seed_gives_its_texture_again() -> None:
    """The second of two is the first of one that begins at its seed."""
    second = list(textures("rock", rows="drums", count=2, seed=8))[1]
    (again,) = textures("rock", rows="drums", count=1, seed=9)
    assert again.score.parts[0].notes.tobytes() == second.score.parts[0].notes.tobytes()


def test_a_waltz_is_in_three_and_words_may_be_chinese() -> None:
    (made,) = textures("华尔兹", rows="键盘，低音", count=1, seed=2)
    assert made.score.bars[0].numerator == 3
    assert made.style == "waltz"


def test_the_key_is_that_of_the_chords() -> None:
    assert bare_score("pop", 4, "D A Bm G").keys[0].key.name == "D major"
    assert bare_score("pop", 4, "Am F C G").keys[0].key.name == "A minor"
    assert bare_score("pop", 4, None, "E minor").chords[0].chord.symbol(1) == "Em"


def test_what_cannot_be_written_is_told_in_a_sentence() -> None:
    with pytest.raises(InputError, match="not melody"):
        next(textures("pop", rows="melody"))
    with pytest.raises(InputError, match=r"0 \(calm\) to 1"):
        next(textures("pop", energy=1.5))
    with pytest.raises(LimitError):
        next(textures("pop", count=0))
    with pytest.raises(InputError, match="one progression"):
        next(textures("pop", chords="verse: C G | chorus: F"))
    with pytest.raises(UnknownNameError):
        next(textures("pop", engine="gun"))
    with pytest.raises(InputError, match="doesn't write textures"):
        next(textures("pop", engine="transformer"))
    with pytest.raises(InputError, match="can't write in 7/8"):
        next(textures("pop", options=BriefOptions(meter="7/8")))


def test_files_are_a_score_each_and_one_picture(tmp_path: Path) -> None:
    made = list(textures("pop", bars=2, count=3, seed=1))
    files = write_textures(made, tmp_path / "out")
    assert [file.name for file in files] == ["pop-1.mid", "pop-2.mid", "pop-3.mid", "textures.png"]
    assert len(read_score(files[0]).bars) == 2
    assert files[-1].read_bytes().startswith(b"\x89PNG")
    whole = together(made)
    assert len(whole.bars) == 6
    assert [section.letter for section in whole.sections] == ["1", "2", "3"]
    assert whole.note_count == sum(each.score.note_count for each in made)


def test_the_command_tells_what_it_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In the language of the words; errors are one line and exit code 2."""
    assert run(["texture", "放克", "--rows", "鼓", "--count", "2", "--seed", "3", "-o", str(tmp_path / "a")]) == 0
    out = capsys.readouterr().out
    assert "种子" in out
    assert "funk-3.mid" in out
    assert run(["texture", "funk", "--energy", "3", "-o", str(tmp_path / "b")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "b").exists()
