"""Sums by work, so that a mean over tokens still has an interval over works."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from yuefu.evaluation.bootstrap import Interval, bootstrap


class Tally:
    """Values and what they count for, by key and work.

    >>> tally = Tally()
    >>> tally.add("melody", "one", 6.0, 3)
    >>> tally.add("melody", "two", 1.0, 1)
    >>> tally.interval("melody").mean, tally.count("melody"), tally.interval("bass").count
    (1.75, 4.0, 0)
    """

    def __init__(self) -> None:
        self._sums: dict[Hashable, dict[str, list[float]]] = {}

    def add(self, key: Hashable, work: str, value: float, count: float = 1) -> None:
        """Add a sum of values that rests on ``count`` things (tokens, notes, frames)."""
        entry = self._sums.setdefault(key, {}).setdefault(work, [0.0, 0.0])
        entry[0] += value
        entry[1] += count

    def interval(self, key: Hashable) -> Interval:
        """The mean a thing, over all works, with its interval by resampling works."""
        entries = [(value, count) for value, count in self._sums.get(key, {}).values() if count > 0]
        return bootstrap([value / count for value, count in entries], [count for _, count in entries])

    def mean(self, key: Hashable) -> float:
        """The mean a thing; NaN when there is nothing."""
        entries = self._sums.get(key, {}).values()
        total = sum(count for _, count in entries)
        return sum(value for value, _ in entries) / total if total else float("nan")

    def count(self, key: Hashable) -> float:
        """How many things."""
        return sum(count for _, count in self._sums.get(key, {}).values())

    def has(self, key: Hashable) -> bool:
        """Whether anything was counted."""
        return self.count(key) > 0

    def keys(self) -> Iterable[Hashable]:
        """All keys, in the order in which they came."""
        return self._sums.keys()
