"""Train the fill model, or a small network, on a built corpus."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from yuefu.errors import InputError, MissingExtraError
from yuefu.progress import Listener, ignore
from yuefu.score.files import make_folder
from yuefu.training.config import read_config
from yuefu.training.dataset import load_pieces

if TYPE_CHECKING:
    from yuefu.training.loop import Event
    from yuefu.training.supervised import Event as NetworkEvent


def kind_of(config: Path) -> str:
    """What settings train: ``"fill"``, or a kind of ``training.networks``. Raises InputError for a damaged file."""
    try:
        return str(tomllib.loads(config.read_text("utf-8")).get("kind", "fill"))
    except OSError as error:
        raise InputError(f"can't read the training settings {config}: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{config.name} isn't valid TOML: {error}.") from error


def train_network(
    config: Path, data: Path, run: Path, *, device: str | None = None, progress: Listener = ignore
) -> Iterator[tuple[Path, NetworkEvent]]:
    """Train a small network, or go on, in the folder ``run``; yields (the folder of the part that is trained, event).

    Raises InputError for settings or a corpus that can't be used, MissingExtraError without torch.
    """
    if not data.is_dir():
        raise InputError(f"there is no corpus folder '{data}': run `yuefu corpus build --from DIR --out DIR` first.")
    try:
        from yuefu.training.networks import best_device, read_network
    except ImportError as error:
        raise MissingExtraError("training", "train") from error
    settings = read_network(config)
    run = make_folder(run)
    for part, event in settings.run(data, run, device or best_device(), progress):
        yield run / part, event


def train_model(
    config: Path,
    data: Path,
    run: Path,
    *,
    steps: int | None = None,
    device: str | None = None,
    start: Path | None = None,
    progress: Listener = ignore,
) -> Iterator[Event]:
    """Train, or go on training, in the folder ``run``; yields the loop's events.

    config: a TOML file (see ``training.config``); data: a folder that ``corpus build`` wrote; steps:
    in place of the config's; device: such as ``"cpu"`` or ``"cuda"``, None to choose; start: a Hugging
    Face folder to begin from, in place of the config's ``init``. progress is told
    while the corpus is read. Raises InputError for settings or a corpus that can't be used,
    MissingExtraError without torch, OutputError when the run's folder can't be written.
    """
    settings = read_config(config)
    if steps is not None:
        if steps < 1:
            raise InputError(f"{steps} steps can't be trained: give at least 1.")
        settings = settings.model_copy(update={"steps": steps})
    if start is not None:
        if not start.is_dir():
            raise InputError(f"there is no folder '{start}' to start from: write one with `yuefu model export`.")
        settings = settings.model_copy(update={"init": str(start)})
    if not data.is_dir():
        raise InputError(f"there is no corpus folder '{data}': run `yuefu corpus build --from DIR --out DIR` first.")
    try:
        from yuefu.training.loop import train
    except ImportError as error:
        raise MissingExtraError("training", "train") from error
    pieces = load_pieces(data, sorted(settings.data.weights), progress)
    for split in ("train", "valid"):
        if not any(piece.split == split for piece in pieces):
            raise InputError(f"the corpus in '{data}' has no pieces of the split '{split}': build more sets.")
    run = make_folder(run)
    try:
        yield from train(settings, pieces, run, device)
    except RuntimeError as error:
        if device is not None and ("device" in str(error).lower() or "cuda" in str(error).lower()):
            raise InputError(f"the device '{device}' can't be used ({error!s:.120}): give 'cpu' or 'cuda'.") from error
        raise
