"""The rules of accessibility, on every page of the shell, in both languages, both themes, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.studio.accessibility import faults

LOOKS = [
    ("en", "light", (1280, 800)),
    ("zh", "dark", (1280, 800)),
    ("zh", "light", (390, 844)),
    ("en", "dark", (360, 740)),
]


@pytest.mark.parametrize(("language", "theme", "size"), LOOKS)
@pytest.mark.parametrize("path", ["/", "/library", "/listen", "/trash", "/help", "/ideas"])
def test_page_keeps_the_rules(
    look: Callable[..., Any], pieces: list[Any], path: str, language: str, theme: str, size: tuple[int, int]
) -> None:
    """Nothing is nameless, out of order, too faint, too small or wider than the screen."""
    page = look(path, language=language, theme=theme, size=size)
    page.wait_for_load_state("networkidle")
    assert faults(page) == []


@pytest.mark.parametrize(("language", "theme", "size"), LOOKS)
def test_opened_brief_keeps_the_rules(
    look: Callable[..., Any], language: str, theme: str, size: tuple[int, int]
) -> None:
    """The same with words in the box and every field of the brief open."""
    page = look("/", language=language, theme=theme, size=size)
    page.fill("#words-box", "a melancholy waltz, solo piano, verse chorus verse")
    page.wait_for_selector(".asked-style .asked-value:not(.unset)")
    for head in page.locator("button.asked-head").all():
        head.click()
    assert faults(page) == []


@pytest.mark.parametrize(("language", "theme", "size"), LOOKS)
def test_tune_panel_and_menus_keep_the_rules(
    look: Callable[..., Any], pieces: list[Any], language: str, theme: str, size: tuple[int, int]
) -> None:
    """The library with its tune panel, an export menu and a selection open."""
    page = look("/library", language=language, theme=theme, size=size)
    page.click("#tune-toggle")
    page.wait_for_selector(".row")
    page.locator(".row-choose input").first.check()
    page.locator(".row .menu button").first.click()
    page.wait_for_selector(".menu-list:not([hidden]) button")
    assert faults(page) == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_shared_page_keeps_the_rules(look: Callable[..., Any], server: Any, pieces: list[Any], language: str) -> None:
    """A listener's page."""
    with server.http() as http:
        token = http.put(f"/api/v1/pieces/{pieces[0]['id']}/share").json()["token"]
    page = look(f"/shared/{token}", language=language)
    page.wait_for_selector(".listen-page")
    assert faults(page) == []
