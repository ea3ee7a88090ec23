"""How a server was asked to run: what the command line says, checked once."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from yuefu.errors import InputError, LimitError

DEFAULT_PORT = 8765
#: Names under which a machine reaches itself.
LOOPBACK = ("localhost", "127.0.0.1", "::1")
MAX_WORKERS = 64


def default_folder() -> Path:
    """Where pieces lie when nobody says: ``$XDG_DATA_HOME/yuefu``, else ``~/.local/share/yuefu``."""
    home = os.environ.get("XDG_DATA_HOME", "")
    return (Path(home) if os.path.isabs(home) else Path.home() / ".local" / "share") / "yuefu"


@dataclass(frozen=True)
class Settings:
    """A server's settings.

    data: the folder of pieces and files; database: an SQLAlchemy URL, None for SQLite in that folder; workers:
    processes that compose, 0 for none; accounts: whether visitors log in; memory_gb and job_minutes: of one
    job; queue: most
    jobs that may wait; reads, writes: the most requests a second that one visitor may make for long; logins: tries
    to log in at once, from one address or at one name; streams: open at once by one visitor.

    >>> Settings(host="0.0.0.0").checked()
    Traceback (most recent call last):
    yuefu.errors.InputError: on 0.0.0.0 others can reach the studio, and without accounts they would all be you: ...
    """

    data: Path = field(default_factory=default_folder)
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    database: str | None = None
    workers: int = 1
    accounts: bool = False
    memory_gb: float = 4.0
    job_minutes: float = 15.0
    queue: int = 100
    reads: float = 100.0
    writes: float = 20.0
    logins: float = 10.0
    streams: int = 24

    @property
    def hosts(self) -> frozenset[str]:
        """The names by which a browser may call a server without accounts."""
        return frozenset({*LOOPBACK, self.host.strip("[]").lower()})

    def checked(self) -> Settings:
        """These settings. Raises InputError or LimitError, in one sentence, when they can't be."""
        if not self.accounts and self.host.strip("[]").lower() not in LOOPBACK:
            raise InputError(
                f"on {self.host} others can reach the studio, and without accounts they would all be you: "
                "add --accounts, or leave --host out."
            )
        for value, low, high, name in (
            (self.port, 0, 65535, "--port"),
            (self.workers, 0, MAX_WORKERS, "--workers"),
            (self.queue, 1, 100_000, "--queue"),
            (self.memory_gb, 1, 1024, "--memory"),
            (self.job_minutes, 0.05, 24 * 60, "--job-minutes"),
        ):
            if not low <= value <= high:
                raise LimitError(f"{name} {value:g} isn't possible: give {low:g} to {high:g}.")
        return self
