"""The guides say what there is: each route, option and command in them exists, and each route is in the guide."""

from __future__ import annotations

import re
from pathlib import Path

import typer
from tests.api.live import Server

from yuefu.cli.main import app

DOCS = Path(__file__).parents[2] / "docs"
#: Routes of which the guide speaks one by one.
TOLD = tuple(
    f"/api/v1/{name}"
    for name in (
        "pieces", "jobs", "sounds", "events", "listening", "recommendations", "playlists", "charts", "taste",
        "daily-mix", "spoken",
    )
)  # fmt: skip


def routes(server: Server) -> set[tuple[str, str]]:
    """Method and path of every operation."""
    with server.http() as http:
        paths = http.get("/api/v1/openapi.json").json()["paths"]
    return {(method.upper(), path) for path, item in paths.items() for method in item}


def test_the_guide_names_only_routes_that_there_are(local: Server) -> None:
    """Method and path, wherever both are written."""
    known = routes(local)
    text = (DOCS / "api.md").read_text("utf-8") + (DOCS / "serve.md").read_text("utf-8")
    named = re.findall(r"((?:`?(?:GET|POST|PUT|PATCH|DELETE)`? )+)(/api/v1/[\w/{}.-]+)", text)
    assert len(named) > 20
    for methods, path in named:
        for method in methods.replace("`", "").split():
            assert (method, path) in known, (method, path)


def test_the_guide_speaks_of_every_piece_route(local: Server) -> None:
    """A route of these that the guide leaves out fails here."""
    text = (DOCS / "api.md").read_text("utf-8")
    for _, path in routes(local):
        tail = path.removeprefix("/api/v1/pieces/{piece}/versions/{number}/")
        if path.startswith(TOLD):
            assert path in text or f"`{tail}`" in text or f"`{tail}," in text or f" `{tail}" in text, path


def test_the_guides_use_only_commands_and_options_that_exist() -> None:
    """`yuefu serve`, `yuefu account ...`, `yuefu mcp`, as the shell would see them."""
    group = typer.main.get_command(app)
    for name in ("serve.md", "api.md"):
        text = (DOCS / name).read_text("utf-8")
        for line in re.findall(r"yuefu ((?:serve|account|mcp)[^\n`|]*)", text):
            words = line.split("#")[0].split()
            command = group.commands[words[0]]  # type: ignore[attr-defined]
            if hasattr(command, "commands") and len(words) > 1:
                command = command.commands[words[1]]
            known = {option for param in command.params for option in (*param.opts, *param.secondary_opts)}
            assert {word for word in words if word.startswith("--")} <= known | {"--help"}, line


def test_the_guide_of_serving_names_every_option_of_limits() -> None:
    """The table of limits has each option that sets one."""
    text = (DOCS / "serve.md").read_text("utf-8")
    command = typer.main.get_command(app).commands["serve"]  # type: ignore[attr-defined]
    for param in command.params:
        assert param.opts[0] in text or param.name in ("port", "browser", "help"), param.name
