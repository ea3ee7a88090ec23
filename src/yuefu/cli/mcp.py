"""``yuefu mcp``: composing, filling and fetching for assistants, over the Model Context Protocol."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from yuefu.cli.extras import needing

EXAMPLES = (
    "yuefu mcp --out ~/Music/yuefu",
    "yuefu mcp --data ~/songs --out ~/songs/files",
    "yuefu mcp --server https://music.example --key yf_...",
)


def mcp(
    data: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="The library; else the studio's own, ~/.local/share/yuefu.",
                     show_default=False),
    ] = None,
    database: Annotated[
        str | None, typer.Option(metavar="URL", help="Its PostgreSQL database, if any.", show_default=False)
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="DIR", help="Where the assistant may write files; else nowhere.",
                     show_default=False),
    ] = None,
    server: Annotated[
        str | None, typer.Option(metavar="URL", help="A running studio to use instead.", show_default=False)
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(metavar="KEY", help="An API key for it; else $YUEFU_KEY.", show_default=False),
    ] = None,
    workers: Annotated[int, typer.Option(metavar="N", help="Processes that compose.")] = 1,
) -> None:  # fmt: skip
    """Speak MCP on standard input and output, so that an assistant can compose, fill, analyse and fetch files.

    It works on the studio's library. Tools: compose, fill, edit, list_pieces, get_score, analyze, lyrics_check,
    read_brief, export_files. Needs the extras `studio` and `mcp`: pip install "yuefu[studio,mcp]".
    """
    with needing("the MCP server", "mcp"):
        import mcp.server.mcpserver  # noqa: F401
    with needing("the MCP server", "studio"):
        from yuefu.client import Client
        from yuefu.mcp_server.tools import build
        from yuefu.server.background import serving
        from yuefu.web.settings import Settings, default_folder
    with ExitStack() as stack:
        if server is None:
            settings = Settings(data=(data or default_folder()).expanduser(), database=database, workers=workers)
            server = stack.enter_context(serving(settings))
        client = stack.enter_context(Client(server, key or os.environ.get("YUEFU_KEY")))
        build(client, None if out is None else out.expanduser()).run("stdio")
