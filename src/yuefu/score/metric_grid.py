"""How a bar divides, and how a duration is written in it: note values, dots, ties and triplets.

Positions and durations are ticks (24 a quarter) from the start of the full bar; a pick-up is the
end of one. A bar is a tree of spans: 4/4 halves down to 32nds, 3/4 has three beats, 6/8 two beats
of three eighths, 7/8 is 2+2+3 unless it is counted otherwise. A note is written in one piece where
the eye can still see the beats, else as pieces tied at the strongest boundary that it crosses.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from yuefu.score.model import TICKS_PER_QUARTER
from yuefu.theory.meter import USUAL_GROUPINGS

_WHOLE = TICKS_PER_QUARTER * 4
_NAMES = ("64th", "32nd", "16th", "eighth", "quarter", "half", "whole", "breve")
#: Half-ticks -> (note type, dots): a 64th lasts one and a half ticks.
NOTE_TYPES: dict[int, tuple[str, int]] = {
    **{3 * 2**power: (name, 0) for power, name in enumerate(_NAMES)},
    **{9 * 2 ** (power - 1): (name, 1) for power, name in enumerate(_NAMES) if power},
}
#: Beams by note type.
BEAM_COUNTS = {"eighth": 1, "16th": 2, "32nd": 3, "64th": 4}
_BINARY_LENGTHS = frozenset({3, 6, 12, 24, 48, 96, 192})


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the bar: start and length in ticks, and the stretches that it divides into."""

    start: int
    length: int
    children: tuple[Span, ...]

    @property
    def end(self) -> int:
        """The tick after the last."""
        return self.start + self.length


@dataclass(frozen=True, slots=True)
class Piece:
    """One written note value: start and duration in ticks, and the triplet (start, length) it is in."""

    start: int
    duration: int
    triplet: tuple[int, int] | None = None

    @property
    def type_and_dots(self) -> tuple[str, int]:
        """The note type and the number of dots."""
        return NOTE_TYPES[self.duration * 3 if self.triplet else self.duration * 2]


