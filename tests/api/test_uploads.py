"""Files that people upload, hostile ones among them: each becomes a piece or a refusal, and never a fault."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.api.live import TUNE, Server, running, score_data

from yuefu.errors import YuefuError
from yuefu.jobs.context import Context
from yuefu.jobs.kinds import do
from yuefu.score.files import score_from_data
from yuefu.score.midi import midi_bytes
from yuefu.score.musicxml_write import musicxml_bytes

V1 = "/api/v1"
LEASE = timedelta(seconds=60)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of its own, whose jobs the tests do."""
    with running(tmp_path_factory.mktemp("uploads"), queue=10_000) as found:
        yield found


@pytest.fixture(scope="module")
def uploads(server: Server) -> Iterator[Any]:
    """Upload a file and do its job: the piece's id, or the refusal's sentence."""
    with server.http() as http, server.store() as store:

        def send(data: bytes, name: str) -> tuple[str | None, str]:
            answer = http.post(f"{V1}/pieces/import", files={"file": (name, data)})
            if answer.status_code != 202:
                assert 400 <= answer.status_code < 500, answer.text
                return None, answer.json()["error"]["message"]
            job = store.jobs.claim("me", LEASE)
            assert job is not None
            assert job.id == answer.json()["id"]
            try:
                finished = do(Context(store, job))
                store.jobs.finish(job.id, "me", work=finished.work)
            except YuefuError as error:
                store.jobs.fail(job.id, "me", type(error).__name__, str(error))
            ended = http.get(f"{V1}/jobs/{job.id}").json()
            if ended["state"] == "done":
                return ended["result"]["piece"], ""
            return None, ended["error"]["message"]

        yield send


def tune_midi() -> bytes:
    """The tune as a MIDI file."""
    return midi_bytes(score_from_data(TUNE, "a.abc")[0])


