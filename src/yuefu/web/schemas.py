"""The JSON of the API, as models: what is sent and what comes back."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from yuefu.jobs.requests import (
    AnalyzeRequest,
    ComposeOptions,
    ComposeRequest,
    ExportRequest,
    FillRequest,
    RenderRequest,
)

JsonObject = dict[str, Any]
#: One line of text that people wrote.
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
#: An id: 26 characters, lower-case.
ID_PATTERN = r"^[0-9a-z]{26}$"
_PIECE_ID = "01k5x7mzc4q8v2n6w3b9h1t0re"
_JOB_ID = "01k5x7q2f8d3s9j4g6m1y5p0ta"


class Sent(BaseModel):
    """A request's body: nothing unknown in it."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Fault(BaseModel):
    """One field of a request that can't be used."""

    field: str
    message: str


class ErrorDetail(BaseModel):
    """What went wrong: a type for programs, a sentence for people."""

    type: str
    message: str
    fields: list[Fault] | None = None


class ErrorAnswer(BaseModel):
    """Every error."""

    error: ErrorDetail
    model_config = ConfigDict(
        json_schema_extra={"example": {"error": {"type": "NotFoundError", "message": "There is no such thing here."}}}
    )


class Queue(BaseModel):
    """The queue: jobs that wait and that run, and the most that may wait."""

    waiting: int
    running: int
    most: int


class Health(BaseModel):
    """Whether all parts are there."""

    status: Literal["ok", "degraded"]
    version: str
    model: str = Field(description="Hash of the weights.")
    database: bool = Field(description="Whether it can be reached.")
    workers: int = Field(description="Worker processes alive.")
    queue: Queue


class Style(BaseModel):
    """A style that can be asked for."""

    key: str
    en: str
    zh: str
    tempo: tuple[float, float, float] = Field(description="Low, typical, high; quarters a minute.")
    meters: list[str]
    minor: float
    forms: list[str]


class Instrument(BaseModel):
    """An instrument that can be asked for."""

    key: str
    en: str
    zh: str
    program: int
    low: int
    high: int
    is_drums: bool
    rows: list[str]


class Family(BaseModel):
    """Instruments of a kind."""

    key: str
    instruments: list[Instrument]


class Engine(BaseModel):
    """Who can write: what it is good for, which rows it can write, in which metres (none: in any)."""

    key: str
    en: str
    zh: str
    rows: list[str]
    tasks: list[str]
    meters: list[str]
    parameters: int | None
    hash: str


class FileFormat(BaseModel):
    """A format of files. ``needs``: the kind of job that makes it first, none when it comes at once."""

    key: str
    file: str
    media_type: str
    needs: Literal["render", "export"] | None


class Models(BaseModel):
    """Everything that can be asked for."""

    version: str
    model: JsonObject
    styles: list[Style]
    families: list[Family]
    formats: list[FileFormat]
    engines: list[Engine]
    meters: list[str]
    keys: list[str]
    rows: list[str]


class BriefRequest(Sent):
    """Words to be understood. ``options`` are those of a compose job."""

    words: Annotated[str, Field(max_length=4000)] = ""
    options: ComposeOptions = ComposeOptions()
    language: Literal["en", "zh"] | None = None
    model_config = ConfigDict(
        json_schema_extra={"example": {"words": "a melancholy waltz for a rainy night", "options": {"tempo": "92"}}}
    )


class Understood(BaseModel):
    """One field of a brief: its value, as text too, and where it came from."""

    field: str
    value: Any
    shown: str
    source: Literal["user", "text", "llm", "default"]
    words: list[str]
    confidence: float | None


class BriefAnswer(BaseModel):
    """What was understood."""

    brief: JsonObject
    understood: list[Understood]


class ComposeJob(Sent):
    """A piece from words."""

    kind: Literal["compose"]
    request: ComposeRequest
    model_config = ConfigDict(
        json_schema_extra={
            "example": {"kind": "compose", "request": {"words": "spring rain", "options": {"style": "folk", "seed": 7}}}
        }
    )


class FillJob(Sent):
    """Cells of a piece written anew."""

    kind: Literal["fill"]
    request: FillRequest
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "kind": "fill",
                "request": {"piece": _PIECE_ID, "rows": ["melody"], "bars": "5-8", "words": "busier"},
            }
        }
    )


class RenderJob(Sent):
    """A version's sound."""

    kind: Literal["render"]
    request: RenderRequest


class AnalyzeJob(Sent):
    """What can be measured of a version."""

    kind: Literal["analyze"]
    request: AnalyzeRequest


