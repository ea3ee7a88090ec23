"""What chords to be written are told: their manner, where phrases close, what to get away from or stand in for."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from yuefu.analysis.lines import melody_line
from yuefu.analysis.phrases import phrases
from yuefu.generation.fill import Canvas
from yuefu.generation.rules import RowRules
from yuefu.score.model import NOTE_ROWS, ROWS, ChordSpan, Score
from yuefu.theory.chord import QUALITIES, Chord
from yuefu.theory.styles import STYLES
from yuefu.tokens.grid import EMPTY, Cell, chord_tokens
from yuefu.tokens.vocabulary import vocabulary
from yuefu.workflows.chord_manner import AFTER, APPROACH, CLOSE, HARMONIES, WITHIN, Manner, function_of, weight_of
from yuefu.workflows.fill_wishes import Wishes
from yuefu.workflows.score_canvas import OpenScore

#: The close of a piece on its tonic, beside what the close of a phrase is worth.
FINAL = 3.0
PHRASE = 4  #: bars
#: Ticks up to which a bar is short: its first chord is chosen by all of its notes, and a second one gains less.
SHORT = 72
SLOWER = 1.2


@dataclass(frozen=True)
class Close:
    """The end of a phrase: its last note's first and end tick; final: the piece's last."""

    start: int
    end: int
    final: bool = False


def closes_of(score: Score) -> tuple[Close, ...]:
    """Where the phrases of a score's tune close: at ends of sections, at its fermatas, else by its rests and
    long notes.

    Phrases of more than five bars are taken four by four; closes lie a bar and a half apart at least.
    """
    line = melody_line(score)
    if not len(line):
        return ()
    starts = line["start"].astype(int).tolist()
    ends = (line["start"].astype(int) + line["duration"]).tolist()
    bars = score.bars
    marks = sorted({d.tick for part in score.parts for d in part.directions if d.kind == "fermata"})
    if len(marks) >= 2:
        found = [max(0, bisect_right(starts, tick) - 1) for tick in marks]
    else:
        found = []
        bar_starts = [bar.start for bar in bars]
        for phrase in phrases(score):
            last = bisect_right(starts, phrase.end - 1) - 1
            first = bisect_right(bar_starts, phrase.start) - 1
            final = bisect_right(bar_starts, starts[last]) - 1
            if final - first >= PHRASE + 1:
                first += 1 if bars[first].start < phrase.start else 0
                for bar in range(first + PHRASE - 1, final - 1, PHRASE):
                    inside = [i for i, tick in enumerate(starts) if bars[bar].start <= tick < bars[bar].end]
                    half = bars[bar].start + bars[bar].duration // 2
                    early = [i for i in inside if starts[i] <= half]
                    if early:
                        found.append(max(early, key=lambda i: (ends[i] - starts[i], i)))
            found.append(last)
    ends_of = [section.start + section.duration for section in score.sections]
    section_ends = {max(0, bisect_right(starts, tick - 1) - 1) for tick in ends_of}
    closes: list[Close] = []
    least = 1.5 * float(np.median([bar.duration for bar in bars]))
    last_note = len(starts) - 1
    kept = {starts[i] for i in section_ends}
    for i in sorted({*found, *section_ends, last_note}):
        if closes and starts[i] - closes[-1].start < least:
            lasts = closes[-1].end - closes[-1].start
            weaker = ends[i] - starts[i] <= lasts or closes[-1].start in kept
            if i != last_note and i not in section_ends and weaker:
                continue  # of two that are too near the longer note is the close
            closes.pop()
        closes.append(Close(starts[i], ends[i], i == last_note))
    return tuple(closes)


def stand_at(closes: Sequence[Close], tick: int, unit: int, reach: int) -> tuple[str, bool]:
    """Where a chord that enters at a tick stands in its phrase, and whether the close is the piece's.

    unit: ticks until the next chord can come; reach: from how far before a close a chord leads to it.
    """
    for close in closes:
        if tick <= close.start < tick + unit:
            return CLOSE, close.final
        if close.start < tick and (tick < close.end or close.final):
            return AFTER, close.final
        if tick < close.start <= tick + reach:
            return APPROACH, close.final
    return WITHIN, False


def manner_of(wishes: Wishes, style: str) -> Manner:
    """How chords are chosen: as was wished, else as usual in a style."""
    level = {"triads": "plain", "sevenths": "pop", "extended": "jazz"}[STYLES[style].chord_level]
    return HARMONIES[wishes.harmony or level]


def chord_rules(
    piece: OpenScore, canvas: Canvas, start: int, end: int, wishes: Wishes, style: str, closes: Sequence[Close]
) -> None:
    """Write the rules of the chords of bars [start, end) into a canvas."""
    manner = manner_of(wishes, style)
    for bar in range(start, end):
        column, first = canvas.bars[bar], piece.bars[bar].start
        compound = column.meter.endswith("/8") and column.ticks % 36 == 0
        beat = 36 if compound else 24
        places = [p for p in range(0, column.ticks, beat) if p >= column.offset]
        if column.offset and not any(len(canvas.cells.get(row, [EMPTY] * (bar + 1))[bar]) for row in ROWS[1:]):
            places = []
        if column.offset and not manner.beats and column.sounding * 2 <= column.ticks:
            places = []  # the tune leads in alone
        if places and _is_over(piece, canvas, bar, closes):
            places = []  # the last chord is held
        short = column.ticks <= SHORT
        half = _half(column.ticks, beat)
        unit = beat if manner.beats else column.ticks if short else half
        most = min(manner.most, max(1, len(places)))
        latest = 10_000
        final = next((close.start - first + column.offset for close in closes if close.final), column.ticks)
        if 0 <= final < column.ticks:  # after the piece's last note no chord comes
            latest = max((p for p in places if p <= final), default=0)
            most = min(most, sum(p <= latest for p in places))
            if not manner.beats and not short and latest >= half and len(places) > 1:
                canvas.counts[bar, "chords"] = 2  # what leads to the close, and the close
        if manner.beats and places:  # over the last note of a phrase the chord stays
            stands = [stand_at(closes, first + p - column.offset, unit, unit)[0] for p in places]
            while len(places) > 1 and stands[len(places) - 1] == AFTER:
                places.pop()
                latest = places[-1]
            canvas.counts[bar, "chords"] = len(places)
        else:
            canvas.figures[bar, "chords"] = frozenset({0, half})
        canvas.bar_rules[bar, "chords"] = RowRules(
            places=(0, 12) if compound else (0,), qualities=tuple(manner.qualities), inversions=manner.inversions,
            max_onsets=most if places else 0, least_onsets=min(1, len(places)), latest=latest, fit=manner.fit,
            heard=beat if manner.beats else column.ticks if short else 0, anchor=4.0,
            rhythm=manner.pace - (SLOWER if short else 0.0),
            weigh=_weigher(piece, canvas, bar, wishes, manner, closes, unit),
        )  # fmt: skip


def _is_over(piece: OpenScore, canvas: Canvas, bar: int, closes: Sequence[Close]) -> bool:
    """Whether a bar lies after the bar of the last note and nobody begins anything in it."""
    after = any(close.final and close.start < piece.bars[bar].start for close in closes)
    return after and not any(len(canvas.cells[row][bar]) for row in NOTE_ROWS if row in canvas.cells)


def _half(ticks: int, beat: int) -> int:
    """Where a second chord enters: in the middle, or on the last beat of an odd bar."""
    beats = ticks // beat
    return ticks // 2 if beats % 2 == 0 and beats else max(beat, (beats - 1) * beat)


def _weigher(
    piece: OpenScore, canvas: Canvas, bar: int, wishes: Wishes, manner: Manner, closes: Sequence[Close], unit: int
) -> Callable[[Chord, Chord | None, int], float]:
    key, column, first = piece.keys[bar], canvas.bars[bar], piece.bars[bar].start
    tonic = 9 if key.mode == "minor" else 0
    reach = unit if manner.beats else column.ticks

    def weigh(chord: Chord, before: Chord | None, place: int) -> float:
        tick = first + place - column.offset
        stand, final = stand_at(closes, tick, unit, reach)
        value = weight_of(manner, chord, before, key.mode, stand, place == 0)
        if final and stand != APPROACH and chord.root == tonic:
            value += FINAL
        elif final and stand == APPROACH and chord.root == (tonic + 7) % 12 and 4 in QUALITIES[chord.quality]:
            value += 1.5
        away = 0.3 if stand in (CLOSE, AFTER) else 1.0
        for reading in wishes.avoid:
            other = _chord_at(reading, tick, key.shift)
            if other is not None and other.root == chord.root:
                value -= away * (1.2 if other.quality == chord.quality else 0.5)
        old = _chord_at(wishes.stand_in, tick, key.shift)
        if old is not None:
            if function_of(old, key.mode) == function_of(chord, key.mode) != "":
                value += 0.9
            if old.root == chord.root:
                value -= away * (1.4 if old.quality == chord.quality else 0.5)
        return value

    return weigh


def _chord_at(spans: Sequence[ChordSpan], tick: int, shift: int) -> Chord | None:
    """The chord of some spans at a tick, in C major or A minor."""
    index = bisect_right(spans, tick, key=lambda span: span.start) - 1
    if index < 0 or tick >= spans[index].start + spans[index].duration:
        return None
    chord = spans[index].chord
    return None if chord is None else chord.transpose(-shift)


def tonic_cell(minor: bool) -> Cell:
    """A bar's chord cell that holds the tonic."""
    v = vocabulary()
    return np.array([v.position_ids[0], *chord_tokens(Chord(9, "m") if minor else Chord(0))], dtype=np.int16)
