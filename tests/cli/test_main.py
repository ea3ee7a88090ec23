"""The one place that turns errors into a line and an exit code, and what the command promises as a whole."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields
from importlib import metadata
from pathlib import Path

import pytest
import typer
from tests.cli.conftest import Ran

import yuefu as package
from yuefu.cli.main import app

ROOT = Path(__file__).parents[2]


def start(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "yuefu", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def options_of(name: str) -> set[str]:
    """The long options of a command."""
    command = typer.main.get_command(app).commands[name]  # type: ignore[attr-defined]
    return {option for param in command.params for option in param.opts if option.startswith("--")}


def test_help_answers_in_less_than_half_a_second_of_work() -> None:
    # CPU time rather than the clock, so that a busy machine doesn't fail the test.
    best = 10.0
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert start("--help").returncode == 0
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert best < 0.5


def test_help_loads_none_of_the_heavy_libraries() -> None:
    code = (
        "import sys; from yuefu.cli.main import run; run(['--help']); "
        "heavy = {'numpy', 'scipy', 'rich', 'pydantic', 'torch', 'verovio', 'pygame', 'jieba', 'lxml', 'soundfile'}; "
        "print('heavy:', sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "heavy: []"


def test_help_names_every_command_under_a_heading(yuefu: Callable[..., Ran]) -> None:
    ran = yuefu("--help")
    assert ran.code == 0
    for name in (
        "compose",
        "replay",
        "styles",
        "instruments",
        "analyze",
        "convert",
        "render",
        "play",
        "train",
        "evaluate",
        "corpus",
    ):
        assert re.search(rf"^  {name}\b", ran.out, re.MULTILINE)
    assert "Scores and sound:" in ran.out


@pytest.mark.parametrize(
    "name", ["compose", "replay", "styles", "instruments", "analyze", "convert", "render", "play", "train", "evaluate"]
)
def test_the_help_of_each_command_has_an_example_that_uses_only_its_options(
    yuefu: Callable[..., Ran], name: str
) -> None:
    ran = yuefu(name, "--help")
    assert ran.code == 0
    shown = ran.out[ran.out.index("Examples:") :]
    assert f"yuefu {name}" in shown
    own = "\n".join(line for line in shown.replace("\\\n", " ").splitlines() if f"yuefu {name} " in line)
    assert set(re.findall(r"--[a-z-]+", own)) <= options_of(name)


def test_everything_that_a_brief_can_hold_can_be_said_on_the_command_line() -> None:
    from yuefu.text.brief import BriefOptions

    assert {f"--{field.name}" for field in fields(BriefOptions)} <= options_of("compose")


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_readme_uses_only_commands_and_options_that_exist(name: str) -> None:
    text = (ROOT / name).read_text("utf-8").replace("\\\n", " ")
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    used = re.findall(r"^(?:.*&& )?yuefu ([a-z]+)([^\n#]*)", text, re.MULTILINE)
    assert {"compose", "replay", "analyze", "convert", "render", "play"} <= {command for command, _ in used}
    for command, rest in used:
        assert command in commands
        if not hasattr(commands[command], "commands"):
            assert set(re.findall(r"--[a-z-]+", rest)) <= options_of(command)


def test_both_readmes_give_the_same_two_first_commands() -> None:
    english, chinese = ((ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh-CN.md"))
    for mark in ("<!-- main-job -->", "<!-- tests -->"):
        assert english.count(f"\n{mark}\n```sh\n") == 1
        command = english.split(f"{mark}\n```sh\n")[1].split("\n```")[0]
        assert command in chinese


def test_version_is_the_package_version(yuefu: Callable[..., Ran]) -> None:
    assert yuefu("--version").out == f"yuefu {package.__version__}\n"
    assert metadata.version("yuefu") == package.__version__


def test_every_public_name_of_the_package_is_there() -> None:
    for name in package.__all__:
        assert getattr(package, name) is not None
    assert set(package.__all__) <= set(dir(package))
    with pytest.raises(AttributeError, match="nothing_such"):
        package.nothing_such  # noqa: B018


def test_nothing_said_shows_help(yuefu: Callable[..., Ran]) -> None:
    ran = yuefu()
    assert ran.code == 0
    assert "Usage: yuefu" in ran.out
    assert ran.err == ""


def test_a_fault_of_ours_is_one_line_and_exit_code_1(
    yuefu: Callable[..., Ran], tune: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("oops\nsecond line")

    monkeypatch.setattr("yuefu.workflows.analysis.analyze_file", fail)
    ran = yuefu("analyze", str(tune))
    assert ran.code == 1
    assert ran.err.splitlines() == [ran.err.strip()]
    assert "ZeroDivisionError" in ran.err
    assert "--debug" in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("place", [0, 1, 2])
def test_debug_shows_the_traceback_wherever_it_stands(yuefu: Callable[..., Ran], place: int) -> None:
    words = ["styles", "pob"]
    words.insert(place, "--debug")
    ran = yuefu(*words)
    assert ran.code == 2
    assert "Traceback" in ran.err
    assert "unknown style" in ran.err.splitlines()[-1]


def test_ctrl_c_ends_with_130_and_says_nothing(
    yuefu: Callable[..., Ran], tune: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("yuefu.workflows.analysis.analyze_file", stop)
    assert yuefu("analyze", str(tune)) == (130, "", "")


def test_a_reader_that_goes_away_is_no_fault() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "yuefu", "instruments", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""


def test_a_terminal_without_chinese_still_gets_an_answer() -> None:
    done = start("instruments", "erhu", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert "erhu" in done.stdout


def test_the_same_command_runs_as_a_module() -> None:
    assert start("--version").stdout == f"yuefu {package.__version__}\n"
