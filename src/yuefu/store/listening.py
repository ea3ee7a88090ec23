"""What was listened to and what was recommended. Whoever it is about can see, export and erase all of it."""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.engine import Connection

from yuefu.errors import InputError, LimitError
from yuefu.listening.event import KINDS, Event
from yuefu.store.database import Database
from yuefu.store.ids import new_id
from yuefu.store.items import AT_ONCE, MAX_ID, piece_of
from yuefu.store.tables import (
    counters,
    impressions,
    items,
    listener_settings,
    listening_events,
    now,
    pieces,
    playlists,
)
from yuefu.store.words import clean

MAX_LISTENER = 80
MAX_TEXT = 1000
MAX_SETTINGS = 64_000
ERASURES = "erasures"


@dataclass(frozen=True)
class Added:
    """What became of events: kept; repeated: told before; unknown: of a piece that isn't there; paused: the listener
    wants nothing kept."""

    kept: int = 0
    repeated: int = 0
    unknown: int = 0
    paused: int = 0


@dataclass(frozen=True)
class Impression:
    """Something that was recommended. rank: from 1; propensity: how likely it was at that place, above 0 to 1; policy:
    who chose; fit: which fitted model."""

    item: str
    rank: int
    propensity: float
    policy: str
    context: str = ""
    fit: str = ""
    id: str = ""
    moment: datetime | None = None


@dataclass(frozen=True)
class Erased:
    """How much was erased."""

    events: int = 0
    impressions: int = 0
    playlists: int = 0
    settings: int = 0


