"""A piece as a style to write in: what is kept of it, so that nothing more than a brief is needed to write again.

``yuefu.workflows.style_reference`` measures one. Pitches of bars, figures and chords are in C major or A minor.
"""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from yuefu.theory.chord import Chord
from yuefu.theory.instruments import INSTRUMENTS
from yuefu.theory.key import Key
from yuefu.theory.meter import METERS
from yuefu.theory.styles import CHORD_LEVELS, STYLES

#: How a piece is named as a style: ``like:song.mid``.
PREFIX = "like:"
#: Most rhythms of a kind, progressions, bars and steps of lines that are kept.
MOST_FIGURES, MOST_PROGRESSIONS, MOST_BARS, MOST_STEPS = 64, 48, 8, 6000
#: Most tokens of a kept cell.
MOST_TOKENS = 160
_BAR = r"\d{1,3}( \d{1,3}){0,47}"
_Weight = Annotated[float, Field(gt=0, le=1e6)]
#: The rhythm of a bar, onsets in ticks, and how often it is met.
Figure = tuple[Annotated[str, Field(max_length=200, pattern=f"^{_BAR}$")], _Weight]
#: The same of a phrase of four bars, as ``planning.tune_figures`` writes it.
PhraseFigure = tuple[Annotated[str, Field(max_length=800, pattern=f"^{_BAR}(/{_BAR}){{3}}$")], _Weight]
#: Chords of four bars: in each the first half's and perhaps the second's.
_Chords = Annotated[list[tuple[Annotated[int, Field(ge=0, le=1)], Annotated[str, Field(max_length=24)]]],
                    Field(min_length=1, max_length=2)]  # fmt: skip
_FourBars = Annotated[list[_Chords], Field(min_length=4, max_length=4)]
_Unit = Annotated[float, Field(ge=0, le=1)]
_Row = Annotated[str, Field(pattern="^[a-z]{1,16}$")]
_Token = Annotated[int, Field(ge=0, lt=32768)]
_Cell = Annotated[list[_Token], Field(max_length=MOST_TOKENS)]


class _Value(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ReferenceBars(_Value):
    """Bars that the model hears before its own. meter, ticks: of each; cells: row -> tokens of each bar."""

    meter: Annotated[str, Field(max_length=8)]
    ticks: Annotated[int, Field(ge=1, le=1000)]
    cells: dict[_Row, Annotated[list[_Cell], Field(max_length=MOST_BARS)]]

    @field_validator("cells")
    @classmethod
    def _as_long(cls, cells: dict[str, list[list[int]]]) -> dict[str, list[list[int]]]:
        if len({len(own) for own in cells.values()}) > 1:
            raise ValueError("aren't equally many in all rows")
        return cells

    @property
    def count(self) -> int:
        """How many bars there are."""
        return max((len(own) for own in self.cells.values()), default=0)


class StyleReference(_Value):
    """What a piece is like.

    name: of the file or the stored piece; style: the catalogue's nearest style, whose label the model is told;
    label, share: the recogniser's verdict; mode, key; tempo in quarters a minute; meter; swing, energy, chord_level:
    as of a ``Style``; density: the model's bin; tune_range: where its tune lies, MIDI numbers; lineup: (row,
    instrument); form: such as ``"A:8 B:8"``; opening, closing: rhythms of its tune's phrases; figures: row -> rhythms
    of its bars; voices: row -> notes at once; progressions: of four bars, a bar's chords as ``[half, symbol]``, with
    weights; measures: name -> mean and spread over its stretches, for the critic; bars: what the model hears first;
    lines: its lines as steps (``analysis.similarity``), which must not be written again.
    """

    name: Annotated[str, Field(max_length=120)]
    style: str
    label: Annotated[str, Field(max_length=40)]
    share: _Unit
    mode: Annotated[str, Field(pattern="^(major|minor)$")]
    key: Annotated[str, Field(max_length=20)]
    tempo: Annotated[float, Field(ge=20, le=300)]
    meter: str
    swing: _Unit
    energy: _Unit
    density: Annotated[int, Field(ge=0, le=4)]
    chord_level: str
    tune_range: tuple[Annotated[int, Field(ge=0, le=127)], Annotated[int, Field(ge=0, le=127)]]
    lineup: Annotated[list[tuple[_Row, str]], Field(max_length=16)]
    form: Annotated[str, Field(max_length=400)]
    opening: Annotated[list[PhraseFigure], Field(max_length=MOST_FIGURES)] = []
    closing: Annotated[list[PhraseFigure], Field(max_length=MOST_FIGURES)] = []
    figures: dict[_Row, Annotated[list[Figure], Field(max_length=MOST_FIGURES)]] = {}
    voices: dict[_Row, Annotated[float, Field(ge=0, le=16)]] = {}
    progressions: Annotated[list[tuple[_FourBars, _Weight]], Field(max_length=MOST_PROGRESSIONS)] = []
    measures: dict[str, tuple[float, float]] = {}
    bars: ReferenceBars | None = None
    lines: Annotated[list[str], Field(max_length=16)] = []

    @field_validator("style")
    @classmethod
    def _known_style(cls, style: str) -> str:
        if style not in STYLES:
            raise ValueError("isn't a style of the catalogue")
        return style

    @field_validator("key")
    @classmethod
    def _known_key(cls, key: str) -> str:
        return Key.parse(key).name

    @field_validator("meter")
    @classmethod
    def _known_meter(cls, meter: str) -> str:
        if meter not in METERS:
            raise ValueError("isn't a known metre")
        return meter

    @field_validator("chord_level")
    @classmethod
    def _known_level(cls, level: str) -> str:
        if level not in CHORD_LEVELS:
            raise ValueError("isn't a level of chords")
        return level

    @field_validator("lineup")
    @classmethod
    def _known_lineup(cls, lineup: list[tuple[str, str]]) -> list[tuple[str, str]]:
        if any(key not in INSTRUMENTS for _, key in lineup):
            raise ValueError("names an instrument that isn't known")
        return lineup

    @field_validator("progressions")
    @classmethod
    def _from_the_bar_line(cls, progressions: list[Any]) -> list[Any]:
        if any(bar[0][0] != 0 for pattern, _ in progressions for bar in pattern):
            raise ValueError("have a bar that doesn't begin with a chord")
        for symbol in {symbol for pattern, _ in progressions for bar in pattern for _, symbol in bar}:
            Chord.parse(symbol)
        return progressions

    @field_validator("lines")
    @classmethod
    def _readable_lines(cls, lines: list[str]) -> list[str]:
        for line in lines:
            steps_of(line)
        return lines

    def facts(self) -> dict[str, Any]:
        """What a report tells of it."""
        return {
            "name": self.name, "style": self.style, "recognised": self.label, "share": round(self.share, 3),
            "mode": self.mode, "tempo": self.tempo, "meter": self.meter, "form": self.form,
            "lineup": [key for _, key in self.lineup],
        }  # fmt: skip


def steps_text(intervals: bytes, rhythm: bytes) -> str:
    """A line's steps as text: two strings of int8, one after the other."""
    return base64.b64encode(intervals + rhythm).decode("ascii")


def steps_of(text: str) -> tuple[bytes, bytes]:
    """Intervals and rhythm of a line from ``steps_text``. Raises ValueError for anything else.

    >>> steps_of(steps_text(b"ab", b"cd"))
    (b'ab', b'cd')
    """
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("isn't a line's steps") from error
    if len(data) % 2 or len(data) > 2 * MOST_STEPS:
        raise ValueError("isn't a line's steps")
    return data[: len(data) // 2], data[len(data) // 2 :]
