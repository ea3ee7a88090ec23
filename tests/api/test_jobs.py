"""Jobs over HTTP, with a worker that the test plays itself: asked for, followed, resumed, cancelled."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.api.live import Server, running

from yuefu.client.transport import server_events

V1 = "/api/v1"
LEASE = timedelta(seconds=60)


def ask(http: httpx.Client, words: str = "rain", **headers: str) -> httpx.Response:
    """A job to compose."""
    body = {"kind": "compose", "request": {"words": words}}
    return http.post(f"{V1}/jobs", json=body, headers=headers)


def follow(http: httpx.Client, job: str, **headers: str) -> Iterator[tuple[int, str, Any]]:
    """The events of a job until its stream ends."""
    with http.stream("GET", f"{V1}/jobs/{job}/events", headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        for number, kind, data in server_events(answer.iter_lines()):
            yield int(number or 0), kind, json.loads(data)


def drain(server: Server) -> None:
    """Cancel whatever waits, so that each test begins with an empty queue."""
    with server.store() as store:
        while (job := store.jobs.claim("drain", LEASE)) is not None:
            store.jobs.fail(job.id, "drain", "Test", "drained")


@pytest.fixture
def empty_queue(local: Server) -> None:
    """Nobody waits."""
    drain(local)


def test_a_job_tells_its_events_as_they_happen_and_ends(http: httpx.Client, local: Server, empty_queue: None) -> None:
    """Each event comes within a second of being told, in order, and the last state closes the stream."""
    job = ask(http).json()
    assert job["state"] == "queued"
    late: list[float] = []

    def work() -> None:
        with local.store() as store:
            claimed = store.jobs.claim("me", LEASE)
            assert claimed is not None
            for number in range(5):
                store.jobs.event(claimed.id, "progress", {"fraction": number / 5, "at": time.time()})
                time.sleep(0.05)
            store.jobs.finish(claimed.id, "me", {"piece": "p", "version": 1})

    worker = threading.Timer(0.3, work)
    worker.start()
    seen = []
    for number, kind, data in follow(http, job["id"]):
        seen.append((number, kind, data))
        if kind == "progress":
            late.append(time.time() - data["at"])
    worker.join()
    kinds = [kind for _, kind, _ in seen]
    assert kinds == ["state", "state"] + ["progress"] * 5 + ["state"]
    assert [data["state"] for _, kind, data in seen if kind == "state"] == ["queued", "running", "done"]
    assert seen[-1][2]["result"] == {"piece": "p", "version": 1}
    numbers = [number for number, _, _ in seen]
    assert numbers == sorted(set(numbers))
    assert min(late) < 1
    assert http.get(f"{V1}/jobs/{job['id']}").json()["state"] == "done"


def test_a_broken_stream_goes_on_where_it_stopped(http: httpx.Client, local: Server, empty_queue: None) -> None:
    """With Last-Event-ID, or ``after``, nothing is told twice and nothing is left out."""
    job = ask(http).json()["id"]
    with local.store() as store:
        store.jobs.claim("me", LEASE)
        for number in range(1200):  # more than one reading of the hub
            store.jobs.event(job, "progress", {"n": number})
        store.jobs.finish(job, "me", {})
    whole = list(follow(http, job))
    assert [data["n"] for _, kind, data in whole if kind == "progress"] == list(range(1200))
    at = len(whole) // 2
    for rest in (
        list(follow(http, job, **{"Last-Event-ID": str(whole[at][0])})),
        list(follow_after(http, job, whole[at][0])),
    ):
        assert rest == whole[at + 1 :]


def follow_after(http: httpx.Client, job: str, after: int) -> Iterator[tuple[int, str, Any]]:
    """The same by query, as a page does that has to open a new stream."""
    with http.stream("GET", f"{V1}/jobs/{job}/events", params={"after": after}) as answer:
        for number, kind, data in server_events(answer.iter_lines()):
            yield int(number or 0), kind, json.loads(data)


def test_a_stream_of_forgotten_events_still_tells_the_end(http: httpx.Client, local: Server, empty_queue: None) -> None:
    """When a job's events have been pruned, its last state is told from the job itself."""
    job = ask(http).json()["id"]
    with local.store() as store:
        store.jobs.claim("me", LEASE)
        store.jobs.fail(job, "me", "FormatError", "no such luck")
        store.jobs.prune_events(timedelta(0))
    ((_, kind, data),) = follow(http, job)
    assert (kind, data["state"], data["error"]["message"]) == ("state", "failed", "no such luck")


