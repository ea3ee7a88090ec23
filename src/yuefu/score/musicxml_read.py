"""Reading MusicXML, plain (``.musicxml``, ``.xml``) and compressed (``.mxl``), into a Score.

Ties are merged, grace and cue notes left out, staves and voices of a part brought together,
transposing instruments brought to sounding pitch, and repeats, endings, D.C. and D.S. played out.
Files of other programs may lack bars, fill them badly or leave out the mode of a key; such
faults are tolerated. ``metadata["key_given"]`` is False when the file names no key, and
``metadata["mode_given"]`` is False when it names signatures without major or minor.
"""

from __future__ import annotations

import json
import logging
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from yuefu.errors import FormatError, LimitError, UnknownNameError
from yuefu.score.limits import MAX_TICKS, check_notes, check_size, read_limited
from yuefu.score.model import (
    NOTE_DTYPE,
    NOTE_ROWS,
    ChordSpan,
    Direction,
    KeyChange,
    Part,
    Score,
    Section,
    Syllable,
    TempoChange,
    sort_notes,
)
from yuefu.score.musicxml_bars import PlayedBar, full_length, meter_of_length, meters_and_pickup
from yuefu.score.musicxml_part import PartHead, PartReader, WrittenBar, WrittenNote
from yuefu.score.musicxml_tree import Element, child_text, number_or_none, score_root
from yuefu.score.mxl import is_zip, unpack_mxl
from yuefu.score.repeats import BarMarks, played_order
from yuefu.score.roles import assign_roles
from yuefu.theory.chord import Chord
from yuefu.theory.instruments import find_instrument
from yuefu.theory.key import Key

logger = logging.getLogger(__name__)

MAX_PARTS = 200
#: The name under which the writer keeps what MusicXML has no place for.
OWN_FIELD = "yuefu"
_OWN_ID = re.compile(r"^n(\d{1,9})$")
_SECTION = re.compile(r"^([A-Z]'*)(?:\s+(.+))?$")
_VERSE_NUMBER = re.compile(r"^\d{1,2}\.\s*(?=\S)")


def read_musicxml(source: Path | str | bytes, expand_repeats: bool = True) -> Score:
    """The score in a MusicXML or MXL file.

    source: a path, or the file's bytes; expand_repeats: play repeats, endings and jumps out, else
    read the bars as written. Raises FormatError when it isn't MusicXML or is damaged, LimitError
    when it is too large, InputError when the file can't be opened.
    """
    if isinstance(source, bytes):
        check_size(len(source), "MusicXML")
        data = source
    else:
        data = read_limited(Path(source), "MusicXML file")
    if is_zip(data):
        data = unpack_mxl(data)
    root = score_root(data)
    try:
        return _score(root, expand_repeats)
    except (FormatError, LimitError):
        raise
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, ArithmeticError) as error:
        logger.debug("unexpected MusicXML", exc_info=True)
        raise FormatError(
            f"this MusicXML can't be read ({type(error).__name__}: {error!s:.80}): "
            "save it again from a notation program."
        ) from error


def _score(root: Element, expand_repeats: bool) -> Score:
    heads = {head.id: head for head in _heads(root)}
    elements = root.findall("part")
    if not elements:
        raise FormatError("this MusicXML has no <part>: there is nothing to read.")
    if len(elements) > MAX_PARTS:
        raise LimitError(f"this MusicXML has {len(elements)} parts: at most {MAX_PARTS} are read.")
    readers = []
    for element in elements:
        identity = element.get("id") or ""
        reader = PartReader(heads.get(identity) or PartHead(identity, identity), expand_repeats)
        reader.read(element)
        readers.append(reader)
    timeline = _timeline(readers, expand_repeats)
    own = _own_fields(root)
    keep_ids = len({bar.written for bar in timeline.bars}) == len(timeline.bars)
    parts = _parts(readers, timeline, own.get("parts"), keep_ids)
    check_notes(sum(len(part.notes) for part in parts))
    meters, pickup = meters_and_pickup(timeline.bars)
    keys, metadata = _keys(readers, timeline)
    metadata |= _metadata(root, own)
    return Score(
        title=_title(root),
        composer=_creator(root, "composer"),
        parts=parts,
        chords=_chords(readers, timeline),
        sections=_sections(readers, timeline),
        tempos=_tempos(readers, timeline),
        keys=keys,
        meters=meters,
        pickup=pickup,
        length=timeline.end,
        metadata=metadata,
    )


