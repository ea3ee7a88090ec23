"""Every error that Yuefu raises on purpose, in one tree.

    YuefuError
    ├── InputError            what the user gave can't be used (exit code 2, HTTP 422)
    │   ├── FormatError       a file or text that can't be parsed
    │   ├── LimitError        too large, too deep, too long
    │   └── UnknownNameError  a name that no registry holds; lists the nearest ones
    ├── MissingExtraError     an optional dependency isn't installed; prints the install command
    ├── MissingSystemError    the machine lacks something (a sound device, a soundfont)
    ├── OutputError           a result can't be written (folder not writable, disk full; HTTP 507)
    ├── NotFoundError         nothing there under that id, or nothing that this account may see (HTTP 404)
    ├── ConflictError         it has changed since it was read, or stands in the way (HTTP 409 or 412)
    │   └── KeyReusedError    an idempotency key came again with another request (HTTP 409)
    ├── AccessError           not who they say, or not allowed (HTTP 401 or 403)
    ├── QueueFullError        too many jobs wait; says when to come again (HTTP 429)
    └── StoreError            the data folder or its database can't be used as it is

Each message says what arrived, what is allowed and what to do, in one sentence.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class YuefuError(Exception):
    """Base of all errors raised on purpose."""


class InputError(YuefuError, ValueError):
    """What the user gave can't be used."""


class FormatError(InputError):
    """A file or a text can't be parsed as what it claims to be."""


class LimitError(InputError):
    """The input is larger, deeper or longer than what is accepted."""


class UnknownNameError(InputError):
    """A name that isn't known.

    >>> str(UnknownNameError("style", "pob", ["pop", "jazz"]))
    "unknown style 'pob': did you mean 'pop'? Known: jazz, pop."
    """

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        names = sorted(known)
        near = difflib.get_close_matches(name.lower(), names, n=1, cutoff=0.5)
        hint = f"did you mean '{near[0]}'? " if near else ""
        shown = ", ".join(names[:60]) + (" ..." if len(names) > 60 else "")
        super().__init__(f"unknown {kind} '{name[:80]}': {hint}Known: {shown}.")
        self.kind = kind
        self.name = name
        self.nearest = near[0] if near else None


class MissingExtraError(YuefuError, ImportError):
    """An optional dependency isn't installed.

    >>> str(MissingExtraError("training", "train"))
    'training needs an extra: pip install "yuefu[train]".'
    """

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f'{what} needs an extra: pip install "yuefu[{extra}]".')
        self.extra = extra


class MissingSystemError(YuefuError):
    """The machine lacks something that a package can't bring."""


class OutputError(YuefuError, OSError):
    """A result can't be written."""


class NotFoundError(YuefuError, LookupError):
    """Nothing is there under that id, or nothing that this account may see.

    >>> str(NotFoundError("piece", "01jd0000000000000000000000"))
    "there is no piece '01jd0000000000000000000000': it may have been erased, or belong to somebody else."
    """

    def __init__(self, kind: str, name: str | int) -> None:
        super().__init__(f"there is no {kind} '{str(name)[:80]}': it may have been erased, or belong to somebody else.")
        self.kind = kind
        self.name = name


class ConflictError(YuefuError):
    """A thing has changed since it was read, or another one stands in the way."""


class KeyReusedError(ConflictError):
    """An idempotency key came again, with another request than the first time."""


class AccessError(YuefuError):
    """Somebody isn't who they say, or isn't allowed to."""


class QueueFullError(YuefuError):
    """Too many jobs wait. retry_after: seconds after which a place may be free.

    >>> str(QueueFullError(20, 30))
    'the queue is full: 20 jobs wait already; try again in 30 seconds.'
    """

    def __init__(self, waiting: int, retry_after: int) -> None:
        super().__init__(f"the queue is full: {waiting} jobs wait already; try again in {retry_after} seconds.")
        self.waiting = waiting
        self.retry_after = retry_after


class StoreError(YuefuError):
    """The data folder or its database can't be used as it is."""
