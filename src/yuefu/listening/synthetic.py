"""Made-up listening with a known truth, to test by and to try things out. Every event says ``synthetic``.

Items and listeners are points in a space of tastes. A listener's taste is pulled towards a context's at its hours and
drifts as days go by. What is played is drawn from the items with a chance that grows with how well they fit, times how
popular each is; whether it is finished, skipped, liked, disliked, saved or rated follows from the fit alone. So the
right answer is known: ``Truth.fit`` of a listener and an item, at a moment and in a context.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from yuefu.errors import LimitError
from yuefu.listening.event import Event
from yuefu.listening.item import Music, music_of

SOURCE = "synthetic"
START = datetime(2026, 1, 1, tzinfo=UTC)
MAX_LISTENERS, MAX_ITEMS, MAX_EVENTS = 100_000, 100_000, 5_000_000
#: Context -> its hours of the day and how much of the listening happens then.
HOURS = {"morning": (7, 9, 0.15), "study": (9, 17, 0.3), "run": (17, 19, 0.15), "evening": (19, 23, 0.4)}
_DEVICES = ("phone", "desktop", "speaker")
#: Seconds of a made-up piece.
SHORTEST, LONGEST = 90.0, 300.0


@dataclass(frozen=True)
class Truth:
    """What is true of made-up listeners.

    tastes: a row a listener at the start; ends: the same at the end; items: a row an item; pulls: a row a context, in
    the order of ``contexts``; popularity: of each item, adding up to 1; sharpness: how much the fit counts.
    """

    listeners: tuple[str, ...]
    names: tuple[str, ...]
    contexts: tuple[str, ...]
    tastes: NDArray[np.float64]
    ends: NDArray[np.float64]
    items: NDArray[np.float64]
    pulls: NDArray[np.float64]
    popularity: NDArray[np.float64]
    seconds: NDArray[np.float64]
    days: float
    sharpness: float
    pull: float

    def taste(self, listener: int, day: float, context: str) -> NDArray[np.float64]:
        """Where a listener's taste is on a day, in a context."""
        share = min(max(day / self.days, 0.0), 1.0)
        drifted = (1 - share) * self.tastes[listener] + share * self.ends[listener]
        found: NDArray[np.float64] = drifted + self.pull * self.pulls[self.contexts.index(context)]
        return found

    def fit(self, listener: int, day: float = 0.0, context: str = "evening") -> NDArray[np.float64]:
        """How well each item fits: about 0 on average, with a spread of about 1."""
        found: NDArray[np.float64] = self.items @ self.taste(listener, day, context)
        return found

    def chances(self, listener: int, day: float = 0.0, context: str = "evening") -> NDArray[np.float64]:
        """How likely each item is to be played next."""
        return _softmax(self.sharpness * self.fit(listener, day, context) + np.log(self.popularity))


@dataclass(frozen=True)
class Synthetic:
    """Made-up events, the oldest first, the music that they are of, and what is true of them."""

    events: list[Event]
    music: tuple[Music, ...]
    truth: Truth


def synthesize(
    listeners: int = 50,
    items: int | Sequence[str] = 200,
    events: int = 5000,
    *,
    seed: int = 0,
    days: float = 90.0,
    dimensions: int = 6,
    sharpness: float = 1.5,
    drift: float = 0.5,
    pull: float = 0.5,
    popularity: float = 0.8,
    start: datetime = START,
) -> Synthetic:
    """Made-up listening: about ``events`` plays and what comes of them. One seed, one result.

    items: how many, or the items themselves; sharpness: 0 for chance alone; drift: how far tastes move within the days,
    from 0 for not at all to 1 for to another taste; pull: what contexts count for beside taste; popularity: exponent of
    the popularity's fall, 0 for all alike. Raises LimitError for more than can be.
    """
    count = items if isinstance(items, int) else len(items)
    for given, most, what in (
        (listeners, MAX_LISTENERS, "listeners"), (count, MAX_ITEMS, "items"), (events, MAX_EVENTS, "events"),
    ):  # fmt: skip
        if not 1 <= given <= most:
            raise LimitError(f"{given} made-up {what} can't be: ask for 1 to {most:,}.")
    chance = np.random.default_rng(seed)
    music = tuple(_music(number) for number in range(count))
    names = tuple(each.id for each in music) if isinstance(items, int) else tuple(items)
    truth = _truth(chance, listeners, names, days, dimensions, sharpness, drift, pull, popularity)
    found = _played(chance, truth, events, start)
    found.sort(key=lambda event: (event.moment, event.listener))
    return Synthetic(found, music if isinstance(items, int) else (), truth)


