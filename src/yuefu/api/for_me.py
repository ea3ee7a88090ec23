"""Fresh pieces for one's taste, and requests as they are spoken."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request

from yuefu.api.answers import piece_json
from yuefu.api.documentation import USUAL, refusals
from yuefu.api.recommendations import recommended_json
from yuefu.web import schemas_listening as schemas
from yuefu.web.identity import Here, Known
from yuefu.web.language import Language, language_of
from yuefu.web.services import Services

if TYPE_CHECKING:
    from yuefu.store.jobs import Job

router = APIRouter(tags=["listening"], responses=USUAL)
#: Jobs that are looked through for those of today's mix.
_JOBS = 200
_UNDER_WAY = ("queued", "running")


@router.get("/daily-mix", operation_id="getDailyMix", responses=refusals(503))
def daily_mix(request: Request, services: Here, visitor: Known) -> schemas.Mix:
    """Today's fresh pieces: those that are there, and those that are being composed."""
    with services.turns.turn():
        return _today(services, visitor.id, language_of(request), _day(), {})


@router.post("/daily-mix", operation_id="makeDailyMix", status_code=202, responses=refusals(503))
def make_daily_mix(request: Request, services: Here, visitor: Known, body: schemas.MixWanted) -> schemas.Mix:
    """Have fresh pieces composed for your taste, each by a job, different ones every day; those of today when they were
    asked for before."""
    from yuefu.workflows.for_me import daily_mix as mix

    language, day = language_of(request), _day()
    with services.turns.turn():
        there = _today(services, visitor.id, language, day, {})
        if there.pieces and not body.again:
            return there
        wanted = mix(services.desk, visitor.id, body.n, day=day, language=language)
    over = sum(job.state in ("failed", "cancelled") for job in _jobs(services, visitor.id, day))
    why = {}
    for each in wanted:
        asked = each.request()
        digest = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:32]
        # The same pieces asked for twice are composed once; those that failed may be asked for again.
        job, _ = services.store.jobs.add(
            visitor.id, "compose", asked, most_waiting=services.settings.queue,
            idempotency_key=f"daily-mix {day.isoformat()} {digest} {over}",
        )  # fmt: skip
        why[job.id] = each.why(language)
    with services.turns.turn():
        return _today(services, visitor.id, language, day, why)


def _day() -> date:
    return datetime.now(UTC).date()


def _tag(day: date) -> str:
    from yuefu.workflows.for_me import MIX_TAG

    return f"{MIX_TAG}-{day.isoformat()}"


def _jobs(services: Services, account: str, day: date) -> list[Job]:
    """The jobs of a day's mix, the oldest first."""
    tag = _tag(day)
    jobs = services.store.jobs.list(account, None, _JOBS)
    return [job for job in reversed(jobs) if job.kind == "compose" and tag in (job.request or {}).get("tags", ())]


def _today(services: Services, account: str, language: Language, day: date, why: dict[str, str]) -> schemas.Mix:
    pieces, _ = services.store.pieces.list(account, tag=_tag(day), sort="created", limit=50)
    told: list[schemas.MixPiece] = []
    if pieces:
        scoring = services.desk.scoring(account)
        for piece in pieces:
            at = scoring.place.get(f"piece:{piece.id}")
            reason = "" if at is None else scoring.words(at, language)
            told.append(schemas.MixPiece(title=piece.title, why=reason, piece=piece_json(piece)))
    for job in _jobs(services, account, day):
        if job.state in _UNDER_WAY:
            told.append(schemas.MixPiece(title=_title(job), why=why.get(job.id, ""), job=job.id))
    return schemas.Mix(day=day, pieces=told)


def _title(job: Job) -> str:
    brief: dict[str, Any] = (job.request or {}).get("brief") or {}
    found = brief.get("title")
    return str((found.get("value") if isinstance(found, dict) else found) or "")


@router.post("/spoken", operation_id="speak", responses=refusals(503))
def speak(request: Request, services: Here, visitor: Known, body: schemas.SpokenRequest) -> schemas.SpokenAnswer:
    """A request as it is said to an assistant: what to play, and a short answer to be said aloud. A piece that is asked
    for is composed by a job."""
    from yuefu.workflows.spoken import answer

    with services.turns.turn():
        found = answer(
            services.desk, visitor.id, body.request, body.language, context=body.context, now_playing=body.playing
        )
    job = None
    if found.action == "compose":
        asked = {"words": found.request}
        job = services.store.jobs.add(visitor.id, "compose", asked, most_waiting=services.settings.queue)[0].id
    return schemas.SpokenAnswer(
        speech=found.speech, language=found.language,  # type: ignore[arg-type]
        action=found.action, queue=[recommended_json(each) for each in found.queue], item=found.item, job=job,
    )  # fmt: skip
