"""``yuefu adapt`` and ``yuefu styles`` with styles of one's own: listed, told, removed, packed, one thing at a time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.own_styles import make_style

from yuefu.cli.main import run

pytestmark = pytest.mark.model


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home folder of its own."""
    monkeypatch.setenv("YUEFU_HOME", str(tmp_path / "home"))


def test_styles_are_listed_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    """They stand after the built-in ones in `yuefu styles`, with their figures by name, and in `yuefu adapt --list`."""
    style = make_style("my-songs")
    assert run(["styles", "--language", "en"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("my-songs")
    assert run(["styles", "my-songs", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["hash"], told["near"], told["licence"]) == (style.hash, "chinese_folk", "mine")
    assert run(["styles", "my-songs", "--language", "zh"]) == 0
    assert "2/4 100%" in capsys.readouterr().out
    assert run(["adapt", "--list", "--language", "en"]) == 0
    out = capsys.readouterr().out
    assert "1.000 -> 0.900" in out
    assert style.hash in out
    assert run(["adapt", "--list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["name"] == "my-songs"


def test_out_and_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A style is packed, removed and taken back by the command."""
    make_style("my-songs")
    file = str(tmp_path / "x.zip")
    assert run(["adapt", "--export", "my-songs", "--to", file]) == 0
    assert run(["adapt", "--remove", "my-songs"]) == 0
    assert run(["adapt", "--import", file, "--name", "again"]) == 0
    capsys.readouterr()
    assert run(["adapt", "--list", "--language", "en"]) == 0
    assert "again" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "say one thing"),
        (["--list", "--remove", "x"], "say one thing"),
        (["--from", "nowhere"], "needs a name"),
        (["--from", "nowhere", "--name", "jazz"], "built in"),
        (["--remove", "nobody"], "unknown style"),
        (["--import", "nowhere.zip"], "there is no"),
    ],
)
def test_one_sentence_and_exit_code_2(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What can't be done is told in one line."""
    assert run(["adapt", *arguments]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert len(err.strip().splitlines()) == 1


def test_nothing_there(capsys: pytest.CaptureFixture[str]) -> None:
    """Without styles the list says how to make one."""
    assert run(["adapt", "--list", "--language", "en"]) == 0
    assert "--from FOLDER" in capsys.readouterr().out
