"""How words are understood, and what can be asked for, over HTTP."""

from __future__ import annotations

import httpx
import pytest

V1 = "/api/v1"


def test_words_are_understood_field_by_field_with_their_sources(http: httpx.Client) -> None:
    """Each field says its value, as text too, and whether words or an option said so."""
    answer = http.post(
        f"{V1}/briefs", json={"words": "a melancholy waltz for a rainy night, solo piano", "options": {"tempo": "92"}}
    )
    assert answer.status_code == 200, answer.text
    fields = {each["field"]: each for each in answer.json()["understood"]}
    assert (fields["tempo"]["value"], fields["tempo"]["shown"], fields["tempo"]["source"]) == (92, "92", "user")
    assert fields["meter"]["value"] == "3/4"
    assert fields["valence"]["value"] < 0
    assert fields["instruments"]["words"] == ["solo piano"]
    assert answer.json()["brief"]["tempo"]["value"] == 92


def test_values_are_shown_in_the_language_asked_for(http: httpx.Client) -> None:
    """Chinese for Accept-Language zh, or when the request says so."""
    body = {"words": "一首民谣，吉他和二胡"}
    for answer in (
        http.post(f"{V1}/briefs", json=body, headers={"Accept-Language": "zh-CN"}),
        http.post(f"{V1}/briefs", json={**body, "language": "zh"}),
    ):
        fields = {each["field"]: each for each in answer.json()["understood"]}
        assert "二胡" in fields["instruments"]["shown"]


def test_everything_that_can_be_understood_can_be_shown(http: httpx.Client) -> None:
    """A brief with every field filled is text throughout, in both languages."""
    options = {
        "title": "T", "style": "folk", "mood": "0.5,-0.2", "tempo": 92, "key": "G minor", "meter": "3/4",
        "form": "intro:4 verse:8 chorus:8", "instruments": "voice, piano", "without": "drums",
        "chords": "verse: C G | Am; chorus: F C", "lyrics": "spring has come\nto us again", "seed": 3, "candidates": 2,
    }  # fmt: skip
    for language in ("en", "zh"):
        told = http.post(f"{V1}/briefs", json={"options": options, "language": language})
        assert told.status_code == 200, told.text
        fields = {each["field"]: each["shown"] for each in told.json()["understood"]}
        assert set(options) - {"mood"} <= set(fields)
        assert all(fields.values())
        assert fields["chords"] == "verse: C | G | Am; chorus: F | C" or "verse: C G | Am" in fields["chords"]


@pytest.mark.parametrize(
    "body",
    [{"words": ""}, {"words": "x" * 5000}, {"words": "rain", "options": {"tempo": 9}}, {"words": "rain", "colour": 1}],
)
def test_what_cannot_be_met_is_refused_with_a_sentence(http: httpx.Client, body: dict[str, object]) -> None:
    """Empty, too long, impossible, unknown."""
    answer = http.post(f"{V1}/briefs", json=body)
    assert answer.status_code in (413, 422)
    assert answer.json()["error"]["message"]


def test_models_tell_everything_that_can_be_asked_for(http: httpx.Client) -> None:
    """Styles, instruments with both names, formats, metres, keys, rows."""
    told = http.get(f"{V1}/models").json()
    assert {"folk", "pop"} <= {style["key"] for style in told["styles"]}
    erhu = next(each for family in told["families"] for each in family["instruments"] if each["key"] == "erhu")
    assert (erhu["en"], erhu["zh"]) == ("erhu", "二胡")
    needs = {each["key"]: each["needs"] for each in told["formats"]}
    assert (needs["midi"], needs["mp3"], needs["pdf"], needs["zip"]) == (None, "render", "export", "export")
    assert "C major" in told["keys"]
    assert "A minor" in told["keys"]


def test_health_says_what_is_missing(http: httpx.Client) -> None:
    """A server that was asked for no workers is well without; version, model and queue are told."""
    told = http.get(f"{V1}/health").json()
    assert told["status"] == "ok"
    assert told["database"] is True
    assert len(told["model"]) == 16
    assert set(told["queue"]) == {"waiting", "running", "most"}


def test_a_sound_of_the_player_may_be_kept_for_ever(http: httpx.Client) -> None:
    """One FLAC a note, for instruments and drums; nothing beyond General MIDI."""
    answer = http.get(f"{V1}/sounds/0/60.flac")
    assert answer.content[:4] == b"fLaC"
    assert "immutable" in answer.headers["cache-control"]
    assert http.get(f"{V1}/sounds/drums/36.flac").content[:4] == b"fLaC"
    assert http.get(f"{V1}/sounds/128/60.flac").status_code == 404
    assert http.get(f"{V1}/sounds/0/128.flac").status_code == 422
