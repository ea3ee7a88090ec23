"""Pieces and their versions: a tree in which nothing is ever overwritten, and a head that moves in it.

Undo sets the head to the parent, redo to the child from which one came; both only move the head. Everybody sees their
own pieces: a piece of somebody else's is as absent as one that never was.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, delete, func, insert, select, update
from sqlalchemy.engine import Connection

from yuefu.errors import ConflictError, InputError, LimitError, NotFoundError
from yuefu.store.blobs import Blobs
from yuefu.store.database import Database
from yuefu.store.ids import new_id
from yuefu.store.listing import Listing, after_cursor, cursor_of, matching, order_of
from yuefu.store.tables import kept_files, now, pieces, versions
from yuefu.store.words import clean, fold, join_tags, split_tags

MAX_TITLE = 200
MAX_WORDS = 20_000
MAX_TAGS = 30
MAX_TAG = 50
MAX_NAME = 120
MAX_NOTE = 500
MAX_LIST = 200
#: How long the trash keeps a piece.
TRASH = timedelta(days=30)


@dataclass(frozen=True)
class Piece:
    """A piece as the library shows it. etag: changes whenever anything here does; facts: of the head's version."""

    id: str
    account_id: str
    title: str
    words: str
    tags: tuple[str, ...]
    liked: bool
    head: int
    etag: str
    created: datetime
    updated: datetime
    trashed: datetime | None
    shared: str | None
    facts: dict[str, Any]


@dataclass(frozen=True)
class Version:
    """One state of a piece. parent: the version that it was made from; redo: the child to which redo leads;
    document: the digest of its bytes."""

    piece_id: str
    number: int
    parent: int | None
    name: str
    kind: str
    note: str
    document: str
    created: datetime
    redo: int | None = None
    title: str = ""
    facts: dict[str, Any] | None = None


@dataclass(frozen=True)
class KeptFile:
    """A file made from a version once, such as its sound."""

    piece_id: str
    number: int
    fmt: str
    digest: str
    name: str
    media_type: str
    created: datetime


