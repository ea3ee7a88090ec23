"""Numbered notation (简谱) of a tune: its digits, lines, dots and dashes, bar by bar, before they are drawn.

1 to 7 are the degrees of the major scale of the key signature, so that minor keys have 6 as their
tonic, as Chinese practice has it. A plain digit lasts a quarter; each line under it halves that, a
dot adds half, a dash goes on for another quarter. Dots over and under a digit are octaves.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from yuefu.score.metric_grid import bar_tree, find_triplets, split_duration
from yuefu.score.model import TICKS_PER_QUARTER, Bar, MeterChange, Notes, Part, Score, Syllable
from yuefu.score.musicxml_voice import BarGrid, bar_grid
from yuefu.score.spelling import signature_alter
from yuefu.score.tune import lead_sheet, single_line, sung_part
from yuefu.score.verses import Repeat, folded_verses
from yuefu.theory.key import MAJOR, Key
from yuefu.theory.pitch import STEPS, spell

REST = 0
DASH = -1
#: Lines under a digit and dashes after it, by note type.
_LINES = {"eighth": 1, "16th": 2, "32nd": 3, "64th": 4}
_QUARTERS = {"quarter": 1, "half": 2, "whole": 4, "breve": 8}
#: The octave of a plain 1 begins within these pitches: A3 to G sharp 4.
_LOWEST_DO = 57
_ACCIDENTALS = {-1: "b", 0: "n", 1: "#"}


@dataclass(frozen=True, slots=True)
class Word:
    """A syllable as printed under a digit. goes_on: its word does, a hyphen follows."""

    verse: int
    text: str
    goes_on: bool = False
    line_end: bool = False


@dataclass(frozen=True, slots=True)
class Sign:
    """A digit, a rest (degree 0) or a dash (degree -1).

    start, duration: in ticks; octave: dots above (or, negative, below); accidental: ``"#"``, ``"b"``,
    ``"n"`` or none; lines: under the digit; group: digits of one number share their lines; triplet:
    the start of its group of three, None outside one; tied: goes on in the next digit; slur_start,
    slur_stop: a curve over notes that share a syllable.
    """

    start: int
    duration: int
    degree: int
    octave: int = 0
    accidental: str = ""
    lines: int = 0
    dots: int = 0
    group: int = 0
    triplet: int | None = None
    tied: bool = False
    slur_start: bool = False
    slur_stop: bool = False
    note_id: int = 0
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """A new key, metre or tempo from a tick on; the others are None."""

    tick: int
    key: Key | None = None
    meter: tuple[int, int] | None = None
    bpm: float | None = None


@dataclass(frozen=True, slots=True)
class JianpuBar:
    """A bar. chords: (tick, symbol); label: letter and kind of the section that begins here.

    line: the bar line at its end, ``"single"``, ``"double"`` or ``"final"``; opens, closes: repeat signs
    at its start and end; ending: the numbers of a first or second ending that it is in;
    ending_start, ending_stop: where the bracket begins and ends.
    """

    bar: Bar
    signs: tuple[Sign, ...]
    chords: tuple[tuple[int, str], ...] = ()
    changes: tuple[Change, ...] = ()
    label: tuple[str, str] = ("", "")
    line: str = "single"
    opens: bool = False
    closes: bool = False
    ending: tuple[int, ...] = ()
    ending_start: bool = False
    ending_stop: bool = False


@dataclass(frozen=True, slots=True)
class Jianpu:
    """A tune in numbered notation. octave: of a plain 1, None when it is the usual one for the key."""

    title: str
    composer: str
    lyricist: str
    key: Key
    meter: tuple[int, int]
    bpm: float
    octave: int | None
    verses: tuple[int, ...]
    bars: tuple[JianpuBar, ...] = field(default=())


def usual_do(key: Key) -> int:
    """The pitch of a plain 1: the tonic of the major key, from A3 to G sharp 4.

    >>> usual_do(Key(0)), usual_do(Key(2)), usual_do(Key(0, "minor")), usual_do(Key(-2))
    (60, 62, 60, 58)
    """
    return _LOWEST_DO + (key.fifths * 7 - _LOWEST_DO) % 12


def digit_of(pitch: int, key: Key, shift: int = 0) -> tuple[int, int, int]:
    """Degree 1-7, octave dots (below: negative) and alteration in semitones of a MIDI pitch.

    shift: octaves that a plain 1 lies over its usual place.

    >>> digit_of(66, Key(2)), digit_of(56, Key(0, "minor")), digit_of(74, Key(2))
    ((3, 0, 0), (5, -1, 1), (1, 1, 0))
    """
    do = usual_do(key) + 12 * shift
    do_step, do_alter = spell(do % 12, key.fifths)
    step, alter = spell(pitch % 12, key.fifths)
    place = (pitch - alter) // 12 * 7 + STEPS.index(step)
    home = (do - do_alter) // 12 * 7 + STEPS.index(do_step)
    octave, degree = divmod(place - home, 7)
    return degree + 1, octave, alter - signature_alter(step, key.fifths)


def pitch_of(degree: int, octave: int, alter: int, key: Key, shift: int = 0) -> int:
    """The MIDI pitch of a digit: ``digit_of`` undone."""
    return usual_do(key) + 12 * (shift + octave) + MAJOR[degree - 1] + alter


def jianpu_of(score: Score, part: str = "", repeats: Sequence[Repeat] = ()) -> Jianpu:
    """A part of a score in numbered notation.

    part: its name, id or role, else the sung part; repeats: of a score whose verses were folded.
    Chords are cut down to their highest note. Raises what ``sung_part`` raises.
    """
    line = single_line(sung_part(score, part))
    shift = _best_shift(score, line.notes)
    writer = _Writer(score, line, shift)
    bars = []
    for bar in score.bars:
        found = JianpuBar(
            bar, writer.signs(bar), _chords_in(score, bar), _changes_in(score, bar), _label_at(score, bar)
        )
        bars.append(_lined(found, score, repeats))
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


def is_compound(numerator: int, denominator: int) -> bool:
    """Whether a beat is a dotted note: 6/8, 9/8, 12/8, 3/8."""
    return denominator >= 8 and numerator % 3 == 0


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
    if is_compound(bar.numerator, bar.denominator):
        return place // (TICKS_PER_QUARTER * 12 // bar.denominator)
    if bar.denominator <= 4:
        return place // TICKS_PER_QUARTER
    spans = bar_tree(bar.numerator, bar.denominator).children
    return next((index for index, span in enumerate(spans) if place < span.end), len(spans))


def _chords_in(score: Score, bar: Bar) -> tuple[tuple[int, str], ...]:
    """The chord symbols that begin in a bar, a chord that only goes on left out."""
    found = []
    spans = sorted(score.chords, key=lambda span: span.start)
    for before, span in zip([None, *spans], spans):
        if not bar.start <= span.start < bar.end:
            continue
        name = span.chord.symbol(score.key_at(span.start).fifths) if span.chord else "N.C."
        goes_on = before is not None and before.chord == span.chord and before.start + before.duration == span.start
        if not goes_on or span.start == bar.start:
            found.append((span.start, name))
    return tuple(found)


def _changes_in(score: Score, bar: Bar) -> tuple[Change, ...]:
    found = [Change(c.tick, key=c.key) for c in score.keys if c.tick]
    found += [Change(c.tick, meter=(c.numerator, c.denominator)) for c in score.meters if c.tick]
    found += [Change(c.tick, bpm=c.bpm) for c in score.tempos if c.tick]
    return tuple(sorted((c for c in found if bar.start <= c.tick < bar.end), key=lambda change: change.tick))


def _label_at(score: Score, bar: Bar) -> tuple[str, str]:
    """Letter and kind of the section that begins in a bar."""
    return next(((s.letter, s.kind) for s in score.sections if bar.start <= s.start < bar.end), ("", ""))


def _lined(found: JianpuBar, score: Score, repeats: Sequence[Repeat]) -> JianpuBar:
    """A bar with its bar lines, repeat signs and endings."""
    bar = found.bar
    line = "single"
    if bar.end >= score.end_tick:
        line = "final"
    elif any(section.start == bar.end for section in score.sections):
        line = "double"
    ending = next((e for repeat in repeats for e in repeat.endings if e.start <= bar.start < e.end), None)
    return replace(
        found,
        line=line,
        opens=any(repeat.start == bar.start for repeat in repeats),
        closes=any(bar.end in repeat.closing_ticks for repeat in repeats),
        ending=ending.numbers if ending else (),
        ending_start=ending is not None and ending.start == bar.start,
        ending_stop=ending is not None and ending.end == bar.end,
    )


__all__ = [
    "DASH", "REST", "Change", "Jianpu", "JianpuBar", "MeterChange", "Sign", "Word", "digit_of", "folded_jianpu",
    "is_compound", "jianpu_of", "pitch_of", "usual_do",
]  # fmt: skip
