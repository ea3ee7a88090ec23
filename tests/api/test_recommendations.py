"""Recommendations, playlists, charts, tastes and spoken requests over the API."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.api.live import Server, make_piece, running, score_data


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A studio without workers."""
    with running(tmp_path_factory.mktemp("recommending")) as found:
        yield found


@pytest.fixture(scope="module")
def http(server: Server) -> Iterator[httpx.Client]:
    """A client of it."""
    with server.http() as client:
        yield client


@pytest.fixture(scope="module")
def pieces(http: httpx.Client) -> list[str]:
    """Six pieces: items of them."""
    found = []
    for number, (title, tempo) in enumerate(
        [("Slow rain", 60), ("Still lake", 66), ("Market", 120), ("Run", 150), ("Kite", 132), ("Snow", 54)]
    ):
        data = {**score_data()}
        made = make_piece(http, title)
        edits = {"base": 1, "edits": [{"op": "tempo", "bpm": tempo}, {"op": "title", "title": title}]}
        answer = http.post(f"/api/v1/pieces/{made['id']}/versions", json=edits, headers={"If-Match": "*"})
        assert answer.status_code in (200, 201), (number, answer.text, len(data))
        found.append(f"piece:{made['id']}")
    return found


def get(http: httpx.Client, path: str, **params: Any) -> Any:
    """An answer's JSON."""
    answer = http.get(f"/api/v1{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_recommended_with_reasons_that_add_up(http: httpx.Client, pieces: list[str]) -> None:
    """Every piece once, each with a sentence; the amounts of the reasons and the rest make the score."""
    http.post("/api/v1/events", json={"events": [{"kind": "like", "item": pieces[0]}]})
    found = get(http, "/recommendations", n=6, seed=1)["recommended"]
    assert {each["item"] for each in found} == set(pieces)
    assert all(each["why"] and 0 < each["propensity"] <= 1 for each in found)
    for item in pieces:
        why = get(http, f"/recommendations/{item}/why")
        assert why["rest"] + sum(each["amount"] for each in why["reasons"]) == pytest.approx(why["score"], abs=1e-6)
        assert why["sentence"].endswith(".")


def test_in_chinese(http: httpx.Client, pieces: list[str]) -> None:
    """Sentences come in the visitor's language."""
    answer = http.get(f"/api/v1/recommendations/{pieces[0]}/why", headers={"Accept-Language": "zh"}).json()
    assert answer["sentence"].endswith("。")


def test_disliked_does_not_come_again_and_steering_counts(http: httpx.Client, pieces: list[str]) -> None:
    """ "Less like this" takes the piece out; it may still be asked about."""
    assert http.post("/api/v1/recommendations/steer", json={"item": pieces[3], "more": False}).status_code == 204
    found = get(http, "/recommendations", n=6, seed=1)["recommended"]
    assert pieces[3] not in {each["item"] for each in found}
    assert pieces[3] not in {
        each["item"] for each in get(http, "/recommendations", n=6, without=pieces[3])["recommended"]
    }
    alike = get(http, f"/recommendations/{pieces[0]}/like", n=3)["recommended"]
    assert len(alike) == 3


def test_an_unknown_item_is_not_there(http: httpx.Client) -> None:
    """404 for why, likeness and steering."""
    nothing = "piece:" + "0" * 26
    assert http.get(f"/api/v1/recommendations/{nothing}/why").status_code == 404
    assert http.get(f"/api/v1/recommendations/{nothing}/like").status_code == 404
    assert http.post("/api/v1/recommendations/steer", json={"item": nothing}).status_code == 404


def test_answers_are_fast_once_warm(http: httpx.Client, pieces: list[str]) -> None:
    """The median of ten is far below what anybody waits for."""
    get(http, "/recommendations", n=6)
    took = []
    for _ in range(10):
        start = time.perf_counter()
        get(http, "/recommendations", n=6)
        took.append(time.perf_counter() - start)
    assert sorted(took)[5] < 0.25


def test_a_playlist_is_made_kept_changed_and_deleted(http: httpx.Client, pieces: list[str]) -> None:
    """From words and minutes; then by hand."""
    made = http.post("/api/v1/playlists", json={"words": "reading on a rainy day", "minutes": 1}).json()
    assert made["id"]
    assert 0 <= made["facts"]["smoothness"] <= 1
    starts = [each["start"] for each in made["items"]]
    assert starts == sorted(starts)
    look = http.post("/api/v1/playlists", json={"words": "", "minutes": 2, "save": False}).json()
    assert look["id"] is None
    path = f"/api/v1/playlists/{made['id']}"
    changed = http.patch(path, json={"title": "Mine", "items": pieces[:2][::-1]}).json()
    assert (changed["title"], [each["item"] for each in changed["items"]]) == ("Mine", pieces[:2][::-1])
    steered = http.post(f"{path}/steer", json={"item": pieces[0], "more": True})
    assert steered.status_code == 200
    assert made["id"] in {each["id"] for each in get(http, "/playlists")["playlists"]}
    assert http.delete(path).status_code == 204
    assert http.get(path).status_code == 404


def test_a_playlist_holds_only_what_may_be_heard(http: httpx.Client, pieces: list[str]) -> None:
    """An item that isn't there, or isn't a piece, is refused when it is put in."""
    nothing = {"items": ["piece:" + "0" * 26]}
    assert http.post("/api/v1/playlists", json=nothing).status_code == 404
    kept = http.post("/api/v1/playlists", json={"items": pieces[:1]}).json()
    assert http.patch(f"/api/v1/playlists/{kept['id']}", json=nothing).status_code == 404
    assert http.post("/api/v1/playlists", json={"items": ["artist:abba"]}).status_code == 422


def test_what_is_gone_is_counted_in_a_playlist(http: httpx.Client) -> None:
    """A piece in the trash is left out, and said."""
    piece = make_piece(http, "Soon gone")["id"]
    kept = http.post("/api/v1/playlists", json={"items": [f"piece:{piece}"]}).json()
    http.delete(f"/api/v1/pieces/{piece}")
    found = get(http, f"/playlists/{kept['id']}")
    assert (found["items"], found["gone"]) == ([], 1)


def test_charts(http: httpx.Client, pieces: list[str]) -> None:
    """What was heard today, in order; other periods are refused."""
    http.post("/api/v1/events", json={"events": [{"kind": "finish", "item": pieces[1]}]})
    rows = get(http, "/charts", period="day")["rows"]
    assert pieces[1] in {row["item"] for row in rows}
    assert [row["rank"] for row in rows] == sorted(row["rank"] for row in rows)
    assert http.get("/api/v1/charts?period=year").status_code == 422


def test_a_taste_begins_and_is_set_by_hand(http: httpx.Client, pieces: list[str]) -> None:
    """Clips to ask about, first choices, edits that win and can be taken back."""
    clips = get(http, "/taste/clips", mood=["-0.4,-0.5", "0.1,0.2"], n=5)["clips"]
    assert len({clip["item"] for clip in clips}) == 5
    begun = http.post(
        "/api/v1/taste/start",
        json={"moods": [[-0.4, -0.5]], "clips": [[clips[0]["item"], True], [clips[1]["item"], False]]},
    ).json()
    assert begun["started"] is True
    assert begun["moods"] == [[-0.4, -0.5]]
    edited = http.put("/api/v1/taste", json={"numbers": {"tempo": 80, "style:jazz": 0.9}}).json()
    assert edited["edited"] == {"tempo": 80.0, "style:jazz": 0.9}
    assert edited["styles"]["jazz"] == "jazz"
    assert edited["ranges"]["tempo"] == [20, 300]
    assert http.put("/api/v1/taste", json={"numbers": {"tempo": 5}}).status_code == 422
    back = http.put("/api/v1/taste", json={"numbers": {"tempo": None, "style:jazz": None}}).json()
    assert back["edited"] == {}


def test_a_daily_mix_is_queued_once(http: httpx.Client, pieces: list[str]) -> None:
    """Jobs with a reason each; asked again the same day, the same ones."""
    first = http.post("/api/v1/daily-mix", json={"n": 3}).json()["pieces"]
    assert len({each["job"] for each in first}) == 3
    assert all(each["why"] for each in first)
    again = http.post("/api/v1/daily-mix", json={"n": 3}).json()["pieces"]
    assert {each["job"] for each in again} == {each["job"] for each in first}
    assert {each["job"] for each in get(http, "/daily-mix")["pieces"]} == {each["job"] for each in first}


def test_spoken_requests(http: httpx.Client, pieces: list[str]) -> None:
    """Music is played, a piece is composed by a job, in the language that was spoken."""
    played = http.post("/api/v1/spoken", json={"request": "play something calm for reading"}).json()
    assert (played["action"], played["language"]) == ("play", "en")
    assert played["queue"]
    composed = http.post("/api/v1/spoken", json={"request": "写一首关于雨的曲子"}).json()
    assert (composed["action"], composed["language"]) == ("compose", "zh")
    assert get(http, f"/jobs/{composed['job']}")["kind"] == "compose"
