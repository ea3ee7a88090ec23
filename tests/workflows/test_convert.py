"""Scores from format to format, and to pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from yuefu.errors import FormatError, InputError, OutputError, UnknownNameError
from yuefu.progress import Progress
from yuefu.score.files import read_score, write_score
from yuefu.score.model import Part, Score, make_notes
from yuefu.workflows.convert import convert
from yuefu.workflows.render import playable


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A piece long enough for two pages."""
    notes = make_notes([(i + 1, i * 24, 24, 60 + i % 12, 80) for i in range(4 * 120)])
    path = tmp_path / "piece.yuefu.json"
    write_score(Score(title="长曲", parts=(Part("P1", "Piano", notes=notes),)), path)
    return path


def test_pages_as_pictures_are_a_file_each(source: Path) -> None:
    written = convert(source, source.parent / "page.svg")
    assert len(written) > 1
    assert written[0].name == "page.svg"
    assert written[1].name == "page-2.svg"
    assert all(path.read_text("utf-8").startswith(("<svg", "<?xml")) for path in written)


def test_a_pdf_is_one_file_and_progress_is_told(source: Path) -> None:
    told: list[Progress] = []
    assert convert(source, source.parent / "page.pdf", progress=told.append) == (source.parent / "page.pdf",)
    assert (source.parent / "page.pdf").read_bytes()[:5] == b"%PDF-"
    assert told[-1].done == told[-1].total


@pytest.mark.parametrize(("name", "start"), [("roll.png", b"\x89PNG"), ("roll.svg", b"<svg")])
def test_a_roll_is_one_picture(source: Path, name: str, start: bytes) -> None:
    (written,) = convert(source, source.parent / name, roll=True)
    assert written.read_bytes().startswith(start)


def test_there_and_back_is_the_same_music(source: Path) -> None:
    (middle,) = convert(source, source.parent / "middle.mxl")
    (last,) = convert(middle, source.parent / "last.mid")
    assert read_score(last).parts[0].notes["pitch"].tolist() == read_score(source).parts[0].notes["pitch"].tolist()


def test_a_listener_that_raises_cancels_and_leaves_nothing(source: Path) -> None:
    def cancel(_: Progress) -> None:
        raise InterruptedError

    before = set(source.parent.iterdir())
    with pytest.raises(InterruptedError):
        convert(source, source.parent / "page.pdf", progress=cancel)
    assert set(source.parent.iterdir()) == before


def test_what_cannot_be_converted_is_told(source: Path) -> None:
    with pytest.raises(UnknownNameError, match="docx"):
        convert(source, source.parent / "a.docx")
    with pytest.raises(InputError, match="onto itself"):
        convert(source, source)
    with pytest.raises(OutputError, match="folder doesn't exist"):
        convert(source, source.parent / "no" / "a.mid")
    empty = source.parent / "empty.yuefu.json"
    write_score(Score(), empty)
    with pytest.raises(FormatError, match="no notes"):
        convert(empty, source.parent / "a.pdf")
    with pytest.raises(InputError, match="no notes"):
        convert(empty, source.parent / "a.wav")


def test_a_composed_folder_is_played_by_its_sound(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no song"):
        playable(tmp_path)
    (tmp_path / "song.mid").write_bytes(b"MThd")
    assert playable(tmp_path).name == "song.mid"
    (tmp_path / "song.wav").write_bytes(b"RIFF")
    assert playable(tmp_path).name == "song.wav"
