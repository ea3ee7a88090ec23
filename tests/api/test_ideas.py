"""Ideas over HTTP: found in one's own pieces and files, turned, recombined, and given to a new piece."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any

import httpx
import pytest
from tests.api.live import TUNE, Server, make_piece, running

from yuefu.jobs.context import Context
from yuefu.jobs.kinds import do
from yuefu.score.files import score_from_data
from yuefu.score.midi import midi_bytes

V1 = "/api/v1"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of its own, without accounts or workers."""
    with running(tmp_path_factory.mktemp("ideas")) as found:
        yield found


@pytest.fixture
def http(server: Server) -> Iterator[httpx.Client]:
    """A client of it."""
    with server.http() as client:
        yield client


@pytest.fixture
def song(http: httpx.Client) -> dict[str, Any]:
    """A piece of four bars in the library."""
    return make_piece(http)


def post(http: httpx.Client, path: str, body: dict[str, Any], status: int = 200) -> dict[str, Any]:
    """What a route answers."""
    answer = http.post(f"{V1}/ideas/{path}", json=body)
    assert answer.status_code == status, answer.text
    return dict(answer.json())


def found(http: httpx.Client, **asked: Any) -> list[dict[str, Any]]:
    """The hits of a search."""
    return list(post(http, "search", asked)["hits"])


def test_an_empty_library_is_no_fault(tmp_path: Any) -> None:
    """A search finds nothing and says that there was nothing to search."""
    with running(tmp_path) as own, own.http() as http:
        told = post(http, "search", {"words": "rain"})
        assert (told["hits"], told["ideas"], told["fresh"]) == ([], 0, False)
        assert post(http, "surprising", {})["hits"] == []


def test_a_typed_progression_finds_the_piece_that_has_it(http: httpx.Client, song: dict[str, Any]) -> None:
    """Numerals bring the chords of the song, in its key, with the piece and its bars as the source."""
    best = found(http, roman="I V vi I", kinds=["progression"])[0]
    card = best["card"]
    assert card["kind"] == "progression"
    assert [chord["symbol"] for chord in card["chords"]][:4] == ["G", "D", "Em", "G"]
    assert card["source"]["piece"].startswith("piece:")
    assert card["source"]["title"] == "Spring"
    assert best["score"] > 0.8
    assert best["why"]
    assert card["playback"]["parts"]


def test_a_tune_a_drawing_a_mood_and_a_rhythm_bring_what_has_them(http: httpx.Client, song: dict[str, Any]) -> None:
    """The song begins G A B c, upwards: each way of asking brings a card with notes, best first."""
    for asked in (
        {"tune": "1 2 3 4"}, {"contour": [0, 1, 2, 3]}, {"mood": [0.5, 0.2]}, {"rhythm": "x.x.x.x."},
    ):  # fmt: skip
        hits = found(http, **asked)
        scores = [hit["score"] for hit in hits]
        assert hits, asked
        assert max(scores) == pytest.approx(scores[0], abs=0.2), asked
    pitches = [note[3] for note in found(http, tune="1 2 3 4")[0]["card"]["notes"] if note[0] == "melody"]
    assert [b - a for a, b in pairwise(pitches[:4])] == [2, 2, 1]


def test_the_same_search_and_seed_bring_the_same_cards(http: httpx.Client, song: dict[str, Any]) -> None:
    """Without a wish the seed decides, and decides alike each time."""
    asked = {"seed": 9, "n": 6}
    assert [hit["card"]["id"] for hit in found(http, **asked)] == [hit["card"]["id"] for hit in found(http, **asked)]


def test_a_card_speaks_the_visitors_language(http: httpx.Client, song: dict[str, Any]) -> None:
    """Kind, source and rights are in Chinese for whoever asks in Chinese."""
    answer = http.post(f"{V1}/ideas/search", json={"kinds": ["progression"]}, headers={"Accept-Language": "zh"})
    card = answer.json()["hits"][0]["card"]
    assert card["kind_name"] == "和弦进行"
    assert "出自" in card["source"]["sentence"]


def test_an_upload_is_taken_apart_and_not_kept(http: httpx.Client) -> None:
    """A MIDI file gives cards that name it; the library has no piece more than before."""
    before = len(http.get(f"{V1}/pieces").json()["pieces"])
    data = midi_bytes(score_from_data(TUNE, "a.abc")[0])
    answer = http.post(f"{V1}/ideas/extract", files={"file": ("my song.mid", data)})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert {card["kind"] for card in told["cards"]} >= {"progression"} or told["found"] > 0
    assert all(card["source"]["piece"] == "file:my song.mid" for card in told["cards"])
    assert len(http.get(f"{V1}/pieces").json()["pieces"]) == before


@pytest.mark.parametrize(
    ("name", "data"), [("a.mid", b"MThd nothing"), ("a.xml", b"<score-partwise>"), ("a.mid", b""), ("a", b"\x00" * 99)]
)
def test_a_broken_upload_is_refused_in_a_sentence(http: httpx.Client, name: str, data: bytes) -> None:
    """422, and no fault."""
    answer = http.post(f"{V1}/ideas/extract", files={"file": (name, data)})
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"]["message"].endswith((".", "。"))


