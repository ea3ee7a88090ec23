"""What can be recommended: pieces of the library, and music from elsewhere that somebody listened to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, delete, insert, or_, select

from yuefu.errors import InputError, LimitError
from yuefu.store.database import Database
from yuefu.store.ids import is_id
from yuefu.store.tables import items, now, pieces
from yuefu.store.words import clean

PIECE = "piece:"
KINDS = ("piece", "track", "artist")
MAX_ID = 300
MAX_FEATURES = 400
#: Ids looked up at a time: databases limit how many one statement may name.
AT_ONCE = 500


@dataclass(frozen=True)
class Item:
    """Something to recommend.

    id: "piece:ID", "track:ARTIST - TITLE" or "artist:NAME"; creator: a piece's account, else the artist's name;
    features: "group:value" -> number, see ``recommend.content``; updated: when the features were last worked out;
    token: of somebody else's shared piece, None for one's own and for music from elsewhere.
    """

    id: str
    kind: str
    title: str
    creator: str = ""
    piece_id: str | None = None
    tags: tuple[str, ...] = ()
    features: dict[str, float] = field(default_factory=dict)
    created: datetime | None = None
    updated: datetime | None = None
    token: str | None = None


def piece_of(item_id: str) -> str | None:
    """The piece that an item's id names, None for music from elsewhere.

    >>> piece_of("piece:01jd0000000000000000000000"), piece_of("artist:nina simone")
    ('01jd0000000000000000000000', None)
    """
    rest = item_id.removeprefix(PIECE)
    return rest if item_id.startswith(PIECE) and is_id(rest) else None


class Items:
    """The items of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, new: Iterable[Item]) -> int:
        """Write items, in the place of those of the same id; returns how many. One whose piece is gone is left out."""
        moment = now()
        rows = {item.id: _values(item, moment) for item in new}
        with self._database.write() as connection:
            for some in _some(rows):
                wanted = {rows[name]["piece_id"] for name in some} - {None}
                there = set(connection.execute(select(pieces.c.id).where(pieces.c.id.in_(wanted))).scalars())
                for name in some:
                    if rows[name]["piece_id"] not in there | {None}:
                        del rows[name]
            for some in _some(rows):
                connection.execute(delete(items).where(items.c.id.in_(some)))
                connection.execute(insert(items), [rows[name] for name in some])
        return len(rows)

    def get(self, ids: Iterable[str]) -> dict[str, Item]:
        """Those of some items that are there."""
        found = {}
        with self._database.read() as connection:
            for some in _some(dict.fromkeys(ids)):
                for row in connection.execute(select(items).where(items.c.id.in_(some))):
                    found[row.id] = _item(row)
        return found

    def all(self, kind: str | None = None) -> list[Item]:
        """Every item, of everybody, but for what is in the trash; in the order of their ids."""
        query = select(items).outerjoin(pieces, pieces.c.id == items.c.piece_id).where(pieces.c.trashed.is_(None))
        if kind is not None:
            query = query.where(items.c.kind == kind)
        with self._database.read() as connection:
            return [_item(row) for row in connection.execute(query.order_by(items.c.id))]

    def visible(self, account_id: str) -> list[Item]:
        """Pieces that an account may hear: its own, and those that others share, the latter with their token."""
        query = (
            select(items, pieces.c.account_id.label("owner"), pieces.c.shared)
            .join(pieces, pieces.c.id == items.c.piece_id)
            .where(_may_hear(account_id))
            .order_by(items.c.id)
        )
        with self._database.read() as connection:
            return [_item(row, None if row.owner == account_id else row.shared) for row in connection.execute(query)]

    def may_hear(self, account_id: str, piece_ids: Iterable[str]) -> set[str]:
        """Those of some pieces that an account may hear."""
        found: set[str] = set()
        with self._database.read() as connection:
            for some in _some(dict.fromkeys(piece_ids)):
                query = select(pieces.c.id).where(pieces.c.id.in_(some), _may_hear(account_id))
                found.update(connection.execute(query).scalars())
        return found

    def missing(self, account_id: str, limit: int = 1000) -> list[tuple[str, str]]:
        """Pieces that an account may hear and of which nothing, or nothing new, is known: (owner's account, piece)."""
        query = (
            select(pieces.c.account_id, pieces.c.id)
            .outerjoin(items, items.c.piece_id == pieces.c.id)
            .where(_may_hear(account_id), or_(items.c.id.is_(None), items.c.updated < pieces.c.updated))
            .order_by(pieces.c.id)
            .limit(limit)
        )
        with self._database.read() as connection:
            return [(row.account_id, row.id) for row in connection.execute(query)]


def _may_hear(account_id: str) -> Any:
    return and_(pieces.c.trashed.is_(None), or_(pieces.c.account_id == account_id, pieces.c.shared.is_not(None)))


def _some(names: Collection[str]) -> Iterator[list[str]]:
    found = list(names)
    for start in range(0, len(found), AT_ONCE):
        yield found[start : start + AT_ONCE]


def _values(item: Item, moment: datetime) -> dict[str, Any]:
    if item.kind not in KINDS:
        raise InputError(f"'{item.kind[:40]}' isn't a kind of item: use one of {', '.join(KINDS)}.")
    if not 0 < len(item.id) <= MAX_ID:
        raise LimitError(f"an item's id of {len(item.id)} characters can't be kept: use 1 to {MAX_ID}.")
    if len(item.features) > MAX_FEATURES:
        raise LimitError(f"{len(item.features)} features of one item are too many: use at most {MAX_FEATURES}.")
    return {
        "id": item.id, "kind": item.kind, "title": clean(item.title), "creator": clean(item.creator),
        "piece_id": item.piece_id or piece_of(item.id), "tags": list(item.tags), "features": item.features,
        "created": item.created or moment, "updated": moment,
    }  # fmt: skip


def _item(row: Row[Any], token: str | None = None) -> Item:
    return Item(
        row.id, row.kind, row.title, row.creator, row.piece_id, tuple(row.tags), row.features, row.created, row.updated,
        token,
    )  # fmt: skip
