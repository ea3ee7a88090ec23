"""What can be asked of a worker: one model a kind of job, with its limits."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from yuefu.engines import engine_info
from yuefu.errors import InputError, UnknownNameError, YuefuError
from yuefu.inspire.making import idea_from_dict, idea_to_dict
from yuefu.text.brief import MAX_CANDIDATES, MAX_PROMPT, MAX_SEED, MAX_TITLE, Brief, BriefOptions
from yuefu.workflows.compose import AUDIO, FORMATS
from yuefu.workflows.fill_wishes import FillMask
from yuefu.workflows.inspire_start import MOST_IDEAS

#: A file that holds everything at once.
BUNDLE = "zip"
MAX_LYRICS = 20_000
MAX_LOCKED = 2000
MAX_NEW_BARS = 64
#: Most characters of an idea's JSON.
MAX_IDEA = 200_000

PieceId = Annotated[str, Field(pattern=r"^[0-9a-z]{26}$")]
VersionNumber = Annotated[int, Field(ge=1, le=2**31 - 1)]
Seed = Annotated[int, Field(ge=0, le=MAX_SEED)]
Text = Annotated[str, Field(max_length=2000)]
Name = Annotated[str, Field(max_length=100)]
Names = Annotated[str, Field(max_length=2000)] | Annotated[list[Name], Field(max_length=64)]
Number = Annotated[int, Field(ge=-(2**53), le=2**53)] | Annotated[str, Field(max_length=40)]
Measure = float | Annotated[str, Field(max_length=40)]
Rows = Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=16)]


def _composes(name: str) -> str:
    if name != "auto" and (engine_info(name).needs or "compose" not in engine_info(name).tasks):
        raise ValueError(f"the engine '{name}' doesn't compose here: see the engines of /models.")
    return name


def _fills(name: str) -> str:
    if engine_info(name).needs:
        raise ValueError(f"the engine '{name}' doesn't write into pieces: see the engines of /models.")
    return name


#: Who writes a new piece, as far as it can, and who writes cells.
ComposingEngine = Annotated[str, Field(max_length=40), AfterValidator(_composes)]
FillingEngine = Annotated[str, Field(max_length=40), AfterValidator(_fills)]


class Request(BaseModel):
    """A request: nothing unknown in it, nothing that isn't a number."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class ComposeOptions(Request):
    """Options as typed, see ``BriefOptions``."""

    title: Annotated[str, Field(max_length=MAX_TITLE)] | None = None
    style: Annotated[str, Field(max_length=100)] | None = None
    mood: Annotated[str, Field(max_length=200)] | None = None
    tempo: Measure | None = None
    key: Annotated[str, Field(max_length=40)] | None = None
    scale: Annotated[str, Field(max_length=80)] | None = None
    meter: Annotated[str, Field(max_length=40)] | None = None
    rhythm: Annotated[str, Field(max_length=20)] | None = None
    drone: bool | None = None
    ornaments: Annotated[str, Field(max_length=20)] | None = None
    form: Text | None = None
    bars: Number | None = None
    duration: Measure | None = None
    instruments: Names | None = None
    without: Names | None = None
    chords: Annotated[str, Field(max_length=10_000)] | None = None
    lyrics: Annotated[str, Field(max_length=MAX_LYRICS)] | None = None
    seed: Number | None = None
    candidates: Number | None = None

    def to_options(self) -> BriefOptions:
        """The same for the reader of briefs."""
        return BriefOptions(**self.model_dump())


