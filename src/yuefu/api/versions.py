"""A piece's versions: edited, named, gone back to, compared; and what is seen and heard of them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from yuefu.api.answers import IfMatch, Number, PieceId, required_match, tagged, unchanging, version_json
from yuefu.api.documentation import USUAL, refusals
from yuefu.web import schemas
from yuefu.web.identity import Here, Known
from yuefu.web.language import language_of
from yuefu.web.views import document_of, view

router = APIRouter(tags=["versions"], responses={**USUAL, **refusals(404)})
_JSON = "application/json"
_NOT_MODIFIED = {304: {"description": "The browser has it already."}, **refusals(503)}


@router.get("/pieces/{piece}/versions", operation_id="listVersions")
def list_versions(
    services: Here,
    visitor: Known,
    piece: PieceId,
    before: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> schemas.Versions:
    """The history, the newest first."""
    found = services.store.pieces.versions(visitor.id, piece, before=before, limit=limit)
    more = len(found) == limit and found[-1].number > 1
    return schemas.Versions(versions=[version_json(each) for each in found], next=found[-1].number if more else None)


@router.post("/pieces/{piece}/versions", operation_id="editPiece", status_code=201, responses=refusals(409, 412, 428))
def edit(
    request: Request,
    services: Here,
    visitor: Known,
    piece: PieceId,
    body: schemas.Edits,
    response: Response,
    if_match: IfMatch = None,
) -> schemas.EditedPiece:
    """Edits, done together or not at all; they make a version, which becomes the head."""
    from yuefu.workflows.documents import summary, tune_text
    from yuefu.workflows.edits import apply_edits, describe
    from yuefu.workflows.piece_items import describe_soon

    tag = required_match(if_match)
    store = services.store.pieces
    base = body.base or store.get(visitor.id, piece).head
    source = store.version(visitor.id, piece, base)
    with services.turns.turn():
        before = document_of(services, source)
        document = apply_edits(before, body.edits)
        retitled = document.score.title != before.score.title
        version = store.add_version(
            visitor.id, piece, document.to_bytes(), parent=base, kind="edit",
            note=describe(body.edits, language_of(request)), facts=summary(document), tune=tune_text(document.score),
            title=document.score.title if retitled else None, if_match=tag,
        )  # fmt: skip
    services.documents.get(version.document, lambda: document)
    describe_soon(services.store, visitor.id, piece)
    changed = store.get(visitor.id, piece)
    told = tagged(response, changed)
    return schemas.EditedPiece(**told.model_dump(), version=version_json(version))


@router.put("/pieces/{piece}/head", operation_id="setHead", responses=refusals(412, 428))
def set_head(
    services: Here,
    visitor: Known,
    piece: PieceId,
    body: schemas.Head,
    response: Response,
    if_match: IfMatch = None,
) -> schemas.Piece:
    """Undo, redo, go back to any version: the head moves, the history stays."""
    return tagged(
        response,
        services.store.pieces.set_head(visitor.id, piece, body.version, if_match=required_match(if_match)),
    )


@router.get("/pieces/{piece}/versions/{number}", operation_id="getVersion")
def get(services: Here, visitor: Known, piece: PieceId, number: Number) -> schemas.Version:
    """One version."""
    return version_json(services.store.pieces.version(visitor.id, piece, number))


@router.patch("/pieces/{piece}/versions/{number}", operation_id="nameVersion")
def name(services: Here, visitor: Known, piece: PieceId, number: Number, body: schemas.Name) -> schemas.Version:
    """Give a version a name, an empty one to take it away."""
    return version_json(services.store.pieces.name_version(visitor.id, piece, number, body.name))


@router.get(
    "/pieces/{piece}/versions/{number}/grid",
    operation_id="getGrid",
    responses=_NOT_MODIFIED,
    response_model=schemas.Grid,
)
def grid(request: Request, services: Here, visitor: Known, piece: PieceId, number: Number) -> schemas.JsonObject:
    """Parts, bars, sections, chords, notes and syllables: what the grid draws."""
    from yuefu.workflows.views import grid_view

    version = services.store.pieces.version(visitor.id, piece, number)
    return unchanging(  # type: ignore[return-value]
        request, f"{version.document[:32]}-grid", _JSON, lambda: view(services, version, "grid", grid_view)
    )


@router.get(
    "/pieces/{piece}/versions/{number}/playback",
    operation_id="getPlayback",
    responses=_NOT_MODIFIED,
    response_model=schemas.Playback,
)
def playback(request: Request, services: Here, visitor: Known, piece: PieceId, number: Number) -> schemas.JsonObject:
    """When each note sounds, in seconds, as the piece is performed; and the clock of ticks."""
    from yuefu.workflows.views import playback_view

    version = services.store.pieces.version(visitor.id, piece, number)
    return unchanging(  # type: ignore[return-value]
        request, f"{version.document[:32]}-play", _JSON, lambda: view(services, version, "playback", playback_view)
    )


@router.get("/pieces/{piece}/versions/{number}/report", operation_id="getReport", responses=_NOT_MODIFIED)
def report(request: Request, services: Here, visitor: Known, piece: PieceId, number: Number) -> schemas.JsonObject:
    """Asked and found, lyrics line by line, the nearest known piece, licences: in plain words."""
    from yuefu.workflows.views import report_view

    version = services.store.pieces.version(visitor.id, piece, number)
    language = language_of(request)
    return unchanging(  # type: ignore[return-value]
        request,
        f"{version.document[:32]}-report-{language}",
        _JSON,
        lambda: view(services, version, "report", lambda document: report_view(document, language), language),
        headers={"Vary": "Accept-Language, Cookie", "Content-Language": language},
    )


@router.get("/pieces/{piece}/versions/{number}/analysis", operation_id="getAnalysis", responses=_NOT_MODIFIED)
def analysis(request: Request, services: Here, visitor: Known, piece: PieceId, number: Number) -> schemas.JsonObject:
    """Key, chords, form, ranges, rhythm: what can be measured."""
    from yuefu.analysis.facts import analyze

    version = services.store.pieces.version(visitor.id, piece, number)
    return unchanging(  # type: ignore[return-value]
        request,
        f"{version.document[:32]}-facts",
        _JSON,
        lambda: view(services, version, "analysis", lambda document: analyze(document.score).to_dict()),
    )


@router.get("/pieces/{piece}/versions/{number}/compare/{other}", operation_id="compareVersions")
def compare(
    request: Request, services: Here, visitor: Known, piece: PieceId, number: Number, other: Number
) -> schemas.JsonObject:
    """What differs between two versions: bars by part, notes, chords, words."""
    from yuefu.workflows.views import compare as difference

    store = services.store.pieces
    version, second = store.version(visitor.id, piece, number), store.version(visitor.id, piece, other)
    return unchanging(  # type: ignore[return-value]
        request,
        f"{version.document[:24]}-{second.document[:24]}",
        _JSON,
        lambda: view(
            services, version, "compare", lambda document: difference(document, document_of(services, second)),
            second.document,
        ),
    )  # fmt: skip
