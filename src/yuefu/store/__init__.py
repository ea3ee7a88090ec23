"""Pieces, versions, accounts and jobs in a database, files on disk. Knows nothing of music.

from yuefu.store import Store

store = Store.open(Path("data"))
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yuefu.store.store import Store

__all__ = ["Store"]


def __getattr__(name: str) -> Any:
    # The database libraries are an extra: they are loaded when a store is opened.
    if name == "Store":
        from yuefu.store.store import Store

        return Store
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
