"""The library and its versions over HTTP."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.api.live import make_piece, score_data

from yuefu.web.schemas import Grid, Playback

V1 = "/api/v1"


def test_a_piece_is_made_found_changed_trashed_restored_and_erased(http: httpx.Client) -> None:
    """The life of a piece, with its ETag moving at each change."""
    made = make_piece(http, "Plum rain 梅雨")
    at = f"{V1}/pieces/{made['id']}"
    got = http.get(at)
    assert got.headers["etag"] == f'"{made["etag"]}"'
    assert got.json() == made
    assert [p["id"] for p in http.get(f"{V1}/pieces", params={"words": "梅雨"}).json()["pieces"]] == [made["id"]]

    changed = http.patch(at, json={"tags": ["wet"], "liked": True}, headers={"If-Match": got.headers["etag"]})
    assert changed.status_code == 200
    assert changed.headers["etag"] != got.headers["etag"]
    assert changed.json()["tags"] == ["wet"]
    assert http.get(f"{V1}/pieces/tags").json()["tags"]["wet"] == 1

    assert http.delete(at, params={"forever": "true"}).status_code == 409
    assert http.delete(at).status_code == 204
    assert made["id"] not in {p["id"] for p in http.get(f"{V1}/pieces").json()["pieces"]}
    assert made["id"] in {p["id"] for p in http.get(f"{V1}/pieces", params={"trashed": True}).json()["pieces"]}
    assert http.post(f"{at}/restore").json()["trashed"] is None
    http.delete(at)
    assert http.delete(at, params={"forever": "true"}).status_code == 204
    assert http.get(at).status_code == 404


def test_pages_of_the_library_hold_every_piece_once(http: httpx.Client) -> None:
    """Following ``next`` shows each piece exactly once, in the order that was asked for."""
    names = [f"Paged {n}" for n in range(5)]
    made = [make_piece(http, name)["id"] for name in names]
    seen: list[str] = []
    after = None
    while True:
        params: dict[str, Any] = {"words": "Paged", "limit": 2, "sort": "created"}
        found = http.get(f"{V1}/pieces", params={**params, **({"after": after} if after else {})}).json()
        seen += [piece["id"] for piece in found["pieces"]]
        after = found["next"]
        if after is None:
            break
    assert seen == made


def test_an_edit_makes_a_version_and_undo_moves_the_head(http: httpx.Client, piece: dict[str, Any]) -> None:
    """Edits need the ETag; the history keeps both states; setting the head brings the old one back."""
    at = f"{V1}/pieces/{piece['id']}"
    edits = {"base": 1, "edits": [{"op": "tempo", "bpm": 72}]}
    answer = http.post(f"{at}/versions", json=edits, headers={"If-Match": f'"{piece["etag"]}"'})
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["head"], told["version"]["parent"], told["facts"]["tempo"]) == (2, 1, 72)
    assert told["version"]["note"]
    assert http.get(f"{at}/versions/2/grid").json()["tempo"] == 72
    assert http.get(f"{at}/versions/1/grid").json()["tempo"] == 100

    undone = http.put(f"{at}/head", json={"version": 1}, headers={"If-Match": answer.headers["etag"]})
    assert (undone.json()["head"], undone.json()["facts"]["tempo"]) == (1, 100)
    assert http.get(f"{at}/versions/1").json()["redo"] == 2
    assert [v["number"] for v in http.get(f"{at}/versions").json()["versions"]] == [2, 1]
    difference = http.get(f"{at}/versions/1/compare/2").json()
    assert difference["same"] is False
    named = http.patch(f"{at}/versions/2", json={"name": "slower"})
    assert named.json()["name"] == "slower"


def test_of_two_who_change_the_same_state_one_is_refused(http: httpx.Client, piece: dict[str, Any]) -> None:
    """A stale ETag is 412 and changes nothing, a missing one 428, for every change of a piece."""
    at = f"{V1}/pieces/{piece['id']}"
    stale = {"If-Match": f'"{piece["etag"]}"'}
    assert http.patch(at, json={"title": "First"}, headers=stale).status_code == 200
    edits = {"edits": [{"op": "tempo", "bpm": 72}]}
    for call in (
        lambda headers: http.patch(at, json={"title": "Second"}, headers=headers),
        lambda headers: http.post(f"{at}/versions", json=edits, headers=headers),
        lambda headers: http.put(f"{at}/head", json={"version": 1}, headers=headers),
    ):
        assert call(stale).status_code == 412
        assert call(stale).json()["error"]["type"] == "ConflictError"
        assert call({}).status_code == 428
    now = http.get(at).json()
    assert (now["title"], now["head"]) == ("First", 1)


def test_edits_that_cannot_be_done_change_nothing(http: httpx.Client, piece: dict[str, Any]) -> None:
    """One fault among several edits is one sentence, and no version."""
    at = f"{V1}/pieces/{piece['id']}"
    edits = [{"op": "tempo", "bpm": 72}, {"op": "no such thing"}]
    answer = http.post(f"{at}/versions", json={"edits": edits}, headers={"If-Match": "*"})
    assert answer.status_code == 422
    assert answer.json()["error"]["message"]
    assert http.get(at).json()["head"] == 1


def test_views_of_a_version_are_made_once_and_asked_for_by_etag(http: httpx.Client, piece: dict[str, Any]) -> None:
    """Grid, playback, report, analysis and pages carry an ETag; the browser that has it gets 304."""
    at = f"{V1}/pieces/{piece['id']}/versions/1"
    assert http.get(f"{at}/pages").json()["pages"] == 1
    for view in ("grid", "playback", "report", "analysis", "pages/1.svg", "jianpu/1.svg", "files/midi"):
        first = http.get(f"{at}/{view}")
        assert first.status_code == 200, view
        again = http.get(f"{at}/{view}", headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b""), view
    assert http.get(f"{at}/pages/2.svg").status_code == 404


def test_a_page_opened_by_itself_may_run_nothing(http: httpx.Client, piece: dict[str, Any]) -> None:
    """SVG comes with a sandboxing policy and no guessing of types."""
    page = http.get(f"{V1}/pieces/{piece['id']}/versions/1/pages/1.svg")
    assert page.headers["content-type"].startswith("image/svg+xml")
    assert "sandbox" in page.headers["content-security-policy"]
    assert "script-src" not in page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"


def test_quick_files_come_at_once_with_the_title_as_their_name(http: httpx.Client) -> None:
    """MIDI, MusicXML, ABC and JSON are answered directly; the name is any title's, safely written."""
    piece = make_piece(http, '春 "a"/../b\r\nX: y')
    at = f"{V1}/pieces/{piece['id']}/versions/1/files"
    midi = http.get(f"{at}/midi")
    assert midi.content[:4] == b"MThd"
    told = midi.headers["content-disposition"]
    assert told.startswith("attachment; filename=")
    assert "filename*=UTF-8''%E6%98%A5" in told
    assert "/.." not in told
    listed = {each["format"]: each for each in http.get(at).json()["files"]}
    for fmt, told_file in listed.items():
        answer = http.get(f"{at}/{fmt}")
        assert answer.status_code == (200 if told_file["ready"] else 409), (fmt, answer.text[:200])
    assert http.get(f"{at}/mp3").json()["error"]["type"] == "NotMadeError"
    assert http.get(f"{at}/exe").status_code == 404


