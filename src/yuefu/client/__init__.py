"""A client of a Yuefu server: what the API does, as Python calls.

from yuefu.client import Client

with Client("http://127.0.0.1:8765") as yuefu:
    job = yuefu.wait(yuefu.compose("spring rain", style="folk", seed=7))
    yuefu.download(job.piece, "midi", to="spring.mid")
"""

from __future__ import annotations

from yuefu.errors import MissingExtraError

try:
    from yuefu.client.client import Client
    from yuefu.client.errors import ApiError, JobError
    from yuefu.client.ideas import Card, Ideas
    from yuefu.client.listening import Listening, Playlist, Recommended
    from yuefu.client.records import Event, Health, Job, Piece, Version
except ModuleNotFoundError as missing:
    if (missing.name or "").partition(".")[0] != "httpx":
        raise
    raise MissingExtraError("the client", "studio") from missing

__all__ = [
    "ApiError", "Card", "Client", "Event", "Health", "Ideas", "Job", "JobError", "Listening", "Piece", "Playlist",
    "Recommended", "Version",
]  # fmt: skip
