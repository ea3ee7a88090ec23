"""Jobs: asked for, looked at, wished away, and followed as they run."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

from anyio import to_thread
from fastapi import APIRouter, Header, Query, Request, Response
from starlette.responses import FileResponse, StreamingResponse

from yuefu.api.answers import JobId, disposition, job_json
from yuefu.api.documentation import USUAL, refusals
from yuefu.errors import NotFoundError
from yuefu.jobs.likeness import check_brief
from yuefu.jobs.requests import ComposeRequest
from yuefu.web import schemas
from yuefu.web.errors import WebError
from yuefu.web.identity import Here, Known, Visitor
from yuefu.web.services import Services

if TYPE_CHECKING:
    from yuefu.store.jobs import Job, JobEvent

router = APIRouter(tags=["jobs"], responses=USUAL)
#: Seconds between signs of life on a silent stream.
PING = 15.0
#: Seconds between looks whether the server is to end.
LOOK = 1.0
OVER = ("done", "failed", "cancelled")
_KEY = re.compile(r"^[\x21-\x7e]{1,200}$")
_BATCH = 500
_DIGEST = re.compile(r"^[0-9a-f]{64}$")
_STREAM = {
    200: {
        "description": "Server-sent events: state, progress, brief, plan, bars.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    },
    **refusals(404),
}
Key = Annotated[
    str | None, Header(description="The same key brings the same job, however often it is sent.", max_length=200)
]


@router.post(
    "/jobs",
    operation_id="createJob",
    status_code=201,
    responses={
        200: {"model": schemas.Job, "description": "The job that this key brought before."},
        **refusals(404, 409),
    },
)
def create(
    services: Here, visitor: Known, body: schemas.JobRequest, response: Response, idempotency_key: Key = None
) -> schemas.Job:
    """Ask for a job. 429 with Retry-After when too many wait."""
    if idempotency_key is not None and not _KEY.match(idempotency_key):
        raise WebError(422, "invalid", field="Idempotency-Key", reason="1-200 visible ASCII characters")
    _check(services, visitor, body)
    job, created = services.store.jobs.add(
        visitor.id,
        body.kind,
        body.request.model_dump(mode="json"),
        idempotency_key=idempotency_key,
        most_waiting=services.settings.queue,
    )
    response.status_code = 201 if created else 200
    response.headers["Location"] = f"/api/v1/jobs/{job.id}"
    return job_json(job)


def _check(services: Services, visitor: Visitor, body: schemas.JobRequest) -> None:
    """Refuse now what could only fail later: another's piece, words that can't be met."""
    request = body.request
    if isinstance(request, ComposeRequest):
        if request.ideas:
            from yuefu.inspire.making import idea_from_dict
            from yuefu.workflows.inspire_start import check_ideas

            check_ideas([idea_from_dict(idea) for idea in request.ideas])
        if request.brief is None:
            check_brief(services.store, visitor.id, request)
    elif request.piece is not None:
        services.store.pieces.get(visitor.id, request.piece)
        if request.version is not None:
            services.store.pieces.version(visitor.id, request.piece, request.version)


@router.get("/jobs", operation_id="listJobs")
def list_jobs(
    services: Here,
    visitor: Known,
    state: Literal["queued", "running", "done", "failed", "cancelled"] | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> schemas.Jobs:
    """Your jobs, the newest first."""
    return schemas.Jobs(jobs=[job_json(job) for job in services.store.jobs.list(visitor.id, state, limit)])


@router.get("/jobs/{job}", operation_id="getJob", responses=refusals(404))
def get(services: Here, visitor: Known, job: JobId) -> schemas.Job:
    """A job as it is now."""
    return job_json(services.store.jobs.get(visitor.id, job))


@router.delete("/jobs/{job}", operation_id="cancelJob", responses=refusals(404))
def cancel(services: Here, visitor: Known, job: JobId) -> schemas.Job:
    """Wish a job away: one that waits is cancelled at once, one that runs soon."""
    return job_json(services.store.jobs.cancel(visitor.id, job))


@router.get(
    "/jobs/{job}/file",
    operation_id="getJobFile",
    response_class=Response,
    responses={200: {"content": {"application/zip": {}}, "description": "The file."}, **refusals(404)},
)
def file(services: Here, visitor: Known, job: JobId) -> Response:
    """The file that an export of the whole library made."""
    done = services.store.jobs.get(visitor.id, job)
    result = done.result or {}
    digest = result.get("file") if done.kind == "export" else None
    if not isinstance(digest, str) or not _DIGEST.match(digest):
        raise NotFoundError("file", job)
    return FileResponse(
        services.store.blobs.path(digest),
        media_type=str(result.get("media_type", "application/zip")),
        headers={"Content-Disposition": disposition(str(result.get("name", "yuefu.zip")))},
    )


@router.get("/jobs/{job}/events", operation_id="followJob", response_class=StreamingResponse, responses=_STREAM)
async def events(
    request: Request,
    services: Here,
    visitor: Known,
    job: JobId,
    after: Annotated[int, Query(ge=0, le=2**62, description="As Last-Event-ID.")] = 0,
    last_event_id: Annotated[str | None, Header(description="Only what was told after this event.")] = None,
) -> Response:
    """What a job tells, from its beginning or from where a line broke; ends after the job's last state."""
    found = await to_thread.run_sync(services.store.jobs.get, visitor.id, job)
    if last_event_id is not None and last_event_id.isascii() and last_event_id.isdigit():
        after = int(last_event_id[:18])
    stream = _stream(services, visitor.id, found, after)
    # The first piece is made here, so that a refusal is an answer of its own and no broken stream.
    first = await anext(stream)
    if first is None:
        raise WebError(429, "too_many_streams", kind="RateError", headers={"Retry-After": "5"})

    async def whole() -> AsyncIterator[bytes]:
        try:
            yield first
            async for piece in stream:
                if piece:
                    yield piece
        finally:
            await stream.aclose()

    return StreamingResponse(
        whole(), media_type="text/event-stream", headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )


