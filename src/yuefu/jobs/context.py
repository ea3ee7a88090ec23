"""What a running job sees of the world: whether it may go on, and whom to tell."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from yuefu.jobs.estimate import Estimate
from yuefu.progress import Progress
from yuefu.store.jobs import Job
from yuefu.store.store import Store

#: Seconds between two tellings of progress.
PACE = 0.2


class Interrupted(BaseException):
    """A job is to be left. No workflow may take it for a fault of its own and go on, hence no Exception."""


class CancelledByUser(Interrupted):
    """Whoever asked for the job doesn't want it any more."""


class WorkerStopping(Interrupted):
    """The worker has to end; the job goes back to the queue."""


class LeaseLost(Interrupted):
    """The job was given to another worker."""


class TimeIsUp(Interrupted):
    """The job has taken all the time that a job may take."""


@dataclass(frozen=True)
class Finished:
    """A job's outcome. work: writes it to the store and returns the job's result; it is called within the
    transaction that ends the job, so it must be quick: files are put before."""

    work: Callable[[], dict[str, Any]]


class Context:
    """One run of one job."""

    def __init__(self, store: Store, job: Job) -> None:
        self.store = store
        self.job = job
        self._estimate = Estimate(job.kind)
        self._wish: type[Interrupted] | None = None
        self._lock = threading.Lock()
        self._told = 0.0
        self._stage = ""

    @property
    def account_id(self) -> str:
        """Whose job it is."""
        return self.job.account_id

    # The worker's watcher wishes, from its own thread

    def interrupt(self, wish: type[Interrupted]) -> None:
        """Have the job left at its next step. The first wish counts."""
        with self._lock:
            self._wish = self._wish or wish

    @property
    def wish(self) -> type[Interrupted] | None:
        """Why the job is to be left, None while it may go on."""
        return self._wish

    # The job tells, from the worker's main thread

    def check(self) -> None:
        """Raise when the job is to be left."""
        if self._wish is not None:
            raise self._wish

    def tell(self, kind: str, data: dict[str, Any]) -> None:
        """Tell whoever follows the job."""
        self.check()
        self.store.jobs.event(self.job.id, kind, data)

    def progress(self, event: Progress) -> None:
        """The listener of the workflows: tells how far they are, a few times a second."""
        self.check()
        fraction, left = self._estimate.update(event)
        moment = time.monotonic()
        if event.stage == self._stage and moment - self._told < PACE and event.done < event.total:
            return
        self._stage, self._told = event.stage, moment
        self.tell("progress", {
            "stage": event.stage, "done": event.done, "total": event.total, "message": event.message,
            "fraction": round(fraction, 4), "seconds_left": round(left, 1),
        })  # fmt: skip
