"""``yuefu listen``: what it prints, keeps and refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from tests.cli.conftest import Ran

from yuefu.cli.listen import app

TABLE = """歌手,歌名,时间,行为
邓丽君,月亮代表我的心,2020-01-01 10:00,播放
邓丽君,月亮代表我的心,2020-01-01 10:03,喜欢
A,B,昨天,播放
"""


@pytest.fixture
def listen(yuefu: Callable[..., Ran], folder: Path) -> Callable[..., Ran]:
    """Run a subcommand with a folder of data of its own."""
    (folder / "plays.csv").write_text(TABLE, "utf-8")

    def call(name: str, *arguments: str) -> Ran:
        return yuefu("listen", name, *arguments, "--data", "data")

    return call


def test_every_command_has_help_with_an_example(yuefu: Callable[..., Ran]) -> None:
    """Each says what it does, and its examples use only options that it has."""
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert set(commands) == {"import", "list", "stats", "export", "erase", "pause", "resume", "synthetic"}
    for name, command in commands.items():
        ran = yuefu("listen", name, "--help")
        assert ran.code == 0
        assert f"yuefu listen {name}" in ran.out
        options = {option for param in command.params for option in param.opts}
        for line in ran.out[ran.out.index("Examples:") :].splitlines():
            assert {word for word in line.split() if word.startswith("--")} <= options


def test_what_was_imported_is_listed_counted_and_exported(listen: Callable[..., Ran], folder: Path) -> None:
    """A file comes in with its report, is seen in the list and the numbers, and goes out whole."""
    ran = listen("import", "plays.csv")
    assert ran.code == 0, ran
    assert "3 events read, 2 kept, 1 dropped." in ran.out
    assert "2 are new." in ran.out
    assert "2 条先前已有" in listen("import", "plays.csv", "--language", "zh").out
    shown = listen("list").out
    assert "邓丽君 - 月亮代表我的心" in shown
    assert shown.index("like") < shown.index("play ")
    events = json.loads(listen("list", "--json", "--limit", "1").out)
    assert [(event["kind"], event["listener"]) for event in events] == [("like", "")]
    assert "2 events of 1 items" in listen("stats").out
    assert "听得最多" in listen("stats", "--language", "zh").out
    assert json.loads(listen("stats", "--json").out)["kinds"] == {"play": 1, "like": 1}
    assert "2 events" in listen("export", "mine.json").out
    assert len(json.loads((folder / "mine.json").read_text("utf-8"))["events"]) == 2


def test_a_trial_says_all_and_keeps_nothing(listen: Callable[..., Ran]) -> None:
    """--dry-run with --json tells what would be kept; the store stays empty."""
    facts = json.loads(listen("import", "plays.csv", "--dry-run", "--json").out)
    assert (facts["kept"], facts["dropped"], facts["dry_run"]) == (2, {"unreadable": 1}, True)
    assert "No events are held." in listen("stats").out


def test_erasing_asks_or_wants_a_yes(listen: Callable[..., Ran]) -> None:
    """Where nobody can be asked, erasing without --yes is refused; with it, nothing is left."""
    listen("import", "plays.csv")
    ran = listen("erase")
    assert ran.code == 2
    assert "--yes" in ran.err
    assert "2 events" in listen("stats").out
    assert "erased: 2 events" in listen("erase", "--yes").out
    assert "No events are held." in listen("stats").out


def test_pausing_keeps_nothing_until_it_is_resumed(listen: Callable[..., Ran]) -> None:
    """While paused an import is refused in one line; after resuming it works."""
    assert "paused" in listen("pause").out
    ran = listen("import", "plays.csv")
    assert (ran.code, len(ran.err.splitlines())) == (2, 1)
    assert "listen resume" in ran.err
    assert "paused" in listen("stats").out
    assert "已恢复" in listen("resume", "--language", "zh").out
    assert listen("import", "plays.csv").code == 0


def test_made_up_listening_says_that_it_is(listen: Callable[..., Ran]) -> None:
    """It says so when it is made, in the list and in the numbers, and goes away alone."""
    listen("import", "plays.csv")
    ran = listen("synthetic", "--listeners", "3", "--items", "9", "--events", "30")
    assert "All of this is made up" in ran.out
    assert "synthetic" in listen("list").out
    assert "of them made up" in listen("stats").out
    assert listen("erase", "--synthetic", "--yes").code == 0
    assert "2 events of 1 items" in listen("stats").out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["import", "missing.csv"], "missing.csv"),
        (["import", "plays.csv", "--format", "last.fm"], "did you mean 'lastfm'"),
        (["import", "plays.csv", "--format", "hetrec"], "folder"),
        (["import", "."], "artists.dat"),
        (["import", "plays.csv", "--account", "nobody"], "nobody"),
        (["export", "."], "folder"),
        (["export", "no/where.json"], "no/where.json"),
        (["erase", "--listener", "nobody", "--yes"], "nobody"),
        (["erase", "--listener", "x", "--synthetic"], "leave one out"),
        (["synthetic", "--listeners", "0"], "made-up listeners"),
        (["synthetic", "--pieces"], "compose"),
        (["list", "--limit", "0"], "limit"),
        (["stats", "--language", "fr"], "unknown language"),
    ],
    ids=lambda value: " ".join(value)[:40],
)
def test_what_cannot_be_done_is_one_line(listen: Callable[..., Ran], arguments: list[str], words: str) -> None:
    """Exit code 2, one sentence that names what is wrong, no traceback."""
    ran = listen(*arguments)
    assert ran.code == 2, ran
    assert len(ran.err.splitlines()) == 1, ran.err
    assert words in ran.err
    assert "Traceback" not in ran.err
