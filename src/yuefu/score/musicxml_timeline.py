"""The time line of a MusicXML file: its bars as played, and values that run on from bar to bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from yuefu.errors import FormatError, LimitError
from yuefu.score.limits import MAX_TICKS
from yuefu.score.musicxml_bars import PlayedBar, full_length, meter_of_length
from yuefu.score.musicxml_part import PartReader
from yuefu.score.repeats import BarMarks, played_order


@dataclass(frozen=True, slots=True)
class Timeline:
    bars: list[PlayedBar]
    end: int
    visits: list[int]  # for each played bar, which time its written bar is played (from 1)
    total_visits: list[int]  # for each written bar, how often it is played


def build_timeline(readers: list[PartReader], expand_repeats: bool) -> Timeline:
    count = max(len(reader.bars) for reader in readers)
    if count == 0:
        raise FormatError("this MusicXML has no bars: there is nothing to read.")
    written: list[tuple[int, tuple[int, int]]] = []
    meter: tuple[int, int] | None = None
    open_metre = False
    for index in range(count):
        bars = [reader.bars[index] for reader in readers if index < len(reader.bars)]
        given = next((bar.meter for bar in bars if bar.meter is not None), None)
        if given is not None:
            open_metre = given == (0, 0)
            meter = meter if open_metre else given
        actual = round(max(bar.length for bar in bars))
        if open_metre or meter is None:
            own = meter_of_length(actual) if actual else (meter or (4, 4))
            meter = meter or (None if open_metre else own)
            written.append((actual or full_length(own), own))
        else:
            nominal = full_length(meter)
            near = actual == 0 or abs(actual - nominal) <= 1
            written.append((nominal if near else actual, meter))
    order = played_order(_marks(readers, count)) if expand_repeats else list(range(count))
    played, visits, total = [], [], [0] * count
    tick = 0
    for index in order:
        length, bar_meter = written[index]
        played.append(PlayedBar(index, tick, length, bar_meter))
        total[index] += 1
        visits.append(total[index])
        tick += length
        if tick > MAX_TICKS:
            raise LimitError(f"this piece lasts more than {MAX_TICKS // 24:,} quarters: split it.")
    return Timeline(played, tick, visits, total)


def _marks(readers: list[PartReader], count: int) -> list[BarMarks]:
    """The repeats and jumps of all parts together (programs write them in the first part or in all)."""
    merged = [BarMarks() for _ in range(count)]
    for reader in readers:
        for marks, bar in zip(merged, reader.bars):
            other = bar.marks
            marks.repeat_start |= other.repeat_start
            marks.repeat_times = max(marks.repeat_times, other.repeat_times)
            marks.endings = marks.endings or other.endings
            marks.ending_start |= other.ending_start
            marks.segno |= other.segno
            marks.coda |= other.coda
            marks.to_coda |= other.to_coda
            marks.fine |= other.fine
            marks.da_capo |= other.da_capo
            marks.dal_segno |= other.dal_segno
    codas = [marks for marks in merged if marks.coda]
    if len(codas) == 2 and not any(marks.to_coda for marks in merged):
        codas[0].to_coda, codas[0].coda = True, False
    return merged


def states(readers: list[PartReader], timeline: Timeline, name: str, first: Any) -> list[tuple[int, Any]]:
    """(tick, value) of a running value over the played bars; jumps bring back the value in force there."""
    changes: list[list[tuple[Any, ...]]] = []
    at_start: list[Any] = []
    current = first
    count = max(len(reader.bars) for reader in readers)
    for index in range(count):
        merged: dict[Any, tuple[Any, ...]] = {}
        for reader in readers:
            if index < len(reader.bars):
                for change in getattr(reader.bars[index], name):
                    merged.setdefault(change[0], change)
        at_start.append(current)
        changes.append([merged[offset] for offset in sorted(merged)])
        if merged:
            current = changes[-1][-1][1:]
    result: list[tuple[int, Any]] = []
    for bar in timeline.bars:
        if at_start[bar.written] is not None:
            result.append((bar.start, at_start[bar.written]))
        result += [(bar.start + min(round(c[0]), bar.length), c[1:]) for c in changes[bar.written]]
    return result


def steps(states: list[tuple[int, Any]], default: Any) -> list[tuple[int, Any]]:
    """Sorted changes without repetition: the last of a tick counts; the first is moved to tick 0."""
    at: dict[int, Any] = {}
    for tick, value in states:
        at[tick] = value
    result: list[tuple[int, Any]] = []
    for tick in sorted(at):
        if not result:
            result.append((0, at[tick]))
        elif at[tick] != result[-1][1]:
            result.append((tick, at[tick]))
    return result or [(0, default)]
