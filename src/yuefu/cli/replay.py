"""``yuefu replay``: make a report's piece again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from yuefu.cli.compose import chosen_formats, write_composition
from yuefu.cli.console import language_for

EXAMPLES = ("yuefu replay spring/report.json -o again", "yuefu replay spring/report.json --formats mp3 -o spring")


def replay(
    report: Annotated[Path, typer.Argument(help="The report.json of a piece.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="The folder to write; else the title's.")
    ] = None,
    formats: Annotated[
        str | None, typer.Option(metavar="LIST", help="Formats to write, as for `yuefu compose`.")
    ] = None,
    model: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The model that made the piece, if not the one inside.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON and nothing else.")] = False,
    play: Annotated[bool, typer.Option("--play", help="Play the piece when it is done.")] = False,
    language: Annotated[str | None, typer.Option(metavar="en|zh", help="Of what is printed.")] = None,
) -> None:
    """Make the piece of a report.json again: the same bytes, in any format.

    Needs the version and the model that made it; the report names both.
    """
    from yuefu.workflows.replay import replay as run

    write_composition(
        lambda listener: run(report, model=model, progress=listener),
        report.resolve().parent.name,
        out,
        chosen_formats(formats),
        as_json,
        play,
        language_for(language),
    )
