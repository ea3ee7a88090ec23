"""Ideas through the typed client against a real server: found, taken from a file, turned, given to a piece."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.api.live import TUNE, running, score_data

from yuefu.client import ApiError, Card, Client


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A client of a server that holds a piece and has no workers."""
    with running(tmp_path_factory.mktemp("ideas")) as server, Client(server.url) as found:
        found.create("Spring", score=score_data())
        yield found


def test_cards_are_typed_and_go_back_as_they_came(client: Client) -> None:
    """A progression that is found says why and where it is from; turned and combined it is a card again."""
    chords = client.ideas.search(roman="I V vi I", kinds=["progression"])[0]
    assert isinstance(chords, Card)
    assert [chord["roman"] for chord in chords.chords][:2] == ["I", "V"]
    assert chords.score is not None
    assert chords.score > 0.8
    assert "Spring" in chords.source["sentence"]
    tune = client.ideas.search(tune="1 2 3 4")[0]
    both = client.ideas.combine(rhythm=tune, chords=chords, mood=(-0.5, 0.2), seed=1)
    assert both.notes
    moved = client.ideas.turn(chords, "transpose", key="E major")
    assert moved.key == "E major"
    assert client.ideas.midi(both)[:4] == b"MThd"
    assert client.ideas.search(like=tune)[0].id != tune.id


def test_a_file_gives_cards_that_can_be_searched(client: Client, tmp_path: Path) -> None:
    """What was extracted is searched beside the library when it comes along."""
    file = tmp_path / "mine.abc"
    file.write_bytes(TUNE.replace(b"T:Spring", b"T:Mine"))
    cards = client.ideas.extract(file)
    assert cards
    assert cards[0].source["piece"] == "file:mine.abc"
    assert cards[0].is_free is None
    found = client.ideas.search("Mine", among=cards)
    assert any(card.source["title"] == "Mine" for card in found)


def test_sparks_and_refusals(client: Client) -> None:
    """Words give lines and titles; what makes no sense is an ApiError with a sentence."""
    assert {card.kind for card in client.ideas.sparks("rain", n=4)} == {"lyric", "title"}
    assert client.ideas.surprising(n=2) is not None
    with pytest.raises(ApiError) as refused:
        client.ideas.turn(client.ideas.sparks("rain", n=1)[0], "invert")
    assert refused.value.status == 422


def test_a_piece_is_asked_for_with_cards(client: Client) -> None:
    """The job carries the ideas as they were given."""
    tune = client.ideas.search(tune="1 2 3 4")[0]
    job = client.compose("calm", ideas=[tune], bars=8)
    assert job.request is not None
    assert job.request["ideas"][0]["notes"] == tune.idea["notes"]
