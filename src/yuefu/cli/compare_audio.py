"""``yuefu compare-audio``: how near one recording is to another."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from yuefu.cli.console import language_for, print_json

EXAMPLES = ("yuefu compare-audio song.wav song.mp3", "yuefu compare-audio before.flac after.flac --json")


def compare_audio(
    reference: Annotated[Path, typer.Argument(help="A sound: WAV, FLAC, MP3 or OGG, half an hour at most.")],
    other: Annotated[Path, typer.Argument(help="Another one, to be measured beside it.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    language: Annotated[
        str | None, typer.Option(metavar="en|zh", help="Of the text; else your locale's.", show_default=False)
    ] = None,
) -> None:
    """Compare two recordings: shift, SNR, spectrum, timbre, loudness, and what these can't say."""
    from yuefu.workflows.compare_audio import compare_audio as run
    from yuefu.workflows.compare_audio import compared_text

    chosen = language_for(language)
    found = run(reference, other)
    if as_json:
        print_json(found.to_dict())
    else:
        typer.echo(compared_text(found, chosen))
