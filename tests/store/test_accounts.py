"""Accounts, log-ins, keys and invitations; and that no secret lies in the database."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from yuefu.errors import AccessError, ConflictError, InputError, LimitError, NotFoundError
from yuefu.store import Store
from yuefu.store.accounts import MAX_KEYS, Account
from yuefu.store.tables import api_keys, metadata, now, sessions

PASSWORD = "a long enough one"


@pytest.fixture
def ann(store: Store) -> Account:
    return store.accounts.create("Ann", PASSWORD, is_admin=True)


def _everything(store: Store) -> str:
    """All rows of all tables, as text."""
    with store.database.read() as connection:
        return "\n".join(
            str(tuple(row)) for table in metadata.sorted_tables for row in connection.execute(select(table))
        )


def test_a_name_belongs_to_one(store: Store, ann: Account) -> None:
    """Names are the same whatever their case and width, and the local account's can't be had."""
    for name in ("Ann", "ANN", "ａｎｎ", " ann "):
        with pytest.raises(ConflictError):
            store.accounts.create(name, PASSWORD)
        assert store.accounts.named(name) == ann
    for name in ("", "   ", "local", "LOCAL", "x" * 61, "\u200b\u200e"):
        with pytest.raises(InputError):
            store.accounts.create(name, PASSWORD)
    assert store.accounts.all() == [ann]
    assert store.accounts.get(ann.id) == ann
    with pytest.raises(NotFoundError):
        store.accounts.named("Bob")


def test_passwords_open_only_their_own_account(store: Store, ann: Account) -> None:
    """The right password of the right name gets the account; nothing else does, not even without an account."""
    check = store.accounts.check_password
    assert check("ann", PASSWORD) == ann
    for name, password in (
        ("ann", "wrong one"),
        ("ann", ""),
        ("bob", PASSWORD),
        ("", ""),
        ("local", ""),
        ("ann", "\ud800"),
    ):
        assert check(name, password) is None
    with pytest.raises(InputError):
        store.accounts.create("Bob", "short")
    with pytest.raises(LimitError):
        store.accounts.create("Bob", "x" * 201)
    with pytest.raises(InputError):
        store.accounts.create("Bob", "\ud800" * 10)


def test_an_unknown_name_costs_as_much_work(store: Store, ann: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """One argon2 verification is done whether or not the name exists, is disabled or has no password."""
    import argon2

    done: list[str] = []
    real = argon2.PasswordHasher.verify

    def counted(self: argon2.PasswordHasher, hashed: str, password: bytes) -> bool:
        done.append(hashed.rsplit("$", 2)[0])
        return real(self, hashed, password)

    store.accounts.check_password("nobody", PASSWORD)  # makes the hash that stands in
    monkeypatch.setattr(argon2.PasswordHasher, "verify", counted)
    for name in ("ann", "nobody", "x" * 10_000, ""):
        store.accounts.check_password(name, "wrong one")
    store.accounts.disable(ann.id)
    store.accounts.check_password("ann", PASSWORD)
    assert len(done) == 5
    assert len(set(done)) == 1  # with the same parameters
    assert done[0].startswith("$argon2id$")


def test_another_password_ends_sessions(store: Store, ann: Account) -> None:
    """After a change the old password and all cookies are worthless."""
    session = store.accounts.open_session(ann.id)
    store.accounts.set_password(ann.id, "another long one")
    assert store.accounts.check_password("ann", PASSWORD) is None
    assert store.accounts.check_password("ann", "another long one") == ann
    assert store.accounts.session(session.token) is None


def test_who_is_disabled_is_out_at_once(store: Store, ann: Account) -> None:
    """Sessions, keys and the password stop working, and work again when the account does; its pieces stay."""
    piece = store.pieces.create(ann.id, title="kept", document=b"x", kind="compose")
    session, (_, secret) = store.accounts.open_session(ann.id), store.accounts.create_key(ann.id, "laptop")
    store.accounts.disable(ann.id)
    assert store.accounts.session(session.token) is None
    assert store.accounts.account_of_key(secret) is None
    assert store.accounts.check_password("ann", PASSWORD) is None
    store.accounts.disable(ann.id, False)
    assert store.accounts.account_of_key(secret) == ann
    assert store.pieces.get(ann.id, piece.id) == piece


def test_sessions_live_while_they_are_used(store: Store, ann: Account) -> None:
    """A session is found by its token until it is closed or too old; one that is used is prolonged."""
    one, other = store.accounts.open_session(ann.id), store.accounts.open_session(ann.id)
    assert store.accounts.session(one.token) == one
    assert one.token != other.token
    assert one.csrf != other.csrf
    store.accounts.close_session(one.token)
    assert store.accounts.session(one.token) is None
    assert store.accounts.session(other.token) == other
    with store.database.write() as connection:
        connection.execute(update(sessions).values(expires=now() + timedelta(days=2)))
    prolonged = store.accounts.session(other.token)
    assert prolonged is not None
    assert prolonged.expires > now() + timedelta(days=29)
    with store.database.write() as connection:
        connection.execute(update(sessions).values(expires=now() - timedelta(seconds=1)))
    assert store.accounts.session(other.token) is None
    store.accounts.close_sessions(ann.id)
    for token in ("", "x", "\ud800"):
        assert store.accounts.session(token) is None


def test_keys_open_until_they_are_revoked(store: Store, ann: Account) -> None:
    """A key's secret names its account; revoking is for the owner alone; there is a bound on how many one has."""
    key, secret = store.accounts.create_key(ann.id, "laptop")
    bob = store.accounts.create("Bob", PASSWORD)
    assert secret.startswith("yf_")
    assert store.accounts.account_of_key(secret) == ann
    assert [(k.id, k.name, k.last_used is not None) for k in store.accounts.keys(ann.id)] == [(key.id, "laptop", True)]
    with pytest.raises(NotFoundError):
        store.accounts.revoke_key(bob.id, key.id)
    assert store.accounts.account_of_key(secret) == ann
    store.accounts.revoke_key(ann.id, key.id)
    for wrong in (secret, "", "yf_", secret[3:], secret.upper()):
        assert store.accounts.account_of_key(wrong) is None
    with store.database.write() as connection:
        for number in range(MAX_KEYS):
            values = {"account_id": bob.id, "name": "k", "hint": "yf_", "created": now()}
            connection.execute(api_keys.insert().values(id=f"{number:026}", secret_hash=f"{number:064}", **values))
    with pytest.raises(LimitError):
        store.accounts.create_key(bob.id, "one too many")


