"""What all routes of a server share: settings, the store, limits, caches, the event hub."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from starlette.requests import HTTPConnection

from yuefu.store.store import Store
from yuefu.web.cache import Cache, Turns
from yuefu.web.hub import BATCH, EventHub
from yuefu.web.limits import Limits
from yuefu.web.settings import Settings

if TYPE_CHECKING:
    from yuefu.store.accounts import Account
    from yuefu.workflows.inspire import IdeaDesk
    from yuefu.workflows.recommending import Desk

_MB = 2**20
#: Ideas written afresh that are kept at hand.
_IDEAS = 2000
#: Notes of all documents that are kept at hand; a small piece counts as a 64th of it.
_NOTES = 1_000_000


class Workers(Protocol):
    """The processes that do the jobs, as far as ``/health`` asks."""

    @property
    def alive(self) -> int:
        """How many run."""


class Services:
    """One server's parts. documents: read versions by digest; views: their JSON and pages as bytes."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.settings = settings
        self.store = store
        self.workers: Workers | None = None
        #: Set when the server is to end: open streams then end too, and their listeners come again.
        self.closing = False
        self.limits = Limits(settings.reads, settings.writes, settings.streams, settings.logins)
        self.documents: Cache[Any] = Cache(_NOTES, lambda document: document.score.note_count + _NOTES // 64)
        self.views: Cache[bytes] = Cache(64 * _MB, len)
        self.pages: Cache[list[str]] = Cache(48 * _MB, lambda pages: sum(map(len, pages)))
        self.turns = Turns(max(1, os.cpu_count() or 1))
        self.engraving = Turns(1)
        #: For ideas that the model writes or measures: one after the other, beside everything else.
        self.inspiring = Turns(1)
        self.fresh_ideas: Cache[Any] = Cache(_IDEAS, len)
        self.hub = EventHub(lambda after, jobs: store.jobs.events(after, jobs, BATCH), store.jobs.last_event_id)

    @cached_property
    def ideas(self) -> IdeaDesk:
        """The ideas of all libraries, found once for each document."""
        from yuefu.workflows.inspire import IdeaDesk

        return IdeaDesk(self.settings.data / "ideas", self.store)

    @cached_property
    def desk(self) -> Desk:
        """Recommends; one for all, so that what was fitted is held once."""
        from yuefu.workflows.recommending import Desk

        return Desk(self.store)

    @cached_property
    def local(self) -> Account:
        """The one account of a studio without log-in."""
        return self.store.accounts.local()


def services_of(request: HTTPConnection) -> Services:
    """The services of the server that a request came to."""
    services: Services = request.app.state.services
    return services
