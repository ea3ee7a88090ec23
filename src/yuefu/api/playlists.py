"""Playlists: made for words and minutes, kept, changed, steered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Request

from yuefu.api.documentation import USUAL, refusals
from yuefu.errors import NotFoundError
from yuefu.listening.item import PIECE
from yuefu.web import schemas_listening as schemas
from yuefu.web.identity import Here, Known
from yuefu.web.language import language_of
from yuefu.web.messages import say
from yuefu.web.schemas import ID_PATTERN
from yuefu.web.services import Services

if TYPE_CHECKING:
    from yuefu.store.playlists import Playlist
    from yuefu.workflows.playlists import PlaylistItem, PlaylistMade

router = APIRouter(tags=["listening"], responses=USUAL)
PlaylistId = Annotated[str, Path(pattern=ID_PATTERN, description="A playlist's id.")]


@router.get("/playlists", operation_id="listPlaylists")
def list_playlists(services: Here, visitor: Known) -> schemas.PlaylistHeads:
    """Your playlists, the one changed last first."""
    return schemas.PlaylistHeads(
        playlists=[
            schemas.PlaylistHead(
                id=each.id, title=each.title, words=each.words, count=len(each.items), facts=each.facts,
                created=each.created, updated=each.updated,
            )
            for each in services.store.playlists.list(visitor.id)
        ]
    )  # fmt: skip


@router.post("/playlists", operation_id="makePlaylist", status_code=201, responses=refusals(404, 503))
def make(request: Request, services: Here, visitor: Known, body: schemas.PlaylistWanted) -> schemas.PlaylistAnswer:
    """A playlist for words and minutes, whose tempos, keys and energies flow; or one of the items that are named."""
    from yuefu.workflows import playlists

    if body.items is not None:
        _check(services, visitor.id, body.items)
        title = body.title or " ".join(body.words.split()) or say("playlist", language_of(request))
        kept = services.store.playlists.create(visitor.id, title, body.words, body.items, {})
        return _kept(services, visitor.id, kept)
    with services.turns.turn():
        made = playlists.make(
            services.desk, visitor.id, body.words, body.minutes, context=body.context, like=body.like,
            unlike=body.unlike, language=language_of(request), seed=body.seed,
        )  # fmt: skip
        playlist = playlists.save(services.desk, visitor.id, made) if body.save else None
    if playlist is not None and body.title:
        playlist = services.store.playlists.change(visitor.id, playlist.id, title=body.title)
    return _made(made, playlist)


@router.get("/playlists/{playlist}", operation_id="getPlaylist", responses=refusals(404))
def get(services: Here, visitor: Known, playlist: PlaylistId) -> schemas.PlaylistAnswer:
    """A playlist. Pieces that are gone, or shared no more, aren't in it."""
    return _kept(services, visitor.id, services.store.playlists.get(visitor.id, playlist))


@router.patch("/playlists/{playlist}", operation_id="changePlaylist", responses=refusals(404))
def change(
    services: Here, visitor: Known, playlist: PlaylistId, body: schemas.PlaylistChange
) -> schemas.PlaylistAnswer:
    """Another title, other items or another order."""
    if body.items is not None:
        before = set(services.store.playlists.get(visitor.id, playlist).items)
        _check(services, visitor.id, [item for item in body.items if item not in before])
    changed = services.store.playlists.change(visitor.id, playlist, title=body.title, items=body.items)
    return _kept(services, visitor.id, changed)


@router.post("/playlists/{playlist}/steer", operation_id="steerPlaylist", responses=refusals(404, 503))
def steer(
    request: Request, services: Here, visitor: Known, playlist: PlaylistId, body: schemas.Steer
) -> schemas.PlaylistAnswer:
    """The playlist made anew, with more (or less) of what is like one of its pieces."""
    from yuefu.workflows import playlists

    with services.turns.turn():
        made = playlists.more_of(
            services.desk, visitor.id, playlist, body.item, body.more, language=language_of(request)
        )
    return _made(made, services.store.playlists.get(visitor.id, playlist))


@router.delete("/playlists/{playlist}", operation_id="deletePlaylist", status_code=204, responses=refusals(404))
def delete(services: Here, visitor: Known, playlist: PlaylistId) -> None:
    """Away for ever; its pieces stay."""
    services.store.playlists.delete(visitor.id, playlist)


def _check(services: Services, account: str, items: list[str]) -> None:
    """Raise NotFoundError for a piece that the account can't hear."""
    wanted = [item.removeprefix(PIECE) for item in items]
    there = services.store.items.may_hear(account, wanted)
    for piece in wanted:
        if piece not in there:
            raise NotFoundError("piece", piece)


def piece_json(item: PlaylistItem) -> schemas.PlaylistPiece:
    """A piece of a playlist."""
    return schemas.PlaylistPiece(
        item=item.item, title=item.title, creator=item.creator, piece_id=item.piece_id, token=item.token,
        seconds=item.seconds, start=item.start, tempo=item.tempo, key=item.key, energy=item.energy, why=item.why,
    )  # fmt: skip


def _made(made: PlaylistMade, kept: Playlist | None) -> schemas.PlaylistAnswer:
    return schemas.PlaylistAnswer(
        id=None if kept is None else kept.id, title=made.title if kept is None else kept.title, words=made.words,
        items=[piece_json(item) for item in made.items], facts=made.facts, notes=made.notes,
    )  # fmt: skip


def _kept(services: Services, account: str, playlist: Playlist) -> schemas.PlaylistAnswer:
    from yuefu.workflows.recommending import facts_of

    there = {item.id: item for item in services.desk.candidates(account)}
    pieces, clock = [], 0.0
    for name in playlist.items:
        item = there.get(name)
        if item is None:
            continue
        facts: dict[str, Any] = facts_of(item)
        seconds = float(facts.get("seconds") or 0.0)
        pieces.append(
            schemas.PlaylistPiece(
                item=item.id, title=item.title, creator=services.desk.creator(item, account), piece_id=item.piece_id,
                token=item.token, seconds=seconds, start=clock, tempo=facts.get("tempo"), key=facts.get("key"),
                energy=facts.get("energy"),
            )
        )  # fmt: skip
        clock += seconds
    return schemas.PlaylistAnswer(
        id=playlist.id, title=playlist.title, words=playlist.words, items=pieces, facts=playlist.facts, notes=[],
        gone=len(playlist.items) - len(pieces),
    )  # fmt: skip
