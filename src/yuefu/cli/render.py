"""``yuefu render``: a score to sound."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from yuefu.cli.console import language_for, progress_bar

EXAMPLES = ("yuefu render song.musicxml -o song.wav", "yuefu render song.mid -o song.mp3 --soundfont ~/GeneralUser.sf2")


def render(
    score: Annotated[Path, typer.Argument(help="MIDI, MusicXML, MXL, ABC or .yuefu.json.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="FILE", help="A .wav, .flac, .mp3 or .ogg file; else the score's name with .wav."
        ),
    ] = None,
    soundfont: Annotated[
        Path | None, typer.Option(metavar="FILE", help="An .sf2 or .sf3 file; else the best one found.")
    ] = None,
    rate: Annotated[int, typer.Option(metavar="HZ", help="Frames a second.")] = 44100,
    as_written: Annotated[
        bool, typer.Option("--as-written", help="Don't shape loudness and timing as players would.")
    ] = False,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Of how it is played.")] = 0,
) -> None:
    """Render a score to a sound file: mixed, with a room, at -14 LUFS."""
    from yuefu.workflows.render import render as run

    target = out if out is not None else Path(score.name).with_suffix(".wav")
    with progress_bar(language_for(None)) as listener:
        written = run(score, target, sr=rate, soundfont=soundfont, as_written=as_written, seed=seed, progress=listener)
    typer.echo(str(written))