def test_an_invitation_counts_once(store: Store, ann: Account) -> None:
    """One person joins with a token, even when two try at once; a bad name doesn't use it up."""
    token = store.accounts.invite(ann.id, timedelta(days=1))
    with pytest.raises(ConflictError):
        store.accounts.join(token, "ann", PASSWORD)
    assert store.accounts.is_invitation(token)
    results: list[object] = []

    def join(name: str) -> None:
        try:
            results.append(store.accounts.join(token, name, PASSWORD))
        except AccessError as error:
            results.append(error)

    threads = [threading.Thread(target=join, args=(name,)) for name in ("Bob", "Carl", "Dora")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    joined = [result for result in results if isinstance(result, Account)]
    assert len(joined) == 1
    assert not joined[0].is_admin
    assert len(store.accounts.all()) == 2
    assert not store.accounts.is_invitation(token)


def test_only_administrators_invite_and_not_for_ever(store: Store, ann: Account) -> None:
    """Others can't invite; a token that is too old, unknown or empty is refused."""
    bob = store.accounts.join(store.accounts.invite(ann.id), "Bob", PASSWORD)
    with pytest.raises(AccessError):
        store.accounts.invite(bob.id)
    for token in (store.accounts.invite(ann.id, timedelta(seconds=-1)), "", "nonsense", "\ud800"):
        with pytest.raises(AccessError):
            store.accounts.join(token, "Carl", PASSWORD)
    first = store.accounts.join(store.accounts.invite(None, is_admin=True), "Dora", PASSWORD)
    assert first.is_admin
    store.accounts.sweep()


def test_no_secret_lies_in_the_database(store: Store, ann: Account) -> None:
    """Passwords, cookies, keys and invitations are there as hashes only."""
    session = store.accounts.open_session(ann.id)
    _, secret = store.accounts.create_key(ann.id, "laptop")
    token = store.accounts.invite(ann.id)
    held = _everything(store)
    assert ann.id in held
    for hidden in (PASSWORD, session.token, secret, secret[3:], token):
        assert hidden not in held
