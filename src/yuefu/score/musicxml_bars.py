"""From written bars to a time line: where each played bar starts, and which time signatures result.

Real files have pick-ups, bars split by repeats, bars that are too short or too long. The score's
bars follow from its time signatures alone, so a bar off the measure is expressed by them: pieces
that make up a full bar together are joined, any other irregular bar is cut short by the next
signature, or gets a signature of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from yuefu.score.model import TICKS_PER_QUARTER, MeterChange

_WHOLE = TICKS_PER_QUARTER * 4


@dataclass(frozen=True, slots=True)
class PlayedBar:
    """One bar as played. written: its index in the file; start, length in ticks; meter in force."""

    written: int
    start: int
    length: int
    meter: tuple[int, int]


def full_length(meter: tuple[int, int]) -> int:
    """Ticks of a full bar."""
    return meter[0] * _WHOLE // meter[1]


def meter_of_length(ticks: int) -> tuple[int, int]:
    """The plainest time signature of a bar of so many ticks (rounded up to a 32nd).

    >>> meter_of_length(96), meter_of_length(36), meter_of_length(30)
    ((4, 4), (3, 8), (5, 16))
    """
    for denominator in (4, 8, 16):
        if ticks % (_WHOLE // denominator) == 0:
            return ticks * denominator // _WHOLE, denominator
    return -(-ticks * 32 // _WHOLE), 32


def meters_and_pickup(bars: list[PlayedBar]) -> tuple[tuple[MeterChange, ...], int]:
    """The time signatures that give these bars, and the length of the pick-up (0 for none)."""
    changes: list[MeterChange] = []
    pickup = 0
    aligned = True  # whether the running signature has a bar line where the next bar starts
    index = 0
    if len(bars) > 1 and bars[0].length < full_length(bars[0].meter) and _joined(bars, 0) == 1:
        pickup = bars[0].length
        changes.append(MeterChange(0, *bars[0].meter))
        index = 1
    while index < len(bars):
        bar = bars[index]
        full = full_length(bar.meter)
        meter, count = bar.meter, 1
        if bar.length < full:
            count = _joined(bars, index)
        elif bar.length > full and bar.length % full:
            meter = meter_of_length(bar.length)
            full = full_length(meter)
        current = (changes[-1].numerator, changes[-1].denominator) if changes else None
        if meter != current or not aligned:
            changes.append(MeterChange(bar.start, *meter))
        span = sum(b.length for b in bars[index : index + count])
        aligned = span % full == 0
        index += count
    return tuple(changes) or (MeterChange(0, 4, 4),), pickup


def _joined(bars: list[PlayedBar], first: int) -> int:
    """How many short bars from ``first`` on make up exactly one full bar; 1 when none do."""
    full = full_length(bars[first].meter)
    total = 0
    for count, bar in enumerate(bars[first : first + 8], start=1):
        total += bar.length
        if bar.meter != bars[first].meter or total > full:
            return 1
        if total == full:
            return count
    return 1
