"""How far a job has come and how long it will take, from what its stages usually share."""

from __future__ import annotations

import time
from collections.abc import Callable

from yuefu.progress import Progress

#: Kind of job -> its stages in order and their usual shares of its time.
SHARES: dict[str, dict[str, float]] = {
    "compose": {"melody": 0.62, "band": 0.24, "drums": 0.08, "finish": 0.06},
    "fill": {"chords": 0.15, "melody": 0.4, "band": 0.3, "drums": 0.1, "finish": 0.05},
    "render": {"sound": 0.9, "finish": 0.1},
    "analyze": {"finish": 1.0},
    "import": {"finish": 1.0},
    "export": {"files": 1.0},
}
#: Seconds that a kind usually takes, until its own pace is known.
USUAL = {"compose": 12.0, "fill": 6.0, "render": 4.0, "analyze": 1.0, "import": 1.0, "export": 8.0}
#: How much of a job must be done for its own pace to count as much as what is usual.
_TRUST = 0.15


class Estimate:
    """The course of one job. Its fraction never falls, whatever order its stages come in."""

    def __init__(self, kind: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._shares = SHARES.get(kind, {})
        self._usual = USUAL.get(kind, 10.0)
        self._clock = clock
        self._start = clock()
        self._fraction = 0.0

    def update(self, event: Progress) -> tuple[float, float]:
        """The fraction done, 0..1, and the seconds left, after an event."""
        done = min(max(event.done / event.total, 0.0), 1.0) if event.total > 0 else 0.0
        before = 0.0
        for stage, share in self._shares.items():
            if stage == event.stage:
                self._fraction = max(self._fraction, min(before + share * done, 1.0))
                break
            before += share
        return self._fraction, self.seconds_left()

    def seconds_left(self) -> float:
        """The seconds left now: the job's own pace, weighed with the usual one while little is done."""
        elapsed = self._clock() - self._start
        whole = (elapsed + self._usual * _TRUST) / (self._fraction + _TRUST)
        return max(whole - elapsed, 0.0) if self._fraction < 1 else 0.0
