"""Who may come in: accounts, sessions, API keys and invitations. Secrets are kept as hashes only."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from yuefu.errors import AccessError, ConflictError, InputError, LimitError, NotFoundError
from yuefu.store.database import Database
from yuefu.store.ids import new_id
from yuefu.store.tables import accounts, api_keys, invitations, now, sessions

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SESSION = timedelta(days=30)
MAX_NAME = 60
MIN_PASSWORD = 8
MAX_PASSWORD = 200
MAX_KEYS = 50
KEY_PREFIX = "yf_"
LOCAL_NAME = "local"
#: A key's last use is written down at most so often, a session prolonged likewise.
_TOUCH = timedelta(minutes=1)
_PROLONG = timedelta(days=1)
_NO_INVITATION = "this invitation has been used or is too old: ask for a new one."


@dataclass(frozen=True)
class Account:
    """Somebody with pieces of their own."""

    id: str
    name: str
    is_admin: bool
    created: datetime
    disabled: bool


@dataclass(frozen=True)
class Session:
    """A log-in. token: the cookie's value; csrf: what writes must show beside it."""

    token: str
    csrf: str
    account_id: str
    expires: datetime


@dataclass(frozen=True)
class ApiKey:
    """A key for programs. hint: how its secret begins."""

    id: str
    account_id: str
    name: str
    hint: str
    created: datetime
    last_used: datetime | None


