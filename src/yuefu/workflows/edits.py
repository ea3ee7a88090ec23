"""Edits of a document by hand: notes, chords, words, parts, tempo, key. All of a list are done, or none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from yuefu.errors import FormatError, InputError, LimitError, UnknownNameError
from yuefu.score.check import check_score
from yuefu.score.limits import MAX_TRACKS
from yuefu.score.model import ROWS, Part
from yuefu.score.section_names import SECTIONS_ZH
from yuefu.text.form import KINDS
from yuefu.theory.instruments import Instrument, find_instrument
from yuefu.workflows import edit_models as models
from yuefu.workflows.documents import Document
from yuefu.workflows.edit_desk import Desk, PartDesk, Stretch
from yuefu.workflows.edit_harmony import folded, set_chords, set_key
from yuefu.workflows.edit_story import describe
from yuefu.workflows.edit_words import clean, set_lyrics, set_syllable

__all__ = ["apply_edits", "describe"]

#: Most parts that editing makes.
MAX_PARTS = 64


def apply_edits(document: Document, edits: Sequence[dict[str, Any]]) -> Document:
    """The document after a list of edits (see ``edit_models``), which stays as it was.

    What isn't edited is the same, to the note and to how it is played. Raises InputError (FormatError, LimitError,
    UnknownNameError), with one sentence that names the edit's number, for the first that can't be done.
    """
    read = models.read_edits(edits)
    if not read:
        return document
    desk = Desk.of(document)
    for number, edit in enumerate(read, start=1):
        try:
            _HANDS[type(edit)](desk, edit)
        except InputError as error:
            kind = type(error) if type(error) in (FormatError, LimitError) else InputError
            raise kind(f"edit {number} ({edit.op}): {error}") from error
    done = desk.finished()
    check_score(done.score)
    return done


def _add_note(desk: Desk, edit: models.AddNote) -> None:
    holder = desk.find_part(edit.part)
    velocity = edit.velocity or desk.neighbours_loudness(holder, edit.start)
    number = desk.free_id()
    desk.put(holder, number, (edit.start, edit.duration, edit.pitch, velocity))
    desk.loud[number] = velocity


def _change_note(desk: Desk, edit: models.ChangeNote) -> None:
    holder = desk.find_note(edit.id)
    start, duration, pitch, velocity = holder.notes[edit.id]
    row = (
        start if edit.start is None else edit.start,
        duration if edit.duration is None else edit.duration,
        pitch if edit.pitch is None else edit.pitch,
        velocity if edit.velocity is None else edit.velocity,
    )
    desk.put(holder, edit.id, row)
    holder.moved |= edit.start is not None
    if edit.velocity is not None:
        desk.loud[edit.id] = edit.velocity


def _delete_notes(desk: Desk, edit: models.DeleteNotes) -> None:
    numbers = set(edit.ids)
    desk.take(sorted(numbers))
    for number in numbers:
        desk.loud.pop(number, None)


def _clear(desk: Desk, edit: models.Clear) -> None:
    if not edit.rows and not edit.parts:
        raise InputError(f"nothing to clear is named: give rows ({', '.join(ROWS)}, lyrics) or parts.")
    bars = desk.bar_list(edit.bars)
    named = {id(desk.find_part(identity)) for identity in edit.parts}
    holders = [holder for holder in desk.parts if id(holder) in named or holder.part.role in edit.rows]
    if "chords" in edit.rows:
        for bar in bars:
            set_chords(desk, models.SetChords(op="set_chords", bars=str(_number(desk, bar.index)), text=""))

    inside = Stretch(bars)
    if "lyrics" in edit.rows:
        for holder in desk.parts:
            holder.syllables = [s for s in holder.syllables if holder.notes[s.note_id][0] not in inside]
    for holder in holders:
        numbers = sorted(number for number, row in holder.notes.items() if row[0] in inside)
        desk.take(numbers)
        for number in numbers:
            desk.loud.pop(number, None)


def _number(desk: Desk, index: int) -> int:
    return index + (0 if desk.score.pickup else 1)


def _change_part(desk: Desk, edit: models.ChangePart) -> None:
    holder = desk.find_part(edit.id)
    part = holder.part
    changes: dict[str, Any] = {
        name: value
        for name, value in (("volume", edit.volume), ("pan", edit.pan), ("name", edit.name and _printed(edit.name)))
        if value is not None
    }
    if edit.instrument is not None:
        instrument = find_instrument(edit.instrument)
        if instrument.is_drums != part.is_drums:
            was, will = ("drums", instrument.en) if part.is_drums else (part.name or part.id, "drums")
            raise InputError(f"{was} can't become {will}: add a part for it, and remove this one.")
        changes |= {"instrument": instrument.key, "program": instrument.program}
        changes.setdefault("name", _name(desk, instrument, holder))
        if not part.is_drums:
            _fit(holder, instrument)
    holder.part = replace(part, **changes)


def _fit(holder: PartDesk, instrument: Instrument) -> None:
    """The notes where another instrument can play them: the part by octaves, then what still lies outside."""
    rows = holder.notes.values()
    low, high = instrument.low, instrument.high

    def outside(octave: int) -> int:
        return sum(not low <= row[2] + octave <= high for row in rows)

    octave = min((0, 12, -12, 24, -24, 36, -36), key=lambda by: (outside(by), abs(by)))
    for number, (start, duration, pitch, velocity) in list(holder.notes.items()):
        holder.notes[number] = (start, duration, folded(pitch + octave, low, high), velocity)


def _printed(name: str) -> str:
    shown = clean(name)
    if not shown:
        raise InputError("a part's name has no character that prints: give one that can be read.")
    return shown


def _name(desk: Desk, instrument: Instrument, but: PartDesk | None = None) -> str:
    """An instrument's name in the piece's language, numbered where another part has it."""
    chinese = str(desk.score.metadata.get("language", "")) == "zh"
    name = instrument.zh if chinese else instrument.en
    taken = {holder.part.name for holder in desk.parts if holder is not but}
    number = 1
    while (name if number == 1 else f"{name} {number}") in taken:
        number += 1
    return name if number == 1 else f"{name} {number}"


def _add_part(desk: Desk, edit: models.AddPart) -> None:
    if len(desk.parts) >= min(MAX_PARTS, MAX_TRACKS):
        raise InputError(f"a piece has at most {MAX_PARTS} parts: remove one first.")
    instrument = find_instrument(edit.instrument)
    if instrument.is_drums != (edit.row == "drums"):
        raise InputError(f"{instrument.en} can't play the row {edit.row}: drums play drums and nothing else does.")
    taken = {holder.part.id for holder in desk.parts} | {part.id for part in desk.document.score.parts}
    number = next(n for n in range(1, 2 * MAX_TRACKS + 2) if f"N{n}" not in taken)
    part = Part(
        id=f"N{number}", name=_name(desk, instrument), role=edit.row, program=instrument.program,
        instrument=instrument.key,
    )  # fmt: skip
    place = [ROWS.index(holder.part.role) <= ROWS.index(edit.row) for holder in desk.parts]
    at = len(place) - place[::-1].index(True) if True in place else 0
    desk.parts.insert(at, PartDesk(part, {}, []))


def _remove_part(desk: Desk, edit: models.RemovePart) -> None:
    holder = desk.find_part(edit.id)
    if len(desk.parts) == 1:
        raise InputError("the only part can't be removed: add another one first.")
    desk.parts.remove(holder)
    for number in holder.notes:
        del desk.owner[number]
        desk.loud.pop(number, None)
    desk.gone |= set(holder.notes)


def _tempo(desk: Desk, edit: models.Tempo) -> None:
    ratio = edit.bpm / desk.score.tempos[0].bpm
    scaled = (min(max(round(change.bpm * ratio, 3), 1.0), 10_000.0) for change in desk.score.tempos)
    tempos = [replace(change, bpm=bpm) for change, bpm in zip(desk.score.tempos, scaled)]
    tempos[0] = replace(tempos[0], bpm=float(edit.bpm))
    desk.score = replace(desk.score, tempos=tuple(tempos))


def _title(desk: Desk, edit: models.Title) -> None:
    desk.score = replace(desk.score, title=clean(edit.title))


def _section(desk: Desk, edit: models.ChangeSection) -> None:
    sections = list(desk.score.sections)
    if edit.index >= len(sections):
        raise InputError(f"there is no section {edit.index}: the piece has {len(sections)}, counted from 0.")
    section = sections[edit.index]
    if edit.kind is not None:
        section = replace(section, kind=_kind(edit.kind))
    if edit.letter is not None:
        section = replace(section, letter=edit.letter[0].upper() + "'" * (len(edit.letter) - 1))
    sections[edit.index] = section
    desk.score = replace(desk.score, sections=tuple(sections))


def _kind(text: str) -> str:
    """A section's kind from its English or Chinese name; none for an empty one."""
    name = text.lower()
    if not name or name in SECTIONS_ZH:
        return name
    if name in KINDS:
        return KINDS[name]
    raise UnknownNameError("kind of section", text, {*SECTIONS_ZH, *KINDS})


_HANDS: dict[type, Callable[[Desk, Any], None]] = {
    models.AddNote: _add_note, models.ChangeNote: _change_note, models.DeleteNotes: _delete_notes,
    models.Clear: _clear, models.SetChords: set_chords, models.SetLyrics: set_lyrics,
    models.SetSyllable: set_syllable, models.ChangePart: _change_part, models.AddPart: _add_part,
    models.RemovePart: _remove_part, models.Tempo: _tempo, models.Transpose: set_key, models.Title: _title,
    models.ChangeSection: _section,
}  # fmt: skip
