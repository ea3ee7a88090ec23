"""Records of the store as JSON, and what routes have in common: ETags, files, ids."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

from fastapi import Header, Path, Request
from starlette.responses import Response

from yuefu.web import schemas
from yuefu.web.errors import WebError

if TYPE_CHECKING:
    from yuefu.store.accounts import Account
    from yuefu.store.jobs import Job
    from yuefu.store.pieces import Piece, Version

PieceId = Annotated[str, Path(pattern=schemas.ID_PATTERN, description="A piece's id.")]
JobId = Annotated[str, Path(pattern=schemas.ID_PATTERN, description="A job's id.")]
Number = Annotated[int, Path(ge=1, le=2**31 - 1, description="A version's number.")]
IfMatch = Annotated[str | None, Header(description="The piece's ETag.")]


def piece_json(piece: Piece) -> schemas.Piece:
    """A piece."""
    return schemas.Piece(
        id=piece.id, title=piece.title, words=piece.words, tags=list(piece.tags), liked=piece.liked, head=piece.head,
        etag=piece.etag, facts=piece.facts, created=piece.created, updated=piece.updated, trashed=piece.trashed,
        shared=piece.shared,
    )  # fmt: skip


def version_json(version: Version) -> schemas.Version:
    """A version."""
    return schemas.Version(
        number=version.number, parent=version.parent, redo=version.redo, title=version.title, name=version.name,
        kind=version.kind, note=version.note, created=version.created,
    )  # fmt: skip


def job_json(job: Job) -> schemas.Job:
    """A job."""
    return schemas.Job(
        id=job.id, kind=job.kind, state=job.state,  # type: ignore[arg-type]
        position=job.position, progress=job.progress, result=job.result,
        error=job.error, request=job.request, attempts=job.attempts, cancel_requested=job.cancel_requested,
        created=job.created, started=job.started, finished=job.finished,
    )  # fmt: skip


def account_json(account: Account) -> schemas.Account:
    """An account."""
    return schemas.Account(id=account.id, name=account.name, is_admin=account.is_admin, created=account.created)


def tagged(response: Response, piece: Piece) -> schemas.Piece:
    """A piece, with its ETag on the answer."""
    response.headers["ETag"] = f'"{piece.etag}"'
    response.headers["Cache-Control"] = "private, no-cache"
    return piece_json(piece)


def required_match(if_match: str | None) -> str | None:
    """The ETag that a change goes with, None for ``*``. Raises WebError 428 without one.

    >>> required_match('W/"7"'), required_match("*")
    ('7', None)
    """
    if if_match is None or not if_match.strip():
        raise WebError(428, "need_if_match", kind="ConflictError")
    tag = if_match.strip()
    return None if tag == "*" else tag.removeprefix("W/").strip('"')


def disposition(name: str, inline: bool = False) -> str:
    """A Content-Disposition for any name, after RFC 6266 and RFC 5987.

    >>> disposition("春.mid")
    'attachment; filename="file.mid"; filename*=UTF-8\\'\\'%E6%98%A5.mid'
    """
    plain = re.sub(r'[\x00-\x1f\x7f"\\/:*?<>|%]+', "_", name).strip(" .") or "file"
    ascii_name = plain if plain.isascii() else "file" + (re.findall(r"\.[a-z0-9.]{1,16}$", plain) or [""])[0]
    kind = "inline" if inline else "attachment"
    return f"{kind}; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(plain.encode('utf-8', 'replace'), safe='')}"


def unchanging(
    request: Request, tag: str, media_type: str, make: Callable[[], bytes], *, headers: dict[str, str] | None = None
) -> Response:
    """What depends on a version alone: 304 when the browser has it, else the bytes."""
    told = {"ETag": f'"{tag}"', "Cache-Control": "private, no-cache", **(headers or {})}
    known = request.headers.get("if-none-match", "")
    if known and tag in {each.strip().removeprefix("W/").strip('"') for each in known.split(",")}:
        return Response(status_code=304, headers=told)
    return Response(make(), media_type=media_type, headers=told)
