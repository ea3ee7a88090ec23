"""What to hear next, and exactly why."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Query, Request

from yuefu.api.documentation import USUAL, refusals
from yuefu.errors import NotFoundError
from yuefu.web import schemas_listening as schemas
from yuefu.web.identity import Here, Known
from yuefu.web.language import language_of

if TYPE_CHECKING:
    from yuefu.workflows.recommending import Recommended

router = APIRouter(tags=["listening"], responses=USUAL)
Context = Annotated[str, Query(max_length=40, description="morning, commute, work, study, run, party, evening, sleep.")]
Words = Annotated[str, Query(max_length=400, description="What is wanted, in Chinese or English.")]
Dial = Annotated[float | None, Query(ge=0, le=1, description="0 to 1; your setting when it is left out.")]
ItemName = Annotated[str, Path(min_length=1, max_length=300, description="An item, such as ``piece:ID``.")]


def recommended_json(found: Recommended) -> schemas.RecommendedItem:
    """An item that is recommended."""
    return schemas.RecommendedItem.model_validate(asdict(found))


@router.get("/recommendations", operation_id="recommend", responses=refusals(503))
def recommend(
    request: Request,
    services: Here,
    visitor: Known,
    n: Annotated[int, Query(ge=1, le=100)] = 20,
    kind: schemas.ItemKind = "piece",
    context: Context = "",
    words: Words = "",
    diversity: Dial = None,
    novelty: Dial = None,
    small_creators: Dial = None,
    explore: Annotated[float, Query(ge=0, le=1, description="How much is tried out.")] = 0.1,
    seed: Annotated[int | None, Query(ge=0, le=2**53)] = None,
    without: Annotated[list[str] | None, Query(max_length=200, description="Items that must not come.")] = None,
) -> schemas.Recommendations:
    """What to hear next, the best first: your own pieces, and those that others share."""
    from yuefu.recommend.rerank import Dials

    desk = services.desk
    with services.turns.turn():
        usual = desk.dials(visitor.id)
        dials = Dials(
            diversity=usual.diversity if diversity is None else diversity,
            novelty=usual.novelty if novelty is None else novelty,
            small_creators=usual.small_creators if small_creators is None else small_creators,
        )
        found = desk.recommend(
            visitor.id, n=n, kind=kind, context=context, words=words, dials=dials, explore=explore,
            language=language_of(request), seed=seed, without=without or (),
        )  # fmt: skip
    return schemas.Recommendations(recommended=[recommended_json(each) for each in found])


@router.get("/recommendations/{item:path}/why", operation_id="whyRecommended", responses=refusals(404, 503))
def why(
    request: Request, services: Here, visitor: Known, item: ItemName, context: Context = "", words: Words = ""
) -> schemas.Why:
    """Why an item has its score now: reasons whose amounts add up to it."""
    with services.turns.turn():
        found = services.desk.why(visitor.id, item, language_of(request), context=context, words=words)
    return schemas.Why.model_validate(found)


@router.get("/recommendations/{item:path}/like", operation_id="moreLike", responses=refusals(404, 503))
def more_like(
    request: Request, services: Here, visitor: Known, item: ItemName, n: Annotated[int, Query(ge=1, le=100)] = 10
) -> schemas.Recommendations:
    """What is most like an item, by what it is and by who listens to both."""
    with services.turns.turn():
        found = services.desk.more_like(visitor.id, item, n, language_of(request))
    return schemas.Recommendations(recommended=[recommended_json(each) for each in found])


@router.post("/recommendations/steer", operation_id="steer", status_code=204, responses=refusals(404))
def steer(services: Here, visitor: Known, body: schemas.Steer) -> None:
    """More like this, or less of this: from now on."""
    desk = services.desk
    kind = body.item.partition(":")[0]
    if not any(item.id == body.item for item in desk.candidates(visitor.id, kind)):
        raise NotFoundError("item", body.item)
    desk.steer(visitor.id, body.item, body.more, context=body.context)
