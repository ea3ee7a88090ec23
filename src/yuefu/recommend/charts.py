"""What many listen to now, so that one person's thousand plays are one person's.

Of each listener and item everything that was done fades with its age and is put through 1 - exp(-x): a second play adds
less than the first, a thousandth nothing. A listener who is everywhere is scaled to a budget, so that no one decides
more than a part of a chart. An item's score is the number of its listeners times their mean devotion, which is drawn
to that of all items while few listen (a Bayesian mean with a prior of ``PRIOR`` listeners).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from yuefu.listening.event import Event

#: Name -> how long a chart looks back, and after how long a deed counts half.
PERIODS = {
    "day": (timedelta(days=1), timedelta(hours=12)),
    "week": (timedelta(days=7), timedelta(days=3, hours=12)),
}
#: What one deed adds before it is put through 1 - exp(-x).
DEEDS = {
    "play": 0.35, "finish": 0.6, "repeat": 0.5, "like": 1.0, "save": 1.0, "playlist": 1.0, "share": 1.2, "comment": 0.6,
}  # fmt: skip
#: Deeds against.
AGAINST = {"skip": -0.3, "dislike": -2.0}
#: At most so much of one listener counts, however many items they played: about so many items in full.
BUDGET = 8.0
PRIOR = 3.0


@dataclass(frozen=True, slots=True)
class Place:
    """One line of a chart. rank: from 1; before: the rank one period ago, None when it wasn't in the chart; trend:
    "up", "down", "same", "new" or "back" (there earlier, but not one period ago); synthetic: nobody real is in it."""

    rank: int
    item: str
    score: float
    listeners: int
    before: int | None
    trend: str
    synthetic: bool = False

    @property
    def change(self) -> int | None:
        """Places gained, negative when lost."""
        return None if self.before is None else self.before - self.rank


@dataclass(frozen=True, slots=True)
class Scored:
    """How an item stands at one moment."""

    score: float
    listeners: int
    synthetic: bool


def chart(
    events: Iterable[Event],
    period: str = "week",
    *,
    now: datetime,
    allowed: Container[str] | None = None,
    n: int = 50,
) -> list[Place]:
    """The chart of a period that ends now, with what has changed since the one before.

    events: of at least three periods where they are known; allowed: what may stand in it. Ties go by name.
    """
    span, _ = PERIODS[period]
    kept = [event for event in events if allowed is None or event.item in allowed]
    current = _ranked(scores(kept, period, now))
    last = {item: rank for rank, (item, _) in enumerate(_ranked(scores(kept, period, now - span))[:n], 1)}
    earlier = set(scores(kept, period, now - 2 * span))
    found = []
    for rank, (item, scored) in enumerate(current[:n], 1):
        before = last.get(item)
        if before is None:
            trend = "back" if item in earlier else "new"
        else:
            trend = "up" if before > rank else "down" if before < rank else "same"
        found.append(Place(rank, item, round(scored.score, 4), scored.listeners, before, trend, scored.synthetic))
    return found


def scores(events: Iterable[Event], period: str, now: datetime) -> dict[str, Scored]:
    """How every item stands at a moment, from what was done in the period before it."""
    span, half = PERIODS[period]
    fade: Callable[[timedelta], float] = lambda age: math.exp2(-age / half)  # noqa: E731
    sums: dict[str, dict[str, float]] = {}
    real: set[str] = set()
    for event in events:
        weight = DEEDS.get(event.kind, AGAINST.get(event.kind, 0.0))
        if event.kind == "rate" and event.value is not None:
            weight = (event.value - 2.5) / 2.5
        age = now - event.moment
        if not event.item or not weight or not timedelta(0) <= age < span:
            continue
        times = max(1.0, min(event.value or 1.0, 20.0)) if event.kind == "repeat" else 1.0
        own = sums.setdefault(event.listener, {})
        own[event.item] = own.get(event.item, 0.0) + weight * times * fade(age)
        if not event.synthetic:
            real.add(event.item)
    devotion: dict[str, list[float]] = {}
    for own in sums.values():
        shares = {item: 1.0 - math.exp(-value) for item, value in own.items() if value > 0}
        scale = min(1.0, BUDGET / max(sum(shares.values()), 1e-9))
        for item, share in shares.items():
            devotion.setdefault(item, []).append(share * scale)
    everything = [share for shares in devotion.values() for share in shares]
    mean = sum(everything) / len(everything) if everything else 0.0
    return {
        item: Scored(len(shares) * (PRIOR * mean + sum(shares)) / (PRIOR + len(shares)), len(shares), item not in real)
        for item, shares in devotion.items()
    }


def _ranked(found: dict[str, Scored]) -> list[tuple[str, Scored]]:
    return sorted(found.items(), key=lambda entry: (-entry[1].score, entry[0]))
