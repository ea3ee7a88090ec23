"""What the server tells, as typed records. Unknown fields are left out, so that newer servers can be talked to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Self


class _Record:
    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """From JSON."""
        found: dict[str, Any] = {}
        for field in fields(cls):  # type: ignore[arg-type]
            value = data.get(field.name)
            if value is not None and "datetime" in str(field.type):
                value = datetime.fromisoformat(value)
            elif isinstance(value, list) and "tuple" in str(field.type):
                value = tuple(value)
            found[field.name] = value
        return cls(**found)


@dataclass(frozen=True)
class Job(_Record):
    """A job.

    state: queued, running, done, failed or cancelled; position: in the queue, from 1; progress: stage, fraction and
    seconds left; result: what it made; error: type and message of a failure.

    >>> Job.of({"id": "j", "kind": "compose", "state": "done", "result": {"piece": "p", "version": 1}}).piece
    'p'
    """

    id: str
    kind: str
    state: str
    position: int | None
    progress: dict[str, Any] | None
    result: dict[str, Any] | None
    error: dict[str, Any] | None
    request: dict[str, Any] | None
    created: datetime | None
    started: datetime | None
    finished: datetime | None

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state in ("done", "failed", "cancelled")

    @property
    def piece(self) -> str:
        """The id of the piece that it made or changed. Raises KeyError when there is none."""
        return str((self.result or {})["piece"])

    @property
    def version(self) -> int:
        """The number of the version that it made. Raises KeyError when there is none."""
        return int((self.result or {})["version"])


@dataclass(frozen=True)
class Event:
    """What a job told. kind: state, progress, brief, plan or bars."""

    id: int
    kind: str
    data: dict[str, Any]


@dataclass(frozen=True)
class Piece(_Record):
    """A piece. head: the version that is shown; etag: for changes; facts: key, tempo, metre, bars, seconds, style."""

    id: str
    title: str
    words: str
    tags: tuple[str, ...]
    liked: bool
    head: int
    etag: str
    facts: dict[str, Any]
    created: datetime
    updated: datetime
    trashed: datetime | None
    shared: str | None


@dataclass(frozen=True)
class Version(_Record):
    """A state of a piece. parent: what it was made from; redo: where redo leads; note: what was done."""

    number: int
    parent: int | None
    redo: int | None
    title: str
    name: str
    kind: str
    note: str
    created: datetime


@dataclass(frozen=True)
class Health(_Record):
    """Whether a server is well. status: ok or degraded; queue: jobs waiting and running, and the most that may wait."""

    status: str
    version: str
    model: str
    database: bool
    workers: int
    queue: dict[str, int]
