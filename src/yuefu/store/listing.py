"""Lists of pieces: which, in what order, and from where on."""

from __future__ import annotations

import base64
import builtins
import json
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Row, Select, and_, or_

from yuefu.errors import InputError, LimitError, UnknownNameError
from yuefu.store.ids import is_id
from yuefu.store.tables import EPOCH, pieces
from yuefu.store.words import SEPARATOR, clean, fold

#: A list; classes with a method of that name can't say it otherwise.
Listing: TypeAlias = builtins.list
MAX_QUERY = 200
SORTS = ("updated", "-updated", "created", "-created", "title", "-title")


def matching(query: Select[Any], words: str, tag: str | None, liked: bool | None, trashed: bool) -> Select[Any]:
    """Only pieces that are looked for."""
    if len(words) > MAX_QUERY:
        raise LimitError(f"{len(words)} characters are too many to look for: use at most {MAX_QUERY}.")
    for word in fold(words).split():
        query = query.where(pieces.c.search.contains(word, autoescape=True))
    if tag is not None:
        query = query.where(pieces.c.tags.contains(SEPARATOR + clean(tag) + SEPARATOR, autoescape=True))
    if liked is not None:
        query = query.where(pieces.c.liked.is_(liked))
    return query.where(pieces.c.trashed.is_not(None) if trashed else pieces.c.trashed.is_(None))


def order_of(sort: str) -> list[ColumnElement[Any]]:
    """Columns to order by; the id makes it total."""
    column, down = _column(sort)
    return [column.desc(), pieces.c.id.desc()] if down else [column.asc(), pieces.c.id.asc()]


def after_cursor(query: Select[Any], sort: str, cursor: str | None) -> Select[Any]:
    """Only pieces after the place that a cursor names. Raises InputError for what is none."""
    if cursor is None:
        return query
    column, down = _column(sort)
    value, last = _read(cursor, sort)
    id_ = pieces.c.id
    if down:
        return query.where(or_(column < value, and_(column == value, id_ < last)))
    return query.where(or_(column > value, and_(column == value, id_ > last)))


def cursor_of(row: Row[Any], sort: str) -> str:
    """The place after a piece."""
    value = getattr(row, sort.lstrip("-"))
    plain = (value - EPOCH) // timedelta(microseconds=1) if isinstance(value, datetime) else value
    return base64.urlsafe_b64encode(json.dumps([sort, plain, row.id]).encode()).decode().rstrip("=")


def _column(sort: str) -> tuple[Any, bool]:
    if sort not in SORTS:
        raise UnknownNameError("order", sort, SORTS)
    return pieces.c[sort.lstrip("-")], sort.startswith("-")


def _read(cursor: str, sort: str) -> tuple[Any, str]:
    try:
        found = json.loads(base64.urlsafe_b64decode(cursor[:4000].encode() + b"=" * (-len(cursor) % 4)))
        kind, value, last = found
        if kind != sort or not is_id(last):
            raise ValueError(cursor)
        if sort.lstrip("-") == "title":
            return clean(str(value)), last
        return EPOCH + timedelta(microseconds=int(value)), last
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise InputError("this isn't where a list of this order goes on: begin with its first page.") from error
