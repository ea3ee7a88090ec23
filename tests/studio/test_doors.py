"""Joining, logging in, keys, invitations and a listener's page, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

pytest.importorskip("playwright", reason="playwright isn't installed")
from playwright.sync_api import expect
from tests.api.live import Server, make_piece, running
from tests.studio.accessibility import faults

PASSWORD = "moon over the river"


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A studio with accounts."""
    with running(tmp_path_factory.mktemp("many"), accounts=True) as server:
        yield server


@pytest.fixture
def stranger(browser: Any) -> Iterator[Any]:
    """A page of a browser that was never here."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    yield context.new_page()
    context.close()


def test_from_invitation_to_log_in(many: Server, stranger: Any) -> None:
    """Somebody joins by a link, makes a key that works once shown, invites, logs out, and comes back."""
    with many.store() as store:
        admin = store.accounts.create("The host", PASSWORD, is_admin=True)
        token = store.accounts.invite(admin.id, timedelta(days=1))
    page = stranger
    page.goto(f"{many.url}/join/{token}")
    assert faults(page) == []
    page.fill("#name", "Wei")
    page.fill("#password", "short")
    page.get_by_role("button", name="Join").click()
    expect(page.locator("#fault")).to_contain_text("eight characters")
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="Join").click()
    page.wait_for_url(f"{many.url}/")

    page.goto(f"{many.url}/account")
    expect(page.get_by_role("heading", level=1)).to_have_text("Wei")
    assert page.locator("#invite-form").count() == 0
    page.fill("#key-name", "assistant")
    page.get_by_role("button", name="Make a key").click()
    secret = page.locator("#secret-text")
    expect(secret).to_contain_text("yf_")
    key = secret.inner_text()
    with many.http(key) as http:
        assert http.get("/api/v1/me").json()["account"]["name"] == "Wei"
    assert faults(page) == []
    page.get_by_role("button", name="Revoke the key assistant").click()
    expect(page.locator("#keys li")).to_have_count(0)
    with many.http(key) as http:
        assert http.get("/api/v1/me").status_code == 401

    page.get_by_role("button", name="Log out", exact=True).click()
    page.wait_for_url(f"{many.url}/login")
    assert faults(page) == []
    page.fill("#name", "Wei")
    page.fill("#password", "not the password")
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("#fault")).to_be_visible()
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"{many.url}/")
    expect(page.get_by_role("link", name="Wei")).to_be_visible()


def test_administrator_invites(many: Server, stranger: Any) -> None:
    """An administrator makes a link, and the link leads to the door."""
    many.account("Admin", is_admin=True)
    page = stranger
    page.goto(f"{many.url}/login")
    page.fill("#name", "Admin")
    page.fill("#password", "the password of Admin")
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"{many.url}/")
    page.goto(f"{many.url}/account")
    page.get_by_role("button", name="Make a link").click()
    link = page.locator("#invite-text")
    expect(link).to_contain_text("/join/")
    page.goto(link.inner_text())
    expect(page.get_by_role("heading", level=1)).to_have_text("Welcome")


def test_log_in_leads_only_inside(many: Server, stranger: Any) -> None:
    """After a log-in nobody is led to another host, whatever the address says."""
    many.account("Led", is_admin=False)
    page = stranger
    page.goto(f"{many.url}/login?next=//example.org/")
    page.fill("#name", "Led")
    page.fill("#password", "the password of Led")
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"{many.url}/")


def test_listener_sees_and_hears(server: Server, look: Any) -> None:
    """With a link anybody reads the title, the words and the score, and hears the piece; nothing there edits it."""
    with server.http() as http:
        piece = make_piece(http, "Spring for all")
        token = http.put(f"/api/v1/pieces/{piece['id']}/share").json()["token"]
    page = look(f"/shared/{token}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Spring for all")
    expect(page.locator("#sung")).to_contain_text("spring has come to us again to")
    page.get_by_role("button", name="Play").click()
    page.get_by_role("button", name="Pause").wait_for()
    page.wait_for_timeout(700)
    assert page.locator("#now").inner_text() != "0:00" or page.input_value("#seek") != "0"
    expect(page.locator(".listen-page").first).to_have_attribute("alt", "Page 1 of 1")
    page.get_by_role("button", name="Jianpu").click()
    expect(page.locator(".listen-page").first).to_have_attribute("src", f"/api/v1/shared/{token}/jianpu/1.svg")
    assert page.locator("textarea, input[type=text], [contenteditable]").count() == 0
