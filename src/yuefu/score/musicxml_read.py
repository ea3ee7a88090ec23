"""Reading MusicXML, plain (``.musicxml``, ``.xml``) and compressed (``.mxl``), into a Score.

Ties are merged, grace and cue notes left out, staves and voices of a part brought together,
transposing instruments brought to sounding pitch, and repeats, endings, D.C. and D.S. played out.
Files of other programs may lack bars, fill them badly or leave out the mode of a key; such
faults are tolerated. ``metadata["key_given"]`` is False when the file names no key, and
``metadata["mode_given"]`` is False when it names signatures without major or minor.
"""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from yuefu.errors import FormatError, LimitError, UnknownNameError
from yuefu.score.limits import check_notes, check_size, read_limited
from yuefu.score.model import (
    NOTE_ROWS,
    ChordSpan,
    KeyChange,
    Part,
    Score,
    Section,
    TempoChange,
)
from yuefu.score.musicxml_bars import meters_and_pickup
from yuefu.score.musicxml_head import creator, file_metadata, heads, own_fields, title
from yuefu.score.musicxml_part import PartReader
from yuefu.score.musicxml_player import OWN_ID, PartBuilder
from yuefu.score.musicxml_timeline import Timeline, build_timeline, states, steps
from yuefu.score.musicxml_tree import Element, score_root
from yuefu.score.musicxml_written import SECTION_END, PartHead
from yuefu.score.mxl import is_zip, unpack_mxl
from yuefu.score.roles import assign_roles
from yuefu.theory.chord import Chord
from yuefu.theory.instruments import find_instrument
from yuefu.theory.key import Key

logger = logging.getLogger(__name__)

MAX_PARTS = 200
_SECTION = re.compile(r"^([A-Z]'*)(?:\s+(.+))?$")


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
    by_id = {head.id: head for head in heads(root)}
    elements = root.findall("part")
    if not elements:
        raise FormatError("this MusicXML has no <part>: there is nothing to read.")
    if len(elements) > MAX_PARTS:
        raise LimitError(f"this MusicXML has {len(elements)} parts: at most {MAX_PARTS} are read.")
    readers = []
    for element in elements:
        identity = element.get("id") or ""
        reader = PartReader(by_id.get(identity) or PartHead(identity, identity), expand_repeats)
        reader.read(element)
        readers.append(reader)
    timeline = build_timeline(readers, expand_repeats)
    own = own_fields(root)
    keep_ids = len({bar.written for bar in timeline.bars}) == len(timeline.bars)
    parts = _parts(readers, timeline, own.get("parts"), keep_ids)
    check_notes(sum(len(part.notes) for part in parts))
    meters, pickup = meters_and_pickup(timeline.bars)
    keys, metadata = _keys(readers, timeline)
    metadata |= file_metadata(root, own)
    return Score(
        title=title(root),
        composer=creator(root, "composer"),
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


def _tempos(readers: list[PartReader], timeline: Timeline) -> tuple[TempoChange, ...]:
    values = states(readers, timeline, "tempos", None)
    given = [(tick, float(value[0])) for tick, value in values]
    if given and given[0][0] > 0:
        given.insert(0, (0, 120.0))
    return tuple(TempoChange(tick, bpm) for tick, bpm in steps(given, 120.0))


def _keys(readers: list[PartReader], timeline: Timeline) -> tuple[tuple[KeyChange, ...], dict[str, Any]]:
    """The key changes, from the first part that has keys and doesn't transpose, and what wasn't given."""
    having = [reader for reader in readers if any(bar.keys for bar in reader.bars)]
    if not having:
        return (KeyChange(0, Key()),), {"key_given": False}
    tonal = [reader for reader in having if not reader.is_drums]
    candidates = [reader for reader in tonal if any(bar.notes for bar in reader.bars)] or tonal or having
    reader = next((r for r in candidates if not r.transposes), candidates[0])
    values = states([reader], timeline, "keys", None)
    missing = {} if all(value[1] for _, value in values) else {"mode_given": False}
    return tuple(KeyChange(t, key) for t, key in steps([(t, value[0]) for t, value in values], Key())), missing


def _chords(readers: list[PartReader], timeline: Timeline) -> tuple[ChordSpan, ...]:
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


def _sections(readers: list[PartReader], timeline: Timeline) -> tuple[Section, ...]:
    at: dict[int, str] = {}
    for reader in readers:
        for bar in timeline.bars:
            if bar.written < len(reader.bars):
                for offset, text in reader.bars[bar.written].rehearsals:
                    at.setdefault(bar.start + round(offset), text)
    ticks = [tick for tick in sorted(at) if tick < timeline.end]
    sections = []
    for tick, following in zip(ticks, [*ticks[1:], timeline.end]):
        if at[tick] == SECTION_END:
            continue
        match = _SECTION.match(at[tick])
        letter, kind = (match.group(1), match.group(2) or "") if match else ("", at[tick])
        sections.append(Section(tick, following - tick, letter, kind))
    return tuple(sections)


def _parts(readers: list[PartReader], timeline: Timeline, own: Any, keep_ids: bool) -> tuple[Part, ...]:
    kept = own if isinstance(own, list) and len(own) == len(readers) else [None] * len(readers)
    used: set[int] = set()
    parts: list[Part] = []
    fixed: set[int] = set()
    every_id = [note.id for reader in readers for bar in reader.bars for note in bar.notes if not note.tie_stop]
    keep_ids = keep_ids and len(set(every_id)) == len(every_id) and all(OWN_ID.match(i) for i in every_id)
    following = 1
    for index, (reader, field) in enumerate(zip(readers, kept)):
        builder = PartBuilder(reader, timeline, following, keep_ids)
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


def _is_own(field: Any, part: Part) -> bool:
    """Whether a kept field describes this part still, after other programs may have edited the file."""
    if not isinstance(field, dict) or field.get("role") not in NOTE_ROWS:
        return False
    same_kind = (field["role"] == "drums") == (part.role == "drums") or not len(part.notes)
    return same_kind and " ".join(str(field.get("name", "")).split())[:100] == part.name


def _instrument_key(name: str) -> str:
    """The catalogue's key for a part name such as ``"Violin II"``, or ``""``."""
    plain = re.sub(r"\s*(\b(I|II|III|IV|[1-4])\.?|\b(in|en) [A-H]\S*|\(.*\))$", "", name.strip()).strip()
    if not plain:
        return ""
    try:
        return find_instrument(plain).key
    except UnknownNameError:
        return ""
