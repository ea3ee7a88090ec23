"""Ideas: found in one's own pieces and files, turned, recombined, and taken along."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from yuefu.api.answers import disposition
from yuefu.api.documentation import USUAL, refusals
from yuefu.api.pieces import UPLOAD_FORM, file_name
from yuefu.web import schemas_ideas as schemas
from yuefu.web.errors import WebError
from yuefu.web.identity import Here, Known
from yuefu.web.language import Language, language_of
from yuefu.web.services import Services

if TYPE_CHECKING:
    from yuefu.workflows.inspire import Hit, Idea, IdeaIndex

router = APIRouter(tags=["ideas"], responses=USUAL)
Most = Annotated[int, Query(ge=1, le=200, description="Most cards in the answer; the best of each kind come first.")]
_MIDI: dict[int | str, dict[str, Any]] = {200: {"content": {"audio/midi": {}}, "description": "The file."}}


@router.post("/ideas/search", operation_id="searchIdeas", responses=refusals(503))
def search(request: Request, services: Here, visitor: Known, body: schemas.IdeaSearch) -> schemas.IdeaHits:
    """Ideas of your pieces that answer what is looked for, the best first; or ideas written afresh for the words."""
    from yuefu.workflows.inspire import Search

    asked = Search(
        words=body.words, tune=body.tune, contour=body.contour, mood=body.mood, like=_idea(body.like),
        kinds=body.kinds, roman=body.roman, rhythm=body.rhythm, style=body.style,
    )  # fmt: skip
    if body.of == "fresh":
        index = _fresh(services, body)
    else:
        with services.turns.turn():
            index = _index(services, visitor.id, body.among)
    with services.turns.turn():
        hits = index.search(asked, n=body.n, seed=body.seed)
        return _hits(hits, index, language_of(request))


def _index(services: Services, account: str, among: list[dict[str, Any]]) -> IdeaIndex:
    """The ideas of an account's pieces, and those that came along."""
    from yuefu.workflows.inspire import IdeaIndex

    index = services.ideas.library(account)
    if among:
        brought = [idea for idea in map(_idea, among) if idea is not None]
        index = IdeaIndex.of([*brought, *index.ideas], index.left_out)
    return index


def _fresh(services: Services, body: schemas.IdeaSearch) -> IdeaIndex:
    """Ideas written for some words: composed once, then kept at hand."""
    from yuefu.workflows.inspire import IdeaIndex, fresh

    key = (body.words, tuple(body.kinds), body.seed, body.n)

    def made() -> IdeaIndex:
        with services.inspiring.turn():
            return IdeaIndex.of(fresh(body.words, n=body.n, seed=body.seed, kinds=body.kinds), fresh=True)

    return services.fresh_ideas.get(key, made)  # type: ignore[no-any-return]


@router.post(
    "/ideas/extract", operation_id="extractIdeas", openapi_extra={"requestBody": UPLOAD_FORM}, responses=refusals(503)
)
async def extract(request: Request, services: Here, _: Known, n: Most = 48) -> schemas.IdeaCards:
    """The ideas of a file of music (MIDI, MusicXML, MXL, ABC, jianpu, Yuefu's own JSON), which isn't kept."""
    from anyio import to_thread
    from starlette.datastructures import UploadFile

    async with request.form(max_files=1, max_fields=4) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise WebError(422, "no_file")
        data = await file.read()
        name = file_name(file.filename or "")
    language = language_of(request)

    def work() -> schemas.IdeaCards:
        from yuefu.workflows.inspire import ideas_of_data

        with services.turns.turn():
            found = ideas_of_data(data, name)
            chosen = by_turns(found, n)
            title = found[0].source.title if found else name.rpartition(".")[0] or name
            return schemas.IdeaCards(cards=[_card(idea, language) for idea in chosen], title=title, found=len(found))

    return await to_thread.run_sync(work)


def by_turns(ideas: list[Idea], n: int) -> list[Idea]:
    """The most salient ideas, the kinds taking turns, so that a long tune doesn't crowd out the chords under it."""
    from yuefu.inspire.making import fact

    kinds: dict[str, list[Idea]] = {}
    for idea in sorted(ideas, key=lambda idea: -fact(idea, "salience")):
        kinds.setdefault(idea.kind, []).append(idea)
    longest = max(map(len, kinds.values()), default=0)
    return [own[place] for place in range(longest) for own in kinds.values() if place < len(own)][:n]


