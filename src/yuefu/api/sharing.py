"""What anybody with a link may see and hear: a piece's present version, and nothing else of its account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Request, Response

from yuefu.api.answers import unchanging
from yuefu.api.documentation import refusals
from yuefu.api.files import FILE, SVG, Format, PageNumber, file_answer, files_of, page_answer, page_count
from yuefu.web import schemas
from yuefu.web.identity import Anybody, Here
from yuefu.web.services import Services
from yuefu.web.views import view

if TYPE_CHECKING:
    from yuefu.store.pieces import Piece, Version

router = APIRouter(tags=["sharing"], dependencies=[Anybody], responses=refusals(404, 422, 429))
Token = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$", description="The link's token.")]
_JSON = "application/json"


def _shown(services: Services, token: str) -> tuple[Piece, Version]:
    piece = services.store.pieces.shared(token)
    return piece, services.store.pieces.version(piece.account_id, piece.id, piece.head)


@router.get("/shared/{token}", operation_id="getShared")
def get(services: Here, token: Token) -> schemas.Shared:
    """A shared piece."""
    piece = services.store.pieces.shared(token)
    return schemas.Shared(
        title=piece.title, head=piece.head, facts=piece.facts, created=piece.created, updated=piece.updated
    )


@router.get("/shared/{token}/grid", operation_id="getSharedGrid", response_model=schemas.Grid)
def grid(request: Request, services: Here, token: Token) -> schemas.JsonObject:
    """Its grid."""
    from yuefu.workflows.views import grid_view

    _, version = _shown(services, token)
    return unchanging(  # type: ignore[return-value]
        request, f"{version.document[:32]}-grid", _JSON, lambda: view(services, version, "grid", grid_view)
    )


@router.get("/shared/{token}/playback", operation_id="getSharedPlayback", response_model=schemas.Playback)
def playback(request: Request, services: Here, token: Token) -> schemas.JsonObject:
    """How it plays."""
    from yuefu.workflows.views import playback_view

    _, version = _shown(services, token)
    return unchanging(  # type: ignore[return-value]
        request, f"{version.document[:32]}-play", _JSON, lambda: view(services, version, "playback", playback_view)
    )


@router.get("/shared/{token}/pages", operation_id="countSharedPages")
def count(services: Here, token: Token) -> schemas.PageCount:
    """How many pages it has."""
    return page_count(services, _shown(services, token)[1])


@router.get("/shared/{token}/pages/{page}.svg", operation_id="getSharedPage", response_class=Response, responses=SVG)
def page(request: Request, services: Here, token: Token, page: PageNumber) -> Response:
    """A page of its score."""
    return page_answer(request, services, _shown(services, token)[1], "score", page)


@router.get(
    "/shared/{token}/jianpu/{page}.svg", operation_id="getSharedJianpuPage", response_class=Response, responses=SVG
)
def jianpu(request: Request, services: Here, token: Token, page: PageNumber) -> Response:
    """A page of its numbered notation."""
    return page_answer(request, services, _shown(services, token)[1], "jianpu", page)


@router.get("/shared/{token}/files", operation_id="listSharedFiles")
def list_files(services: Here, token: Token) -> schemas.VersionFiles:
    """Its files."""
    return files_of(services, _shown(services, token)[1])


@router.get("/shared/{token}/files/{format}", operation_id="getSharedFile", response_class=Response, responses=FILE)
def file(request: Request, services: Here, token: Token, format: Format) -> Response:
    """A file of it, of those that can be had at once."""
    piece, version = _shown(services, token)
    return file_answer(request, services, version, format, piece.title)
