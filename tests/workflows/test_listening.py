"""Bringing listening along, seeing it, taking it away, having it erased."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from yuefu.errors import ConflictError, InputError, OutputError
from yuefu.listening.event import Event
from yuefu.progress import Progress
from yuefu.store import Store
from yuefu.store.items import Item
from yuefu.workflows.listening import (
    erase_listening,
    export_listening,
    import_listening,
    is_paused,
    make_up,
    pause,
    put_music,
    summary,
)

TABLE = "artist,title,time,kind\n" + "".join(
    f"Nina Simone,Song {n % 3},2020-01-{1 + n:02} 10:0{n % 7}:1{n % 5},{kind}\n"
    for n, kind in enumerate(["play", "play", "finish", "like", "smell", "play"])
)
MANY = "user,artist,plays\nann,A,3\nben,A,1\nben,B,2\n"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "data")
    yield opened
    opened.close()


@pytest.fixture
def me(store: Store) -> str:
    return store.accounts.local().id


def written(tmp_path: Path, text: str, name: str = "plays.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return path


def test_a_file_is_read_cleaned_and_kept_once(store: Store, me: str, tmp_path: Path) -> None:
    """What is good is kept with its music, what isn't is told with its reason; the same file again adds nothing."""
    path = written(tmp_path, TABLE)
    seen: list[Progress] = []
    done = import_listening(store, me, path, progress=seen.append)
    assert (done.added, done.repeated, done.report.dropped) == (5, 0, {"unreadable": 1})
    assert "6 events read, 5 kept, 1 dropped." in done.sentences("en")
    assert "读到 6 条，保留 5 条，舍弃 1 条。" in done.sentences("zh")
    assert [event.kind for event in store.listening.of(me)] == ["play", "play", "finish", "like", "play"]
    assert {item.title for item in store.items.all("track")} == {"Song 0", "Song 1", "Song 2"}
    again = import_listening(store, me, path)
    assert (again.added, again.repeated) == (0, 5)
    assert [event.done for event in seen] == sorted(event.done for event in seen)
    json.dumps(done.facts())


def test_a_trial_writes_nothing(store: Store, me: str, tmp_path: Path) -> None:
    """A dry run tells the same and leaves the store as it was."""
    done = import_listening(store, me, written(tmp_path, TABLE), dry_run=True)
    assert done.report.kept == 5
    assert "nothing was written" in " ".join(done.sentences("en"))
    assert store.listening.of(me) == []
    assert store.items.all() == []


def test_several_listeners_are_kept_apart(store: Store, me: str, tmp_path: Path) -> None:
    """A file of several people isn't one's own taste; one of a single person is, unless another name is given."""
    import_listening(store, me, written(tmp_path, MANY))
    assert store.listening.listeners(me) == {"csv:ben": 2, "csv:ann": 1}
    assert store.listening.of(me) == []
    import_listening(store, me, written(tmp_path, TABLE), listener="radio")
    assert store.listening.listeners(me)["radio"] == 5
    import_listening(store, me, written(tmp_path, "user,artist,plays\nann,A,3\n"))
    assert [event.value for event in store.listening.of(me)] == [3]


def test_pieces_that_one_may_not_hear_are_unknown(store: Store, me: str, tmp_path: Path) -> None:
    """Events of one's own pieces and of shared ones count; others' private pieces are unknown like invented ones."""
    other = store.accounts.create("wei", "a long password").id
    mine, shared, private = (
        store.pieces.create(account, title="t", document=name, kind="new").id
        for account, name in ((me, b"1"), (other, b"2"), (other, b"3"))
    )
    store.pieces.share(other, shared)
    store.items.put([Item(f"piece:{shared}", "piece", "t")])
    names = [mine, shared, private, "0" * 26]
    rows = "".join(f"piece:{name},2020-01-0{n + 1}\n" for n, name in enumerate(names))
    done = import_listening(store, me, written(tmp_path, "item,time\n" + rows))
    assert done.report.dropped == {"unknown item": 2}
    assert {event.item for event in store.listening.of(me)} == {f"piece:{mine}", f"piece:{shared}"}


def test_who_has_paused_imports_nothing(store: Store, me: str, tmp_path: Path) -> None:
    """While listening is paused an import is refused in a sentence; resuming keeps the other settings."""
    store.listening.set_settings(me, {"dials": {"novelty": 0.5}})
    assert pause(store, me)
    assert not pause(store, me)
    assert is_paused(store, me)
    path = written(tmp_path, TABLE)
    with pytest.raises(ConflictError, match="paused"):
        import_listening(store, me, path)
    with pytest.raises(ConflictError, match="paused"):
        make_up(store, me, listeners=2, items=5, events=20)
    assert store.listening.of(me) == []
    assert pause(store, me, False)
    assert store.listening.settings(me) == {"dials": {"novelty": 0.5}, "paused": False}
    assert import_listening(store, me, path).added == 5


