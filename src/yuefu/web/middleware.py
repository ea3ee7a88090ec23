"""What every request passes first: whose name it calls, where it comes from, how much it brings. And answers' headers.

Plain ASGI, so that streams are neither buffered nor slowed.
"""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from yuefu.web.errors import WebError, answer, fault
from yuefu.web.language import language_of
from yuefu.web.settings import Settings

MAX_JSON = 2 * 1024 * 1024
MAX_UPLOAD = 20 * 1024 * 1024
#: What a form around an upload may weigh.
_ENVELOPE = 64 * 1024
MAX_DEPTH = 64
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
UPLOADS = frozenset({"/api/v1/pieces/import", "/api/v1/ideas/extract"})
CSP = (
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; style-src 'self'; script-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
)
#: An SVG opened as a page of its own may run nothing and load nothing.
CSP_SVG = "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:; sandbox"
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(self)",
}
_HOST = re.compile(r"^(?:\[(?P<six>[0-9a-fA-F:.]{2,45})\]|(?P<name>[A-Za-z0-9._-]{1,253}))(?::(?P<port>\d{1,5}))?$")
_TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]|NaN|Infinity', re.DOTALL)


def host_name(host: str) -> str | None:
    """The name in a Host header, without its port; None when it is none.

    >>> host_name("localhost:8765"), host_name("[::1]:80"), host_name("a b")
    ('localhost', '::1', None)
    """
    match = _HOST.match(host)
    if match is None:
        return None
    return (match["six"] or match["name"]).lower()


def same_origin(origin: str, host: str) -> bool:
    """Whether an Origin header names the host that was called.

    >>> same_origin("http://localhost:8765", "localhost:8765"), same_origin("null", "localhost:8765")
    (True, False)
    """
    try:
        parts = urlsplit(origin)
        default = {"http": ":80", "https": ":443"}.get(parts.scheme)
    except ValueError:
        return False
    if default is None:
        return False
    return parts.netloc.lower().removesuffix(default) == host.lower().removesuffix(default)


def check_json(body: bytes) -> None:
    """Refuse JSON that is nested too deep, or holds what isn't JSON or text. Raises WebError.

    >>> check_json(b'{"a": "NaN"}')
    >>> check_json(b"[" * 100)
    Traceback (most recent call last):
    yuefu.web.errors.WebError: The JSON is nested deeper than 64 levels.
    """
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH or b"NaN" in body or b"Infinity" in body:
        depth = 0
        for token in _TOKENS.finditer(body):
            sign = token.group()
            if sign in (b"[", b"{"):
                depth += 1
                if depth > MAX_DEPTH:
                    raise WebError(413, "too_deep", kind="LimitError", limit=MAX_DEPTH)
            elif sign in (b"]", b"}"):
                depth -= 1
            elif sign[:1] != b'"':
                raise WebError(422, "bad_json", reason=f"{sign.decode()} is no number")
    lower = body.lower()
    if b"\\u0000" in lower or b"\\ud" in lower:
        try:
            text = json.dumps(json.loads(body), ensure_ascii=False)
            text.encode("utf-8")
        except UnicodeEncodeError:
            raise WebError(422, "bad_text") from None
        except (ValueError, RecursionError):
            return  # it isn't JSON at all, which the route will say
        if "\\u0000" in text.replace("\\\\", ""):
            raise WebError(422, "bad_text")


class Guard:
    """The outermost layer: checks requests, adds headers to answers, turns faults into answers."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        begun = False

        async def send_with_headers(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                _add_headers(MutableHeaders(scope=message), secure=scope.get("scheme") == "https")
            await send(message)

        try:
            self._check(request)
            guarded = await self._body(request, receive)
            await self.app(scope, guarded, send_with_headers)
        except WebError as error:
            if begun:
                raise
            response = answer(error.status, error.kind, error.message(language_of(request)), None, error.headers)
            await response(scope, receive, send_with_headers)
        except Exception as error:
            if begun:
                raise
            status, kind, message, _, _ = fault(request, error)
            await answer(status, kind, message)(scope, receive, send_with_headers)

    def _check(self, request: Request) -> None:
        host = request.headers.get("host", "")
        name = host_name(host)
        if name is None or (not self.settings.accounts and name not in self.settings.hosts):
            raise WebError(421, "foreign_host", kind="HostError")
        if "\x00" in request.url.path or b"%00" in request.scope.get("query_string", b""):
            raise WebError(400, "bad_address")
        if request.method in SAFE_METHODS:
            return
        origin = request.headers.get("origin")
        site = request.headers.get("sec-fetch-site")
        if (origin is not None and not same_origin(origin, host)) or site in ("cross-site", "same-site"):
            raise WebError(403, "foreign_origin", kind="OriginError")

    async def _body(self, request: Request, receive: Receive) -> Receive:
        """A ``receive`` that gives no more than the route may get; JSON is looked at before it is parsed."""
        if request.method in SAFE_METHODS:
            return receive
        upload = request.url.path in UPLOADS
        limit = MAX_UPLOAD + _ENVELOPE if upload else MAX_JSON
        too_large = WebError(413, "too_large", kind="LimitError", limit=(MAX_UPLOAD if upload else MAX_JSON) // 2**20)
        length = request.headers.get("content-length", "0")
        if length.isascii() and length.isdigit() and int(length[:15]) > limit:
            raise too_large
        if upload:
            return _counted(receive, limit, too_large)
        chunks: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return _replay(message, receive)
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
            if size > limit:
                raise too_large
            if not message.get("more_body", False):
                break
        body = b"".join(chunks)
        check_json(body)
        return _replay({"type": "http.request", "body": body, "more_body": False}, receive)


def _counted(receive: Receive, limit: int, too_large: WebError) -> Receive:
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b"") or b"")
        if size > limit:
            raise too_large
        return message

    return counted


def _replay(first: Message, receive: Receive) -> Receive:
    given = False

    async def replay() -> Message:
        nonlocal given
        if not given:
            given = True
            return first
        return await receive()

    return replay


def _add_headers(headers: MutableHeaders, secure: bool) -> None:
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    svg = headers.get("content-type", "").startswith("image/svg")
    headers.setdefault("content-security-policy", CSP_SVG if svg else CSP)
    headers.setdefault("cache-control", "no-store")
    if secure:
        headers.setdefault("strict-transport-security", "max-age=31536000")
