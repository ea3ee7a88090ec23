"""The language of an answer: the visitor's choice, else the browser's, else English."""

from __future__ import annotations

from typing import Literal

from starlette.requests import HTTPConnection

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
COOKIE = "yuefu_lang"


def preferred(accept: str) -> Language:
    """The first of our languages in an Accept-Language header, by its weights.

    >>> preferred("fr, zh-CN;q=0.8, en;q=0.9"), preferred("zh-TW,zh"), preferred("")
    ('en', 'zh', 'en')
    """
    best: Language = "en"
    weight = 0.0
    for item in accept[:400].split(","):
        name, _, quality = item.strip().partition(";")
        try:
            share = float(quality.strip().removeprefix("q=")) if quality else 1.0
        except ValueError:
            continue
        code = name.strip().lower()[:2]
        for language in LANGUAGES:
            if code == language and share > weight:
                best, weight = language, share
    return best


def language_of(request: HTTPConnection) -> Language:
    """The language for a request: ``?lang=``, the cookie, Accept-Language."""
    for said in (request.query_params.get("lang"), request.cookies.get(COOKIE)):
        for language in LANGUAGES:
            if said == language:
                return language
    return preferred(request.headers.get("accept-language", ""))