def test_the_summary_counts_what_is_there(store: Store, me: str, tmp_path: Path) -> None:
    """Events, kinds, different items, the span and the most heard; of nothing, zeros."""
    assert summary(store, me)["events"] == 0
    import_listening(store, me, written(tmp_path, TABLE))
    import_listening(store, me, written(tmp_path, MANY))
    held = summary(store, me, listener="")
    assert (held["events"], held["items"], held["synthetic"]) == (5, 3, 0)
    assert held["kinds"] == {"play": 3, "finish": 1, "like": 1}
    assert (held["first"][:10], held["last"][:10]) == ("2020-01-01", "2020-01-06")
    assert held["top"][0]["plays"] == 1
    everybody = summary(store, me)
    assert everybody["events"] == 8
    assert everybody["top"][0] == {"item": "artist:a", "title": "A", "plays": 4}
    json.dumps(everybody)


def test_an_export_holds_everything_and_an_erasure_leaves_nothing(store: Store, me: str, tmp_path: Path) -> None:
    """The file holds every event, and after erasing neither the store nor another export does."""
    import_listening(store, me, written(tmp_path, TABLE))
    store.playlists.create(me, "雨天", "", ["artist:a"])
    target = tmp_path / "mine.json"
    assert export_listening(store, me, target) == {"events": 5, "recommended": 0, "settings": 0, "playlists": 1}
    held = json.loads(target.read_text("utf-8"))
    assert held["format"] == "yuefu-listening-1"
    assert [event["kind"] for event in held["events"]] == ["play", "play", "finish", "like", "play"]
    assert "雨天" in target.read_text("utf-8")
    before = store.listening.erasures()
    assert erase_listening(store, me).events == 5
    assert store.listening.erasures() == before + 1
    assert export_listening(store, me, target)["events"] == 0
    with pytest.raises(OutputError):
        export_listening(store, me, tmp_path)


def test_one_listener_alone_is_erased(store: Store, me: str, tmp_path: Path) -> None:
    """A name's events go and the others stay; a name that isn't there is told."""
    import_listening(store, me, written(tmp_path, MANY))
    assert erase_listening(store, me, listener="csv:ben").events == 2
    assert store.listening.listeners(me) == {"csv:ann": 1}
    with pytest.raises(InputError, match="csv:ben"):
        erase_listening(store, me, listener="csv:ben")


def test_made_up_listening_says_so_and_goes_alone(store: Store, me: str) -> None:
    """Every made-up event is marked in the store; erasing what is made up leaves what is real."""
    store.listening.add(me, [Event(me, "artist:a", "play", datetime(2026, 1, 1, tzinfo=UTC))])
    done = make_up(store, me, listeners=4, items=12, events=60, seed=2)
    assert done.added == done.report.kept > 60
    assert len(done.listeners) == 4
    made = [event for event in store.listening.all_events() if event.listener != me]
    assert len(made) == done.added
    assert all(event.synthetic for event in made)
    assert all("synthetic" in item.tags for item in store.items.all())
    assert summary(store, me)["synthetic"] == done.added
    assert make_up(store, me, listeners=4, items=12, events=60, seed=2).added == 0
    assert erase_listening(store, me, synthetic=True).events == done.added
    assert [event.synthetic for event in store.listening.all_events()] == [False]


def test_the_library_can_be_made_up_about(store: Store, me: str) -> None:
    """With pieces, only these are played; without any, it is told."""
    with pytest.raises(InputError, match="compose"):
        make_up(store, me, pieces=True)
    names = {store.pieces.create(me, title=str(n), document=str(n).encode(), kind="new").id for n in range(3)}
    make_up(store, me, listeners=3, events=90, pieces=True)
    assert {event.item for event in store.listening.all_events()} == {f"piece:{name}" for name in names}


def test_what_is_known_of_an_item_stays(store: Store, me: str) -> None:
    """Importing doesn't overwrite features that were worked out; tags that come later are added."""
    from yuefu.listening.item import music_of

    item = music_of("A", "B", ("jazz",))
    store.items.put([Item(item.id, "track", "kept", "A", tags=("old",), features={"tempo:bpm": 1.0})])
    assert put_music(store, [item]) == 0
    assert store.items.get([item.id])[item.id].features == {"tempo:bpm": 1.0}
    assert put_music(store, [music_of("C", "D")]) == 1
    assert put_music(store, [music_of("C", "D", ("soul",))]) == 1
