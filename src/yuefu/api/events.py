"""What listeners do, told and held; all of it seen, taken away and erased by whoever it is about."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from yuefu.api.answers import disposition
from yuefu.api.documentation import USUAL, refusals
from yuefu.listening.cleaning import Limits, clean
from yuefu.listening.event import Event
from yuefu.listening.item import PIECE, Music, item_of, music_of
from yuefu.web import schemas_listening as schemas
from yuefu.web.identity import Here, Known, Visitor
from yuefu.web.language import Language, language_of
from yuefu.web.messages import say

router = APIRouter(tags=["listening"], responses=USUAL)
_FILE: dict[int | str, dict[str, Any]] = {200: {"content": {"application/json": {}}, "description": "The file."}}


@router.post("/events", operation_id="tellEvents", status_code=202, responses=refusals(503))
def tell(request: Request, services: Here, visitor: Known, body: schemas.ToldEvents) -> schemas.EventsKept:
    """Tell what was done. What can't have happened is dropped, and said; the rest counts at once."""
    from yuefu.workflows.listening import put_music

    now = datetime.now(UTC)
    told = [_event(event, visitor, now) for event in body.events]
    named = {event.item.removeprefix(PIECE) for event in told if event.item.startswith(PIECE)}
    heard = {PIECE + piece for piece in services.store.items.may_hear(visitor.id, named)}
    kept, lost = _cleaned(told, _Known(heard), now)
    language = language_of(request)
    dropped = [
        schemas.DroppedEvent(index=index, reason=reason, message=_said(reason, language))
        for index, reason in sorted(lost.items())
    ]
    added = services.store.listening.add(visitor.id, kept)
    if added.kept:
        put_music(services.store, _music(body.events, told, kept))
    return schemas.EventsKept(kept=added.kept, repeated=added.repeated, paused=added.paused, dropped=dropped)


def _cleaned(told: list[Event], known: _Known, now: datetime) -> tuple[list[Event], dict[int, str]]:
    """The events that count, and why the others don't by their places: by themselves, then as a whole."""
    lost: dict[int, str] = {}
    possible: dict[str, int] = {}
    for index, event in enumerate(told):
        found = clean([event], known=known, now=now)
        if found.events:
            possible[str(index)] = index
        else:
            lost[index] = next(iter(found.report.dropped))
    # Numbered in place of their own ids, so that it is seen which of them no human did. The same id told twice in one
    # batch is the store's to count.
    numbered = [replace(told[index], id=name) for name, index in possible.items()]
    for limits in (Limits(plays_an_hour=10**9, same_intervals=10**9, awake=timedelta(days=10**5)), Limits(again=0)):
        found = clean(numbered, now=now, limits=limits)
        there = {event.id for event in found.events}
        for event in numbered:
            if event.id not in there:
                reasons = [reason for reason in found.report.dropped if reason != "told twice"]
                lost[possible[event.id]] = reasons[0] if reasons else "told twice"
        numbered = [event for event in numbered if event.id in there]
    return [told[possible[event.id]] for event in numbered], lost


def _music(sent: list[schemas.ToldEvent], told: list[Event], kept: list[Event]) -> Iterator[Music]:
    """Names of music from elsewhere, as they were sent."""
    counts = {event.item for event in kept}
    for each, event in zip(sent, told):
        if event.item in counts and not event.item.startswith(PIECE) and (each.artist or each.title):
            yield music_of(each.artist, each.title)


class _Known:
    """Any music from elsewhere, and those pieces that the listener may hear."""

    def __init__(self, pieces: set[str]) -> None:
        self._pieces = pieces

    def __contains__(self, item: object) -> bool:
        return not str(item).startswith(PIECE) or item in self._pieces


def _event(told: schemas.ToldEvent, visitor: Visitor, now: datetime) -> Event:
    moment = told.moment or now
    try:
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:  # at the very ends of the calendar
        moment = moment.replace(tzinfo=UTC)
    return Event(
        visitor.id, told.item or item_of(told.artist, told.title), told.kind, moment, told.second, told.value,
        told.device, told.context, told.text, told.id, "api" if visitor.how == "key" else "studio",
    )  # fmt: skip


