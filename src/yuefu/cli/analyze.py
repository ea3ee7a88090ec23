"""``yuefu analyze``: what is in a score."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from yuefu.cli.console import language_for, print_json

EXAMPLES = (
    "yuefu analyze song.mid",
    "yuefu analyze spring/song.musicxml --language zh",
    "yuefu analyze song.abc --json",
)


def analyze(
    file: Annotated[Path, typer.Argument(help="A score: MIDI, MusicXML, MXL or ABC.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    language: Annotated[
        str | None, typer.Option(metavar="en|zh", help="Of the text; else your locale's.", show_default=False)
    ] = None,
) -> None:
    """Tell key, metre, tempo, chords, form, phrases and texture of a score."""
    from yuefu.analysis.facts_text import facts_text
    from yuefu.workflows.analysis import analyze_file

    chosen = language_for(language)
    facts = analyze_file(file)
    if as_json:
        print_json(facts.to_dict())
    else:
        typer.echo(facts_text(facts, chosen))
