"""A folder's phrases on a plane: every phrase a point, alike ones near, what can't be mapped told."""

import pytest
from tests.workflows.test_morph import ONE, OTHER, song

from yuefu.errors import InputError, UnknownNameError
from yuefu.score.files import write_score
from yuefu.workflows.phrase_map import map_folder, phrases_of

pytestmark = pytest.mark.model


@pytest.fixture
def folder(tmp_path):
    for name, line, bars in (("one", ONE, 8), ("copy", ONE, 8), ("other", [50 + p // 3 for p in OTHER], 12)):
        write_score(song(line, bars=bars), tmp_path / f"{name}.mid")
    (tmp_path / "broken.mid").write_bytes(b"MThd nothing")
    (tmp_path / "notes.txt").write_text("not music")
    return tmp_path


def test_every_phrase_is_a_point_and_a_copy_is_its_nearest_neighbour(folder):
    found = map_folder(folder)
    assert len(found.points) == 7
    assert list(found.left_out) == ["broken.mid"]
    assert all(-1 <= value <= 1 for point in found.points for value in (point.x, point.y))
    first = next(point for point in found.points if point.label == "one.mid:1-4")
    assert first.near[0] == ("copy.mid:1-4", pytest.approx(0, abs=1e-3))
    assert all(label.split(":")[0] != point.file for point in found.points for label, _ in point.near)
    plain = found.to_dict()
    assert plain["points"][0]["bars"] == [1, 4]
    assert found.picture().startswith(b"\x89PNG")


def test_by_piece_there_is_a_point_a_file(folder):
    found = map_folder(folder, by="piece", way="pca")
    assert sorted(point.label for point in found.points) == ["copy.mid", "one.mid", "other.mid"]
    assert found.picture("zh").startswith(b"\x89PNG")


def test_subfolders_are_the_groups(folder):
    (folder / "b").mkdir()
    write_score(song(OTHER), folder / "b" / "more.mid")
    assert {point.group for point in map_folder(folder).points} == {".", "b"}


def test_phrases_are_cut_where_they_are_whole():
    assert [bars for bars, _ in phrases_of(song(ONE, bars=11), "melody")] == [(1, 4), (5, 8)]


def test_what_cannot_be_mapped_is_said_in_a_sentence(folder, tmp_path_factory):
    empty = tmp_path_factory.mktemp("empty")
    with pytest.raises(InputError, match="holds no scores"):
        map_folder(empty)
    with pytest.raises(InputError, match="no folder"):
        map_folder(empty / "nowhere")
    write_score(song(ONE, bars=4), empty / "one.mid")
    with pytest.raises(InputError, match="needs three"):
        map_folder(empty)
    with pytest.raises(UnknownNameError):
        map_folder(folder, row="keys")
    with pytest.raises(UnknownNameError):
        map_folder(folder, way="umap")
