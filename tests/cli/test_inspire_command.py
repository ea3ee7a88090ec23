"""``yuefu inspire``: cards from files, words and nothing, on the terminal, as JSON and as files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.conftest import Ran
from tests.inspire.songs import song

from yuefu.score.files import read_score, write_score


@pytest.fixture
def songs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the song, and no library."""
    monkeypatch.setenv("XDG_DATA_HOME", str(folder / "data"))
    (folder / "songs").mkdir()
    write_score(song(), folder / "songs" / "song.mid")
    return folder


def test_cards_are_found_in_files(songs: Path, yuefu: Callable[..., Ran]) -> None:
    """Numerals find the loop; the card says its bars and that nobody knows whose it is."""
    ran = yuefu("inspire", "songs", "--roman", "I V vi IV", "--kind", "progression", "-n", "2")
    assert ran.code == 0, ran.err
    assert "I V vi IV" in ran.out
    assert "Bars 1-4" in ran.out
    assert "ask before you publish" in ran.out


def test_json_is_json_and_nothing_else(songs: Path, yuefu: Callable[..., Ran]) -> None:
    """Every way of asking at once gives cards with their scores and reasons, in either language."""
    ran = yuefu(
        "inspire", "songs", "--draw", "0 .5 1 .4", "--notes", "67 69 72 71", "--roman", "I V", "--rhythm", "x..x..x.",
        "--mood", "0.5,0.2", "--json", "--language", "zh",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    told = json.loads(ran.out)
    assert told["cards"]
    assert told["fresh"] is False
    assert all(0 <= made["score"] <= 1 and made["why"].endswith("。") for made in told["cards"])


def test_turned_and_combined_cards_are_written_as_midi(songs: Path, yuefu: Callable[..., Ran]) -> None:
    """A combination of two cards, upside down, lies in the folder as MIDI beside a picture."""
    ran = yuefu(
        "inspire", "songs", "--kind", "hook,progression,groove", "-n", "6", "--combine",
        "rhythm=songs/song.mid chords=songs/song.mid mood=calm", "--turn", "retrograde", "--out", "ideas",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    score = read_score(songs / "ideas" / "01-hook.mid")
    assert score.note_count > 3
    assert (songs / "ideas" / "ideas.png").read_bytes().startswith(b"\x89PNG")


def test_words_for_songs_need_no_library(songs: Path, yuefu: Callable[..., Ran]) -> None:
    """Titles and lyrics come from the words alone, in the language of the words, the same with the same seed."""
    ran = yuefu("inspire", "雨夜", "--kind", "lyric,title", "-n", "4", "--json", "--seed", "3")
    assert ran.code == 0, ran.err
    texts = [made["text"] for made in json.loads(ran.out)["cards"]]
    assert len(texts) == 4
    assert all(any("\u4e00" <= char <= "\u9fff" for char in text) for text in texts)
    assert ran.out == yuefu("inspire", "雨夜", "--kind", "lyric,title", "-n", "4", "--json", "--seed", "3").out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere.mid",), "no file"), (("songs", "--kind", "solo"), "solo"), (("songs", "-n", "0"), "cards"),
        (("songs", "--draw", "up"), "drawing"), (("songs", "--roman", "I banana"), "banana"),
        (("songs", "--rhythm", "hello"), "rhythm"), (("songs", "--turn", "shuffle"), "shuffle"),
        (("songs", "--combine", "rhythm=99"), "99"), (("songs", "--combine", "nothing"), "combine"),
        (("songs", "--pick", "77"), "77"), (("songs", "--compose", "a song"), "--out"), (("songs", "--like", "x"), "x"),
        (("songs", "--seed", "-1"), "seed"), (("songs", "--data", "nowhere"), "nowhere"),
    ],
)  # fmt: skip
def test_faults_are_one_line(songs: Path, yuefu: Callable[..., Ran], arguments: tuple[str, ...], said: str) -> None:
    """What can't be asked ends with code 2 and a line that names it."""
    ran = yuefu("inspire", *arguments)
    assert ran.code == 2, ran.out + ran.err
    assert said in ran.err
    assert ran.err.count("\n") == 1


@pytest.mark.model
def test_a_piece_begins_with_cards(songs: Path, yuefu: Callable[..., Ran]) -> None:
    """The groove and the hook stand in the piece, and the report says so; the MIDI files of the cards lie beside it."""
    ran = yuefu(
        "inspire", "songs", "--kind", "hook,groove", "-n", "2", "--compose", "a short song, 16 bars", "--out", "piece",
        "--json",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    told = json.loads(ran.out)
    assert told["report"]["ideas"]
    assert all(idea["kept"] == 1.0 for idea in told["report"]["ideas"])
    assert (songs / "piece" / "song.mid").exists()


@pytest.mark.model
def test_nothing_to_look_in_is_said(songs: Path, yuefu: Callable[..., Ran]) -> None:
    """Without files and library the cards are written afresh, and say so."""
    ran = yuefu("inspire", "a", "hopeful", "hook", "-n", "2")
    assert ran.code == 0, ran.err
    assert "written afresh" in ran.out
