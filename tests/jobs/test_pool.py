"""Worker processes: kill -9 of any of them, and of the server above them, loses nothing and doubles nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.store.places import Place

from yuefu.jobs.limits import Limits
from yuefu.jobs.pool import Pool
from yuefu.jobs.requests import parse_request
from yuefu.jobs.worker import worker_name
from yuefu.store import Store
from yuefu.store.jobs import Job

SERVER = """
import sys, time
from datetime import timedelta
from pathlib import Path
from yuefu.jobs.limits import Limits
from yuefu.jobs.pool import Pool
pool = Pool(Path(sys.argv[1]), sys.argv[2] or None, 2, Limits(lease=timedelta(seconds=2)), warm=False)
pool.start()
print(*pool.pids, flush=True)
while True:
    time.sleep(0.2)
    pool.watch()
"""
#: A job that goes on for long enough to be killed in it.
LONG = parse_request("compose", {"words": "a tune for flute", "options": {"bars": 64, "candidates": 64}})


def _import(store: Store, me: str, number: int) -> str:
    """A job of some tenths of a second: a file of many bars."""
    bars = "|".join("cdefgabc'"[(number + k) % 5 :][:4] for k in range(160))
    upload = store.blobs.put(f"X:1\nT:Tune {number}\nM:4/4\nL:1/4\nK:C\n{bars}|]\n".encode())
    request = parse_request("import", {"upload": upload, "name": "tune.abc"}).model_dump(mode="json")
    return store.jobs.add(me, "import", request, most_waiting=20)[0].id


def _until(check: Callable[[], Any], seconds: float = 60.0) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := check():
            return found
        time.sleep(0.03)
    raise AssertionError(f"it didn't come about in {seconds} seconds")


def _alive(pid: int) -> bool:
    """Whether a process runs: one that nobody has collected yet doesn't."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def started() -> Iterator[Callable[[Place], tuple[subprocess.Popen[bytes], list[int]]]]:
    """Start a server with two workers; whatever a test leaves running is killed."""
    seen: list[int] = []

    def start(place: Place) -> tuple[subprocess.Popen[bytes], list[int]]:
        server = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(place.folder), place.database or ""], stdout=subprocess.PIPE
        )
        seen.append(server.pid)
        assert server.stdout is not None
        workers = [int(pid) for pid in server.stdout.readline().split()]
        seen.extend(workers)
        return server, workers

    yield start
    for pid in seen:
        if _alive(pid):
            os.kill(pid, signal.SIGKILL)


def test_kill_nine_loses_nothing_and_doubles_nothing(
    place: Place, store: Store, me: str, started: Callable[[Place], tuple[subprocess.Popen[bytes], list[int]]]
) -> None:
    """Ten jobs; a worker is killed, then the server with its workers, in the middle of jobs; after a restart all ten
    are done, each has made one piece with one version, and what was there before is still there."""
    before = store.pieces.create(me, title="before", document=b"before", kind="import")
    ids = [_import(store, me, number) for number in range(10)]

    def running() -> list[Job]:
        return store.jobs.list(me, "running")

    server, workers = started(place)
    _until(running)
    os.kill(workers[0], signal.SIGKILL)
    _until(lambda: len(store.jobs.list(me, "done")) >= 3 and running())
    for pid in (server.pid, workers[1]):
        os.kill(pid, signal.SIGKILL)
    server.wait()
    unfinished = store.jobs.counts()
    assert unfinished["queued"] + unfinished["running"] > 0
    assert len(store.pieces.list(me)[0]) == 1 + unfinished["done"]
    second, _ = started(place)
    _until(lambda: all(job.is_over for job in store.jobs.list(me)))
    second.terminate()
    second.wait()
    done = [store.jobs.get(me, job) for job in ids]
    assert [job.state for job in done] == ["done"] * 10
    made = [job.result["piece"] for job in done if job.result]
    pieces = {piece.id for piece in store.pieces.list(me, limit=200)[0]}
    assert len(set(made)) == 10
    assert pieces == {before.id, *made}
    for piece in made:
        assert [version.number for version in store.pieces.versions(me, piece)] == [1]
        assert store.pieces.document(store.pieces.version(me, piece, 1))
    for job in ids:
        states = [event.data["state"] for event in store.jobs.events(0, [job]) if event.kind == "state"]
        assert states.count("done") == 1
        assert states[-1] == "done"


def test_a_pool_restarts_and_lets_go(tmp_path: Path) -> None:
    """A killed worker is replaced and its job taken back at once; stopping ends all workers, and their jobs wait."""
    data = tmp_path / "data"
    store = Store.open(data)
    me = store.accounts.local().id
    job = store.jobs.add(me, "compose", LONG.model_dump(mode="json"), most_waiting=5)[0].id
    pool = Pool(data, None, 1, Limits(lease=timedelta(minutes=5)), warm=False)
    pool.start()
    try:
        first = pool.pids[0]
        _until(lambda: store.jobs.get(me, job).progress)
        os.kill(first, signal.SIGKILL)
        _until(lambda: (pool.watch(), pool.pids)[1] not in ([], [first]))
        told = [event.data["state"] for event in store.jobs.events(0, [job]) if event.kind == "state"]
        assert told[:3] == ["queued", "running", "queued"]
        _until(lambda: store.jobs.get(me, job).attempts == 2)
        _until(lambda: store.jobs.get(me, job).progress)
    finally:
        pool.stop()
    back = store.jobs.get(me, job)
    assert (back.state, back.attempts) == ("queued", 1)  # the kill counted, the stop didn't
    assert pool.alive == 0
    store.close()


def test_a_new_server_takes_back_what_a_killed_one_held(place: Place, store: Store, me: str) -> None:
    """Jobs of workers whose server is gone wait again at once; those of living servers and other machines don't."""
    gone = subprocess.Popen(["true"])
    gone.wait()
    here = worker_name().split("/")[0]
    names = [f"{here}/{gone.pid}/1-a", worker_name(1), "elsewhere/1/1-a", "by hand"]
    ids = {}
    for name in names:
        ids[name] = store.jobs.add(me, "export", {}, most_waiting=9)[0].id
        assert store.jobs.claim(name, timedelta(minutes=5)) is not None
    pool = Pool(place.folder, place.database, 0)
    pool.start()
    pool.stop()
    assert [store.jobs.get(me, ids[name]).state for name in names] == ["queued", "running", "running", "running"]


def test_workers_end_with_their_server(tmp_path: Path, started: Callable[[Place], tuple[Any, list[int]]]) -> None:
    """After kill -9 of the server alone, its workers give their jobs back and are gone within seconds."""
    place = Place(tmp_path / "data", None)
    store = place.open()
    me = store.accounts.local().id
    job = store.jobs.add(me, "compose", LONG.model_dump(mode="json"), most_waiting=5)[0].id
    server, workers = started(place)
    _until(lambda: store.jobs.get(me, job).progress)
    server.kill()
    server.wait()
    _until(lambda: not any(map(_alive, workers)), 10)
    assert store.jobs.get(me, job).state == "queued"
    store.close()


def test_a_job_may_take_so_much_memory_and_no_more(tmp_path: Path) -> None:
    """With its address space bounded, a process that asks for more gets an error and not the whole machine."""
    code = (
        "from yuefu.jobs.limits import limit_memory, ran_out_of_memory\n"
        "limit_memory(2**30)\n"
        "try:\n    bytearray(2 * 2**30)\nexcept MemoryError as error:\n    print(ran_out_of_memory(error))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"
