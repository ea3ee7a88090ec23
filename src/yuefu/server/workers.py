"""The worker processes beside a server, and the housekeeping that nobody else does."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from yuefu.jobs.limits import Limits
from yuefu.jobs.pool import Pool
from yuefu.store.store import Store
from yuefu.web.settings import Settings

log = logging.getLogger(__name__)
#: Seconds between looks at the workers, and between sweeps of the store.
WATCH = 1.0
SWEEP = 3600.0


class Workers:
    """A pool of workers as the settings ask for it; none when they ask for none."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._store = store
        self._pool: Pool | None = None
        if settings.workers:
            limits = Limits(memory=int(settings.memory_gb * 2**30), time=timedelta(minutes=settings.job_minutes))
            self._pool = Pool(settings.data, settings.database, settings.workers, limits)

    @property
    def alive(self) -> int:
        """How many run."""
        return self._pool.alive if self._pool is not None else 0

    def start(self) -> None:
        """Start them."""
        if self._pool is not None:
            self._pool.start()

    def stop(self) -> None:
        """Let them give their jobs back to the queue, and end."""
        if self._pool is not None:
            self._pool.stop()

    async def tend(self) -> None:
        """For ever: restart workers that ended, take back jobs whose workers fell silent, sweep once an hour."""
        until_sweep = 60.0
        while True:
            await asyncio.sleep(WATCH)
            until_sweep -= WATCH
            try:
                await asyncio.to_thread(self._look)
                if until_sweep <= 0:
                    until_sweep = SWEEP
                    await asyncio.to_thread(self._store.sweep)
            except Exception:
                log.exception("tending the workers failed; trying again")

    def _look(self) -> None:
        if self._pool is not None:
            self._pool.watch()
        self._store.jobs.requeue_stale()