def test_many_listeners_of_one_job_hear_the_same(http: httpx.Client, local: Server, empty_queue: None) -> None:
    """Ten at once, who came at different times."""
    job = ask(http).json()["id"]
    heard: list[list[Any]] = []

    def listen() -> None:
        with local.http() as own:
            heard.append(list(follow(own, job)))

    threads = []
    with local.store() as store:
        store.jobs.claim("me", LEASE)
        for number in range(10):
            threads.append(threading.Thread(target=listen))
            threads[-1].start()
            store.jobs.event(job, "progress", {"n": number})
            time.sleep(0.03)
        store.jobs.finish(job, "me", {})
    for thread in threads:
        thread.join(30)
    assert len(heard) == 10
    assert all(each == heard[0] for each in heard)


def test_a_listener_that_goes_away_is_forgotten(http: httpx.Client, local: Server, empty_queue: None) -> None:
    """Streams that browsers left don't count against the next ones."""
    job = ask(http).json()["id"]
    for _ in range(local.settings.streams * 2):
        with local.http() as own, own.stream("GET", f"{V1}/jobs/{job}/events") as answer:
            assert answer.status_code == 200
            next(answer.iter_lines())
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with local.http() as own, own.stream("GET", f"{V1}/jobs/{job}/events") as answer:
            if answer.status_code == 200:
                break
        time.sleep(0.2)
    else:
        pytest.fail("streams that were left still count")


def test_too_many_streams_at_once_are_refused(tmp_path: Any) -> None:
    """The one beyond the limit is 429 with a hint, and the others go on."""
    with running(tmp_path, streams=2) as server, server.http() as http:
        job = ask(http).json()["id"]
        at = f"{V1}/jobs/{job}/events"
        with http.stream("GET", at) as one, http.stream("GET", at) as two:
            assert (one.status_code, two.status_code) == (200, 200)
            third = http.get(at)
            assert third.status_code == 429
            assert int(third.headers["retry-after"]) >= 1


def test_the_same_key_brings_the_same_job(http: httpx.Client, empty_queue: None) -> None:
    """201 first, 200 then; another request under the key is 409; another key is another job."""
    first = ask(http, **{"Idempotency-Key": "k-1"})
    again = ask(http, **{"Idempotency-Key": "k-1"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    other = ask(http, "snow", **{"Idempotency-Key": "k-1"})
    assert (other.status_code, other.json()["error"]["type"]) == (409, "KeyReusedError")
    assert ask(http, **{"Idempotency-Key": "k-2"}).json()["id"] != first.json()["id"]
    assert ask(http, **{"Idempotency-Key": "a b"}).status_code == 422


def test_a_job_that_waits_is_cancelled_at_once(http: httpx.Client, empty_queue: None) -> None:
    """And its followers are told."""
    job = ask(http).json()["id"]
    assert http.delete(f"{V1}/jobs/{job}").json()["state"] == "cancelled"
    assert [data["state"] for _, _, data in follow(http, job)][-1] == "cancelled"
    assert job in {each["id"] for each in http.get(f"{V1}/jobs", params={"state": "cancelled"}).json()["jobs"]}


def test_a_full_queue_says_when_to_come_again(tmp_path: Any) -> None:
    """429, Retry-After, and a sentence in the visitor's language."""
    with running(tmp_path, queue=2) as server, server.http() as http:
        assert [ask(http).status_code for _ in range(2)] == [201, 201]
        refused = ask(http, **{"Accept-Language": "zh"})
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) >= 1
        assert "排队" in refused.json()["error"]["message"]
        assert http.get(f"{V1}/health").json()["queue"] == {"waiting": 2, "running": 0, "most": 2}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"kind": "compose", "request": {"words": ""}}, 422),
        ({"kind": "compose", "request": {"words": "rain", "options": {"style": "pob"}}}, 422),
        ({"kind": "compose", "request": {"words": "rain", "options": {"tepo": 90}}}, 422),
        ({"kind": "compose", "request": {"words": "rain", "brief": {"tempo": "fast"}}}, 422),
        ({"kind": "import", "request": {"upload": "0" * 64, "name": "a.mid"}}, 422),
        ({"kind": "fill", "request": {"piece": "0" * 26}}, 404),
        ({"kind": "render", "request": {"piece": "0" * 26, "format": "mp3"}}, 404),
        ({"kind": "fill", "request": {"piece": "../../etc/passwd"}}, 422),
        ({"kind": "dance", "request": {}}, 422),
    ],
)
def test_what_could_only_fail_later_is_refused_now(http: httpx.Client, body: Any, status: int) -> None:
    """Faults of a request are told before it waits; uploads come by their own door."""
    answer = http.post(f"{V1}/jobs", json=body)
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["message"]
