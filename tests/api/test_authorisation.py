"""Nobody reaches what is another's, and nobody anything without a log-in: all of the OpenAPI document is tried."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from tests.api.live import Server, make_piece, score_data

#: Routes that anybody may ask: notes of the soundfont, the door, and what is shared by link.
OPEN = {"health", "sound", "logIn", "join"} | {
    "getShared", "getSharedGrid", "getSharedPlayback", "countSharedPages", "getSharedPage", "getSharedJianpuPage",
    "listSharedFiles", "getSharedFile",
}  # fmt: skip
#: A progression of two chords.
IDEA: dict[str, Any] = {
    "kind": "progression", "bars": 2, "chords": [[0, 4, "I", "C"], [4, 4, "V", "G"]], "source": {"piece": "made:1"},
}  # fmt: skip
#: A valid body for every operation that takes JSON. A new route fails the test until it has one.
BODIES: dict[str, Any] = {
    "readBrief": {"words": "rain"},
    "createPiece": {"score": score_data()},
    "searchTune": {"tune": "1 2 3 4"},
    "changePiece": {"title": "stolen"},
    "editPiece": {"edits": [{"op": "tempo", "bpm": 60}]},
    "setHead": {"version": 1},
    "nameVersion": {"name": "stolen"},
    "logIn": {"name": "nobody", "password": "not a password"},
    "join": {"token": "x", "name": "y", "password": "a long password"},
    "changePassword": {"old": "not my password", "new": "another password"},
    "createKey": {"name": "mine"},
    "searchIdeas": {},
    "combineIdeas": {"chords": IDEA},
    "turnIdea": {"idea": IDEA, "how": "retrograde"},
    "sparkWords": {"words": "rain"},
    "surprisingIdeas": {"n": 2},
    "ideaAsMidi": {"idea": IDEA},
    "invite": {},
    "tellEvents": {"events": [{"kind": "like", "item": "artist:nina simone"}]},
    "setListening": {"novelty": 0.5},
    "steer": {"item": "piece:" + "0" * 26},
    "makePlaylist": {"words": "rain", "minutes": 5},
    "changePlaylist": {"title": "stolen"},
    "steerPlaylist": {"item": "piece:" + "0" * 26},
    "setTaste": {"numbers": {"energy": 0.5}},
    "startTaste": {"moods": [[0.2, -0.4]]},
    "makeDailyMix": {"n": 1},
    "speak": {"request": "play something calm"},
}
_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass
class World:
    """Two accounts, and what the first one has."""

    server: Server
    ann: str
    bob: str
    ids: dict[str, str]


def operations(server: Server) -> list[tuple[str, str, dict[str, Any]]]:
    """Method, path and operation of every route."""
    with server.http() as http:
        paths = http.get("/api/v1/openapi.json").json()["paths"]
    return [(m, path, item[m]) for path, item in paths.items() for m in _METHODS if m in item]


@pytest.fixture(scope="module")
def world(shared_server: Server) -> World:
    """Ann with a piece, a job, a key; Bob with nothing."""
    ann_id, ann = shared_server.account("ann")
    _, bob = shared_server.account("bob")
    with shared_server.http(ann) as http:
        piece = make_piece(http)["id"]
        job = http.post("/api/v1/jobs", json={"kind": "compose", "request": {"words": "rain"}}).json()["id"]
        playlist = http.post("/api/v1/playlists", json={"items": [f"piece:{piece}"], "title": "Ann's"}).json()["id"]
    with shared_server.store() as store:
        key = store.accounts.keys(ann_id)[0].id
    ids = {
        "piece": piece, "job": job, "key": key, "number": "1", "other": "1", "page": "1", "format": "midi",
        "sound": "0", "pitch": "60", "token": "not-a-token", "playlist": playlist, "item": f"piece:{piece}",
    }  # fmt: skip
    return World(shared_server, ann, bob, ids)


def call(http: httpx.Client, world: World, method: str, path: str, operation: dict[str, Any]) -> httpx.Response:
    """An operation on Ann's things."""
    how: dict[str, Any] = {"headers": {"If-Match": "*"}}
    content = operation.get("requestBody", {}).get("content", {})
    name = operation["operationId"]
    if name == "createJob":
        how["json"] = {"kind": "fill", "request": {"piece": world.ids["piece"]}}
    elif "application/json" in content:
        assert name in BODIES, f"{name} takes JSON: give it a body here, so that its authorisation is tested"
        how["json"] = BODIES[name]
    elif "multipart/form-data" in content:
        how["files"] = {"file": ("a.abc", b"X:1\nK:C\nC\n")}
    return http.request(method, path.format(**world.ids), **how)


def test_without_a_log_in_every_route_but_the_open_ones_is_401(world: World) -> None:
    """Also with a key that was made up, and with a session that was made up."""
    for headers in ({}, {"Authorization": "Bearer yf_made_up"}, {"Cookie": "yuefu_session=made-up"}):
        with world.server.http(**headers) as http:
            for method, path, operation in operations(world.server):
                if operation["operationId"] not in OPEN:
                    answer = call(http, world, method, path, operation)
                    assert answer.status_code == 401, (method, path, headers, answer.text[:200])


def test_another_accounts_things_are_as_absent_as_what_never_was(world: World) -> None:
    """Every route with an id in its path is 404 for somebody else, word for word as for an id that nobody has."""
    tried = 0
    never = dict.fromkeys(("piece", "job", "key", "playlist"), "0" * 26) | {"item": "piece:" + "0" * 26}
    nothing = World(world.server, world.ann, world.bob, {**world.ids, **never})
    with world.server.http(world.bob) as http:
        for method, path, operation in operations(world.server):
            if not any(f"{{{name}}}" in path for name in never):
                continue
            tried += 1
            answer = call(http, world, method, path, operation)
            assert answer.status_code == 404, (method, path, answer.text[:200])
            assert answer.text == call(http, nothing, method, path, operation).text
    assert tried > 25


def test_lists_and_searches_show_only_ones_own(world: World) -> None:
    """No route without an id tells anything of Ann's to Bob."""
    with world.server.http(world.bob) as http:
        for method, path, operation in operations(world.server):
            if "{" in path or operation["operationId"] in {*OPEN, "logOut", "changePassword"}:
                continue
            answer = call(http, world, method, path, operation)
            for name in ("piece", "job", "key", "playlist"):
                assert world.ids[name] not in answer.text, (method, path)


@pytest.mark.parametrize("kind", ["fill", "render", "analyze", "export"])
def test_jobs_on_anothers_piece_are_refused(world: World, kind: str) -> None:
    """404 at once, and nothing is queued."""
    with world.server.http(world.bob) as http:
        answer = http.post("/api/v1/jobs", json={"kind": kind, "request": {"piece": world.ids["piece"]}})
        assert answer.status_code == 404
        assert world.ids["piece"] not in http.get("/api/v1/jobs").text


def test_after_all_that_anns_things_are_as_they_were(world: World) -> None:
    """Nothing that Bob or strangers tried has changed anything."""
    with world.server.http(world.ann) as http:
        piece = http.get(f"/api/v1/pieces/{world.ids['piece']}").json()
        assert (piece["title"], piece["head"], piece["trashed"], piece["shared"]) == ("Spring", 1, None, None)
        assert http.get(f"/api/v1/jobs/{world.ids['job']}").json()["state"] == "queued"
        assert world.ids["key"] in {key["id"] for key in http.get("/api/v1/keys").json()["keys"]}


def test_only_administrators_invite(world: World) -> None:
    """403 for others."""
    with world.server.http(world.bob) as http:
        assert http.post("/api/v1/invitations", json={}).status_code == 403
