"""The command builds, counts and lists, and says what is wrong in one sentence."""

from __future__ import annotations

from pathlib import Path

from tests.corpus.tunes import song
from typer.testing import CliRunner

from yuefu.cli.corpus import app
from yuefu.score.midi import midi_bytes

runner = CliRunner()


def test_build_then_count(tmp_path: Path) -> None:
    music = tmp_path / "in/game_easyrpg/Music"
    music.mkdir(parents=True)
    for i in range(2):
        (music / f"cue {i}.mid").write_bytes(midi_bytes(song(i)))
    out = tmp_path / "out"
    done = runner.invoke(app, ["build", "--from", str(tmp_path / "in"), "--out", str(out), "--jobs", "1"])
    assert done.exit_code == 0, done.output
    assert "2 pieces" in done.output
    again = runner.invoke(app, ["build", "--from", str(tmp_path / "in"), "--out", str(out), "--jobs", "1"])
    assert "already built" in again.output
    counted = runner.invoke(app, ["stats", str(out)])
    assert counted.exit_code == 0
    assert "| game_easyrpg | 2 |" in counted.output
    assert (out / "stats.html").is_file()


def test_a_set_that_cannot_be_built_gives_exit_code_2(tmp_path: Path) -> None:
    folder = tmp_path / "in/mutopia"
    folder.mkdir(parents=True)
    (folder / "a.mid").write_bytes(midi_bytes(song()))
    done = runner.invoke(app, ["build", "--from", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--jobs", "1"])
    assert done.exit_code == 2
    assert "metadata.csv" in done.output


def test_the_sets_are_listed_with_their_terms() -> None:
    done = runner.invoke(app, ["sets"])
    assert done.exit_code == 0
    for words in ("pop909", "CC0-1.0", "amber", "git clone"):
        assert words in done.output
