"""The typed client against a real server: everything that the API does, and lines that break."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.api.live import TUNE, Server, running, score_data

from yuefu.client import ApiError, Client, Event, Job, JobError, Piece
from yuefu.jobs.context import Context
from yuefu.jobs.kinds import do

LEASE = timedelta(seconds=60)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server without workers."""
    with running(tmp_path_factory.mktemp("client")) as found:
        yield found


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    """A client of it."""
    with Client(server.url) as found:
        yield found


@pytest.fixture
def piece(client: Client) -> Piece:
    """A new piece."""
    return client.create("Spring", score=score_data())


@contextmanager
def working(server: Server) -> Iterator[None]:
    """A worker in a thread of this process, for jobs that need no model."""
    stop = threading.Event()

    def work() -> None:
        with server.store() as store:
            while not stop.is_set():
                job = store.jobs.claim("me", LEASE)
                if job is None:
                    stop.wait(0.05)
                    continue
                try:
                    store.jobs.finish(job.id, "me", work=do(Context(store, job)).work)
                except Exception as error:
                    store.jobs.fail(job.id, "me", type(error).__name__, str(error))

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_a_piece_lives_through_the_client(client: Client, piece: Piece) -> None:
    """Found, changed, edited, undone, compared, copied, shared, trashed: typed records all along."""
    assert piece.head == 1
    assert piece.created.tzinfo is not None
    changed = client.change(piece, tags=["demo"], liked=True)
    assert (changed.tags, changed.liked) == (("demo",), True)
    edited = client.edit(changed, [{"op": "tempo", "bpm": 72}])
    assert edited.head == 2
    assert client.grid(edited)["tempo"] == 72
    assert client.undo(edited).head == 1
    assert client.redo(piece.id).head == 2
    assert client.redo(piece.id).head == 2
    assert client.compare(piece, 1, 2)["same"] is False
    assert [version.number for version in client.versions(piece)] == [2, 1]
    assert client.name_version(piece, 1, "first").name == "first"
    assert client.copy(piece).title == "Spring"
    assert client.share(piece).startswith("/shared/")
    client.unshare(piece)
    client.trash(piece)
    assert piece.id in {each.id for each in client.pieces(trashed=True)}
    client.restore(piece)
    assert piece.id in {each.id for each in client.pieces("spring", page=1)}


def test_an_edit_of_a_piece_that_was_read_before_is_refused(client: Client, piece: Piece) -> None:
    """Given a Piece, its state counts; given an id, any state does."""
    client.change(piece, title="Summer")
    with pytest.raises(ApiError) as refused:
        client.edit(piece, [{"op": "tempo", "bpm": 60}])
    assert refused.value.status == 412
    assert client.edit(piece.id, [{"op": "tempo", "bpm": 60}]).head == 2


def test_files_are_downloaded_and_what_takes_a_job_gets_one(
    server: Server, client: Client, piece: Piece, tmp_path: Path
) -> None:
    """MIDI at once; PDF by an export job that the client asks for and waits for."""
    assert client.download(piece, "midi")[:4] == b"MThd"
    with working(server):
        written = client.download(piece, "pdf", to=tmp_path / "spring.pdf")
        library = client.export_library(tmp_path / "all.zip")
    assert written.read_bytes()[:4] == b"%PDF"
    assert library.read_bytes()[:2] == b"PK"
    assert client.page(piece).startswith("<svg")
    assert "</svg>" in client.page(piece, jianpu=True)
    with pytest.raises(ApiError, match="no format"):
        client.download(piece, "exe")


def test_a_file_is_imported(server: Server, client: Client, tmp_path: Path) -> None:
    """And a file that is none is a JobError with its reason."""
    path = tmp_path / "tune.abc"
    path.write_bytes(TUNE)
    told: list[Event] = []
    with working(server):
        job = client.wait(client.import_file(path), on_event=told.append)
        assert client.piece(job.piece).title == "Spring"
        with pytest.raises(JobError, match=r"\w+ \w+"):
            client.wait(client.import_bytes(b"MThd", "a.mid"))
        failed = client.wait(client.import_bytes(b"MThd", "a.mid"), must_succeed=False)
    assert failed.state == "failed"
    assert [event.data["state"] for event in told if event.kind == "state"] == ["queued", "running", "done"]


