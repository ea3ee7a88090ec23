"""A Score as JSON and back: the native, lossless format (``.yuefu.json``)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import numpy as np

from yuefu.errors import FormatError, YuefuError
from yuefu.score.model import (
    NOTE_DTYPE,
    ChordSpan,
    Direction,
    KeyChange,
    MeterChange,
    Part,
    Score,
    Section,
    Syllable,
    TempoChange,
)
from yuefu.theory.chord import Chord
from yuefu.theory.key import Key
from yuefu.theory.meter import check_grouping

FORMAT = "yuefu-score-1"


def score_to_dict(score: Score) -> dict[str, Any]:
    """Plain lists and dictionaries, ready for ``json.dumps``."""
    return {
        "format": FORMAT,
        "title": score.title,
        "composer": score.composer,
        "pickup": score.pickup,
        "length": score.length,
        "tempos": [[t.tick, t.bpm] for t in score.tempos],
        "keys": [[k.tick, k.key.fifths, k.key.mode] for k in score.keys],
        "meters": [
            [m.tick, m.numerator, m.denominator, *([list(m.grouping)] if m.grouping else [])] for m in score.meters
        ],
        "chords": [[c.start, c.duration, c.chord.symbol() if c.chord else None] for c in score.chords],
        "sections": [[s.start, s.duration, s.letter, s.kind] for s in score.sections],
        "parts": [_part_to_dict(part) for part in score.parts],
        "metadata": score.metadata,
    }


def _part_to_dict(part: Part) -> dict[str, Any]:
    return {
        "id": part.id,
        "name": part.name,
        "role": part.role,
        "program": part.program,
        "instrument": part.instrument,
        "volume": part.volume,
        "pan": part.pan,
        "notes": {field: part.notes[field].tolist() for field in NOTE_DTYPE.names or ()},
        "syllables": [[s.note_id, s.text, s.syllabic, s.verse, s.line_end] for s in part.syllables],
        "directions": [list(asdict(d).values()) for d in part.directions],
        **({"graces": list(part.graces)} if part.graces else {}),
    }


def score_from_dict(data: dict[str, Any]) -> Score:
    """The Score of ``score_to_dict``'s output. Raises FormatError when a field is missing or off."""
    try:
        if data.get("format") != FORMAT:
            raise FormatError(
                f"this JSON isn't a Yuefu score: its format is {data.get('format')!r:.40}, not '{FORMAT}'."
            )
        return Score(
            title=str(data["title"]),
            composer=str(data["composer"]),
            pickup=int(data["pickup"]),
            length=int(data["length"]),
            tempos=tuple(TempoChange(int(t), float(b)) for t, b in data["tempos"]),
            keys=tuple(KeyChange(int(t), Key(int(f), str(m))) for t, f, m in data["keys"]),
            meters=tuple(
                MeterChange(int(t), int(n), int(d), _grouping(int(n), int(d), groups[0] if groups else ()))
                for t, n, d, *groups in data["meters"]
            ),
            chords=tuple(ChordSpan(int(s), int(d), Chord.parse(c) if c else None) for s, d, c in data["chords"]),
            sections=tuple(Section(int(s), int(d), str(le), str(k)) for s, d, le, k in data["sections"]),
            parts=tuple(_part_from_dict(part) for part in data["parts"]),
            metadata=dict(data["metadata"]),
        )
    except YuefuError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise FormatError(f"this Yuefu score can't be read: {type(error).__name__}: {error!s:.120}.") from error


def _grouping(numerator: int, denominator: int, groups: Iterable[Any]) -> tuple[int, ...]:
    """How a bar is counted, () as usual; what doesn't fill the bar is refused."""
    found = tuple(int(group) for group in groups)
    if found:
        check_grouping(f"{numerator}/{denominator}", found)
    return found


def _part_from_dict(data: dict[str, Any]) -> Part:
    columns = data["notes"]
    notes = np.zeros(len(columns["id"]), dtype=NOTE_DTYPE)
    for field in NOTE_DTYPE.names or ():
        notes[field] = columns[field]
    return Part(
        id=str(data["id"]),
        name=str(data["name"]),
        role=str(data["role"]),
        program=int(data["program"]),
        instrument=str(data["instrument"]),
        volume=int(data["volume"]),
        pan=int(data["pan"]),
        notes=notes,
        syllables=tuple(Syllable(int(n), str(t), str(s), int(v), bool(e)) for n, t, s, v, e in data["syllables"]),
        directions=tuple(Direction(int(t), str(k), str(x)) for t, k, x in data["directions"]),
        graces=tuple(int(number) for number in data.get("graces", ())),
    )
