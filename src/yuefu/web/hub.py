"""Job events for all listeners at once: one reader asks the store, and each listener gets what concerns it.

A listener registers between two readings and then replays what was told before, so that no event is lost or told
twice. Event numbers rise in the order in which events can be read; the store sees to that.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from anyio import to_thread

if TYPE_CHECKING:
    from yuefu.store.jobs import JobEvent

log = logging.getLogger(__name__)

INTERVAL = 0.1
BATCH = 500


class EventHub:
    """Reads events after a number for the jobs that are listened to. For the event loop's thread alone.

    read: (after, jobs) -> at most ``BATCH`` events in order; last: the newest event's number.
    """

    def __init__(
        self,
        read: Callable[[int, Collection[str]], list[JobEvent]],
        last: Callable[[], int],
        interval: float = INTERVAL,
    ) -> None:
        self._read = read
        self._last = last
        self._interval = interval
        self._listeners: dict[str, set[asyncio.Queue[JobEvent]]] = {}
        self._between = asyncio.Lock()
        self._wanted = asyncio.Event()
        self._cursor = 0

    @asynccontextmanager
    async def listen(self, job_id: str) -> AsyncIterator[asyncio.Queue[JobEvent]]:
        """A queue that gets every event of a job from now on."""
        queue: asyncio.Queue[JobEvent] = asyncio.Queue()
        async with self._between:
            if not self._listeners:
                self._cursor = await to_thread.run_sync(self._last)
            self._listeners.setdefault(job_id, set()).add(queue)
            self._wanted.set()
        try:
            yield queue
        finally:
            queues = self._listeners.get(job_id, set())
            queues.discard(queue)
            if not queues:
                self._listeners.pop(job_id, None)
            if not self._listeners:
                self._wanted.clear()

    @property
    def listening(self) -> int:
        """How many listeners there are."""
        return sum(map(len, self._listeners.values()))

    async def run(self) -> None:
        """Read for ever; the server's lifespan cancels it."""
        while True:
            await self._wanted.wait()
            try:
                full = await self._poll()
            except Exception:
                # A database that is away for a moment must not end all streams for good.
                log.exception("events can't be read")
                await asyncio.sleep(1.0)
                continue
            if not full:
                await asyncio.sleep(self._interval)

    async def _poll(self) -> bool:
        """Read once; whether there may be more at once."""
        async with self._between:
            jobs = list(self._listeners)
            if not jobs:
                return False
            events = await to_thread.run_sync(self._read, self._cursor, jobs)
            if events:
                self._cursor = events[-1].id
            for event in events:
                for queue in self._listeners.get(event.job_id, ()):
                    queue.put_nowait(event)
            return len(events) >= BATCH