# ---- head ------------------------------------------------------------------------------------


def _heads(root: Element) -> list[PartHead]:
    heads = []
    for entry in root.iterfind("part-list/score-part"):
        program, channel, volume, pan = 0, 0, 100, 64
        drum_pitches = {}
        for order, instrument in enumerate(entry.findall("midi-instrument")):
            unpitched = number_or_none(instrument.findtext("midi-unpitched"))
            if unpitched is not None and 1 <= unpitched <= 128:
                drum_pitches[instrument.get("id") or ""] = int(unpitched) - 1
            if order == 0:
                program = _clip((number_or_none(instrument.findtext("midi-program")) or 1) - 1, 0, 127)
                channel = _clip(number_or_none(instrument.findtext("midi-channel")) or 0, 0, 16)
                loudness = number_or_none(instrument.findtext("volume"))
                volume = 100 if loudness is None else _clip(loudness * 1.27, 0, 127)
                place = child_text(instrument, "pan")
                degrees = (number_or_none(place) or 0.0) * (-1 if place.startswith("-") else 1)
                pan = _clip(64 + degrees * 64 / 90, 0, 127)
        name = child_text(entry, "part-name") or child_text(entry, "score-instrument/instrument-name")
        heads.append(
            PartHead(
                entry.get("id") or "", " ".join(name.split())[:100], program, channel == 10, volume, pan, drum_pitches
            )
        )
    return heads


def _clip(value: float, low: int, high: int) -> int:
    return min(max(round(value), low), high)


def _title(root: Element) -> str:
    work, movement = child_text(root, "work/work-title"), child_text(root, "movement-title")
    if work and movement and movement.lower() not in work.lower():
        title = f"{work}: {movement}"
    else:
        title = work or movement
    if not title:
        for credit in root.iterfind("credit"):
            if child_text(credit, "credit-type") == "title":
                title = child_text(credit, "credit-words")
    return " ".join(title.split())[:300]


def _creator(root: Element, kind: str) -> str:
    for creator in root.iterfind("identification/creator"):
        if (creator.get("type") or "composer") == kind:
            return " ".join((creator.text or "").split())[:300]
    return ""


def _own_fields(root: Element) -> dict[str, Any]:
    """What our own writer kept in the file's miscellaneous fields; nothing for other programs' files."""
    for entry in root.iterfind("identification/miscellaneous/miscellaneous-field"):
        if entry.get("name") == OWN_FIELD:
            try:
                value = json.loads(entry.text or "")
            except (ValueError, RecursionError):
                return {}
            return value if isinstance(value, dict) else {}
    return {}


def _metadata(root: Element, own: dict[str, Any]) -> dict[str, Any]:
    kept = own.get("metadata")
    metadata = dict(kept) if isinstance(kept, dict) else {}
    lyricist = _creator(root, "lyricist") or _creator(root, "poet")
    if lyricist:
        metadata["lyricist"] = lyricist
    rights = child_text(root, "identification/rights")
    if rights:
        metadata.setdefault("licence", " ".join(rights.split())[:300])
    return metadata


# ---- time line -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Timeline:
    bars: list[PlayedBar]
    end: int
    visits: list[int]  # for each played bar, which time its written bar is played (from 1)
    total_visits: list[int]  # for each written bar, how often it is played


