"""Verses under one melody: stretches that return note for note are written once, with repeat signs.

Careful by design: a stretch is folded only where pitches, rhythm, chords, keys, metres, tempi, the
names of the sections and the places of the syllables agree bar by bar. Only its last bars may
differ, which then are a first and a second ending.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from yuefu.score.model import Bar, Part, Score, Section, Syllable

#: Stretches shorter than this are written out.
_FEWEST_BARS = 4
#: The most bars of an ending.
_LONGEST_ENDING = 2


@dataclass(frozen=True, slots=True)
class Ending:
    """A stretch in ticks that is played on the passes ``numbers`` only."""

    start: int
    end: int
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A stretch in ticks that is played ``times`` times; endings: none, or all of its passes' in order."""

    start: int
    end: int
    times: int
    endings: tuple[Ending, ...] = ()

    @property
    def closing_ticks(self) -> tuple[int, ...]:
        """Where the signs stand that send back to the start."""
        return (self.end,) if not self.endings else tuple(ending.end for ending in self.endings[:-1])


@dataclass(frozen=True, slots=True)
class _Block:
    """Bars [first, first + length) and the passes after them; own: the last bars of the last pass that differ."""

    first: int
    length: int
    times: int
    own: int

    @property
    def saved(self) -> int:
        """Bars that need not be written."""
        return self.length * (self.times - 1) - self.own


