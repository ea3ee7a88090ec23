"""``yuefu evaluate``: what it lists, refuses, runs, writes and prints."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.conftest import Ran

from yuefu.evaluation.bootstrap import bootstrap
from yuefu.evaluation.table import Aim, Row, SuiteResult, Table
from yuefu.progress import Progress
from yuefu.workflows import evaluate as bench
from yuefu.workflows.evaluate import ABOUT, SUITES, SuiteContext


def counting(context: SuiteContext) -> SuiteResult:
    """A suite that says how many samples it was asked for."""
    context.progress(Progress("speed", 1, 1))
    size = context.size(100, 3)
    rows = (Row("yuefu", {"samples": size, "mean": bootstrap([1.0] * size)}),)
    return SuiteResult("", (Table("Counted", ("samples", "mean"), rows),), (Aim("three", str(size), size == 3),))


def stopped(context: SuiteContext) -> SuiteResult:
    """A suite that is stopped by the user."""
    raise KeyboardInterrupt


def of_corpus(context: SuiteContext) -> SuiteResult:
    """A suite that needs held-out works."""
    context.built_corpus()
    return counting(context)


@pytest.fixture
def suites(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bench of three small suites."""
    here = {"speed": "counting", "songs": "stopped", "chorales": "of_corpus"}
    monkeypatch.setattr(bench, "SUITES", {name: f"{__name__}:{function}" for name, function in here.items()})


def test_the_list_has_a_sentence_for_each_suite_in_both_languages(yuefu: Callable[..., Ran]) -> None:
    assert list(ABOUT) == list(SUITES)
    for language, place in (("en", 0), ("zh", 1)):
        ran = yuefu("evaluate", "--list", "--language", language)
        assert ran.code == 0
        assert [line.split()[0] for line in ran.out.splitlines()] == list(SUITES)
        assert all(about[place] in ran.out for about in ABOUT.values())
    told = json.loads(yuefu("evaluate", "speed", "--list", "--json").out)
    assert told == {"speed": ABOUT["speed"][0]}


@pytest.mark.usefixtures("suites")
def test_suites_are_printed_and_written_with_what_was_asked_for(yuefu: Callable[..., Ran], folder: Path) -> None:
    ran = yuefu("evaluate", "speed", "--out", "bench", "--quick")
    assert ran.code == 0
    assert "## speed" in ran.out
    assert "| yuefu | 3 |" in ran.out
    assert "three: 3 (**met**)" in ran.out
    assert (folder / "bench" / "bench.md").read_text("utf-8").startswith("## speed")
    ran = yuefu("evaluate", "speed", "--out", "bench", "--count", "7", "--json")
    (told,) = json.loads(ran.out)
    assert told["tables"][0]["rows"][0]["samples"] == 7
    assert told == json.loads((folder / "bench" / "speed.json").read_text("utf-8"))


@pytest.mark.usefixtures("suites")
def test_a_missing_folder_corpus_model_or_suite_is_one_sentence(yuefu: Callable[..., Ran], folder: Path) -> None:
    wrong = (
        (["speed"], "--out"),
        (["chorales", "--out", "bench"], "--corpus"),
        (["chorales", "--out", "bench", "--corpus", "nowhere"], "there is no corpus folder 'nowhere'"),
        (["sped", "--out", "bench"], "did you mean 'speed'? Known: chorales, songs, speed"),
        (["speed", "--out", "bench", "--model", "nowhere"], "isn't a model folder"),
        (["speed", "--out", "bench", "--count", "0"], "--count"),
    )
    for arguments, said in wrong:
        ran = yuefu("evaluate", *arguments)
        assert ran.code == 2
        assert said in ran.err
        assert len(ran.err.splitlines()) == 1
        assert ran.out == ""


@pytest.mark.usefixtures("suites")
def test_a_suite_that_cant_be_measured_doesnt_stop_the_others(yuefu: Callable[..., Ran], folder: Path) -> None:
    ran = yuefu("evaluate", "chorales", "speed", "--out", "bench", "--quick")
    assert ran.code == 2
    assert "chorales wasn't measured: this suite measures held-out pieces: give --corpus" in ran.err
    assert "| yuefu | 3 |" in ran.out
    written = (folder / "bench" / "bench.md").read_text("utf-8")
    assert "## speed" in written
    assert "## chorales\n\nNot measured: this suite measures held-out pieces" in written
    told = json.loads((folder / "bench" / "chorales.json").read_text("utf-8"))
    assert told["failed"].startswith("this suite measures held-out pieces")
    assert json.loads((folder / "bench" / "speed.json").read_text("utf-8"))["failed"] is None


@pytest.mark.usefixtures("suites")
def test_stopping_keeps_the_suites_that_are_done(yuefu: Callable[..., Ran], folder: Path) -> None:
    ran = yuefu("evaluate", "--out", "bench")
    assert ran.code == 130
    assert (folder / "bench" / "speed.md").is_file()
    assert not (folder / "bench" / "songs.md").exists()


@pytest.mark.usefixtures("suites")
def test_without_matplotlib_the_tables_come_with_a_note(
    yuefu: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yuefu.evaluation.plots.find_spec", lambda name: None)
    ran = yuefu("evaluate", "speed", "--out", "bench", "--quick")
    assert ran.code == 0
    assert ran.err == 'No plots: they need matplotlib; pip install "yuefu[train]".\n'
