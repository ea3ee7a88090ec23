"""What a listener just did counts at once: their row is made anew from their events, nothing is fitted again.

A row is what ``histories_of`` makes of that listener's events alone, so it is the row that the next fit will see. It
costs as much as the listener did, however large the catalogue is.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from datetime import datetime
from threading import RLock

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from yuefu.listening.event import Event
from yuefu.recommend.base import Explanation
from yuefu.recommend.histories import Histories
from yuefu.recommend.model import FittedModel, Ranked
from yuefu.recommend.weights import histories_of

#: Of one listener the newest events are kept; of all listeners those who were there last.
MOST_EVENTS, MOST_LISTENERS = 2_000, 10_000


class Live:
    """Questions to a fitted model from listeners whose events come in one by one. Safe to use from threads."""

    def __init__(
        self, model: FittedModel, *, most_events: int = MOST_EVENTS, most_listeners: int = MOST_LISTENERS
    ) -> None:
        self._most_events, self._most_listeners = most_events, most_listeners
        self._events: OrderedDict[str, list[Event]] = OrderedDict()
        self._rows: dict[str, Histories] = {}
        self._lock = RLock()
        self.model = model

    def replace(self, model: FittedModel) -> None:
        """Another fit takes over; what listeners did stays."""
        with self._lock:
            self.model = model
            self._rows.clear()

    def knows(self, listener: str) -> bool:
        """Whether their events are held; else ``put`` gives them."""
        with self._lock:
            return listener in self._events

    def put(self, listener: str, events: Iterable[Event]) -> None:
        """All of a listener's events, in place of what was held."""
        ordered = sorted(events, key=_when)[-self._most_events :]
        with self._lock:
            self._events[listener] = ordered
            self._used(listener)
            self._rows.pop(listener, None)

    def add(self, event: Event) -> bool:
        """One event, late ones too. False if it was told before (the same id)."""
        with self._lock:
            events = self._events.setdefault(event.listener, [])
            if event.id and any(event.id == other.id for other in reversed(events)):
                return False
            place = len(events)
            while place and _when(events[place - 1]) > _when(event):
                place -= 1
            events.insert(place, event)
            del events[: -self._most_events]
            self._used(event.listener)
            self._rows.pop(event.listener, None)
            return True

    def forget(self, listener: str) -> None:
        """Nothing of them is held any more."""
        with self._lock:
            self._events.pop(listener, None)
            self._rows.pop(listener, None)

    def asked(self, listener: str, now: datetime | None = None) -> Histories:
        """Their row as a question; an empty one for whom nothing is known of. now: None asks at their last event."""
        with self._lock:
            if now is None and listener in self._rows:
                return self._rows[listener]
            row = row_of(self._events.get(listener, ()), self.model, listener, now)
            if now is None:
                self._rows[listener] = row
            return row

    def top(
        self,
        listener: str,
        n: int = 20,
        allowed: NDArray[np.bool_] | None = None,
        *,
        name: str | None = None,
        again: bool = False,
        now: datetime | None = None,
    ) -> Ranked:
        """The n best for them after all that was told; as ``FittedModel.recommend``."""
        return self.model.recommend(self.asked(listener, now), n, allowed, name=name, again=again)

    def explain(self, listener: str, item: int | str, name: str | None = None) -> Explanation:
        """Why an item has its score for them now."""
        return self.model.explain(self.asked(listener), item, name)

    def _used(self, listener: str) -> None:
        self._events.move_to_end(listener)
        while len(self._events) > self._most_listeners:
            gone, _ = self._events.popitem(last=False)
            self._rows.pop(gone, None)


def row_of(events: Sequence[Event], model: FittedModel, listener: str = "", now: datetime | None = None) -> Histories:
    """One listener's events as a question to a model; what it doesn't know of is left out.

    The events are numbered among themselves first, so that the cost doesn't grow with the catalogue.
    """
    known = [event for event in events if event.item in model.columns]
    own = histories_of(known, now=now) if known else None
    width = len(model.items)
    if own is None or not own.listeners:
        empty = sp.csr_matrix((1, width), dtype=np.float32)
        day = now.timestamp() / 86_400 if now else float(model.facts.get("now", 0.0))
        nothing = (np.zeros(0, dtype=np.int64),), (np.zeros(0),)
        return Histories((listener,), model.items, empty, *nothing, day, empty)
    column = np.array([model.columns[item] for item in own.items], dtype=np.int64)
    disliked = own.dislikes
    return Histories(
        (listener or own.listeners[0],),
        model.items,
        _spread(own.matrix[:1], column, width),
        (column[own.sequences[0]],),
        own.moments[:1],
        own.now,
        None if disliked is None else _spread(disliked[:1], column, width),
    )


def _spread(row: sp.csr_matrix, column: NDArray[np.int64], width: int) -> sp.csr_matrix:
    """A row over a listener's own items as one over all of them."""
    rows = sp.csr_matrix(row)
    spread = sp.csr_matrix((rows.data.astype(np.float32), column[rows.indices], rows.indptr), shape=(1, width))
    spread.sort_indices()
    return spread


def _when(event: Event) -> float:
    return event.moment.timestamp()