class Accounts:
    """The accounts of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # The account of a studio without log-in

    def local(self) -> Account:
        """The one account of a studio without log-in."""
        with self._database.read() as connection:
            row = connection.execute(select(accounts).where(accounts.c.name_key == "")).first()
        if row is not None:
            return _account(row)
        with self._database.write() as connection:
            self._database.one_at_a_time(connection, "local")
            row = connection.execute(select(accounts).where(accounts.c.name_key == "")).first()
            if row is None:
                connection.execute(insert(accounts).values(**_new(LOCAL_NAME, "", None, is_admin=True)))
                row = connection.execute(select(accounts).where(accounts.c.name_key == "")).one()
        return _account(row)

    # Accounts

    def create(self, name: str, password: str, *, is_admin: bool = False) -> Account:
        """A new account. Raises InputError for a name or password that can't be, ConflictError for a taken name."""
        return self._add(_checked(name, password, is_admin=is_admin))

    def _add(self, values: dict[str, Any]) -> Account:
        try:
            with self._database.write() as connection:
                connection.execute(insert(accounts).values(**values))
        except IntegrityError as error:
            raise ConflictError(f"the name '{values['name']}' is taken: choose another one.") from error
        return Account(values["id"], values["name"], values["is_admin"], values["created"], False)

    def get(self, account_id: str) -> Account:
        """An account by id. Raises NotFoundError."""
        with self._database.read() as connection:
            row = connection.execute(select(accounts).where(accounts.c.id == account_id)).first()
        if row is None:
            raise NotFoundError("account", account_id)
        return _account(row)

    def named(self, name: str) -> Account:
        """An account by name, upper and lower case alike. Raises NotFoundError."""
        row = self._row_named(name)
        if row is None:
            raise NotFoundError("account", name)
        return _account(row)

    def all(self) -> list[Account]:
        """Everybody who can log in, by name."""
        with self._database.read() as connection:
            query = select(accounts).where(accounts.c.name_key != "").order_by(accounts.c.name_key)
            return [_account(row) for row in connection.execute(query)]

    def set_password(self, account_id: str, password: str) -> None:
        """Another password; all sessions end."""
        _check_password(password)
        hashed = _hasher().hash(password)
        with self._database.write() as connection:
            self._require(connection.execute(_of(account_id).values(password=hashed)).rowcount, account_id)
            connection.execute(delete(sessions).where(sessions.c.account_id == account_id))

    def disable(self, account_id: str, disabled: bool = True) -> None:
        """Shut an account out, or let it in again. Its pieces stay; sessions end and keys don't count."""
        with self._database.write() as connection:
            self._require(connection.execute(_of(account_id).values(disabled=disabled)).rowcount, account_id)
            connection.execute(delete(sessions).where(sessions.c.account_id == account_id))

    def set_admin(self, account_id: str, is_admin: bool) -> None:
        """Whether an account may invite others."""
        with self._database.write() as connection:
            self._require(connection.execute(_of(account_id).values(is_admin=is_admin)).rowcount, account_id)

    def check_password(self, name: str, password: str) -> Account | None:
        """The account, or None. Takes as long for a name that nobody has."""
        row = self._row_named(name)
        hashed = None if row is None or row.disabled else row.password
        given = password[: MAX_PASSWORD + 1].encode(errors="replace")
        if not _verified(hashed or _nobody(), given) or hashed is None:
            return None
        assert row is not None
        if _hasher().check_needs_rehash(hashed):
            stronger = _hasher().hash(given)
            with self._database.write() as connection:
                connection.execute(_of(row.id).values(password=stronger))
        return _account(row)

    def _row_named(self, name: str) -> Row[Any] | None:
        key = _fold(name[: 4 * MAX_NAME])
        if not key or len(key) > 2 * MAX_NAME:
            return None
        with self._database.read() as connection:
            return connection.execute(select(accounts).where(accounts.c.name_key == key)).first()

    @staticmethod
    def _require(count: int, account_id: str) -> None:
        if not count:
            raise NotFoundError("account", account_id)

    # Invitations

    def invite(self, by: str | None, expires_in: timedelta = timedelta(days=7), *, is_admin: bool = False) -> str:
        """A token with which one person can join. by: an administrator, or None for whoever holds the machine.

        is_admin: who joins is an administrator too. Raises AccessError unless an administrator invites.
        """
        if by is not None:
            account = self.get(by)
            if not account.is_admin or account.disabled:
                raise AccessError("only an administrator can invite: ask one.")
        token = secrets.token_urlsafe(32)
        with self._database.write() as connection:
            moment = now()
            connection.execute(
                insert(invitations).values(
                    token_hash=_hash(token),
                    account_id=by,
                    is_admin=is_admin,
                    created=moment,
                    expires=moment + expires_in,
                )
            )
        return token

    def is_invitation(self, token: str) -> bool:
        """Whether one could join with a token now."""
        with self._database.read() as connection:
            row = connection.execute(select(invitations).where(invitations.c.token_hash == _hash(token))).first()
        return row is not None and row.used is None and row.expires > now()

    def join(self, token: str, name: str, password: str) -> Account:
        """A new account for who was invited. The token counts once, and not at all when the name can't be.

        Raises AccessError for a token that is unknown, used or too old.
        """
        if not self.is_invitation(token):  # so that strangers can't have us hash passwords
            raise AccessError(_NO_INVITATION)
        values = _checked(name, password)  # outside the transaction: hashing is slow on purpose
        moment = now()
        this = invitations.c.token_hash == _hash(token)
        with self._database.write() as connection:
            used = connection.execute(
                update(invitations)
                .where(this, invitations.c.used.is_(None), invitations.c.expires > moment)
                .values(used=moment)
            )
            if not used.rowcount:
                raise AccessError(_NO_INVITATION)
            is_admin = connection.execute(select(invitations.c.is_admin).where(this)).scalar_one()
            return self._add({**values, "is_admin": bool(is_admin)})

    # Sessions

    def open_session(self, account_id: str) -> Session:
        """Log in."""
        moment = now()
        session = Session(secrets.token_urlsafe(32), secrets.token_urlsafe(24), account_id, moment + SESSION)
        with self._database.write() as connection:
            connection.execute(delete(sessions).where(sessions.c.expires < moment))
            connection.execute(
                insert(sessions).values(
                    token_hash=_hash(session.token), account_id=account_id, csrf=session.csrf, created=moment,
                    expires=session.expires,
                )
            )  # fmt: skip
        return session

    def session(self, token: str) -> Session | None:
        """The session of a cookie, or None. One that is used lives on."""
        moment = now()
        with self._database.read() as connection:
            row = connection.execute(
                select(sessions)
                .join(accounts, accounts.c.id == sessions.c.account_id)
                .where(sessions.c.token_hash == _hash(token), accounts.c.disabled.is_(False))
            ).first()
        if row is None or row.expires <= moment:
            return None
        expires = row.expires
        if expires < moment + SESSION - _PROLONG:
            expires = moment + SESSION
            with self._database.write(lasting=False) as connection:
                connection.execute(
                    update(sessions).where(sessions.c.token_hash == row.token_hash).values(expires=expires)
                )
        return Session(token, row.csrf, row.account_id, expires)

    def close_session(self, token: str) -> None:
        """Log out."""
        with self._database.write() as connection:
            connection.execute(delete(sessions).where(sessions.c.token_hash == _hash(token)))

    def close_sessions(self, account_id: str) -> None:
        """Log out everywhere."""
        with self._database.write() as connection:
            connection.execute(delete(sessions).where(sessions.c.account_id == account_id))

    # Keys for programs

    def create_key(self, account_id: str, name: str) -> tuple[ApiKey, str]:
        """A key, and its secret, which nobody can look up later."""
        label = _clean(name)
        if not 1 <= len(label) <= MAX_NAME:
            raise InputError(f"a key needs a name of 1 to {MAX_NAME} characters.")
        secret = KEY_PREFIX + secrets.token_urlsafe(32)
        key = ApiKey(new_id(), account_id, label, secret[:8], now(), None)
        with self._database.write() as connection:
            held = connection.execute(select(api_keys.c.id).where(api_keys.c.account_id == account_id)).all()
            if len(held) >= MAX_KEYS:
                raise LimitError(f"an account can hold {MAX_KEYS} keys: revoke one first.")
            connection.execute(
                insert(api_keys).values(
                    id=key.id, account_id=account_id, name=label, hint=key.hint, secret_hash=_hash(secret),
                    created=key.created,
                )
            )  # fmt: skip
        return key, secret

    def keys(self, account_id: str) -> list[ApiKey]:
        """An account's keys, the oldest first."""
        query = select(api_keys).where(api_keys.c.account_id == account_id).order_by(api_keys.c.id)
        with self._database.read() as connection:
            return [
                ApiKey(row.id, row.account_id, row.name, row.hint, row.created, row.last_used)
                for row in connection.execute(query)
            ]

    def revoke_key(self, account_id: str, key_id: str) -> None:
        """Make a key worthless. Raises NotFoundError."""
        with self._database.write() as connection:
            gone = connection.execute(
                delete(api_keys).where(api_keys.c.id == key_id, api_keys.c.account_id == account_id)
            )
            if not gone.rowcount:
                raise NotFoundError("key", key_id)

    def account_of_key(self, secret: str) -> Account | None:
        """Whose key it is, or None."""
        if not secret.startswith(KEY_PREFIX):
            return None
        with self._database.read() as connection:
            row = connection.execute(
                select(accounts, api_keys.c.id.label("key_id"), api_keys.c.last_used)
                .join(api_keys, api_keys.c.account_id == accounts.c.id)
                .where(api_keys.c.secret_hash == _hash(secret), accounts.c.disabled.is_(False))
            ).first()
        if row is None:
            return None
        moment = now()
        if row.last_used is None or row.last_used < moment - _TOUCH:
            with self._database.write(lasting=False) as connection:
                connection.execute(update(api_keys).where(api_keys.c.id == row.key_id).values(last_used=moment))
        return _account(row)

    def sweep(self) -> None:
        """Forget sessions and invitations that are over."""
        moment = now()
        with self._database.write() as connection:
            connection.execute(delete(sessions).where(sessions.c.expires < moment))
            connection.execute(delete(invitations).where(invitations.c.expires < moment - timedelta(days=30)))