def test_a_kept_sound_can_be_fetched_in_ranges(http: httpx.Client, local: Any, piece: dict[str, Any]) -> None:
    """A browser that seeks asks for ranges of the file."""
    with local.store() as store:
        store.pieces.keep_file(piece["id"], 1, "mp3", store.blobs.put(b"0123456789" * 50), "song.mp3", "audio/mpeg")
    at = f"{V1}/pieces/{piece['id']}/versions/1/files/mp3"
    assert len(http.get(at).content) == 500
    part = http.get(at, headers={"Range": "bytes=10-14"})
    assert (part.status_code, part.content) == (206, b"01234")


def test_an_empty_piece_can_be_begun_by_hand(http: httpx.Client) -> None:
    """Bars, metre, key and tempo as asked."""
    answer = http.post(f"{V1}/pieces", json={"title": "Sketch", "bars": 8, "meter": "3/4", "key": "D major"})
    assert answer.status_code == 201
    grid = http.get(f"{V1}/pieces/{answer.json()['id']}/versions/1/grid").json()
    assert (len(grid["bars"]), grid["meter"], grid["key"]) == (8, "3/4", "D major")


@pytest.mark.parametrize("score", [{}, {"format": "yuefu-score-1"}, {**score_data(), "parts": 3}, {"parts": [[]]}])
def test_a_score_that_is_none_is_refused(http: httpx.Client, score: dict[str, Any]) -> None:
    """JSON of another shape is 422 with a sentence."""
    answer = http.post(f"{V1}/pieces", json={"score": score})
    assert answer.status_code == 422
    assert answer.json()["error"]["message"]


