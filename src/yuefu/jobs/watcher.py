"""The thread beside a job: holds its lease, and sees why the job is to be left."""

from __future__ import annotations

import logging
import os
import threading
import time
from contextlib import suppress

from yuefu.errors import ConflictError
from yuefu.jobs.context import CancelledByUser, Context, Interrupted, LeaseLost, TimeIsUp, WorkerStopping
from yuefu.jobs.limits import Limits, parent_is_gone
from yuefu.store.store import Store

log = logging.getLogger(__name__)
#: Seconds between looks, and between renewals of a lease.
LOOK = 0.25
RENEW = 1.0


class Watcher:
    """Watches over one worker for as long as its process lives.

    A job that doesn't notice a wish within the grace is ended together with the process: the store is told first, so
    that nothing is waited for.
    """

    def __init__(self, store: Store, name: str, limits: Limits, stop: threading.Event, parent: int | None) -> None:
        self._store = store
        self._name = name
        self._limits = limits
        self._stop = stop
        self._parent = parent
        self._lock = threading.Lock()
        self._context: Context | None = None
        self._begun = self._renewed = self._wished = 0.0
        threading.Thread(target=self._run, name="watcher", daemon=True).start()

    def begin(self, context: Context) -> None:
        """A job begins."""
        with self._lock:
            self._begun = self._renewed = time.monotonic()
            self._wished = 0.0
            self._context = context

    def end(self) -> None:
        """It is over."""
        with self._lock:
            self._context = None

    def _run(self) -> None:
        while True:
            time.sleep(LOOK)
            try:
                if parent_is_gone(self._parent):
                    self._stop.set()
                with self._lock:
                    context = self._context
                if context is not None:
                    self._look(context)
                elif parent_is_gone(self._parent):
                    os._exit(0)
            except Exception:
                log.exception("looking after job failed; trying again")

    def _look(self, context: Context) -> None:
        moment = time.monotonic()
        if context.wish is None:
            wish = self._wish_for(context, moment)
            if wish is not None:
                context.interrupt(wish)
                self._wished = moment
        elif moment - self._wished > self._limits.grace.total_seconds():
            self._end_by_force(context)

    def _wish_for(self, context: Context, moment: float) -> type[Interrupted] | None:
        if self._stop.is_set():
            return WorkerStopping
        if moment - self._begun > self._limits.time.total_seconds():
            return TimeIsUp
        if moment - self._renewed < RENEW:
            return None
        try:
            cancelled = self._store.jobs.renew(context.job.id, self._name, self._limits.lease)
        except ConflictError:
            # Also what a job that has just ended looks like, and then nobody asks any more.
            return LeaseLost
        self._renewed = time.monotonic()
        return CancelledByUser if cancelled else None

    def _end_by_force(self, context: Context) -> None:
        with self._lock:
            if self._context is not context:
                return  # it noticed in time
            wish = context.wish
            assert wish is not None
            with suppress(ConflictError):
                settle(self._store, context, self._name, wish, self._limits)
            log.warning("job %s didn't stop in time (%s): the worker ends", context.job.id, wish.__name__)
            os._exit(1)


def settle(store: Store, context: Context, name: str, wish: type[Interrupted], limits: Limits) -> None:
    """Tell the store how a job was left. Raises ConflictError when it isn't this worker's any more."""
    job = context.job.id
    if wish is CancelledByUser:
        store.jobs.cancelled(job, name)
    elif wish is WorkerStopping:
        store.jobs.release(job, name)
    elif wish is TimeIsUp:
        minutes = limits.time.total_seconds() / 60
        store.jobs.fail(
            job, name, "TimeLimitError",
            f"it took longer than the {minutes:g} minutes that a job may take here: ask for fewer bars, parts or "
            "candidates.",
        )  # fmt: skip
