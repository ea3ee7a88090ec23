"""The queue as data: jobs, who works at them until when, and what they tell meanwhile.

A job is claimed for a time, a lease, which its worker renews. When the lease runs out the job goes back to the queue;
what a worker that lost its job wanted to write isn't written. The end of a job and what it makes are one transaction,
so a kill at any moment leaves the job either waiting with nothing made, or done with all of it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, delete, func, insert, select, update
from sqlalchemy.engine import Connection

from yuefu.errors import ConflictError, InputError, KeyReusedError, NotFoundError, QueueFullError, UnknownNameError
from yuefu.store.database import Database
from yuefu.store.ids import new_id
from yuefu.store.listing import Listing
from yuefu.store.tables import job_events, jobs, now
from yuefu.store.words import clean

STATES = ("queued", "running", "done", "failed", "cancelled")
OVER = ("done", "failed", "cancelled")
MAX_ATTEMPTS = 3
MAX_KEY = 200
#: Seconds between which a hint to come again lies.
RETRY = (1, 300)
_USUAL_SECONDS = 15.0


@dataclass(frozen=True)
class Job:
    """A piece of work. error: {"type", "message"}; position: its place among those that wait, from 1."""

    id: str
    account_id: str
    kind: str
    request: dict[str, Any]
    state: str
    progress: dict[str, Any]
    result: dict[str, Any] | None
    error: dict[str, Any] | None
    attempts: int
    created: datetime
    started: datetime | None
    finished: datetime | None
    cancel_requested: bool
    position: int | None

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state in OVER


@dataclass(frozen=True)
class JobEvent:
    """What a job told. Ids rise in the order in which events can be read."""

    id: int
    job_id: str
    kind: str
    data: dict[str, Any]
    created: datetime


class Jobs:
    """The jobs of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # Asking

    def add(
        self,
        account_id: str,
        kind: str,
        request: dict[str, Any],
        *,
        idempotency_key: str | None = None,
        most_waiting: int,
    ) -> tuple[Job, bool]:
        """Queue a job; False beside it when the same key had brought it before.

        Raises QueueFullError when so many wait already, KeyReusedError for a key that came with another request.
        """
        asked = _hash(kind, request)
        key = None if idempotency_key is None else clean(idempotency_key)
        if key is not None and not 1 <= len(key) <= MAX_KEY:
            raise InputError(f"an idempotency key has 1 to {MAX_KEY} characters.")
        with self._database.write() as connection:
            self._database.one_at_a_time(connection, "enqueue")
            if key is not None:
                known = connection.execute(
                    select(jobs).where(jobs.c.account_id == account_id, jobs.c.idempotency_key == key)
                ).first()
                if known is not None:
                    if known.request_hash != asked:
                        raise KeyReusedError(
                            f"the idempotency key '{key[:80]}' came with another request before: use a new one."
                        )
                    return _job(connection, known), False
            waiting = connection.execute(select(func.count()).where(jobs.c.state == "queued")).scalar_one()
            if waiting >= most_waiting:
                raise QueueFullError(waiting, self._retry_after(connection))
            job_id = new_id()
            connection.execute(
                insert(jobs).values(
                    id=job_id, account_id=account_id, kind=kind, request=request, request_hash=asked,
                    idempotency_key=key, state="queued", progress={}, attempts=0, cancel_requested=False,
                    created=now(),
                )
            )  # fmt: skip
            self._tell_state(connection, job_id)
            return _job(connection, _row(connection, job_id)), True

    def _retry_after(self, connection: Connection) -> int:
        """Seconds after which a place is likely to be free: what jobs took lately, over how many run."""
        recent = connection.execute(
            select(jobs.c.started, jobs.c.finished)
            .where(jobs.c.state == "done", jobs.c.started.is_not(None))
            .order_by(jobs.c.id.desc())
            .limit(20)
        ).all()
        took = [(row.finished - row.started).total_seconds() for row in recent]
        usual = sum(took) / len(took) if took else _USUAL_SECONDS
        running = connection.execute(select(func.count()).where(jobs.c.state == "running")).scalar_one()
        return int(min(max(RETRY[0], round(usual / max(running, 1))), RETRY[1]))

    def get(self, account_id: str, job_id: str) -> Job:
        """A job. Raises NotFoundError when it isn't there or is somebody else's."""
        with self._database.read() as connection:
            return _job(connection, _row(connection, job_id, account_id))

    def list(self, account_id: str, state: str | None = None, limit: int = 50) -> Listing[Job]:
        """An account's jobs, the newest first."""
        query = select(jobs).where(jobs.c.account_id == account_id).order_by(jobs.c.id.desc())
        if state is not None:
            if state not in STATES:
                raise UnknownNameError("state", state, STATES)
            query = query.where(jobs.c.state == state)
        with self._database.read() as connection:
            return [_job(connection, row) for row in connection.execute(query.limit(max(1, min(limit, 500)))).all()]

    def cancel(self, account_id: str, job_id: str) -> Job:
        """Wish a job away. One that waits is gone at once, one that runs ends soon, one that is over stays as it is."""
        with self._database.write() as connection:
            row = _row(connection, job_id, account_id, lock=True)
            if row.state == "queued":
                self._end(connection, job_id, "cancelled", cancel_requested=True)
            elif row.state == "running" and not row.cancel_requested:
                connection.execute(_of(job_id).values(cancel_requested=True))
            return _job(connection, _row(connection, job_id))

    def counts(self) -> dict[str, int]:
        """How many jobs are in each state."""
        with self._database.read() as connection:
            rows = connection.execute(select(jobs.c.state, func.count()).group_by(jobs.c.state)).all()
        return dict.fromkeys(STATES, 0) | {row[0]: row[1] for row in rows}

    # Working

    def claim(self, worker: str, lease: timedelta) -> Job | None:
        """The next job, now this worker's until the lease runs out; None when nothing waits.

        The oldest job of whoever has the fewest running comes first, so that nobody's hundred jobs keep the others
        waiting.
        """
        with self._database.read() as connection:  # most looks find nothing, and these take no lock
            if connection.execute(select(jobs.c.id).where(jobs.c.state == "queued").limit(1)).first() is None:
                return None
        with self._database.write() as connection:
            row = connection.execute(_next().with_for_update(skip_locked=True, of=jobs)).first()
            if row is None:
                return None
            moment = now()
            connection.execute(
                _of(row.id).values(
                    state="running", worker=worker, lease_until=moment + lease, attempts=row.attempts + 1,
                    started=row.started or moment,
                )
            )  # fmt: skip
            self._tell_state(connection, row.id)
            return _job(connection, _row(connection, row.id))

    def renew(self, job_id: str, worker: str, lease: timedelta) -> bool:
        """Hold a job for longer; returns whether it is wished away. Raises ConflictError when it was lost."""
        with self._database.write(lasting=False) as connection:
            row = self._held(connection, job_id, worker)
            connection.execute(_of(job_id).values(lease_until=now() + lease))
            return bool(row.cancel_requested)

    def finish(
        self,
        job_id: str,
        worker: str,
        result: dict[str, Any] | None = None,
        *,
        work: Callable[[], dict[str, Any]] | None = None,
    ) -> bool:
        """A job's good end. work: writes what the job made, in the same transaction, and returns the result.

        False when the job was wished away meanwhile: then it is cancelled, and work isn't called. Raises ConflictError,
        with nothing written, when the job was lost.
        """
        with self._database.write() as connection:
            if self._held(connection, job_id, worker).cancel_requested:
                self._end(connection, job_id, "cancelled")
                return False
            self._end(connection, job_id, "done", result=work() if work is not None else result or {})
            return True

    def fail(self, job_id: str, worker: str, type: str, message: str) -> None:
        """A job's bad end, with a reason for people. Raises ConflictError when the job was lost."""
        with self._database.write() as connection:
            self._held(connection, job_id, worker)
            self._end(connection, job_id, "failed", error={"type": type, "message": message})

    def cancelled(self, job_id: str, worker: str) -> None:
        """The worker has stopped at a job that was wished away."""
        with self._database.write() as connection:
            self._held(connection, job_id, worker)
            self._end(connection, job_id, "cancelled")

    def release(self, job_id: str, worker: str) -> None:
        """Give a job back to the queue, as if it had never been claimed: the worker has to stop."""
        with self._database.write() as connection:
            row = self._held(connection, job_id, worker)
            if row.cancel_requested:
                self._end(connection, job_id, "cancelled")
            else:
                self._requeue(connection, row, attempts=row.attempts - 1)

    def workers(self) -> set[str]:
        """The workers that hold a job."""
        with self._database.read() as connection:
            rows = connection.execute(select(jobs.c.worker).where(jobs.c.state == "running").distinct()).all()
        return {row.worker for row in rows}

    def requeue_stale(self) -> int:
        """Take back the jobs whose leases ran out; returns how many. After three attempts a job has failed."""
        return self._take_back(jobs.c.lease_until < now())

    def requeue_of(self, worker: str) -> int:
        """Take back what a worker held that is known to be dead; returns how many."""
        return self._take_back(jobs.c.worker == worker)

    def _take_back(self, which: ColumnElement[bool]) -> int:
        query = select(jobs).where(jobs.c.state == "running", which)
        with self._database.read() as connection:
            if connection.execute(query.limit(1)).first() is None:
                return 0
        with self._database.write() as connection:
            rows = connection.execute(query.with_for_update(skip_locked=True)).all()
            for row in rows:
                if row.cancel_requested:
                    self._end(connection, row.id, "cancelled")
                elif row.attempts >= MAX_ATTEMPTS:
                    self._end(connection, row.id, "failed", error=_STOPPED)
                else:
                    self._requeue(connection, row)
            return len(rows)

    def _requeue(self, connection: Connection, row: Row[Any], attempts: int | None = None) -> None:
        # Progress is forgotten: the next worker begins anew. The bars that were told stay told.
        connection.execute(
            _of(row.id).values(
                state="queued", worker=None, lease_until=None, progress={},
                attempts=row.attempts if attempts is None else attempts,
            )
        )  # fmt: skip
        self._tell_state(connection, row.id)

    def _end(self, connection: Connection, job_id: str, state: str, **values: Any) -> None:
        connection.execute(_of(job_id).values(state=state, finished=now(), worker=None, lease_until=None, **values))
        self._tell_state(connection, job_id)

    @staticmethod
    def _held(connection: Connection, job_id: str, worker: str) -> Row[Any]:
        row = connection.execute(
            select(jobs)
            .where(jobs.c.id == job_id, jobs.c.state == "running", jobs.c.worker == worker)
            .with_for_update()
        ).first()
        if row is None:
            raise ConflictError(f"job {job_id} is no longer this worker's: it was given to another one, or is over.")
        return row

    # Telling

    def event(self, job_id: str, kind: str, data: dict[str, Any]) -> None:
        """Tell something about a job to whoever follows it. ``progress`` is remembered as the job's own, too."""
        with self._database.write(lasting=False) as connection:
            if kind == "progress":
                connection.execute(_of(job_id).values(progress=data))
            self._tell(connection, job_id, kind, data)

    def _tell(self, connection: Connection, job_id: str, kind: str, data: dict[str, Any]) -> None:
        # Numbers are given out when an event is written and seen when it is committed. One at a time, so that nobody
        # who has read up to a number misses a smaller one.
        self._database.one_at_a_time(connection, "events")
        connection.execute(insert(job_events).values(job_id=job_id, kind=kind, data=data, created=now()))

    def _tell_state(self, connection: Connection, job_id: str) -> None:
        job = _job(connection, _row(connection, job_id))
        self._tell(
            connection, job_id, "state",
            {"state": job.state, "position": job.position, "result": job.result, "error": job.error},
        )  # fmt: skip

    def events(self, after: int = 0, job_ids: Collection[str] | None = None, limit: int = 500) -> Listing[JobEvent]:
        """What was told after an event, in order. job_ids: only about these jobs."""
        query = select(job_events).where(job_events.c.id > after).order_by(job_events.c.id).limit(limit)
        if job_ids is not None:
            query = query.where(job_events.c.job_id.in_(list(job_ids)))
        with self._database.read() as connection:
            return [JobEvent(row.id, row.job_id, row.kind, row.data, row.created) for row in connection.execute(query)]

    def last_event_id(self) -> int:
        """The number of the newest event, 0 before the first."""
        with self._database.read() as connection:
            return connection.execute(select(func.max(job_events.c.id))).scalar_one() or 0

    def prune_events(self, older_than: timedelta) -> int:
        """Forget old events of jobs that are over; returns how many."""
        over = select(jobs.c.id).where(jobs.c.state.in_(OVER))
        with self._database.write(lasting=False) as connection:
            return connection.execute(
                delete(job_events).where(job_events.c.created < now() - older_than, job_events.c.job_id.in_(over))
            ).rowcount

    def prune(self, older_than: timedelta) -> int:
        """Forget jobs that were over long ago, and their idempotency keys with them; returns how many."""
        with self._database.write() as connection:
            return connection.execute(
                delete(jobs).where(jobs.c.state.in_(OVER), jobs.c.finished < now() - older_than)
            ).rowcount

    def texts(self) -> Listing[str]:
        """The requests and results of all jobs, as text, to find the files that they name."""
        with self._database.read() as connection:
            rows = connection.execute(select(jobs.c.request, jobs.c.result)).all()
        return [json.dumps([row.request, row.result]) for row in rows]


