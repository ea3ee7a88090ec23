"""The addresses of the pages. What a page shows beyond its frame, its scripts ask of the API."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from yuefu.errors import NotFoundError
from yuefu.studio.catalogue import catalogue, names
from yuefu.studio.render import STATIC, render
from yuefu.studio.words import say
from yuefu.web.language import language_of
from yuefu.web.services import services_of

__all__ = ["STATIC", "error_page", "render", "router"]

router = APIRouter(include_in_schema=False)
#: The sayings of pages that list pieces; keys are named as the compose page names them.
_LISTS = ("common", "library", "compose.key", "compose.mode")
Token = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,200}$")]
PieceId = Annotated[str, Path(pattern=r"^[0-9a-z]{26}$")]
#: Keys on the help page: a group's saying, then what is pressed and the saying of what it does.
_SHORTCUTS = (
    ("composing", ((("Ctrl", "↵"), "compose"), (("←", "→", "↑", "↓"), "mood"))),
    ("form", ((("←", "→"), "choose"), (("Shift", "←", "→"), "move"), (("+", "−"), "bars"), (("Del",), "remove"))),
    ("piece", ((("Space",), "play"), (("Ctrl", "Z"), "undo"), (("Ctrl", "Shift", "Z"), "redo"),
               (("←", "→", "↑", "↓"), "cells"), (("L",), "lock"), (("R",), "again"), (("?",), "all"))),
    ("everywhere", ((("Tab", "↵"), "skip"), (("Esc",), "close"))),
)  # fmt: skip


@router.get("/")
def compose(request: Request) -> HTMLResponse:
    """The page where words become a piece."""
    return render(request, "compose.html", catalogue=catalogue(language_of(request)))


@router.get("/library")
def library(request: Request) -> HTMLResponse:
    """Every piece: heard, found, kept in order."""
    return render(request, "library.html", names=names(language_of(request)), scopes=_LISTS)


@router.get("/listen")
def listen(request: Request) -> HTMLResponse:
    """What to hear next, and why; playlists, charts, one's taste, and what is held about it."""
    return render(
        request, "listen.html", names=names(language_of(request)),
        scopes=("common", "listen", "compose.key", "compose.mood"),
    )  # fmt: skip


@router.get("/ideas")
def ideas(request: Request) -> HTMLResponse:
    """Ideas in cards: searched, heard, combined, and given to a new piece."""
    return render(
        request, "ideas.html", catalogue=catalogue(language_of(request)), scopes=("common", "ideas", "compose")
    )


@router.get("/trash")
def trash(request: Request) -> HTMLResponse:
    """What was thrown away."""
    return render(request, "trash.html", names=names(language_of(request)), scopes=_LISTS)


@router.get("/pieces/{piece_id}")
def piece(request: Request, piece_id: PieceId) -> HTMLResponse:
    """One piece: its grid, score, mix, report and history."""
    found = services_of(request).store.pieces.get(request.state.account.id, piece_id)
    return render(request, "piece.html", piece=found)


@router.get("/shared/{token}")
def shared(request: Request, token: Token) -> HTMLResponse:
    """A piece as anybody with its link sees and hears it."""
    found = services_of(request).store.pieces.shared(token)
    return render(
        request, "shared.html", piece=found, token=token, names=names(language_of(request)),
        scopes=("common", "shared", "library.format", "compose.key"),
    )  # fmt: skip


@router.get("/login", response_model=None)
def login(request: Request) -> Response:
    """The door. Who is already inside, or needs no log-in, is led on."""
    return RedirectResponse("/", 303) if request.state.account else render(request, "login.html")


@router.get("/join/{token}", response_model=None)
def join(request: Request, token: Token) -> Response:
    """The door for those who were invited."""
    if not services_of(request).settings.accounts:
        raise NotFoundError("page", "join")
    return render(request, "join.html", token=token, scopes=("common", "login", "join"))


@router.get("/account")
def account(request: Request) -> HTMLResponse:
    """Password, keys and invitations."""
    if not services_of(request).settings.accounts:
        raise NotFoundError("page", "account")
    return render(request, "account.html")


@router.get("/help")
def help_page(request: Request) -> HTMLResponse:
    """How it works, where files are, whose music it learnt from."""
    settings = services_of(request).settings
    folder = "" if settings.accounts else str(settings.data.resolve())
    return render(request, "help.html", folder=folder, sets=_training_sets(), shortcuts=_SHORTCUTS)


def error_page(request: Request, status: int, message: str) -> HTMLResponse:
    """A page that says what went wrong, in the visitor's language."""
    key = "not_found" if status == 404 else "fault" if status >= 500 else "refused"
    return render(
        request, "error.html", status=status, message=message, heading=say(language_of(request), f"error.{key}")
    )


@cache
def _training_sets() -> tuple[tuple[str, str], ...]:
    """Title and licence of every collection that the model inside learnt from."""
    manifest = json.loads((resources.files("yuefu") / "model" / "manifest.json").read_text(encoding="utf-8"))
    return tuple((each["title"], each["licence"]) for each in manifest["sets"])
