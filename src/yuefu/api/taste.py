"""A listener's taste: seen, set, begun."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request

from yuefu.api.documentation import USUAL, refusals
from yuefu.web import schemas_listening as schemas
from yuefu.web.identity import Here, Known, Visitor
from yuefu.web.language import Language, language_of
from yuefu.web.services import Services

if TYPE_CHECKING:
    from yuefu.workflows.taste import Taste

router = APIRouter(tags=["listening"], responses=USUAL)


def _json(taste: Taste, services: Services, visitor: Visitor, language: Language) -> schemas.TasteAnswer:
    from yuefu.workflows.taste import NUMBERS

    start = services.store.listening.settings(visitor.id).get("start") or {}
    return schemas.TasteAnswer(
        words=taste.words(language), numbers=taste.numbers, edited=taste.edited, ranges=NUMBERS,
        styles={key: _style_name(key, language) for key, _ in taste.styles}, moods=start.get("moods", []),
        pieces=taste.pieces, started=taste.started,
    )  # fmt: skip


def _style_name(key: str, language: Language) -> str:
    """A style's name, of those that are written and of those that are only told apart.

    >>> _style_name("waltz", "en"), _style_name("waltz", "zh")
    ('waltz', '圆舞曲')
    """
    from yuefu.corpus.labels import labels
    from yuefu.theory.styles import STYLES

    if key in STYLES:
        return STYLES[key].zh if language == "zh" else STYLES[key].en
    return labels()[key].name(language) if key in labels() else key.replace("_", " ")


@router.get("/taste", operation_id="getTaste")
def get(request: Request, services: Here, visitor: Known) -> schemas.TasteAnswer:
    """What you like, in words and in numbers."""
    from yuefu.workflows.taste import taste_of

    return _json(taste_of(services.desk, visitor.id), services, visitor, language_of(request))


@router.put("/taste", operation_id="setTaste")
def put(request: Request, services: Here, visitor: Known, body: schemas.TasteEdit) -> schemas.TasteAnswer:
    """Set numbers of it: they win over what was heard, until you take them back."""
    from yuefu.workflows.taste import set_taste

    return _json(set_taste(services.desk, visitor.id, body.numbers), services, visitor, language_of(request))


@router.get("/taste/clips", operation_id="getClips", responses=refusals(503))
def clips(
    services: Here,
    visitor: Known,
    mood: Annotated[
        list[Annotated[str, Query(pattern=r"^-?[01](\.\d{1,6})?,-?[01](\.\d{1,6})?$")]] | None,
        Query(max_length=3, description="Points chosen on the mood pad: valence,arousal."),
    ] = None,
    n: Annotated[int, Query(ge=1, le=10)] = 5,
) -> schemas.Clips:
    """Pieces whose like or dislike tells most about a new listener."""
    from yuefu.workflows.taste import start_clips

    moods = []
    for point in mood or ():
        valence, _, arousal = point.partition(",")
        moods.append((max(-1.0, min(1.0, float(valence))), max(-1.0, min(1.0, float(arousal)))))
    with services.turns.turn():
        found = start_clips(services.desk, visitor.id, n, moods)
    return schemas.Clips(clips=[schemas.ClipAnswer.model_validate(asdict(clip)) for clip in found])


@router.post("/taste/start", operation_id="startTaste", responses=refusals(404))
def start(request: Request, services: Here, visitor: Known, body: schemas.TasteStart) -> schemas.TasteAnswer:
    """First choices: they say what to begin with, and less and less once you have listened."""
    from yuefu.workflows.taste import start as begin

    return _json(begin(services.desk, visitor.id, body.moods, body.clips), services, visitor, language_of(request))
