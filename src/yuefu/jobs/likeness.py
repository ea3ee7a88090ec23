"""Briefs of jobs: a style may name a stored piece of the same account, ``like:PIECE``, and never a file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from yuefu.text.brief import Brief, BriefOptions, read_brief

if TYPE_CHECKING:
    from yuefu.jobs.requests import ComposeRequest
    from yuefu.store.store import Store


def options_of(request: ComposeRequest) -> BriefOptions:
    """The options of a request, with what its ideas say where neither words nor options do."""
    options = request.options.to_options()
    if not request.ideas:
        return options
    from yuefu.inspire.making import idea_from_dict
    from yuefu.workflows.inspire_start import with_ideas

    return with_ideas([idea_from_dict(data) for data in request.ideas], request.words, options)


def check_brief(store: Store, account_id: str, request: ComposeRequest) -> None:
    """Refuse words and options that can't be met, and pieces that aren't the account's, without reading the piece."""
    from yuefu.workflows.style_reference import like_source

    options = options_of(request)
    source = like_source(options.style)
    if source is not None:
        store.pieces.get(account_id, source)
        options = replace(options, style="folk")
    read_brief(request.words, options)


def brief_of(store: Store, account_id: str, request: ComposeRequest) -> Brief:
    """The brief of a request. Raises as ``check_brief``, and InputError for a piece that is too short to be like."""
    from yuefu.workflows.documents import Document
    from yuefu.workflows.style_reference import like_source, liking, reference_of

    options = options_of(request)
    source = like_source(options.style)
    if source is None:
        return read_brief(request.words, options)
    piece = store.pieces.get(account_id, source)
    version = store.pieces.version(account_id, source, piece.head)
    score = Document.from_bytes(store.pieces.document(version)).score
    found = reference_of(score, piece.title or source)
    return liking(read_brief(request.words, replace(options, style=found.style)), found)
