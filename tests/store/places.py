"""Stores to test with, over both databases: fixtures for the conftest of a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.store.cluster import Cluster, binaries

from yuefu.store import Store


@dataclass(frozen=True)
class Place:
    """Where a store can be opened, again and again and by several processes."""

    folder: Path
    database: str | None

    def open(self) -> Store:
        """One more handle on the store."""
        return Store.open(self.folder, self.database)


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Cluster, str]]:
    """A PostgreSQL, and the name of a database in it that has the tables."""
    if binaries() is None:
        if os.environ.get("CI"):
            pytest.fail("CI must have PostgreSQL: install Debian's package postgresql")
        pytest.skip("no PostgreSQL here: install Debian's package postgresql")
    running = Cluster()
    try:
        Store.open(tmp_path_factory.mktemp("first"), running.url("postgres")).close()
        yield running, "postgres"
    finally:
        running.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty store's place, once in each database."""
    if request.param == "sqlite":
        return Place(tmp_path / "data", None)
    running, name = request.getfixturevalue("cluster")
    running.empty(name)
    return Place(tmp_path / "data", running.url(name))


@pytest.fixture
def store(place: Place) -> Iterator[Store]:
    """An empty store."""
    opened = place.open()
    yield opened
    opened.close()


@pytest.fixture
def me(store: Store) -> str:
    """The account of a studio without log-in."""
    return store.accounts.local().id