async def _stream(services: Services, account: str, job: Job, after: int) -> Any:
    """The stream's pieces; None first when the visitor has too many streams open."""
    with services.limits.stream(account) as allowed:
        if not allowed:
            yield None
            return
        yield b"retry: 1000\n\n"
        async with services.hub.listen(job.id) as queue:
            ended = False
            while not ended:
                told = await to_thread.run_sync(services.store.jobs.events, after, [job.id], _BATCH)
                for event in told:
                    after = event.id
                    yield _event(event)
                    ended = _is_end(event) or ended
                if len(told) < _BATCH:
                    break
            if not ended:
                # Old events are forgotten in time; what the job itself says never is.
                now = await to_thread.run_sync(services.store.jobs.get, account, job.id)
                if now.state in OVER and queue.empty():
                    told = await to_thread.run_sync(services.store.jobs.events, after, [job.id], _BATCH)
                    for event in told:
                        yield _event(event)
                    if not any(_is_end(event) for event in told):
                        yield _state(now)
                    return
            silent = 0.0
            while not ended and not services.closing:
                try:
                    event = await asyncio.wait_for(queue.get(), LOOK)
                except TimeoutError:
                    silent += LOOK
                    if silent >= PING:
                        silent = 0.0
                        yield b": still here\n\n"
                    continue
                if event.id <= after:
                    continue
                after = event.id
                yield _event(event)
                ended = _is_end(event)


def _is_end(event: JobEvent) -> bool:
    return event.kind == "state" and event.data.get("state") in OVER


def _event(event: JobEvent) -> bytes:
    data = json.dumps(event.data, ensure_ascii=False, separators=(",", ":"))
    return f"id: {event.id}\nevent: {event.kind}\ndata: {data}\n\n".encode("utf-8", "replace")


def _state(job: Job) -> bytes:
    data = {"state": job.state, "position": job.position, "result": job.result, "error": job.error}
    return f"event: state\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode("utf-8", "replace")
