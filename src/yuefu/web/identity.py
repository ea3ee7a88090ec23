"""Who is asking: the studio's one local account, a session's cookie, or an API key; and whether they may write."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyCookie, HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials
from starlette.responses import Response

from yuefu.web.errors import WebError
from yuefu.web.middleware import SAFE_METHODS
from yuefu.web.services import Services, services_of

if TYPE_CHECKING:
    from yuefu.store.accounts import Account, Session

SESSION_COOKIE = "yuefu_session"
CSRF_HEADER = "x-csrf-token"
#: The longest that browsers keep a cookie, in seconds.
_COOKIE_LASTS = 400 * 24 * 3600
_cookie = APIKeyCookie(
    name=SESSION_COOKIE, auto_error=False, scheme_name="session", description="With X-CSRF-Token on writes."
)
_bearer = HTTPBearer(auto_error=False, scheme_name="key", description="An API key, `yf_...`.")


@dataclass(frozen=True)
class Visitor:
    """An account, and how it was known."""

    account: Account
    how: Literal["local", "session", "key"]
    session: Session | None = None

    @property
    def id(self) -> str:
        """The account's id."""
        return self.account.id

    @property
    def csrf(self) -> str:
        """What pages send back on writes; empty without a session."""
        return self.session.csrf if self.session is not None else ""


def address_of(request: Request) -> str:
    """The address that a request comes from, as a key of limits."""
    return request.client.host if request.client is not None else "?"


def who(request: Request) -> Visitor | None:
    """The visitor of a request, None when nobody is known; a session's writes aren't checked here.

    Raises WebError for a key that isn't known.
    """
    services = services_of(request)
    if not services.settings.accounts:
        return Visitor(services.local, "local")
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        account = services.store.accounts.account_of_key(secret.strip()) if secret.isascii() else None
        if account is None or account.disabled:
            wait = services.limits.logins.take(f"key {address_of(request)}")
            if wait:
                raise too_fast(wait)
            raise WebError(401, "bad_key", kind="LoginError", headers={"WWW-Authenticate": "Bearer"})
        return Visitor(account, "key")
    token = request.cookies.get(SESSION_COOKIE, "")
    session = services.store.accounts.session(token) if token and token.isascii() else None
    if session is None:
        return None
    account = services.store.accounts.get(session.account_id)
    return None if account.disabled else Visitor(account, "session", session)


def too_fast(wait: int) -> WebError:
    """The answer to too many requests."""
    return WebError(429, "too_fast", kind="RateError", headers={"Retry-After": str(wait)}, seconds=wait)


def check_csrf(request: Request, visitor: Visitor) -> None:
    """Refuse a session's write without the page's token. Raises WebError."""
    if visitor.how == "session":
        sent = request.headers.get(CSRF_HEADER, "").encode("latin-1", "replace")
        if not hmac.compare_digest(sent, visitor.csrf.encode()):
            raise WebError(403, "csrf", kind="CsrfError")


def _visitor(
    request: Request,
    _session: Annotated[str | None, Security(_cookie)] = None,
    _key: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)] = None,
) -> Visitor:
    """Whoever asks, known and within the limits, and allowed to write if that is what they do."""
    services = services_of(request)
    visitor = who(request)
    if visitor is None:
        wait = services.limits.reads.take(f"address {address_of(request)}")
        if wait:
            raise too_fast(wait)
        raise WebError(401, "log_in", kind="LoginError", headers={"WWW-Authenticate": "Bearer"})
    safe = request.method in SAFE_METHODS
    wait = (services.limits.reads if safe else services.limits.writes).take(visitor.id)
    if wait:
        raise too_fast(wait)
    if not safe:
        check_csrf(request, visitor)
    return visitor


def _stranger(request: Request) -> None:
    """Anybody, within the limits of their address."""
    limits = services_of(request).limits
    wait = (limits.reads if request.method in SAFE_METHODS else limits.writes).take(f"address {address_of(request)}")
    if wait:
        raise too_fast(wait)


def page_visitor(request: Request) -> None:
    """For pages: ``request.state.account`` (None for nobody) and ``request.state.csrf``."""
    try:
        visitor = who(request)
    except WebError:
        visitor = None
    request.state.account = visitor.account if visitor is not None else None
    request.state.csrf = visitor.csrf if visitor is not None else ""


async def _here(request: Request) -> Services:
    # Asynchronous, so that it costs no thread.
    return services_of(request)


def set_session(response: Response, session: Session, secure: bool) -> None:
    """Give a browser its session. How long that counts, and whether use prolongs it, is the store's to say."""
    response.set_cookie(
        SESSION_COOKIE, session.token, max_age=_COOKIE_LASTS, httponly=True, secure=secure, samesite="lax"
    )


#: Parameters of routes.
Known = Annotated[Visitor, Depends(_visitor)]
Here = Annotated[Services, Depends(_here)]
Anybody = Depends(_stranger)
