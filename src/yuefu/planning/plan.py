"""The Plan: a plain, complete, editable description of the piece to be written."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from yuefu.errors import FormatError
from yuefu.score.model import NOTE_ROWS
from yuefu.text.style_reference import StyleReference
from yuefu.theory.key import Key
from yuefu.theory.meter import group_starts
from yuefu.theory.modes import MODES
from yuefu.tokens.vocabulary import HIGHEST_PITCH, LOWEST_PITCH, vocabulary

#: From one over this, below zero, on an arousal is wholly calm.
CALMING = 1.5


class _Value(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PlannedSection(_Value):
    """One section. start, bars: in bars; energy: 0..1; rows: the rows that play.

    source: index of the earlier section that this one repeats, or None; variation: how much of a
    repeat is written anew, 0..1; lines: index range of the lyric lines sung here.
    """

    letter: str
    kind: str = ""
    start: int
    bars: int = Field(ge=1)
    energy: float = Field(ge=0, le=1)
    rows: tuple[str, ...]
    source: int | None = None
    variation: float = Field(default=0.0, ge=0, le=1)
    lines: tuple[int, int] = (0, 0)


class PlannedChord(_Value):
    """A chord from a position (ticks from the bar's start) on, as a symbol in C major or A minor; "" is no chord."""

    position: int
    symbol: str


class PlannedSyllable(_Value):
    """A syllable to be sung in a bar. breath: a comma or gap follows it; function: of a small word; keyword: of
    the word that its phrase leans on; joined: it goes on with the word before it, or leans on it."""

    text: str
    syllabic: str = "single"
    stress: int | None = None
    tone: int | None = None
    line_end: bool = False
    breath: bool = False
    function: bool = False
    keyword: bool = False
    joined: bool = False


class PlannedPart(_Value):
    """An instrument and the rows that it plays; doubling: it doubles these rows of another part."""

    instrument: str
    rows: tuple[str, ...]
    doubling: bool = False


class PlannedIdea(_Value):
    """An idea that was given to a piece. piece, title, licence, free: of its source; rows, bars (from 0): where it
    lies; fitted: it is played as the chords there want it, else to the note."""

    id: str
    kind: str
    piece: str = ""
    title: str = ""
    licence: str = "unknown"
    free: bool | None = None
    rows: tuple[str, ...] = ()
    bars: tuple[int, ...] = ()
    fitted: bool = False


class GivenCell(_Value):
    """A cell that is given and stays as it is. notes: (position in ticks, pitch, duration), pitches as in C major or
    A minor, drums by their General MIDI number."""

    row: str
    bar: int = Field(ge=0)
    notes: tuple[tuple[int, int, int], ...]

    @field_validator("row")
    @classmethod
    def _is_row(cls, row: str) -> str:
        if row not in NOTE_ROWS:
            raise ValueError(f"'{row[:40]}' isn't a row of notes")
        return row

    @model_validator(mode="after")
    def _can_be_written(self) -> GivenCell:
        v = vocabulary()
        for position, pitch, duration in self.notes:
            known = pitch in v.hit_ids if self.row == "drums" else LOWEST_PITCH <= pitch <= HIGHEST_PITCH
            if position not in v.position_ids or duration not in v.duration_ids or not known:
                raise ValueError(f"the note {(position, pitch, duration)} can't be written on the grid")
        return self


class Plan(_Value):
    """Everything that ``fill`` needs besides the model.

    key: as written, such as "G major"; harmony: bar -> chords, in C major / A minor;
    scale: a key of ``theory.modes``, "" for plain major or minor; the key is then the one whose signature it has, and
    ``home`` its tonic in C major or A minor; grouping: how a bar is counted, () as usual; rhythm: ``"free"`` without a
    beat; drone: the row that holds the tonic through, "" for none; ornaments: ``"none"``, ``"light"`` or ``"rich"``;
    harmony_fixed: the chords are the user's own and must come out exactly; lyrics: bar ->
    syllables sung in it; swing: 0 straight to 1; like: the piece that it shall be like, if any; ideas, given: what was
    put into it, and the cells that hold it.
    """

    title: str
    language: str
    style: str
    tempo: float
    key: str
    meter: str
    swing: float
    valence: float | None
    arousal: float | None
    density: float | None
    sections: tuple[PlannedSection, ...]
    parts: tuple[PlannedPart, ...]
    harmony: tuple[tuple[PlannedChord, ...], ...]
    harmony_fixed: bool = False
    lyrics: dict[int, tuple[PlannedSyllable, ...]] = Field(default_factory=dict)
    chord_level: str = "sevenths"
    like: StyleReference | None = None
    scale: str = ""
    grouping: tuple[int, ...] = ()
    rhythm: Literal["strict", "free"] = "strict"
    drone: str = ""
    ornaments: Literal["none", "light", "rich"] = "none"
    seed: int = 0
    ideas: tuple[PlannedIdea, ...] = ()
    given: tuple[GivenCell, ...] = ()

    @property
    def bars(self) -> int:
        """Bars in all."""
        return self.sections[-1].start + self.sections[-1].bars

    @property
    def home(self) -> int:
        """The tonic's pitch class in C major or A minor."""
        return MODES[self.scale].home if self.scale else 9 if self.key.endswith("minor") else 0

    @property
    def tonic(self) -> int:
        """The tonic's pitch class as it sounds."""
        return (self.home + Key.parse(self.key).shift) % 12

    @property
    def groups(self) -> tuple[int, ...]:
        """Where the unequal groups of a bar begin, in ticks; () where its beats are equal."""
        return group_starts(self.meter, self.grouping)

    @field_validator("scale")
    @classmethod
    def _known(cls, scale: str) -> str:
        if scale and scale not in MODES:
            raise ValueError(f"'{scale[:40]}' isn't a known scale")
        return scale

    @property
    def calm(self) -> float:
        """0..1: how far the mood asks for rest, 0 where it is lively or nothing was said."""
        return 0.0 if self.arousal is None else min(max(-CALMING * self.arousal, 0.0), 1.0)

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """Read a plan. Raises FormatError with the first thing that is off."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise FormatError(f"this plan can't be read: '{where}': {first['msg']}.") from error
