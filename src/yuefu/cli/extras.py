"""Optional dependencies: an import that fails says which extra brings what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from yuefu.errors import MissingExtraError


@contextmanager
def needing(what: str, extra: str) -> Iterator[None]:
    """Around imports of what an extra brings. Raises MissingExtraError when a package isn't there."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "yuefu").partition(".")[0] == "yuefu":
            raise
        raise MissingExtraError(what, extra) from error
