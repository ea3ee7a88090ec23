"""One voice of one bar as written segments: note values, triplets and beams."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise

from yuefu.score.metric_grid import (
    BEAM_COUNTS,
    Piece,
    Span,
    bar_tree,
    beat_ticks,
    find_triplets,
    split_duration,
)
from yuefu.score.model import Bar
from yuefu.score.voices import Slice, VoiceNote


@dataclass(frozen=True, slots=True)
class BarGrid:
    """A bar with its metric tree.

    origin: where the bar begins within the full bar (pick-ups: later); groups: where unequal groups of quavers begin.
    """

    bar: Bar
    tree: Span
    origin: int
    beat: int
    groups: tuple[int, ...] = ()

    def place(self, tick: int) -> int:
        """The position of a tick of the piece within the full bar."""
        return tick - self.bar.start + self.origin


def bar_grid(bar: Bar, is_pickup: bool) -> BarGrid:
    """The grid of a bar; a pick-up counts from the end of a full bar."""
    tree = bar_tree(bar.numerator, bar.denominator, bar.grouping)
    origin = max(tree.length - bar.duration, 0) if is_pickup else 0
    groups = bar.groups
    small = any(end - start <= 36 and (end - start) % 24 for start, end in pairwise((*groups, tree.length)))
    return BarGrid(bar, tree, origin, beat_ticks(bar.numerator, bar.denominator), groups if small else ())


@dataclass(slots=True)
class Segment:
    """A written note, chord or rest.

    start: tick in the piece; notes: what sounds, empty for a rest; beams: the MusicXML
    values for beam 1, 2 ...; triplet_start and triplet_stop: whether a triplet begins or ends with
    it; bracket: whether that needs one.
    """

    start: int
    piece: Piece
    notes: tuple[VoiceNote, ...] = ()
    beams: list[str] = field(default_factory=list)
    triplet_start: bool = False
    triplet_stop: bool = False
    bracket: bool = True

    @property
    def end(self) -> int:
        """The tick where it ends."""
        return self.start + self.piece.duration


def slices_in(voice: Sequence[Slice], start: int, end: int) -> list[Slice]:
    """The slices of a voice that sound within [start, end)."""
    first = bisect_left(voice, start, key=lambda item: item.end)
    found = []
    for index in range(first, len(voice)):
        item = voice[index]
        if item.start >= end:
            break
        if item.end > start:
            found.append(item)
    return found


def segments_of(slices: Sequence[Slice], grid: BarGrid, cuts: Iterable[int] = (), drums: bool = False) -> list[Segment]:
    """The segments that fill one bar of a voice, rests included.

    cuts: ticks where every note and rest is divided (a key change inside the bar). For drums only
    the first value of each stroke is a note, so that no stroke is tied.
    """
    bar = grid.bar
    stretches: list[tuple[int, int, Slice | None]] = []
    tick = bar.start
    for item in slices:
        start, end = max(item.start, bar.start), min(item.end, bar.end)
        if start > tick:
            stretches.append((tick, start, None))
        stretches.append((start, end, item))
        tick = end
    if tick < bar.end:
        stretches.append((tick, bar.end, None))
    for cut in cuts:
        stretches = [part for stretch in stretches for part in _cut(stretch, cut)]
    bounds = {grid.place(tick) for start, end, _ in stretches for tick in (start, end)}
    triplets = find_triplets(grid.tree, bounds)
    shift = bar.start - grid.origin
    segments: list[Segment] = []
    for start, end, sounding in stretches:
        pieces = split_duration(grid.tree, grid.place(start), grid.place(end), triplets, rest=sounding is None)
        for order, piece in enumerate(pieces):
            silent = sounding is None or (drums and order > 0)
            segments.append(Segment(piece.start + shift, piece, () if silent or sounding is None else sounding.notes))
    _mark_beams(segments, grid)
    _mark_triplets(segments)
    return segments


def _cut(stretch: tuple[int, int, Slice | None], tick: int) -> list[tuple[int, int, Slice | None]]:
    start, end, item = stretch
    if start < tick < end:
        return [(start, tick, item), (tick, end, item)]
    return [stretch]


def _mark_beams(segments: list[Segment], grid: BarGrid) -> None:
    groups: dict[int, list[Segment]] = {}
    for segment in segments:
        place = segment.piece.start
        number = bisect_right(grid.groups, place) if grid.groups else place // grid.beat
        groups.setdefault(number, []).append(segment)
    if grid.beat == 24 and not grid.groups and grid.tree.length % 48 == 0:  # eighths alone are beamed by two beats
        for index in range(0, grid.tree.length // 24, 2):
            pair = groups.get(index, []) + groups.get(index + 1, [])
            if len(pair) == 4 and all(s.notes and s.piece.duration == 12 and not s.piece.triplet for s in pair):
                groups[index] = pair
                groups.pop(index + 1, None)
    for group in groups.values():
        for beamed, run in groupby(group, key=lambda s: bool(s.notes) and s.piece.type_and_dots[0] in BEAM_COUNTS):
            members = list(run)
            if beamed and len(members) > 1:
                _beam(members)


def _beam(run: list[Segment]) -> None:
    counts = [BEAM_COUNTS[segment.piece.type_and_dots[0]] for segment in run]
    for level in range(1, max(counts) + 1):
        for index, segment in enumerate(run):
            if counts[index] < level:
                continue
            before = index > 0 and counts[index - 1] >= level
            after = index + 1 < len(run) and counts[index + 1] >= level
            if before and after:
                value = "continue"
            elif after:
                value = "begin"
            elif before:
                value = "end"
            else:
                value = "backward hook" if index else "forward hook"
            segment.beams.append(value)


def _mark_triplets(segments: list[Segment]) -> None:
    cells: dict[tuple[int, int], list[Segment]] = {}
    for segment in segments:
        if segment.piece.triplet:
            cells.setdefault(segment.piece.triplet, []).append(segment)
    for cell in cells.values():
        cell[0].triplet_start = True
        cell[-1].triplet_stop = True
        beamed = all(segment.beams for segment in cell)
        for segment in cell:
            segment.bracket = not beamed
