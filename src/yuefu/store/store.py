"""The store: one folder with a database and files, or a folder beside a PostgreSQL database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from yuefu.errors import MissingExtraError, OutputError

try:
    from yuefu.store.accounts import Accounts
    from yuefu.store.blobs import Blobs
    from yuefu.store.database import Database
    from yuefu.store.items import Items
    from yuefu.store.jobs import Jobs
    from yuefu.store.listening import Listening
    from yuefu.store.migrate import migrate
    from yuefu.store.pieces import TRASH, Pieces
    from yuefu.store.playlists import Playlists
except ModuleNotFoundError as missing:
    if (missing.name or "").partition(".")[0] not in ("sqlalchemy", "alembic"):
        raise
    raise MissingExtraError("the studio", "studio") from missing

#: How long events, ended jobs and files that nobody refers to are kept.
EVENTS = timedelta(days=1)
ENDED_JOBS = timedelta(days=30)
LOOSE_FILES = timedelta(days=1)
IMPRESSIONS = timedelta(days=90)
_DIGEST = re.compile(r"\b[0-9a-f]{64}\b")


@dataclass(frozen=True)
class Swept:
    """What a sweep took away."""

    pieces: int
    jobs: int
    events: int
    files: int


class Store:
    """Pieces, versions, accounts, jobs, listening and files. Threads may share one; every process opens its own."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.folder = folder
        self.database = database
        self.blobs = Blobs(folder / "blobs")
        self.accounts = Accounts(database)
        self.pieces = Pieces(database, self.blobs)
        self.jobs = Jobs(database)
        self.items = Items(database)
        self.listening = Listening(database)
        self.playlists = Playlists(database)

    @classmethod
    def open(cls, folder: Path, database: str | None = None) -> Store:
        """The store in a folder, which is made when it isn't there; the tables are brought up to date.

        database: the URL of a PostgreSQL database, None for SQLite in the folder. Processes on several machines must
        see the same folder. Raises OutputError when the folder can't be written, StoreError when the database can't
        be used.
        """
        folder = Path(folder)
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            (folder / ".migrate.lock").touch()
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise OutputError(f"{folder} can't be used for data ({reason}): name another folder.") from error
        opened = Database(folder, database)
        try:
            opened.check()
            migrate(opened, folder)
            store = cls(folder, opened)
            store.accounts.local()
        except BaseException:
            opened.close()
            raise
        return store

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that this thread changes within comes about together, or not at all."""
        with self.database.write():
            yield

    def sweep(self, trash: timedelta = TRASH, loose: timedelta = LOOSE_FILES) -> Swept:
        """Empty the trash of what has lain there for 30 days; forget what is over; delete files nobody refers to."""
        pieces = self.pieces.empty_trash(trash)
        events = self.jobs.prune_events(EVENTS)
        jobs = self.jobs.prune(ENDED_JOBS)
        self.accounts.sweep()
        self.listening.prune_impressions(IMPRESSIONS)
        in_use = self.pieces.digests()
        for text in self.jobs.texts():
            in_use.update(_DIGEST.findall(text))
        return Swept(pieces, jobs, events, self.blobs.sweep(in_use, loose))

    def close(self) -> None:
        """Close the database."""
        self.database.close()
