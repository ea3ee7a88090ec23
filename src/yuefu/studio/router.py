"""The addresses of the pages. What a page shows beyond its frame, its scripts ask of the API."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from yuefu.studio.catalogue import catalogue
from yuefu.studio.render import STATIC, render
from yuefu.web.language import language_of

__all__ = ["STATIC", "render", "router"]

router = APIRouter(include_in_schema=False)


@router.get("/")
def compose(request: Request) -> HTMLResponse:
    """The page where words become a piece."""
    return render(request, "compose.html", catalogue=catalogue(language_of(request)))
