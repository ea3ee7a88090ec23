"""The queue as data: claims, leases, ends, bounds, idempotency and events; by threads and by processes."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from tests.store.places import Place

from yuefu.errors import ConflictError, InputError, KeyReusedError, NotFoundError, QueueFullError
from yuefu.store import Store
from yuefu.store.jobs import Job
from yuefu.store.tables import jobs, now

LEASE = timedelta(seconds=30)


def _add(store: Store, me: str, number: int = 0, **how: Any) -> Job:
    return store.jobs.add(me, "compose", {"n": number}, most_waiting=how.pop("most_waiting", 1000), **how)[0]


def _expire(store: Store, *ids: str) -> None:
    with store.database.write() as connection:
        past = now() - timedelta(seconds=1)
        connection.execute(update(jobs).where(jobs.c.id.in_(ids)).values(lease_until=past))


def _told(store: Store, job: str) -> list[str]:
    return [event.data["state"] for event in store.jobs.events(0, [job]) if event.kind == "state"]


def test_a_job_goes_its_way(store: Store, me: str) -> None:
    """Queued, running, done: each state is seen and told, with its times and its result."""
    job = _add(store, me)
    assert (job.state, job.position, job.attempts) == ("queued", 1, 0)
    claimed = store.jobs.claim("w", LEASE)
    assert claimed is not None
    assert (claimed.id, claimed.state, claimed.attempts, claimed.request) == (job.id, "running", 1, {"n": 0})
    assert store.jobs.claim("w", LEASE) is None
    assert store.jobs.renew(job.id, "w", LEASE) is False
    store.jobs.event(job.id, "progress", {"fraction": 0.5})
    assert store.jobs.get(me, job.id).progress == {"fraction": 0.5}
    assert store.jobs.finish(job.id, "w", {"piece": "p"})
    done = store.jobs.get(me, job.id)
    assert (done.state, done.result, done.is_over) == ("done", {"piece": "p"}, True)
    assert done.started is not None
    assert done.finished is not None
    assert _told(store, job.id) == ["queued", "running", "done"]
    assert store.jobs.counts()["done"] == 1


def test_what_a_job_makes_comes_with_its_end_or_not_at_all(store: Store, me: str) -> None:
    """When writing the piece fails, the job still runs; when the job was lost, no piece is made."""
    job = _add(store, me)
    store.jobs.claim("w", LEASE)

    def make(fail: bool) -> dict[str, Any]:
        piece = store.pieces.create(me, title="Rain", document=b"x", kind="compose")
        if fail:
            raise RuntimeError("in the middle")
        return {"piece": piece.id}

    with pytest.raises(RuntimeError):
        store.jobs.finish(job.id, "w", work=lambda: make(True))
    assert store.jobs.get(me, job.id).state == "running"
    with pytest.raises(ConflictError):
        store.jobs.finish(job.id, "somebody else", work=lambda: make(False))
    assert store.pieces.list(me)[0] == []
    assert store.jobs.finish(job.id, "w", work=lambda: make(False))
    result = store.jobs.get(me, job.id).result
    assert result is not None
    assert [piece.id for piece in store.pieces.list(me)[0]] == [result["piece"]]
    with pytest.raises(ConflictError):
        store.jobs.finish(job.id, "w", work=lambda: make(False))
    assert len(store.pieces.list(me)[0]) == 1


def test_cancelling(store: Store, me: str) -> None:
    """A job that waits is gone at once; one that runs is told through its lease, and makes nothing even when it
    finishes first; one that is over stays as it is."""
    waiting, running, racing, over = (_add(store, me, n) for n in range(4))
    assert store.jobs.cancel(me, waiting.id).state == "cancelled"
    for _ in range(3):
        store.jobs.claim("w", LEASE)
    assert store.jobs.cancel(me, running.id).cancel_requested
    assert store.jobs.renew(running.id, "w", LEASE) is True
    store.jobs.cancelled(running.id, "w")
    store.jobs.cancel(me, racing.id)
    assert store.jobs.finish(racing.id, "w", work=lambda: pytest.fail("it was wished away")) is False
    store.jobs.finish(over.id, "w", {})
    assert store.jobs.cancel(me, over.id).state == "done"
    states = [store.jobs.get(me, job.id).state for job in (waiting, running, racing, over)]
    assert states == ["cancelled", "cancelled", "cancelled", "done"]
    assert _told(store, waiting.id) == ["queued", "cancelled"]


def test_a_lease_that_ran_out_puts_the_job_back_three_times(store: Store, me: str) -> None:
    """A silent worker's job is claimed by another one; after three attempts it has failed with a reason."""
    job = _add(store, me)
    for attempt in range(1, 4):
        claimed = store.jobs.claim(f"w{attempt}", LEASE)
        assert claimed is not None
        assert claimed.attempts == attempt
        assert store.jobs.requeue_stale() == 0
        _expire(store, job.id)
        assert store.jobs.requeue_stale() == 1
        with pytest.raises(ConflictError):
            store.jobs.renew(job.id, f"w{attempt}", LEASE)
    failed = store.jobs.get(me, job.id)
    assert failed.state == "failed"
    assert failed.error is not None
    assert "stopped three times" in failed.error["message"]
    assert store.jobs.claim("w4", LEASE) is None


