"""How words are understood."""

from __future__ import annotations

from fastapi import APIRouter, Request

from yuefu.api.documentation import USUAL
from yuefu.api.understood import understood
from yuefu.text.brief import read_brief
from yuefu.web import schemas
from yuefu.web.identity import Known
from yuefu.web.language import language_of

router = APIRouter(tags=["briefs"])


@router.post("/briefs", operation_id="readBrief", responses=USUAL)
def read(request: Request, _: Known, body: schemas.BriefRequest) -> schemas.BriefAnswer:
    """The brief that words and options make, field by field: the value, and the words that it came from."""
    brief = read_brief(body.words, body.options.to_options())
    return schemas.BriefAnswer(
        brief=brief.model_dump(mode="json"), understood=understood(brief, body.language or language_of(request))
    )