def folded_verses(score: Score) -> tuple[Score, tuple[Repeat, ...]]:
    """The score with repeated stretches written once, and the repeats that play it out again.

    The words of the second pass become verse 2 under the first, and so on; words that every pass
    shares (a chorus) stand once. Where nothing repeats, or the score has several verses already, it
    is the same score and no repeats.
    """
    bars = score.bars
    if any(syllable.verse > 1 for part in score.parts for syllable in part.syllables):
        return score, ()
    looks = _looks(score, bars)
    free = _free_lines(score, bars)
    by_start = {bar.start: bar.index for bar in bars}
    starts = [by_start[s.start] for s in score.sections if s.start in by_start]
    ends = {s.start + s.duration for s in score.sections}
    stops = {*starts, *(bar.index + 1 for bar in bars if bar.end in ends), len(bars)}
    blocks: list[_Block] = []
    after = 0
    for first in starts:
        if first < after or first not in free:
            continue
        lengths = [stop - first for stop in sorted(stops) if _FEWEST_BARS <= stop - first <= (len(bars) - first) // 2]
        found = [_block(looks, first, length, free) for length in lengths]
        best = max((b for b in found if b), key=lambda b: (b.saved, -b.own, -b.length), default=None)
        if best is not None:
            blocks.append(best)
            after = best.first + best.length * best.times
    return _fold(score, bars, blocks) if blocks else (score, ())


def _looks(score: Score, bars: Sequence[Bar]) -> list[Any]:
    """What each bar holds, as a value that is the same for bars that can stand for each other."""
    events: list[list[Any]] = [[] for _ in bars]
    lines = [bar.start for bar in bars]

    def put(tick: int, *what: Any) -> None:
        index = max(bisect_left(lines, tick + 1) - 1, 0)
        events[index].append((tick - lines[index], *what))

    for number, part in enumerate(score.parts):
        sung = {syllable.note_id for syllable in part.syllables}
        for identity, start, duration, pitch, _ in part.notes.tolist():
            put(start, "note", number, duration, pitch, identity in sung)
    for span in score.chords:  # by what sounds in each bar: a chord may last into the next stretch
        for index in range(max(bisect_left(lines, span.start + 1) - 1, 0), len(lines)):
            start, end = max(span.start, lines[index]), min(span.start + span.duration, bars[index].end)
            if start >= end:
                break
            put(start, "chord", end - start, str(span.chord))
    for key in score.keys:
        put(key.tick, "key", str(key.key))
    for tempo in score.tempos:
        put(tempo.tick, "tempo", tempo.bpm)
    for section in score.sections:  # a verse isn't a chorus, whatever it sounds like
        put(section.start, "section", section.letter.rstrip("'"), section.kind)
    looks = []
    for bar, found in zip(bars, events):
        # Keys and tempi count by what is in force, so that the first bar's own aren't a difference.
        kept = sorted((e for e in found if not (e[0] == 0 and e[1] in ("key", "tempo"))), key=repr)
        state = (score.key_at(bar.start), score.tempo_at(bar.start), bar.duration, bar.numerator, bar.denominator)
        looks.append((state, tuple(kept)))
    return looks


def _free_lines(score: Score, bars: Sequence[Bar]) -> set[int]:
    """Indices of the bars at whose start (or, at last, after which) no note sounds on."""
    held: set[int] = set()
    lines = [bar.start for bar in bars] + [bars[-1].end]
    for part in score.parts:
        for start, duration in part.notes[["start", "duration"]].tolist():
            held.update(range(bisect_left(lines, start + 1), bisect_left(lines, start + duration)))
    return set(range(len(lines))) - held


def _block(looks: Sequence[Any], first: int, length: int, free: set[int]) -> _Block | None:
    """The passes of ``length`` bars from ``first`` on that can be written as one."""
    if not any(event[1] == "note" for _, kept in looks[first : first + length] for event in kept):
        return None
    times, own = 1, 0
    while own == 0 and (start := first + length * times) + length <= len(looks) and start + length in free:
        if start not in free:
            break
        differing = [i for i in range(length) if looks[first + i] != looks[start + i]]
        tail = length - differing[0] if differing else 0
        joint = start + length - tail
        if tail and (
            tail > min(_LONGEST_ENDING, length // 4) or joint not in free or first + length - tail not in free
        ):
            break
        if tail and any(looks[first + i][0] != looks[start + i][0] for i in range(length)):
            break
        own = tail
        times += 1
    return _Block(first, length, times, own) if times > 1 else None


def _fold(score: Score, bars: Sequence[Bar], blocks: Sequence[_Block]) -> tuple[Score, tuple[Repeat, ...]]:
    """Take out the later passes, and move what comes after them."""
    line = [bar.start for bar in bars] + [bars[-1].end]
    dropped: list[tuple[int, int]] = []
    for block in blocks:
        second = block.first + block.length
        dropped.append((line[second], line[block.first + block.length * block.times - block.own]))

    def moved(tick: int) -> int:
        return tick - sum(min(end, tick) - start for start, end in dropped if start < tick)

    def kept(tick: int) -> bool:
        return not any(start <= tick < end for start, end in dropped)

    parts = []
    for part in score.parts:
        stay = np.array([kept(start) for start in part.notes["start"].tolist()], dtype=bool)
        notes = part.notes[stay].copy()
        notes["start"] = [moved(start) for start in notes["start"].tolist()]
        words = _words(score, part, line, blocks)
        marks = tuple(replace(mark, tick=moved(mark.tick)) for mark in part.directions if kept(mark.tick))
        parts.append(replace(replace(part, directions=marks, syllables=words), notes=notes))
    repeats = []
    for block in blocks:
        start, stop = moved(line[block.first]), moved(line[block.first + block.length * block.times])
        endings: tuple[Ending, ...] = ()
        if block.own:
            middle = line[block.first + block.length]
            head = moved(line[block.first + block.length - block.own])
            endings = (
                Ending(head, moved(middle), tuple(range(1, block.times))),
                Ending(moved(middle), stop, (block.times,)),
            )
        repeats.append(Repeat(start, stop, block.times, endings))
    return replace(
        score,
        parts=tuple(parts),
        chords=tuple(
            replace(c, start=start, duration=end - start)
            for c in score.chords
            if (start := moved(c.start)) < (end := moved(c.start + c.duration))
        ),
        sections=_sections(score.sections, moved, kept),
        tempos=tuple(replace(c, tick=moved(c.tick)) for c in score.tempos if kept(c.tick)),
        keys=tuple(replace(c, tick=moved(c.tick)) for c in score.keys if kept(c.tick)),
        meters=tuple(replace(c, tick=moved(c.tick)) for c in score.meters if kept(c.tick)),
        length=moved(score.end_tick),
    ), tuple(repeats)


def _sections(sections: Sequence[Section], moved: Any, kept: Any) -> tuple[Section, ...]:
    """The sections that still begin, each as long as what is left up to the next or its end."""
    found = [(moved(s.start), moved(s.start + s.duration), s) for s in sections if kept(s.start)]
    return tuple(replace(section, start=start, duration=end - start) for start, end, section in found if end > start)


def _words(score: Score, part: Part, line: Sequence[int], blocks: Sequence[_Block]) -> tuple[Syllable, ...]:
    """The syllables, those of later passes as further verses on the notes of the first."""
    onset = {int(row["id"]): int(row["start"]) for row in part.notes}
    at: dict[int, int] = {}
    for identity, start, _, _, _ in part.notes.tolist():
        at.setdefault(start, identity)
    for syllable in part.syllables:  # of a chord, the note that has the words
        at[onset.get(syllable.note_id, -1)] = syllable.note_id
    words: list[Syllable] = []
    for syllable in part.syllables:
        tick = onset.get(syllable.note_id)
        if tick is None:
            continue
        place = next((b for b in blocks if line[b.first] <= tick < line[b.first + b.length * b.times]), None)
        if place is None:
            words.append(syllable)
            continue
        step = line[place.first + place.length] - line[place.first]
        turn, offset = divmod(tick - line[place.first], step)
        own = line[place.first + place.length * place.times - place.own]
        if tick >= own:
            words.append(syllable)  # the last ending's own words
        else:
            words.append(replace(syllable, note_id=at[line[place.first] + offset], verse=turn + 1))
    return _without_refrains(score, onset, words)


def _without_refrains(score: Score, onset: dict[int, int], words: list[Syllable]) -> tuple[Syllable, ...]:
    """Verses that say the same throughout a section stand there once."""
    spans = [(s.start, s.start + s.duration) for s in score.sections]
    by_place: dict[int, dict[int, list[Syllable]]] = {}
    for syllable in words:
        tick = onset[syllable.note_id]
        index = next((i for i, (start, end) in enumerate(spans) if start <= tick < end), -1)
        by_place.setdefault(index, {}).setdefault(syllable.verse, []).append(syllable)
    same: set[int] = set()
    for index, verses in by_place.items():
        said = [[(s.note_id, s.text) for s in sorted(own, key=lambda s: s.note_id)] for own in verses.values()]
        if len(said) > 1 and all(one == said[0] for one in said):
            same.add(index)
    kept = []
    for index, verses in by_place.items():
        for verse, own in verses.items():
            if index not in same or verse == min(verses):
                kept += own
    return tuple(sorted(kept, key=lambda s: (onset[s.note_id], s.verse)))
