"""Bring a database's tables up to date, with Alembic and without a configuration file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory

from yuefu.errors import StoreError
from yuefu.store.database import Database
from yuefu.store.tables import metadata

FOLDER = Path(__file__).parent / "migrations"


def migrate(database: Database, folder: Path, target: str = "head") -> None:
    """Make the tables, or bring them up to this version. Two starters take turns; a failed step leaves no trace.

    Raises StoreError for a database that a newer version has written.
    """
    scripts = ScriptDirectory(str(FOLDER))
    with _alone(folder / ".migrate.lock"), database.write() as connection:
        database.one_at_a_time(connection, "migrate")
        current = MigrationContext.configure(connection).get_current_revision()
        known = {script.revision for script in scripts.walk_revisions()}
        if current is not None and current not in known:
            raise StoreError(
                f"the data in {folder} were written by a newer version of yuefu (tables {current}): upgrade yuefu, or "
                "name another folder."
            )
        if target == "head" and current == scripts.get_current_head():
            return

        def steps(revision: Any, _: MigrationContext) -> Any:
            return scripts._upgrade_revs(target, revision)

        with EnvironmentContext(Config(), scripts, fn=steps, destination_rev=target) as environment:
            environment.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
            environment.run_migrations()


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold a lock file. Where the system has no such locks, the database's own must do."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
