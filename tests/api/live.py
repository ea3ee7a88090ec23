"""A real server on loopback, with pieces in it, for the tests of whatever talks to one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from yuefu.score.files import score_from_data
from yuefu.score.serial import score_to_dict
from yuefu.server.background import serving
from yuefu.store.store import Store
from yuefu.web.settings import Settings

TUNE = b"""X:1
T:Spring
M:4/4
L:1/4
Q:1/4=100
K:G
"G"GABc|"D"d2 ef|"Em"gfed|"G"G4|
w: spring has come to us a-gain to-day and I am glad
"""


@cache
def score_data() -> dict[str, Any]:
    """A short song in Yuefu's JSON."""
    return score_to_dict(score_from_data(TUNE, "spring.abc")[0])


@dataclass
class Server:
    """A running server. A client of it never goes through a proxy."""

    url: str
    settings: Settings

    def http(self, key: str | None = None, **headers: str) -> httpx.Client:
        """A plain HTTP client. It reads no certificates, which would take longer than most requests."""
        told = {"Authorization": f"Bearer {key}"} if key else {}
        return httpx.Client(base_url=self.url, headers={**told, **headers}, trust_env=False, verify=False, timeout=120)

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The server's store, opened beside it."""
        store = Store.open(self.settings.data, self.settings.database)
        try:
            yield store
        finally:
            store.close()

    def account(self, name: str, *, is_admin: bool = False) -> tuple[str, str]:
        """A new account's id and an API key of it."""
        with self.store() as store:
            account = store.accounts.create(name, f"the password of {name}", is_admin=is_admin)
            return account.id, store.accounts.create_key(account.id, "test")[1]


@contextmanager
def running(data: Path, **settings: Any) -> Iterator[Server]:
    """A server; without workers unless they are asked for, and without limits of rate."""
    found = Settings(data=data, **{"workers": 0, "reads": 1e6, "writes": 1e6, "logins": 1e6, **settings})
    with serving(found) as url:
        yield Server(url, found)


def make_piece(http: httpx.Client, title: str = "Spring") -> dict[str, Any]:
    """A piece of four bars."""
    answer = http.post("/api/v1/pieces", json={"title": title, "score": score_data()})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())
