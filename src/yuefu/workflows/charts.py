"""Charts of what may be heard here: daily and weekly, with what rose and fell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from yuefu.errors import InputError, UnknownNameError
from yuefu.recommend.charts import PERIODS, Place, chart

if TYPE_CHECKING:
    from yuefu.store.items import Item
    from yuefu.store.store import Store

KINDS = ("piece", "track", "artist")


@dataclass(frozen=True)
class ChartRow:
    """A line of a chart. change: places gained since the chart one period ago, None where it wasn't in it; trend: "up",
    "down", "same", "new" or "back"; synthetic: only made-up events speak for it."""

    rank: int
    item: str
    title: str
    score: float
    change: int | None
    trend: str
    listeners: int
    creator: str = ""
    piece_id: str | None = None
    token: str | None = None
    synthetic: bool = False


def charts(
    store: Store,
    account_id: str,
    period: str = "day",
    *,
    kind: str = "piece",
    n: int = 50,
    now: datetime | None = None,
) -> list[ChartRow]:
    """The chart as an account may see it: of its own pieces and of those that are shared, or of music from elsewhere
    (which is in it from two listeners on, or when it is one's own). Raises UnknownNameError, InputError."""
    if period not in PERIODS:
        raise UnknownNameError("period of a chart", period, PERIODS)
    if kind not in KINDS:
        raise UnknownNameError("kind of item", kind, KINDS)
    if not 1 <= n <= 500:
        raise InputError(f"a chart of {n} lines can't be made: ask for 1 to 500.")
    moment = datetime.now(UTC) if now is None else now
    events = list(store.listening.all_events(since=moment - 3 * PERIODS[period][0]))
    items = _visible(store, account_id, kind, {event.item for event in events})
    if kind != "piece":
        heard: dict[str, set[str]] = {}
        for event in events:
            heard.setdefault(event.item, set()).add(event.listener)
        items = {name: item for name, item in items.items() if len(heard[name]) > 1 or account_id in heard[name]}
    rows = chart(events, period, now=moment, allowed=items, n=n)
    return [_row(place, items[place.item], store, account_id) for place in rows]


def _visible(store: Store, account_id: str, kind: str, names: set[str]) -> dict[str, Item]:
    if kind == "piece":
        return {item.id: item for item in store.items.visible(account_id) if item.id in names}
    return {name: item for name, item in store.items.get(names).items() if item.kind == kind}


def _row(place: Place, item: Item, store: Store, account_id: str) -> ChartRow:
    creator = item.creator
    if item.kind == "piece":
        creator = "" if item.creator == account_id else _name(store, item.creator)
    return ChartRow(
        place.rank, item.id, item.title, place.score, place.change, place.trend, place.listeners, creator,
        item.piece_id, item.token, place.synthetic,
    )  # fmt: skip


def _name(store: Store, account_id: str) -> str:
    from yuefu.errors import NotFoundError

    try:
        return store.accounts.get(account_id).name
    except NotFoundError:
        return ""