class Listening:
    """The events of a store. A listener's key is an account's id, or "ID/NAME" for others in files that it read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # Events

    def add(self, account_id: str, events: Iterable[Event], *, listener: str = "") -> Added:
        """Keep events of one listener of an account. What was told before (the same ``id``, or without one the same
        in all that is told) counts once. Raises InputError, LimitError for events that can't be kept."""
        received = now()
        rows = {row["event_id"]: row for row in (_values(account_id, listener, event, received) for event in events)}
        if not rows:
            return Added()
        with self._database.write() as connection:
            if self._settings(connection, account_id).get("paused"):
                return Added(paused=len(rows))
            # One at a time, so that nobody who has read up to a number misses a smaller one.
            self._database.one_at_a_time(connection, "listening")
            told, there = self._known(connection, account_id, rows)
            new = [row for name, row in rows.items() if name not in told]
            kept = [row for row in new if row["piece_id"] is None or row["piece_id"] in there]
            if kept:
                connection.execute(insert(listening_events), kept)
        return Added(len(kept), len(rows) - len(new), len(new) - len(kept))

    @staticmethod
    def _known(connection: Connection, account_id: str, rows: dict[str, dict[str, Any]]) -> tuple[set[str], set[str]]:
        """Which of some events were told before, and which of their pieces are there."""
        told: set[str] = set()
        there: set[str] = set()
        names = list(rows)
        for start in range(0, len(names), AT_ONCE):
            some = names[start : start + AT_ONCE]
            column = listening_events.c.event_id
            query = select(column).where(listening_events.c.account_id == account_id, column.in_(some))
            told.update(connection.execute(query).scalars())
            wanted = {rows[name]["piece_id"] for name in some} - {None}
            there.update(connection.execute(select(pieces.c.id).where(pieces.c.id.in_(wanted))).scalars())
        return told, there

    def events(
        self, account_id: str, *, listener: str | None = None, after: str | None = None, limit: int = 100
    ) -> tuple[list[Event], str | None]:
        """An account's events, the newest first, and where the next page begins (None for the last).

        listener: only that one of the account's. Raises InputError for a page that isn't one.
        """
        limit = max(1, min(limit, 1000))
        table = listening_events.c
        query = select(listening_events).where(table.account_id == account_id)
        if listener is not None:
            query = query.where(table.listener == listener)
        if after is not None:
            moment, seq = _read_cursor(after)
            query = query.where((table.moment < moment) | ((table.moment == moment) & (table.seq < seq)))
        query = query.order_by(table.moment.desc(), table.seq.desc()).limit(limit + 1)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return [_event(row) for row in rows[:limit]], _cursor(rows[limit - 1]) if len(rows) > limit else None

    def all_events(self, *, since: datetime | None = None) -> Iterator[Event]:
        """Everybody's events, oldest first; ``listener`` of each is the listener's key."""
        query = select(listening_events).order_by(listening_events.c.moment, listening_events.c.seq)
        if since is not None:
            query = query.where(listening_events.c.moment >= since)
        with self._database.read() as connection:
            for row in connection.execution_options(yield_per=5000).execute(query):
                yield _event(row)

    def of(self, key: str) -> list[Event]:
        """One listener's events, oldest first."""
        account_id, _, listener = key.partition("/")
        table = listening_events.c
        query = select(listening_events).where(table.account_id == account_id, table.listener == listener)
        with self._database.read() as connection:
            return [_event(row) for row in connection.execute(query.order_by(table.moment, table.seq))]

    def count(self) -> int:
        """How many events were ever kept, erased ones too: it only grows, and says whether there is news."""
        with self._database.read() as connection:
            return connection.execute(select(func.max(listening_events.c.seq))).scalar_one() or 0

    def listeners(self, account_id: str) -> dict[str, int]:
        """An account's listeners ("" itself) and how many events each has, the most first."""
        table = listening_events.c
        number = func.count()
        query = select(table.listener, number).where(table.account_id == account_id).group_by(table.listener)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(number.desc(), table.listener)).all()
        return {row[0]: row[1] for row in rows}

    # What was recommended

    def log(self, account_id: str, shown: Sequence[Impression]) -> list[str]:
        """Remember what was recommended, unless the listener has paused; returns their ids (none then)."""
        moment = now()
        rows = [
            {
                "id": new_id(), "account_id": account_id, "item": each.item[:MAX_ID], "piece_id": piece_of(each.item),
                "rank": each.rank, "propensity": each.propensity, "policy": each.policy[:60],
                "context": clean(each.context)[:40], "fit": each.fit[:64], "moment": each.moment or moment,
            }
            for each in shown
        ]  # fmt: skip
        with self._database.write(lasting=False) as connection:
            if not rows or self._settings(connection, account_id).get("paused"):
                return []
            wanted = {row["piece_id"] for row in rows} - {None}
            there = set(connection.execute(select(pieces.c.id).where(pieces.c.id.in_(wanted))).scalars())
            kept = [row for row in rows if row["piece_id"] is None or row["piece_id"] in there]
            if kept:
                connection.execute(insert(impressions), kept)
        return [str(row["id"]) for row in rows]

    def impressions(self, account_id: str | None = None, since: datetime | None = None) -> list[Impression]:
        """What was recommended to an account (None: to everybody), oldest first."""
        query = select(impressions).order_by(impressions.c.moment, impressions.c.id)
        if account_id is not None:
            query = query.where(impressions.c.account_id == account_id)
        if since is not None:
            query = query.where(impressions.c.moment >= since)
        with self._database.read() as connection:
            return [_impression(row) for row in connection.execute(query)]

    def prune_impressions(self, older_than: timedelta) -> int:
        """Forget what was recommended long ago; returns how much."""
        with self._database.write(lasting=False) as connection:
            return connection.execute(delete(impressions).where(impressions.c.moment < now() - older_than)).rowcount

    # Settings

    def settings(self, account_id: str) -> dict[str, Any]:
        """What a listener has set: {} before."""
        with self._database.read() as connection:
            return self._settings(connection, account_id)

    def set_settings(self, account_id: str, data: dict[str, Any]) -> None:
        """Put settings in the place of those that were."""
        if len(str(data)) > MAX_SETTINGS:
            raise LimitError(f"settings of {len(str(data)):,} characters can't be kept: use at most {MAX_SETTINGS:,}.")
        values = {"data": data, "updated": now()}
        where = listener_settings.c.account_id == account_id
        with self._database.write() as connection:
            if not connection.execute(update(listener_settings).where(where).values(**values)).rowcount:
                connection.execute(insert(listener_settings).values(account_id=account_id, **values))

    @staticmethod
    def _settings(connection: Connection, account_id: str) -> dict[str, Any]:
        query = select(listener_settings.c.data).where(listener_settings.c.account_id == account_id)
        return connection.execute(query).scalar() or {}

    # Everything that is held about somebody

    def export(self, account_id: str) -> dict[str, Any]:
        """All that is held about an account as a listener, as plain values."""
        mine = select(playlists).where(playlists.c.account_id == account_id).order_by(playlists.c.id)
        events = select(listening_events).where(listening_events.c.account_id == account_id)
        with self._database.read() as connection:
            rows = connection.execute(events.order_by(listening_events.c.moment, listening_events.c.seq))
            told = [{**asdict(_event(row)), "listener": row.listener, "received": row.received} for row in rows]
            kept = [dict(row._mapping) for row in connection.execute(mine)]
            data = {
                "events": told,
                "recommended": [asdict(each) for each in self._shown(connection, account_id)],
                "settings": self._settings(connection, account_id),
                "playlists": [{k: v for k, v in row.items() if k != "account_id"} for row in kept],
            }
        plain: dict[str, Any] = _plain(data)
        return plain

    @staticmethod
    def _shown(connection: Connection, account_id: str) -> list[Impression]:
        query = select(impressions).where(impressions.c.account_id == account_id).order_by(impressions.c.id)
        return [_impression(row) for row in connection.execute(query)]

    def erase(self, account_id: str, *, listener: str | None = None) -> Erased:
        """Erase all that is held about an account as a listener, or the events of one of its listeners. What was learnt
        from it is no longer used: see ``erasures``."""
        table = listening_events.c
        with self._database.write() as connection:
            gone = delete(listening_events).where(table.account_id == account_id)
            if listener is not None:
                erased = Erased(events=connection.execute(gone.where(table.listener == listener)).rowcount)
            else:
                counts = [connection.execute(gone).rowcount]
                for other in (impressions, playlists, listener_settings):
                    counts.append(connection.execute(delete(other).where(other.c.account_id == account_id)).rowcount)
                erased = Erased(*counts)
            # Titles of music that nobody has listened to any more would tell that somebody had.
            still = select(table.item).distinct()
            connection.execute(delete(items).where(items.c.piece_id.is_(None), items.c.id.not_in(still)))
            one = counters.c.name == ERASURES
            if not connection.execute(update(counters).where(one).values(value=counters.c.value + 1)).rowcount:
                connection.execute(insert(counters).values(name=ERASURES, value=1))
        return erased

    def erasures(self) -> int:
        """How often anything was erased: a model that was fitted before the last time must not be used any more."""
        with self._database.read() as connection:
            query = select(counters.c.value).where(counters.c.name == ERASURES)
            return connection.execute(query).scalar() or 0


