"""``yuefu texture``: bars of drums, bass and keys in a style."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from yuefu.cli.console import check_text, file_list, language_for, print_json, progress_bar, table

EXAMPLES = (
    'yuefu texture "funk" --rows drums,bass,keys --bars 4 --count 4 --chords "Am F C G" --energy .7 --seed 1 -o funk',
    'yuefu texture "rock, 140 bpm" --rows drums --bars 8 --count 6 -o grooves',
    'yuefu texture 华尔兹 --rows keys,bass --chords "C | F G | C" -o waltz',
)


def texture(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WORDS]...", help="A style, tempo, metre, in Chinese or English."),
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="Where the files go.")] = Path("textures"),
    rows: Annotated[str, typer.Option(metavar="LIST", help="Of drums, bass, keys.")] = "keys,bass,drums",
    bars: Annotated[int, typer.Option(metavar="N", help="How long, 1 to 64 bars.")] = 4,
    count: Annotated[int, typer.Option(metavar="N", help="How many to choose from, 1 to 64.")] = 4,
    chords: Annotated[
        str | None, typer.Option(metavar="LIST", show_default=False, help='"Am F C G", a bar each, or "Am | F G".')
    ] = None,
    energy: Annotated[
        float | None, typer.Option(metavar="0..1", show_default=False, help="Calm to busy; else the style's.")
    ] = None,
    style: Annotated[
        str | None, typer.Option("--style", metavar="NAME", show_default=False, help="A style; see `yuefu styles`.")
    ] = None,
    meter: Annotated[
        str | None, typer.Option(metavar="N/N", show_default=False, help="4/4, 3/4, 6/8, 2/2 or 2/4; else the style's.")
    ] = None,
    tempo: Annotated[
        str | None, typer.Option(metavar="BPM", show_default=False, help="Quarter notes a minute; else the style's.")
    ] = None,
    key: Annotated[str | None, typer.Option(metavar="KEY", show_default=False, help="Else that of the chords.")] = None,
    temperature: Annotated[
        float | None, typer.Option(metavar="T", show_default=False, help="0 (the plainest) to 2 (the wildest).")
    ] = None,
    seed: Annotated[str | None, typer.Option(metavar="N", show_default=False, help="Of the first; else drawn.")] = None,
    engine: Annotated[str, typer.Option(metavar="NAME", help="Who writes; see `yuefu engines`.")] = "gan",
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON and nothing else.")] = False,
    language: Annotated[
        str | None, typer.Option(metavar="en|zh", help="Of what is printed; else your words'.", show_default=False)
    ] = None,
) -> None:
    """Write textures of drums, bass and keys: a MIDI file each, and a picture of all."""
    from yuefu.text.brief import BriefOptions
    from yuefu.workflows.fill_score import as_brief
    from yuefu.workflows.texture import textures, write_textures

    text = check_text(" ".join(words or ()), "the words")
    options = BriefOptions(style=style, meter=meter, tempo=tempo, key=key, seed=seed)
    spoken = language_for(language) if language is not None else None
    spoken = spoken or language_for(None, as_brief(text, options).language.value)
    with progress_bar(spoken, not as_json) as listener:
        found = list(
            textures(text, rows=rows, bars=bars, count=count, chords=chords, energy=energy, options=options,
                     temperature=temperature, engine=engine, progress=listener)
        )  # fmt: skip
        files = write_textures(found, out, spoken)
    if as_json:
        print_json({"textures": [each.facts() for each in found], "files": [str(file) for file in files]})
        return
    zh = spoken == "zh"
    names = {"keys": "键盘", "bass": "低音", "drums": "鼓"} if zh else {}
    played = [part.role for part in found[0].score.parts]
    head = ("", "种子", *(names.get(row, row) for row in played)) if zh else ("", "seed", *played)
    body = [
        (str(each.number), str(each.seed), *(str(each.facts()["notes"].get(row, 0)) for row in played))
        for each in found
    ]
    said = f"风格 {found[0].style}，活跃度 {found[0].energy:g}；各声部音数：" if zh else (
        f"style {found[0].style}, energy {found[0].energy:g}; notes by row:"
    )  # fmt: skip
    typer.echo(said + "\n" + table([head, *body]))
    typer.echo(("写好了：" if zh else "Written:") + "\n" + file_list(files))
