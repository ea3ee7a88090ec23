"""One thing that a listener did with an item: it was played, skipped, liked ..."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

#: What may happen. ``second``: of skip (and play); ``value``: of rate (1..5) and of repeat (how often); ``text``: of
#: search and comment, and of playlist and share (which one, where to). A search has no item.
KINDS = (
    "play", "finish", "skip", "repeat", "like", "dislike", "save", "rate", "playlist", "share", "comment", "search",
)  # fmt: skip
#: Where one listens. Others are kept as they are given.
CONTEXTS = ("", "morning", "commute", "work", "study", "run", "party", "evening", "sleep")


@dataclass(frozen=True, slots=True)
class Event:
    """An event.

    listener: an account's id, or a name in a file that was read; item: "piece:ID" for a piece of the library,
    "track:ARTIST - TITLE" or "artist:NAME" (folded as ``item_of`` does) for music from elsewhere, "" for a search;
    kind: of KINDS; moment: with a time zone, UTC; second: into the piece, None where it isn't known; value: see KINDS;
    id: given by whoever tells of it, so that an event told twice counts once; source: who told ("studio", "api",
    "listenbrainz" ...); synthetic: it was made up by ``synthetic`` and says so wherever it goes.
    """

    listener: str
    item: str
    kind: str
    moment: datetime
    second: float | None = None
    value: float | None = None
    device: str = ""
    context: str = ""
    text: str = ""
    id: str = ""
    source: str = ""
    synthetic: bool = False