def _is_idea(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        if len(value) > MAX_IDEA:
            raise ValueError(f"an idea of {len(value):,} characters is too large: the most is {MAX_IDEA:,}")
        try:
            value = json.loads(value)
        except RecursionError as error:
            raise ValueError("an idea isn't nested that deep") from error
    return idea_to_dict(idea_from_dict(value))


#: An idea as a card holds it, as an object or as its JSON.
IdeaData = Annotated[dict[str, Any], BeforeValidator(_is_idea)]


class ComposeRequest(Request):
    """A piece from words and options, or from a brief that was read and edited before (words are then only kept).

    ideas: given to the piece, kept to the note; see ``workflows.inspire.start_piece``.
    """

    words: Annotated[str, Field(max_length=MAX_PROMPT)] = ""
    options: ComposeOptions = ComposeOptions()
    brief: dict[str, Any] | None = None
    engine: ComposingEngine = "auto"
    tags: Annotated[list[Annotated[str, Field(max_length=50)]], Field(max_length=30)] = Field(default_factory=list)
    ideas: Annotated[list[IdeaData], Field(max_length=MOST_IDEAS)] = Field(default_factory=list)

    @field_validator("brief")
    @classmethod
    def _is_brief(cls, value: dict[str, Any] | None) -> dict[str, Any] | None:
        if value is not None:
            Brief.model_validate(value)
        return value

    @property
    def text(self) -> str:
        """What the piece is kept under for searching: its words and lyrics."""
        lyrics = self.options.lyrics or "\n".join(str(idea["text"]) for idea in self.ideas if idea["kind"] == "lyric")
        return f"{self.words}\n{lyrics}".strip()


class Cells(Request):
    """Cells of the grid: rows by name, none for all; bars as musicians count them, such as ``"5-8, 12"``."""

    rows: Rows = Field(default_factory=list)
    bars: Annotated[str, Field(max_length=2000)] = ""

    @model_validator(mode="after")
    def _can_be_read(self) -> Cells:
        try:
            self.mask()
        except YuefuError as error:
            raise ValueError(str(error)) from error
        return self

    def mask(self) -> FillMask:
        """The same as the workflows take it."""
        return FillMask(self.rows, self.bars if self.bars.strip() else ())


Task = Literal["fill", "vary", "harmonize", "reharmonize", "arrange", "continue", "drums", "bassline"]


class FillRequest(Cells):
    """Cells of a piece written anew. version: None for the head; locked: what must stay, to the note; amount: of a
    variation; bars_more: of a continuation; style: of new chords; instruments: of an arrangement."""

    piece: PieceId
    version: VersionNumber | None = None
    task: Task = "fill"
    locked: Annotated[list[Cells], Field(max_length=MAX_LOCKED)] = Field(default_factory=list)
    words: Annotated[str, Field(max_length=MAX_PROMPT)] = ""
    seed: Seed | None = None
    candidates: Annotated[int, Field(ge=1, le=MAX_CANDIDATES)] | None = None
    amount: Annotated[float, Field(gt=0, le=1)] = 0.3
    bars_more: Annotated[int, Field(ge=1, le=MAX_NEW_BARS)] = 8
    style: Annotated[str, Field(max_length=40)] | None = None
    instruments: Names | None = None
    engine: FillingEngine | None = None
    language: Literal["en", "zh"] = "en"


class RenderRequest(Request):
    """The sound of a version, kept for whoever asks later. as_written: without a player's timing and loudness."""

    piece: PieceId
    version: VersionNumber | None = None
    format: Literal["wav", "flac", "mp3", "ogg"] = "mp3"
    as_written: bool = False


class AnalyzeRequest(Request):
    """What an analysis of a version finds."""

    piece: PieceId
    version: VersionNumber | None = None


class ImportRequest(Request):
    """A piece from an uploaded file. upload: the blob that holds it; name: the file's."""

    upload: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    name: Annotated[str, Field(max_length=200)] = "music"
    tags: Annotated[list[Annotated[str, Field(max_length=50)]], Field(max_length=30)] = Field(default_factory=list)


class ExportRequest(Request):
    """A version in a format, or in all of them as a zip; without a piece, the whole library as a zip.

    all: the zip holds the sound in every format too, else only as MP3.
    """

    piece: PieceId | None = None
    version: VersionNumber | None = None
    format: Annotated[str, Field(max_length=20)] = BUNDLE
    all: bool = True

    @field_validator("format")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in (BUNDLE, *FORMATS):
            raise ValueError(str(UnknownNameError("format", value, [BUNDLE, *FORMATS])))
        return value

    @model_validator(mode="after")
    def _library_is_a_zip(self) -> ExportRequest:
        if self.piece is None and (self.format != BUNDLE or self.version is not None):
            raise ValueError("the whole library comes as a zip: name a piece for another format or a version.")
        return self


REQUESTS: dict[str, type[Request]] = {
    "compose": ComposeRequest,
    "fill": FillRequest,
    "render": RenderRequest,
    "analyze": AnalyzeRequest,
    "import": ImportRequest,
    "export": ExportRequest,
}
assert set(AUDIO) == {"wav", "flac", "mp3", "ogg"}


def parse_request(kind: str, data: Any) -> Request:
    """A request as a model. Raises UnknownNameError for a kind, InputError with one sentence for what can't be asked.

    >>> parse_request("render", {"piece": "01jd0000000000000000000000"}).format
    'mp3'
    >>> parse_request("compose", {"wrods": "rain"})
    Traceback (most recent call last):
    yuefu.errors.InputError: wrods: extra inputs are not permitted.
    """
    model = REQUESTS.get(kind)
    if model is None:
        raise UnknownNameError("kind of job", kind, REQUESTS)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise InputError(fault(error)) from error


def fault(error: ValidationError) -> str:
    """The first fault in a sentence: where, and what."""
    first = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    message = str(first["msg"]).removeprefix("Value error, ")
    message = message if place == "" else message[:1].lower() + message[1:]
    return f"{place}: {message}".removeprefix(": ").rstrip(".") + "."
