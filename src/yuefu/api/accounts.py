"""Accounts: logging in and out, joining, API keys, invitations."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from yuefu.api.answers import account_json
from yuefu.api.documentation import USUAL, refusals
from yuefu.store.accounts import ApiKey
from yuefu.web import schemas
from yuefu.web.errors import WebError
from yuefu.web.identity import SESSION_COOKIE, Anybody, Here, Known, Visitor, address_of, set_session, too_fast
from yuefu.web.services import Services, services_of


async def _with_accounts(request: Request) -> None:
    if not services_of(request).settings.accounts:
        raise WebError(404, "accounts_off", kind="NotFoundError")


router = APIRouter(tags=["accounts"])
with_accounts = Depends(_with_accounts)
_SIGN_IN = refusals(401, 403, 404, 413, 422, 429)


def _attempt(request: Request, services: Services, name: str) -> None:
    """One more attempt from this address, and at this name. Raises WebError 429 when they come too fast."""
    for key in (f"address {address_of(request)}", f"name {name.strip().casefold()[:200]}"):
        if wait := services.limits.logins.take(key):
            raise too_fast(wait)


def _signed_in(request: Request, response: Response, services: Services, account_id: str) -> schemas.Me:
    account = services.store.accounts.get(account_id)
    session = services.store.accounts.open_session(account_id)
    set_session(response, session, request.url.scheme == "https")
    return schemas.Me(account=account_json(account), accounts=True, csrf=session.csrf)


@router.post("/login", operation_id="logIn", dependencies=[with_accounts, Anybody], responses=_SIGN_IN)
def log_in(request: Request, services: Here, body: schemas.Login, response: Response) -> schemas.Me:
    """A session for a browser, as a cookie; send ``csrf`` back as X-CSRF-Token on writes."""
    _attempt(request, services, body.name)
    account = services.store.accounts.check_password(body.name, body.password)
    if account is None:
        raise WebError(401, "bad_login", kind="LoginError")
    if token := request.cookies.get(SESSION_COOKIE):
        services.store.accounts.close_session(token)
    return _signed_in(request, response, services, account.id)


@router.post("/join", operation_id="join", status_code=201, dependencies=[with_accounts, Anybody],
             responses={**_SIGN_IN, **refusals(409)})  # fmt: skip
def join(request: Request, services: Here, body: schemas.Join, response: Response) -> schemas.Me:
    """An account, for an invitation."""
    _attempt(request, services, "")
    account = services.store.accounts.join(body.token, body.name, body.password)
    return _signed_in(request, response, services, account.id)


@router.post("/logout", operation_id="logOut", status_code=204, dependencies=[with_accounts], responses=USUAL)
def log_out(services: Here, visitor: Known, response: Response, everywhere: bool = False) -> None:
    """End this session, or with ``everywhere`` all sessions of the account. API keys stay."""
    if everywhere:
        services.store.accounts.close_sessions(visitor.account.id)
    elif visitor.session is not None:
        services.store.accounts.close_session(visitor.session.token)
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="lax")


@router.get("/me", operation_id="me", responses=USUAL)
def me(services: Here, visitor: Known) -> schemas.Me:
    """Who is asking."""
    return schemas.Me(account=account_json(visitor.account), accounts=services.settings.accounts, csrf=visitor.csrf)


@router.post("/password", operation_id="changePassword", status_code=204, dependencies=[with_accounts], responses=USUAL)
def change_password(
    request: Request, services: Here, visitor: Known, body: schemas.NewPassword, response: Response
) -> None:
    """Another password. All sessions end but this one, which is opened anew."""
    _attempt(request, services, visitor.account.name)
    accounts = services.store.accounts
    if accounts.check_password(visitor.account.name, body.old) is None:
        raise WebError(403, "bad_login", kind="LoginError")
    accounts.set_password(visitor.id, body.new)
    if visitor.how == "session":
        set_session(response, accounts.open_session(visitor.id), request.url.scheme == "https")


@router.get("/keys", operation_id="listKeys", dependencies=[with_accounts], responses=USUAL)
def list_keys(services: Here, visitor: Known) -> schemas.Keys:
    """Your API keys, without their secrets."""
    return schemas.Keys(keys=[_key(key) for key in services.store.accounts.keys(visitor.id)])


@router.post("/keys", operation_id="createKey", status_code=201, dependencies=[with_accounts], responses=USUAL)
def create_key(services: Here, visitor: Known, body: schemas.NewKey) -> schemas.MadeKey:
    """A key for programs. Its secret is told this once."""
    key, secret = services.store.accounts.create_key(visitor.id, body.name)
    return schemas.MadeKey(**_key(key).model_dump(), secret=secret)


@router.delete(
    "/keys/{key}",
    operation_id="revokeKey",
    status_code=204,
    dependencies=[with_accounts],
    responses={**USUAL, **refusals(404)},
)
def revoke_key(
    services: Here, visitor: Known, key: Annotated[str, Path(pattern=schemas.ID_PATTERN, description="A key's id.")]
) -> None:
    """Make a key worthless."""
    services.store.accounts.revoke_key(visitor.id, key)


@router.post("/invitations", operation_id="invite", status_code=201, dependencies=[with_accounts], responses=USUAL)
def invite(services: Here, visitor: Known, body: schemas.NewInvitation) -> schemas.Invitation:
    """A link with which one person can join. For administrators."""
    _require_admin(visitor)
    lasts = timedelta(days=body.days)
    token = services.store.accounts.invite(visitor.id, lasts)
    return schemas.Invitation(token=token, path=f"/join/{token}", expires=datetime.now(UTC) + lasts)


def _require_admin(visitor: Visitor) -> None:
    if not visitor.account.is_admin:
        raise WebError(403, "admin_only", kind="AccessError")


def _key(key: ApiKey) -> schemas.Key:
    return schemas.Key(id=key.id, name=key.name, hint=key.hint, created=key.created, last_used=key.last_used)
