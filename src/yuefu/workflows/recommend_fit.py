"""The fitted model of a store: when it is stale, how it is made, where it lies."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yuefu.errors import YuefuError
from yuefu.progress import Listener, ignore
from yuefu.recommend.model import FittedModel

if TYPE_CHECKING:
    from yuefu.store.items import Item
    from yuefu.store.store import Store

log = logging.getLogger(__name__)

#: A fit is stale after so many new events, or after so long.
NEW_EVENTS, AGE = 200, timedelta(days=1)
#: With fewer listeners and pairs nothing can be learnt from who liked what: content alone speaks.
LISTENERS, PAIRS = 8, 100
#: Fits of up to so many events and items take less than what anybody waits for, and are made while one asks.
SMALL_EVENTS, SMALL_ITEMS = 3000, 1500
FILE = "model.yfm"


class Fits:
    """One store's fitted model. Threads may share it."""

    def __init__(self, store: Store, folder: Path | None = None) -> None:
        self._store = store
        self.path = (store.folder / "recommend" if folder is None else folder) / FILE
        self._model: FittedModel | None = None
        self._read = False
        self._lock = threading.Lock()
        self._busy = threading.Lock()
        self._light = threading.Lock()
        self._thread: threading.Thread | None = None

    def current(self, *, wait: bool = False) -> FittedModel | None:
        """The newest model that may be used, None when there is none yet; a stale one is made anew beside.

        wait: make it anew before returning, unless somebody is at it. One fitted before something was erased is used
        no more: what was erased would go on to speak from it.
        """
        model = self._loaded()
        if not self.stale(model):
            return model
        if wait:
            with self._busy:
                return self._fit() if self.stale(self._loaded()) else self._loaded()
        if self._is_small() and (model is None or model.names[0] != "blend" or self._erased(model)):
            # Content alone takes less than anybody waits for; what takes longer is made beside.
            with self._light:
                model = self._loaded()
                if self._news(model) or (self.stale(model) and model is not None and not model.facts.get("light")):
                    model = self._fit(light=True)
            if model is not None and model.facts.get("light"):
                self.refit_soon()
        else:
            self.refit_soon()
        return None if self._erased(model) else model

    def refit(self, progress: Listener = ignore) -> FittedModel | None:
        """A new model, now."""
        with self._busy:
            return self._fit(progress)

    def refit_soon(self) -> None:
        """A new model in a thread beside, if none is being made."""
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                return
            self._thread = threading.Thread(target=self._refit_beside, name="yuefu-recommend", daemon=True)
            self._thread.start()

    def stale(self, model: FittedModel | None) -> bool:
        """Whether it is time for another one."""
        listening = self._store.listening
        if model is None:
            return True
        facts = model.facts
        grown = listening.count() - int(facts.get("events", 0))
        return grown >= NEW_EVENTS or _age(facts) > AGE or bool(facts.get("light")) or self._news(model)

    def _news(self, model: FittedModel | None) -> bool:
        """What counts at once: something was erased; in a small library also every event and every new piece. (What a
        listener just did counts at once anyway, and a new piece is tied to those known.)"""
        if model is None or self._erased(model):
            return True
        if model.names[0] == "blend" or not self._is_small():
            return False
        facts = model.facts
        if self._store.listening.count() != int(facts.get("events", 0)):
            return True
        known = int(facts.get("catalogue", 0))
        return known < SMALL_ITEMS and len(self._store.items.all()) != known

    def _erased(self, model: FittedModel | None) -> bool:
        return model is not None and int(model.facts.get("erasures", -1)) != self._store.listening.erasures()

    def _is_small(self) -> bool:
        return self._store.listening.count() <= SMALL_EVENTS

    def _loaded(self) -> FittedModel | None:
        with self._lock:
            if not self._read:
                self._read = True
                if self.path.is_file():
                    try:
                        self._model = FittedModel.load(self.path)
                    except (YuefuError, OSError) as error:
                        log.warning("the fitted recommender can't be read and is made anew: %s", error)
            return self._model

    def _refit_beside(self) -> None:
        with self._busy:
            try:
                self._fit()
            except Exception:  # the old one goes on; the next question tries again
                log.exception("the recommenders couldn't be fitted")

    def _fit(self, progress: Listener = ignore, *, light: bool = False) -> FittedModel | None:
        from yuefu.workflows.piece_items import catalogue_of

        store = self._store
        # What is told first is what the fit is known to hold: an event that comes in meanwhile counts as new.
        told = {"events": store.listening.count(), "erasures": store.listening.erasures()}
        items = store.items.all()
        if not items:
            return None
        catalogue = catalogue_of(items)
        model = fitted(list(store.listening.all_events()), catalogue, items, told, progress, light=light)
        model.facts["catalogue"] = len(items)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            model.save(self.path)
        except (YuefuError, OSError) as error:
            log.warning("the fitted recommender can't be kept: %s", error)
        with self._lock:
            self._model, self._read = model, True
        return model


def fitted(
    events: Sequence[Any],
    catalogue: Any,
    items: Sequence[Item],
    told: dict[str, Any],
    progress: Listener = ignore,
    *,
    light: bool = False,
) -> FittedModel:
    """A model of these events: the blend where there is enough to learn, else content alone. light: content alone for
    now; the model says so where a blend is worth making."""
    from yuefu.recommend.weights import histories_of

    now = datetime.now(UTC)
    ids = [item.id for item in items]
    data = histories_of(events, ids, now=now)
    heard: dict[str, set[str]] = {}
    for event in events:
        if event.item and event.kind not in ("skip", "dislike"):
            heard.setdefault(event.item, set()).add(event.listener)
    known = [len(heard.get(name, ())) for name in ids]
    enough = len(data.listeners) >= LISTENERS and data.matrix.nnz >= PAIRS
    facts = {**told, "fitted": now.isoformat(), "known": known, "light": light and enough}
    tries = ((("blend",),) if enough and not light else ()) + (("content",), ("popular",))
    for names in tries[:-1]:
        try:
            return FittedModel.fit(data, catalogue, names, 0, progress, facts)
        except (YuefuError, ArithmeticError, ValueError, ImportError) as error:
            log.warning("%s can't be fitted (%s: %s)", names[0], type(error).__name__, error)
    return FittedModel.fit(data, catalogue, tries[-1], 0, progress, facts)


def _age(facts: dict[str, Any]) -> timedelta:
    try:
        return datetime.now(UTC) - datetime.fromisoformat(str(facts.get("fitted")))
    except ValueError:
        return AGE * 2
