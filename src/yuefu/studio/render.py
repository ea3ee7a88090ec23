"""A template made into an answer: in the visitor's language and theme, with the sayings that its scripts need."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from yuefu import __version__
from yuefu.studio.icons import SHAPES, icon
from yuefu.studio.theme import theme_for
from yuefu.studio.words import say, words_under
from yuefu.web.language import COOKIE, LANGUAGES, language_of

FOLDER = Path(__file__).parent
#: The pages' scripts, styles and icons, served under /static.
STATIC = FOLDER / "static"
STATIC = FOLDER / "static"
_YEAR = 365 * 24 * 3600


@cache
def templates() -> Environment:
    """The pages' templates: everything is escaped, and a name that nobody gave is a fault, not a blank."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(icon=icon, icon_names=sorted(SHAPES), version=__version__)
    environment.policies["json.dumps_kwargs"] = {"sort_keys": True, "ensure_ascii": False}
    return environment


def render(request: Request, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """A page.

    context: what the template speaks of. ``scopes`` in it names the first parts of the sayings' keys that
    the page's scripts use; without it they are "common" and the template's own name ("piece.html": "piece").
    Templates find ``t(key, **values)``, ``tn(key, n)`` (``key.one`` or ``key.other``), ``lang``, ``theme``,
    ``account`` (None when nobody is logged in), ``accounts`` (whether the studio asks for a log-in), ``csrf``
    and ``icon(name)``.
    """
    language = language_of(request)
    scopes = context.pop("scopes", ("common", template.partition(".")[0]))

    def t(key: str, **values: object) -> str:
        return say(language, key, **values)

    def tn(key: str, n: int, **values: object) -> str:
        return say(language, f"{key}.{'one' if n == 1 else 'other'}", n=n, **values)

    text = (
        templates()
        .get_template(template)
        .render(
            t=t,
            tn=tn,
            lang=language,
            html_lang={"en": "en", "zh": "zh-Hans"}[language],
            theme=theme_for(request),
            words=words_under(language, scopes),
            other_language=_in_language(request, next(other for other in LANGUAGES if other != language)),
            account=getattr(request.state, "account", None),
            accounts=_asks_for_login(request),
            csrf=getattr(request.state, "csrf", "") or "",
            listening=_listening(request),
            path=request.url.path,
            status=status,
            **context,
        )
    )
    answer = HTMLResponse(text, status_code=status)
    if request.query_params.get("lang") in LANGUAGES:
        answer.set_cookie(COOKIE, language, max_age=_YEAR, samesite="lax")
    answer.headers["Content-Language"] = language
    answer.headers["Vary"] = "Accept-Language, Cookie"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _in_language(request: Request, language: str) -> str:
    """This page's address in another language; a relative one, so that no host is ever written into a page."""
    rest = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    query = request.url.include_query_params(lang=language).query if not rest else ""
    if rest:
        query = str(request.url.remove_query_params("lang").include_query_params(lang=language).query)
    return f"{request.url.path}?{query}"


def _listening(request: Request) -> str:
    """Whether a page's players tell what is heard: "on", "paused" as the listener wishes, "off" for strangers."""
    services = getattr(request.app.state, "services", None)
    account = getattr(request.state, "account", None)
    if services is None or account is None:
        return "off"
    return "paused" if services.store.listening.settings(account.id).get("paused") else "on"


def _asks_for_login(request: Request) -> bool:
    services = getattr(request.app.state, "services", None)
    return bool(services is not None and services.settings.accounts)
