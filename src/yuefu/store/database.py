"""One database, SQLite or PostgreSQL, and its transactions.

``with database.write() as connection`` is one transaction; a ``write`` or ``read`` within it, in the same thread, joins
it. That is how a job's end and the piece that it makes come about together or not at all.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError, ProgrammingError

from yuefu.errors import InputError, MissingExtraError, OutputError, StoreError

#: Milliseconds for which a writer waits for others.
BUSY_MS = 30_000
_WRITING = "yuefu_writing"
#: PostgreSQL: what is locked while it is done one at a time.
LOCKS = {"migrate": 7_401_001, "enqueue": 7_401_002, "events": 7_401_003, "local": 7_401_004, "listening": 7_401_005}


class Database:
    """A pool of connections. Threads may share it; processes open one each."""

    def __init__(self, folder: Path, url: str | None = None) -> None:
        self.url = _url(folder, url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._own = threading.local()
        # Threads of one process queue here in turn, where SQLite would let them poll.
        self._turn = threading.Lock()
        self.engine = self._engine()

    def _engine(self) -> Engine:
        if not self.is_sqlite:
            try:
                return create_engine(self.url, pool_size=8, max_overflow=24, pool_pre_ping=True)
            except ImportError as error:
                raise MissingExtraError("a PostgreSQL database", "postgres") from error
        engine = create_engine(self.url, pool_size=8, max_overflow=24, connect_args={"timeout": BUSY_MS / 1000})
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one state of the whole database."""
        if (current := self._current()) is not None:
            yield current
            return
        with self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self, *, lasting: bool = True) -> Iterator[Connection]:
        """A transaction that may change things: all of it comes about, or none.

        lasting: it must also outlive a power cut. What only tells of the moment, such as progress, needn't.
        """
        if (current := self._current()) is not None:
            yield current
            return
        if not self.is_sqlite:
            with self.engine.connect() as connection, connection.begin(), self._as_current(connection):
                if not lasting:
                    connection.execute(text("SET LOCAL synchronous_commit TO off"))
                yield connection
            return
        with self._turn, self.engine.connect() as plain:
            connection = plain.execution_options(**{_WRITING: True})
            _driver(connection).execute(f"PRAGMA synchronous={'FULL' if lasting else 'NORMAL'}")
            try:
                with connection.begin(), self._as_current(connection):
                    yield connection
            except OperationalError as error:
                if "full" in str(error.orig):
                    raise OutputError("the disk is full: make room where the pieces lie, and try again.") from error
                raise

    def one_at_a_time(self, connection: Connection, what: str) -> None:
        """Wait until no other transaction is at the same work. SQLite has a single writer anyway."""
        if not self.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCKS[what]})

    def _current(self) -> Connection | None:
        return getattr(self._own, "connection", None)

    @contextmanager
    def _as_current(self, connection: Connection) -> Iterator[None]:
        self._own.connection = connection
        try:
            yield
        finally:
            self._own.connection = None

    def check(self) -> None:
        """Raise StoreError, with a sentence, when the database can't be reached."""
        try:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except (OperationalError, ProgrammingError) as error:
            shown = self.url.render_as_string(hide_password=True)
            raise StoreError(f"the database {shown} can't be used: {_first_line(error)}.") from error

    def close(self) -> None:
        """Close the connections."""
        self.engine.dispose()


def _url(folder: Path, url: str | None) -> URL:
    if url is None:
        return URL.create("sqlite", database=str(folder / "yuefu.db"))
    try:
        found = make_url(url)
        backend = found.get_backend_name()
        found.get_dialect()
    except (ArgumentError, NoSuchModuleError) as error:
        raise InputError(
            "the database isn't named by a URL that is understood: give one such as "
            "postgresql+psycopg://user:password@host/name."
        ) from error
    except ImportError as error:
        raise MissingExtraError("a PostgreSQL database", "postgres") from error
    if backend not in ("sqlite", "postgresql"):
        raise InputError(f"'{backend[:40]}' databases can't be used: give a URL of postgresql+psycopg or sqlite.")
    return found.set(drivername="postgresql+psycopg") if backend == "postgresql" else found


def _first_line(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    return str(cause).strip().split("\n")[0].rstrip(".")[:300]


def _driver(connection: Connection) -> Any:
    found = connection.connection.driver_connection
    assert found is not None
    return found


def _set_up_sqlite(driver: Any, _: object) -> None:
    driver.isolation_level = None  # transactions begin where we say, see _begin_sqlite
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MS}"):
        driver.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes then must hold the lock from the start: two of them that both read
    # could never both go on.
    writing = connection.get_execution_options().get(_WRITING)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
