"""Events, what was recommended, items and playlists: kept once, seen by their own listener alone, erased whole."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, text

from yuefu.errors import InputError, LimitError, NotFoundError
from yuefu.listening.event import Event
from yuefu.store.items import Item
from yuefu.store.listening import Added, Impression
from yuefu.store.store import Store
from yuefu.store.tables import accounts

START = datetime(2026, 5, 1, 8, tzinfo=UTC)


def _event(item: str, minute: int = 0, kind: str = "play", **more: object) -> Event:
    return Event("me", item, kind, START + timedelta(minutes=minute), **more)  # type: ignore[arg-type]


def _piece(store: Store, account: str, title: str = "Moon") -> str:
    return store.pieces.create(account, title=title, document=title.encode(), kind="new").id


def _somebody(store: Store) -> str:
    return store.accounts.create("wei", "a long password").id


def test_an_event_comes_back_as_it_was_told(store: Store, me: str) -> None:
    """What is kept of an event is all that was told, with the listener's key."""
    told = _event("artist:nina simone", kind="skip", second=12.5, device="phone", context="run", id="a", source="api")
    assert store.listening.add(me, [told]) == Added(kept=1)
    (found,) = store.listening.of(me)
    assert found == Event(me, *[getattr(told, name) for name in Event.__slots__ if name != "listener"])


def test_an_event_told_twice_counts_once(store: Store, me: str) -> None:
    """The same id, or without ids the same event, is kept once, within a batch and between batches."""
    first = [_event("artist:x", id="a"), _event("artist:x", 1, id="a"), _event("artist:y"), _event("artist:y")]
    assert store.listening.add(me, first) == Added(kept=2)
    assert store.listening.add(me, first) == Added(kept=0, repeated=2)
    assert store.listening.add(me, [_event("artist:y")], listener="other") == Added(kept=1)


def test_events_of_pieces_that_are_not_there_are_told_apart(store: Store, me: str) -> None:
    """A piece that isn't there has no events, and one that is erased takes its events along."""
    piece = _piece(store, me)
    events = [_event(f"piece:{piece}"), _event(f"piece:{'0' * 26}", 1)]
    assert store.listening.add(me, events) == Added(kept=1, unknown=1)
    store.pieces.trash(me, piece)
    store.pieces.erase(me, piece)
    assert store.listening.of(me) == []


def test_an_account_that_is_gone_takes_all_along(store: Store) -> None:
    """With its account every event, recommendation, playlist and setting goes, without a word to anybody else."""
    other = _somebody(store)
    store.listening.add(other, [_event("artist:x")])
    store.listening.log(other, [Impression("artist:y", 1, 0.25, "bandit")])
    store.listening.set_settings(other, {"dials": {}})
    store.playlists.create(other, "Rain", "", ["artist:x"])
    with store.database.write() as connection:
        connection.execute(delete(accounts).where(accounts.c.id == other))
    assert store.listening.export(other) == {"events": [], "recommended": [], "settings": {}, "playlists": []}
    assert list(store.listening.all_events()) == []


def test_a_batch_is_kept_quickly_and_a_listener_is_found_by_an_index(store: Store, me: str) -> None:
    """Five hundred events take little work, and reading one listener's never looks through everybody's."""
    store.listening.add(me, [_event(f"artist:warm {n}", n) for n in range(10)])
    batch = [_event(f"artist:{n}", n) for n in range(500)]
    begun = time.process_time()
    assert store.listening.add(me, batch).kept == 500
    assert time.process_time() - begun < 0.5
    query = "SELECT * FROM listening_events WHERE account_id = 'a' AND listener = '' ORDER BY moment, seq"
    with store.database.read() as connection:
        if store.database.is_sqlite:
            plan = connection.execute(text(f"EXPLAIN QUERY PLAN {query}")).all()
            assert "ix_listening_events_account_id_listener" in str(plan)


def test_who_has_paused_leaves_no_trace(store: Store, me: str) -> None:
    """Nothing that happens while a listener has paused is kept, recommendations neither."""
    store.listening.set_settings(me, {"paused": True})
    assert store.listening.add(me, [_event("artist:x")]) == Added(paused=1)
    assert store.listening.log(me, [Impression("artist:x", 1, 0.5, "greedy")]) == []
    assert store.listening.of(me) == []
    assert store.listening.impressions(me) == []


def test_pages_of_events_hold_each_once_and_the_newest_first(store: Store, me: str) -> None:
    """Page by page every event is seen once, whatever order they came in."""
    store.listening.add(me, [_event(f"artist:{n}", n % 7) for n in range(25)])
    seen, after = [], None
    while True:
        page, after = store.listening.events(me, after=after, limit=4)
        seen += page
        if after is None:
            break
    assert len({event.item for event in seen}) == len(seen) == 25
    assert [event.moment for event in seen] == sorted((event.moment for event in seen), reverse=True)
    with pytest.raises(InputError):
        store.listening.events(me, after="nonsense")


@pytest.mark.parametrize(
    "event",
    [_event("artist:x", kind="hum"), _event(""), _event("artist:x", kind="search"), _event("a" * 301),
     Event("me", "artist:x", "play", datetime(2026, 5, 1)), _event("artist:\0"), _event("artist:\ud800"),
     _event("artist:x", second=float("nan")), _event("artist:x", kind="rate", value=float("inf"))],
)  # fmt: skip
def test_what_is_no_event_is_refused_and_nothing_is_kept(store: Store, me: str, event: Event) -> None:
    """A batch with an event that can't be kept is refused whole, in a sentence."""
    with pytest.raises(InputError):
        store.listening.add(me, [_event("artist:y"), event])
    assert store.listening.of(me) == []


