"""Servers for the tests of the API: one of a single person, one with accounts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.api.live import Server, make_piece, running


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server without accounts or workers."""
    with running(tmp_path_factory.mktemp("local")) as server:
        yield server


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with accounts and without workers."""
    with running(tmp_path_factory.mktemp("accounts"), accounts=True) as server:
        yield server


@pytest.fixture
def http(local: Server) -> Iterator[httpx.Client]:
    """A client of the server without accounts."""
    with local.http() as client:
        yield client


@pytest.fixture
def piece(http: httpx.Client) -> dict[str, Any]:
    """A new piece there."""
    return make_piece(http)
