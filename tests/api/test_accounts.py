"""Log-in, sessions, CSRF, keys, invitations: as a browser and a program meet them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.api.live import Server, make_piece, running, score_data

V1 = "/api/v1"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with accounts, an administrator among them."""
    with running(tmp_path_factory.mktemp("members"), accounts=True) as found:
        found.account("root", is_admin=True)
        yield found


def log_in(http: httpx.Client, name: str = "root") -> str:
    """A session in the client's cookies; returns what writes must show."""
    answer = http.post(f"{V1}/login", json={"name": name, "password": f"the password of {name}"})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["csrf"])


def test_a_session_reads_by_its_cookie_and_writes_with_the_token_beside(server: Server) -> None:
    """Without the token, or with another's, a write is 403 and does nothing."""
    with server.http() as http:
        csrf = log_in(http)
        cookie = next(iter(http.cookies.jar))
        assert (cookie.name, cookie.has_nonstandard_attr("HttpOnly")) == ("yuefu_session", True)
        assert http.get(f"{V1}/me").json()["account"]["name"] == "root"
        body = {"title": "By hand", "score": score_data()}
        odd: Any = {b"X-CSRF-Token": "é".encode()}
        for headers in ({}, {"X-CSRF-Token": "wrong"}, odd):
            refused = http.post(f"{V1}/pieces", json=body, headers=headers)
            assert (refused.status_code, refused.json()["error"]["type"]) == (403, "CsrfError")
        assert http.get(f"{V1}/pieces", params={"words": "By hand"}).json()["pieces"] == []
        assert http.post(f"{V1}/pieces", json=body, headers={"X-CSRF-Token": csrf}).status_code == 201


def test_behind_a_proxy_with_https_the_cookie_is_secure(server: Server) -> None:
    """The proxy on this machine is believed; its Origin is https, its Host has no port."""
    body = {"name": "root", "password": "the password of root"}
    headers = {"X-Forwarded-Proto": "https", "Host": "music.example", "Origin": "https://music.example"}
    with server.http() as http:
        answer = http.post(f"{V1}/login", json=body, headers=headers)
        assert answer.status_code == 200
        cookie = answer.headers["set-cookie"].lower()
        assert "; secure" in cookie
        assert "samesite=lax" in cookie
        assert "strict-transport-security" in answer.headers
        plain = http.post(f"{V1}/login", json=body)
        assert "; secure" not in plain.headers["set-cookie"].lower()


def test_logging_out_ends_the_session_for_good(server: Server) -> None:
    """The old cookie is worth nothing afterwards."""
    with server.http() as http:
        csrf = log_in(http)
        token = http.cookies["yuefu_session"]
        assert http.post(f"{V1}/logout", headers={"X-CSRF-Token": csrf}).status_code == 204
        assert "yuefu_session" not in http.cookies
        assert http.get(f"{V1}/me", headers={"Cookie": f"yuefu_session={token}"}).status_code == 401


def test_logging_out_everywhere_ends_every_session_and_no_key(server: Server) -> None:
    """Two browsers are logged in; one ends both, while the API key goes on working."""
    _, key = server.account("twice")
    body = {"name": "twice", "password": "the password of twice"}
    with server.http() as one, server.http() as two:
        csrf = one.post(f"{V1}/login", json=body).json()["csrf"]
        assert two.post(f"{V1}/login", json=body).status_code == 200
        assert one.post(f"{V1}/logout?everywhere=true", headers={"X-CSRF-Token": csrf}).status_code == 204
        assert two.get(f"{V1}/me").status_code == 401
    with server.http(key) as http:
        assert http.get(f"{V1}/me").status_code == 200


def test_a_wrong_password_and_an_unknown_name_sound_alike(server: Server) -> None:
    """Nobody learns which names there are."""
    with server.http() as http:
        answers = [
            http.post(f"{V1}/login", json={"name": name, "password": "wrong password"})
            for name in ("root", "nobody at all")
        ]
        assert [a.status_code for a in answers] == [401, 401]
        assert answers[0].text == answers[1].text


