"""A score's tune in numbered notation (简谱): bars of signs, and what stands over them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from yuefu.score.graces import without_graces
from yuefu.score.jianpu_signs import (
    DASH,
    REST,
    Change,
    Jianpu,
    JianpuBar,
    Sign,
    Word,
    digit_of,
    is_compound,
    usual_do,
)  # fmt: skip
from yuefu.score.metric_grid import bar_tree, find_triplets, split_duration
from yuefu.score.model import TICKS_PER_QUARTER, Bar, Notes, Part, Score, Syllable
from yuefu.score.musicxml_voice import BarGrid, bar_grid
from yuefu.score.tune import lead_sheet, single_line, sung_part
from yuefu.score.verses import Repeat, folded_verses

#: Lines under a digit and dashes after it, by note type.
_LINES = {"eighth": 1, "16th": 2, "32nd": 3, "64th": 4}
_QUARTERS = {"quarter": 1, "half": 2, "whole": 4, "breve": 8}
_ACCIDENTALS = {-1: "b", 0: "n", 1: "#"}


def jianpu_of(score: Score, part: str = "", repeats: Sequence[Repeat] = ()) -> Jianpu:
    """A part of a score in numbered notation.

    part: its name, id or role, else the sung part; repeats: of a score whose verses were folded.
    Chords are cut down to their highest note. Raises what ``sung_part`` raises.
    """
    score = without_graces(score)
    line = single_line(sung_part(score, part))
    shift = _best_shift(score, line.notes)
    writer = _Writer(score, line, shift)
    marks = _Marks(score)
    starts = {section.start for section in score.sections}
    bars = [_lined(marks.bar(bar, writer.signs(bar)), score, repeats, starts) for bar in score.bars]
    lyricist = score.metadata.get("lyricist")
    meter = score.meter_at(0)
    return Jianpu(
        title=" ".join(score.title.split()),
        composer=" ".join(score.composer.split()),
        lyricist=" ".join(lyricist.split()) if isinstance(lyricist, str) else "",
        key=score.key_at(0),
        meter=(meter.numerator, meter.denominator),
        bpm=score.tempo_at(0),
        octave=None if not shift else (usual_do(score.key_at(0)) + 12 * shift) // 12 - 1,
        verses=tuple(sorted({syllable.verse for syllable in line.syllables})),
        bars=tuple(bars),
    )


def folded_jianpu(score: Score, part: str = "") -> Jianpu:
    """A part in numbered notation, verses with the same melody under one (see ``folded_verses``)."""
    folded, repeats = folded_verses(lead_sheet(score, part))
    return jianpu_of(folded, repeats=repeats)


def _best_shift(score: Score, notes: Notes) -> int:
    """Octaves from the usual place of 1 to where it needs the fewest dots, if nearly every note had one otherwise."""

    def dots(shift: int) -> int:
        return sum(
            abs(digit_of(pitch, score.key_at(start), shift)[1])
            for start, pitch in zip(notes["start"].tolist(), notes["pitch"].tolist())
        )

    if dots(0) * 4 <= len(notes) * 3:
        return 0
    return min(range(-5, 6), key=lambda shift: (dots(shift), abs(shift), shift))


class _Writer:
    """Writes one voice, and keeps what is told once: accidentals of the bar, ties, who holds a syllable."""

    def __init__(self, score: Score, line: Part, shift: int) -> None:
        self.score = score
        self.shift = shift
        self.rows: list[tuple[int, int, int, int]] = [
            (start, start + duration, pitch, identity) for identity, start, duration, pitch, _ in line.notes.tolist()
        ]
        self.words: dict[int, list[Syllable]] = {}
        for syllable in line.syllables:
            self.words.setdefault(syllable.note_id, []).append(syllable)
        self.slurs = _slurs(self.rows, set(self.words))
        self.keys = {change.tick for change in score.keys}

    def signs(self, bar: Bar) -> tuple[Sign, ...]:
        """The signs that fill a bar."""
        grid = bar_grid(bar, bar.index == 0 and self.score.pickup > 0)
        stretches: list[tuple[int, int, tuple[int, int, int, int] | None]] = []
        tick = bar.start
        for row in self.rows[bisect_right(self.rows, bar.start, key=lambda row: row[1]) :]:
            if row[0] >= bar.end:
                break
            start, end = max(row[0], bar.start), min(row[1], bar.end)
            if start > tick:
                stretches.append((tick, start, None))
            stretches.append((start, end, row))
            tick = end
        if tick < bar.end:
            stretches.append((tick, bar.end, None))
        bounds = {grid.place(at) for start, end, _ in stretches for at in (start, end)}
        triplets = find_triplets(grid.tree, bounds)
        signs: list[Sign] = []
        heard: dict[tuple[int, int], int] = {}
        for start, end, sounding in stretches:
            pieces = split_duration(grid.tree, grid.place(start), grid.place(end), triplets, rest=sounding is None)
            for piece in pieces:
                at = piece.start + bar.start - grid.origin
                name, dots = piece.type_and_dots
                cell = None if piece.triplet is None else piece.triplet[0] + bar.start - grid.origin
                for begin, length, value, dotted in _values(at, piece.duration, name, dots, bar, cell is not None):
                    sign = Sign(begin, length, REST, lines=_LINES.get(value, 0), dots=dotted, triplet=cell)
                    sign = replace(sign, group=_group(grid, grid.place(begin), sign.triplet))
                    count = _QUARTERS.get(value, 1)
                    if count > 1:
                        sign, count = replace(sign, dots=0), count + count // 2 * dotted
                    if sounding is not None:
                        sign = self._pitched(sign, sounding, heard)
                    signs += _spread(sign, count, sounding is not None)
        return tuple(signs)

    def _pitched(self, sign: Sign, row: tuple[int, int, int, int], heard: dict[tuple[int, int], int]) -> Sign:
        """A sign with its digit, its tie, its curve and its words."""
        start, end, pitch, identity = row
        key = self.score.key_at(sign.start)
        degree, octave, alter = digit_of(pitch, key, self.shift)
        continued = sign.start > start and not any(start < tick <= sign.start for tick in self.keys)
        accidental = ""
        if sign.start in self.keys:
            heard.clear()
        if not continued:
            if heard.get((degree, octave), 0) != alter:
                accidental = _ACCIDENTALS[alter]
            heard[degree, octave] = alter
        first, last = sign.start == start, sign.start + sign.duration >= end
        words = self.words.get(identity, []) if first else []
        return replace(
            sign,
            degree=degree,
            octave=octave,
            accidental=accidental,
            tied=not last,
            slur_start=first and self.slurs.get(identity) == "start",
            slur_stop=last and self.slurs.get(identity) == "stop",
            note_id=identity,
            words=_printed(words),
        )


def _printed(syllables: Sequence[Syllable]) -> tuple[Word, ...]:
    """The words of one digit, a row each; two syllables of one verse on a note are one."""
    found: dict[int, Word] = {}
    for syllable in sorted(syllables, key=lambda s: s.verse):
        text = " ".join(syllable.text.split())
        if text:
            known = found.get(syllable.verse)
            text = text if known is None else f"{known.text} {text}"
            goes_on = syllable.syllabic in ("begin", "middle")
            found[syllable.verse] = Word(syllable.verse, text, goes_on, syllable.line_end)
    return tuple(found.values())


def _slurs(rows: Sequence[tuple[int, int, int, int]], sung: set[int]) -> dict[int, str]:
    """Note id -> ``"start"`` or ``"stop"`` of the curves over notes that share a syllable."""
    found: dict[int, str] = {}
    run: list[int] = []

    def close() -> None:
        if len(run) > 1:
            found[run[0]], found[run[-1]] = "start", "stop"
        run.clear()

    silence = -1
    for start, end, _, identity in rows if sung else ():
        if identity in sung or start > silence:
            close()
        if identity in sung or run:
            run.append(identity)
        silence = end
    close()
    return found


def _values(
    start: int, duration: int, name: str, dots: int, bar: Bar, triplet: bool
) -> list[tuple[int, int, str, int]]:
    """(start, duration, note type, dots) of a written value; in compound time no value is longer than a beat."""
    if name in _LINES or name == "quarter" or triplet or not is_compound(bar.numerator, bar.denominator):
        return [(start, duration, name, dots)]
    beat = TICKS_PER_QUARTER * 3 // 2
    if duration % beat:
        return [(start, duration, name, dots)]
    return [(start + at, beat, "quarter", 1) for at in range(0, duration, beat)]


def _spread(sign: Sign, count: int, sounding: bool) -> list[Sign]:
    """A digit with the dashes that lengthen it, or as many rests; words and ties as they belong."""
    if count == 1:
        return [sign]
    each = sign.duration // count
    rest = [replace(sign, start=sign.start + i * each, duration=each) for i in range(count)]
    if not sounding:
        return rest
    dash = Sign(0, each, DASH, group=sign.group, triplet=sign.triplet, note_id=sign.note_id)
    # The curve of a tie or slur leaves from the digit, so that the dashes carry nothing.
    return [rest[0], *(replace(dash, start=one.start) for one in rest[1:])]


def _group(grid: BarGrid, place: int, triplet: int | None) -> int:
    """The number of the beat that a sign shares its lines with."""
    if triplet is not None:
        return 100_000 + triplet
    bar = grid.bar
    if is_compound(bar.numerator, bar.denominator) and not bar.grouping:
        return place // (TICKS_PER_QUARTER * 12 // bar.denominator)
    if bar.denominator <= 4 and not bar.grouping:
        return place // TICKS_PER_QUARTER
    spans = bar_tree(bar.numerator, bar.denominator, bar.grouping).children
    return next((index for index, span in enumerate(spans) if place < span.end), len(spans))


class _Marks:
    """What stands over the bars: found once, and handed out bar by bar."""

    def __init__(self, score: Score) -> None:
        self.chords: list[tuple[int, str]] = []
        starts = {bar.start for bar in score.bars}
        spans = sorted(score.chords, key=lambda span: span.start)
        for before, span in zip([None, *spans], spans):
            goes_on = before is not None and before.chord == span.chord and before.start + before.duration == span.start
            if not goes_on or span.start in starts:  # a chord that only goes on is said again at a bar's start alone
                name = span.chord.symbol(score.key_at(span.start).fifths) if span.chord else "N.C."
                self.chords.append((span.start, name))
        changes = [Change(c.tick, key=c.key) for c in score.keys if c.tick]
        changes += [Change(c.tick, meter=(c.numerator, c.denominator)) for c in score.meters if c.tick]
        changes += [Change(c.tick, bpm=c.bpm) for c in score.tempos if c.tick]
        self.changes = sorted(changes, key=lambda change: change.tick)
        self.sections = sorted(score.sections, key=lambda section: section.start)

    def bar(self, bar: Bar, signs: tuple[Sign, ...]) -> JianpuBar:
        """The bar with its signs and with the chords, changes and the section that begin in it."""
        chords = self.chords[_at(self.chords, bar.start, lambda c: c[0]) : _at(self.chords, bar.end, lambda c: c[0])]
        first, last = (_at(self.changes, tick, lambda change: change.tick) for tick in (bar.start, bar.end))
        section = self.sections[_at(self.sections, bar.start, lambda s: s.start) :][:1]
        label = ("", "")
        if section and section[0].start < bar.end:
            label = (section[0].letter, section[0].kind)
        return JianpuBar(bar, signs, tuple(chords), tuple(self.changes[first:last]), label)


def _at(items: Sequence[Any], tick: int, key: Callable[[Any], int]) -> int:
    return bisect_left(items, tick, key=key)


def _lined(found: JianpuBar, score: Score, repeats: Sequence[Repeat], section_starts: set[int]) -> JianpuBar:
    """A bar with its bar lines, repeat signs and endings."""
    bar = found.bar
    line = "single"
    if bar.end >= score.end_tick:
        line = "final"
    elif bar.end in section_starts:
        line = "double"
    closing = next((repeat for repeat in repeats if bar.end in repeat.closing_ticks), None)
    ending = next((e for repeat in repeats for e in repeat.endings if e.start <= bar.start < e.end), None)
    return replace(
        found,
        line=line,
        opens=any(repeat.start == bar.start for repeat in repeats),
        closes=closing is not None,
        times=closing.times if closing is not None and not closing.endings else 2,
        ending=ending.numbers if ending else (),
        ending_start=ending is not None and ending.start == bar.start,
        ending_stop=ending is not None and ending.end == bar.end,
    )