def mxl(inner: bytes, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A compressed MusicXML file around some bytes; its members bear a fixed date, so that it is always the same."""
    packed = io.BytesIO()
    container = '<container><rootfiles><rootfile full-path="score.xml"/></rootfiles></container>'
    with zipfile.ZipFile(packed, "w", compression) as archive:
        for name, content in (("META-INF/container.xml", container), ("score.xml", inner)):
            archive.writestr(zipfile.ZipInfo(name), content, compression)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.abc", TUNE),
        ("a.mid", tune_midi()),
        ("a.musicxml", musicxml_bytes(score_from_data(TUNE, "a.abc")[0])),
        ("a.mxl", mxl(musicxml_bytes(score_from_data(TUNE, "a.abc")[0]))),
        ("a.yuefu.json", json.dumps(score_data()).encode()),
        ("春天.abc", TUNE),
        ("../../../etc/passwd.abc", TUNE),
        ("con.abc\x00.exe", TUNE),
    ],
)
def test_every_format_becomes_a_piece_whatever_its_name(uploads: Any, server: Server, name: str, data: bytes) -> None:
    """The name gives at most a title, and nothing on the disk is called by it."""
    piece, refused = uploads(data, name)
    assert piece is not None, refused
    with server.http() as http:
        assert http.get(f"{V1}/pieces/{piece}/versions/1/grid").json()["parts"]
    names = {path.name for path in server.settings.data.rglob("*")}
    assert not any("passwd" in each or "春天" in each or ".abc" in each for each in names)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.mid", b""),
        ("a.mid", b"MThd"),
        ("a.mid", tune_midi()[:40]),
        ("a.mid", b"MThd\x00\x00\x00\x06\x00\x01\xff\xff\x01\xe0" + b"MTrk\xff\xff\xff\xff" * 10),
        ("a.xml", b"<!DOCTYPE a [<!ENTITY b 'bbbb'><!ENTITY c '&b;&b;&b;'>]><score-partwise>&c;</score-partwise>"),
        ("a.xml", b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><score-partwise>&x;</score-partwise>"),
        ("a.xml", b"<a>" * 100_000),
        ("a.mxl", mxl(b"\x00" * (200 * 2**20))),
        ("a.mxl", mxl(b"<a/>")[:50]),
        ("a.mxl", mxl(mxl(mxl(b"<a/>")))),
        ("a.json", b"[" * 200_000),
        ("a.json", b'{"format":"yuefu-score-1","parts":[{"notes":{"start":[1e400]}}]}'),
        ("a.abc", b"X:1\nK:C\n" + b"|:" * 20_000),
        ("a.txt", b"\xff\xfe" * 100),
    ],
)
def test_hostile_files_are_refused_with_a_sentence(uploads: Any, name: str, data: bytes) -> None:
    """Cut short, bombs, entities, depth: refused, and quickly (or read as the little music that is in them)."""
    piece, refused = uploads(data, name)
    assert piece is not None or len(refused) > 10


@given(data=st.binary(max_size=400), name=st.sampled_from(["a.mid", "a.mxl", "a.xml", "a.abc", "a.json", ".", "音"]))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_random_bytes_under_any_name(uploads: Any, data: bytes, name: str) -> None:
    """Whatever comes, a piece or a sentence."""
    piece, refused = uploads(data, name)
    assert piece is not None or refused


@given(st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_files_with_a_few_wrong_bytes(uploads: Any, data: st.DataObject) -> None:
    """A good file in which some bytes were changed, and which was cut somewhere."""
    name, good = data.draw(
        st.sampled_from([
            ("a.mid", tune_midi()), ("a.abc", TUNE), ("a.xml", musicxml_bytes(score_from_data(TUNE, "a.abc")[0])),
        ])
    )  # fmt: skip
    bad = bytearray(good[: data.draw(st.integers(1, len(good)))])
    for _ in range(data.draw(st.integers(0, 6))):
        bad[data.draw(st.integers(0, len(bad) - 1))] = data.draw(st.integers(0, 255))
    piece, refused = uploads(bytes(bad), name)
    assert piece is not None or refused


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (b"", {"Content-Type": "multipart/form-data; boundary=x"}),
        (b"--x\r\n", {"Content-Type": "multipart/form-data; boundary=x"}),
        (b"rubbish", {"Content-Type": "multipart/form-data"}),
        (b'{"file": "x"}', {"Content-Type": "application/json"}),
        (b"--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\ntext\r\n--x--\r\n",
         {"Content-Type": "multipart/form-data; boundary=x"}),
        (b"--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a\"\r\n\r\n1\r\n" * 20 + b"--x--\r\n",
         {"Content-Type": "multipart/form-data; boundary=x"}),
    ],
)  # fmt: skip
def test_forms_that_are_none_are_refused(server: Server, content: bytes, headers: dict[str, str]) -> None:
    """Broken, without a file, with too many."""
    with server.http() as http:
        answer = http.post(f"{V1}/pieces/import", content=content, headers=headers)
        assert 400 <= answer.status_code < 500, answer.text
        assert answer.json()["error"]["message"]


def test_a_file_beyond_the_limit_is_refused(server: Server) -> None:
    """20 MB are the most, told or untold; nothing of it is kept."""
    with server.http() as http:
        before = sum(1 for path in server.settings.data.rglob("*") if path.is_file())
        answer = http.post(f"{V1}/pieces/import", files={"file": ("a.mid", b"x" * (21 * 2**20))})
        assert answer.status_code == 413

        def body() -> Iterator[bytes]:
            yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
            for _ in range(22):
                yield b"x" * 2**20

        try:
            answer = http.post(
                f"{V1}/pieces/import", content=body(), headers={"Content-Type": "multipart/form-data; boundary=x"}
            )
            assert answer.status_code == 413
        except httpx.TransportError:
            pass  # refused while it was still being sent
        assert sum(1 for path in server.settings.data.rglob("*") if path.is_file()) == before