_STOPPED = {
    "type": "WorkerStoppedError",
    "message": "its worker stopped three times: it may need more memory or time than jobs are given here.",
}


def _next() -> Select[Any]:
    """The job whose turn it is."""
    running = (
        select(jobs.c.account_id, func.count().label("running"))
        .where(jobs.c.state == "running")
        .group_by(jobs.c.account_id)
        .subquery()
    )
    return (
        select(jobs)
        .outerjoin(running, running.c.account_id == jobs.c.account_id)
        .where(jobs.c.state == "queued")
        .order_by(func.coalesce(running.c.running, 0), jobs.c.id)
        .limit(1)
    )


def _of(job_id: str) -> Any:
    return update(jobs).where(jobs.c.id == job_id)


def _row(connection: Connection, job_id: str, account_id: str | None = None, *, lock: bool = False) -> Row[Any]:
    query = select(jobs).where(jobs.c.id == job_id)
    if account_id is not None:
        query = query.where(jobs.c.account_id == account_id)
    row = connection.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise NotFoundError("job", job_id)
    return row


def _job(connection: Connection, row: Row[Any]) -> Job:
    position = None
    if row.state == "queued":
        position = connection.execute(
            select(func.count()).where(jobs.c.state == "queued", jobs.c.id <= row.id)
        ).scalar_one()
    return Job(
        row.id, row.account_id, row.kind, row.request, row.state, row.progress, row.result, row.error, row.attempts,
        row.created, row.started, row.finished, bool(row.cancel_requested), position,
    )  # fmt: skip


def _hash(kind: str, request: dict[str, Any]) -> str:
    text = json.dumps([kind, request], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
