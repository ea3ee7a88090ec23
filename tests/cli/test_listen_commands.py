"""``yuefu recommend``, ``playlist``, ``charts``, ``taste`` and ``compose --for me`` as they are typed."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "workflows"))
from listening_library import Library, event, fill

from yuefu.cli.main import run
from yuefu.store.store import Store


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    store = Store.open(tmp_path / "data")
    yield fill(store, store.accounts.local().id)
    store.close()


def _data(library: Library) -> list[str]:
    return ["--data", str(library.store.folder)]


def _json(capsys: pytest.CaptureFixture[str], *arguments: str) -> object:
    assert run([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_recommend(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    """It lists titles with a reason each, in the language asked for, and as JSON."""
    assert run(["recommend", "-n", "3", "--language", "zh", "--context", "sleep", *_data(library)]) == 0
    assert "适合入睡" in capsys.readouterr().out
    found = _json(capsys, "recommend", "calm reading", "-n", "2", "--explore", "0", *_data(library))
    assert isinstance(found, list)
    assert {"item", "title", "why", "propensity", "reasons"} <= set(found[0])


def test_why_and_more_like(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    """A title names a piece, upper and lower case alike; an unknown one is an error in a sentence."""
    told = _json(capsys, "recommend", "--why", "still lake", *_data(library))
    assert isinstance(told, dict)
    assert told["title"] == "Still Lake"
    like = _json(capsys, "recommend", "--more-like", "City Run", "-n", "1", *_data(library))
    assert isinstance(like, list)
    assert like[0]["title"] == "Sprint"
    assert run(["recommend", "--why", "no such", *_data(library)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_say(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    """A request as to an assistant gets an answer for the ear and a queue."""
    spoken = _json(capsys, "recommend", "--say", "play something calm", *_data(library))
    assert isinstance(spoken, dict)
    assert spoken["action"] == "play"
    assert spoken["queue"]


def test_playlist(library: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is printed with what is missing, kept in the studio, and written to a folder."""
    out = tmp_path / "rain"
    assert run(["playlist", "雨天读书", "--minutes", "40", "-o", str(out), *_data(library)]) == 0
    shown = capsys.readouterr().out
    assert "分钟" in shown
    assert "--compose" in shown
    assert (out / "playlist.m3u8").is_file()
    kept = library.store.playlists.list(library.me)
    assert [each.title for each in kept] == ["雨天读书"]
    assert run(["playlist", "rain", "--no-save", "--minutes", "5", *_data(library)]) == 0
    assert len(library.store.playlists.list(library.me)) == 1
    assert run(["playlist", "rain", "--minutes", "9999", *_data(library)]) == 2


def test_charts(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    """The chart of the week shows what was heard; without any listening it says so."""
    assert run(["charts", *_data(library)]) == 0
    assert "Nobody" in capsys.readouterr().out
    from yuefu.workflows.recommending import Desk

    Desk(library.store, patience=None).candidates(library.me)
    library.store.listening.add(library.me, [event(library.me, library.ids["Sprint"], "like", 2)])
    rows = _json(capsys, "charts", *_data(library))
    assert isinstance(rows, list)
    assert [(row["rank"], row["title"], row["trend"]) for row in rows] == [(1, "Sprint", "new")]


def test_taste(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    """A taste is begun, shown, set and taken back; nonsense is refused in a sentence."""
    begun = _json(capsys, "taste", "start", "--moods", "calm; 0.2,-0.6", "--like", "Still Lake", *_data(library))
    assert isinstance(begun, dict)
    assert begun["started"]
    edited = _json(capsys, "taste", "set", "tempo=88", "style:爵士=0.9", *_data(library))
    assert isinstance(edited, dict)
    assert edited["edited"] == {"tempo": 88, "style:jazz": 0.9}
    reset = _json(capsys, "taste", "set", "--reset", *_data(library))
    assert isinstance(reset, dict)
    assert reset["edited"] == {}
    for wrong in (["set"], ["set", "tempo"], ["set", "tempo=fast"], ["set", "colour=1"], ["start"]):
        assert run(["taste", *wrong, *_data(library)]) == 2
        assert capsys.readouterr().err.startswith("yuefu: ")


def test_compose_for_me(library: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is left open is filled from the taste, what is asked stays, and the reason is said."""
    assert run(["taste", "set", "style:waltz=1", "tempo=96", *_data(library)]) == 0
    capsys.readouterr()
    made = ["compose", "--for", "me", "--bars", "8", "--seed", "3", "--candidates", "1", "--formats", "midi", "--json"]
    assert run([*made, "-o", str(tmp_path / "mine"), *_data(library)]) == 0
    shown = capsys.readouterr()
    asked = {finding["field"]: finding["asked"] for finding in json.loads(shown.out)["findings"]}
    assert asked["style"] == "waltz"
    assert "waltz" in shown.err.lower()
