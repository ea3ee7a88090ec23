"""``yuefu corpus``: build the training corpus from a folder of data sets, count it, list the known sets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from yuefu.cli.console import language_for, progress_bar

app = typer.Typer(no_args_is_help=True, help="Build the training corpus and look at it.")


@app.command()
def build(
    source: Annotated[Path, typer.Option("--from", help="The folder with a folder for each data set.")],
    out: Annotated[Path, typer.Option("--out", help="Where the corpus is written.")],
    sets: Annotated[str, typer.Option("--sets", help="Only these sets, parted by commas.")] = "",
    jobs: Annotated[int, typer.Option("--jobs", min=0, max=256, help="Processes; 0 for all cores.")] = 0,
    force: Annotated[bool, typer.Option("--force", help="Build finished sets again.")] = False,
) -> None:
    """Read, clean, lay out in rows and split every set; finished sets aren't built again."""
    from yuefu.corpus import build as builder

    names = [name.strip() for name in sets.split(",") if name.strip()] or None
    with progress_bar(language_for(None)) as listener:
        results = builder.build(source, out, names, jobs or None, listener, force)
    failed = False
    for result in results:
        if result.error:
            failed = True
            typer.echo(f"{result.name:>20}  not built: {result.error}", err=True)
            continue
        left_out = sum(result.refused.values())
        note = "" if result.fresh else " (already built)"
        typer.echo(
            f"{result.name:>20}  {result.pieces:>6,} pieces {result.notes:>10,} notes  "
            f"{result.duplicates:>4} duplicates {left_out:>4} left out  {result.seconds:>6.1f} s{note}"
        )
    if failed:
        raise typer.Exit(2)


@app.command()
def stats(folder: Annotated[Path, typer.Argument(help="A built corpus.")]) -> None:
    """Count a built corpus and write stats.html, stats.md and stats.json into it."""
    from yuefu.corpus.stats import as_markdown, write_stats

    typer.echo(as_markdown(write_stats(folder)))
    typer.echo(f"Written: {folder / 'stats.html'}, stats.md and stats.json.")


@app.command()
def sets() -> None:
    """The known data sets: licence, what they teach, how to get them."""
    from yuefu.corpus.manifest import manifests

    for found in manifests().values():
        amber = " (amber: see the note)" if found.amber else ""
        typer.echo(f"{found.name}: {found.title}")
        typer.echo(f"    licence  {found.licence}{amber}")
        if found.licence_note:
            typer.echo(f"    note     {found.licence_note}")
        typer.echo(f"    teaches  {found.teaches}")
        typer.echo(f"    origin   {found.origin} @ {found.commit}")
        typer.echo(f"    get      {found.get}")
