"""``yuefu train``: train the fill model on a built corpus."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from yuefu.cli.console import language_for, progress_bar
from yuefu.errors import MissingExtraError

EXAMPLES = (
    "yuefu corpus build --from DATA --out corpus",
    "yuefu train configs/fill.toml --data corpus --run runs/fill",
    "yuefu train configs/styles.toml --data corpus --run runs/styles",
)
#: Seconds between lines where there is no terminal to redraw one.
_QUIET = 30.0


def train(
    config: Annotated[Path, typer.Argument(help="The settings, a TOML file.")],
    data: Annotated[Path, typer.Option("--data", metavar="DIR", help="A folder that `yuefu corpus build` wrote.")],
    run: Annotated[
        Path, typer.Option("--run", metavar="DIR", help="Checkpoints, log and curves; a run found there goes on.")
    ],
    steps: Annotated[
        int | None, typer.Option("--steps", metavar="N", min=1, help="In place of the settings' number.")
    ] = None,
    device: Annotated[str | None, typer.Option(metavar="NAME", help="cpu or cuda; else the best there is.")] = None,
    start: Annotated[
        Path | None,
        typer.Option("--from", metavar="DIR", help="Weights to start from: a folder of `yuefu model export`."),
    ] = None,
) -> None:
    """Train the fill model or a small network, or go on with a run; Ctrl-C stops, and the last checkpoint stays.

    The settings' kind says what is trained. Needs the extra `train`: pip install "yuefu[train]".
    """
    from yuefu.workflows.train import kind_of, train_model

    if kind_of(config) != "fill":
        _train_network(config, data, run, device, steps is not None or start is not None)
        return

    with progress_bar(language_for(None)) as listener:
        events = train_model(config, data, run, steps=steps, device=device, start=start, progress=listener)
        event = next(events, None)
    from yuefu.training.loop import Evaluated, Step  # with torch: only once training has begun

    terminal = sys.stderr.isatty()
    shown = 0.0
    while event is not None:
        if isinstance(event, Step):
            now = time.monotonic()
            if now - shown >= (0.2 if terminal else _QUIET) or event.step == event.steps:
                shown = now
                line = (
                    f"step {event.step}/{event.steps}  loss {event.loss:.3f}  rate {event.rate:.2e}  "
                    f"{event.tokens / max(event.seconds, 1e-9):,.0f} tokens/s  {_clock(event.eta)} to go"
                )
                typer.echo(f"\r\x1b[K{line}" if terminal else line, err=True, nl=not terminal)
        elif isinstance(event, Evaluated):
            _fresh_line(terminal)
            best = "  best so far" if event.best else ""
            rows = "  ".join(f"{name} {loss:.3f}" for name, loss in sorted(event.held_out.rows.items()))
            typer.echo(f"step {event.step}  held out {event.held_out.loss:.4f}{best}  {rows}")
            _draw(run)
        else:
            _fresh_line(terminal)
            why = "all steps done" if event.reason == "steps" else "no gain on held-out works any more"
            typer.echo(f"Stopped at step {event.step}: {why}. In {run}: best.pt, checkpoint.pt, log.jsonl, curves.png.")
        event = next(events, None)


def _train_network(config: Path, data: Path, run: Path, device: str | None, unused: bool) -> None:
    """A small network: its parts one after the other, each with curves of its own."""
    from yuefu.errors import InputError
    from yuefu.workflows.train import train_network

    if unused:
        raise InputError(
            "--steps and --from are for the fill model: write the steps of a small network in its settings."
        )
    terminal = sys.stderr.isatty()
    with progress_bar(language_for(None)) as listener:
        events = train_network(config, data, run, device=device, progress=listener)
        told = next(events, None)
    from yuefu.training.supervised import Evaluated, Step

    shown = 0.0
    while told is not None:
        part, event = told
        if isinstance(event, Step):
            now = time.monotonic()
            if now - shown >= (0.2 if terminal else _QUIET):
                shown = now
                losses = "  ".join(f"{name} {value:.3f}" for name, value in event.losses.items())
                line = f"{part.name}  step {event.step}/{event.steps}  {losses}  at most {_clock(event.eta)} to go"
                typer.echo(f"\r\x1b[K{line}" if terminal else line, err=True, nl=not terminal)
        elif isinstance(event, Evaluated):
            _fresh_line(terminal)
            measured = "  ".join(f"{name.replace('_', ' ')} {value:.4f}" for name, value in event.measures.items())
            typer.echo(f"{part.name}  step {event.step}  held out: {measured}{'  best so far' if event.best else ''}")
            _draw(part, small=True)
        else:
            _fresh_line(terminal)
            why = "all steps done" if event.reason == "steps" else "no gain on held-out works any more"
            typer.echo(f"{part.name}  stopped at step {event.step}: {why}.")
        told = next(events, None)
    typer.echo(f"Done: {run}")


def _fresh_line(terminal: bool) -> None:
    if terminal:
        typer.echo("\r\x1b[K", err=True, nl=False)


def _draw(run: Path, small: bool = False) -> None:
    """Draw the curves; a missing matplotlib doesn't stop a run."""
    from yuefu.score.files import atomic_write
    from yuefu.training.curves import curves_png, measures_png

    try:
        atomic_write(run / "curves.png", (measures_png if small else curves_png)(run / "log.jsonl"))
    except MissingExtraError as error:
        typer.echo(str(error), err=True)


def _clock(seconds: float) -> str:
    """Hours, minutes and seconds.

    >>> _clock(3725)
    '1:02:05'
    """
    minutes, rest = divmod(round(max(seconds, 0.0)), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"
