"""Where the signs of numbered notation stand: widths of bars, lines of bars, room above and below.

All lengths are hundredths of a millimetre. Across, a sign takes room by its duration and whatever
its digit, its words and its chord need; bars are gathered into lines of like density that begin, if
they can, where a section does, and each line is then stretched to the full width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from yuefu.page.fonts import text_width
from yuefu.score.jianpu_signs import DASH, Change, Jianpu, JianpuBar, Sign, Word
from yuefu.score.model import TICKS_PER_QUARTER

DIGIT, WORD, CHORD = 600.0, 430.0, 350.0
HALF = 150.0  # half a digit's width
#: A digit's top above its baseline; a dot's step upwards or downwards; a line's step.
TOP, DOT_STEP, LINE_STEP = 400.0, 135.0, 95.0
FIRST_LINE = 115.0
WIDTH = 17600.0
#: A line is stretched by this at most.
LOOSEST = 2.4
_PAD = 330.0
_PUNCTUATION = "，。、；：？！…—,.;:?!\"'”’」』）)"
_OPENING = '“‘「『（("'


@dataclass(slots=True)
class Placed:
    """A sign with the x of its middle."""

    sign: Sign
    x: float


@dataclass(slots=True)
class LaidBar:
    """A bar: its signs, its chords (x, symbol), what changes in it (x, change), its left edge and width."""

    bar: JianpuBar
    signs: list[Placed] = field(default_factory=list)
    chords: list[tuple[float, str]] = field(default_factory=list)
    changes: list[tuple[float, Change]] = field(default_factory=list)
    width: float = 0.0
    left: float = 0.0

    def move(self, left: float, stretch: float) -> None:
        """Put the bar at its place in a line."""
        for placed in self.signs:
            placed.x = left + placed.x * stretch
        self.chords = [(left + x * stretch, name) for x, name in self.chords]
        self.changes = [(left + x * stretch, change) for x, change in self.changes]
        self.width *= stretch
        self.left = left


@dataclass(slots=True)
class Line:
    """A line of bars. above, below: room that the digits need over and under their baseline."""

    bars: list[LaidBar]
    above: float = TOP
    below: float = 0.0
    verses: tuple[int, ...] = ()
    has_chords: bool = False
    has_marks: bool = False
    has_endings: bool = False

    @property
    def signs(self) -> list[Placed]:
        """All signs of the line."""
        return [placed for bar in self.bars for placed in bar.signs]


def lay_out(sheet: Jianpu) -> tuple[list[Line], float]:
    """The lines of a sheet, placed across from 0 to ``WIDTH``, and the scale that the widest bar forces (1 or less)."""
    bars = [_laid(bar) for bar in sheet.bars]
    scale = min(1.0, WIDTH / max(bar.width for bar in bars))
    width = WIDTH / scale
    lines = []
    cuts = _cuts([bar.width for bar in bars], [any(bar.bar.label) for bar in bars], _counts(sheet), width)
    for first, last in pairwise(cuts):
        members = bars[first:last]
        natural = sum(bar.width for bar in members)
        left = 0.0
        for bar in members:
            stretch = min(width / natural, LOOSEST)
            bar.move(left, stretch)
            left += bar.width
        lines.append(_measured(Line(members)))
    return lines, scale


def core(text: str) -> tuple[str, str, str]:
    """A syllable's opening marks, the letters that are centred under the digit, and its closing marks.

    >>> core("“光，"), core("don't"), core("…")
    (('“', '光', '，'), ('', "don't", ''), ('', '…', ''))
    """
    inner = text.lstrip(_OPENING)
    before = text[: len(text) - len(inner)]
    word = inner.rstrip(_PUNCTUATION)
    return (before, word, inner[len(word) :]) if word else ("", text, "")


def word_extent(word: Word) -> tuple[float, float]:
    """How far a syllable reaches to the left and to the right of its digit's middle."""
    before, middle, after = core(word.text)
    half = text_width(middle) * WORD / 2
    return half + text_width(before) * WORD, half + text_width(after) * WORD


