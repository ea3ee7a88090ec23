"""A score laid out for finding ideas: its tune, bass, drums and accompaniment, its chords, bar by bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from yuefu.analysis.chords import infer_chords
from yuefu.analysis.form import segment
from yuefu.analysis.key import estimate_key, local_keys
from yuefu.analysis.lines import melody_line, rows_of
from yuefu.corpus.clean import window
from yuefu.corpus.lines import bass_line, top_line, without
from yuefu.inspire.idea import Source
from yuefu.inspire.making import IdeaChord, IdeaNote
from yuefu.inspire.numerals import roman_of, symbol_in
from yuefu.score.model import TICKS_PER_QUARTER, Bar, ChordSpan, KeyChange, Notes, Score, Section, make_notes
from yuefu.theory.chord import Chord
from yuefu.theory.key import Key

#: Notes of a tune, and bars, beyond which a piece isn't read.
MOST_NOTES, MOST_BARS = 6000, 1200
#: Onsets this near to one another, in ticks, are at the same place.
GRAIN = 3
#: From so much of its chords' tones on, a stretch is in the piece's own key.
HOME = 0.8
ACCOMPANYING = ("keys", "pad", "inner", "counter")


@dataclass(frozen=True, eq=False)
class Material:
    """What ideas are found in. bars: of the score; key, tempo, style: of the whole piece; melody, bass, drums,
    band: the notes of each, by start; chords: written or heard; sections: written or found."""

    score: Score
    source: Source
    bars: tuple[Bar, ...]
    key: Key
    tempo: float
    style: str
    melody: Notes
    bass: Notes
    drums: Notes
    band: dict[str, Notes]
    chords: tuple[ChordSpan, ...]
    sections: tuple[Section, ...]
    starts: np.ndarray = field(repr=False)

    def bar_of(self, tick: int) -> int:
        """The bar that a tick lies in; one just before a bar line belongs after it."""
        found = int(np.searchsorted(self.starts, tick + GRAIN, side="right")) - 1
        return min(max(found, 0), len(self.bars) - 1)

    def number(self, bar: int) -> int:
        """A bar's number as musicians count."""
        return bar + (0 if self.score.pickup else 1)

    def whole(self, first: int, count: int) -> bool:
        """Whether some bars are there, full, and of one metre."""
        if first < 0 or first + count > len(self.bars):
            return False
        own = self.bars[first : first + count]
        meter = own[0].numerator, own[0].denominator
        return all((bar.numerator, bar.denominator) == meter and bar.duration == full(bar) for bar in own)

    def place(self, first: int, count: int) -> Source:
        """The source, with bars."""
        return replace(self.source, bars=(self.number(first), self.number(first + count - 1)))

    def meter(self, bar: int) -> str:
        """The metre of a bar."""
        return f"{self.bars[bar].numerator}/{self.bars[bar].denominator}"

    def cut(self, row: str, notes: Notes, first: int, count: int) -> list[IdeaNote]:
        """The notes that begin in some bars, as an idea holds them; they end with its last bar."""
        start, end = self.bars[first].start, self.bars[first + count - 1].end
        inside = notes[(notes["start"] >= start - GRAIN) & (notes["start"] < end - GRAIN)]
        return self.told(row, inside, start, end)

    def told(self, row: str, notes: Notes, start: int, end: int) -> list[IdeaNote]:
        """Notes as an idea that begins at a tick holds them."""
        found = []
        for tick, length, pitch, loud in zip(*(notes[name].tolist() for name in _COLUMNS)):
            at = max(snapped(tick - start), 0)
            lasts = min(max(length, 1), end - start - at)
            found.append((row, at / TICKS_PER_QUARTER, max(lasts, 1) / TICKS_PER_QUARTER, pitch, max(loud, 1)))
        return found

    @cached_property
    def passing(self) -> tuple[KeyChange, ...]:
        """The keys that the piece passes through: its own changes, else those that are heard."""
        return self.score.keys if len(self.score.keys) > 1 else local_keys(self.score)

    def key_in(self, first: int, count: int) -> Key:
        """The key of some bars: the piece's, but where their chords lie outside it and within one passed through."""
        start, end = self.bars[first].start, self.bars[first + count - 1].end
        inside = [(span.chord, span.duration) for span in self.chords
                  if span.chord is not None and span.start < end and span.start + span.duration > start]  # fmt: skip
        if not inside or _belonging(inside, self.key) >= HOME:
            return self.key
        here = [change.key for change in self.passing if change.tick < end][-1]
        return here if _belonging(inside, here) > _belonging(inside, self.key) + 0.1 else self.key

    def chords_in(self, first: int, count: int) -> list[IdeaChord]:
        """The chords that sound in some bars, with numerals."""
        start, end = self.bars[first].start, self.bars[first + count - 1].end
        key = self.key_in(first, count)
        found: list[IdeaChord] = []
        for span in self.chords:
            low, high = max(span.start, start), min(span.start + span.duration, end)
            if span.chord is None or high - low < 2 * GRAIN:
                continue
            told = roman_of(span.chord, key), symbol_in(span.chord, key)
            found.append(((low - start) / TICKS_PER_QUARTER, (high - low) / TICKS_PER_QUARTER, *told))
        return found


