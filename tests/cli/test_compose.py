"""`yuefu compose` from words to files, with the model inside the package."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.conftest import Ran
from tests.cli.test_bad_input import on_a_small_disk

pytestmark = [pytest.mark.model, pytest.mark.slow]
SHORT = ("--bars", "4", "--candidates", "1", "--seed", "5", "--instruments", "voice, piano")


def test_json_is_the_report_and_nothing_else_and_the_files_are_there(yuefu: Callable[..., Ran], folder: Path) -> None:
    ran = yuefu("compose", "春天的气息", *SHORT, "--formats", "midi,json", "--json", "-o", "spring")
    assert ran.code == 0
    assert ran.err == ""
    report = json.loads(ran.out)
    assert report["replay"]["seed"] == 5
    assert {path.name for path in (folder / "spring").iterdir()} == {"song.mid", "song.yuefu.json", "report.json"}
    assert all(Path(path).is_file() for path in report["files"].values())
    bars = next(finding for finding in report["findings"] if finding["field"] == "bars")
    assert (bars["asked"], bars["found"], bars["met"]) == (4, 4, True)


def test_a_report_is_printed_in_the_language_of_the_words(yuefu: Callable[..., Ran]) -> None:
    chinese = yuefu("compose", "春天的气息", *SHORT, "--formats", "midi")
    english = yuefu("compose", "the breath of spring", *SHORT, "--formats", "midi")
    assert "写好了" in chinese.out
    assert "Written:" in english.out


def test_without_an_output_folder_the_title_names_one_and_nothing_is_overwritten(
    yuefu: Callable[..., Ran], folder: Path
) -> None:
    for _ in range(2):
        assert yuefu("compose", "x", "--title", "Rainy Night", *SHORT, "--formats", "midi").code == 0
    assert sorted(path.name for path in folder.iterdir()) == ["rainy-night", "rainy-night-2"]


def test_a_replay_gives_the_same_bytes(yuefu: Callable[..., Ran], folder: Path) -> None:
    formats = ("--formats", "midi,musicxml,abc,json")
    assert yuefu("compose", "a small waltz", *SHORT, *formats, "-o", "one").code == 0
    assert yuefu("replay", "one/report.json", *formats, "-o", "two").code == 0
    for path in sorted((folder / "one").iterdir()):
        assert path.read_bytes() == (folder / "two" / path.name).read_bytes(), path.name


def test_lyrics_come_through_a_pipe_and_end_up_under_the_notes(yuefu: Callable[..., Ran], folder: Path) -> None:
    from yuefu.score.files import read_score

    words = "明月几时有\n把酒问青天\n不知天上宫阙\n今夕是何年\n"
    ran = yuefu(
        "compose", "--lyrics", "-", "--seed", "3", "--candidates", "1", "--instruments", "人声、钢琴",
        "--formats", "musicxml", "-o", "moon", stdin=words.encode(),
    )  # fmt: skip
    assert ran.code == 0, ran.err
    score = read_score(folder / "moon" / "song.musicxml")
    sung = "".join(syllable.text for part in score.parts for syllable in part.syllables)
    assert sung.startswith("明月几时有把酒问青天")


def test_files_in_the_folder_that_are_not_ours_stay(yuefu: Callable[..., Ran], folder: Path) -> None:
    place = folder / "mine"
    place.mkdir()
    (place / "notes.txt").write_text("keep me")
    (place / "song.mid").write_bytes(b"an older song")
    assert yuefu("compose", "a song", *SHORT, "--formats", "midi", "-o", "mine").code == 0
    assert (place / "notes.txt").read_text() == "keep me"
    assert (place / "song.mid").read_bytes()[:4] == b"MThd"
    assert {path.name for path in place.iterdir()} == {"notes.txt", "song.mid", "report.json"}


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are a Unix thing")
def test_a_disk_that_fills_up_half_way_leaves_no_part_of_the_piece(folder: Path) -> None:
    # The MIDI and the MusicXML fit, the sound doesn't.
    done = on_a_small_disk(
        folder, 300_000, "compose", "a song", *SHORT, "--formats", "midi,musicxml,wav", "-o", "new/song"
    )
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "song.wav" in done.stderr
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals are a Unix thing")
@pytest.mark.parametrize(("sign", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopping_half_way_leaves_nothing(folder: Path, sign: signal.Signals, code: int) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "yuefu", "compose", "a long song", "--bars", "256", "-o", "new/song"],
        cwd=folder, env={**os.environ}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        # A suite that itself runs in a shell's background would hand down an interrupt that is ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    try:
        limit = time.monotonic() + 60
        while not (folder / "new" / "song").exists() and time.monotonic() < limit:
            time.sleep(0.05)
        time.sleep(0.5)
        process.send_signal(sign)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == code
    assert out == ""
    assert err == ""
    assert list(folder.iterdir()) == []
