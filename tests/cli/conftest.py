"""Running the command inside the test process, in an empty folder."""

from __future__ import annotations

import io
import logging
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from yuefu.cli.main import run

TUNE = """X:1
T:Spring 春天
M:4/4
L:1/4
Q:1/4=100
K:G
"G"GABc|"D"d2 ef|"Em"gfed|"G"G4|
"""


class Ran(NamedTuple):
    """What a command line gave: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    place = tmp_path / "here"
    place.mkdir()
    monkeypatch.chdir(place)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return place


@pytest.fixture
def yuefu(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Ran]]:
    """Run a command line: ``yuefu("compose", "a song", stdin=b"...")``."""

    def call(*arguments: str, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capsys.readouterr()
        code = run(arguments)
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    with warnings.catch_warnings():
        yield call
    logging.disable(logging.NOTSET)


@pytest.fixture
def tune(folder: Path) -> Path:
    """A short tune as ABC."""
    path = folder / "tune.abc"
    path.write_text(TUNE, "utf-8")
    return path