class ExportJob(Sent):
    """A version in a format that takes a while, or everything as a zip."""

    kind: Literal["export"]
    request: ExportRequest


#: Any job that can be asked for.
JobRequest = Annotated[ComposeJob | FillJob | RenderJob | AnalyzeJob | ExportJob, Field(discriminator="kind")]


class Job(BaseModel):
    """A job: queued, running, and one of three ends."""

    id: str
    kind: str
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    position: int | None = Field(description="In the queue, from 1, while it waits.")
    progress: JsonObject
    result: JsonObject | None
    error: JsonObject | None
    request: JsonObject
    attempts: int
    cancel_requested: bool
    created: datetime
    started: datetime | None
    finished: datetime | None
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": _JOB_ID, "kind": "compose", "state": "done", "position": None, "progress": {"fraction": 1.0},
                "result": {"piece": _PIECE_ID, "version": 1}, "error": None, "request": {"words": "spring rain"},
                "attempts": 1, "cancel_requested": False, "created": "2026-01-05T08:00:00Z",
                "started": "2026-01-05T08:00:00Z", "finished": "2026-01-05T08:00:09Z",
            }
        }
    )  # fmt: skip


class Jobs(BaseModel):
    """Jobs, the newest first."""

    jobs: list[Job]


class Piece(BaseModel):
    """A piece. ``head``: the version that is shown; ``facts``: key, tempo, metre, bars, seconds, style, parts."""

    id: str
    title: str
    words: str
    tags: list[str]
    liked: bool
    head: int
    etag: str = Field(description="For If-Match.")
    facts: JsonObject
    created: datetime
    updated: datetime
    trashed: datetime | None
    shared: str | None = Field(description="The token of the link by which it is shared.")
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": _PIECE_ID, "title": "Spring rain", "words": "spring rain", "tags": ["demo"], "liked": False,
                "head": 2, "etag": "7", "facts": {"key": "D major", "tempo": 84, "bars": 32, "style": "folk"},
                "created": "2026-01-05T08:00:09Z", "updated": "2026-01-05T08:03:00Z", "trashed": None, "shared": None,
            }
        }
    )  # fmt: skip


class Pieces(BaseModel):
    """A page of pieces. ``next``: for ``after``, none at the end."""

    pieces: list[Piece]
    next: str | None


class NewPiece(Sent):
    """A piece from a score document (the format ``json``), or an empty one."""

    title: Line = ""
    score: JsonObject | None = None
    tags: Annotated[list[Line], Field(max_length=30)] = Field(default_factory=list)
    bars: Annotated[int, Field(ge=1, le=512)] = 16
    meter: Annotated[str, Field(max_length=10)] = "4/4"
    key: Annotated[str, Field(max_length=20)] = "C major"
    tempo: Annotated[float, Field(ge=20, le=300)] = 96
    instrument: Annotated[str, Field(max_length=60)] = "piano"
    model_config = ConfigDict(json_schema_extra={"example": {"title": "Sketch", "bars": 8, "meter": "3/4"}})


class PieceChange(Sent):
    """What to change of a piece; what is absent stays."""

    title: Line | None = None
    tags: Annotated[list[Line], Field(max_length=30)] | None = None
    liked: bool | None = None
    model_config = ConfigDict(json_schema_extra={"example": {"liked": True, "tags": ["demo"]}})


class Tags(BaseModel):
    """Tags in use, and how many pieces have each."""

    tags: dict[str, int]


class Version(BaseModel):
    """A state of a piece. ``parent``: what it was made from; ``redo``: the version to which redo leads from here;
    ``note``: what was done; ``name``: the user's label."""

    number: int
    parent: int | None
    redo: int | None
    title: str
    name: str
    kind: str
    note: str
    created: datetime


class EditedPiece(Piece):
    """The piece after edits, and the version that they made."""

    version: Version


class Versions(BaseModel):
    """A page of versions, the newest first. ``next``: for ``before``, none at the end."""

    versions: list[Version]
    next: int | None


class Edits(Sent):
    """Edits to a version, done together or not at all. ``base``: the version they start from, else the head."""

    edits: Annotated[list[JsonObject], Field(min_length=1, max_length=5000)]
    base: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    model_config = ConfigDict(
        json_schema_extra={"example": {"base": 1, "edits": [{"op": "set_chords", "bars": "1-2", "text": "C | G/B Am"}]}}
    )


class Name(Sent):
    """A label."""

    name: Line


class Head(Sent):
    """The version to show."""

    version: Annotated[int, Field(ge=1, le=2**31 - 1)]


