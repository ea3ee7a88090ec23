"""What the OpenAPI document says about the whole, and the answers that all routes share."""

from __future__ import annotations

from typing import Any

from yuefu.web.schemas import ErrorAnswer

DESCRIPTION = """
Words in, a piece of music out. Ask for a **job** (compose, fill, render, ...), follow its **events**, then fetch the
**piece**: its versions, its grid, how it plays, its pages and its files.

With accounts, send `Authorization: Bearer yf_...`. Alone on localhost, nothing is needed.

Answers about a piece carry an `ETag`; changes send it back as `If-Match` (428 without, 412 when the piece has changed
meanwhile). Job requests may carry an `Idempotency-Key`: the same key gives the same job. Times are UTC. Bars are
numbers as musicians count, as text: `5-8, 12`; a pick-up is bar 0. Ticks are 24 a quarter. Messages of errors come in
the language of `Accept-Language`: English or Chinese.
""".strip()

TAGS = [
    {"name": "server", "description": "Is it there, and what can be asked for?"},
    {"name": "briefs", "description": "How words are understood."},
    {"name": "jobs", "description": "Work that takes longer than a request, and its events."},
    {"name": "pieces", "description": "The library."},
    {"name": "versions", "description": "A piece's states: edited, compared, looked at, listened to."},
    {"name": "files", "description": "Pages, scores, sound."},
    {"name": "ideas", "description": "What is in pieces, to be searched, turned and begun with."},
    {"name": "listening", "description": "What was heard, what comes next and why, playlists, charts, your taste."},
    {"name": "sharing", "description": "Pieces by link, without a log-in."},
    {"name": "accounts", "description": "Log-in, API keys and invitations, when the server has accounts."},
]


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The error answers of a route, for its documentation."""
    told = {
        400: "The request can't be read.",
        401: "Not logged in.",
        403: "Not allowed, or from a foreign page.",
        404: "Not there, or not yours.",
        409: "In the way of another state.",
        412: "The piece has changed meanwhile.",
        413: "Too large.",
        422: "What was sent can't be used.",
        428: "If-Match is missing.",
        429: "Too many; Retry-After says when to come again.",
        501: "This machine lacks what it takes.",
        503: "Busy, or the database is away.",
    }
    return {status: {"model": ErrorAnswer, "description": told[status]} for status in statuses}


#: What any route that needs an account may answer.
USUAL = refusals(400, 401, 403, 413, 422, 429)
