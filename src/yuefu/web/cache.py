"""Made once, kept a while: what is computed from a version, by the hash of that version."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from yuefu.web.errors import WebError

T = TypeVar("T")
#: How long a request waits for its turn at heavy work, in seconds.
PATIENCE = 45.0


class Cache(Generic[T]):
    """The most recently used values, up to a total weight. Two threads that want the same one make it once.

    >>> cache = Cache[str](most=10, weigh=len)
    >>> cache.get("a", lambda: "12345"), cache.get("a", lambda: "never made")
    ('12345', '12345')
    >>> _ = cache.get("b", lambda: "1234567")
    >>> cache.get("a", lambda: "anew")
    'anew'
    """

    def __init__(self, most: int, weigh: Callable[[T], int]) -> None:
        self._most = most
        self._weigh = weigh
        self._values: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()
        self._total = 0
        self._lock = threading.Lock()
        self._making: dict[Hashable, threading.Lock] = {}

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value kept under a key, or a new one."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key][0]
            making = self._making.setdefault(key, threading.Lock())
        with making:
            with self._lock:
                if key in self._values:
                    return self._values[key][0]
            try:
                value = make()
            finally:
                with self._lock:
                    self._making.pop(key, None)
            self._put(key, value)
            return value

    def _put(self, key: Hashable, value: T) -> None:
        weight = self._weigh(value)
        if weight > self._most:
            return
        with self._lock:
            if key in self._values:
                self._total -= self._values.pop(key)[1]
            self._values[key] = (value, weight)
            self._total += weight
            while self._total > self._most:
                _, (_, gone) = self._values.popitem(last=False)
                self._total -= gone


class Turns:
    """At most a few threads at heavy work at once; others wait a while, then are told to come again."""

    def __init__(self, most: int, patience: float = PATIENCE) -> None:
        self._free = threading.BoundedSemaphore(most)
        self._patience = patience

    @contextmanager
    def turn(self) -> Iterator[None]:
        """A turn. Raises WebError 503 when none comes."""
        if not self._free.acquire(timeout=self._patience):
            raise WebError(503, "busy", kind="BusyError", headers={"Retry-After": "5"})
        try:
            yield
        finally:
            self._free.release()