def _timeline(readers: list[PartReader], expand_repeats: bool) -> _Timeline:
    count = max(len(reader.bars) for reader in readers)
    if count == 0:
        raise FormatError("this MusicXML has no bars: there is nothing to read.")
    written: list[tuple[int, tuple[int, int]]] = []
    meter: tuple[int, int] | None = None
    open_metre = False
    for index in range(count):
        bars = [reader.bars[index] for reader in readers if index < len(reader.bars)]
        given = next((bar.meter for bar in bars if bar.meter is not None), None)
        if given is not None:
            open_metre = given == (0, 0)
            meter = meter if open_metre else given
        actual = round(max(bar.length for bar in bars))
        if open_metre or meter is None:
            own = meter_of_length(actual) if actual else (meter or (4, 4))
            meter = meter or (None if open_metre else own)
            written.append((actual or full_length(own), own))
        else:
            nominal = full_length(meter)
            near = actual == 0 or abs(actual - nominal) <= 1
            written.append((nominal if near else actual, meter))
    order = played_order(_marks(readers, count)) if expand_repeats else list(range(count))
    played, visits, total = [], [], [0] * count
    tick = 0
    for index in order:
        length, bar_meter = written[index]
        played.append(PlayedBar(index, tick, length, bar_meter))
        total[index] += 1
        visits.append(total[index])
        tick += length
        if tick > MAX_TICKS:
            raise LimitError(f"this piece lasts more than {MAX_TICKS // 24:,} quarters: split it.")
    return _Timeline(played, tick, visits, total)


def _marks(readers: list[PartReader], count: int) -> list[BarMarks]:
    """The repeats and jumps of all parts together (programs write them in the first part or in all)."""
    merged = [BarMarks() for _ in range(count)]
    for reader in readers:
        for marks, bar in zip(merged, reader.bars):
            other = bar.marks
            marks.repeat_start |= other.repeat_start
            marks.repeat_times = max(marks.repeat_times, other.repeat_times)
            marks.endings = marks.endings or other.endings
            marks.ending_start |= other.ending_start
            marks.segno |= other.segno
            marks.coda |= other.coda
            marks.to_coda |= other.to_coda
            marks.fine |= other.fine
            marks.da_capo |= other.da_capo
            marks.dal_segno |= other.dal_segno
    codas = [marks for marks in merged if marks.coda]
    if len(codas) == 2 and not any(marks.to_coda for marks in merged):
        codas[0].to_coda, codas[0].coda = True, False
    return merged


def _states(readers: list[PartReader], timeline: _Timeline, name: str, first: Any) -> list[tuple[int, Any]]:
    """(tick, value) of a running value over the played bars; jumps bring back the value in force there."""
    changes: list[list[tuple[Any, ...]]] = []
    at_start: list[Any] = []
    current = first
    count = max(len(reader.bars) for reader in readers)
    for index in range(count):
        merged: dict[Any, tuple[Any, ...]] = {}
        for reader in readers:
            if index < len(reader.bars):
                for change in getattr(reader.bars[index], name):
                    merged.setdefault(change[0], change)
        at_start.append(current)
        changes.append([merged[offset] for offset in sorted(merged)])
        if merged:
            current = changes[-1][-1][1:]
    result: list[tuple[int, Any]] = []
    for bar in timeline.bars:
        if at_start[bar.written] is not None:
            result.append((bar.start, at_start[bar.written]))
        result += [(bar.start + min(round(c[0]), bar.length), c[1:]) for c in changes[bar.written]]
    return result


def _steps(states: list[tuple[int, Any]], default: Any) -> list[tuple[int, Any]]:
    """Sorted changes without repetition: the last of a tick counts; the first is moved to tick 0."""
    at: dict[int, Any] = {}
    for tick, value in states:
        at[tick] = value
    result: list[tuple[int, Any]] = []
    for tick in sorted(at):
        if not result:
            result.append((0, at[tick]))
        elif at[tick] != result[-1][1]:
            result.append((tick, at[tick]))
    return result or [(0, default)]


def _tempos(readers: list[PartReader], timeline: _Timeline) -> tuple[TempoChange, ...]:
    states = _states(readers, timeline, "tempos", None)
    given = [(tick, float(value[0])) for tick, value in states]
    if given and given[0][0] > 0:
        given.insert(0, (0, 120.0))
    return tuple(TempoChange(tick, bpm) for tick, bpm in _steps(given, 120.0))


