"""Pages and files of a version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Request, Response
from starlette.responses import FileResponse

from yuefu.api.answers import Number, PieceId, disposition, unchanging
from yuefu.api.documentation import USUAL, refusals
from yuefu.web import schemas
from yuefu.web.errors import WebError
from yuefu.web.identity import Here, Known
from yuefu.web.services import Services
from yuefu.web.views import MEDIA_TYPES, check_format, exported, formats, needs, pages

if TYPE_CHECKING:
    from yuefu.store.pieces import Version

router = APIRouter(tags=["files"], responses={**USUAL, **refusals(404)})
PageNumber = Annotated[int, Path(ge=1, le=10_000, description="A page, from 1.")]
Format = Annotated[str, Path(pattern=r"^[a-z0-9.-]{1,20}$", description="A key of the formats in ``/models``.")]
SVG = {200: {"content": {"image/svg+xml": {}}, "description": "A page."}, **refusals(503)}
FILE = {200: {"content": {"application/octet-stream": {}}, "description": "The file."}, **refusals(409, 503)}


def page_count(services: Services, version: Version) -> schemas.PageCount:
    """How many pages the score and the numbered notation have."""
    return schemas.PageCount(
        pages=len(pages(services, version, "score")), jianpu=len(pages(services, version, "jianpu"))
    )


def page_answer(request: Request, services: Services, version: Version, kind: str, number: int) -> Response:
    """A page as SVG."""

    def made() -> bytes:
        found = pages(services, version, kind)
        if number > len(found):
            raise WebError(404, "page_unknown", kind="NotFoundError", count=len(found))
        return found[number - 1].encode()

    return unchanging(request, f"{version.document[:32]}-{kind}-{number}", "image/svg+xml", made)


def files_of(services: Services, version: Version) -> schemas.VersionFiles:
    """All formats, and which of them can be had at once."""
    kept = {file.fmt for file in services.store.pieces.files(version.piece_id, version.number)}
    return schemas.VersionFiles(
        files=[
            schemas.VersionFile(
                format=fmt,
                file=name,
                media_type=_media_type(fmt),
                ready=needs(fmt) is None or fmt in kept,
                needs=needs(fmt),
            )
            for fmt, name in formats().items()
        ]
    )


def file_answer(request: Request, services: Services, version: Version, fmt: str, title: str) -> Response:
    """A file: made at once, or kept since a job made it; 409 when that job is still to be asked for."""
    check_format(fmt)
    kept = services.store.pieces.file(version.piece_id, version.number, fmt)
    if kept is not None:
        return FileResponse(
            services.store.blobs.path(kept.digest),
            media_type=kept.media_type,
            headers={
                "Content-Disposition": disposition(named(title, kept.name)),
                "ETag": f'"{kept.digest[:32]}"',
                "Cache-Control": "private, no-cache",
            },
        )
    if (kind := needs(fmt)) is not None:
        raise WebError(409, "not_made", kind="NotMadeError", job=kind)
    name, data = exported(services, version, fmt)
    media_type = "application/zip" if name.endswith(".zip") else _media_type(fmt)
    return unchanging(
        request, f"{version.document[:32]}-{fmt}", media_type, lambda: data,
        headers={"Content-Disposition": disposition(named(title, name))},
    )  # fmt: skip


def named(title: str, file: str) -> str:
    """A file's name for a person: the piece's title with the file's extensions.

    >>> named("Spring rain", "song.yuefu.json"), named("", "song.mid"), named("a", "roll.png")
    ('Spring rain.yuefu.json', 'song.mid', 'a roll.png')
    """
    stem, dot, extension = file.partition(".")
    title = " ".join(title.split())[:100]
    if not title:
        return file
    return f"{title}{'' if stem == 'song' else ' ' + stem}{dot}{extension}"


def _media_type(fmt: str) -> str:
    return MEDIA_TYPES.get(fmt, "application/octet-stream")


@router.get("/pieces/{piece}/versions/{number}/pages", operation_id="countPages", responses=refusals(503))
def count(services: Here, visitor: Known, piece: PieceId, number: Number) -> schemas.PageCount:
    """How many pages there are."""
    return page_count(services, services.store.pieces.version(visitor.id, piece, number))


@router.get(
    "/pieces/{piece}/versions/{number}/pages/{page}.svg",
    operation_id="getPage",
    response_class=Response,
    responses=SVG,
)
def page(
    request: Request, services: Here, visitor: Known, piece: PieceId, number: Number, page: PageNumber
) -> Response:
    """A page of the score; a note's element is ``n`` and its id."""
    version = services.store.pieces.version(visitor.id, piece, number)
    return page_answer(request, services, version, "score", page)


@router.get(
    "/pieces/{piece}/versions/{number}/jianpu/{page}.svg",
    operation_id="getJianpuPage",
    response_class=Response,
    responses=SVG,
)
def jianpu(
    request: Request, services: Here, visitor: Known, piece: PieceId, number: Number, page: PageNumber
) -> Response:
    """A page of numbered notation; digits carry ``data-note``, bars ``data-bar``."""
    version = services.store.pieces.version(visitor.id, piece, number)
    return page_answer(request, services, version, "jianpu", page)


@router.get("/pieces/{piece}/versions/{number}/files", operation_id="listFiles")
def list_files(services: Here, visitor: Known, piece: PieceId, number: Number) -> schemas.VersionFiles:
    """All formats, and which of them can be had at once."""
    return files_of(services, services.store.pieces.version(visitor.id, piece, number))


@router.get(
    "/pieces/{piece}/versions/{number}/files/{format}",
    operation_id="getFile",
    response_class=Response,
    responses=FILE,
)
def file(request: Request, services: Here, visitor: Known, piece: PieceId, number: Number, format: Format) -> Response:
    """A file. Sound, PDF, PNG, SVG and zip are made by a render or export job first (409 until then)."""
    version = services.store.pieces.version(visitor.id, piece, number)
    return file_answer(request, services, version, format, version.title)
