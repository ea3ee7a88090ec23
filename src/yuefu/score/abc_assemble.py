"""From ABC's bars to a Score: repeats played out, lengths on the 24-tick grid, parts with roles."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from yuefu.score.abc_fields import AbcKey
from yuefu.score.abc_music import WHOLE, AbcBar
from yuefu.score.abc_repeats import PlayedBar, play
from yuefu.score.limits import check_notes, check_ticks
from yuefu.score.model import (
    NOTE_ROWS,
    ChordSpan,
    Direction,
    KeyChange,
    MeterChange,
    Part,
    Score,
    Section,
    Syllable,
    TempoChange,
    make_notes,
)
from yuefu.score.overlaps import trim_overlaps
from yuefu.score.roles import assign_roles
from yuefu.theory.chord import Chord

#: Fine units to a tick.
_FINE = WHOLE // 96
_VELOCITY = 80
_LABEL = re.compile(r"([A-Z][a-z0-9]?'{0,4})(?:\s+(.{1,40}))?")


@dataclass
class VoiceInfo:
    """What the fields say of a voice. octave: shift in octaves; own: Yuefu's own part data."""

    name: str
    program: int = 0
    octave: int = 0
    own: dict[str, Any] = field(default_factory=dict)


class _Played(NamedTuple):
    """A voice played out: its parts of a score, and every bar with its start in fine units."""

    rows: list[tuple[int, int, int, int, int]]
    syllables: list[Syllable]
    chords: list[tuple[int, Chord | None]]
    directions: list[Direction]
    bars: list[tuple[int, PlayedBar]]
    length: int


def assemble(voices: list[tuple[VoiceInfo, list[AbcBar]]], order: str, frame: Score) -> Score:
    """The score of some voices' bars; ``frame`` holds title, composer and metadata.

    The first voice sets keys, metres, tempi and sections. Bars that are neither full nor complete
    each other are kept as they are: the metre is restated after them, and
    ``metadata["irregular_bars"]`` counts them.
    """
    parts: list[Part] = []
    chords: list[tuple[int, Chord | None]] = []
    fixed: set[int] = set()
    first: _Played | None = None
    length = next_id = 0
    for info, bars in voices:
        played = _perform(play(bars, order), next_id + 1)
        next_id += len(played.rows)
        check_notes(next_id)
        first = first or played
        length = max(length, played.length)
        chords = chords or played.chords
        part = _part(info, played, len(parts))
        home = next((i for i, other in enumerate(parts) if info.own.get("layer") and other.id == part.id), None)
        if home is not None:  # a further layer of a part that our writer spread over voices
            parts[home] = _joined(parts[home], part)
            continue
        parts.append(part)
        if info.own.get("role") in NOTE_ROWS or len(voices) == 1:
            fixed.add(len(parts) - 1)
    assert first is not None
    check_ticks(_tick(length))
    pickup, meters, irregular = _meters(first)
    metadata = dict(frame.metadata)
    if irregular:
        metadata["irregular_bars"] = irregular
    return replace(
        frame,
        parts=assign_roles(parts, frozenset(fixed)),
        chords=_spans(chords, _tick(length)),
        sections=_sections(first, _tick(length)),
        tempos=_tempos(first),
        keys=_keys(first),
        meters=meters,
        pickup=pickup,
        length=_tick(length),
        metadata=metadata,
    )


def _tick(fine: int) -> int:
    return (2 * fine + _FINE) // (2 * _FINE)