class Share(BaseModel):
    """The link by which anybody can hear a piece."""

    token: str
    path: str


class Tune(Sent):
    """A tune: jianpu digits, note names, MIDI numbers, or u d r; or pitches (MIDI) that were sung."""

    tune: Annotated[str, Field(max_length=4000)]
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    model_config = ConfigDict(json_schema_extra={"example": {"tune": "5 6 1' 3"}})


class TuneHit(BaseModel):
    """A piece in which a tune was found: how alike, 0..1, and in which bar."""

    piece: Piece
    score: float
    bar: int


class TuneHits(BaseModel):
    """The pieces most alike."""

    hits: list[TuneHit]


class VersionFile(BaseModel):
    """A file of a version: whether it can be had at once, else by which job."""

    format: str
    file: str
    media_type: str
    ready: bool
    needs: Literal["render", "export"] | None


class VersionFiles(BaseModel):
    """The files of a version."""

    files: list[VersionFile]


class PageCount(BaseModel):
    """How many pages there are."""

    pages: int
    jianpu: int


class Login(Sent):
    """A name and a password."""

    name: Annotated[str, Field(max_length=200)]
    password: Annotated[str, Field(max_length=1000)]


class Join(Login):
    """Signing up with an invitation."""

    token: Annotated[str, Field(max_length=200)]


class NewPassword(Sent):
    """Another password."""

    old: Annotated[str, Field(max_length=1000)]
    new: Annotated[str, Field(max_length=1000)]


class Account(BaseModel):
    """Somebody."""

    id: str
    name: str
    is_admin: bool
    created: datetime


class Me(BaseModel):
    """Who is asking. ``csrf``: what a browser sends back as X-CSRF-Token on writes."""

    account: Account
    accounts: bool = Field(description="Whether this server has accounts at all.")
    csrf: str


class NewKey(Sent):
    """A key's label."""

    name: Annotated[Line, Field(min_length=1)]


class Key(BaseModel):
    """An API key, without its secret."""

    id: str
    name: str
    hint: str
    created: datetime
    last_used: datetime | None


class Keys(BaseModel):
    """An account's keys."""

    keys: list[Key]


class MadeKey(Key):
    """A new key; its secret is told this once."""

    secret: str


class NewInvitation(Sent):
    """For how long somebody may join with it."""

    days: Annotated[int, Field(ge=1, le=60)] = 7


class Invitation(BaseModel):
    """A link with which one person can join."""

    token: str
    path: str
    expires: datetime


class Shared(BaseModel):
    """A piece as others see it."""

    title: str
    head: int
    facts: JsonObject
    created: datetime
    updated: datetime


class GridBar(BaseModel):
    """A bar. ``number``: as musicians count; ``section``: an index of ``sections``."""

    number: int
    start: int
    duration: int
    numerator: int
    denominator: int
    section: int | None


class GridSection(BaseModel):
    """A section of the form."""

    letter: str
    kind: str
    start: int
    duration: int
    first_bar: int
    bars: int


class GridChord(BaseModel):
    """A chord symbol, "N.C." for none."""

    start: int
    duration: int
    symbol: str


class GridPart(BaseModel):
    """A part. ``notes``: id, start, duration (ticks), pitch (MIDI), velocity; ``low``, ``high``: what it can play."""

    id: str
    name: str
    row: str
    rows: list[str]
    instrument: str
    program: int
    is_drums: bool
    volume: int
    pan: int
    low: int
    high: int
    notes: list[tuple[int, int, int, int, int]]
    syllables: list[tuple[int, str, str, int, bool]] = Field(
        description="Note id, text, syllabic, verse, whether a line ends."
    )


class Grid(BaseModel):
    """A version as rows and bars. Times are ticks, 24 a quarter."""

    format: str
    title: str
    composer: str
    style: str
    tempo: float
    tempos: list[tuple[int, float]]
    key: str
    meter: str
    ticks_per_quarter: int
    length: int
    duration: float = Field(description="In seconds.")
    pickup: int
    bars: list[GridBar]
    sections: list[GridSection]
    chords: list[GridChord]
    parts: list[GridPart]


class PlaybackPart(BaseModel):
    """How a part sounds. ``notes``: id, start, duration (seconds), pitch, velocity."""

    id: str
    row: str
    program: int
    is_drums: bool
    volume: int
    pan: int
    notes: list[tuple[int, float, float, int, int]]


class Playback(BaseModel):
    """When each note sounds. ``clock``: ticks and seconds between which time runs evenly."""

    duration: float
    clock: list[tuple[float, float]]
    parts: list[PlaybackPart]
