"""Training from a built corpus: it runs, goes on, draws its curves, and refuses what it can't use."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.corpus.tunes import song

from yuefu.cli.main import run
from yuefu.corpus.store import set_path, to_line, write_lines
from yuefu.errors import InputError
from yuefu.training.curves import curves_png, read_log

CONFIG = """
steps = 2
evaluate_every = 2
held_out_samples = 2
[model]
width = 32
layers = 1
heads = 2
inner = 64
context = 1024
[data]
batch_tokens = 600
[data.weights]
toy = 1.0
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with settings and a small corpus."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.toml").write_text(CONFIG)
    facts = {"set": "toy", "style": "pop", "licence": "CC0-1.0", "source": "made up"}
    pieces = [
        replace(song(seed), metadata={**facts, "work": str(seed), "split": "valid" if seed % 3 == 0 else "train"})
        for seed in range(9)
    ]
    write_lines(set_path(tmp_path / "corpus", "toy"), [to_line(piece) for piece in pieces])
    return tmp_path


@pytest.mark.train
def test_a_run_trains_goes_on_and_draws_its_curves(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["train", "tiny.toml", "--data", "corpus", "--run", "runs/tiny"]) == 0
    assert "step 2  held out" in capsys.readouterr().out
    folder = place / "runs" / "tiny"
    assert {"best.pt", "checkpoint.pt", "log.jsonl", "curves.png"} <= {path.name for path in folder.iterdir()}
    assert (folder / "curves.png").read_bytes().startswith(b"\x89PNG")
    assert run(["train", "tiny.toml", "--data", "corpus", "--run", "runs/tiny", "--steps", "4"]) == 0
    assert "step 4  held out" in capsys.readouterr().out
    assert [row["step"] for row in read_log(folder / "log.jsonl")] == [2, 4]


@pytest.mark.train
def test_a_device_that_is_not_there_is_refused_in_one_line(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["train", "tiny.toml", "--data", "corpus", "--run", "r", "--device", "abacus"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_settings_and_corpora_that_cannot_be_used_are_refused(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "wrong.toml").write_text(CONFIG.replace("steps = 2", 'steps = "many"'))
    wrong = (["missing.toml", "--data", "corpus"], ["wrong.toml", "--data", "corpus"], ["tiny.toml", "--data", "no"])
    for arguments in wrong:
        assert run(["train", *arguments, "--run", "r"]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1
    assert not (place / "r").exists()


def test_a_log_that_was_cut_off_is_read_up_to_there(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    with pytest.raises(InputError, match="train first"):
        read_log(log)
    log.write_text('{"step": 1, "loss": 2.0}\n{"step": 2, "lo')
    assert read_log(log) == [{"step": 1, "loss": 2.0}]
    log.write_text("")
    with pytest.raises(InputError, match="no evaluations"):
        curves_png(log)
