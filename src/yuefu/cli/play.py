"""``yuefu play``: a sound file or a score, through the loudspeakers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from yuefu.cli.console import language_for, progress_bar

EXAMPLES = ("yuefu play spring", "yuefu play song.mid", "yuefu play song.wav")


def play(
    file: Annotated[Path, typer.Argument(help="A sound file, a score, or a folder that `yuefu compose` wrote.")],
    soundfont: Annotated[
        Path | None, typer.Option(metavar="FILE", help="An .sf2 or .sf3 file for scores; else the best one found.")
    ] = None,
    as_written: Annotated[
        bool, typer.Option("--as-written", help="Don't shape a score's loudness and timing as players would.")
    ] = False,
) -> None:
    """Play a sound file or a score; Ctrl-C stops."""
    from yuefu.workflows.render import play as run

    with progress_bar(language_for(None)) as listener:
        heard = run(file, soundfont=soundfont, as_written=as_written, progress=listener)
    if not heard:
        raise typer.Exit(130)
