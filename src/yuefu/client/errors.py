"""What a server refuses, and jobs that came to nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from yuefu.errors import YuefuError

if TYPE_CHECKING:
    from yuefu.client.records import Job


class ApiError(YuefuError):
    """A refusal.

    status: the HTTP status, 0 when no answer came; kind: the error's type; fields: what was wrong in which field;
    retry_after: seconds after which to come again, None when nobody said.
    """

    def __init__(
        self,
        status: int,
        kind: str,
        message: str,
        fields: list[Mapping[str, Any]] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.fields = fields or []
        self.retry_after = retry_after


class JobError(YuefuError):
    """A job that failed or was cancelled. job: as it ended."""

    def __init__(self, job: Job) -> None:
        reason = (job.error or {}).get("message") or f"the job was {job.state}."
        super().__init__(reason)
        self.job = job
