"""Listening over the API: told, seen, paused, taken along, erased; and nothing that can't be is kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from tests.api.live import Server, make_piece, running

NOW = datetime.now(UTC)


def at(minutes: float) -> str:
    """A moment some minutes ago."""
    return (NOW - timedelta(minutes=minutes)).isoformat()


@pytest.fixture
def listener(tmp_path: Any) -> Iterator[httpx.Client]:
    """A studio of its own, in which nobody has listened yet."""
    with running(tmp_path) as server, server.http() as client:
        yield client


@pytest.fixture
def item(listener: httpx.Client) -> str:
    """A piece in it."""
    return f"piece:{make_piece(listener)['id']}"


def tell(http: httpx.Client, *events: dict[str, Any], **headers: str) -> dict[str, Any]:
    """Tell events; what became of them."""
    answer = http.post("/api/v1/events", json={"events": list(events)}, headers=headers)
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


def test_events_are_kept_and_listed_the_newest_first(listener: httpx.Client, item: str) -> None:
    """With all that was told of them, the title beside; late and out-of-order ones too."""
    found = tell(
        listener,
        {"kind": "skip", "item": item, "second": 12.5, "moment": at(1), "context": "run", "device": "phone"},
        {"kind": "play", "item": item, "moment": at(3 * 24 * 60)},
        {"kind": "search", "text": "rain", "moment": at(2)},
    )
    assert (found["kept"], found["repeated"], found["dropped"]) == (3, 0, [])
    told = listener.get("/api/v1/events").json()["events"]
    assert [event["kind"] for event in told] == ["skip", "search", "play"]
    assert (told[0]["title"], told[0]["second"], told[0]["context"], told[0]["device"]) == (
        "Spring",
        12.5,
        "run",
        "phone",
    )
    assert told[0]["source"] == "studio"
    assert listener.get("/api/v1/events?limit=2").json()["next"]


def test_an_event_told_twice_counts_once(listener: httpx.Client, item: str) -> None:
    """By its id, in one request or in two."""
    event = {"kind": "like", "item": item, "moment": at(5), "id": "abc"}
    assert tell(listener, event)["kept"] == 1
    again = tell(listener, event, event)
    assert (again["kept"], listener.get("/api/v1/listening").json()["events"]) == (0, 1)


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({"kind": "danced", "item": "artist:abba"}, "kind"),
        ({"kind": "play"}, "no item"),
        ({"kind": "search"}, "no item"),
        ({"kind": "play", "item": "film:psycho"}, "no item"),
        ({"kind": "play", "item": "piece:" + "0" * 26}, "unknown item"),
        ({"kind": "play", "item": "artist:abba", "moment": "2999-01-01T00:00:00Z"}, "future"),
        ({"kind": "play", "item": "artist:abba", "moment": "1970-01-01T00:00:00Z"}, "too early"),
        ({"kind": "skip", "item": "artist:abba", "second": -4}, "second"),
        ({"kind": "rate", "item": "artist:abba", "value": 9}, "value"),
    ],
)
def test_what_cannot_be_is_dropped_with_its_reason(listener: httpx.Client, event: dict[str, Any], reason: str) -> None:
    """The rest of the request counts; the reason is a word for programs and a sentence in the visitor's language."""
    good = {"kind": "like", "item": "artist:nina simone", "moment": at(9)}
    found = tell(listener, good, event, **{"Accept-Language": "zh"})
    assert found["kept"] == 1
    (dropped,) = found["dropped"]
    assert (dropped["index"], dropped["reason"]) == (1, reason)
    assert dropped["message"].endswith("。")


def test_a_machine_is_told_from_a_listener(listener: httpx.Client, item: str) -> None:
    """Three hundred plays within the hour are nobody's; a like between them is."""
    plays = [{"kind": "play", "item": f"artist:no {n}", "moment": at(30 - n * 0.01), "id": f"p{n}"} for n in range(300)]
    found = tell(listener, *plays, {"kind": "like", "item": item, "moment": at(28)})
    assert found["kept"] == 1
    assert {each["reason"] for each in found["dropped"]} == {"inhuman rate"}


def test_more_than_a_request_may_hold_is_refused(listener: httpx.Client) -> None:
    """501 events are too many; nothing of them is kept."""
    events = [{"kind": "like", "item": "artist:abba", "moment": at(n)} for n in range(501)]
    assert listener.post("/api/v1/events", json={"events": events}).status_code == 422
    assert listener.get("/api/v1/listening").json()["events"] == 0


def test_music_from_elsewhere_is_named_once_for_all_spellings(listener: httpx.Client) -> None:
    """Artist and title make the item; its name is shown as it was written."""
    tell(listener, {"kind": "like", "artist": "Nina  Simone", "title": "Feeling Good", "moment": at(2)})
    (event,) = listener.get("/api/v1/events").json()["events"]
    assert (event["item"], event["title"]) == ("track:nina simone - feeling good", "Feeling Good")


def test_nothing_is_kept_while_paused(listener: httpx.Client, item: str) -> None:
    """Neither events nor what is recommended; after going on, everything again."""
    assert listener.patch("/api/v1/listening/settings", json={"paused": True}).json()["paused"] is True
    assert tell(listener, {"kind": "like", "item": item})["paused"] == 1
    listener.get("/api/v1/recommendations")
    held = listener.get("/api/v1/listening").json()
    assert (held["events"], held["recommended"]) == (0, 0)
    listener.patch("/api/v1/listening/settings", json={"paused": False})
    assert tell(listener, {"kind": "like", "item": item})["kept"] == 1


def test_everything_is_seen_taken_along_and_erased(listener: httpx.Client, item: str) -> None:
    """The summary counts it, the export holds it, and after erasing nothing is left."""
    tell(listener, {"kind": "like", "item": item})
    listener.get("/api/v1/recommendations")
    listener.post("/api/v1/playlists", json={"items": [item], "title": "Rain"})
    listener.put("/api/v1/taste", json={"numbers": {"energy": 0.2}})
    held = listener.get("/api/v1/listening").json()
    assert (held["events"], held["kinds"], held["recommended"], held["playlists"]) == (1, {"like": 1}, 1, 1)
    export = listener.get("/api/v1/listening/export")
    assert "attachment" in export.headers["content-disposition"]
    assert {name: len(kept) for name, kept in export.json().items()} == {
        "events": 1, "recommended": 1, "settings": 1, "playlists": 1,
    }  # fmt: skip
    gone = listener.delete("/api/v1/listening").json()
    assert gone == {"events": 1, "impressions": 1, "playlists": 1, "settings": 1}
    after = listener.get("/api/v1/listening/export").json()
    assert after == {"events": [], "recommended": [], "settings": {}, "playlists": []}


def test_a_session_s_page_proves_itself(shared_server: Server) -> None:
    """Events from a browser need the page's token, as every other change does."""
    with shared_server.store() as store:
        store.accounts.create("cara", "the password of cara")
    with shared_server.http() as http:
        csrf = http.post("/api/v1/login", json={"name": "cara", "password": "the password of cara"}).json()["csrf"]
        events = {"events": [{"kind": "like", "item": "artist:abba"}]}
        assert http.post("/api/v1/events", json=events).status_code == 403
        assert http.post("/api/v1/events", json=events, headers={"X-CSRF-Token": csrf}).status_code == 202
