"""Every error that Yuefu raises on purpose, in one tree.

    YuefuError
    ├── InputError            what the user gave can't be used (exit code 2, HTTP 422)
    │   ├── FormatError       a file or text that can't be parsed
    │   ├── LimitError        too large, too deep, too long
    │   └── UnknownNameError  a name that no registry holds; lists the nearest ones
    ├── MissingExtraError     an optional dependency isn't installed; prints the install command
    ├── MissingSystemError    the machine lacks something (a sound device, a soundfont)
    └── OutputError           a result can't be written (folder not writable, disk full)

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
