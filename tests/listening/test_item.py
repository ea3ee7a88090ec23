"""Names of what is listened to: one form whatever the source writes, short enough to keep, and stable."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuefu.errors import InputError
from yuefu.listening.item import MAX_ID, fold, item_of, kind_of, music_of, piece_item


@given(st.text(max_size=400), st.text(max_size=400))
def test_any_names_give_an_item_that_can_be_kept(artist: str, title: str) -> None:
    """Whatever the names: at most 300 characters, no control characters or halves, of a known kind or nothing."""
    item = item_of(artist, title)
    assert len(item) <= MAX_ID
    item.encode()
    assert item == "" or kind_of(item) == ("track" if fold(title) else "artist")
    assert item_of(artist.upper().lower(), title) == item_of(artist.upper().lower(), title)


@given(st.text(max_size=60))
def test_folding_again_changes_nothing(text: str) -> None:
    """What is folded stays as it is."""
    assert fold(fold(text)) == fold(text)


def test_ways_of_writing_one_name_are_one_item() -> None:
    """Case, width, spaces, invisible marks and composed or decomposed letters make no difference; words do."""
    ways = ("Beyoncé", "BEYONCE\u0301", "ｂｅｙｏｎｃé", " beyoncé\u200b\n", "Beyonc\u00e9")
    assert {item_of(way) for way in ways} == {"artist:beyoncé"}
    assert item_of("邓丽君", "月亮") == "track:邓丽君 - 月亮"
    assert item_of("A B") != item_of("AB")


def test_long_names_stay_different() -> None:
    """Names that only differ after the cut are still two items, and each is always the same."""
    one, other = item_of("x" * 400, "a"), item_of("x" * 400, "b")
    assert one != other
    assert len(one) == len(other) == MAX_ID
    assert one == item_of("X" * 400, "A")


def test_music_keeps_the_writing_and_needs_a_name() -> None:
    """The title and artist stay as written; nothing at all is refused; a piece's item names the piece."""
    music = music_of("Nina  Simone", "Feeling Good", ("jazz",), seconds=174.0)
    assert (music.id, music.kind, music.title, music.creator, music.tags, music.seconds) == (
        "track:nina simone - feeling good", "track", "Feeling Good", "Nina Simone", ("jazz",), 174.0,
    )  # fmt: skip
    with pytest.raises(InputError, match="say what"):
        music_of(" \u200b ", "")
    assert kind_of(piece_item("x")) == "piece"
