"""``yuefu words``: how a prompt is understood, and the encoder that understands it."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from yuefu.cli.console import language_for, print_json, progress_bar, table
from yuefu.cli.help import HelpGroup, add

app = typer.Typer(cls=HelpGroup, no_args_is_help=True, help="How a prompt is understood.", rich_markup_mode=None)


def read(
    words: Annotated[str, typer.Argument(metavar="WORDS", help="A prompt in Chinese or English.")],
    encoder: Annotated[
        str | None,
        typer.Option(metavar="hf:FOLDER", help="Another encoder than the one inside: a local transformers model."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """What a prompt says, field by field, with the words that say it and how sure the reading is."""
    from yuefu.text.brief import read_brief
    from yuefu.workflows.encoders import encoder_named

    with progress_bar(language_for(None), not as_json) as listener:
        brief = read_brief(words, understand=encoder_named(encoder, progress=listener))
    told = {
        name: asked.model_dump(mode="json", exclude_none=True)
        for name in type(brief).model_fields
        if name != "words" and (asked := getattr(brief, name)).value is not None
    }
    if as_json:
        print_json(told)
        return
    typer.echo(table([_row(name, field) for name, field in told.items()]))


def _row(name: str, field: dict[str, Any]) -> tuple[str, str, str, str]:
    value = field["value"]
    if name == "form":
        value = " ".join(item["letter"] for item in value)
    shown = f"{value:+.2f}" if name in ("valence", "arousal") else str(value)
    sure = f"{field['confidence']:.0%} sure" if "confidence" in field else ""
    return name, shown, sure, ", ".join(field.get("words", ()))


def fit_encoder(
    encoder: Annotated[str, typer.Argument(metavar="hf:FOLDER", help="A local folder with a transformers model.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Teach a pretrained encoder our moods, paces and styles, and compare it with the encoder inside.

    A linear head on the model's vectors is fitted on our scenes and lexicon, once: `--encoder` finds it again. Needs
    the extra `train`: pip install "yuefu[train]".
    """
    from yuefu.workflows.encoders import fit_encoder

    with progress_bar(language_for(None), not as_json) as listener:
        found = fit_encoder(encoder, progress=listener)
    if as_json:
        print_json({reader: {lang: asdict(told) for lang, told in each.items()} for reader, each in found.items()})
        return
    typer.echo("Held-out scenes: signs of valence and arousal right, both right, a fitting style named")
    rows = [
        (reader, language, f"{told.signs:.3f}", f"{told.quadrants:.3f}", f"{told.styles:.3f}")
        for reader, each in found.items()
        for language, told in each.items()
    ]
    typer.echo(table([("encoder", "", "signs", "both", "style"), *rows]))


def train(
    data: Annotated[Path, typer.Option("--data", metavar="DIR", help="A folder that `yuefu corpus build` wrote.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="The weights to write, a .npz file.")],
    steps: Annotated[int, typer.Option(metavar="N", min=1, help="Steps of 160 texts.")] = 2500,
    seed: Annotated[int, typer.Option(help="Of every random choice.")] = 1,
) -> None:
    """Train the encoder of words; minutes on a CPU. Needs the extra `train`: pip install "yuefu[train]"."""
    from yuefu.workflows.train_words import train_words

    shown = 0.0
    with progress_bar(language_for(None)) as listener:
        events = train_words(data, out, steps=steps, seed=seed, progress=listener)
        event = next(events, None)
    from yuefu.training.words.loop import Checked

    loss = 0.0
    while event is not None:
        if isinstance(event, Checked):
            told = ", ".join(f"{k} signs {event.signs[k]:.3f}, quadrants {event.quadrants[k]:.3f}" for k in event.signs)
            typer.echo(f"step {event.step}  held-out scenes: {told}")
            event = next(events, None)
            continue
        loss = event.loss if loss == 0 else 0.98 * loss + 0.02 * event.loss
        now = time.monotonic()
        if now - shown >= (0.5 if sys.stderr.isatty() else 20) or event.step == event.steps:
            shown = now
            line = f"step {event.step}/{event.steps}  loss {loss:.3f}  {event.eta / 60:.1f} minutes to go"
            typer.echo(f"\r\x1b[K{line}" if sys.stderr.isatty() else line, err=True, nl=not sys.stderr.isatty())
        event = next(events, None)
    typer.echo(f"{out}: {out.stat().st_size / 1e6:.1f} MB")


add(app, "Commands", read, 'yuefu words read "not sad, rather hopeful"', name="read")
add(app, "Commands", fit_encoder, "yuefu words fit-encoder hf:models/all-MiniLM-L6-v2", name="fit-encoder")
add(app, "Commands", train, "yuefu words train --data corpus -o weights.npz", name="train")


@app.callback()
def _group() -> None:
    """How a prompt is understood."""
