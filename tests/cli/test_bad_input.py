"""Bad input gets one clear sentence on standard error and exit code 2, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.conftest import TUNE, Ran

#: What is typed after `yuefu compose`, and words that the sentence must hold.
WISHES = [
    (["a song", "--style", "pob"], "did you mean 'pop'"),
    (["一首歌", "--style", "流形"], "流形"),
    (["a song", "--key", "H major"], "'H major' isn't a key"),
    (["a song", "--key", "G## minor"], "isn't a key"),
    (["a song", "--meter", "4/5"], "'4/5' isn't a metre"),
    (["a song", "--meter", "0/4"], "isn't a metre"),
    (["a song", "--tempo", "10"], "20"),
    (["a song", "--tempo", "400"], "300"),
    (["a song", "--tempo", "nan"], "nan"),
    (["a song", "--tempo", "quickish"], "isn't a tempo"),
    (["a song", "--bars", "0"], "512"),
    (["a song", "--bars", "513"], "512"),
    (["a song", "--bars", "many"], "isn't a number of bars"),
    (["a song", "--duration", "0"], "0"),
    (["a song", "--duration", "a while"], "isn't a length"),
    (["a song", "--form", "Q R Q"], "Q"),
    (["a song", "--form", "verse:600"], "512"),
    (["a song", "--chords", "C H7"], "H7"),
    (["a song", "--mood", "3,0"], "mood"),
    (["a song", "--instruments", "piano, fiddlestick"], "fiddlestick"),
    (["a song", "--instruments", "钢琴、电锯"], "电锯"),
    (["a song", "--instruments", ""], "instruments"),
    (["a song", "--without", "fiddlestick"], "fiddlestick"),
    (["a song", "--seed", "-1"], "seed"),
    (["a song", "--candidates", "0"], "candidates"),
    (["a song", "--formats", "midi,docx"], "unknown format 'docx'"),
    (["a song", "--formats", ""], "format"),
    (["a song", "--language", "fr"], "unknown language 'fr'"),
    (["a song", "--lyrics", "missing.txt"], "missing.txt"),
    (["a song", "--model", "."], "isn't a model folder"),
    (["a song", "--colour", "red"], "--colour"),
    (["สร้างเพลงรัก"], "thai"),
    (["🎵🎵"], "the prompt"),
    ([], "empty prompt"),
    (["", "  "], "empty prompt"),
    (["--seed", "3"], "empty prompt"),
    (["la " * 3000], "4000"),
    (["\udcff\udcfe"], "UTF-8"),
]


def check(ran: Ran, words: str, folder: Path, before: set[Path]) -> None:
    """One line, exit code 2, no traceback, no new file."""
    assert ran.code == 2, ran
    assert ran.out == ""
    lines = ran.err.splitlines()
    assert len(lines) == 1, ran.err
    assert lines[0].startswith("yuefu: ")
    assert lines[0].endswith((".", "`."))
    assert "Traceback" not in ran.err
    assert words in ran.err
    assert set(folder.rglob("*")) == before


@pytest.mark.parametrize(("arguments", "words"), WISHES, ids=lambda value: " ".join(value)[:40])
def test_a_wish_that_cannot_be_met_is_refused(
    yuefu: Callable[..., Ran], folder: Path, arguments: list[str], words: str
) -> None:
    ran = yuefu("compose", *arguments, "-o", "out/deep")
    check(ran, words, folder, set())


@pytest.mark.parametrize(
    ("lyrics", "words"),
    [
        ("moon over the sea\n" * 10_000, "10000 lines"),
        ("", "empty"),
        ("\n \n", "empty"),
        ("ฉันรักเธอ\n", "thai"),
        ("a" * 5_000_000, "4 MB"),
        (b"\x00\x01\x02\xff", "isn't a text file"),
    ],
    ids=["10,000 lines", "nothing", "blank", "another script", "5 MB", "binary"],
)
@pytest.mark.parametrize("by_pipe", [False, True], ids=["file", "pipe"])
def test_a_lyric_that_cannot_be_set_is_refused(
    yuefu: Callable[..., Ran], folder: Path, lyrics: str | bytes, words: str, by_pipe: bool
) -> None:
    data = lyrics if isinstance(lyrics, bytes) else lyrics.encode()
    if by_pipe:
        check(yuefu("compose", "--lyrics", "-", "-o", "out", stdin=data), words, folder, set())
    else:
        (folder / "words.txt").write_bytes(data)
        check(yuefu("compose", "--lyrics", "words.txt", "-o", "out"), words, folder, {folder / "words.txt"})


def test_a_folder_that_cannot_be_written_is_refused_before_any_work(yuefu: Callable[..., Ran], folder: Path) -> None:
    (folder / "taken").write_text("mine")
    check(yuefu("compose", "a song", "-o", "taken"), "there is a file of that name", folder, {folder / "taken"})
    check(yuefu("compose", "a song", "-o", "taken/sub"), "taken", folder, {folder / "taken"})
    assert (folder / "taken").read_text() == "mine"
    if sys.platform == "linux":
        check(yuefu("compose", "a song", "-o", "/proc/nowhere"), "/proc/nowhere", folder, {folder / "taken"})


def _bomb(path: Path) -> None:
    container = '<container><rootfiles><rootfile full-path="score.xml"/></rootfiles></container>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("META-INF/container.xml", container)
        archive.writestr("score.xml", b"<score-partwise>" + b" " * 80_000_000)


def _files(folder: Path) -> set[Path]:
    """Files that aren't the scores they claim to be."""
    header = b"MThd\x00\x00\x00\x06\x00\x01\x00\x01\x00\x18"
    (folder / "corrupt.mid").write_bytes(header + b"MTrk\x00\x00\xff\xff\x00\x90")
    (folder / "headless.mid").write_bytes(b"MThd\x00\x00")
    (folder / "noise.mid").write_bytes(bytes(range(256)) * 8)
    (folder / "empty.mid").write_bytes(b"")
    (folder / "cut.musicxml").write_text("<?xml version='1.0'?><score-partwise><part-list>")
    (folder / "page.musicxml").write_text("<html><body>not music</body></html>")
    (folder / "broken.mxl").write_bytes(b"PK\x03\x04" + b"\x00" * 64)
    _bomb(folder / "bomb.mxl")
    (folder / "words.abc").write_text("Dear diary, today I wrote no music.")
    (folder / "other.yuefu.json").write_text('{"hello": [1, 2')
    (folder / "letter.docx").write_bytes(b"\xd0\xcf\x11\xe0")
    (folder / "folder.mid").mkdir()
    return set(folder.rglob("*"))