def test_a_worker_that_stops_gives_its_job_back_uncounted(store: Store, me: str) -> None:
    """A release costs no attempt; what a dead worker held is taken back at once; a cancelled job ends instead."""
    one, other = _add(store, me, 1), _add(store, me, 2)
    store.jobs.claim("w", LEASE)
    store.jobs.release(one.id, "w")
    back = store.jobs.get(me, one.id)
    assert (back.state, back.attempts, back.position) == ("queued", 0, 1)
    assert [getattr(store.jobs.claim("w", LEASE), "id", None) for _ in range(2)] == [one.id, other.id]
    store.jobs.cancel(me, other.id)
    assert store.jobs.requeue_of("v") == 0
    assert store.jobs.requeue_of("w") == 2
    assert [store.jobs.get(me, job.id).state for job in (one, other)] == ["queued", "cancelled"]


def test_the_queue_has_a_bound(store: Store, me: str) -> None:
    """Beyond the bound a job is refused with a hint when to come again; running jobs don't count."""
    first = _add(store, me, 0, most_waiting=2)
    _add(store, me, 1, most_waiting=2)
    with pytest.raises(QueueFullError) as caught:
        _add(store, me, 2, most_waiting=2)
    assert 1 <= caught.value.retry_after <= 300
    assert len(store.jobs.list(me)) == 2
    store.jobs.claim("w", LEASE)
    _add(store, me, 3, most_waiting=2)
    with pytest.raises(QueueFullError):
        _add(store, me, 4, most_waiting=2)
    assert store.jobs.get(me, first.id).state == "running"


def test_the_bound_holds_when_many_ask_at_once(store: Store, me: str) -> None:
    """Of twelve that ask in the same moment for three places, three get one."""
    outcomes: list[str] = []

    def ask(number: int) -> None:
        try:
            outcomes.append(_add(store, me, number, most_waiting=3).state)
        except QueueFullError:
            outcomes.append("full")

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["full"] * 9 + ["queued"] * 3


def test_the_same_key_brings_the_same_job(store: Store, me: str) -> None:
    """However often and by how many threads a key is sent, there is one job; with another request it is refused;
    another account's same key is another's."""
    other = store.accounts.create("Ann", "a long enough one").id
    found: list[tuple[str, bool]] = []

    def send() -> None:
        job, created = store.jobs.add(me, "compose", {"a": 1, "b": 2}, idempotency_key="k", most_waiting=1)
        found.append((job.id, created))

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({job for job, _ in found}) == 1
    assert sorted(created for _, created in found) == [False] * 5 + [True]
    assert store.jobs.add(me, "compose", {"b": 2, "a": 1}, idempotency_key="k", most_waiting=1)[1] is False
    for kind, request in (("compose", {"a": 1}), ("fill", {"a": 1, "b": 2})):
        with pytest.raises(KeyReusedError):
            store.jobs.add(me, kind, request, idempotency_key="k", most_waiting=9)
    assert store.jobs.add(other, "fill", {}, idempotency_key="k", most_waiting=9)[1] is True
    with pytest.raises(InputError):
        store.jobs.add(me, "fill", {}, idempotency_key=" ", most_waiting=9)


