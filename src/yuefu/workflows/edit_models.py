"""The edits that can be asked for, as models: what each says, and within which limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from yuefu.errors import InputError, LimitError
from yuefu.score.limits import MAX_TICKS
from yuefu.score.model import NOTE_ROWS, ROWS
from yuefu.text.claims import MAX_TEMPO, MIN_TEMPO

MAX_EDITS = 5000
MAX_IDS = 100_000
MAX_WORDS = 20_000

_Tick = Annotated[int, Field(strict=True, ge=0, le=MAX_TICKS)]
_Length = Annotated[int, Field(strict=True, ge=1, le=MAX_TICKS)]
_Pitch = Annotated[int, Field(strict=True, ge=0, le=127)]
_Velocity = Annotated[int, Field(strict=True, ge=1, le=127)]
_Knob = Annotated[int, Field(strict=True, ge=0, le=127)]
_NoteId = Annotated[int, Field(strict=True, ge=0, le=2**31 - 1)]
_Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
_Bars = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
_Verse = Annotated[int, Field(strict=True, ge=1, le=20)]


class _Edit(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AddNote(_Edit):
    """A note more; velocity None: as loud as its neighbours."""

    op: Literal["add_note"]
    part: _Name
    start: _Tick
    duration: _Length
    pitch: _Pitch
    velocity: _Velocity | None = None


class ChangeNote(_Edit):
    """A note moved, stretched, raised or made louder; what is None stays."""

    op: Literal["change_note"]
    id: _NoteId
    start: _Tick | None = None
    duration: _Length | None = None
    pitch: _Pitch | None = None
    velocity: _Velocity | None = None


class DeleteNotes(_Edit):
    """Notes away."""

    op: Literal["delete_notes"]
    ids: Annotated[list[_NoteId], Field(min_length=1, max_length=MAX_IDS)]


class Clear(_Edit):
    """Everything that begins in some bars of some rows or parts; "chords" is a row, "lyrics" are the words."""

    op: Literal["clear"]
    rows: Annotated[list[Literal[(*ROWS, "lyrics")]], Field(max_length=20)] = Field(default_factory=list)  # type: ignore[valid-type]
    parts: Annotated[list[_Name], Field(max_length=1000)] = Field(default_factory=list)
    bars: _Bars | None = None


class SetChords(_Edit):
    """The chords of some bars as text: bars by ``|``, several chords share a bar; ``%`` repeats a bar."""

    op: Literal["set_chords"]
    bars: _Bars
    text: Annotated[str, Field(max_length=MAX_WORDS)]


class SetLyrics(_Edit):
    """The words of some bars as text, laid on the notes there; part None: the sung part."""

    op: Literal["set_lyrics"]
    bars: _Bars
    text: Annotated[str, Field(max_length=MAX_WORDS)]
    part: _Name | None = None
    verse: _Verse = 1


class SetSyllable(_Edit):
    """The syllable of one note; an empty one takes it away."""

    op: Literal["set_syllable"]
    note: _NoteId
    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)]
    verse: _Verse = 1


class ChangePart(_Edit):
    """Who plays a part, its name, its place in the mix."""

    op: Literal["part"]
    id: _Name
    instrument: _Name | None = None
    name: _Name | None = None
    volume: _Knob | None = None
    pan: _Knob | None = None


class AddPart(_Edit):
    """An empty part more."""

    op: Literal["add_part"]
    row: Literal[NOTE_ROWS]  # type: ignore[valid-type]
    instrument: _Name


class RemovePart(_Edit):
    """A part away, with its notes."""

    op: Literal["remove_part"]
    id: _Name


class Tempo(_Edit):
    """The tempo at the start; later changes keep their ratio to it."""

    op: Literal["tempo"]
    bpm: Annotated[float, Field(strict=True, ge=MIN_TEMPO, le=MAX_TEMPO, allow_inf_nan=False)]


class Transpose(_Edit):
    """The key at the start; everything moves with it."""

    op: Literal["key"]
    key: _Name


class Title(_Edit):
    """The title."""

    op: Literal["title"]
    title: Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)]


class ChangeSection(_Edit):
    """What a section is called; index counts from 0."""

    op: Literal["section"]
    index: Annotated[int, Field(strict=True, ge=0, le=10_000)]
    kind: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] | None = None
    letter: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z]['′]{0,4}$")] | None = None


Edit = (
    AddNote | ChangeNote | DeleteNotes | Clear | SetChords | SetLyrics | SetSyllable | ChangePart | AddPart
    | RemovePart | Tempo | Transpose | Title | ChangeSection
)  # fmt: skip
#: Name of an edit -> its model.
EDITS: dict[str, type[_Edit]] = {
    model.model_fields["op"].annotation.__args__[0]: model  # type: ignore[union-attr]
    for model in Edit.__args__
}
_ADAPTERS = {name: TypeAdapter(model) for name, model in EDITS.items()}
#: What a field may hold, for the sentence that refuses another value.
_ALLOWED = {
    "start": f"a whole number of ticks from 0 to {MAX_TICKS:,}",
    "duration": f"a whole number of ticks from 1 to {MAX_TICKS:,}",
    "pitch": "a whole number from 0 to 127",
    "velocity": "a whole number from 1 to 127",
    "volume": "a whole number from 0 to 127",
    "pan": "a whole number from 0 (left) to 127 (right)",
    "id": "the id of a note or of a part",
    "ids": f"1 to {MAX_IDS:,} ids of notes",
    "note": "the id of a note",
    "bars": "bar numbers such as '5-8, 12'",
    "verse": "a whole number from 1 to 20",
    "bpm": f"a number from {MIN_TEMPO} to {MAX_TEMPO}",
    "row": f"one of {', '.join(NOTE_ROWS)}",
    "rows": f"some of {', '.join(ROWS)}, lyrics",
    "letter": "a letter with up to four primes, such as A or B'",
    "index": "the number of a section, from 0",
    "title": "a text of at most 120 characters",
    "text": "a text that isn't too long",
}


def read_edits(edits: Sequence[Any]) -> list[Edit]:
    """The edits as models. Raises InputError for the first that is off, LimitError for too many."""
    if not isinstance(edits, (list, tuple)):
        raise InputError("edits come as a list: give one or more, such as [{'op': 'tempo', 'bpm': 96}].")
    if len(edits) > MAX_EDITS:
        raise LimitError(f"{len(edits):,} edits arrived at once: send at most {MAX_EDITS:,}.")
    return [_read(number, edit) for number, edit in enumerate(edits, start=1)]


def _read(number: int, edit: Any) -> Edit:
    name = edit.get("op") if isinstance(edit, dict) else None
    if not isinstance(name, str) or name not in _ADAPTERS:
        raise InputError(f"edit {number}: {_short(name)} isn't an edit: its op must be one of {', '.join(EDITS)}.")
    try:
        return cast(Edit, _ADAPTERS[name].validate_python(edit))
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        field = str(fault["loc"][0]) if fault["loc"] else "op"
        where = f"edit {number} ({name})"
        if fault["type"] == "extra_forbidden":
            fields = ", ".join(EDITS[name].model_fields)
            raise InputError(f"{where}: it has no field {_short(field)}: its fields are {fields}.") from None
        allowed = _ALLOWED.get(field, "a text of 1 to 120 characters")
        if fault["type"] == "missing":
            raise InputError(f"{where}: {field} is missing: it must be {allowed}.") from None
        raise InputError(f"{where}: {field} is {_short(fault['input'])}, but it must be {allowed}.") from None


def _short(value: Any) -> str:
    """A value as it is quoted in a sentence: short, in one line."""
    text = repr(value)[:200].encode("utf-8", "replace").decode()
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "..."
