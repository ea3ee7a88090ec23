"""The hub of job events: one reader for all listeners."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import UTC, datetime

from tests.loops import run as run_in_a_loop

from yuefu.store.jobs import JobEvent
from yuefu.web.hub import EventHub


class Told:
    """Events in memory, and how often they were read."""

    def __init__(self) -> None:
        self.events: list[JobEvent] = []
        self.reads = 0
        self.broken = 0

    def tell(self, job: str) -> None:
        """One more."""
        self.events.append(JobEvent(len(self.events) + 1, job, "progress", {}, datetime.now(UTC)))

    def read(self, after: int, jobs: Collection[str]) -> list[JobEvent]:
        """As the store reads."""
        self.reads += 1
        if self.broken:
            self.broken -= 1
            raise OSError("the database is away")
        return [event for event in self.events if event.id > after and event.job_id in jobs][:500]

    def last(self) -> int:
        """The newest number."""
        return len(self.events)


def test_each_listener_gets_its_jobs_events_from_when_it_came() -> None:
    """Two of one job and one of another; a reading serves them all."""
    told = Told()
    told.tell("a")  # before anybody listened

    async def run() -> None:
        hub = EventHub(told.read, told.last, interval=0.01)
        task = asyncio.create_task(hub.run())
        async with hub.listen("a") as one, hub.listen("a") as two, hub.listen("b") as other:
            assert hub.listening == 3
            for _ in range(3):
                told.tell("a")
                told.tell("b")
            first = [(await asyncio.wait_for(one.get(), 5)).id for _ in range(3)]
            second = [(await asyncio.wait_for(two.get(), 5)).id for _ in range(3)]
            third = [(await asyncio.wait_for(other.get(), 5)).id for _ in range(3)]
            assert first == second == [2, 4, 6]
            assert third == [3, 5, 7]
        assert hub.listening == 0
        task.cancel()

    run_in_a_loop(run())


def test_nobody_listening_costs_nothing() -> None:
    """The store is not read while there is no listener."""
    told = Told()

    async def run() -> None:
        hub = EventHub(told.read, told.last, interval=0.001)
        task = asyncio.create_task(hub.run())
        async with hub.listen("a"):
            await asyncio.sleep(0.05)
        reads = told.reads
        assert reads > 0
        await asyncio.sleep(0.1)
        assert told.reads <= reads + 1
        task.cancel()

    run_in_a_loop(run())


def test_a_database_that_is_away_for_a_moment_ends_no_stream() -> None:
    """Reading goes on, and nothing is lost."""
    told = Told()

    async def run() -> None:
        hub = EventHub(told.read, told.last, interval=0.01)
        task = asyncio.create_task(hub.run())
        async with hub.listen("a") as queue:
            told.broken = 1
            told.tell("a")
            assert (await asyncio.wait_for(queue.get(), 10)).id == 1
        task.cancel()

    run_in_a_loop(run())
