"""The library: pieces found, made, changed, thrown away and taken back."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from yuefu.api.answers import IfMatch, PieceId, job_json, piece_json, required_match, tagged
from yuefu.api.documentation import USUAL, refusals
from yuefu.errors import NotFoundError
from yuefu.web import schemas
from yuefu.web.errors import WebError
from yuefu.web.identity import Here, Known
from yuefu.web.views import document_of

router = APIRouter(tags=["pieces"], responses=USUAL)
Words = Annotated[str, Query(max_length=200, description="Every word must be in title, tags or words.")]
#: The body of a route that takes a file.
UPLOAD_FORM = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {"file": {"type": "string", "format": "binary"}},
            }
        }
    },
}
#: Most characters of a file's name that are kept as the piece's title.
_NAME = 120


@router.get("/pieces", operation_id="listPieces")
def list_pieces(
    services: Here,
    visitor: Known,
    words: Words = "",
    tag: Annotated[str | None, Query(max_length=50)] = None,
    liked: bool | None = None,
    trashed: bool = False,
    sort: Literal["updated", "-updated", "created", "-created", "title", "-title"] = "-updated",
    after: Annotated[str | None, Query(max_length=600, description="``next`` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> schemas.Pieces:
    """Your pieces, a page at a time."""
    found, following = services.store.pieces.list(
        visitor.id, words=words, tag=tag, liked=liked, trashed=trashed, sort=sort, after=after, limit=limit
    )
    return schemas.Pieces(pieces=[piece_json(piece) for piece in found], next=following)


@router.post("/pieces", operation_id="createPiece", status_code=201)
def create(services: Here, visitor: Known, body: schemas.NewPiece, response: Response) -> schemas.Piece:
    """A piece from a score document, or an empty one to be written by hand."""
    from yuefu.workflows.documents import summary, tune_text
    from yuefu.workflows.new_pieces import document_of_data, empty_document
    from yuefu.workflows.piece_items import describe_soon

    if body.score is not None:
        document = document_of_data(body.score, body.title)
    else:
        document = empty_document(body.title, body.bars, body.meter, body.key, body.tempo, body.instrument)
    piece = services.store.pieces.create(
        visitor.id, title=document.score.title, document=document.to_bytes(), kind="import" if body.score else "new",
        tags=body.tags, facts=summary(document), tune=tune_text(document.score),
    )  # fmt: skip
    describe_soon(services.store, visitor.id, piece.id)
    return tagged(response, piece)


@router.get("/pieces/tags", operation_id="listTags")
def tags(services: Here, visitor: Known) -> schemas.Tags:
    """The tags in use, the most frequent first."""
    return schemas.Tags(tags=services.store.pieces.tags(visitor.id))


@router.post(
    "/pieces/import",
    operation_id="importPiece",
    status_code=202,
    openapi_extra={"requestBody": UPLOAD_FORM},
    responses=refusals(503),
)
async def import_file(request: Request, services: Here, visitor: Known) -> schemas.Job:
    """A file of music (MIDI, MusicXML, MXL, ABC, jianpu, Yuefu's own JSON), made into a piece by a job."""
    from anyio import to_thread
    from starlette.datastructures import UploadFile

    async with request.form(max_files=1, max_fields=4) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise WebError(422, "no_file")
        data = await file.read()
        name = file_name(file.filename or "")

    def queue() -> Any:
        digest = services.store.blobs.put(data)
        job, _ = services.store.jobs.add(
            visitor.id, "import", {"upload": digest, "name": name}, most_waiting=services.settings.queue
        )
        return job_json(job)

    return await to_thread.run_sync(queue)  # type: ignore[no-any-return]


def file_name(text: str) -> str:
    r"""The last part of an upload's name, as a title and for its extension; it never names a file here.

    >>> file_name("C:\\music\\a\x00b.mid"), file_name("../../etc/春天.mxl"), file_name("")
    ('ab.mid', '春天.mxl', 'music')
    """
    last = text.encode("utf-8", "replace").decode().replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(char for char in last if char.isprintable()).strip(" .")
    stem, dot, extension = plain.rpartition(".")
    return (f"{stem[:_NAME]}{dot}{extension[:16]}" if dot else plain[:_NAME]) or "music"


@router.post("/pieces/export", operation_id="exportLibrary", status_code=202)
def export_library(services: Here, visitor: Known) -> schemas.Job:
    """Everything of yours as one zip, made by a job: fetch it at ``/jobs/{id}/file`` then."""
    from yuefu.jobs.requests import ExportRequest

    request = ExportRequest().model_dump(mode="json")
    job, _ = services.store.jobs.add(visitor.id, "export", request, most_waiting=services.settings.queue)
    return job_json(job)


@router.post("/pieces/search-tune", operation_id="searchTune")
def search_tune(services: Here, visitor: Known, body: schemas.Tune) -> schemas.TuneHits:
    """The pieces in which a tune is found, by its contour: in any key, and with a wrong note or two."""
    from yuefu.workflows.tune_search import parse_tune, rank

    hits = []
    with services.turns.turn():
        found = rank(parse_tune(body.tune), services.store.pieces.tunes(visitor.id), body.limit)
    for piece_id, score, bar in found:
        try:
            piece = services.store.pieces.get(visitor.id, piece_id)
        except NotFoundError:
            continue  # erased this instant
        hits.append(schemas.TuneHit(piece=piece_json(piece), score=round(float(score), 4), bar=int(bar)))
    return schemas.TuneHits(hits=hits)


@router.get("/pieces/{piece}", operation_id="getPiece", responses=refusals(404))
def get(services: Here, visitor: Known, piece: PieceId, response: Response) -> schemas.Piece:
    """A piece, one in the trash too."""
    return tagged(response, services.store.pieces.get(visitor.id, piece))


@router.patch("/pieces/{piece}", operation_id="changePiece", responses=refusals(404, 412, 428))
def change(
    services: Here,
    visitor: Known,
    piece: PieceId,
    body: schemas.PieceChange,
    response: Response,
    if_match: IfMatch = None,
) -> schemas.Piece:
    """Another title, other tags, a like."""
    from yuefu.workflows.piece_items import describe_soon

    changed = services.store.pieces.change(
        visitor.id, piece, title=body.title, tags=body.tags, liked=body.liked, if_match=required_match(if_match)
    )
    if body.title is not None or body.tags is not None:
        describe_soon(services.store, visitor.id, piece)
    return tagged(response, changed)


@router.delete("/pieces/{piece}", operation_id="trashPiece", status_code=204, responses=refusals(404, 409))
def trash(
    services: Here,
    visitor: Known,
    piece: PieceId,
    forever: Annotated[bool, Query(description="Erase a piece that is in the trash.")] = False,
) -> None:
    """Into the trash, which keeps it for 30 days; or away for ever."""
    if forever:
        services.store.pieces.erase(visitor.id, piece)
    else:
        services.store.pieces.trash(visitor.id, piece)


@router.post("/pieces/{piece}/restore", operation_id="restorePiece", responses=refusals(404))
def restore(services: Here, visitor: Known, piece: PieceId, response: Response) -> schemas.Piece:
    """Out of the trash."""
    return tagged(response, services.store.pieces.restore(visitor.id, piece))


@router.post("/pieces/{piece}/copy", operation_id="copyPiece", status_code=201, responses=refusals(404))
def copy(services: Here, visitor: Known, piece: PieceId, response: Response) -> schemas.Piece:
    """Another piece that begins as this one is now; its history is its own."""
    from yuefu.workflows.documents import tune_text
    from yuefu.workflows.piece_items import describe_soon

    store = services.store.pieces
    source = store.get(visitor.id, piece)
    version = store.version(visitor.id, piece, source.head)
    made = store.create(
        visitor.id, title=source.title, document=store.document(version), kind="copy", words=source.words,
        tags=source.tags, facts=source.facts, tune=tune_text(document_of(services, version).score),
    )  # fmt: skip
    describe_soon(services.store, visitor.id, made.id, (f"piece:{piece}",))
    return tagged(response, made)


@router.put("/pieces/{piece}/share", operation_id="sharePiece", tags=["sharing"], responses=refusals(404))
def share(services: Here, visitor: Known, piece: PieceId) -> schemas.Share:
    """A link by which anybody can see and hear the piece; the same one until it is taken back."""
    token = services.store.pieces.share(visitor.id, piece)
    return schemas.Share(token=token, path=f"/shared/{token}")


@router.delete(
    "/pieces/{piece}/share", operation_id="unsharePiece", tags=["sharing"], status_code=204, responses=refusals(404)
)
def unshare(services: Here, visitor: Known, piece: PieceId) -> None:
    """Take the link back: it leads nowhere from now on."""
    services.store.pieces.unshare(visitor.id, piece)
