"""The JSON of listening: events, what is recommended and why, playlists, charts, tastes, and spoken requests."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from yuefu.web.schemas import JsonObject, Piece, Sent

ItemKind = Literal["piece", "track", "artist"]
Period = Literal["day", "week"]
Short = Annotated[str, Field(max_length=40)]
Words = Annotated[str, Field(max_length=400)]
ItemId = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^(piece|track|artist):.+")]
PieceItem = Annotated[str, Field(pattern=r"^piece:[0-9a-z]{26}$")]
Items = Annotated[list[PieceItem], Field(max_length=1000)]
Unit = Annotated[float, Field(ge=-1, le=1)]
Share = Annotated[float, Field(ge=0, le=1)]
Minutes = Annotated[float, Field(ge=1, le=600)]
#: Most events of one request.
MOST_EVENTS = 500
_PIECE = "piece:01k5x7mzc4q8v2n6w3b9h1t0re"


class ToldEvent(Sent):
    """Something that was done with music.

    kind: play, finish, skip, repeat, like, dislike, save, rate, playlist, share, comment or search; item: of what, such
    as ``piece:ID``; or artist and title, for music from elsewhere; a search has neither, but a text. moment: with its
    time zone, else UTC; now when it isn't given, and as late as it may be; second: into the piece; value: stars of a
    rating (1 to 5), how often of a repeat; id: yours, by which the same event told again is known.
    """

    kind: Short
    item: Annotated[str, Field(max_length=300)] = ""
    artist: Annotated[str, Field(max_length=200)] = ""
    title: Annotated[str, Field(max_length=200)] = ""
    moment: datetime | None = None
    second: float | None = None
    value: float | None = None
    device: Short = ""
    context: Short = ""
    text: Annotated[str, Field(max_length=1000)] = ""
    id: Annotated[str, Field(max_length=80)] = ""


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
    """An event that doesn't count: its place in what was sent, why as a word for programs (kind, no item, unknown
    item, future, too early, second, value, told twice, inhuman rate ...), and as a sentence."""

    index: int
    reason: str
    message: str


class EventsKept(BaseModel):
    """What became of events. paused: so many aren't kept, since the listener has paused; repeated: told before."""

    kept: int
    repeated: int
    paused: int
    dropped: list[DroppedEvent]
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "kept": 1, "repeated": 0, "paused": 0,
                "dropped": [{"index": 1, "reason": "future", "message": "Its time lies in the future."}],
            }
        }
    )  # fmt: skip


class HeldEvent(BaseModel):
    """An event as it is held. listener: "" yourself, else a name in a file that you read."""

    listener: str
    item: str
    title: str
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
    events each has; kinds: how many of your own there are of each; recommended: how much was recommended lately;
    started: first choices were made."""

    events: int
    listeners: dict[str, int]
    kinds: dict[str, int]
    first: datetime | None
    last: datetime | None
    recommended: int
    playlists: int
    paused: bool
    dials: DialSettings
    started: bool


class ListeningSettings(Sent):
    """Pause (nothing is kept while paused), and dials. What is left out stays."""

    paused: bool | None = None
    diversity: Share | None = None
    novelty: Share | None = None
    small_creators: Share | None = None
    model_config = ConfigDict(json_schema_extra={"example": {"paused": False, "novelty": 0.4}})


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
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "recommended": [
                    {
                        "item": _PIECE, "title": "Slow Rain", "creator": "", "piece_id": _PIECE[6:], "token": None,
                        "score": 1.27, "why": "Because you finished 'Night Ferry' and tend to like calm music.",
                        "reasons": [{"kind": "item", "words": "you finished 'Night Ferry'", "amount": 0.74}],
                        "propensity": 0.9, "impression": "01k5x8a3b7c1d5e9f2g6h4j8kn", "explored": False,
                        "facts": {"seconds": 141.2, "tempo": 84.0, "key": "D minor", "energy": 0.31},
                    }
                ]
            }
        }
    )  # fmt: skip


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
    orders, the arc of its energy; gone: so many of its pieces can't be heard any more."""

    id: str | None
    title: str
    words: str
    items: list[PlaylistPiece]
    facts: JsonObject
    notes: list[str]
    gone: int = 0


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
    """A taste, in words and in numbers. edited: numbers that you set, which win; ranges: the least and the most of each
    number; styles: names of those in the numbers; moods: points of the pad that were chosen at the start; pieces: it
    comes from so many."""

    words: str
    numbers: dict[str, float]
    edited: dict[str, float]
    ranges: dict[str, tuple[float, float]]
    styles: dict[str, str]
    moods: list[tuple[float, float]]
    pieces: int
    started: bool


class TasteEdit(Sent):
    """Numbers of a taste to set (valence, arousal -1..1; energy, minor, style:NAME 0..1; tempo); null takes one
    back."""

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
    """A daily mix of so many fresh pieces. again: also when today's is there, for a taste that has changed since."""

    n: Annotated[int, Field(ge=1, le=8)] = 4
    again: bool = False
    model_config = ConfigDict(json_schema_extra={"example": {"n": 4}})


class MixPiece(BaseModel):
    """A piece that is composed for you, and why. job: while it is being composed; piece: once it is there."""

    title: str
    why: str
    job: str | None = None
    piece: Piece | None = None


class Mix(BaseModel):
    """A day's fresh pieces: those that are there, then those that are being composed."""

    day: date
    pieces: list[MixPiece]


class SpokenRequest(Sent):
    """What was said to an assistant. playing: the item that plays, for "save this one" or "what is this"."""

    request: Annotated[str, Field(min_length=1, max_length=500)]
    language: Literal["en", "zh"] | None = None
    context: Short = ""
    playing: Annotated[str, Field(max_length=300)] = ""
    model_config = ConfigDict(json_schema_extra={"example": {"request": "play something calm for reading"}})


class SpokenAnswer(BaseModel):
    """What to say aloud, and what the player does. action: play (the queue), compose (``job`` is under way), save, skip
    or none; item: what it is about."""

    speech: str
    language: Literal["en", "zh"]
    action: str
    queue: list[RecommendedItem]
    item: str = ""
    job: str | None = None
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "speech": "Here is Slow Rain, and nine more.", "language": "en", "action": "play", "queue": [],
                "item": "", "job": None,
            }
        }
    )  # fmt: skip
