"""The commands that change a score: files out, the guess shown, one sentence for what can't be done."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.conftest import TUNE, Ran

pytestmark = pytest.mark.model


@pytest.fixture
def tune(folder: Path) -> str:
    (folder / "tune.abc").write_text(TUNE, encoding="utf-8")
    return "tune.abc"


@pytest.mark.parametrize(
    "command", [("bassline",), ("drums", "rock"), ("continue", "--bars", "2"), ("infill", "--bars", "2-3"),
                ("harmonize", "--style", "plain"), ("fill", "--rows", "melody", "--bars", "2"),
        ("arrange", "--instruments", "piano solo"), ("vary",), ("reharmonize",)],
)  # fmt: skip
def test_each_command_writes_a_score_that_can_be_read(
    yuefu: Callable[..., Ran], tune: str, command: tuple[str, ...]
) -> None:
    import yuefu as api

    ran = yuefu(command[0], tune, *command[1:], "--seed", "1", "--candidates", "1", "-o", "out.musicxml", "--json")
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["files"] == ["out.musicxml"]
    assert api.read_score("out.musicxml").note_count > 0


def test_the_guess_is_printed_and_can_be_corrected(yuefu: Callable[..., Ran], tune: str) -> None:
    ran = yuefu("bassline", tune, "--roles", "1=counter", "-o", "o.mid", "--language", "zh")
    assert "counter" in ran.out
    assert "各声部" in ran.out


@pytest.mark.parametrize("arguments", [
    ("--rows", "melody", "--bars", "50-60"), ("--rows", "tuba"), ("--roles", "9=bass"), ("--rows", ",")
])  # fmt: skip
def test_bad_input_is_one_sentence_and_exit_code_2(
    yuefu: Callable[..., Ran], tune: str, folder: Path, arguments: tuple[str, ...]
) -> None:
    ran = yuefu("fill", tune, *arguments, "-o", "o.mid")
    assert ran.code == 2
    assert len(ran.err.strip().splitlines()) == 1
    assert not (folder / "o.mid").exists()