def test_an_invitation_makes_one_account(server: Server) -> None:
    """By an administrator; used once; a name that is taken doesn't use it up."""
    with server.http() as admin:
        csrf = log_in(admin)
        invited = admin.post(f"{V1}/invitations", json={"days": 1}, headers={"X-CSRF-Token": csrf})
        assert invited.status_code == 201
        token = invited.json()["token"]
    with server.http() as http:
        taken = http.post(f"{V1}/join", json={"token": token, "name": "ROOT", "password": "a long password"})
        assert taken.status_code == 409
        joined = http.post(f"{V1}/join", json={"token": token, "name": "林", "password": "a long password"})
        assert joined.status_code == 201, joined.text
        assert http.get(f"{V1}/me").json()["account"] == joined.json()["account"]
        assert joined.json()["account"]["is_admin"] is False
        again = http.post(f"{V1}/join", json={"token": token, "name": "second", "password": "a long password"})
        assert again.status_code == 403


def test_a_key_works_until_it_is_revoked_and_its_secret_is_told_once(server: Server) -> None:
    """Bearer needs no CSRF token; the list never shows secrets."""
    with server.http() as browser:
        csrf = log_in(browser)
        made = browser.post(f"{V1}/keys", json={"name": "script"}, headers={"X-CSRF-Token": csrf}).json()
        assert made["secret"].startswith("yf_")
        with server.http(made["secret"]) as program:
            assert program.get(f"{V1}/me").json()["account"]["name"] == "root"
            assert make_piece(program)["id"]
            assert made["secret"] not in program.get(f"{V1}/keys").text
            assert program.delete(f"{V1}/keys/{made['id']}").status_code == 204
            assert program.get(f"{V1}/me").status_code == 401


def test_a_new_password_ends_all_other_sessions(server: Server) -> None:
    """The one that changed it goes on; the old password is worth nothing."""
    server.account("pat")
    with server.http() as here, server.http() as there:
        csrf = log_in(here, "pat")
        log_in(there, "pat")
        body = {"old": "wrong", "new": "a new password"}
        assert here.post(f"{V1}/password", json=body, headers={"X-CSRF-Token": csrf}).status_code == 403
        body["old"] = "the password of pat"
        assert here.post(f"{V1}/password", json=body, headers={"X-CSRF-Token": csrf}).status_code == 204
        assert here.get(f"{V1}/me").status_code == 200
        assert there.get(f"{V1}/me").status_code == 401
        assert there.post(f"{V1}/login", json={"name": "pat", "password": body["old"]}).status_code == 401


def test_a_disabled_account_is_out_at_once(server: Server) -> None:
    """Its session and its key count no more."""
    account, key = server.account("gone")
    with server.http() as http, server.http(key) as program:
        log_in(http, "gone")
        with server.store() as store:
            store.accounts.disable(account)
        assert http.get(f"{V1}/me").status_code == 401
        assert program.get(f"{V1}/me").status_code == 401


def test_guessing_passwords_is_slowed_down(tmp_path: Any) -> None:
    """After ten tries from an address, more are 429 with a hint, the right one too."""
    with running(tmp_path, accounts=True, logins=10) as server, server.http() as http:
        server.account("ann")
        codes = [
            http.post(f"{V1}/login", json={"name": "ann", "password": f"guess number {n}"}).status_code
            for n in range(14)
        ]
        assert codes[0] == 401
        assert codes[-1] == 429
        refused = http.post(f"{V1}/login", json={"name": "ann", "password": "the password of ann"})
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) >= 1


def test_without_accounts_there_is_nothing_to_log_in_to(http: httpx.Client) -> None:
    """The routes of accounts are 404, and everybody on localhost is the local account."""
    assert http.get(f"{V1}/me").json()["accounts"] is False
    assert http.post(f"{V1}/login", json={"name": "a", "password": "b"}).status_code == 404
    assert http.get(f"{V1}/keys").status_code == 404