def test_what_words_mean_and_what_there_is(client: Client) -> None:
    """Briefs, models, health, report, analysis."""
    told = client.read_brief("a waltz", tempo=92, language="zh")
    assert told["brief"]["meter"]["value"] == "3/4"
    assert "folk" in {style["key"] for style in client.models()["styles"]}
    assert client.health().status == "ok"
    assert client.me()["accounts"] is False


def test_a_refusal_is_an_error_with_everything_that_was_said(server: Server) -> None:
    """Status, type, sentence in the client's language."""
    with Client(server.url, language="zh") as client, pytest.raises(ApiError) as refused:
        client.piece("0" * 26)
    assert (refused.value.status, refused.value.kind) == (404, "NotFoundError")
    assert not str(refused.value).isascii()
    with pytest.raises(ApiError) as nobody, Client("http://127.0.0.1:9", retries=0) as lost:
        lost.health()
    assert nobody.value.status == 0


def test_a_job_can_be_cancelled(client: Client) -> None:
    """Then waiting for it is a JobError."""
    job = client.compose("rain", style="folk", seed=1)
    assert (job.state, job.request["options"]["style"]) == ("queued", "folk")  # type: ignore[index]
    assert job.id in {each.id for each in client.jobs("queued")}
    assert client.cancel(job).state == "cancelled"
    with pytest.raises(JobError, match="cancelled"):
        client.wait(job)


class Breaking:
    """A line to a server that breaks: the first answers are lost on their way back, or in the middle."""

    def __init__(self, url: str, lose: int, after: int) -> None:
        self.target = url.removeprefix("http://").split(":")
        self.lose, self.after = lose, after
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.lost = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                line, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        with line, socket.create_connection((self.target[0], int(self.target[1]))) as up:
            breaks = self.lost < self.lose
            self.lost += breaks
            threading.Thread(target=_pump, args=(line, up), daemon=True).start()
            passed = 0
            while data := up.recv(512):
                if breaks and passed + len(data) > self.after:
                    line.sendall(data[: max(0, self.after - passed)])
                    line.shutdown(socket.SHUT_RDWR)  # the other thread still reads from it
                    return
                passed += len(data)
                line.sendall(data)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass


def test_a_lost_answer_neither_loses_nor_doubles_a_job(server: Server) -> None:
    """The server has the job, the answer is lost three times: the client sends it again under the same key."""
    line = Breaking(server.url, lose=3, after=0)
    with Client(server.url) as direct, Client(line.url, retries=5) as client:
        before = len(direct.jobs(limit=500))
        job = client.compose("lost and found")
        assert isinstance(job, Job)
        assert line.lost == 3
        assert len(direct.jobs(limit=500)) == before + 1
        direct.cancel(job)


def test_a_broken_stream_is_mended_and_tells_everything_once(server: Server) -> None:
    """Events are followed over a line that breaks twice in the middle: each comes once, in order."""
    with Client(server.url) as direct:
        job = direct.compose("a stream")
    with server.store() as store:
        claimed = store.jobs.claim("me", LEASE)
        while claimed is not None and claimed.id != job.id:
            store.jobs.fail(claimed.id, "me", "Test", "not this one")
            claimed = store.jobs.claim("me", LEASE)

        def work() -> None:
            for number in range(40):
                store.jobs.event(job.id, "progress", {"n": number})
                time.sleep(0.01)
            store.jobs.finish(job.id, "me", {"piece": "p", "version": 1})

        worker = threading.Thread(target=work)
        worker.start()
        line = Breaking(server.url, lose=2, after=1500)
        with Client(line.url) as client:
            seen: list[Any] = [event.data["n"] for event in client.follow(job) if event.kind == "progress"]
        worker.join()
    assert line.lost == 2
    assert seen == list(range(40))


def test_a_program_with_a_key_sees_its_own_account(tmp_path: Path) -> None:
    """With accounts, the key says who; without one everything is 401."""
    with running(tmp_path, accounts=True) as server:
        _, key = server.account("ann")
        with Client(server.url, key) as client:
            assert client.me()["account"]["name"] == "ann"
            assert list(client.pieces()) == []
        with Client(server.url) as nobody, pytest.raises(ApiError) as refused:
            nobody.me()
        assert refused.value.status == 401
