"""``yuefu augment``: changed copies of a sound or a score."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from yuefu.cli.console import file_list, language_for, progress_bar, split_list

EXAMPLES = (
    "yuefu augment song.wav -o copies --copies 5 --seed 1",
    "yuefu augment song.wav -o noisy --changes noise --noise 10 --colour pink",
    "yuefu augment song.mid -o copies --copies 12",
    "yuefu augment song.musicxml -o keys --copies 3 --changes transpose,tempo --strength 0.5",
)


def augment(
    file: Annotated[
        Path, typer.Argument(help="A sound (WAV, FLAC, MP3, OGG) or a score (MIDI, MusicXML, MXL, ABC, .yuefu.json).")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="Where the copies go.")],
    copies: Annotated[int, typer.Option(metavar="N", help="How many, 1 to 1,000.")] = 1,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Of what is drawn.")] = 0,
    changes: Annotated[
        str | None,
        typer.Option(
            metavar="LIST",
            show_default=False,
            help="Of a sound: pitch, speed, colour, room, noise, gain; of a score: parts, register, transpose, tempo, "
            "velocity; else all.",
        ),
    ] = None,
    strength: Annotated[float, typer.Option(metavar="0..1", help="How far changes go.")] = 1.0,
    noise: Annotated[
        float | None,
        typer.Option(metavar="DB", show_default=False, help="Noise in every copy of a sound, so far below it."),
    ] = None,
    colour: Annotated[str, typer.Option(metavar="NAME", help="Of that noise: white, pink or brown.")] = "white",
) -> None:
    """Make changed copies of a sound or a score, and changes.json, which tells what was changed."""
    from yuefu.workflows.augment import augment as run

    kinds = split_list(changes) if changes is not None else None
    with progress_bar(language_for(None)) as listener:
        written = run(
            file, out, copies, seed=seed, kinds=kinds, strength=strength, noise=noise, colour=colour, progress=listener
        )
    typer.echo(file_list(written))