def test_nobodys_hundred_jobs_keep_the_others_waiting(store: Store, me: str) -> None:
    """Who has fewer jobs running comes first; within an account the oldest does."""
    other = store.accounts.create("Ann", "a long enough one").id
    mine = [_add(store, me, number).id for number in range(4)]
    theirs = _add(store, other).id
    claimed = [store.jobs.claim("w", LEASE) for _ in range(5)]
    assert [job.id for job in claimed if job] == [mine[0], theirs, *mine[1:]]


def test_another_ones_job_is_not_there(store: Store, me: str) -> None:
    """Looking, listing and cancelling end as if the job had never been."""
    other = store.accounts.create("Ann", "a long enough one").id
    job = _add(store, me)
    for way in (store.jobs.get, store.jobs.cancel):
        with pytest.raises(NotFoundError):
            way(other, job.id)
    assert store.jobs.list(other) == []
    assert [j.id for j in store.jobs.list(me, "queued")] == [job.id]
    assert store.jobs.list(me, "done") == []
    with pytest.raises(InputError):
        store.jobs.list(me, "asleep")


def test_events_are_read_in_order_and_pruned_when_old(store: Store, me: str) -> None:
    """From any event on, by job; old events of ended jobs go, a running job's stay; numbers never come again."""
    one, other = _add(store, me, 1), _add(store, me, 2)
    for number in range(5):
        store.jobs.event((one, other)[number % 2].id, "bars", {"n": number})
    told = store.jobs.events(0, [one.id])
    assert [event.data.get("n") for event in told] == [None, 0, 2, 4]
    assert [event.data["n"] for event in store.jobs.events(told[1].id, limit=2)] == [1, 2]
    assert store.jobs.events(0, []) == []
    last = store.jobs.last_event_id()
    store.jobs.cancel(me, one.id)
    assert store.jobs.prune_events(timedelta(hours=1)) == 0
    assert store.jobs.prune_events(timedelta(0)) == 5
    assert {event.job_id for event in store.jobs.events(0)} == {other.id}
    store.jobs.event(other.id, "bars", {})
    assert store.jobs.last_event_id() > last + 1
    store.jobs.prune(timedelta(0))
    assert [job.id for job in store.jobs.list(me)] == [other.id]


def test_no_reader_of_events_misses_one(store: Store, me: str) -> None:
    """A reader that goes on from the last number it saw gets every event of many writers, each once."""
    ids = [_add(store, me, number).id for number in range(4)]
    writers = [
        threading.Thread(target=lambda job=job: [store.jobs.event(job, "bars", {"n": n}) for n in range(25)])
        for job in ids
    ]
    for writer in writers:
        writer.start()
    seen: list[tuple[str, int]] = []
    after = 0
    while True:
        alive = any(writer.is_alive() for writer in writers)
        fresh = store.jobs.events(after)
        seen += [(event.job_id, event.data["n"]) for event in fresh if event.kind == "bars"]
        after = fresh[-1].id if fresh else after
        if not alive and not fresh:
            break
    assert sorted(seen) == sorted((job, n) for job in ids for n in range(25))
    for job in ids:
        assert [n for other, n in seen if other == job] == list(range(25))


_CLAIM = """
import sys
from datetime import timedelta
from pathlib import Path
from yuefu.store import Store
store = Store.open(Path(sys.argv[1]), sys.argv[2] or None)
me = store.accounts.local().id
while (job := store.jobs.claim(sys.argv[3], timedelta(seconds=30))) is not None:
    n = job.request["n"]
    work = lambda: {"piece": store.pieces.create(me, title=str(n), document=b"%d" % n, kind="import").id}
    store.jobs.finish(job.id, sys.argv[3], work=work)
    print(job.id, flush=True)
"""