def _belonging(chords: Sequence[tuple[Chord, int]], key: Key) -> float:
    """The share of chord tones, by how long they sound, that lie in a key's scale."""
    total = sum(length for _, length in chords)
    own = sum(
        length * sum(tone in key.scale for tone in chord.pitch_classes) / len(chord.pitch_classes)
        for chord, length in chords
    )
    return own / total if total else 1.0


_COLUMNS = ("start", "duration", "pitch", "velocity")


def full(bar: Bar) -> int:
    """The length of a full bar of its metre."""
    return bar.numerator * TICKS_PER_QUARTER * 4 // bar.denominator


def snapped(tick: int) -> int:
    """The nearest place at which an onset is counted: eighths and sixths of a quarter.

    >>> snapped(5), snapped(7), snapped(23), snapped(16)
    (6, 6, 24, 16)
    """
    quarter, rest = divmod(tick, TICKS_PER_QUARTER)
    return quarter * TICKS_PER_QUARTER + min(_PLACES, key=lambda place: (abs(place - rest), place % 6))


_PLACES = (0, 6, 8, 12, 16, 18, 24)


def material_of(score: Score, source: Source) -> Material:
    """Lay a score out. A piece for a keyboard alone is taken apart: tune on top, bass below, the rest between."""
    if len(score.bars) > MOST_BARS:
        score = window(score, 0, score.bars[MOST_BARS - 1].end)
    rows = rows_of(score)
    drums = rows.pop("drums", make_notes())
    melody = _tune(rows, score)[:MOST_NOTES]
    key = _key_of(score)
    band = {row: without(notes, melody) for row, notes in rows.items() if row in ACCOMPANYING}
    bass = rows.get("bass", make_notes())
    if not len(bass):
        for row, notes in band.items():
            low = bass_line(notes)
            if len(low) > len(bass):
                bass = low
                band[row] = without(notes, low)
    chords = score.chords or infer_chords(score, key=key)
    sections = score.sections or segment(score)
    return Material(
        score=score, source=source, bars=score.bars, key=key, tempo=score.tempos[0].bpm,
        style=str(score.metadata.get("style", "")), melody=melody, bass=bass, drums=drums,
        band={row: notes for row, notes in band.items() if len(notes)}, chords=chords, sections=sections,
        starts=np.array([bar.start for bar in score.bars]),
    )  # fmt: skip


def _tune(rows: dict[str, Notes], score: Score) -> Notes:
    """The tune: of the row that has it, else on top of the highest one."""
    if "melody" in rows or not rows:
        return melody_line(score)
    highest = max(rows.values(), key=lambda notes: float(notes["pitch"].mean()))
    return top_line(highest, min(55, int(highest["pitch"].mean()) - 4))


def _key_of(score: Score) -> Key:
    """The key that a score tells, or the one heard; files often write a minor piece's signature as a major key."""
    heard = estimate_key(score).key
    told = score.keys[0].key
    if score.metadata.get("key_given") is False or told.fifths == heard.fifths:
        return heard
    return told


def by_bar(material: Material, notes: Notes) -> list[Notes]:
    """Notes by the bar that they begin in."""
    if not len(notes):
        return [notes] * len(material.bars)
    bars = np.searchsorted(material.starts, notes["start"] + GRAIN, side="right") - 1
    edges = np.searchsorted(bars, np.arange(len(material.bars) + 1))
    return [notes[a:b] for a, b in zip(edges[:-1].tolist(), edges[1:].tolist())]


def repeated(keys: Sequence[object], sizes: Sequence[int] = (2, 1)) -> list[tuple[int, int, int]]:
    """Patterns of whole bars that come back: (first bar, bars, times heard), the most heard first.

    keys: what each bar holds, None for nothing. A pattern of two equal bars is one of a single bar; of patterns that
    share their bars the longer is kept where it is heard half as often at least.

    >>> repeated(["a", "b", "a", "b", "c", "a", "b"])
    [(0, 2, 3), (4, 1, 1)]
    """
    found: list[tuple[float, int, int, int, frozenset[object]]] = []
    for size in sizes:
        where: dict[tuple[object, ...], list[int]] = {}
        for first in range(len(keys) - size + 1):
            held = tuple(keys[first : first + size])
            if None in held or (size > 1 and len(set(held)) == 1):
                continue
            places = where.setdefault(held, [])
            if not places or first >= places[-1] + size:
                places.append(first)
        for held, places in where.items():
            if size == 1 or len(places) > 1:
                found.append((len(places) * size**0.7, places[0], size, len(places), frozenset(held)))
    found.sort(key=lambda row: (-row[0], row[1], -row[2]))
    kept: list[tuple[int, int, int]] = []
    seen: set[object] = set()
    for _, first, size, count, cells in found:
        if cells <= seen:
            continue
        seen |= cells
        kept.append((first, size, count))
    return kept


def salience(heard: int, worth: float) -> float:
    """0..1 of how often something is heard and how much it is worth hearing.

    >>> salience(1, 1.0) < salience(4, 1.0), salience(4, 0.5) < salience(4, 1.0)
    (True, True)
    """
    return float(np.clip(worth, 0.0, 1.0) * (1.0 - 0.6 / max(heard, 1) ** 0.7))
