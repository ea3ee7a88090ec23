"""The jobs ``import`` and ``analyze``: a file becomes a piece; a version is listened to."""

from __future__ import annotations

import json
from typing import Any

from yuefu.jobs.context import Context, Finished
from yuefu.jobs.requests import AnalyzeRequest, ImportRequest
from yuefu.progress import Progress
from yuefu.store.pieces import MAX_TITLE


def import_file(context: Context, request: ImportRequest) -> Finished:
    """A piece from an uploaded file. Raises FormatError or LimitError."""
    from yuefu.workflows.documents import read_document, summary, tune_text

    store = context.store
    context.progress(Progress("finish", 0, 2, "read"))
    document = read_document(store.blobs.get(request.upload), request.name)
    context.progress(Progress("finish", 1, 2, "save"))
    data, facts, tune = document.to_bytes(), summary(document), tune_text(document.score)
    store.blobs.put(data)  # slow and harmless: outside the transaction

    def work() -> dict[str, Any]:
        made = store.pieces.create(
            context.account_id, title=document.score.title[:MAX_TITLE], document=data, kind="import",
            note=request.name, tags=request.tags, facts=facts, tune=tune,
        )  # fmt: skip
        return {"piece": made.id, "version": 1}

    return Finished(work)


def analyze(context: Context, request: AnalyzeRequest) -> Finished:
    """The facts of a version."""
    from yuefu.analysis.facts import analyze as analyze_score
    from yuefu.workflows.documents import Document

    store = context.store
    piece = store.pieces.get(context.account_id, request.piece)
    version = store.pieces.version(context.account_id, piece.id, request.version or piece.head)
    context.progress(Progress("finish", 0, 1, "analyze"))
    facts = analyze_score(Document.from_bytes(store.pieces.document(version)).score).to_dict()
    plain = json.loads(json.dumps(facts, default=_plain))
    return Finished(lambda: {"piece": piece.id, "version": version.number, "facts": plain})


def _plain(value: Any) -> Any:
    """Numpy's numbers as numbers."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is no JSON")