def test_processes_and_threads_claim_each_job_once(store: Store, place: Place, me: str) -> None:
    """Two processes and three threads empty a queue: every job is done once, every piece is there once."""
    ids = [_add(store, me, number).id for number in range(40)]
    arguments = [str(place.folder), place.database or ""]
    processes = [
        subprocess.Popen([sys.executable, "-c", _CLAIM, *arguments, f"p{n}"], stdout=subprocess.PIPE) for n in range(2)
    ]
    done: list[str] = []

    def work(name: str) -> None:
        while (job := store.jobs.claim(name, LEASE)) is not None:
            number = job.request["n"]

            def make(number: int = number) -> dict[str, Any]:
                made = store.pieces.create(me, title=str(number), document=b"%d" % number, kind="import")
                return {"piece": made.id}

            store.jobs.finish(job.id, name, work=make)
            done.append(job.id)

    threads = [threading.Thread(target=work, args=(f"t{n}",)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for process in processes:
        done += process.communicate()[0].decode().split()
        assert process.returncode == 0
    assert sorted(done) == sorted(ids)
    titles = [piece.title for piece in store.pieces.list(me, limit=200)[0]]
    assert sorted(titles, key=int) == [str(number) for number in range(40)]


_STEPS = st.lists(
    st.one_of(
        st.just(("add",)),
        st.just(("claim",)),
        st.tuples(st.sampled_from(["finish", "fail", "cancel", "release", "expire"]), st.integers(0, 7)),
    ),
    max_size=25,
)


@given(steps=_STEPS)
@settings(
    max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.explicit, Phase.generate)
)
def test_whatever_happens_no_job_is_lost_or_done_twice(store: Store, me: str, steps: list[tuple[Any, ...]]) -> None:
    """After any course of events: never more wait than may, ends are final, and a done job made one piece."""
    ids: list[str] = []
    ends: dict[str, str] = {}
    most = 3
    before = len(store.pieces.list(me, limit=200)[0])
    for job in store.jobs.list(me, limit=500):
        store.jobs.cancel(me, job.id)
    store.jobs.requeue_of("w")
    for step in steps:
        if step[0] == "add":
            waiting = sum(store.jobs.get(me, job).state == "queued" for job in ids)
            try:
                ids.append(store.jobs.add(me, "import", {}, most_waiting=most)[0].id)
            except QueueFullError:
                assert waiting >= most
            else:
                assert waiting < most
        elif step[0] == "claim":
            store.jobs.claim("w", LEASE)
        elif ids:
            _act(store, me, step[0], ids[step[1] % len(ids)])
        for job in ids:
            state = store.jobs.get(me, job).state
            assert ends.setdefault(job, state) == state or ends[job] not in ("done", "failed", "cancelled")
            ends[job] = state
    made = len(store.pieces.list(me, limit=200)[0]) - before
    assert made == sum(state == "done" for state in ends.values())
    for job in ids:
        told = _told(store, job)
        assert told[-1] == ends[job]
        assert sum(state in ("done", "failed", "cancelled") for state in told) == (
            ends[job] in ("done", "failed", "cancelled")
        )


def _act(store: Store, me: str, what: str, job: str) -> None:
    def make() -> dict[str, Any]:
        return {"piece": store.pieces.create(me, title="x", document=b"x", kind="import").id}

    running = store.jobs.get(me, job).state == "running"
    try:
        if what == "finish":
            store.jobs.finish(job, "w", work=make)
        elif what == "fail":
            store.jobs.fail(job, "w", "InputError", "no")
        elif what == "release":
            store.jobs.release(job, "w")
        elif what == "cancel":
            store.jobs.cancel(me, job)
        else:
            _expire(store, job)
            store.jobs.requeue_stale()
    except ConflictError:
        assert not running
