"""The workers beside a server: started, started again when they end, and let go together."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from yuefu.jobs.limits import Limits
from yuefu.jobs.worker import DATABASE, is_orphan, worker_name
from yuefu.store.store import Store

log = logging.getLogger(__name__)
#: A worker that lived for less than so many seconds waits before it is started again, longer each time.
SHORT = 10.0
LONGEST_WAIT = 30.0


@dataclass
class _Place:
    """A worker's place: the process in it, and when it may be filled again."""

    number: int
    process: subprocess.Popen[bytes] | None = None
    name: str = ""
    started: float = 0.0
    due: float = 0.0
    short_lives: int = 0


class Pool:
    """So many worker processes. ``watch`` is to be called about once a second.

    warm: workers load the model before their first job.
    """

    def __init__(
        self, data: Path, database: str | None, workers: int, limits: Limits | None = None, *, warm: bool = True
    ) -> None:
        self._warm = warm
        self._data = Path(data)
        self._database = database
        self._limits = limits or Limits()
        self._places = [_Place(number) for number in range(1, workers + 1)]
        self._store: Store | None = None
        self._stopping = False

    @property
    def alive(self) -> int:
        """How many workers run."""
        return sum(place.process is not None and place.process.poll() is None for place in self._places)

    @property
    def pids(self) -> list[int]:
        """Their process ids."""
        return [place.process.pid for place in self._places if place.process is not None]

    def start(self) -> None:
        """Start all workers. Raises StoreError or OutputError when the store can't be opened."""
        self._stopping = False
        self._store = self._store or Store.open(self._data, self._database)
        # What a server held that was killed needn't wait for its leases to run out.
        for name in filter(is_orphan, self._store.jobs.workers()):
            self._store.jobs.requeue_of(name)
        for place in self._places:
            if place.process is None:
                self._fill(place)

    def watch(self) -> None:
        """Take back the jobs of workers that ended, and start others in their places."""
        for place in self._places:
            if place.process is not None and place.process.poll() is not None:
                self._clear(place)
            if place.process is None and not self._stopping and time.monotonic() >= place.due:
                self._fill(place)

    def stop(self, patience: float = 10.0) -> None:
        """Let all workers end; their jobs go back to the queue. Those that take too long are killed."""
        self._stopping = True
        running = [place for place in self._places if place.process is not None]
        for place in running:
            assert place.process is not None
            with suppress(ProcessLookupError):
                place.process.terminate()
        until = time.monotonic() + patience
        for place in running:
            assert place.process is not None
            try:
                place.process.wait(max(until - time.monotonic(), 0.01))
            except subprocess.TimeoutExpired:
                place.process.kill()
                place.process.wait()
            self._clear(place)
        if self._store is not None:
            self._store.close()
            self._store = None

    def _fill(self, place: _Place) -> None:
        place.name = worker_name(place.number)
        command = [
            sys.executable, "-m", "yuefu.jobs.worker", "--data", str(self._data), "--name", place.name, "--parent",
            str(os.getpid()), "--memory-gb", str((self._limits.memory or 0) / 2**30), "--minutes",
            str(self._limits.time.total_seconds() / 60), "--lease", str(self._limits.lease.total_seconds()),
        ]  # fmt: skip
        if not self._warm:
            command.append("--cold")
        environment = dict(os.environ)
        environment.pop(DATABASE, None)
        if self._database is not None:
            environment[DATABASE] = self._database
        if len(self._places) > 1:  # workers share the cores by being several
            environment.setdefault("OMP_NUM_THREADS", "1")
        place.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, env=environment)
        place.started = time.monotonic()

    def _clear(self, place: _Place) -> None:
        """A worker has ended: what it held goes back to the queue at once."""
        process = place.process
        assert process is not None
        place.process = None
        lived = time.monotonic() - place.started
        place.short_lives = place.short_lives + 1 if lived < SHORT and process.returncode else 0
        place.due = time.monotonic() + (min(2.0 ** (place.short_lives - 1), LONGEST_WAIT) if place.short_lives else 0)
        if process.returncode and not self._stopping:
            log.warning("worker %s ended with %s; starting another", place.name, process.returncode)
        if self._store is not None:
            self._store.jobs.requeue_of(place.name)