BROKEN = [
    "corrupt.mid", "headless.mid", "noise.mid", "empty.mid", "cut.musicxml", "page.musicxml", "broken.mxl", "bomb.mxl",
    "words.abc", "other.yuefu.json", "letter.docx", "folder.mid", "missing.mid",
]  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_is_no_score_is_refused(yuefu: Callable[..., Ran], folder: Path, name: str) -> None:
    before = _files(folder)
    check(yuefu("analyze", name), "", folder, before)
    check(yuefu("convert", name, "out.musicxml"), "", folder, before)
    check(yuefu("render", name, "-o", "out.wav"), "", folder, before)


def test_a_zip_bomb_is_refused_by_its_size_and_quickly(yuefu: Callable[..., Ran], folder: Path) -> None:
    _bomb(folder / "bomb.mxl")
    assert (folder / "bomb.mxl").stat().st_size < 200_000
    ran = yuefu("analyze", "bomb.mxl")
    check(ran, "expands to more", folder, {folder / "bomb.mxl"})


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["convert", "tune.abc", "tune.docx"], "unknown output format '.docx'"),
        (["convert", "tune.abc", "tune.abc"], "onto itself"),
        (["convert", "tune.abc", "nowhere/tune.mid"], "the folder doesn't exist"),
        (["convert", "tune.abc", "tune.pdf", "--roll"], ".pdf"),
        (["convert", "tune.abc"], "see `yuefu convert --help`"),
        (["render", "tune.abc", "-o", "tune.mid"], "unknown sound format '.mid'"),
        (["render", "tune.abc", "-o", "tune.wav", "--rate", "12345"], "12345"),
        (["render", "tune.abc", "-o", "tune.wav", "--soundfont", "none.sf2"], "none.sf2"),
        (["render", "tune.abc", "-o", "tune.wav", "--seed", "x"], "see `yuefu render --help`"),
        (["analyze", "tune.abc", "--language", "xx"], "unknown language"),
        (["play", "missing.wav"], "missing.wav"),
        (["play", "."], "holds no song"),
        (["replay", "missing.json"], "missing.json"),
        (["replay", "tune.abc"], "tune.abc"),
        (["styles", "pob"], "did you mean 'pop'"),
        (["instruments", "pianoo"], "did you mean 'piano'"),
        (["instruments", "--family", "string"], "did you mean 'strings'"),
        (["model", "info", "."], "isn't a model folder"),
        (["composs"], "compose"),
        (["model", "inform"], "info"),
    ],
    ids=lambda value: " ".join(value)[:40],
)
def test_a_command_that_makes_no_sense_is_refused(
    yuefu: Callable[..., Ran], tune: Path, arguments: list[str], words: str
) -> None:
    check(yuefu(*arguments), words, tune.parent, {tune})


def test_a_report_of_another_model_is_refused(yuefu: Callable[..., Ran], folder: Path) -> None:
    replay = {"version": "0.0.1", "model": "beef", "seed": 1, "brief": {}, "plan": {}}
    (folder / "report.json").write_text(json.dumps({"format": "yuefu-report-1", "replay": replay}))
    ran = yuefu("replay", "report.json", "-o", "again")
    assert ran.code == 2
    assert len(ran.err.splitlines()) == 1
    assert not (folder / "again").exists()


SMALL_DISK = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
from yuefu.cli.main import main
sys.argv = ["yuefu", *sys.argv[1:]]
main()
"""


def on_a_small_disk(folder: Path, limit: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command that may write no file larger than ``limit`` bytes: the write fails as on a full disk."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", SMALL_DISK.format(limit=limit), *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are a Unix thing")
@pytest.mark.parametrize("target", ["out.mid", "out.musicxml", "out.pdf", "out.png"])
def test_a_full_disk_leaves_nothing_half_written(folder: Path, target: str) -> None:
    (folder / "tune.abc").write_text(TUNE, "utf-8")
    done = on_a_small_disk(folder, 200, "convert", "tune.abc", target)
    check(Ran(done.returncode, done.stdout, done.stderr), target, folder, {folder / "tune.abc"})


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are a Unix thing")
def test_a_full_disk_keeps_the_file_that_was_there(folder: Path) -> None:
    (folder / "tune.abc").write_text(TUNE, "utf-8")
    (folder / "out.mid").write_bytes(b"before")
    done = on_a_small_disk(folder, 200, "convert", "tune.abc", "out.mid")
    assert done.returncode == 2
    assert (folder / "out.mid").read_bytes() == b"before"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_output_that_cannot_be_printed_is_told(folder: Path) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "yuefu", "styles"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "can't be written" in done.stderr
