"""Playlists that listeners keep."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.engine import Connection

from yuefu.errors import LimitError, NotFoundError
from yuefu.store.database import Database
from yuefu.store.ids import new_id
from yuefu.store.items import MAX_ID
from yuefu.store.tables import now, playlists
from yuefu.store.words import clean

MAX_PLAYLISTS = 1000
MAX_ITEMS = 1000
MAX_TITLE = 200
MAX_WORDS = 2000


@dataclass(frozen=True)
class Playlist:
    """A playlist. items: their ids, in order; facts: what was found when it was made (minutes, smoothness ...)."""

    id: str
    account_id: str
    title: str
    words: str
    items: tuple[str, ...]
    facts: dict[str, Any]
    created: datetime
    updated: datetime


class Playlists:
    """The playlists of a store. Everybody sees their own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(
        self, account_id: str, title: str, words: str, items: Sequence[str], facts: dict[str, Any] | None = None
    ) -> Playlist:
        """A new playlist. Raises LimitError for one that is too long, or one too many."""
        moment = now()
        row = {
            "id": new_id(), "account_id": account_id, "title": _text(title, MAX_TITLE, "a title"),
            "words": _text(words, MAX_WORDS, "the words of a playlist"), "items": _items(items), "facts": facts or {},
            "created": moment, "updated": moment,
        }  # fmt: skip
        with self._database.write() as connection:
            count = len(connection.execute(select(playlists.c.id).where(playlists.c.account_id == account_id)).all())
            if count >= MAX_PLAYLISTS:
                raise LimitError(f"{count} playlists are kept already, no more than that: delete one first.")
            connection.execute(insert(playlists).values(**row))
            return _playlist(_row(connection, account_id, str(row["id"])))

    def get(self, account_id: str, playlist_id: str) -> Playlist:
        """A playlist. Raises NotFoundError when it isn't there or is somebody else's."""
        with self._database.read() as connection:
            return _playlist(_row(connection, account_id, playlist_id))

    def list(self, account_id: str) -> builtins.list[Playlist]:
        """All of an account, the one changed last first."""
        query = select(playlists).where(playlists.c.account_id == account_id)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(playlists.c.updated.desc(), playlists.c.id.desc()))
            return [_playlist(row) for row in rows]

    def change(
        self,
        account_id: str,
        playlist_id: str,
        *,
        title: str | None = None,
        items: Sequence[str] | None = None,
        facts: dict[str, Any] | None = None,
    ) -> Playlist:
        """Another title, other items, other facts. None leaves as it is."""
        with self._database.write() as connection:
            row = _row(connection, account_id, playlist_id)
            connection.execute(
                update(playlists)
                .where(playlists.c.id == row.id)
                .values(
                    title=row.title if title is None else _text(title, MAX_TITLE, "a title"),
                    items=row.items if items is None else _items(items),
                    facts=row.facts if facts is None else facts,
                    updated=now(),
                )
            )
            return _playlist(_row(connection, account_id, playlist_id))

    def delete(self, account_id: str, playlist_id: str) -> None:
        """Away for ever; its pieces stay."""
        with self._database.write() as connection:
            row = _row(connection, account_id, playlist_id)
            connection.execute(delete(playlists).where(playlists.c.id == row.id))


def _row(connection: Connection, account_id: str, playlist_id: str) -> Row[Any]:
    query = select(playlists).where(playlists.c.id == playlist_id[:26], playlists.c.account_id == account_id)
    row = connection.execute(query).first()
    if row is None:
        raise NotFoundError("playlist", playlist_id)
    return row


def _text(text: str, most: int, what: str) -> str:
    found = clean(text)
    if len(found) > most:
        raise LimitError(f"{what} of {len(found)} characters is too long: use at most {most}.")
    return found


def _items(items: Sequence[str]) -> builtins.list[str]:
    if len(items) > MAX_ITEMS:
        raise LimitError(f"{len(items)} items are too many for one playlist: use at most {MAX_ITEMS}.")
    return [item[:MAX_ID] for item in items]


def _playlist(row: Row[Any]) -> Playlist:
    return Playlist(row.id, row.account_id, row.title, row.words, tuple(row.items), row.facts, row.created, row.updated)
