from collections.abc import Iterator
from datetime import timedelta

import pytest
from tests.store.places import cluster, me, place, store

from yuefu.jobs.limits import Limits
from yuefu.jobs.worker import Worker
from yuefu.store import Store

__all__ = ["cluster", "me", "place", "store", "worker"]


@pytest.fixture
def worker(store: Store) -> Iterator[Worker]:
    """A worker without a limit of memory, which would hold for the tests, too."""
    made = Worker(store, "w", Limits(memory=None, grace=timedelta(seconds=60)))
    yield made
    made.stop.set()