def _keys(readers: list[PartReader], timeline: _Timeline) -> tuple[tuple[KeyChange, ...], dict[str, Any]]:
    """The key changes, from the first part that has keys and doesn't transpose, and what wasn't given."""
    pitched = [
        r
        for r in readers
        if any(bar.keys for bar in r.bars) and any(n for bar in r.bars for n in bar.notes if not n.drum)
    ]
    having = pitched or [r for r in readers if any(bar.keys for bar in r.bars)]
    if not having:
        return (KeyChange(0, Key()),), {"key_given": False}
    reader = next((r for r in pitched or having if not r.transposes), (pitched or having)[0])
    states = _states([reader], timeline, "keys", None)
    missing = {} if all(value[1] for _, value in states) else {"mode_given": False}
    return tuple(KeyChange(t, key) for t, key in _steps([(t, value[0]) for t, value in states], Key())), missing


# ---- contents --------------------------------------------------------------------------------


def _chords(readers: list[PartReader], timeline: _Timeline) -> tuple[ChordSpan, ...]:
    """The chord symbols of the first part that has any, each until the next."""
    reader = next((r for r in readers if any(bar.harmonies for bar in r.bars)), None)
    if reader is None:
        return ()
    at: dict[int, tuple[Chord | None, bool]] = {}
    for bar in timeline.bars:
        if bar.written < len(reader.bars):
            for offset, chord, hidden in reader.bars[bar.written].harmonies:
                tick = bar.start + round(offset)
                if tick < timeline.end:
                    at[tick] = (chord, hidden)
    ticks = sorted(at)
    return tuple(
        ChordSpan(tick, following - tick, at[tick][0])
        for tick, following in zip(ticks, [*ticks[1:], timeline.end])
        if at[tick][0] is not None or not at[tick][1]  # a hidden "no chord" only ends the one before
    )


def _sections(readers: list[PartReader], timeline: _Timeline) -> tuple[Section, ...]:
    at: dict[int, str] = {}
    for reader in readers:
        for bar in timeline.bars:
            if bar.written < len(reader.bars):
                for offset, text in reader.bars[bar.written].rehearsals:
                    at.setdefault(bar.start + round(offset), text)
    ticks = [tick for tick in sorted(at) if tick < timeline.end]
    sections = []
    for tick, following in zip(ticks, [*ticks[1:], timeline.end]):
        match = _SECTION.match(at[tick])
        letter, kind = (match.group(1), match.group(2) or "") if match else ("", at[tick])
        sections.append(Section(tick, following - tick, letter, kind))
    return tuple(sections)


def _parts(readers: list[PartReader], timeline: _Timeline, own: Any, keep_ids: bool) -> tuple[Part, ...]:
    kept = own if isinstance(own, list) and len(own) == len(readers) else [None] * len(readers)
    used: set[int] = set()
    parts: list[Part] = []
    fixed: set[int] = set()
    every_id = [note.id for reader in readers for bar in reader.bars for note in bar.notes if not note.tie_stop]
    keep_ids = keep_ids and len(set(every_id)) == len(every_id) and all(_OWN_ID.match(i) for i in every_id)
    following = 1
    for index, (reader, field) in enumerate(zip(readers, kept)):
        builder = _PartBuilder(reader, timeline, following, keep_ids)
        part = builder.build()
        following += len(part.notes)
        if isinstance(field, dict) and field.get("role") in NOTE_ROWS:
            part = replace(part, role=field["role"], id=str(field.get("id", part.id))[:100])
            part = replace(
                part, instrument=str(field.get("instrument", ""))[:100], name=str(field.get("name", part.name))[:100]
            )
            fixed.add(index)
        elif part.role == "drums":
            fixed.add(index)
        else:
            part = replace(part, instrument=_instrument_key(part.name))
        parts.append(part)
        used.update(part.notes["id"].tolist())
    return assign_roles(parts, frozenset(fixed))


def _instrument_key(name: str) -> str:
    """The catalogue's key for a part name such as ``"Violin II"``, or ``""``."""
    plain = re.sub(r"\s*(\b(I|II|III|IV|[1-4])\.?|\b(in|en) [A-H]\S*|\(.*\))$", "", name.strip()).strip()
    if not plain:
        return ""
    try:
        return find_instrument(plain).key
    except UnknownNameError:
        return ""


