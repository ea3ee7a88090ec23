"""Which language and which theme a visitor sees: the address, then the cookie, then the browser's wish."""

from __future__ import annotations

from starlette.requests import Request

from yuefu.studio.words import DEFAULT_LANGUAGE, LANGUAGES

LANGUAGE_COOKIE = "yuefu_lang"
THEME_COOKIE = "yuefu_theme"
THEMES = ("auto", "light", "dark")


def language_for(request: Request) -> str:
    """ "en" or "zh" for this request."""
    for wished in (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if wished in LANGUAGES:
            return str(wished)
    return accepted(request.headers.get("accept-language", ""))


def accepted(header: str) -> str:
    """The language of an Accept-Language header that is spoken here and wished for most.

    >>> accepted("fr, zh-CN;q=0.8, en;q=0.5"), accepted("en-GB,zh;q=0.3"), accepted("")
    ('zh', 'en', 'en')
    """
    best, most = DEFAULT_LANGUAGE, 0.0
    for item in header.split(",")[:20]:
        tag, _, rest = item.strip().partition(";")
        language = tag.lower().split("-")[0]
        try:
            weight = float(rest.strip().removeprefix("q=")) if rest else 1.0
        except ValueError:
            continue
        if language in LANGUAGES and weight > most:
            best, most = language, weight
    return best


def theme_for(request: Request) -> str:
    """ "auto", "light" or "dark": set on the page by the server, so that nothing flashes."""
    theme = request.cookies.get(THEME_COOKIE, "auto")
    return theme if theme in THEMES else "auto"
