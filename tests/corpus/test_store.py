"""What is stored comes back, and files are whole or absent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.corpus.tunes import song, tune

from yuefu.corpus.store import iter_scores, set_names, set_path, to_line, write_bytes, write_lines
from yuefu.errors import FormatError, InputError, OutputError
from yuefu.score.model import Score
from yuefu.score.serial import score_to_dict


def stored(folder: Path, name: str, scores: list[Score]) -> None:
    write_lines(set_path(folder, name), map(to_line, scores))


def labelled(score: Score, split: str, title: str) -> Score:
    return replace(score, title=title, metadata={"split": split})


def test_pieces_come_back_as_they_were(tmp_path: Path) -> None:
    scores = [labelled(tune(1), "train", "一"), labelled(song(2), "valid", "zwei")]
    stored(tmp_path, "demo", scores)
    assert [score_to_dict(s) for s in iter_scores(tmp_path)] == [score_to_dict(s) for s in scores]


def test_a_split_and_sets_can_be_chosen(tmp_path: Path) -> None:
    stored(tmp_path, "a", [labelled(tune(1), "train", "one"), labelled(tune(2), "test", "two")])
    stored(tmp_path, "b", [labelled(tune(3), "train", "three")])
    write_lines(tmp_path / "words.texts.jsonl.gz", ["{}"])
    assert set_names(tmp_path) == ["a", "b"]
    assert [s.title for s in iter_scores(tmp_path, split="train")] == ["one", "three"]
    assert [s.title for s in iter_scores(tmp_path, sets=["b"])] == ["three"]
    with pytest.raises(InputError, match="has no set 'c'"):
        list(iter_scores(tmp_path, sets=["c"]))


def test_a_title_that_speaks_of_a_split_changes_nothing(tmp_path: Path) -> None:
    stored(tmp_path, "a", [labelled(tune(1), "train", '"split":"test"')])
    assert list(iter_scores(tmp_path, split="test")) == []


def test_the_same_pieces_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        stored(tmp_path, name, [labelled(tune(1), "train", "t")])
    assert set_path(tmp_path, "one").read_bytes() == set_path(tmp_path, "two").read_bytes()


def test_a_damaged_file_is_one_sentence(tmp_path: Path) -> None:
    stored(tmp_path, "a", [labelled(tune(i), "train", "t") for i in range(5)])
    path = set_path(tmp_path, "a")
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(FormatError, match="is damaged"):
        list(iter_scores(tmp_path))


def test_a_folder_that_is_a_file_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="can't be"):
        write_bytes(tmp_path / "file" / "a.json", b"x")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