def _music(number: int) -> Music:
    """An item that nobody will take for a real one. An artist has about ten."""
    return music_of(f"Synthetic Artist {number // 10 + 1}", f"Made-up Song {number + 1}", ("synthetic",))


def _truth(
    chance: np.random.Generator,
    listeners: int,
    names: tuple[str, ...],
    days: float,
    dimensions: int,
    sharpness: float,
    drift: float,
    pull: float,
    popularity: float,
) -> Truth:
    scale = dimensions**-0.5
    tastes = chance.normal(0.0, 1.0, (listeners, dimensions))
    others = chance.normal(0.0, 1.0, (listeners, dimensions))
    ranks = chance.permutation(len(names)) + 1.0
    share = ranks**-popularity
    return Truth(
        tuple(f"synthetic:{number + 1}" for number in range(listeners)), names, tuple(HOURS), tastes,
        (1 - drift) * tastes + drift * others, chance.normal(0.0, scale, (len(names), dimensions)),
        chance.normal(0.0, 1.0, (len(HOURS), dimensions)), share / share.sum(),
        chance.uniform(SHORTEST, LONGEST, len(names)), max(days, 1.0), sharpness, pull,
    )  # fmt: skip


def _played(chance: np.random.Generator, truth: Truth, events: int, start: datetime) -> list[Event]:
    """The plays of everybody: who listens much listens in sittings, one song after the other, never two at once."""
    share = chance.dirichlet(np.full(len(truth.listeners), 1.5))
    counts = chance.multinomial(events, share)
    shares = np.array([part for _, _, part in HOURS.values()])
    found: list[Event] = []
    for listener, count in enumerate(counts):
        left = int(count)
        free = 0.0  # seconds since the start before which this listener is busy
        sittings = np.sort(chance.uniform(0.0, truth.days, max(1, left // 8)))
        per_sitting = -(-left // len(sittings))
        device = _DEVICES[int(chance.integers(len(_DEVICES)))]
        for moment in sittings:
            many = min(per_sitting, left)
            if not many:
                break
            context = truth.contexts[int(chance.choice(len(shares), p=shares))]
            first, last, _ = HOURS[context]
            at = max(free + 60.0, (np.floor(moment) + chance.uniform(first, last) / 24) * 86_400.0)
            chosen = chance.choice(len(truth.names), many, p=truth.chances(listener, float(moment), context))
            fits = truth.fit(listener, float(moment), context)[chosen]
            for item, fit, luck in zip(chosen, fits, chance.uniform(size=(many, 3))):
                at = _hear(found, truth, listener, int(item), float(fit), luck, at, start, (device, context))
            free, left = at, left - many
    return found


def _hear(
    found: list[Event],
    truth: Truth,
    listener: int,
    item: int,
    fit: float,
    luck: NDArray[np.float64],
    at: float,
    start: datetime,
    where: tuple[str, str],
) -> float:
    """One play and what comes of it; returns when it is over. luck: three numbers from 0 to 1."""
    seconds = float(truth.seconds[item])
    finished = luck[0] < 1 / (1 + np.exp(-1.5 * fit - 0.8))
    lasted = seconds if finished else float(luck[0]) * seconds * 0.9

    def tell(kind: str, second: float | None = None, value: float | None = None, later: float = 0.0) -> None:
        moment = start + timedelta(seconds=round(at + later, 3))
        found.append(
            Event(truth.listeners[listener], truth.names[item], kind, moment, second, value, *where,
                  source=SOURCE, synthetic=True)
        )  # fmt: skip

    tell("play")
    tell("finish" if finished else "skip", None if finished else round(lasted, 1), later=lasted)
    if luck[1] < 0.15:
        if fit > 0.8:
            tell("like" if luck[2] < 0.7 else "save", later=lasted / 2)
        elif fit < -0.8:
            tell("dislike", later=lasted / 2)
        elif luck[2] < 0.3:
            tell("rate", value=float(np.clip(np.round(3 + fit), 1, 5)), later=lasted / 2)
    return at + lasted + 2.0 + 20.0 * float(luck[2])


def _softmax(values: NDArray[np.float64]) -> NDArray[np.float64]:
    raised = np.exp(values - values.max())
    found: NDArray[np.float64] = raised / raised.sum()
    return found
