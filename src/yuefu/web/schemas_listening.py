"""The JSON of listening: events, what is recommended and why, playlists, charts, tastes, and spoken requests."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from yuefu.web.schemas import JsonObject, Sent

EventKind = Literal[
    "play", "finish", "skip", "repeat", "like", "dislike", "save", "rate", "playlist", "share", "comment", "search"
]
ItemKind = Literal["piece", "track", "artist"]
Period = Literal["day", "week"]
Short = Annotated[str, Field(max_length=40)]
Words = Annotated[str, Field(max_length=400)]
ItemId = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^(piece|track|artist):.+")]
Items = Annotated[list[ItemId], Field(max_length=1000)]
Unit = Annotated[float, Field(ge=-1, le=1)]
Share = Annotated[float, Field(ge=0, le=1)]
Minutes = Annotated[float, Field(ge=1, le=600)]
#: Most events of one request.
MOST_EVENTS = 500
_PIECE = "piece:01k5x7mzc4q8v2n6w3b9h1t0re"


class ToldEvent(Sent):
    """Something that was done with an item. moment: with a time zone, as late as it may be; second: into the piece,
    of a skip; value: stars of a rating (1 to 5), how often of a repeat; text: of a search or comment; id: by which the
    same event told again is known."""

    kind: EventKind
    item: Annotated[str, Field(max_length=300, pattern=r"^((piece|track|artist):.+)?$")] = ""
    moment: datetime | None = None
    second: Annotated[float, Field(ge=0, le=86_400)] | None = None
    value: Annotated[float, Field(ge=0, le=1_000_000)] | None = None
    device: Short = ""
    context: Short = ""
    text: Annotated[str, Field(max_length=1000)] = ""
    id: Annotated[str, Field(max_length=80)] = ""

    @model_validator(mode="after")
    def _about_something(self) -> ToldEvent:
        if bool(self.item) == (self.kind == "search"):
            raise ValueError("an event is of an item, a search of none")
        if self.kind == "rate" and not (self.value is not None and 1 <= self.value <= 5):
            raise ValueError("a rating has a value from 1 to 5")
        return self


class ToldEvents(Sent):
    """What was done, in any order. Told twice it counts once, so a request may be sent again."""

    events: Annotated[list[ToldEvent], Field(max_length=MOST_EVENTS)]
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "events": [
                    {"kind": "play", "item": _PIECE, "moment": "2026-05-01T08:00:00Z", "context": "study", "id": "e1"},
                    {"kind": "skip", "item": _PIECE, "moment": "2026-05-01T08:00:12Z", "second": 12, "id": "e2"},
                ]
            }
        }
    )


class DroppedEvent(BaseModel):
    """An event that doesn't count: its place in what was sent, and why."""

    index: int
    reason: str


class EventsKept(BaseModel):
    """What became of events. paused: not kept, since the listener has paused; repeated: told before."""

    kept: int
    repeated: int
    paused: int
    dropped: list[DroppedEvent]


class HeldEvent(BaseModel):
    """An event as it is held. listener: "" yourself, else a name in a file that you read."""

    listener: str
    item: str
    kind: str
    moment: datetime
    second: float | None
    value: float | None
    device: str
    context: str
    text: str
    id: str
    source: str
    synthetic: bool


class HeldEvents(BaseModel):
    """A page of events, the newest first."""

    events: list[HeldEvent]
    next: str | None


class DialSettings(BaseModel):
    """How much variety, surprise, and room for those who are seldom heard; 0 to 1 each."""

    diversity: Share
    novelty: Share
    small_creators: Share


class ListeningSummary(BaseModel):
    """What is held about you as a listener. listeners: yourself ("") and names in files that you read, with how many
    events each has; started: first choices were made."""

    events: int
    listeners: dict[str, int]
    paused: bool
    dials: DialSettings
    started: bool


class ListeningSettings(Sent):
    """Pause (nothing is kept while paused), and dials. What is left out stays."""

    paused: bool | None = None
    diversity: Share | None = None
    novelty: Share | None = None
    small_creators: Share | None = None


class ErasedListening(BaseModel):
    """How much was erased. What was learnt from it is used no more."""

    events: int
    impressions: int
    playlists: int
    settings: int


class RecommendedItem(BaseModel):
    """An item that is recommended. piece_id: of your own or of a shared piece, whose ``token`` opens it; reasons: what
    each adds to the score; propensity: how likely it was at this place; explored: it was given a chance."""

    item: str
    title: str
    creator: str
    piece_id: str | None
    token: str | None
    score: float
    why: str
    reasons: list[JsonObject]
    propensity: float
    impression: str
    explored: bool
    facts: JsonObject


class Recommendations(BaseModel):
    """What to hear next, the best first."""

    recommended: list[RecommendedItem]


class Why(BaseModel):
    """Why an item has its score: the amounts of the reasons and the rest add up to it."""

    item: str
    title: str
    sentence: str
    precise: str
    reasons: list[JsonObject]
    rest: float
    score: float


