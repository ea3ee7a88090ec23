"""Playlists for a sentence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from listening_library import Library, event, fill

from yuefu.errors import InputError, NotFoundError, UnknownNameError
from yuefu.store.store import Store
from yuefu.workflows import playlists
from yuefu.workflows.recommending import Desk

CALM = {"Still Lake", "Grey Window", "Lamp and Book", "Slow Snow", "Night Desk"}


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    store = Store.open(tmp_path / "data")
    yield fill(store, store.accounts.local().id)
    store.close()


@pytest.fixture
def desk(library: Library) -> Desk:
    return Desk(library.store, patience=None)


@pytest.mark.parametrize(("words", "language"), [("雨天读书", "zh"), ("reading on a rainy day", "en")])
def test_fits_the_words(library: Library, desk: Desk, words: str, language: str) -> None:
    """A list for reading holds calm pieces only, no piece twice, and is as long as asked, or half a piece off."""
    made = playlists.make(desk, library.me, words, 6, language=language)
    titles = [item.title for item in made.items]
    assert set(titles) <= CALM
    assert len(set(titles)) == len(titles)
    assert made.minutes == pytest.approx(6, abs=1.2)
    assert made.missing_minutes == 0
    assert made.items[1].start == pytest.approx(made.items[0].seconds, abs=0.1)


def test_says_what_is_missing(library: Library, desk: Desk) -> None:
    """Too small a library gives all that fits, and says in both languages how many minutes are missing."""
    made = playlists.make(desk, library.me, "雨天读书", 60, language="zh")
    assert made.missing_minutes == pytest.approx(60 - made.minutes, abs=0.02)
    assert f"{round(made.missing_minutes)} 分钟" in made.notes[0]
    assert "missing" in playlists.make(desk, library.me, "quiet reading", 60).notes[0]


def test_empty_library(tmp_path: Path) -> None:
    """Without any piece all minutes are missing."""
    store = Store.open(tmp_path / "empty")
    made = playlists.make(Desk(store), store.accounts.local().id, "rain", 10)
    assert (made.items, made.missing_minutes) == ([], 10)
    store.close()


def test_smoother_than_chance(library: Library, desk: Desk) -> None:
    """The order is smoother than random orders of the same pieces."""
    made = playlists.make(desk, library.me, "", 15)
    assert len(made.items) >= 5
    assert made.smoothness > made.random_smoothness


def test_same_seed_same_list(library: Library, desk: Desk) -> None:
    """The same words, minutes and seed give the same list."""
    one, other = (playlists.make(desk, library.me, "calm", 5, seed=4).to_dict() for _ in range(2))
    assert one == other


def test_more_like_less_of(library: Library, desk: Desk) -> None:
    """Near to a run piece and far from a calm one the list is of the run kind; the unwanted piece isn't in it."""
    made = playlists.make(desk, library.me, "", 4, like=["city run"], unlike=["Still Lake"])
    titles = {item.title for item in made.items}
    assert "Still Lake" not in titles
    assert titles & {"City Run", "Sprint", "Swing Hall"}
    assert len(titles & CALM) <= 1
    with pytest.raises(NotFoundError):
        playlists.make(desk, library.me, "", 4, like=["no such piece"])


def test_kept_and_steered(library: Library, desk: Desk) -> None:
    """A kept list can be asked for less of what is like one of its pieces, and remembers that."""
    made = playlists.make(desk, library.me, "", 8)
    kept = playlists.save(desk, library.me, made)
    assert kept.items == tuple(item.item for item in made.items)
    unwanted = made.items[0].item
    playlists.more_of(desk, library.me, kept.id, unwanted, False)
    again = library.store.playlists.get(library.me, kept.id)
    assert unwanted not in again.items
    assert again.facts["unlike"] == [unwanted]


def test_files(library: Library, desk: Desk, tmp_path: Path) -> None:
    """A folder holds the pieces in order as MIDI, a list that names each of them, and all of it as JSON."""
    made = playlists.make(desk, library.me, "calm reading", 4)
    files = playlists.write_files(desk, library.me, made, tmp_path / "out")
    lines = (tmp_path / "out" / "playlist.m3u8").read_text("utf-8").splitlines()
    assert lines[0] == "#EXTM3U"
    named = [line for line in lines if not line.startswith("#")]
    assert len(named) == len(made.items)
    assert all((tmp_path / "out" / name).read_bytes()[:4] == b"MThd" for name in named)
    assert json.loads((tmp_path / "out" / "playlist.json").read_text("utf-8"))["title"] == made.title
    assert len(files) == len(named) + 2
    with pytest.raises(UnknownNameError):
        playlists.write_files(desk, library.me, made, tmp_path / "out", ["docx"])


def test_a_title_cannot_break_the_list(library: Library, desk: Desk) -> None:
    """A title with a line break stays on its line of the M3U8 file."""
    from dataclasses import replace

    made = playlists.make(desk, library.me, "calm", 4)
    made = replace(made, items=[replace(made.items[0], title="a\n#EXTINF:1\nhttp://evil")])
    assert len(playlists.m3u8(made, ["x.mid"]).splitlines()) == 4


def test_minutes_that_cannot_be(library: Library, desk: Desk) -> None:
    """Nothing shorter than a minute or longer than ten hours."""
    for minutes in (0, -1, 601, float("nan")):
        with pytest.raises(InputError):
            playlists.make(desk, library.me, "", minutes)


def test_others_pieces_stay_theirs(library: Library, desk: Desk) -> None:
    """The document of somebody else's piece can't be had by its name unless it is shared."""
    ada = library.store.accounts.create("ada", "a long password").id
    theirs = fill(library.store, ada, (("Hidden", "calm", "ambient", 60, 0, "major", 2.0, 60, 30),)).ids["Hidden"]
    Desk(library.store, patience=None).candidates(ada)
    with pytest.raises(NotFoundError):
        playlists.document_of_item(desk, library.me, theirs)
    library.store.pieces.share(ada, theirs.removeprefix("piece:"))
    assert playlists.document_of_item(desk, library.me, theirs).score.title == "Hidden"


def test_dislikes_stay_out(library: Library, desk: Desk) -> None:
    """What is disliked is in no list."""
    library.store.listening.add(library.me, [event(library.me, library.ids["Still Lake"], "dislike")])
    assert "Still Lake" not in {item.title for item in playlists.make(desk, library.me, "calm reading", 30).items}