def _said(reason: str, language: Language) -> str:
    """A reason for one event, as a sentence.

    >>> _said("future", "en"), _said("unknown item", "zh")
    ('Its time lies in the future.', '没有这个曲目，或者它不属于你。')
    """
    return say(f"event.{reason.replace(' ', '_')}", language)


@router.get("/events", operation_id="listEvents")
def held(
    services: Here,
    visitor: Known,
    listener: Annotated[str | None, Query(max_length=80, description="Only that one's; empty for your own.")] = None,
    after: Annotated[str | None, Query(max_length=200, description="``next`` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> schemas.HeldEvents:
    """What is held of what you did, the newest first."""
    found, following = services.store.listening.events(visitor.id, listener=listener, after=after, limit=limit)
    from yuefu.workflows.piece_items import describe_missing

    named = {event.item for event in found if event.item}
    known = services.store.items.get(named)
    if any(item.startswith(PIECE) for item in named - known.keys()):
        describe_missing(services.store, visitor.id)
        known = services.store.items.get(named)
    titles = {name: item.title for name, item in known.items()}
    return schemas.HeldEvents(events=[_held(event, titles.get(event.item, "")) for event in found], next=following)


def _held(event: Event, title: str) -> schemas.HeldEvent:
    return schemas.HeldEvent(
        listener=event.listener.partition("/")[2], item=event.item, title=title, kind=event.kind, moment=event.moment,
        second=event.second, value=event.value, device=event.device, context=event.context, text=event.text,
        id=event.id, source=event.source, synthetic=event.synthetic,
    )  # fmt: skip


@router.get("/listening", operation_id="getListening")
def summary(services: Here, visitor: Known) -> schemas.ListeningSummary:
    """How much is held about you as a listener, and your settings."""
    from yuefu.workflows import listening

    store = services.store
    held, own = listening.summary(store, visitor.id), listening.summary(store, visitor.id, listener="")
    dials = services.desk.dials(visitor.id)
    return schemas.ListeningSummary(
        events=held["events"], listeners=held["listeners"], kinds=own["kinds"], first=held["first"], last=held["last"],
        recommended=held["recommended"], playlists=held["playlists"], paused=held["paused"],
        dials=schemas.DialSettings(
            diversity=dials.diversity, novelty=dials.novelty, small_creators=dials.small_creators
        ),
        started=bool(store.listening.settings(visitor.id).get("start")),
    )  # fmt: skip


@router.get(
    "/listening/export", operation_id="exportListening", response_class=Response, responses={**_FILE, **refusals(503)}
)
def export(services: Here, visitor: Known) -> Response:
    """Everything that is held about you as a listener, as a file."""
    with services.turns.turn():
        data = json.dumps(services.store.listening.export(visitor.id), ensure_ascii=False, indent=1).encode()
    return Response(data, media_type="application/json", headers={"Content-Disposition": disposition("listening.json")})


@router.delete("/listening", operation_id="eraseListening")
def erase(
    services: Here,
    visitor: Known,
    listener: Annotated[
        str | None, Query(max_length=80, description="Only the events of that one, from a file that you read in.")
    ] = None,
) -> schemas.ErasedListening:
    """Erase everything that is held about you as a listener: events, what was recommended, playlists, settings; or one
    listener's events. What was learnt from it is used no more."""
    from yuefu.workflows.listening import erase_listening

    gone = erase_listening(services.store, visitor.id, listener=listener)
    return schemas.ErasedListening(
        events=gone.events, impressions=gone.impressions, playlists=gone.playlists, settings=gone.settings
    )


@router.patch("/listening/settings", operation_id="setListening")
def settings(services: Here, visitor: Known, body: schemas.ListeningSettings) -> schemas.ListeningSummary:
    """Pause or go on, and set dials."""
    from yuefu.workflows.listening import pause

    dials = {name: value for name in schemas.DialSettings.model_fields if (value := getattr(body, name)) is not None}
    if dials:
        services.desk.set_dials(visitor.id, **dials)
    if body.paused is not None:
        pause(services.store, visitor.id, body.paused)
    return summary(services, visitor)
