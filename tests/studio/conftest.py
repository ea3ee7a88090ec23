"""A studio that runs, and a browser that looks at it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.api.live import Server, make_piece, running

BROWSER = os.environ.get("YUEFU_CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
)  # fmt: skip


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A studio with one worker, alone on this machine."""
    with running(tmp_path_factory.mktemp("studio"), workers=1) as started:
        yield started


@pytest.fixture(scope="session")
def studio(server: Server) -> str:
    """Its address."""
    return server.url


@pytest.fixture(scope="session")
def pieces(server: Server) -> list[dict[str, Any]]:
    """Pieces that the studio holds."""
    with server.http() as http:
        return [make_piece(http, title) for title in ("Spring rain", "夜雨寄北", "Slow train")]


@pytest.fixture(scope="session")
def fonts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A font configuration with the Chinese fonts that the package brings along: a machine may have none."""
    import pylopdf_fonts_zh_cn

    folder = tmp_path_factory.mktemp("fonts")
    file = folder / "fonts.conf"
    file.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        '<include ignore_missing="yes">/etc/fonts/fonts.conf</include>'
        f"<dir>{Path(pylopdf_fonts_zh_cn.__file__).parent}</dir><cachedir>{folder}</cachedir></fontconfig>",
        encoding="utf-8",
    )
    return file


@pytest.fixture(scope="session")
def browser(fonts: Path) -> Iterator[Any]:
    """A real Chromium."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright isn't installed")
    if not Path(BROWSER).exists():
        reason = f"no Chromium at {BROWSER}: set YUEFU_CHROMIUM"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=BROWSER, args=list(ARGUMENTS), env={**os.environ, "FONTCONFIG_FILE": str(fonts)}
        )
        yield chromium
        chromium.close()


class Watched:
    """What a page did that it shouldn't: console errors, faults, requests to other hosts."""

    def __init__(self, page: Any, host: str) -> None:
        self.faults: list[str] = []
        page.on("console", lambda said: said.type == "error" and self.faults.append(f"console: {said.text}"))
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("request", lambda asked: self._asked(asked.url, host))
        page.on("response", lambda got: got.status >= 400 and self.faults.append(f"{got.status}: {got.url}"))

    def _asked(self, url: str, host: str) -> None:
        if not url.startswith((host, "blob:", "data:")):
            self.faults.append(f"another host: {url}")


@pytest.fixture
def look(browser: Any, studio: str) -> Iterator[Callable[..., Any]]:
    """Opens a page in a language, a theme and a size; at the end it must have behaved, but for the faults expected."""
    opened: list[tuple[Any, Watched, tuple[str, ...]]] = []

    def open_page(
        path: str = "/",
        *,
        language: str = "en",
        theme: str = "light",
        size: tuple[int, int] = (1280, 800),
        faults: tuple[str, ...] = (),
    ) -> Any:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, locale={"en": "en-GB", "zh": "zh-CN"}[language]
        )
        chosen = {"yuefu_lang": language, "yuefu_theme": theme}
        context.add_cookies([{"name": name, "value": value, "url": studio} for name, value in chosen.items()])
        page = context.new_page()
        opened.append((context, Watched(page, studio), faults))
        page.goto(studio + path)
        return page

    yield open_page
    for context, watched, expected in opened:
        context.close()
        assert [fault for fault in watched.faults if not any(code in fault for code in expected)] == []
