"""What one job may take of the machine."""

from __future__ import annotations

import ctypes
import gc
import os
import re
import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

_NO_MEMORY = re.compile(r"bad[ _]alloc|failed to allocate|cannot allocate|out of memory", re.IGNORECASE)


@dataclass(frozen=True)
class Limits:
    """memory: bytes of a worker's address space, None for no limit; time: of a job; lease: for how long a worker that
    fell silent keeps its job; grace: how long a job may take to notice that it is to be left."""

    memory: int | None = 4 * 2**30
    time: timedelta = timedelta(minutes=15)
    lease: timedelta = timedelta(seconds=15)
    grace: timedelta = timedelta(seconds=8)


def limit_memory(most: int | None) -> None:
    """Let this process have no more memory than so many bytes: what asks for more gets a MemoryError.

    Where the system knows no such limit, nothing happens.
    """
    if most is None:
        return
    try:
        import resource
    except ImportError:  # Windows
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(resource.RLIMIT_AS, (bound, hard))


def give_back_memory() -> None:
    """Let the system have what freed objects took: glibc would keep it for a next time that may never come."""
    gc.collect()
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL("libc.so.6").malloc_trim(0)


def ran_out_of_memory(error: BaseException) -> bool:
    """Whether an error says so, by its kind or, from libraries in C++, by its words.

    >>> ran_out_of_memory(MemoryError()), ran_out_of_memory(RuntimeError("std::bad_alloc"))
    (True, True)
    """
    return isinstance(error, MemoryError) or _NO_MEMORY.search(str(error)[:2000]) is not None


def parent_is_gone(parent: int | None) -> bool:
    """Whether the process that started this one has ended. None: nobody is to be watched."""
    return parent is not None and os.getppid() != parent
