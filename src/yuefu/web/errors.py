"""Errors of the web layer, and the answer that each error gets."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from yuefu.errors import YuefuError
from yuefu.web.language import Language, language_of
from yuefu.web.messages import say

log = logging.getLogger(__name__)

#: Class name -> status, for the errors of all layers; the nearest ancestor's counts.
STATUS = {
    "NotFoundError": 404,
    "ConflictError": 409,
    "KeyReusedError": 409,
    "QueueFullError": 429,
    "AccessError": 403,
    "StoreError": 503,
    "LimitError": 413,
    "InputError": 422,
    "MissingExtraError": 501,
    "MissingSystemError": 501,
    "OutputError": 507,
}
#: Status -> type and message of what the framework itself refuses.
_FRAMEWORK = {404: ("NotFoundError", "no_page"), 405: ("MethodError", "no_method"), 400: ("InputError", "bad_address")}


class WebError(YuefuError):
    """What the web layer refuses: a status, a key of ``MESSAGES`` and its values; headers go along."""

    def __init__(
        self,
        status: int,
        key: str,
        *,
        kind: str = "InputError",
        headers: Mapping[str, str] | None = None,
        **values: Any,
    ) -> None:
        super().__init__(say(key, "en", **values))
        self.status = status
        self.key = key
        self.kind = kind
        self.headers = dict(headers or {})
        self.values = values

    def message(self, language: Language) -> str:
        """What is said to people."""
        return say(self.key, language, **self.values)


def not_found() -> WebError:
    """The answer for what isn't there and for what is another's: they can't be told apart."""
    return WebError(404, "not_found", kind="NotFoundError")


def error_body(kind: str, message: str, fields: Sequence[Mapping[str, str]] | None = None) -> dict[str, Any]:
    """The JSON of every error."""
    body: dict[str, Any] = {"type": kind, "message": message}
    if fields:
        body["fields"] = [dict(field) for field in fields]
    return {"error": body}


def answer(
    status: int,
    kind: str,
    message: str,
    fields: Sequence[Mapping[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """An error as an answer."""
    return JSONResponse(error_body(kind, message, fields), status, headers=dict(headers or {}))


def status_of(error: BaseException) -> int:
    """The status of an error of any layer: its class's, or the nearest ancestor's; 500 for others.

    >>> from yuefu.errors import FormatError
    >>> status_of(FormatError("no")), status_of(KeyError("x"))
    (422, 500)
    """
    if isinstance(error, WebError):
        return error.status
    if isinstance(error, YuefuError):
        for kind in type(error).__mro__:
            if kind.__name__ in STATUS:
                return STATUS[kind.__name__]
    return 500


def describe(request: Request, error: Exception) -> tuple[int, str, str, list[dict[str, str]], dict[str, str]]:
    """Status, type, message, fields and headers of the answer to an error."""
    language = language_of(request)
    if isinstance(error, WebError):
        return error.status, error.kind, error.message(language), [], error.headers
    if isinstance(error, RequestValidationError):
        fields = [_field(fault) for fault in error.errors()[:20]]
        first = fields[0] if fields else {"field": "request", "message": "not valid"}
        message = say("invalid", language, field=first["field"], reason=first["message"])
        return 422, "InputError", message, fields, {}
    if isinstance(error, HTTPException):
        kind, key = _FRAMEWORK.get(error.status_code, ("InputError", "bad_address"))
        return error.status_code, kind, say(key, language), [], dict(error.headers or {})
    status = status_of(error)
    if status == 500:
        return fault(request, error)
    headers: dict[str, str] = {}
    message = str(error)
    if status == 429:
        seconds = max(1, round(getattr(error, "retry_after", 10)))
        headers["Retry-After"] = str(seconds)
        message = say("queue_full", language, seconds=seconds)
    elif status == 404:
        message = say("not_found", language)
    elif status == 409 and "if-match" in request.headers:
        status, message = 412, say("stale", language)
    return status, type(error).__name__, message, [], headers


def fault(request: Request, error: BaseException) -> tuple[int, str, str, list[dict[str, str]], dict[str, str]]:
    """A fault of ours: the visitor gets a number, the log the rest."""
    number = secrets.token_hex(4)
    log.error("fault %s at %s %s", number, request.method, request.url.path, exc_info=error)
    return 500, "Fault", say("fault", language_of(request), id=number), [], {}


def _field(fault: Mapping[str, Any]) -> dict[str, str]:
    place = [str(part) for part in fault.get("loc", ()) if part not in ("body", "query", "path", "header")]
    message = str(fault.get("msg", "not valid")).removeprefix("Value error, ")
    # What a reason repeats of the input may be no text at all.
    return {"field": _plain(".".join(place) or "request")[:200], "message": _plain(message)[:300]}


def _plain(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


async def json_errors(request: Request, error: Exception) -> Response:
    """The handler of all errors under ``/api``."""
    status, kind, message, fields, headers = describe(request, error)
    return answer(status, kind, message, fields, headers)