def _values(account_id: str, listener: str, event: Event, received: datetime) -> dict[str, Any]:
    if event.kind not in KINDS:
        raise InputError(f"'{event.kind[:40]}' isn't something that happens to music: use one of {', '.join(KINDS)}.")
    if event.moment.tzinfo is None:
        raise InputError("an event has no time zone: give its moment in UTC, such as 2026-01-31T18:00:00Z.")
    if len(event.item) > MAX_ID or bool(event.item) == (event.kind == "search"):
        raise InputError(f"a '{event.kind}' can't be of the item '{event.item[:60]}': searches alone have none.")
    if clean(event.item) != event.item:
        raise InputError("an item's name holds characters that can't be kept: leave control characters out.")
    if any(number is not None and not math.isfinite(number) for number in (event.second, event.value)):
        raise InputError("an event's second and value are numbers: leave out what isn't known.")
    if len(listener) > MAX_LISTENER:
        raise LimitError(f"a listener's name of {len(listener)} characters is too long: use at most {MAX_LISTENER}.")
    told = clean(event.text)[:MAX_TEXT]
    return {
        "account_id": account_id, "listener": clean(listener), "item": event.item, "piece_id": piece_of(event.item),
        "kind": event.kind, "moment": event.moment, "second": event.second, "value": event.value,
        "device": clean(event.device)[:40], "context": clean(event.context)[:40], "text": told,
        "event_id": _event_id(event, listener, told), "source": clean(event.source)[:40],
        "synthetic": event.synthetic, "received": received,
    }  # fmt: skip


def _event_id(event: Event, listener: str, text: str) -> str:
    """The id that was given, else one of all that is told: the same file read again tells nothing new."""
    if event.id:
        return clean(event.id)[:80]
    told = (listener, event.item, event.kind, event.moment.isoformat(), event.second, event.value, text)
    return "sha-" + hashlib.sha256(repr(told).encode("utf-8", "surrogatepass")).hexdigest()[:40]


def _event(row: Row[Any]) -> Event:
    key = f"{row.account_id}/{row.listener}" if row.listener else row.account_id
    return Event(
        key, row.item, row.kind, row.moment, row.second, row.value, row.device, row.context, row.text, row.event_id,
        row.source, bool(row.synthetic),
    )  # fmt: skip


def _impression(row: Row[Any]) -> Impression:
    return Impression(row.item, row.rank, row.propensity, row.policy, row.context, row.fit, row.id, row.moment)


def _cursor(row: Row[Any]) -> str:
    return base64.urlsafe_b64encode(f"{row.moment.isoformat()} {row.seq}".encode()).decode().rstrip("=")


def _read_cursor(text: str) -> tuple[datetime, int]:
    try:
        plain = base64.urlsafe_b64decode(text[:200].encode() + b"=" * (-len(text[:200]) % 4)).decode()
        moment, _, seq = plain.partition(" ")
        found = datetime.fromisoformat(moment)
        if found.tzinfo is None:
            raise ValueError(text)
        return found, int(seq)
    except (ValueError, OverflowError) as error:
        raise InputError("this isn't where a list of events goes on: begin with its first page.") from error


def _plain(value: Any) -> Any:
    """Values that JSON knows."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, datetime) else value
