"""Asking for a job, and one worker that does it."""

from __future__ import annotations

from typing import Any

from yuefu.jobs.requests import parse_request
from yuefu.jobs.worker import Worker
from yuefu.store import Store
from yuefu.store.jobs import Job


def ask(store: Store, me: str, kind: str, **request: Any) -> str:
    """The id of a new job."""
    checked = parse_request(kind, request).model_dump(mode="json")
    return store.jobs.add(me, kind, checked, most_waiting=100)[0].id


def done(store: Store, me: str, worker: Worker, kind: str, **request: Any) -> Job:
    """A new job after a worker's next step."""
    job = ask(store, me, kind, **request)
    assert worker.step()
    return store.jobs.get(me, job)