def test_a_copy_has_a_history_of_its_own(http: httpx.Client, piece: dict[str, Any]) -> None:
    """Changing the copy leaves the original."""
    copied = http.post(f"{V1}/pieces/{piece['id']}/copy").json()
    assert copied["id"] != piece["id"]
    http.post(
        f"{V1}/pieces/{copied['id']}/versions", json={"edits": [{"op": "tempo", "bpm": 60}]}, headers={"If-Match": "*"}
    )
    assert http.get(f"{V1}/pieces/{piece['id']}").json()["head"] == 1
    assert http.get(f"{V1}/pieces/{copied['id']}").json()["head"] == 2


def test_a_tune_is_found_in_any_key(http: httpx.Client, piece: dict[str, Any]) -> None:
    """The beginning of the tune as jianpu finds the piece, with the bar."""
    hits = http.post(f"{V1}/pieces/search-tune", json={"tune": "1 2 3 4 5 6 7"}).json()["hits"]
    assert piece["id"] in {hit["piece"]["id"] for hit in hits[:20]}
    assert all(0 <= hit["score"] <= 1 for hit in hits)
    assert http.post(f"{V1}/pieces/search-tune", json={"tune": "???"}).status_code == 422


def test_a_shared_piece_is_seen_without_a_log_in_until_the_link_is_taken_back(
    http: httpx.Client, piece: dict[str, Any]
) -> None:
    """Grid, playback, pages and files by link; nothing of the account; gone with the link."""
    share = f"{V1}/pieces/{piece['id']}/share"
    token = http.put(share).json()["token"]
    at = f"{V1}/shared/{token}"
    for view in ("", "/grid", "/playback", "/pages", "/pages/1.svg", "/jianpu/1.svg", "/files", "/files/midi"):
        assert http.get(at + view).status_code == 200, view
    assert piece["id"] not in http.get(at).text
    assert http.delete(share).status_code == 204
    assert http.get(at).status_code == 404


def test_grid_and_playback_are_as_documented(http: httpx.Client, piece: dict[str, Any]) -> None:
    """The models of the OpenAPI document hold everything that the views have."""
    at = f"{V1}/pieces/{piece['id']}/versions/1"
    grid = http.get(f"{at}/grid").json()
    assert Grid.model_validate(grid).model_dump(mode="json").keys() <= grid.keys()
    assert Grid.model_validate(grid).parts[0].notes[0][2:4] == (24, 67)
    assert set(grid["parts"][0]) == set(Grid.model_validate(grid).parts[0].model_dump())
    playback = http.get(f"{at}/playback").json()
    told = Playback.model_validate(playback)
    assert set(playback["parts"][0]) == set(told.parts[0].model_dump())
    assert told.clock[0] == (0, 0)
