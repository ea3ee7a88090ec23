"""The JSON of the ideas: what is looked for, cards, and what is made of them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from yuefu.jobs.requests import IdeaData
from yuefu.web.schemas import JsonObject, Playback, Sent

Kind = Literal["motif", "hook", "progression", "rhythm", "bass", "groove", "texture", "lyric", "title"]
Spoken = Literal["lyric", "title"]
_SPOKEN: tuple[Spoken, ...] = ("lyric", "title")
Row = Literal["melody", "counter", "inner", "bass", "keys", "pad", "drums"]
Turn = Literal["invert", "retrograde", "augment", "diminish", "sequence", "transpose", "continue", "morph"]
Seed = Annotated[int, Field(ge=0, le=2**31 - 1)]
Count = Annotated[int, Field(ge=1, le=60)]
Unit = Annotated[float, Field(ge=-1, le=1)]
#: Valence (sad to glad) and arousal (calm to excited).
Mood = tuple[Unit, Unit]
Words = Annotated[str, Field(max_length=400)]
Kinds = Annotated[list[Kind], Field(max_length=9)]
#: Most ideas that a request brings along, beside those of the library.
MOST_BROUGHT = 200
_IDEA: JsonObject = {
    "kind": "progression", "bars": 4, "meter": "4/4", "tempo": 92, "key": "C major", "notes": [],
    "chords": [[0, 4, "I", "C"], [4, 4, "V", "G"], [8, 4, "vi", "Am"], [12, 4, "IV", "F"]],
    "source": {"piece": "made:7", "title": "", "bars": [0, 0], "licence": "made here", "free": True},
}  # fmt: skip


class IdeaSearch(Sent):
    """What is looked for; all that is given counts together, and nothing at all brings the best of everything.

    words: a mood, a style, a kind, words of a title; tune: jianpu digits, note names, MIDI numbers, or u d r; contour:
    heights from left to right; mood: a point; like: a card's ``idea``; roman: numerals or chord symbols; rhythm:
    ``x..x..x.`` or ``kick: x... / snare: ..x.``; among: ideas that are searched beside the library, such as those that
    were extracted from a file; of: the library's ideas, or ideas written afresh for the words (which takes seconds).
    """

    words: Words = ""
    tune: Annotated[str, Field(max_length=2000)] = ""
    contour: Annotated[list[Annotated[float, Field(ge=-1000, le=1000)]], Field(max_length=1024)] = Field(
        default_factory=list
    )
    mood: Mood | None = None
    like: IdeaData | None = None
    kinds: Kinds = Field(default_factory=list)
    roman: Words = ""
    rhythm: Words = ""
    style: Annotated[str, Field(max_length=60)] = ""
    among: Annotated[list[IdeaData], Field(max_length=MOST_BROUGHT)] = Field(default_factory=list)
    of: Literal["library", "fresh"] = "library"
    n: Count = 24
    seed: Seed = 0
    model_config = ConfigDict(
        json_schema_extra={"example": {"roman": "I V vi IV", "words": "calm", "kinds": ["progression"], "n": 12}}
    )


class Combination(Sent):
    """Ideas, each for what it gives: the rhythm of one on the chords of another, in a mood.

    mood: a point, or an idea that has it; fill: rows that the model writes around what is given.
    """

    rhythm: IdeaData | None = None
    chords: IdeaData | None = None
    melody: IdeaData | None = None
    groove: IdeaData | None = None
    bass: IdeaData | None = None
    texture: IdeaData | None = None
    mood: Mood | IdeaData | None = None
    fill: Annotated[list[Row], Field(max_length=7)] = Field(default_factory=list)
    seed: Seed = 0
    model_config = ConfigDict(json_schema_extra={"example": {"chords": _IDEA, "mood": [0.5, -0.4], "seed": 3}})


class Turning(Sent):
    """An idea, and what to do to it. other: what a morph goes to; key: where a transposition goes."""

    idea: IdeaData
    how: Turn
    other: IdeaData | None = None
    key: Annotated[str, Field(max_length=20)] | None = None
    seed: Seed = 0
    model_config = ConfigDict(json_schema_extra={"example": {"idea": _IDEA, "how": "transpose", "key": "E major"}})


class Sparking(Sent):
    """Words for which lines and titles are wanted. language: of the sparks, else the one that is asked in."""

    words: Words = ""
    language: Literal["en", "zh"] | None = None
    kinds: Annotated[list[Spoken], Field(min_length=1, max_length=2)] = Field(default_factory=lambda: list(_SPOKEN))
    n: Annotated[int, Field(ge=1, le=24)] = 6
    seed: Seed = 0
    model_config = ConfigDict(json_schema_extra={"example": {"words": "rain at the station", "n": 4, "seed": 5}})


class Surprising(Sent):
    """What is unusual beside your own pieces, and fits nevertheless. among: as in a search."""

    kinds: Kinds = Field(default_factory=list)
    among: Annotated[list[IdeaData], Field(max_length=MOST_BROUGHT)] = Field(default_factory=list)
    n: Annotated[int, Field(ge=1, le=24)] = 8
    model_config = ConfigDict(json_schema_extra={"example": {"kinds": ["hook", "progression"], "n": 6}})


class OneIdea(Sent):
    """An idea, as a card holds it."""

    idea: IdeaData
    model_config = ConfigDict(json_schema_extra={"example": {"idea": _IDEA}})


class CardChord(BaseModel):
    """A chord: quarters, the numeral in its key, the symbol."""

    start: float
    duration: float
    roman: str
    symbol: str


class CardSource(BaseModel):
    """Where an idea came from. ``piece``: ``piece:ID``, ``file:NAME``, ``made:SEED`` or ``words:SEED``; ``free``:
    whether it may be used freely, null when nobody knows."""

    piece: str
    title: str
    composer: str
    bars: tuple[int, int]
    licence: str
    free: bool | None
    sentence: str


class CardRoll(BaseModel):
    """What to draw. ``notes``: row, start and duration in quarters, pitch."""

    low: int
    high: int
    quarters: float
    notes: list[tuple[str, float, float, int]]


class IdeaCard(BaseModel):
    """An idea to be seen and heard. ``idea``: what is posted back; ``notes``: row, start, duration (quarters), pitch,
    velocity; ``playback``: as of a version, null for words alone; ``facts``: salience, surprise, mood and others."""

    id: str
    kind: Kind
    kind_name: str
    title: str
    bars: int
    meter: str
    tempo: float
    key: str
    style: str
    text: str
    notes: list[tuple[str, float, float, int, int]]
    chords: list[CardChord]
    facts: dict[str, float]
    source: CardSource
    free_sentence: str
    roll: CardRoll
    playback: Playback | None
    idea: JsonObject


class IdeaHit(BaseModel):
    """A card that was found: how well it answers, 0..1, and why, in a sentence."""

    card: IdeaCard
    score: float
    why: str


class IdeaHits(BaseModel):
    """What was found, the best first. ``ideas``: how many were searched; ``left_out``: pieces that couldn't be read,
    and why; ``fresh``: whether they were written for this search."""

    hits: list[IdeaHit]
    ideas: int
    fresh: bool
    left_out: dict[str, str]
    model_config = ConfigDict(json_schema_extra={"example": {"hits": [], "ideas": 0, "fresh": False, "left_out": {}}})


class IdeaCards(BaseModel):
    """Cards. ``title``: of the file that they were found in; ``found``: how many there are in all."""

    cards: list[IdeaCard]
    title: str = ""
    found: int
    model_config = ConfigDict(json_schema_extra={"example": {"cards": [], "title": "Spring", "found": 0}})
