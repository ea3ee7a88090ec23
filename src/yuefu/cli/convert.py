"""``yuefu convert``: a score from one format to another."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from yuefu.cli.console import language_for, progress_bar

EXAMPLES = (
    "yuefu convert song.mid song.musicxml",
    "yuefu convert song.abc song.pdf",
    "yuefu convert song.mxl song.mp3",
    "yuefu convert song.mid roll.png --roll",
)


def convert(
    source: Annotated[Path, typer.Argument(metavar="IN", help="MIDI, MusicXML, MXL, ABC or .yuefu.json.")],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="Also .wav, .flac, .mp3, .ogg, .pdf, .svg or .png.")],
    roll: Annotated[bool, typer.Option("--roll", help="Draw .svg and .png as a piano roll.")] = False,
) -> None:
    """Convert a score; the extensions say from what to what."""
    from yuefu.workflows.convert import convert as run

    with progress_bar(language_for(None)) as listener:
        written = run(source, target, roll=roll, progress=listener)
    for path in written:
        typer.echo(str(path))
