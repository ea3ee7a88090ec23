"""``yuefu convert``: a score from one format to another."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from yuefu.cli.console import language_for, progress_bar
from yuefu.errors import InputError

EXAMPLES = (
    "yuefu convert song.mid song.musicxml",
    "yuefu convert song.abc song.pdf",
    "yuefu convert song.mxl song.mp3",
    "yuefu convert song.mid roll.png --roll",
    "yuefu convert song.musicxml song.jianpu.pdf",
    "yuefu convert song.musicxml song.pdf --lead-sheet",
    "yuefu convert song.musicxml song.lrc",
)


def convert(
    source: Annotated[Path, typer.Argument(metavar="IN", help="MIDI, MusicXML, MXL, ABC, .jianpu.txt or .yuefu.json.")],
    target: Annotated[
        Path,
        typer.Argument(
            metavar="OUT",
            help="Also .lrc (karaoke; words.lrc by syllable), .wav, .flac, .mp3, .ogg, .pdf, .svg or .png.",
        ),
    ],
    roll: Annotated[bool, typer.Option("--roll", help="Draw .svg and .png as a piano roll.")] = False,
    jianpu: Annotated[
        bool,
        typer.Option("--jianpu", help="Numbered notation (简谱) as .pdf, .svg, .png or .txt; like song.jianpu.pdf."),
    ] = False,
    leadsheet: Annotated[
        bool,
        typer.Option("--lead-sheet", help="Tune, words and chords alone: pages or MusicXML; like song.leadsheet.pdf."),
    ] = False,
    part: Annotated[
        str, typer.Option(metavar="NAME", help="Whose notes a lead sheet or numbered notation has; else the voice's.")
    ] = "",
) -> None:
    """Convert a score; the extensions say from what to what."""
    from yuefu.workflows.convert import convert as run

    if jianpu and leadsheet:
        raise InputError("--jianpu and --lead-sheet are two kinds of sheet: ask for one of them.")
    sheet = "jianpu" if jianpu else "leadsheet" if leadsheet else ""
    with progress_bar(language_for(None)) as listener:
        written = run(source, target, roll=roll, sheet=sheet, part=part, progress=listener)
    for path in written:
        typer.echo(str(path))