def test_everybody_sees_and_erases_their_own_alone(store: Store, me: str) -> None:
    """Export holds all that is held about one and nothing of others; erasing likewise, and it is counted."""
    other = _somebody(store)
    for account in (me, other):
        store.listening.add(account, [_event("artist:x"), _event("artist:y", 1)])
        store.listening.add(account, [_event("artist:z")], listener="file")
        store.listening.log(account, [Impression("artist:y", 1, 0.25, "bandit", "run", "abc")])
        store.listening.set_settings(account, {"dials": {"novelty": 0.5}})
        store.playlists.create(account, "Rain", "雨天读书", ["artist:x"])
    held = store.listening.export(me)
    assert [len(held[name]) for name in ("events", "recommended", "playlists")] == [3, 1, 1]
    assert other not in str(held)
    assert store.listening.listeners(me) == {"": 2, "file": 1}
    assert store.listening.erase(me, listener="file").events == 1
    erased = store.listening.erase(me)
    assert (erased.events, erased.impressions, erased.playlists, erased.settings) == (2, 1, 1, 1)
    assert store.listening.export(me) == {"events": [], "recommended": [], "settings": {}, "playlists": []}
    assert len(store.listening.export(other)["events"]) == 3
    assert store.listening.erasures() == 2
    assert {event.listener for event in store.listening.all_events()} == {other, f"{other}/file"}


def test_erasing_leaves_no_title_that_nobody_else_heard(store: Store, me: str) -> None:
    """Names of music that one alone listened to go with one's events; what others heard, and pieces, stay."""
    other = _somebody(store)
    piece = _piece(store, me)
    store.items.put(
        [Item("artist:x", "artist", "X"), Item("artist:y", "artist", "Y"), Item(f"piece:{piece}", "piece", "t")]
    )
    store.listening.add(me, [_event("artist:x"), _event("artist:y", 1)])
    store.listening.add(other, [_event("artist:y")])
    store.listening.erase(me)
    assert {item.id for item in store.items.all()} == {"artist:y", f"piece:{piece}"}


def test_old_recommendations_are_swept(store: Store, me: str) -> None:
    """A sweep forgets what was recommended more than 90 days ago, and nothing newer."""
    now = datetime.now(UTC)
    for age in (100, 10):
        store.listening.log(me, [Impression(f"artist:{age}", 1, 1.0, "greedy", moment=now - timedelta(days=age))])
    store.sweep()
    assert [each.item for each in store.listening.impressions(me)] == ["artist:10"]


def test_the_count_only_grows(store: Store, me: str) -> None:
    """Erasing doesn't take the count of events back: it tells whether there is news."""
    store.listening.add(me, [_event("artist:x"), _event("artist:y")])
    before = store.listening.count()
    store.listening.erase(me)
    store.listening.add(me, [_event("artist:x")])
    assert store.listening.count() > before


def test_what_may_be_heard_is_ones_own_and_what_is_shared(store: Store, me: str) -> None:
    """Own pieces and others' shared ones are visible, the trash and what isn't shared are not."""
    other = _somebody(store)
    mine, trashed = _piece(store, me, "mine"), _piece(store, me, "gone")
    theirs, private = _piece(store, other, "theirs"), _piece(store, other, "private")
    token = store.pieces.share(other, theirs)
    store.pieces.trash(me, trashed)
    assert {piece for _, piece in store.items.missing(me)} == {mine, theirs}
    everything = [Item(f"piece:{piece}", "piece", "t") for piece in (mine, trashed, theirs, private, "0" * 26)]
    assert store.items.put([*everything, Item("artist:x", "artist", "X", "X")]) == 5
    assert {item.piece_id: item.token for item in store.items.visible(me)} == {mine: None, theirs: token}
    assert store.items.missing(me) == []
    assert {item.title for item in store.items.all("artist")} == {"X"}
    store.pieces.change(me, mine, title="changed")
    assert store.items.missing(me) == [(me, mine)]


def test_an_item_is_written_over_and_read_back(store: Store, me: str) -> None:
    """Putting an item again replaces it; features and tags come back as they were."""
    item = Item("track:a - b", "track", "b", "a", tags=("jazz",), features={"mood:valence": 0.5})
    store.items.put([Item("track:a - b", "track", "old")])
    store.items.put([item])
    (found,) = store.items.get(["track:a - b", "track:none"]).values()
    assert (found.title, found.tags, found.features) == ("b", ("jazz",), {"mood:valence": 0.5})
    with pytest.raises(InputError):
        store.items.put([Item("x", "thing", "x")])


def test_playlists_are_kept_changed_and_deleted_by_their_owner(store: Store, me: str) -> None:
    """A playlist comes back as it was changed; to others it isn't there."""
    other = _somebody(store)
    made = store.playlists.create(me, "雨天", "雨天读书", ["artist:x", "artist:y"], {"minutes": 7})
    assert store.playlists.change(me, made.id, items=["artist:y"]).items == ("artist:y",)
    assert [each.facts for each in store.playlists.list(me)] == [{"minutes": 7}]
    for refused in (store.playlists.get, store.playlists.change, store.playlists.delete):
        with pytest.raises(NotFoundError):
            refused(other, made.id)
    with pytest.raises(LimitError):
        store.playlists.create(me, "x" * 300, "", [])
    store.playlists.delete(me, made.id)
    assert store.playlists.list(me) == []
