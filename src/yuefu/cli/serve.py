"""``yuefu serve``: the studio and the API on one port."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from yuefu.cli.extras import needing

EXAMPLES = (
    "yuefu serve",
    "yuefu serve --port 9000 --data ~/songs --no-browser",
    "yuefu serve --accounts --host 0.0.0.0 --database postgresql+psycopg://yuefu:secret@localhost/yuefu",
)


def serve(
    host: Annotated[
        str, typer.Option(metavar="NAME", help="The address to listen on; one that others reach needs --accounts.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="N", help="The port; 0 for any free one.")] = 8765,
    data: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where pieces lie; else ~/.local/share/yuefu.", show_default=False),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(metavar="URL", help="A PostgreSQL database instead of SQLite in the folder.", show_default=False),
    ] = None,
    accounts: Annotated[
        bool, typer.Option("--accounts", help="For many people: a log-in, and everybody's own pieces.")
    ] = False,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser.")] = True,
    workers: Annotated[
        int | None,
        typer.Option(metavar="N", help="Processes that compose; else one a core.", show_default=False,
                     rich_help_panel="Limits"),
    ] = None,
    memory: Annotated[
        float, typer.Option(metavar="GB", help="Memory of one job.", rich_help_panel="Limits")
    ] = 4.0,
    job_minutes: Annotated[
        float, typer.Option("--job-minutes", metavar="N", help="Time of one job.", rich_help_panel="Limits")
    ] = 15.0,
    queue: Annotated[
        int, typer.Option(metavar="N", help="Jobs that may wait.", rich_help_panel="Limits")
    ] = 100,
) -> None:  # fmt: skip
    """Open the studio: compose, hear, keep and change pieces in a browser; the same over REST.

    Everything works offline, and everything is kept in one folder. Alone on localhost there is no log-in.
    With --accounts, the first start prints a link by which the administrator signs up. Needs the
    extra `studio`: pip install "yuefu[studio]".
    """
    with needing("the studio", "studio"):
        from yuefu.server.run import serve as start
        from yuefu.web.settings import Settings, default_folder
    settings = Settings(
        data=(data or default_folder()).expanduser(), host=host, port=port, database=database,
        workers=(os.cpu_count() or 1) if workers is None else workers, accounts=accounts, memory_gb=memory,
        job_minutes=job_minutes, queue=queue,
    )  # fmt: skip
    start(settings, browser=browser, say=typer.echo)
