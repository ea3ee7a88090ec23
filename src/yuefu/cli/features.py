"""``yuefu features``: what can be measured in a sound or a score."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from yuefu.cli.console import language_for, print_json, progress_bar

EXAMPLES = (
    "yuefu features song.wav",
    "yuefu features song.mp3 -o song.npz",
    "yuefu features song.mid -o bars.csv",
    "yuefu features song.musicxml --language zh",
    "yuefu features song.flac --json",
)


def features(
    file: Annotated[
        Path, typer.Argument(help="A sound (WAV, FLAC, MP3, OGG) or a score (MIDI, MusicXML, MXL, ABC, .yuefu.json).")
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="Also write .npz (all arrays) or .csv (by frame or by bar)."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    language: Annotated[
        str | None, typer.Option(metavar="en|zh", help="Of the text; else your locale's.", show_default=False)
    ] = None,
) -> None:
    """Measure a sound (log-mel, MFCC, chroma, tempo, beats, spectrum, key, loudness) or a score, bar by bar."""
    from yuefu.workflows.features import features as run
    from yuefu.workflows.features_text import features_text

    chosen = language_for(language)
    with progress_bar(chosen) as listener:
        found = run(file, out, listener)
    if as_json:
        print_json(found.to_dict())
    else:
        typer.echo(features_text(found, chosen))