@router.post("/ideas/combine", operation_id="combineIdeas", responses=refusals(503))
def combine(request: Request, services: Here, _: Known, body: schemas.Combination) -> schemas.IdeaCard:
    """A new idea of several: each gives what it is named for, all in one key, metre and length."""
    from yuefu.workflows import inspire

    with (services.inspiring if body.fill else services.turns).turn():
        made = inspire.combine(
            _idea(body.rhythm), _idea(body.chords), _idea(body.melody), _idea(body.groove), _idea(body.bass),
            _idea(body.texture), _idea(body.mood) if isinstance(body.mood, dict) else body.mood, body.seed, body.fill,
        )  # fmt: skip
        return _card(made, language_of(request))


@router.post("/ideas/turn", operation_id="turnIdea", responses=refusals(503))
def turn(request: Request, services: Here, _: Known, body: schemas.Turning) -> schemas.IdeaCard:
    """An idea inverted, backwards, slower, faster, in sequence, in another key, continued, or half-way to another."""
    from yuefu.workflows import inspire

    idea = _idea(body.idea)
    assert idea is not None
    with (services.inspiring if body.how in ("continue", "morph") else services.turns).turn():
        return _card(inspire.turn(idea, body.how, _idea(body.other), body.seed, body.key), language_of(request))


@router.post("/ideas/sparks", operation_id="sparkWords", responses=refusals(503))
def spark(request: Request, services: Here, visitor: Known, body: schemas.Sparking) -> schemas.IdeaCards:
    """Lines and titles for some words, none of which your pieces have yet."""
    from yuefu.workflows.inspire import sparks

    language = language_of(request)
    with services.turns.turn():
        index = services.ideas.library(visitor.id)
        found = sparks(body.words, body.language or language, index.ideas, body.seed, body.n, body.kinds)
        return schemas.IdeaCards(cards=[_card(idea, language) for idea in found], found=len(found))


@router.post("/ideas/surprising", operation_id="surprisingIdeas", responses=refusals(503))
def surprise(request: Request, services: Here, visitor: Known, body: schemas.Surprising) -> schemas.IdeaHits:
    """Ideas that the model finds unlikely beside your own pieces, though they fit, the most promising first."""
    from yuefu.workflows.inspire import surprising

    with services.inspiring.turn():
        index = _index(services, visitor.id, body.among)
        hits = surprising(index, services.ideas.own_scores(visitor.id), body.n, kinds=body.kinds)
        return _hits(hits, index, language_of(request))


@router.post("/ideas/midi", operation_id="ideaAsMidi", response_class=Response, responses=_MIDI)
def midi(request: Request, services: Here, _: Known, body: schemas.OneIdea) -> Response:
    """An idea as a MIDI file, in its own key and tempo."""
    from yuefu.workflows.inspire import midi_of
    from yuefu.workflows.inspire_cards import title_of

    idea = _idea(body.idea)
    assert idea is not None
    with services.turns.turn():
        data = midi_of(idea)
    name = f"{title_of(idea, language_of(request))[:80]}.mid"
    return Response(data, media_type="audio/midi", headers={"Content-Disposition": disposition(name)})


def _idea(data: dict[str, Any] | None) -> Idea | None:
    from yuefu.workflows.inspire import idea_from_dict

    return None if data is None else idea_from_dict(data)


def _card(idea: Idea, language: Language) -> schemas.IdeaCard:
    from yuefu.workflows.inspire import card

    return schemas.IdeaCard.model_validate(card(idea, language))


def _hits(hits: list[Hit], index: IdeaIndex, language: Language) -> schemas.IdeaHits:
    return schemas.IdeaHits(
        hits=[
            schemas.IdeaHit(
                card=_card(hit.idea, language), score=hit.score, why=hit.why_zh if language == "zh" else hit.why_en
            )
            for hit in hits
        ],
        ideas=len(index),
        fresh=index.fresh,
        left_out=dict(index.left_out),
    )
