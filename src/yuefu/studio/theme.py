"""Paper or ink: the theme that a visitor chose, read by the server, so that nothing flashes."""

from __future__ import annotations

from starlette.requests import Request

COOKIE = "yuefu_theme"
THEMES = ("auto", "light", "dark")


def theme_for(request: Request) -> str:
    """``auto``, ``light`` or ``dark``."""
    theme = request.cookies.get(COOKIE, "auto")
    return theme if theme in THEMES else "auto"
