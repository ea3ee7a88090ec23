"""The job ``render``: the sound of a version, made once and kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from yuefu.jobs.context import Context, Finished
from yuefu.jobs.requests import RenderRequest
from yuefu.progress import Progress

MEDIA_TYPES = {"wav": "audio/wav", "flac": "audio/flac", "mp3": "audio/mpeg", "ogg": "audio/ogg"}


def render(context: Context, request: RenderRequest) -> Finished:
    """A sound file, or the one that is kept already."""
    from yuefu.workflows.documents import Document, export

    store = context.store
    piece = store.pieces.get(context.account_id, request.piece)
    version = store.pieces.version(context.account_id, piece.id, request.version or piece.head)
    kept_as = f"{request.format}.written" if request.as_written else request.format
    result = {"piece": piece.id, "version": version.number, "format": kept_as}
    kept = store.pieces.file(piece.id, version.number, kept_as)
    if kept is not None and store.blobs.has(kept.digest):
        return Finished(lambda: result)
    document = Document.from_bytes(store.pieces.document(version))
    if request.as_written:
        document = replace(document, kept=None, played_as_written=True)
    ((name, data),) = export(document, request.format, context.progress).items()
    context.progress(Progress("finish", 0, 1, "save"))
    digest = store.blobs.put(data)

    def work() -> dict[str, Any]:
        store.pieces.get(context.account_id, piece.id)  # still there, still theirs
        store.pieces.keep_file(piece.id, version.number, kept_as, digest, name, MEDIA_TYPES[request.format])
        return result

    return Finished(work)
