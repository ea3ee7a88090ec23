"""A folder of one's own scores: what is used, what is left out and why, and that works stay whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.own_styles import folder_of_tunes, plain_tune

from yuefu.errors import InputError
from yuefu.score.abc_read import read_abc_book
from yuefu.training.own_pieces import file_items, folder_items, gather, halved, plain_title, split_works, spread


def test_pieces_are_read_and_split_by_work(tmp_path: Path) -> None:
    """Every part of the split has pieces, none is in two, and the same folder gives the same split."""
    folder = folder_of_tunes(tmp_path / "tunes", 12)
    once, again = gather(folder_items(folder)), gather(folder_items(folder))
    assert [each.split for each in once.sources] == [each.split for each in again.sources]
    assert all(once.counts.values())
    assert sum(once.counts.values()) == 12
    assert not once.skipped


def test_what_cannot_be_used_is_told(tmp_path: Path) -> None:
    """Damaged, empty and foreign files are left out with a reason, and what comes twice is counted."""
    folder = folder_of_tunes(tmp_path / "tunes", 8)
    (folder / "bad.mid").write_bytes(b"MThd nonsense")
    (folder / "empty.musicxml").write_bytes(b"")
    (folder / "notes.txt").write_text("no score")
    (folder / ".hidden.abc").write_text(plain_tune(99))
    (folder / "copy.abc").write_text((folder / "tune03.abc").read_text())
    (folder / "higher.abc").write_text((folder / "tune04.abc").read_text().replace("K:C", "K:C transpose=2"))
    found = gather(folder_items(folder))
    assert {name for name, _ in found.skipped} == {"bad.mid", "empty.musicxml"}
    assert all(reason for _, reason in found.skipped)
    assert found.duplicates == 2
    assert len(found.sources) == 8


def test_a_book_holds_a_piece_for_each_tune(tmp_path: Path) -> None:
    """An ABC book is read tune by tune, and a damaged tune costs no other."""
    text = "".join(plain_tune(number) + "\n" for number in range(1, 9))
    (tmp_path / "book.abc").write_text(text + "X:9\nT:Broken\nM:9999/0\nK:C\nCDE|\n")
    items = file_items(tmp_path / "book.abc", "book.abc")
    assert len(items) == 9
    assert items[2].name == "book.abc#3"
    found = gather(items)
    assert len(found.sources) == 8
    assert [name for name, _ in found.skipped] == ["book.abc#9"]


def test_versions_of_a_work_stay_together(tmp_path: Path) -> None:
    """Pieces of one title share a part of the split."""
    folder = folder_of_tunes(tmp_path / "tunes", 14)
    for number, version in ((20, 1), (21, 2)):
        text = plain_tune(number).splitlines()
        text[1] = f"T:The Long Road (version {version})"
        (folder / f"road{version}.abc").write_text("\n".join(text) + "\n")
    found = gather(folder_items(folder))
    roads = [each for each in found.sources if each.score.title.startswith("The Long Road")]
    assert len(roads) == 2
    assert len({each.split for each in roads}) == 1
    assert len({each.score.metadata["work"] for each in roads}) == 1


def test_too_few_pieces_are_refused(tmp_path: Path) -> None:
    """A folder without scores, or with too few, is told in one sentence that names the least number."""
    with pytest.raises(InputError, match="no folder"):
        folder_items(tmp_path / "nowhere")
    with pytest.raises(InputError, match="no scores"):
        folder_items(tmp_path)
    with pytest.raises(InputError, match="at least 6"):
        gather(folder_items(folder_of_tunes(tmp_path / "few", 3)))


def test_a_limit_takes_evenly(tmp_path: Path) -> None:
    """Some of many pieces come from the whole folder, not from its beginning."""
    items = folder_items(folder_of_tunes(tmp_path / "tunes", 10))
    assert [item.name for item in spread(items, 3)] == ["tune01.abc", "tune04.abc", "tune07.abc"]
    assert len(spread(items, None)) == 10


def test_titles_lose_what_tells_versions_apart() -> None:
    """Numbers, versions and settings aren't part of a work's title; a title that is only a number stays."""
    assert plain_title("Kyrie 73") == "kyrie"
    assert plain_title("The Rose [setting 2]") == "the rose"
    assert plain_title("7") == "7"


def test_long_bars_are_halved() -> None:
    """Four halves become two bars of two with the same notes; bars of three halves and shorter ones stay."""
    book = "X:1\nT:t\nM:{}\nL:1/4\nK:C\n{}|\n"
    long = read_abc_book(book.format("4/2", "C2D2E2F2|G2A2B2c2|c2B2A2G2|F2E2D2C2"))[0]
    short = halved(long)
    assert [(meter.numerator, meter.denominator) for meter in short.meters] == [(2, 2)]
    assert len(short.bars) == 2 * len(long.bars)
    assert (short.parts[0].notes == long.parts[0].notes).all()
    three = read_abc_book(book.format("3/2", "C2D2E2|G2A2B2"))[0]
    assert halved(three) is three


@pytest.mark.parametrize("count", [6, 9, 30])
def test_every_part_has_a_work(count: int) -> None:
    """From six works on each part has one at least, and most works train."""
    parts = split_works(list(range(count)), 1)
    assert set(parts) == {"train", "valid", "test"}
    assert parts.count("train") > count / 2