def _laid(bar: JianpuBar) -> LaidBar:
    """A bar at its natural width."""
    laid = LaidBar(bar)
    chords, changes = list(bar.chords), list(bar.changes)
    x = 0.0
    digit_right = -_PAD + 60 + (260 if bar.opens else 0)
    word_right: dict[int, float] = {}
    chord_right = -100.0
    for index, sign in enumerate(bar.signs):
        natural = x if index else _PAD + (260 if bar.opens else 0)
        while changes and changes[0].tick <= sign.start:
            change = changes.pop(0)
            if change.meter is not None:
                laid.changes.append((max(digit_right + 380, natural - 60), change))
                digit_right = laid.changes[-1][0] + 220
            else:
                laid.changes.append((natural, change))
        left = HALF + (190 if sign.accidental else 0) + (40 if sign.slur_start else 0)
        at = max(natural, digit_right + left + 60)
        for word in sign.words:
            before, _ = word_extent(word)
            at = max(at, word_right.get(word.verse, 20.0) + before)
        names = []
        while chords and chords[0][0] < sign.start + sign.duration:
            names.append(chords.pop(0)[1])
        if names:
            at = max(at, chord_right + HALF + 130)
            chord_right = at - HALF + text_width(names[-1]) * CHORD
            laid.chords.append((at, names[-1]))
        laid.signs.append(Placed(sign, at))
        digit_right = at + HALF + 115 * sign.dots
        for word in sign.words:
            _, after = word_extent(word)
            latin = word.text.isascii()
            gap = 330.0 if word.goes_on else 150.0 if latin else 45.0
            word_right[word.verse] = at + after + gap
        x = at + 260.0 + 480.0 * (sign.duration / TICKS_PER_QUARTER) ** 0.6
    words_right = max(word_right.values(), default=0.0)
    end = max(x - 150.0, digit_right + 200.0, chord_right + 60.0, words_right - 20.0, 900.0)
    laid.width = end + (260 if bar.closes else 0)
    return laid


def _counts(sheet: Jianpu) -> list[int]:
    """1 for each full bar, 0 for a pick-up."""
    return [0 if index == 0 and bar.bar.duration < _full(bar) else 1 for index, bar in enumerate(sheet.bars)]


def _full(bar: JianpuBar) -> int:
    return bar.bar.numerator * TICKS_PER_QUARTER * 4 // bar.bar.denominator


def _cuts(widths: Sequence[float], begins: Sequence[bool], counts: Sequence[int], width: float) -> list[int]:
    """The indices at which lines begin, and the end: the way that costs least over the whole piece."""
    total = len(widths)
    best: list[tuple[float, int]] = [(0.0, 0)] + [(float("inf"), 0)] * total
    for stop in range(1, total + 1):
        natural = 0.0
        inside = 0
        for first in range(stop - 1, -1, -1):
            natural += widths[first]
            if natural > width * 1.0001 and stop - first > 1:
                break
            cost = best[first][0] + _cost(natural / width, sum(counts[first:stop]), inside, stop == total)
            if cost < best[stop][0]:
                best[stop] = (cost, first)
            inside += begins[first]
    cuts = [total]
    while cuts[-1]:
        cuts.append(best[cuts[-1]][1])
    return cuts[::-1]


def _cost(fill: float, bars: int, sections_inside: int, is_last: bool) -> float:
    """How badly a line looks: loose, with an odd number of bars, with a section in its middle."""
    loose = 0.0 if is_last and fill > 0.4 else (1.0 / max(fill, 0.05) - 1.0) ** 2
    uneven = {4: 0.0, 8: 0.3, 2: 0.25, 1: 0.6}.get(bars, 0.8)
    return 0.35 + min(loose, 9.0) * 0.6 + uneven + 0.9 * sections_inside


def _measured(line: Line) -> Line:
    """The line with the room that it needs above and below."""
    above, below = TOP + 40, FIRST_LINE
    for placed in line.signs:
        sign = placed.sign
        if sign.degree == DASH:
            continue
        top = TOP + DOT_STEP * max(sign.octave, 0)
        if sign.tied or sign.slur_start or sign.slur_stop:
            top += 260.0
        if sign.triplet is not None:
            top += 330.0
        above = max(above, top)
        below = max(below, FIRST_LINE + LINE_STEP * sign.lines + DOT_STEP * max(-sign.octave, 0))
    line.above, line.below = above, below
    line.verses = tuple(sorted({word.verse for placed in line.signs for word in placed.sign.words}))
    line.has_chords = any(bar.chords for bar in line.bars)
    line.has_marks = any(
        any(bar.bar.label) or any(change.meter is None for _, change in bar.changes) for bar in line.bars
    )
    line.has_endings = any(bar.bar.ending for bar in line.bars)
    return line
