"""features, compare-audio, clean and augment: each does its job, in both languages, and explains itself."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import typer
from tests.cli.conftest import Ran

from yuefu.cli.main import app

SR = 22050
COMMANDS = ("features", "compare-audio", "clean", "augment")


@pytest.fixture
def sound(folder: Path) -> Path:
    """Four seconds of chords."""
    from yuefu.audio.features.example import example_signal
    from yuefu.audio.files import write_audio

    signal = example_signal(SR)
    write_audio(folder / "chords.wav", np.stack([signal, signal], axis=1), SR)
    return Path("chords.wav")


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_shows_examples_with_options_that_exist(yuefu: Callable[..., Ran], name: str) -> None:
    """Every option in a command's examples is one of its own, and it stands in the list of commands."""
    command = typer.main.get_command(app).commands[name]  # type: ignore[attr-defined]
    own = {option for param in command.params for option in param.opts}
    shown = yuefu(name, "--help").out.partition("Examples:")[2]
    assert f"yuefu {name} " in shown
    assert set(re.findall(r"(?<= )--?[a-z-]+", shown)) <= own
    assert re.search(rf"^  {name}\b", yuefu("--help").out, re.MULTILINE)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_document_names_every_option(name: str) -> None:
    """docs/features.md mentions each command and each of its options."""
    text = (Path(__file__).parents[2] / "docs/features.md").read_text("utf-8")
    command = typer.main.get_command(app).commands[name]  # type: ignore[attr-defined]
    assert f"yuefu {name}" in text
    for param in command.params:
        for option in param.opts:
            assert not option.startswith("--") or option in ("--help", "--out", "--language") or option in text, option


def test_features_are_told_in_words_and_as_json(yuefu: Callable[..., Ran], sound: Path, tune: Path) -> None:
    """Sounds and scores are measured; words come in both languages; a table is written beside."""
    assert "beats a minute" in yuefu("features", "chords.wav").out
    assert "每分钟" in yuefu("features", "chords.wav", "--language", "zh").out
    told = json.loads(yuefu("features", "chords.wav", "--json", "-o", "x.npz").out)
    assert told["kind"] == "sound"
    assert Path("x.npz").is_file()
    assert json.loads(yuefu("features", tune.name, "--json").out)["kind"] == "score"


def test_a_recording_is_cleaned_and_compared(yuefu: Callable[..., Ran], sound: Path) -> None:
    """The file is named first, then what it was like before and after; beside the source its shift and SNR are told."""
    ran = yuefu("clean", "chords.wav", "-o", "out.flac", "--denoise", "--trim", "--loudness", "-28")
    assert ran.code == 0
    assert ran.out.splitlines()[0] == "out.flac"
    assert "-28.0 LUFS" in ran.out
    assert "响度" in yuefu("clean", "chords.wav", "-o", "out.flac", "--trim", "--language", "zh").out
    assert "SNR" in yuefu("compare-audio", "chords.wav", "out.flac").out
    assert json.loads(yuefu("compare-audio", "chords.wav", "chords.wav", "--json").out)["measures"]["mse"] == 0


def test_copies_are_made_and_named(yuefu: Callable[..., Ran], sound: Path, tune: Path) -> None:
    """As many files as were asked for, and the list of changes."""
    ran = yuefu("augment", tune.name, "-o", "copies", "--copies", "3", "--seed", "5", "--changes", "tempo，transpose")
    assert ran.code == 0
    assert [line.strip() for line in ran.out.splitlines()] == [f"copies/tune-0{n}.abc" for n in (1, 2, 3)]
    assert Path("copies/changes.json").is_file()
    assert yuefu("augment", "chords.wav", "-o", "noisy", "--noise", "12", "--colour", "pink").code == 0


@pytest.mark.parametrize(
    "line",
    [
        ["features", "missing.wav"], ["features", "tune.abc", "-o", "x.doc"], ["clean", "chords.wav", "-o", "x.wav"],
        ["clean", "chords.wav", "-o", "x.wav", "--denoise", "--method", "magic"],
        ["clean", "chords.wav", "-o", "x.wav", "--loudness", "3"], ["compare-audio", "chords.wav", "tune.abc"],
        ["augment", "chords.wav", "-o", "x", "--changes", "colors"], ["augment", "tune.abc", "-o", "x", "--noise", "3"],
        ["augment", "tune.abc", "-o", "x", "--copies", "0"],
    ],
)  # fmt: skip
def test_bad_input_gets_one_sentence(yuefu: Callable[..., Ran], sound: Path, tune: Path, line: list[str]) -> None:
    """Exit code 2, one line, no new file."""
    before = set(Path().iterdir())
    ran = yuefu(*line)
    assert (ran.code, ran.out) == (2, "")
    assert len(ran.err.splitlines()) == 1
    assert set(Path().iterdir()) == before
