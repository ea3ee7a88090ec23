"""How much one visitor may ask for: token buckets, and a count of open streams."""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil

#: Buckets kept; the ones unused for longest are forgotten, and start full again.
MAX_BUCKETS = 20_000


class Buckets:
    """Token buckets by key: each holds ``burst`` tokens at most and gains ``rate`` a second.

    >>> now = [0.0]
    >>> buckets = Buckets(rate=1, burst=2, clock=lambda: now[0])
    >>> buckets.take("a"), buckets.take("a"), buckets.take("a"), buckets.take("b")
    (0, 0, 1, 0)
    >>> now[0] = 1.0
    >>> buckets.take("a")
    0
    """

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._full: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: str) -> int:
        """Take a token: 0 when there was one, else the seconds to wait for the next."""
        with self._lock:
            now = self._clock()
            tokens, then = self._full.pop(key, (self._burst, now))
            tokens = min(self._burst, tokens + (now - then) * self._rate)
            wait = 0 if tokens >= 1 else max(1, ceil((1 - tokens) / self._rate))
            self._full[key] = (tokens - 1 if wait == 0 else tokens, now)
            while len(self._full) > MAX_BUCKETS:
                self._full.popitem(last=False)
            return wait


class Limits:
    """All limits of a server: reads and writes by visitor, attempts to log in by address and by name."""

    def __init__(self, reads: float, writes: float, streams: int, logins: float = 10.0) -> None:
        self.reads = Buckets(reads, reads * 4)
        self.writes = Buckets(writes, writes * 4)
        self.logins = Buckets(logins / 60, logins)
        self._most_streams = streams
        self._streams: Counter[str] = Counter()

    @contextmanager
    def stream(self, key: str) -> Iterator[bool]:
        """Count an open stream; gives False when the visitor has too many. For the event loop's thread alone."""
        if self._streams[key] >= self._most_streams:
            yield False
            return
        self._streams[key] += 1
        try:
            yield True
        finally:
            self._streams[key] -= 1
            if self._streams[key] <= 0:
                del self._streams[key]
