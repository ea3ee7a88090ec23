"""The addresses of the pages. What a page shows beyond its frame, its scripts ask of the API."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from yuefu.studio.catalogue import catalogue, names
from yuefu.studio.render import STATIC, render
from yuefu.web.language import language_of

__all__ = ["STATIC", "render", "router"]

router = APIRouter(include_in_schema=False)
#: The sayings of pages that list pieces; keys are named as the compose page names them.
_LISTS = ("common", "library", "compose.key", "compose.mode")


@router.get("/")
def compose(request: Request) -> HTMLResponse:
    """The page where words become a piece."""
    return render(request, "compose.html", catalogue=catalogue(language_of(request)))


@router.get("/library")
def library(request: Request) -> HTMLResponse:
    """Every piece: heard, found, kept in order."""
    return render(request, "library.html", names=names(language_of(request)), scopes=_LISTS)


@router.get("/trash")
def trash(request: Request) -> HTMLResponse:
    """What was thrown away."""
    return render(request, "trash.html", names=names(language_of(request)), scopes=_LISTS)
