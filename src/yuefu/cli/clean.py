"""``yuefu clean``: a recording with less noise, room and silence, at a loudness."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from yuefu.cli.console import language_for, progress_bar, table

if TYPE_CHECKING:
    from yuefu.workflows.clean import Heard

EXAMPLES = (
    "yuefu clean demo.wav -o demo-clean.wav --denoise --trim --loudness -14",
    "yuefu clean voice.mp3 -o voice.flac --dereverb --denoise",
    "yuefu clean tape.flac -o tape-clean.flac --denoise --method gate",
)


def clean(
    file: Annotated[Path, typer.Argument(help="A sound: WAV, FLAC, MP3 or OGG, an hour at most.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="A .wav, .flac, .mp3 or .ogg file.")],
    denoise: Annotated[
        bool,
        typer.Option("--denoise", help="Take out steady noise: hiss, hum, air. A sound without noise loses by it."),
    ] = False,
    dereverb: Annotated[
        bool, typer.Option("--dereverb", help="Take out some of the room, of speech above all (extra: audio).")
    ] = False,
    trim: Annotated[bool, typer.Option("--trim", help="Cut silence off both ends.")] = False,
    loudness: Annotated[
        float | None, typer.Option(metavar="LUFS", show_default=False, help="Bring it to a loudness, -40 to -5.")
    ] = None,
    method: Annotated[
        str, typer.Option(metavar="NAME", help="Of denoising: wiener, or gate (noisereduce; extra: audio).")
    ] = "wiener",
    language: Annotated[
        str | None, typer.Option(metavar="en|zh", help="Of the text; else your locale's.", show_default=False)
    ] = None,
) -> None:
    """Clean a recording: noise, room, silence, loudness; tells what it was like before and after."""
    from yuefu.workflows.clean import clean as run

    chosen = language_for(language)
    with progress_bar(chosen) as listener:
        done = run(
            file, out, noise=method if denoise else None, room=dereverb, ends=trim, loudness=loudness,
            progress=listener,
        )  # fmt: skip
    typer.echo(str(out))
    typer.echo(_told(done.before, done.after, chosen == "zh"))


def _told(before: Heard, after: Heard, zh: bool) -> str:
    names = ("长度", "响度", "峰值", "稳定噪声（至多）", "首尾静音") if zh else (
        "length", "loudness", "peak", "steady noise, at most", "silence at the ends",
    )  # fmt: skip
    rows = [("", "之前", "之后") if zh else ("", "before", "after")]
    columns = [_words(heard, zh) for heard in (before, after)]
    rows += list(zip(names, *columns))
    return table(rows)


def _words(heard: Heard, zh: bool) -> list[str]:
    second, none = (" 秒", "静音") if zh else (" s", "silent")
    noise = "-" if math.isnan(heard.noise) else f"{heard.noise:.0f} dB"
    return [
        f"{heard.seconds:.2f}{second}",
        f"{heard.loudness:.1f} LUFS" if math.isfinite(heard.loudness) else none,
        f"{heard.peak:.1f} dB",
        noise,
        f"{heard.silence:.2f}{second}",
    ]
