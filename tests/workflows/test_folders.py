"""A folder is filled whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuefu.errors import OutputError
from yuefu.workflows.folders import slug, staged_folder, unused_folder


@given(st.text(max_size=200))
def test_a_slug_is_one_safe_name_whatever_the_title(title: str) -> None:
    name = slug(title)
    assert 0 < len(name) <= 60
    assert Path(name).name == name
    assert name not in (".", "..")
    assert not set(name) & set('/\\:*?"<>| \t\n\0')


def test_files_arrive_together_and_others_stay(tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_text("old")
    (tmp_path / "song.mid").write_text("before")
    with staged_folder(tmp_path) as stage:
        (stage / "song.mid").write_text("after")
        assert (tmp_path / "song.mid").read_text() == "before"
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"old.txt": "old", "song.mid": "after"}


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_failure_leaves_no_file_and_no_new_folder(tmp_path: Path, error: type[BaseException]) -> None:
    def fill() -> None:
        with staged_folder(tmp_path / "new" / "deep") as stage:
            (stage / "song.mid").write_text("half")
            raise error

    with pytest.raises(error):
        fill()
    assert list(tmp_path.iterdir()) == []


def test_a_failure_keeps_a_folder_that_was_there(tmp_path: Path) -> None:
    place = tmp_path / "mine"
    place.mkdir()

    def fill() -> None:
        with staged_folder(place) as stage:
            (stage / "song.mid").write_text("half")
            raise ValueError

    with pytest.raises(ValueError):
        fill()
    assert list(place.iterdir()) == []


def test_a_file_in_place_of_the_folder_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(OutputError, match="file of that name"), staged_folder(tmp_path / "taken"):
        pytest.fail("the block must not run")
    assert (tmp_path / "taken").read_text() == "mine"


def test_a_used_name_gets_a_number(tmp_path: Path) -> None:
    assert unused_folder(tmp_path, "Spring!") == tmp_path / "spring"
    (tmp_path / "spring").mkdir()
    assert unused_folder(tmp_path, "Spring!") == tmp_path / "spring"
    (tmp_path / "spring" / "song.mid").write_text("x")
    (tmp_path / "spring-2").write_text("a file")
    assert unused_folder(tmp_path, "Spring!") == tmp_path / "spring-3"
