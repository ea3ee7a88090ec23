"""Everything the analysis finds in a score, as one value."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from yuefu.analysis.chords import infer_chords
from yuefu.analysis.form import segment
from yuefu.analysis.grid import Grid
from yuefu.analysis.key import estimate_key, local_keys
from yuefu.analysis.measures import measure
from yuefu.analysis.meter import MeterEstimate, estimate_meter
from yuefu.analysis.phrases import cadence, phrases
from yuefu.analysis.rhythm import TempoFacts, estimate_tempo
from yuefu.analysis.texture import Texture, describe
from yuefu.score.model import Score
from yuefu.theory.key import Key


@dataclass(frozen=True, slots=True)
class ChordFact:
    """A chord heard. bar: from 1; beat: quarters from the bar line, from 1; beats: length in quarters;
    symbol: as written in the key, "N.C." for silence."""

    bar: int
    beat: float
    beats: float
    symbol: str


@dataclass(frozen=True, slots=True)
class SectionFact:
    """A section found. first_bar, last_bar: from 1, both inside; rows: the roles heard in it."""

    letter: str
    kind: str
    first_bar: int
    last_bar: int
    rows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PhraseFact:
    """A phrase of the tune. bars from 1; notes: how many; cadence: how its last bar closes (phrases.CADENCES)."""

    first_bar: int
    last_bar: int
    notes: int
    cadence: str


@dataclass(frozen=True)
class Facts:
    """What an independent analysis finds in a score.

    key, key_confidence: from the notes; given_key: the score's own first one; keys: (bar from 1, name)
    of every key passed through; meter: from the notes; given_meter: such as "3/4"; tempo: from the tempo
    map; duration: seconds; chords: by half bars, heard in the notes, or (chords_given) those
    written over a score without pitched notes;
    measures: see ``measures.MEASURES``.
    """

    title: str
    composer: str
    key: Key
    key_confidence: float
    given_key: Key
    keys: tuple[tuple[int, str], ...]
    meter: MeterEstimate
    given_meter: str
    tempo: TempoFacts
    duration: float
    bars: int
    notes: int
    chords: tuple[ChordFact, ...]
    chords_given: bool
    form: tuple[SectionFact, ...]
    phrases: tuple[PhraseFact, ...]
    texture: Texture
    measures: dict[str, float]

    @property
    def form_letters(self) -> str:
        """The letters in a row: ``"A A B A"``."""
        return " ".join(section.letter for section in self.form)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON; a measure without a value is None."""
        return {
            "title": self.title,
            "composer": self.composer,
            "key": self.key.name,
            "key_confidence": round(self.key_confidence, 3),
            "given_key": self.given_key.name,
            "keys": [{"bar": bar, "key": name} for bar, name in self.keys],
            "meter": f"{self.meter.numerator}/{self.meter.denominator}",
            "meter_confidence": round(self.meter.confidence, 3),
            "given_meter": self.given_meter,
            "tempo": _fields(self.tempo),
            "duration": round(self.duration, 3),
            "bars": self.bars,
            "notes": self.notes,
            "chords": [_fields(chord) for chord in self.chords],
            "chords_given": self.chords_given,
            "form": [_fields(section) for section in self.form],
            "form_letters": self.form_letters,
            "phrases": [_fields(phrase) for phrase in self.phrases],
            "parts": [_fields(part) for part in self.texture.parts],
            "texture": {
                "crossings": round(self.texture.crossings, 4),
                "collisions": round(self.texture.collisions, 4),
                "reachable": round(self.texture.reachable, 4),
                "stretches": [_fields(stretch) for stretch in self.texture.stretches],
            },
            "measures": {name: None if math.isnan(v) else round(v, 4) for name, v in self.measures.items()},
        }


def _fields(value: Any) -> dict[str, Any]:
    """The fields of a small frozen value by name, tuples as lists."""
    found = {name: getattr(value, name) for name in value.__slots__}
    return {name: list(v) if isinstance(v, tuple) else v for name, v in found.items()}


def analyze(score: Score) -> Facts:
    """All facts about a score.

    >>> analyze(Score()).form_letters
    ''
    """
    grid = Grid.of(score)
    heard = estimate_key(score)
    spans = infer_chords(score, key=heard.key)
    given = not spans and bool(score.chords)
    spans = spans or score.chords
    starts = grid.starts
    chords = []
    for span in spans:
        bar = grid.bars[_bar_at(grid, span.start)]
        symbol = span.chord.symbol(heard.key.fifths) if span.chord else "N.C."
        beat = round((span.start - bar.start) / 24 + 1, 3)
        chords.append(ChordFact(bar.index + 1, beat, round(span.duration / 24, 3), symbol))
    sections = segment(score)
    texture = describe(score, sections)
    form = [
        SectionFact(
            section.letter,
            section.kind,
            _bar_at(grid, section.start) + 1,
            _bar_at(grid, section.start + section.duration - 1) + 1,
            rows,
        )
        for section, rows in zip(sections, texture.active)
    ]
    found = []
    for phrase in phrases(score):
        first, last = _bar_at(grid, phrase.start), _bar_at(grid, phrase.end - 1)
        found.append(PhraseFact(first + 1, last + 1, phrase.notes, cadence(score, last, spans, heard.key)))
    keys = tuple((_bar_at(grid, change.tick) + 1, change.key.name) for change in local_keys(score))
    meter = score.meters[0]
    return Facts(
        title=score.title,
        composer=score.composer,
        key=heard.key,
        key_confidence=heard.confidence,
        given_key=score.keys[0].key,
        keys=keys,
        meter=estimate_meter(score),
        given_meter=f"{meter.numerator}/{meter.denominator}",
        tempo=estimate_tempo(score),
        duration=score.duration if score.last_tick else 0.0,
        bars=len(starts) if score.last_tick else 0,
        notes=score.note_count,
        chords=tuple(chords),
        chords_given=given,
        form=tuple(form),
        phrases=tuple(found),
        texture=texture,
        measures=measure(score),
    )


def _bar_at(grid: Grid, tick: int) -> int:
    """Index of the bar that holds a tick (the last one for a tick past the end)."""
    low, high = 0, len(grid.bars) - 1
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if grid.bars[middle].start <= tick else (low, middle - 1)
    return low
