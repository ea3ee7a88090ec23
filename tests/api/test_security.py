"""What comes from elsewhere, is too large, too deep or too often, and what every answer carries."""

from __future__ import annotations

import json
import socket
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.api.live import Server, make_piece, running

V1 = "/api/v1"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8765", "localhost.evil.example", "a b", "", "[::1"])
def test_another_name_for_this_machine_is_refused(http: httpx.Client, host: str) -> None:
    """A page whose name was rebound to 127.0.0.1 gets nothing, of the API or the pages."""
    for path in (f"{V1}/me", "/", f"{V1}/health"):
        answer = http.get(path, headers={"Host": host})
        assert answer.status_code in (400, 421), (host, path)
        assert "local" not in answer.text or "localhost" in answer.text


@pytest.mark.parametrize("host", ["localhost:1", "127.0.0.1", "[::1]:8765", "LOCALHOST"])
def test_the_names_of_localhost_are_all_right(http: httpx.Client, host: str) -> None:
    """With any port, since a tunnel may be in between."""
    assert http.get(f"{V1}/me", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_pages_of_other_sites_change_nothing(http: httpx.Client, headers: dict[str, str]) -> None:
    """A write with a foreign Origin is 403, whatever its body; reading isn't helped either, for there is no CORS."""
    answer = http.post(f"{V1}/pieces", json={"title": "Foreign"}, headers=headers)
    assert (answer.status_code, answer.json()["error"]["type"]) == (403, "OriginError")
    assert http.get(f"{V1}/pieces", params={"words": "Foreign"}).json()["pieces"] == []
    assert "access-control-allow-origin" not in http.get(f"{V1}/me", headers=headers).headers


def test_the_studios_own_pages_may_write(http: httpx.Client, local: Server) -> None:
    """The same Origin as the Host."""
    host = local.url.removeprefix("http://")
    answer = http.post(f"{V1}/pieces", json={"bars": 1}, headers={"Origin": f"http://{host}", "Host": host})
    assert answer.status_code == 201


def test_every_answer_carries_the_security_headers(http: httpx.Client) -> None:
    """JSON, pages, static files, refusals and faults of addresses alike."""
    for path in (f"{V1}/me", "/", "/static/css/base.css", f"{V1}/nosuch", "/nosuch", f"{V1}/jobs/x", "/api"):
        answer = http.get(path)
        assert answer.headers["x-content-type-options"] == "nosniff", path
        policy = answer.headers["content-security-policy"]
        for rule in ("default-src 'self'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"):
            assert rule in policy, path
        assert "unsafe" not in policy
        assert answer.headers["referrer-policy"] == "same-origin"
    refused = http.get(f"{V1}/me", headers={"Host": "evil.example"})
    assert refused.headers["x-content-type-options"] == "nosniff"


def test_a_body_beyond_the_limit_is_refused_before_it_is_read(http: httpx.Client) -> None:
    """By its length when it tells one, else as soon as it has come too far."""
    large = b'{"words": "' + b"x" * (3 * 2**20) + b'"}'
    answer = http.post(f"{V1}/briefs", content=large, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["error"]["type"]) == (413, "LimitError")

    def chunks() -> Any:
        for _ in range(40):
            yield b"x" * 100_000

    answer = http.post(f"{V1}/briefs", content=chunks(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
        b'{"words": NaN}',
        b'{"words": "rain", "options": {"tempo": Infinity}}',
        b'{"words": "\\ud800"}',
        b'{"words": "a\\u0000b"}',
        b'{"words": ' + b"1" * 10_000 + b"}",
        b'{"words": "\xff\xfe"}',
        b"",
        b"null",
        b'"\\',
    ],
)
def test_json_that_is_none_is_refused(http: httpx.Client, body: bytes) -> None:
    """Too deep, numbers that are none, half characters, not JSON at all: a sentence, never a fault."""
    answer = http.post(f"{V1}/briefs", content=body, headers={"Content-Type": "application/json"})
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json()["error"]["message"]


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists, max_leaves=20))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_edits_of_any_shape_are_refused_with_a_sentence(http: httpx.Client, piece: dict[str, Any], junk: Any) -> None:
    """Where edits should be, any JSON may come."""
    at = f"{V1}/pieces/{piece['id']}/versions"
    for edits in (junk, [junk], [{"op": "add_note", "part": junk, "start": junk, "duration": 1, "pitch": 60}]):
        text = json.dumps({"edits": edits})
        answer = http.post(at, content=text, headers={"If-Match": "*", "Content-Type": "application/json"})
        assert 400 <= answer.status_code < 500, answer.text


def test_no_name_ever_becomes_a_path(http: httpx.Client) -> None:
    """Nothing outside the studio's static files is served, however it is written."""
    for path in (
        "/static/../app.py", "/static/..%2f..%2frouter.py", "/static/%2e%2e/router.py", "/static//etc/passwd",
        f"{V1}/pieces/..%2f..%2fetc/versions/1/grid", "/static/css/%00.css", f"{V1}/sounds/..%2f0/60.flac",
    ):  # fmt: skip
        answer = http.get(path)
        assert 400 <= answer.status_code < 500, path
        assert "import" not in answer.text
        assert "root:" not in answer.text


def test_requests_that_come_too_fast_are_slowed_down(tmp_path: Any) -> None:
    """Beyond its bucket a visitor gets 429 with a hint, in their language; the next second is fine again."""
    with running(tmp_path, writes=0.5) as server, server.http(**{"Accept-Language": "zh"}) as http:
        answers = [http.post(f"{V1}/briefs", json={}) for _ in range(30)]
        assert answers[0].status_code == 422
        refused = next(answer for answer in answers if answer.status_code == 429)
        assert int(refused.headers["retry-after"]) >= 1
        assert "太频繁" in refused.json()["error"]["message"]
        assert http.get(f"{V1}/me").status_code == 200


def test_errors_speak_the_visitors_language(http: httpx.Client) -> None:
    """By the cookie, else by Accept-Language."""
    missing = f"{V1}/pieces/{'0' * 26}"
    english = http.get(missing).json()["error"]["message"]
    chinese = http.get(missing, headers={"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"}).json()["error"]["message"]
    cookie = http.get(missing, headers={"Cookie": "yuefu_lang=zh"}).json()["error"]["message"]
    assert english.isascii()
    assert not chinese.isascii()
    assert chinese == cookie


def test_half_a_request_holds_nothing_up(http: httpx.Client, local: Server) -> None:
    """Lines that are opened and left, or send rubbish, don't keep others from being served."""
    host, port = local.url.removeprefix("http://").split(":")
    rubbish = (
        b"POST /api/v1/briefs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{",
        b"\x00\xff\r\n\r\n",
        b"GET / HTTP/1.1\r\n",
    )
    left = [socket.create_connection((host, int(port)), timeout=10) for _ in range(30)]
    try:
        for number, line in enumerate(left):
            line.sendall(rubbish[number % 3])
        assert http.get(f"{V1}/health").status_code == 200
    finally:
        for line in left:
            line.close()


def test_a_fault_of_ours_is_a_number_and_nothing_else(http: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """What went wrong inside stays inside."""
    piece = make_piece(http, "One that nobody has looked at")

    def fail(*_: object) -> None:
        raise RuntimeError("a secret path /home/ann")

    monkeypatch.setattr("yuefu.workflows.views.grid_view", fail)
    answer = http.get(f"{V1}/pieces/{piece['id']}/versions/1/grid")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.json()["error"]["type"] == "Fault"
