"""The order in which written bars are played: repeats, endings, D.C., D.S., Fine and Coda."""

from __future__ import annotations

from dataclasses import dataclass

from yuefu.errors import LimitError

#: Most bars that an expanded piece may have.
MAX_PLAYED_BARS = 20_000
#: Most times that one repeat is taken.
MAX_TIMES = 8


@dataclass(slots=True)
class BarMarks:
    """What is written at one bar.

    repeat_start, repeat_times: a repeat opens here; closes here and is played so often (0: none).
    endings: the numbers of the ending (volta) that the bar is in. The jumps are taken at the end
    of the bar, ``segno`` and ``coda`` are places at its start.
    """

    repeat_start: bool = False
    repeat_times: int = 0
    endings: frozenset[int] = frozenset()
    ending_start: bool = False
    segno: bool = False
    coda: bool = False
    to_coda: bool = False
    fine: bool = False
    da_capo: bool = False
    dal_segno: bool = False


def played_order(bars: list[BarMarks]) -> list[int]:
    """The indices of the written bars in the order in which they are played.

    Repeats are taken once more than written (or as their ``times`` say), each ending on its
    passes; after D.C. or D.S. the piece runs to Fine, or jumps to the Coda, without repeats. A jump
    back that leads to neither is ignored.
    Raises LimitError when that makes more than ``MAX_PLAYED_BARS`` bars.

    >>> first, last = BarMarks(), BarMarks(repeat_times=2)
    >>> played_order([first, last, BarMarks()])
    [0, 1, 0, 1, 2]
    """
    highest = _highest_endings(bars)
    order: list[int] = []
    start, taken, jumped, index = 0, 1, False, 0
    done: set[int] = set()  # bars whose jump was taken
    while index < len(bars):
        bar = bars[index]
        if bar.repeat_start and index != start and not jumped:
            start, taken = index, 1
        if bar.endings:
            if not _enters(bars, index, taken, jumped):
                index += 1
                continue
        elif index and bars[index - 1].endings and not jumped and index > start:
            start, taken = index, 1  # an ending without a closing repeat was the last one
        order.append(index)
        if len(order) > MAX_PLAYED_BARS:
            raise LimitError(
                f"this piece is played over more than {MAX_PLAYED_BARS} bars once its repeats are taken: "
                "read it without expanding repeats."
            )
        if jumped and bar.fine:
            break
        if jumped and bar.to_coda:
            target = _place(bars, "coda", index + 1)
            if target is not None:
                index = target
                jumped = False
                start, taken = index, 1
                continue
        if bar.repeat_times and not jumped:
            total = max(highest[index], 2) if bar.endings else min(bar.repeat_times, MAX_TIMES)
            if taken < total:
                taken += 1
                index = start
                continue
            start, taken = index + 1, 1
        if (bar.da_capo or bar.dal_segno) and index not in done:
            done.add(index)
            target = 0 if bar.da_capo else _place(bars, "segno", 0)
            if target is not None and target <= index and any(b.fine or b.to_coda for b in bars[target : index + 1]):
                index, jumped = target, True
                continue
        index += 1
    return order


def _enters(bars: list[BarMarks], index: int, taken: int, jumped: bool) -> bool:
    """Whether a bar inside an ending is played on this pass."""
    if not jumped:
        return taken in bars[index].endings or not any(taken in bars[i].endings for i in _chain(bars, index))
    last = index  # after a jump only the ending that leads on is played: the one with no repeat
    while last + 1 < len(bars) and bars[last + 1].endings == bars[index].endings and not bars[last + 1].ending_start:
        last += 1
    follows = last + 1 < len(bars) and bool(bars[last + 1].endings)
    return not (bars[last].repeat_times and follows)


def _highest_endings(bars: list[BarMarks]) -> list[int]:
    """For each bar in a chain of adjacent endings, the chain's highest number (0 elsewhere)."""
    highest = [0] * len(bars)
    index = 0
    while index < len(bars):
        if not bars[index].endings:
            index += 1
            continue
        stop = index
        while (
            stop < len(bars)
            and bars[stop].endings
            and not (stop > index and 1 in bars[stop].endings and bars[stop].ending_start)
        ):
            stop += 1
        top = min(max(max(bar.endings) for bar in bars[index:stop]), MAX_TIMES)
        highest[index:stop] = [top] * (stop - index)
        index = stop
    return highest


def _chain(bars: list[BarMarks], index: int) -> range:
    """The run of adjacent bars with endings around a bar."""
    first = last = index
    while first > 0 and bars[first - 1].endings:
        first -= 1
    while last + 1 < len(bars) and bars[last + 1].endings:
        last += 1
    return range(first, last + 1)


def _place(bars: list[BarMarks], name: str, start: int) -> int | None:
    return next((i for i in range(start, len(bars)) if getattr(bars[i], name)), None)
