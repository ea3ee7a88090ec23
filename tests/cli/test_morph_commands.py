"""``yuefu morph``, ``yuefu map`` and attributes of ``yuefu vary``: files out, facts told in both languages."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.conftest import TUNE, Ran

pytestmark = pytest.mark.model
LONGER = TUNE + '"G"dBGB|"C"c2 e2|"D7"dcBA|"G"G4|\n'


@pytest.fixture
def tune(folder: Path) -> str:
    (folder / "tune.abc").write_text(LONGER, encoding="utf-8")
    return "tune.abc"


def test_a_morph_is_written_drawn_and_told(yuefu: Callable[..., Ran], tune: str) -> None:
    ran = yuefu("morph", f"{tune}:1-4", f"{tune}:5-8", "--steps", "4", "-o", "m.musicxml", "--picture", "m.png")
    assert ran.code == 0, ran.err
    assert "bars 1-4" in ran.out
    assert Path("m.png").read_bytes().startswith(b"\x89PNG")
    ran = yuefu("morph", tune, tune, "--language", "zh", "--alone", "--attribute", "更密=1", "-o", "m.mid")
    assert ran.code == 0, ran.err
    assert "小节" in ran.out
    told = json.loads(yuefu("morph", tune, tune, "--steps", "3", "-o", "m.mid", "--json").out)
    assert told["steps"] == 3
    assert told["key"] == "G major"
    assert told["files"] == ["m.mid"]


def test_a_folder_is_drawn_and_told(yuefu: Callable[..., Ran], tune: str, folder: Path) -> None:
    (folder / "songs").mkdir()
    for name in ("a", "b", "c"):
        (folder / "songs" / f"{name}.abc").write_text(LONGER, encoding="utf-8")
    ran = yuefu("map", "songs", "-o", "songs.png")
    assert ran.code == 0, ran.err
    assert Path("songs.png").read_bytes().startswith(b"\x89PNG")
    assert "6 points of 3 files" in ran.out
    assert "3 个文件" in yuefu("map", "songs", "--by", "piece", "--language", "zh").out
    assert len(json.loads(yuefu("map", "songs", "--json", "--way", "pca").out)["points"]) == 6


def test_attributes_are_asked_for_by_name(yuefu: Callable[..., Ran], tune: str) -> None:
    ran = yuefu("vary", tune, "--engine", "vae", "--amount", ".4", "--attribute", "busier=1", "--attribute",
                "higher=0.5", "--seed", "2", "-o", "v.mid", "--json")  # fmt: skip
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["engine"] == "vae"


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("vary", "tune.abc", "--engine", "vae", "--attribute", "busyer=1"), "did you mean 'busier'"),
        (("vary", "tune.abc", "--attribute", "busier=1"), "--engine vae"),
        (("morph", "tune.abc", "none.mid"), "none.mid"),
        (("morph", "tune.abc", "tune.abc", "--temperature", "5"), "0 (always the likeliest) to 2"),
        (("morph", "tune.abc", "tune.abc", "--seed", "-1"), "seed"),
        (("morph", "tune.abc", "tune.abc", "-o", "m.xyz"), "'.xyz'"),
        (("map", "tune.abc", "-o", "map.jpg"), "PNG"),
        (("map", "nowhere"), "nowhere"),
    ],
)
def test_mistakes_are_told_in_a_line(yuefu: Callable[..., Ran], tune: str, command: tuple[str, ...], told: str) -> None:
    ran = yuefu(*command)
    assert ran.code == 2
    assert told in ran.err
    assert len(ran.err.strip().splitlines()) == 1