def test_cards_are_combined_turned_and_downloaded(http: httpx.Client, song: dict[str, Any]) -> None:
    """The rhythm of a tune on other chords keeps its onsets; upside down it keeps its rhythm; MIDI holds its notes."""
    tune = found(http, tune="1 2 3 4")[0]["card"]
    chords = found(http, roman="I V vi I", kinds=["progression"])[0]["card"]
    made = post(http, "combine", {"rhythm": tune["idea"], "chords": chords["idea"], "seed": 3})
    lead = [note for note in made["notes"] if note[0] == "melody"]
    assert [note[1] for note in lead][: len(tune["notes"])] == [note[1] for note in tune["notes"]]
    turned = post(http, "turn", {"idea": tune["idea"], "how": "invert"})
    assert [note[1:3] for note in turned["notes"]] == [note[1:3] for note in tune["notes"]]
    assert [note[3] for note in turned["notes"]] != [note[3] for note in tune["notes"]]
    assert turned["source"] == tune["source"]
    answer = http.post(f"{V1}/ideas/midi", json={"idea": tune["idea"]})
    assert answer.headers["content-type"] == "audio/midi"
    assert ".mid" in answer.headers["content-disposition"]
    score = score_from_data(answer.content, "a.mid")[0]
    assert sorted(pitch for part in score.parts for pitch in part.notes["pitch"].tolist()) == sorted(
        note[3] for note in tune["notes"]
    )


def test_sparks_are_words_in_the_language_asked_for(http: httpx.Client) -> None:
    """Lines and titles, the same for the same seed, in Chinese where that is asked for."""
    asked = {"words": "夜雨", "language": "zh", "n": 4, "seed": 2}
    told = post(http, "sparks", asked)
    assert {card["kind"] for card in told["cards"]} == {"lyric", "title"}
    assert all(any("\u4e00" <= char <= "\u9fff" for char in card["text"]) for card in told["cards"])
    assert all(card["playback"] is None for card in told["cards"])
    assert told == post(http, "sparks", asked)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("search", {"roman": "I blah"}), ("search", {"rhythm": "???"}), ("search", {"contour": [1]}),
        ("search", {"mood": [2, 0]}), ("search", {"kinds": ["sonata"]}), ("search", {"n": 1000}),
        ("search", {"like": {"kind": "hook"}}), ("search", {"like": "[" * 50_000}), ("combine", {}),
        ("turn", {"idea": {}, "how": "invert"}), ("sparks", {"kinds": ["hook"]}), ("midi", {}),
    ],
)  # fmt: skip
def test_what_cant_be_asked_is_refused_in_a_sentence(
    http: httpx.Client, song: dict[str, Any], path: str, body: dict[str, Any]
) -> None:
    """422 or 413 with a message, and no fault."""
    answer = http.post(f"{V1}/ideas/{path}", json=body)
    assert answer.status_code in (413, 422), answer.text
    assert answer.json()["error"]["message"]


def test_words_alone_have_no_midi_and_cant_be_turned(http: httpx.Client) -> None:
    """Both say why."""
    spark = post(http, "sparks", {"words": "rain", "n": 1})["cards"][0]["idea"]
    assert "words" in post(http, "midi", {"idea": spark}, 422)["error"]["message"]
    assert "words" in post(http, "turn", {"idea": spark, "how": "invert"}, 422)["error"]["message"]


@pytest.mark.model
def test_a_piece_begun_with_cards_contains_their_notes(
    server: Server, http: httpx.Client, song: dict[str, Any]
) -> None:
    """A compose job with ideas makes a piece in which the tune stands, note for note, in one key or another."""
    tune = found(http, tune="1 2 3 4")[0]["card"]
    request = {"words": "calm", "options": {"seed": 5, "bars": 8}, "ideas": [tune["idea"]]}
    answer = http.post(f"{V1}/jobs", json={"kind": "compose", "request": request})
    assert answer.status_code == 201, answer.text
    with server.store() as store:
        job = store.jobs.claim("me", timedelta(seconds=60))
        assert job is not None
        assert job.id == answer.json()["id"]
        store.jobs.finish(job.id, "me", work=do(Context(store, job)).work)
    piece = http.get(f"{V1}/jobs/{job.id}").json()["result"]["piece"]
    grid = http.get(f"{V1}/pieces/{piece}/versions/1/grid").json()
    melody = next(part for part in grid["parts"] if part["row"] == "melody")
    wanted = steps([(round(start * 24), pitch) for _, start, _, pitch, _ in tune["notes"]])
    own = [(start, pitch) for _, start, _, pitch, _ in melody["notes"]]
    assert any(steps(own[i : i + len(tune["notes"])]) == wanted for i in range(len(own)))


def steps(notes: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """What of a tune stays the same in another key and place: how far apart its notes are, in time and pitch."""
    return [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(notes)]


def test_cards_that_dont_fit_into_one_piece_are_refused_at_once(http: httpx.Client, song: dict[str, Any]) -> None:
    """Two metres in one piece: 422 when the job is asked for, and nothing is queued."""
    tune = found(http, tune="1 2 3 4")[0]["card"]["idea"]
    waltz = {**tune, "meter": "3/4", "bars": 8}
    request = {"words": "calm", "ideas": [tune, waltz]}
    answer = http.post(f"{V1}/jobs", json={"kind": "compose", "request": request})
    assert answer.status_code == 422
    assert "3/4" in answer.json()["error"]["message"]


def test_nobody_finds_ideas_of_anothers_pieces(shared_server: Server) -> None:
    """Each account searches its own library alone."""
    _, carol = shared_server.account("carol")
    _, dave = shared_server.account("dave")
    with shared_server.http(carol) as own, shared_server.http(dave) as other:
        make_piece(own, "Carol's secret")
        assert found(own, roman="I V")
        told = other.post(f"{V1}/ideas/search", json={"roman": "I V"})
        assert told.json()["ideas"] == 0
        assert "secret" not in told.text
