"""``yuefu model``: the weights inside."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from yuefu.cli.console import print_json, table
from yuefu.cli.help import HelpGroup, add
from yuefu.errors import FormatError, InputError, MissingExtraError

app = typer.Typer(cls=HelpGroup, no_args_is_help=True, help="Look at the model inside.", rich_markup_mode=None)


def info(
    folder: Annotated[
        Path | None, typer.Argument(help="A model folder; else the one inside.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Size, hash, and the data that the model learnt from."""
    found = describe(folder)
    if as_json:
        print_json(found)
        return
    manifest = found["manifest"]
    rows = [
        ("folder", found["folder"]),
        ("size", f"{found['bytes'] / 1e6:.1f} MB"),
        ("hash", found["hash"]),
        *((name, str(value)) for name, value in manifest.items() if isinstance(value, (str, int, float))),
    ]
    typer.echo(table(rows))
    sets = manifest.get("sets")
    if isinstance(sets, list) and sets:
        typer.echo("learnt from")
        typer.echo(table([_set_row(each) for each in sets]))


def describe(folder: Path | None = None) -> dict[str, Any]:
    """A model folder's facts: folder, bytes, hash of the weights, manifest. Raises InputError without a model."""
    import json

    from yuefu.workflows.models import WEIGHT_FILES, model_folder, weights_hash

    place = folder if folder is not None else model_folder()
    missing = [name for name in WEIGHT_FILES if not (place / name).is_file()]
    if missing:
        raise InputError(f"'{place}' isn't a model folder: {missing[0]} is missing; name a folder with a model.")
    manifest: Any = {}
    if (place / "manifest.json").is_file():
        try:
            manifest = json.loads((place / "manifest.json").read_text("utf-8"))
        except ValueError as error:
            raise FormatError(
                f"'{place / 'manifest.json'}' isn't JSON: {error!s:.100}; reinstall the model."
            ) from error
    size = sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
    return {
        "folder": str(place),
        "bytes": size,
        "hash": weights_hash(place),
        "manifest": manifest if isinstance(manifest, dict) else {},
    }


def _set_row(entry: Any) -> tuple[str, str]:
    """A data set of the manifest, which may be a name or a table."""
    if not isinstance(entry, dict):
        return "  " + str(entry), ""
    name = entry.get("name") or entry.get("set") or "?"
    return f"  {name}", str(entry.get("licence", ""))


def build(
    run: Annotated[Path, typer.Option("--run", help="The folder of a training run, with best.pt.")],
    corpus: Annotated[Path, typer.Option("--corpus", help="The built corpus that it learnt from.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The model folder to write.")],
    precision: Annotated[str, typer.Option(help="int4, int8 or fp32.")] = "int4",
    begun_from: Annotated[
        str, typer.Option("--begun-from", metavar="WORDS", help="For the card: the weights that the run began from.")
    ] = "",
) -> None:
    """Make a model folder from a training run: weights, fingerprints of the corpus, manifest."""
    if precision not in ("int4", "int8", "fp32"):
        raise InputError(f"'{precision[:20]}' isn't a precision: use int4, int8 or fp32.")
    try:
        from yuefu.training.publish import publish
    except ImportError as error:
        raise MissingExtraError("building a model", "train") from error
    told = publish(run, corpus, out, precision, begun_from)
    typer.echo(f"{out}: {told['parameters'] / 1e6:.1f} M parameters, {told['fingerprinted_pieces']} pieces known")


def card(
    folder: Annotated[
        Path | None, typer.Argument(help="A model folder; else the one inside.", show_default=False)
    ] = None,
    attributions: Annotated[
        bool, typer.Option("--attributions", help="Print the works that ask for a credit instead, as TSV.")
    ] = False,
) -> None:
    """The model card: training data and licences, budget, measures, limits."""
    from yuefu.workflows.models import model_folder

    place = folder if folder is not None else model_folder()
    path = place / ("ATTRIBUTIONS.tsv" if attributions else "MODEL_CARD.md")
    if not path.is_file():
        raise InputError(f"'{place}' has no {path.name}: make the model with `yuefu model build`.")
    typer.echo(path.read_text("utf-8").rstrip())


def export(
    out: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to write.")],
    folder: Annotated[
        Path | None, typer.Option("--model", metavar="DIR", help="A model folder; else the one inside.")
    ] = None,
) -> None:
    """Write the weights as a Hugging Face folder in float32, to tune with peft or `yuefu train --from`.

    Needs the extra `train`: pip install "yuefu[train]".
    """
    from yuefu.workflows.models import model_folder

    try:
        from yuefu.training.publish import write_plain
    except ImportError as error:
        raise MissingExtraError("exporting a model", "train") from error
    write_plain(folder if folder is not None else model_folder(), out)
    typer.echo(f"{out}: config.json, model.safetensors, vocabulary.json")


add(app, "Commands", build, "yuefu model build --run runs/fill --corpus CORPUS --out model", name="build")
add(app, "Commands", info, "yuefu model info", "yuefu model info --json", name="info")
add(app, "Commands", card, "yuefu model card", "yuefu model card --attributions", name="card")
add(app, "Commands", export, "yuefu model export plain", name="export")


@app.callback()
def _group() -> None:
    """Look at the model inside."""