class Steer(Sent):
    """More or less of what is like an item."""

    item: ItemId
    more: bool = True
    context: Short = ""
    model_config = ConfigDict(json_schema_extra={"example": {"item": _PIECE, "more": True}})


class PlaylistWanted(Sent):
    """A playlist for words and minutes, or of items that are named. like, unlike: items to be near to and far from;
    save: keep it."""

    words: Words = ""
    minutes: Minutes = 40.0
    context: Short = ""
    items: Items | None = None
    title: Annotated[str, Field(max_length=200)] = ""
    like: Annotated[list[ItemId], Field(max_length=20)] = Field(default_factory=list)
    unlike: Annotated[list[ItemId], Field(max_length=20)] = Field(default_factory=list)
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    save: bool = True
    model_config = ConfigDict(json_schema_extra={"example": {"words": "雨天读书", "minutes": 40}})


class PlaylistPiece(BaseModel):
    """A piece of a playlist. start: seconds from its beginning."""

    item: str
    title: str
    creator: str
    piece_id: str | None
    token: str | None
    seconds: float
    start: float
    tempo: float | None = None
    key: str | None = None
    energy: float | None = None
    why: str = ""


class PlaylistAnswer(BaseModel):
    """A playlist. id: None when it wasn't kept; facts: minutes, missing_minutes, smoothness (0..1) and that of random
    orders, the arc of its energy."""

    id: str | None
    title: str
    words: str
    items: list[PlaylistPiece]
    facts: JsonObject
    notes: list[str]


class PlaylistHead(BaseModel):
    """A playlist in a list."""

    id: str
    title: str
    words: str
    count: int
    facts: JsonObject
    created: datetime
    updated: datetime


class PlaylistHeads(BaseModel):
    """Your playlists, the one changed last first."""

    playlists: list[PlaylistHead]


class PlaylistChange(Sent):
    """Another title, other items."""

    title: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    items: Items | None = None
    model_config = ConfigDict(json_schema_extra={"example": {"title": "Rain"}})


class ChartLine(BaseModel):
    """A line of a chart. change: places gained; trend: up, down, same, new, back."""

    rank: int
    item: str
    title: str
    creator: str
    piece_id: str | None
    token: str | None
    score: float
    change: int | None
    trend: str
    listeners: int
    synthetic: bool


class Chart(BaseModel):
    """A chart of a day or a week."""

    period: Period
    rows: list[ChartLine]


class TasteAnswer(BaseModel):
    """A taste, in words and in numbers. edited: numbers that you set, which win; pieces: it comes from so many."""

    words: str
    numbers: dict[str, float]
    edited: dict[str, float]
    pieces: int
    started: bool


class TasteEdit(Sent):
    """Numbers of a taste to set (valence, arousal -1..1; energy, minor, style:NAME 0..1; tempo); null takes one back."""

    numbers: Annotated[dict[Annotated[str, Field(max_length=60)], float | None], Field(max_length=60)]
    model_config = ConfigDict(json_schema_extra={"example": {"numbers": {"energy": 0.3, "style:jazz": 0.8}}})


class TasteStart(Sent):
    """First choices: points of the mood pad (valence, arousal), and clips with whether they are liked."""

    moods: Annotated[list[tuple[Unit, Unit]], Field(max_length=3)] = Field(default_factory=list)
    clips: Annotated[list[tuple[ItemId, bool]], Field(max_length=10)] = Field(default_factory=list)
    model_config = ConfigDict(json_schema_extra={"example": {"moods": [[0.5, -0.4]], "clips": []}})


class ClipAnswer(BaseModel):
    """A piece to ask a new listener about."""

    item: str
    title: str
    piece_id: str | None
    token: str | None
    facts: JsonObject


class Clips(BaseModel):
    """Pieces to ask a new listener about."""

    clips: list[ClipAnswer]


class MixWanted(Sent):
    """A daily mix of so many fresh pieces."""

    n: Annotated[int, Field(ge=3, le=5)] = 4


class MixPiece(BaseModel):
    """A piece that is being composed for you: its job, and why it is as it will be."""

    job: str
    title: str
    why: str


class Mix(BaseModel):
    """Today's fresh pieces."""

    pieces: list[MixPiece]


class SpokenRequest(Sent):
    """What was said to an assistant. playing: the item that plays, for "save this one" or "what is this"."""

    request: Annotated[str, Field(min_length=1, max_length=500)]
    language: Literal["en", "zh"] | None = None
    context: Short = ""
    playing: Annotated[str, Field(max_length=300)] = ""
    model_config = ConfigDict(json_schema_extra={"example": {"request": "play something calm for reading"}})


class SpokenAnswer(BaseModel):
    """What to say aloud, and what to play. action: play, compose, save, skip, like, dislike, why, none; job: of a piece
    that is being composed."""

    speech: str
    language: Literal["en", "zh"]
    action: str
    queue: list[dict[str, Any]]
    job: str | None = None
