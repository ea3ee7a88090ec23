"""One worker: it leaves a job that is to be left, and tells apart what can go wrong."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.jobs.doing import ask, done

from yuefu.errors import InputError
from yuefu.jobs import worker as worker_module
from yuefu.jobs.context import Context, Finished
from yuefu.jobs.limits import Limits
from yuefu.jobs.worker import Worker
from yuefu.progress import Progress
from yuefu.store import Store

Do = Callable[[Context], Finished]


def _replace(monkeypatch: pytest.MonkeyPatch, function: Do) -> None:
    monkeypatch.setattr(worker_module, "do", function)


def _slow(context: Context) -> Finished:
    """A job without end that listens."""
    for step in range(10_000):
        context.progress(Progress("melody", step, 10_000))
        time.sleep(0.01)
    return Finished(dict)


def _soon(check: Callable[[], bool]) -> None:
    until = time.monotonic() + 15
    while not check() and time.monotonic() < until:
        time.sleep(0.02)
    assert check()


def test_a_running_job_is_cancelled_soon(
    store: Store, me: str, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its owner cancels; within a few seconds it has stopped and the worker is free."""
    _replace(monkeypatch, _slow)
    job = ask(store, me, "export")
    thread = threading.Thread(target=worker.step)
    thread.start()
    _soon(lambda: store.jobs.get(me, job).progress != {})
    begun = time.monotonic()
    store.jobs.cancel(me, job)
    thread.join(15)
    assert time.monotonic() - begun < 5
    assert store.jobs.get(me, job).state == "cancelled"


def test_a_worker_that_has_to_stop_gives_its_job_back(
    store: Store, me: str, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job waits again, with no attempt counted."""
    _replace(monkeypatch, _slow)
    job = ask(store, me, "export")
    thread = threading.Thread(target=worker.run)
    thread.start()
    _soon(lambda: store.jobs.get(me, job).progress != {})
    worker.stop.set()
    thread.join(15)
    back = store.jobs.get(me, job)
    assert (back.state, back.attempts, back.progress) == ("queued", 0, {})


def test_a_job_that_takes_too_long_fails_with_a_reason(store: Store, me: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its time is up, the sentence says how long it may take, and the worker goes on."""
    _replace(monkeypatch, _slow)
    worker = Worker(store, "w", Limits(time=timedelta(seconds=0.6)))
    job = done(store, me, worker, "export")
    worker.stop.set()
    assert job.state == "failed"
    assert (job.error or {})["type"] == "TimeLimitError"
    assert "0.01 minutes" in (job.error or {})["message"]


def test_a_lost_job_writes_nothing(store: Store, me: str, worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    """When another worker got the job meanwhile, this one's piece isn't written, and the other one's state stays."""

    def lose(context: Context) -> Finished:
        store.jobs.requeue_of("w")
        assert store.jobs.claim("other", timedelta(minutes=1)) is not None
        return Finished(lambda: {"piece": store.pieces.create(me, title="x", document=b"x", kind="import").id})

    _replace(monkeypatch, lose)
    job = done(store, me, worker, "export")
    assert job.state == "running"
    assert store.pieces.list(me)[0] == []


def test_faults_are_told_apart(store: Store, me: str, worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    """An input error is told in its own words, a fault of ours as a number, and want of memory as such; the last one
    ends the worker, so that a fresh one begins."""

    def failing(error: Exception) -> Do:
        def function(_: Context) -> Finished:
            raise error

        return function

    _replace(monkeypatch, failing(InputError("no notes: give one.")))
    assert done(store, me, worker, "export").error == {"type": "InputError", "message": "no notes: give one."}
    _replace(monkeypatch, failing(ZeroDivisionError("secret inner thing")))
    fault = done(store, me, worker, "export").error or {}
    assert fault["type"] == "Fault"
    assert "secret" not in fault["message"]
    assert not worker.stop.is_set()
    _replace(monkeypatch, failing(MemoryError()))
    assert (done(store, me, worker, "export").error or {})["type"] == "MemoryLimitError"
    assert worker.stop.is_set()
