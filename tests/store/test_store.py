"""Opening a store, its migrations, and its sweep."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import event, text, update
from tests.store.places import Place

from yuefu.errors import ConflictError, InputError, NotFoundError, OutputError, StoreError
from yuefu.store import Store
from yuefu.store.migrate import migrate
from yuefu.store.tables import metadata, now, pieces


def test_the_migrations_make_the_tables_that_the_code_knows(store: Store) -> None:
    """A database that was migrated differs in nothing from the tables in ``store.tables``."""
    with store.database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_opening_again_keeps_everything(place: Place) -> None:
    """What one process wrote, the next one reads."""
    first = place.open()
    account = first.accounts.local()
    piece = first.pieces.create(account.id, title="雨", document=b"one", kind="compose")
    first.close()
    second = place.open()
    assert second.accounts.local() == account
    assert second.pieces.get(account.id, piece.id) == piece
    second.close()


def test_many_openers_at_once_make_one_store(tmp_path: Path) -> None:
    """Processes and threads that open a new store at the same moment all get the same one."""
    code = (
        "import sys; from pathlib import Path; from yuefu.store import Store; "
        "print(Store.open(Path(sys.argv[1])).accounts.local().id)"
    )
    data = tmp_path / "data"
    started = [subprocess.Popen([sys.executable, "-c", code, str(data)], stdout=subprocess.PIPE) for _ in range(2)]
    found: list[str] = []

    def open_here() -> None:
        opened = Store.open(data)
        found.append(opened.accounts.local().id)
        opened.close()

    threads = [threading.Thread(target=open_here) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found += [process.communicate()[0].decode().strip() for process in started]
    assert len(found) == 6
    assert len(set(found)) == 1


def test_data_of_a_newer_version_are_left_alone(store: Store, place: Place) -> None:
    """A database with tables that this version doesn't know is refused in a sentence."""
    with store.database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="newer version of yuefu"):
        place.open()


def test_a_migration_that_fails_leaves_no_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a step breaks half-way, no table of it is there, and the next start succeeds."""
    from yuefu.store.database import Database
    from yuefu.store.migrations.versions import v0001_first

    real = v0001_first.op.create_index

    def broken(name: str, *arguments: object, **how: object) -> None:
        if name == "ix_jobs_state_id":
            raise RuntimeError("power cut")
        real(name, *arguments, **how)

    database = Database(tmp_path)
    monkeypatch.setattr("alembic.op.create_index", broken)
    with pytest.raises(RuntimeError, match="power cut"):
        migrate(database, tmp_path)
    with database.read() as connection:
        assert connection.execute(text("SELECT name FROM sqlite_master WHERE name = 'accounts'")).all() == []
    database.close()
    monkeypatch.undo()
    Store.open(tmp_path).close()


@pytest.mark.parametrize("url", ["nonsense", "mysql://u:secret@h/db", "oracle+what://x", "postgresql+nodriver://x/y"])
def test_other_databases_are_refused(tmp_path: Path, url: str) -> None:
    """A URL that isn't SQLite's or PostgreSQL's is an input error, or means PostgreSQL with our driver."""
    with pytest.raises((InputError, StoreError)) as caught:
        Store.open(tmp_path, url)
    assert "secret" not in str(caught.value)


def test_a_database_that_is_away_is_told_without_its_password(tmp_path: Path) -> None:
    """The sentence names the database and hides the password."""
    with pytest.raises(StoreError) as caught:
        Store.open(tmp_path, "postgresql://me:hunter2@127.0.0.1:9/music")
    assert "hunter2" not in str(caught.value)
    assert "127.0.0.1" in str(caught.value)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """A file in the folder's place is an output error in a sentence."""
    (tmp_path / "data").write_text("in the way")
    with pytest.raises(OutputError, match="name another folder"):
        Store.open(tmp_path / "data")


def test_a_transaction_is_all_or_nothing(store: Store, me: str) -> None:
    """When something within a transaction fails, nothing of it stays, and what comes after is untouched."""

    def both() -> None:
        with store.transaction():
            store.pieces.create(me, title="one", document=b"1", kind="compose")
            store.jobs.add(me, "compose", {}, most_waiting=5)
            raise ConflictError("no")

    with pytest.raises(ConflictError):
        both()
    assert store.pieces.list(me)[0] == []
    assert store.jobs.list(me) == []
    store.pieces.create(me, title="two", document=b"2", kind="compose")
    assert [piece.title for piece in store.pieces.list(me)[0]] == ["two"]


def test_the_sweep_empties_the_trash_after_thirty_days(store: Store, me: str) -> None:
    """Pieces that lay in the trash for 30 days are gone with all that only they referred to; others stay."""
    old = store.pieces.create(me, title="old", document=b"old", kind="compose")
    recent = store.pieces.create(me, title="recent", document=b"recent", kind="compose")
    kept = store.pieces.create(me, title="kept", document=b"kept", kind="compose")
    shared = store.pieces.create(me, title="shared document", document=b"old and kept", kind="compose")
    store.pieces.add_version(me, old.id, b"old and kept", parent=None, kind="edit")
    for piece in (old, recent):
        store.pieces.trash(me, piece.id)
    with store.database.write() as connection:
        connection.execute(
            update(pieces).where(pieces.c.id == old.id).values(trashed=now() - timedelta(days=30, minutes=1))
        )
    swept = store.sweep(loose=timedelta(0))
    assert (swept.pieces, swept.files) == (1, 1)
    with pytest.raises(NotFoundError):
        store.pieces.get(me, old.id)
    for piece in (recent, kept, shared):
        assert store.pieces.document(store.pieces.version(me, piece.id, 1))


def test_the_sweep_spares_what_jobs_name(store: Store, me: str) -> None:
    """An upload that a waiting job will read, and a file that a job made, aren't loose files."""
    upload, loose = store.blobs.put(b"upload"), store.blobs.put(b"loose")
    store.jobs.add(me, "import", {"upload": upload}, most_waiting=5)
    old = 10 * 86400
    for digest in (upload, loose):
        path = store.blobs.path(digest)
        os.utime(path, (path.stat().st_atime - old, path.stat().st_mtime - old))
    assert store.sweep().files == 1
    assert store.blobs.has(upload)
    assert not store.blobs.has(loose)


def test_a_full_disk_is_told_and_changes_nothing(tmp_path: Path) -> None:
    """When the database can't grow, what was to be kept isn't, what was there stays, and the fault is one sentence."""
    store = Store.open(tmp_path)
    me = store.accounts.local().id
    store.pieces.create(me, title="before", document=b"one", kind="import")
    engine = store.database.engine
    engine.dispose()

    @event.listens_for(engine, "connect")
    def no_more_pages(connection: Any, _: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {connection.execute('PRAGMA page_count').fetchone()[0]}")

    def fill() -> None:
        for number in range(500):
            store.pieces.create(me, title="x" * 100, document=f"{number}".encode(), kind="import", words="y" * 3000)

    with pytest.raises(OutputError, match="the disk is full"):
        fill()
    event.remove(engine, "connect", no_more_pages)
    engine.dispose()
    assert store.pieces.list(me, sort="created")[0][0].title == "before"
    assert store.pieces.create(me, title="after", document=b"two", kind="import").title == "after"
    store.close()