def _of(account_id: str) -> Any:
    return update(accounts).where(accounts.c.id == account_id)


def _checked(name: str, password: str, *, is_admin: bool = False) -> dict[str, Any]:
    """The row of a new account. Raises InputError for a name or password that can't be."""
    shown, key = _names(name)
    _check_password(password)
    return _new(shown, key, _hasher().hash(password), is_admin=is_admin)


def _new(name: str, key: str, password: str | None, *, is_admin: bool) -> dict[str, Any]:
    return {
        "id": new_id(), "name": name, "name_key": key, "password": password, "is_admin": is_admin, "disabled": False,
        "created": now(),
    }  # fmt: skip


def _account(row: Row[Any]) -> Account:
    return Account(row.id, row.name, bool(row.is_admin), row.created, bool(row.disabled))


def _clean(text: str) -> str:
    """A name on one line, without characters that can't be seen."""
    shown = unicodedata.normalize("NFKC", text)
    return " ".join("".join(c for c in shown if unicodedata.category(c)[0] != "C" or c in "\t\n ").split())


def _fold(name: str) -> str:
    return _clean(name).casefold()


def _names(name: str) -> tuple[str, str]:
    shown = _clean(name[: 4 * MAX_NAME])
    if not 1 <= len(shown) <= MAX_NAME:
        raise InputError(f"a name has 1 to {MAX_NAME} characters: choose another one.")
    key = shown.casefold()
    if key == LOCAL_NAME or len(key) > 2 * MAX_NAME:
        raise InputError(f"the name '{shown}' can't be used: choose another one.")
    return shown, key


def _check_password(password: str) -> None:
    if len(password) < MIN_PASSWORD:
        raise InputError(f"the password has {len(password)} characters: use at least {MIN_PASSWORD}.")
    if len(password) > MAX_PASSWORD:
        raise LimitError(f"the password has {len(password)} characters: use at most {MAX_PASSWORD}.")
    try:
        password.encode()
    except UnicodeEncodeError as error:
        raise InputError("the password holds characters that aren't text: choose another one.") from error


def _hash(token: str) -> str:
    # Tokens are long and random, so one fast hash is enough; passwords are neither.
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    # OWASP's smallest setting: many may log in at once on a small machine.
    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


@cache
def _nobody() -> str:
    """The hash of a password that nobody has."""
    return _hasher().hash(secrets.token_urlsafe(32))


def _verified(hashed: str, given: bytes) -> bool:
    from argon2.exceptions import Argon2Error, InvalidHashError

    try:
        return _hasher().verify(hashed, given)
    except (Argon2Error, InvalidHashError):
        return False
