"""Listening through the client, against a real server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.api.live import Server, running, score_data

from yuefu.client import ApiError, Client, Piece


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server without workers."""
    with running(tmp_path_factory.mktemp("listening-client")) as found:
        yield found


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    """A client of it, by which nobody has listened yet."""
    with Client(server.url) as found:
        found.listening.erase()
        yield found


@pytest.fixture
def pieces(client: Client) -> list[Piece]:
    """Three pieces."""
    return list(client.pieces()) or [client.create(title, score=score_data()) for title in ("Rain", "Kite", "Snow")]


def test_told_seen_and_erased(client: Client, pieces: list[Piece]) -> None:
    """More events than one request holds; what is dropped is named by its place among all."""
    events = [{"kind": "like", "item": f"artist:number {n}"} for n in range(520)]
    told = client.listening.tell_all([*events, {"kind": "danced", "item": "artist:abba"}])
    assert told.kept == 520
    assert [(each["index"], each["reason"]) for each in told.dropped] == [(520, "kind")]
    assert client.listening.tell("skip", pieces[0], second=12.0).kept == 1
    assert len(list(client.listening.events())) == 521
    assert client.listening.summary()["events"] == 521
    assert len(client.listening.export()["events"]) == 521
    assert client.listening.erase()["events"] == 521
    assert list(client.listening.events()) == []


def test_recommended_explained_and_steered(client: Client, pieces: list[Piece]) -> None:
    """Reasons add up; what is steered away from doesn't come again."""
    client.listening.tell("like", pieces[0])
    found = client.listening.recommend(3, seed=1, diversity=0.2)
    assert {each.piece_id for each in found} == {piece.id for piece in pieces}
    why = client.listening.why(pieces[1])
    assert why["rest"] + sum(each["amount"] for each in why["reasons"]) == pytest.approx(why["score"], abs=1e-6)
    assert len(client.listening.more_like(pieces[1], 2)) == 2
    client.listening.steer(pieces[2], more=False)
    assert pieces[2].id not in {each.piece_id for each in client.listening.recommend(3)}
    with pytest.raises(ApiError) as refused:
        client.listening.why("artist:a/b - c")
    assert refused.value.status == 404


def test_playlists_charts_taste_and_speech(client: Client, pieces: list[Piece]) -> None:
    """Made, kept, changed, deleted; counted; set; answered."""
    listening = client.listening
    made = listening.playlist("", 1, like=[pieces[0]])
    assert made.id
    assert made.minutes > 0
    kept = listening.keep_playlist("Mine", pieces[:2])
    assert kept.id is not None
    changed = listening.change_playlist(kept.id, title="Ours", items=pieces[:1])
    assert (changed.title, len(changed.items)) == ("Ours", 1)
    assert listening.steer_playlist(made.id, pieces[0]).id == made.id
    listening.delete_playlist(kept.id)
    assert [each["id"] for each in listening.playlists()] == [made.id]
    listening.tell("finish", pieces[0])
    assert [row["title"] for row in listening.chart("day")] == [pieces[0].title]
    clips = listening.clips(2, [(0.2, -0.4)])
    assert listening.start([(0.2, -0.4)], {clips[0]["item"]: True})["started"]
    assert listening.set_taste(energy=0.3)["edited"] == {"energy": 0.3}
    assert listening.settings(novelty=0.5)["dials"]["novelty"] == 0.5
    assert listening.speak("play something calm")["action"] == "play"
    assert listening.daily_mix(make=False) == []