@lru_cache(maxsize=256)
def bar_tree(numerator: int, denominator: int, grouping: tuple[int, ...] = ()) -> Span:
    """The metric tree of a time signature. grouping: how its bars are counted, () as usual.

    >>> [span.length for span in bar_tree(7, 8, (3, 2, 2)).children]
    [36, 24, 24]
    """
    unit = _WHOLE // denominator
    groups: Sequence[int]
    if grouping := grouping or USUAL_GROUPINGS.get(f"{numerator}/{denominator}", ()):
        unit = numerator * unit // sum(grouping)
        groups = grouping
    elif numerator > 3 and numerator % 3 == 0:
        groups = [3] * (numerator // 3)
    elif numerator & (numerator - 1) == 0 or numerator == 3:
        return _divide(0, numerator * unit, 3 if numerator == 3 else 2)
    elif numerator == 5:
        groups = [3, 2]
    else:
        groups = [2] * (numerator // 2 - 1) + [3] if numerator % 2 else [2] * (numerator // 2)
    spans = []
    start = 0
    for count in groups:
        spans.append(_divide(start, count * unit, 3 if count == 3 else 2))
        start += count * unit
    while len(spans) > 3 and len(spans) % 2 == 0 and len({span.length for span in spans}) == 1:
        spans = [Span(a.start, a.length + b.length, (a, b)) for a, b in zip(spans[::2], spans[1::2])]
    return Span(0, start, tuple(spans))


def _divide(start: int, length: int, ways: int) -> Span:
    if length % ways or length // ways < 3:
        return Span(start, length, ())
    step = length // ways
    return Span(start, length, tuple(_divide(start + i * step, step, 2) for i in range(ways)))


def beat_ticks(numerator: int, denominator: int) -> int:
    """The length of a beat as one beams by it: a quarter, or a dotted note in compound time."""
    unit = _WHOLE // denominator
    if numerator % 3 == 0 and denominator >= 8:
        return 3 * unit
    return max(TICKS_PER_QUARTER, unit) if denominator <= 4 else 2 * unit


def find_triplets(tree: Span, bounds: Iterable[int]) -> list[tuple[int, int]]:
    """The (start, length) of the triplets that the given starts and ends of notes need, in order."""
    inside = sorted({b for b in bounds if tree.start < b < tree.end})
    if all(bound % 3 == 0 for bound in inside):
        return []
    if _is_triplet(tree, [bound - tree.start for bound in inside]) or not tree.children:
        return [(tree.start, tree.length)]
    return [cell for child in tree.children for cell in find_triplets(child, inside)]


def _is_triplet(span: Span, inside: list[int]) -> bool:
    """Whether bounds (relative to the span) read best as one group of three in the time of two."""
    if span.length not in (3, 6, 12, 24, 48, 96):
        return False
    third = span.length // 3
    if span.length >= 48:
        return set(inside) <= {third, 2 * third}
    if span.length % 2 == 0 and span.length // 2 in inside:
        return set(inside) == {third, span.length // 2, 2 * third}
    return all(bound % max(third // 2, 1) == 0 for bound in inside)


def split_duration(
    tree: Span, start: int, end: int, triplets: Iterable[tuple[int, int]] = (), rest: bool = False
) -> list[Piece]:
    """The written values of a note or rest from ``start`` to ``end``.

    >>> [piece.duration for piece in split_duration(bar_tree(4, 4), 36, 60)]
    [12, 12]
    >>> [piece.duration for piece in split_duration(bar_tree(3, 4), 0, 36)]
    [36]
    """
    pieces: list[Piece] = []
    for cell_start, length in triplets:
        cell_end = cell_start + length
        if cell_end <= start or cell_start >= end:
            continue
        if start < cell_start:
            pieces += [Piece(s, e - s) for s, e in _split(tree, start, cell_start, rest)]
        stop = min(end, cell_end)
        pieces += _split_in_triplet(max(start, cell_start), stop, cell_start, length)
        start = stop
    if start < end:
        pieces += [Piece(s, e - s) for s, e in _split(tree, start, end, rest)]
    return pieces


def _split_in_triplet(start: int, end: int, cell: int, length: int) -> list[Piece]:
    if (start, end) == (cell, cell + length):
        return [Piece(start, length)]
    unit = length // 3
    choices = [(2 * unit, unit), (unit * 3 // 2, unit)] if unit % 2 == 0 else [(2 * unit, unit)]
    while unit >= 1:
        choices.append((unit, unit))
        if unit % 2:
            break
        unit //= 2
    pieces = []
    while start < end:
        size = next((size for size, step in choices if size <= end - start and (start - cell) % step == 0), 1)
        pieces.append(Piece(start, size, (cell, length)))
        start += size
    return pieces


def _split(span: Span, start: int, end: int, rest: bool) -> list[tuple[int, int]]:
    """Stretches that are each one note value. start and end are multiples of three ticks."""
    whole = (start, end) == (span.start, span.end)
    if (whole and (end - start) * 2 in NOTE_TYPES) or not span.children:
        return [(start, end)] if (end - start) * 2 in NOTE_TYPES else _by_size(start, end)
    for child in span.children:
        if child.start <= start and end <= child.end:
            return _split(child, start, end, rest)
    if _readable(span, start, end, rest):
        return [(start, end)]
    bounds = [child.start for child in span.children[1:]]
    if rest:
        cut = next(b for b in bounds if b > start)
    elif start in (span.start, *bounds):
        cut = max(b for b in bounds if b < end)
        if cut == start:
            cut = next(b for b in bounds if b > start)
    else:
        cut = next(b for b in bounds if b > start)
    return _split(span, start, cut, rest) + _split(span, cut, end, rest)


def _by_size(start: int, end: int) -> list[tuple[int, int]]:
    """Pieces of falling size, for stretches that no tree divides."""
    pieces = []
    while start < end:
        size = max(
            (half // 2 for half in NOTE_TYPES if half % 2 == 0 and half // 2 <= end - start), default=end - start
        )
        pieces.append((start, start + size))
        start += size
    return pieces


def _readable(span: Span, start: int, end: int, rest: bool) -> bool:
    """Whether a note that crosses a boundary of the span can still be written as one value."""
    duration = end - start
    if duration * 2 not in NOTE_TYPES:
        return False
    ways = len(span.children)
    step = span.children[0].length
    if any(child.length != step for child in span.children):
        return False
    if ways == 2 and span.length in _BINARY_LENGTHS:
        if rest:
            return False
        dotted = duration * 4 == span.length * 3 and (start == span.start or end == span.end)
        quarter = span.length // 4
        return dotted or (start - span.start == quarter == span.end - end and span.length % 4 == 0)
    if ways == 3 and step in _BINARY_LENGTHS:
        on_beat = (start - span.start) % step == 0
        if rest:
            return step < TICKS_PER_QUARTER and start == span.start and duration == 2 * step
        if on_beat:
            return duration == 2 * step or duration * 2 == 3 * step
        return (start - span.start) * 2 % step == 0 and duration == step
    if ways > 3 or span.length not in _BINARY_LENGTHS:  # whole groups of even length, such as half a bar of 12/8
        return not rest and (start - span.start) % step == 0 and (end - span.start) % step == 0
    return False
