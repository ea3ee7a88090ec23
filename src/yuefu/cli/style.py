"""``yuefu style``: which style a score or a recording is in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from yuefu.cli.console import language_for, print_json

EXAMPLES = (
    "yuefu style song.mid",
    "yuefu style tune.abc --language zh",
    "yuefu style song.musicxml --picture why.png --json",
    "yuefu style recording.wav --picture why.png",
)


def style(
    file: Annotated[Path, typer.Argument(help="A score (MIDI, MusicXML, ABC) or a recording (WAV, FLAC, OGG, MP3).")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    picture: Annotated[
        Path | None, typer.Option("--picture", metavar="PNG", help="Draw what speaks for it, bar by bar.")
    ] = None,
    model: Annotated[
        Path | None, typer.Option("--model", metavar="DIR", help="Other weights: a folder that `yuefu train` wrote.")
    ] = None,
    language: Annotated[
        str | None, typer.Option(metavar="en|zh", help="Of the text; else your locale's.", show_default=False)
    ] = None,
) -> None:
    """Tell which style a score or a recording is in, how sure that is, and what it goes by."""
    from yuefu.workflows.recognize import recognize_file

    chosen = language_for(language)
    found = recognize_file(file, model=model)
    if picture is not None:
        from yuefu.score.files import atomic_write

        atomic_write(picture, found.picture(chosen))
    if as_json:
        print_json(found.to_dict(chosen))
    else:
        typer.echo(found.text(chosen))