class Pieces:
    """The pieces of a store."""

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database = database
        self._blobs = blobs

    # Making and reading

    def create(
        self,
        account_id: str,
        *,
        title: str,
        document: bytes,
        kind: str,
        note: str = "",
        words: str = "",
        tags: Iterable[str] = (),
        facts: dict[str, Any] | None = None,
        tune: str = "",
    ) -> Piece:
        """A new piece with version 1. Raises LimitError for texts that are too long."""
        digest = self._blobs.put(document)
        moment = now()
        title, words, tags = _title(title), _words(words), _tags(tags)
        piece_id = new_id()
        about = {"title": title, "facts": facts or {}, "tune": clean(tune)}
        with self._database.write() as connection:
            connection.execute(
                insert(pieces).values(
                    id=piece_id, account_id=account_id, words=words, tags=join_tags(tags),
                    search=_search(title, tags, words), liked=False, head=1, revision=1, created=moment,
                    updated=moment, **about,
                )
            )  # fmt: skip
            connection.execute(
                insert(versions).values(
                    piece_id=piece_id, number=1, parent=None, name="", kind=kind, note=_note(note), document=digest,
                    created=moment, **about,
                )
            )  # fmt: skip
            return _piece(self._row(connection, account_id, piece_id))

    def get(self, account_id: str, piece_id: str) -> Piece:
        """A piece, one in the trash too. Raises NotFoundError when it isn't there or is somebody else's."""
        with self._database.read() as connection:
            return _piece(self._row(connection, account_id, piece_id))

    def document(self, version: Version) -> bytes:
        """A version's bytes."""
        return self._blobs.get(version.document)

    # Versions

    def add_version(
        self,
        account_id: str,
        piece_id: str,
        document: bytes,
        *,
        parent: int | None,
        kind: str,
        note: str = "",
        facts: dict[str, Any] | None = None,
        tune: str | None = None,
        title: str | None = None,
        if_match: str | None = None,
        move_head: bool = True,
    ) -> Version:
        """A new version, made from another one (None: from the head).

        facts, tune, title: None for the parent's. Raises ConflictError when if_match isn't the piece's etag any more.
        """
        digest = self._blobs.put(document)
        moment = now()
        with self._database.write() as connection:
            row = self._row(connection, account_id, piece_id, if_match=if_match, lock=True)
            source = self._version_row(connection, piece_id, row.head if parent is None else parent)
            last = connection.execute(
                select(func.max(versions.c.number)).where(versions.c.piece_id == piece_id)
            ).scalar_one()
            number = last + 1
            about = {
                "title": source.title if title is None else _title(title),
                "facts": source.facts if facts is None else facts,
                "tune": source.tune if tune is None else clean(tune),
            }
            connection.execute(
                insert(versions).values(
                    piece_id=piece_id, number=number, parent=source.number, name="", kind=kind, note=_note(note),
                    document=digest, created=moment, **about,
                )
            )  # fmt: skip
            if move_head:
                self._move(connection, row, number)
            else:
                _set(connection, row, {})
            return _version(self._version_row(connection, piece_id, number))

    def versions(
        self, account_id: str, piece_id: str, *, before: int | None = None, limit: int = 100
    ) -> Listing[Version]:
        """The history, the newest first. before: only older ones than this number."""
        query = select(versions).where(versions.c.piece_id == piece_id).order_by(versions.c.number.desc())
        if before is not None:
            query = query.where(versions.c.number < before)
        with self._database.read() as connection:
            self._row(connection, account_id, piece_id)
            return [_version(row) for row in connection.execute(query.limit(max(1, min(limit, 1000))))]

    def version(self, account_id: str, piece_id: str, number: int) -> Version:
        """One version. Raises NotFoundError."""
        with self._database.read() as connection:
            self._row(connection, account_id, piece_id)
            return _version(self._version_row(connection, piece_id, number))

    def name_version(self, account_id: str, piece_id: str, number: int, name: str) -> Version:
        """Give a version a name, "" for none."""
        label = _limited(clean(name), MAX_NAME, "a version's name")
        with self._database.write() as connection:
            self._row(connection, account_id, piece_id, lock=True)
            self._version_row(connection, piece_id, number)
            connection.execute(_one_version(piece_id, number).values(name=label))
            return _version(self._version_row(connection, piece_id, number))

    def set_head(self, account_id: str, piece_id: str, number: int, *, if_match: str | None = None) -> Piece:
        """Undo, redo, go back to any version. The tree stays."""
        with self._database.write() as connection:
            row = self._row(connection, account_id, piece_id, if_match=if_match, lock=True)
            self._move(connection, row, number)
            return _piece(self._row(connection, account_id, piece_id))

    def _move(self, connection: Connection, row: Row[Any], number: int) -> None:
        """The head to a version: the piece tells its facts, and redo leads to it from each of its ancestors."""
        old = self._version_row(connection, row.id, row.head)
        new = self._version_row(connection, row.id, number)
        change: dict[str, Any] = {"head": number, "facts": new.facts, "tune": new.tune}
        # A title that came with a version comes and goes with it; one that was given to the piece stays.
        if new.title != old.title:
            change |= {"title": new.title, "search": _search(new.title, split_tags(row.tags), row.words)}
        _set(connection, row, change)
        tree = {
            each.number: each
            for each in connection.execute(
                select(versions.c.number, versions.c.parent, versions.c.redo).where(versions.c.piece_id == row.id)
            )
        }
        child, parent = number, new.parent
        while parent is not None:
            if tree[parent].redo != child:
                connection.execute(_one_version(row.id, parent).values(redo=child))
            child, parent = parent, tree[parent].parent

    # What people say about a piece

    def change(
        self,
        account_id: str,
        piece_id: str,
        *,
        title: str | None = None,
        tags: Iterable[str] | None = None,
        liked: bool | None = None,
        if_match: str | None = None,
    ) -> Piece:
        """Another title, other tags, a like. None leaves as it is."""
        with self._database.write() as connection:
            row = self._row(connection, account_id, piece_id, if_match=if_match, lock=True)
            new_title = row.title if title is None else _title(title)
            new_tags = split_tags(row.tags) if tags is None else _tags(tags)
            change = {
                "title": new_title, "tags": join_tags(new_tags), "search": _search(new_title, new_tags, row.words),
                "liked": row.liked if liked is None else liked,
            }  # fmt: skip
            if any(getattr(row, name) != value for name, value in change.items()):
                _set(connection, row, change)
            return _piece(self._row(connection, account_id, piece_id))

    def list(
        self,
        account_id: str,
        *,
        words: str = "",
        tag: str | None = None,
        liked: bool | None = None,
        trashed: bool = False,
        sort: str = "-updated",
        after: str | None = None,
        limit: int = 50,
    ) -> tuple[Listing[Piece], str | None]:
        """Pieces that have every word in title, tags or words; and where the next page begins, None for the last.

        sort: updated, created or title, with "-" before it for the other way round. Raises InputError.
        """
        limit = max(1, min(limit, MAX_LIST))
        query = matching(select(pieces).where(pieces.c.account_id == account_id), words, tag, liked, trashed)
        query = after_cursor(query, sort, after).order_by(*order_of(sort)).limit(limit + 1)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        found = [_piece(row) for row in rows[:limit]]
        return found, cursor_of(rows[limit - 1], sort) if len(rows) > limit else None

    def tags(self, account_id: str) -> dict[str, int]:
        """The tags in use and how many pieces have each, the most frequent first."""
        query = select(pieces.c.tags).where(pieces.c.account_id == account_id, pieces.c.trashed.is_(None))
        counts: dict[str, int] = {}
        with self._database.read() as connection:
            for (text,) in connection.execute(query):
                for tag in split_tags(text):
                    counts[tag] = counts.get(tag, 0) + 1
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    def tunes(self, account_id: str) -> Iterator[tuple[str, str]]:
        """Piece and tune, for looking up by ear."""
        query = select(pieces.c.id, pieces.c.tune).where(
            pieces.c.account_id == account_id, pieces.c.trashed.is_(None), pieces.c.tune != ""
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        yield from ((row.id, row.tune) for row in rows)

    # The trash

    def trash(self, account_id: str, piece_id: str) -> Piece:
        """Into the trash, which keeps it for 30 days; who has its link sees it no more."""
        return self._set_trashed(account_id, piece_id, now())

    def restore(self, account_id: str, piece_id: str) -> Piece:
        """Out of the trash."""
        return self._set_trashed(account_id, piece_id, None)

    def _set_trashed(self, account_id: str, piece_id: str, moment: datetime | None) -> Piece:
        with self._database.write() as connection:
            row = self._row(connection, account_id, piece_id, lock=True)
            if (row.trashed is None) != (moment is None):
                _set(connection, row, {"trashed": moment})
            return _piece(self._row(connection, account_id, piece_id))

    def erase(self, account_id: str, piece_id: str) -> None:
        """Away for ever. Raises ConflictError when the piece isn't in the trash."""
        with self._database.write() as connection:
            row = self._row(connection, account_id, piece_id, lock=True)
            if row.trashed is None:
                raise ConflictError(f"'{row.title}' isn't in the trash: move it there first.")
            connection.execute(delete(pieces).where(pieces.c.id == piece_id))

    def empty_trash(self, older_than: timedelta = TRASH) -> int:
        """Erase, of everybody's pieces, those that have been in the trash for so long; returns how many."""
        with self._database.write() as connection:
            return connection.execute(delete(pieces).where(pieces.c.trashed < now() - older_than)).rowcount

    def give(self, account_id: str, to: str) -> int:
        """All pieces of one account to another, such as those made before there were log-ins; returns how many."""
        with self._database.write() as connection:
            return connection.execute(
                update(pieces)
                .where(pieces.c.account_id == account_id)
                .values(account_id=to, revision=pieces.c.revision + 1)
            ).rowcount

    # Sharing

    def share(self, account_id: str, piece_id: str) -> str:
        """A token with which anybody may see the piece; the same one until it is taken back."""
        with self._database.write() as connection:
            row = self._row(connection, account_id, piece_id, lock=True)
            token = row.shared or secrets.token_urlsafe(24)
            if row.shared is None:
                _set(connection, row, {"shared": token}, touch=False)
            return token

    def unshare(self, account_id: str, piece_id: str) -> None:
        """Nobody else may see it any more."""
        with self._database.write() as connection:
            row = self._row(connection, account_id, piece_id, lock=True)
            if row.shared is not None:
                _set(connection, row, {"shared": None}, touch=False)

    def shared(self, token: str) -> Piece:
        """The piece of a token. Raises NotFoundError."""
        query = select(pieces).where(pieces.c.shared == clean(token)[:64], pieces.c.trashed.is_(None))
        with self._database.read() as connection:
            row = connection.execute(query).first()
        if row is None:
            raise NotFoundError("shared piece", token)
        return _piece(row)

    # Files made once

    def keep_file(self, piece_id: str, number: int, fmt: str, digest: str, name: str, media_type: str) -> None:
        """Remember a file that was made from a version (its bytes are a blob already)."""
        values = {"digest": digest, "name": clean(name)[:MAX_TITLE], "media_type": media_type, "created": now()}
        here = (kept_files.c.piece_id == piece_id, kept_files.c.number == number, kept_files.c.fmt == fmt)
        with self._database.write() as connection:
            if connection.execute(select(pieces.c.id).where(pieces.c.id == piece_id).with_for_update()).first() is None:
                raise NotFoundError("piece", piece_id)
            self._version_row(connection, piece_id, number)
            if not connection.execute(update(kept_files).where(*here).values(**values)).rowcount:
                connection.execute(insert(kept_files).values(piece_id=piece_id, number=number, fmt=fmt, **values))

    def file(self, piece_id: str, number: int, fmt: str) -> KeptFile | None:
        """Such a file, None when it hasn't been made."""
        query = select(kept_files).where(
            kept_files.c.piece_id == piece_id, kept_files.c.number == number, kept_files.c.fmt == fmt
        )
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return None if row is None else _kept(row)

    def files(self, piece_id: str, number: int) -> Listing[KeptFile]:
        """All files that were made from a version."""
        query = select(kept_files).where(kept_files.c.piece_id == piece_id, kept_files.c.number == number)
        with self._database.read() as connection:
            return [_kept(row) for row in connection.execute(query.order_by(kept_files.c.fmt))]

    def digests(self) -> set[str]:
        """Every blob that a piece refers to."""
        with self._database.read() as connection:
            return {
                digest
                for column in (versions.c.document, kept_files.c.digest)
                for (digest,) in connection.execute(select(column).distinct())
            }

    # Rows

    @staticmethod
    def _row(
        connection: Connection, account_id: str, piece_id: str, *, if_match: str | None = None, lock: bool = False
    ) -> Row[Any]:
        query: Select[Any] = select(pieces).where(pieces.c.id == piece_id, pieces.c.account_id == account_id)
        row = connection.execute(query.with_for_update() if lock else query).first()
        if row is None:
            raise NotFoundError("piece", piece_id)
        if if_match is not None and if_match != _etag(row):
            raise ConflictError(f"'{row.title}' has changed since you read it: read it again, then make your change.")
        return row

    @staticmethod
    def _version_row(connection: Connection, piece_id: str, number: int) -> Row[Any]:
        query = select(versions).where(versions.c.piece_id == piece_id, versions.c.number == number)
        row = connection.execute(query).first() if 0 < number < 2**31 else None
        if row is None:
            raise NotFoundError("version", number)
        return row


def _set(connection: Connection, row: Row[Any], change: dict[str, Any], *, touch: bool = True) -> None:
    """Change a piece, and with it its etag. touch: it counts as updated."""
    values = {**change, "revision": row.revision + 1} | ({"updated": now()} if touch else {})
    connection.execute(update(pieces).where(pieces.c.id == row.id).values(**values))


def _one_version(piece_id: str, number: int) -> Any:
    return update(versions).where(versions.c.piece_id == piece_id, versions.c.number == number)


def _etag(row: Row[Any]) -> str:
    return f"{row.head}.{row.revision}"


def _piece(row: Row[Any]) -> Piece:
    return Piece(
        row.id, row.account_id, row.title, row.words, split_tags(row.tags), bool(row.liked), row.head, _etag(row),
        row.created, row.updated, row.trashed, row.shared, row.facts,
    )  # fmt: skip


def _version(row: Row[Any]) -> Version:
    return Version(
        row.piece_id, row.number, row.parent, row.name, row.kind, row.note, row.document, row.created, row.redo,
        row.title, row.facts,
    )  # fmt: skip


def _kept(row: Row[Any]) -> KeptFile:
    return KeptFile(row.piece_id, row.number, row.fmt, row.digest, row.name, row.media_type, row.created)


def _limited(text: str, most: int, what: str) -> str:
    if len(text) > most:
        raise LimitError(f"{what} of {len(text)} characters is too long: use at most {most}.")
    return text


def _title(title: str) -> str:
    return _limited(clean(title), MAX_TITLE, "a title")


def _words(words: str) -> str:
    return _limited(clean(words, lines=True), MAX_WORDS, "a text")


def _note(note: str) -> str:
    return clean(note)[:MAX_NOTE]


def _tags(tags: Iterable[str]) -> tuple[str, ...]:
    if isinstance(tags, str):
        raise InputError("tags are a list of words: give each one by itself.")
    found = tuple(dict.fromkeys(filter(None, (_limited(clean(tag), MAX_TAG, "a tag") for tag in tags))))
    if len(found) > MAX_TAGS:
        raise LimitError(f"{len(found)} tags are too many: use at most {MAX_TAGS}.")
    return found


def _search(title: str, tags: Iterable[str], words: str) -> str:
    return fold(" ".join((title, *tags, words)))