def _perform(bars: list[PlayedBar], first_id: int) -> _Played:
    """Notes with ties joined, words, chords and marks of one voice."""
    played = _Played([], [], [], [], [], 0)
    sounding: dict[int, tuple[int, int]] = {}  # pitch -> (row, end in fine units) of a note tied on
    start = 0
    for item in bars:
        bar = item.bar
        played.bars.append((start, item))
        for event in bar.notes:
            begin, end = start + event.at, start + event.at + event.length
            rows: dict[int, tuple[int, int]] = {}
            top = -1
            for pitch, tie in event.pitches:
                row, stop = sounding.get(pitch, (-1, -1))
                if row >= 0 and stop == begin:
                    number, at, _, _, velocity = played.rows[row]
                    played.rows[row] = (number, at, max(1, _tick(end) - at), pitch, velocity)
                else:
                    row = len(played.rows)
                    at = _tick(begin)
                    played.rows.append((first_id + row, at, max(1, _tick(end) - at), pitch, _VELOCITY))
                    top = row
                if tie:
                    rows[pitch] = (row, end)
            sounding = rows
            if top >= 0:
                played.syllables.extend(replace(word, note_id=first_id + top) for word in event.syllables)
        for at, kind, value in bar.marks:
            tick = _tick(start + at)
            if kind == "chord":
                played.chords.append((tick, value if isinstance(value, Chord) else None))
            elif kind in ("dynamic", "words", "fermata"):
                played.directions.append(Direction(tick, kind, str(value)))
        start += bar.length
        check_ticks(start // _FINE)
        check_notes(len(played.rows))
    return played._replace(length=start)


def _part(info: VoiceInfo, played: _Played, index: int) -> Part:
    own = info.own
    rows = [
        (number, at, duration, min(max(pitch, 0), 127), velocity)
        for number, at, duration, pitch, velocity in played.rows
    ]
    part = Part(
        id=str(own.get("id", ""))[:60] or f"P{index + 1}",
        name=info.name,
        role=own["role"] if own.get("role") in NOTE_ROWS else "melody",
        program=_within(own.get("program"), info.program),
        instrument=str(own.get("instrument", ""))[:60],
        syllables=tuple(sorted(played.syllables, key=lambda syllable: syllable.verse)),
        directions=tuple(sorted(played.directions, key=lambda direction: direction.tick)),
        volume=_within(own.get("volume"), 100),
        pan=_within(own.get("pan"), 64),
    )
    return part.with_notes(trim_overlaps(make_notes(rows)))


def _joined(part: Part, layer: Part) -> Part:
    both = replace(part, syllables=part.syllables + layer.syllables, directions=part.directions + layer.directions)
    return both.with_notes(trim_overlaps(np.concatenate([part.notes, layer.notes])))


def _within(value: object, default: int) -> int:
    return value if isinstance(value, int) and 0 <= value <= 127 else default


def _spans(chords: list[tuple[int, Chord | None]], end: int) -> tuple[ChordSpan, ...]:
    at = dict(chords)
    ticks = sorted(at)
    return tuple(ChordSpan(tick, stop - tick, at[tick]) for tick, stop in zip(ticks, ticks[1:] + [end]) if stop > tick)


def _sections(played: _Played, end: int) -> tuple[Section, ...]:
    """The labelled parts; without labels the strains, when repeat signs divide the tune into any."""
    starts: list[tuple[int, str, str]] = []
    if any(item.bar.label for _, item in played.bars):
        letters: dict[str, str] = {}
        for start, item in played.bars:
            label = item.bar.label
            if match := _LABEL.fullmatch(label):
                starts.append((_tick(start), match[1], match[2] or ""))
            elif label:
                letter = letters.setdefault(label, chr(ord("A") + len(letters) % 26))
                starts.append((_tick(start), letter, label.lower()))
    elif any(item.bar.ends for _, item in played.bars):
        strains: dict[int, str] = {}
        for start, item in played.bars:
            if item.first_of_strain:
                letter = strains.setdefault(item.strain, chr(ord("A") + len(strains) % 26))
                starts.append((_tick(start), letter, ""))
    stops = [start for start, _, _ in starts[1:]] + [end]
    return tuple(
        Section(start, stop - start, letter, kind) for (start, letter, kind), stop in zip(starts, stops) if stop > start
    )


def _tempos(played: _Played) -> tuple[TempoChange, ...]:
    at: dict[int, float] = {0: 120.0}
    for start, item in played.bars:
        if item.bar.tempo:
            at[_tick(start)] = item.bar.tempo
        at.update((_tick(start + place), float(value)) for place, kind, value in item.bar.marks if kind == "tempo")  # type: ignore[arg-type]
    changes: list[TempoChange] = []
    for tick, bpm in sorted(at.items()):
        if not changes or changes[-1].bpm != bpm:
            changes.append(TempoChange(tick, bpm))
    return tuple(changes)


def _keys(played: _Played) -> tuple[KeyChange, ...]:
    changes: list[KeyChange] = []

    def change(tick: int, key: AbcKey) -> None:
        if changes and changes[-1].tick == tick:
            changes.pop()
        if not changes or changes[-1].key != key.key:
            changes.append(KeyChange(tick, key.key))

    for start, item in played.bars:
        change(_tick(start), item.bar.key)
        for place, kind, value in item.bar.marks:
            if kind == "key" and isinstance(value, AbcKey):
                change(_tick(start + place), value)
    return tuple(changes)


def _meters(played: _Played) -> tuple[int, tuple[MeterChange, ...], int]:
    """Pick-up ticks, time signatures, and how many bars neither fill the metre nor complete another."""
    bars = [(start, item.bar) for start, item in played.bars if item.bar.length]
    pickup = 0
    changes: list[MeterChange] = []
    irregular = 0
    filled = 0  # fine units of the grid's bar that earlier, shorter bars filled
    realign = False
    for index, (start, bar) in enumerate(bars):
        meter = bar.meter
        if not changes:
            changes.append(MeterChange(0, *meter))
            if bar.length < bar.full and len(bars) > 1:
                pickup = _tick(bar.length)
                continue
        elif (changes[-1].numerator, changes[-1].denominator) != meter:
            filled, realign = 0, True
        if realign and not filled:
            _restate(changes, _tick(start), meter)
            realign = False
        filled += bar.length
        following = bars[index + 1][1] if index + 1 < len(bars) else None
        if filled % bar.full == 0:
            filled = 0
        elif following is None:
            pass
        elif filled > bar.full or following.meter != meter or filled + following.length > bar.full:
            irregular += 1
            filled, realign = 0, True
    return pickup, tuple(changes), irregular


def _restate(changes: list[MeterChange], tick: int, meter: tuple[int, int]) -> None:
    if changes[-1].tick == tick:
        changes.pop()
    changes.append(MeterChange(tick, *meter))