class _PartBuilder:
    """Plays one part's bars: merges ties, picks the verse of each pass, gathers the marks."""

    def __init__(self, reader: PartReader, timeline: _Timeline, first_id: int, keep_ids: bool) -> None:
        self.reader = reader
        self.timeline = timeline
        self.next_id = first_id
        self.keep_ids = keep_ids
        self.rows: list[list[int]] = []
        self.sung: list[tuple[int, list[tuple[int, str, str, bool]]]] = []
        self.open: dict[int, list[tuple[int, str, list[int]]]] = {}  # pitch -> (end, voice, row) of tied notes

    def build(self) -> Part:
        """The part with its notes, syllables and directions."""
        directions: dict[tuple[int, str, str], None] = {}
        is_drums = any(note.drum for bar in self.reader.bars for note in bar.notes)
        for visit, played in zip(self.timeline.visits, self.timeline.bars):
            if played.written >= len(self.reader.bars):
                continue
            bar = self.reader.bars[played.written]
            verse = _verse_of_pass(bar, visit, self.timeline.total_visits[played.written])
            for note in bar.notes:
                if note.drum == is_drums:
                    self._add(note, played.start, verse)
            for offset, kind, text in bar.directions:
                directions.setdefault((played.start + round(offset), kind, text))
        notes = np.array([tuple(row) for row in self.rows], dtype=NOTE_DTYPE)
        head = self.reader.head
        return Part(
            id=head.id,
            name=head.name,
            role="drums" if is_drums else "melody",
            program=head.program,
            notes=sort_notes(notes),
            syllables=self._syllables(),
            directions=tuple(Direction(*key) for key in sorted(directions)),
            volume=head.volume,
            pan=head.pan,
        )

    def _add(self, note: WrittenNote, bar_start: int, verse: int | None) -> None:
        start = bar_start + round(note.start)
        end = bar_start + round(note.start + note.duration)
        if note.tie_stop:
            waiting = self.open.get(note.pitch, [])
            matches = [entry for entry in waiting if entry[0] == start]
            if matches:
                entry = next((m for m in matches if m[1] == note.voice), matches[0])
                waiting.remove(entry)
                entry[2][2] = max(end + round(note.release) - entry[2][1], 1)
                if note.tie_start:
                    waiting.append((end, note.voice, entry[2]))
                return
        identity = self.next_id
        own = _OWN_ID.match(note.id) if self.keep_ids else None
        if own:
            identity = int(own.group(1))
        self.next_id += 1
        row = [identity, start, max(end - start + round(note.release), 1), note.pitch, note.velocity]
        self.rows.append(row)
        if note.tie_start:
            fresh = [entry for entry in self.open.get(note.pitch, []) if entry[0] > start]
            self.open[note.pitch] = [*fresh, (end, note.voice, row)]
        if note.sung:
            chosen = note.sung
            if verse is not None:
                chosen = [(1, *entry[1:]) for entry in note.sung if entry[0] == verse]
            if chosen:
                self.sung.append((identity, chosen))

    def _syllables(self) -> tuple[Syllable, ...]:
        syllables = []
        begun: set[int] = set()
        numbered = not self.keep_ids
        for identity, entries in self.sung:
            for verse, text, syllabic, ends in entries:
                if verse not in begun and numbered:
                    text = _VERSE_NUMBER.sub("", text)  # "1. A" at the head of a verse
                begun.add(verse)
                if text:
                    syllables.append(Syllable(identity, text, syllabic, verse, ends))
        return tuple(syllables)


def _verse_of_pass(bar: WrittenBar, visit: int, total: int) -> int | None:
    """The verse to sing on this pass of a repeated bar, or None to keep all verses."""
    if total < 2:
        return None
    verses = {entry[0] for note in bar.notes if note.sung for entry in note.sung}
    if len(verses) < 2 or len(verses) > total:
        return None
    return sorted(verses)[min(visit, len(verses)) - 1]
