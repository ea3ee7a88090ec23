"""The job ``compose``: words in, a new piece out, told bar by bar while it is written."""

from __future__ import annotations

import hashlib
from typing import Any

from yuefu.jobs.context import Context, Finished
from yuefu.jobs.requests import ComposeRequest
from yuefu.progress import Progress
from yuefu.store.pieces import MAX_TITLE, MAX_WORDS


def compose(context: Context, request: ComposeRequest) -> Finished:
    """A piece from a request."""
    from yuefu.inspire.making import idea_from_dict
    from yuefu.jobs.likeness import brief_of
    from yuefu.planning.planner import make_plan
    from yuefu.text.brief import Brief
    from yuefu.workflows.compose import compose_plan
    from yuefu.workflows.documents import document_of, summary, tune_text
    from yuefu.workflows.inspire_start import plan_with
    from yuefu.workflows.watching import Sketch

    if request.brief is not None:
        brief = Brief.model_validate(request.brief)
    else:
        brief = brief_of(context.store, context.account_id, request)
    seed = brief.seed.value if brief.seed.value is not None else seed_of(context.job.id)
    context.tell("brief", {"brief": brief.model_dump(mode="json")})

    def watch(sketch: Sketch) -> None:
        context.tell(sketch.kind, sketch.data)

    ideas = [idea_from_dict(data) for data in request.ideas]
    plan = plan_with(ideas, brief, seed) if ideas else make_plan(brief, seed)
    piece = compose_plan(brief, plan, seed, engine=request.engine, progress=context.progress, watch=watch)
    context.progress(Progress("finish", 0, 3, "report"))
    document = document_of(piece)
    context.progress(Progress("finish", 1, 3, "document"))
    data = document.to_bytes()
    facts = summary(document)
    tune = tune_text(document.score)
    context.progress(Progress("finish", 2, 3, "save"))
    context.store.blobs.put(data)  # slow and harmless: outside the transaction

    def work() -> dict[str, Any]:
        made = context.store.pieces.create(
            context.account_id, title=piece.score.title[:MAX_TITLE], document=data, kind="compose",
            note=" ".join(request.words.split()), words=(request.text or brief.words)[:MAX_WORDS], tags=request.tags,
            facts=facts, tune=tune,
        )  # fmt: skip
        return {"piece": made.id, "version": 1, "seed": piece.seed}

    return Finished(work)


def seed_of(job_id: str) -> int:
    """A job's seed where nobody gave one: a job that is done again writes the same notes.

    >>> seed_of("01jd0000000000000000000000") == seed_of("01jd0000000000000000000000")
    True
    """
    return int.from_bytes(hashlib.sha256(job_id.encode()).digest()[:4], "big") & 0x7FFFFFFF
