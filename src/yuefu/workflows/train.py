"""Train the fill model on a built corpus."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from yuefu.corpus.store import iter_scores, set_names, set_path
from yuefu.errors import InputError, MissingExtraError, OutputError
from yuefu.progress import Listener, Progress, ignore
from yuefu.score.files import atomic_write, make_folder
from yuefu.training.config import read_config
from yuefu.training.pieces import Piece, pack, pieces_of, unpack

if TYPE_CHECKING:
    from yuefu.training.loop import Event


def train_model(
    config: Path,
    data: Path,
    run: Path,
    *,
    steps: int | None = None,
    device: str | None = None,
    progress: Listener = ignore,
) -> Iterator[Event]:
    """Train, or go on training, in the folder ``run``; yields the loop's events.

    config: a TOML file (see ``training.config``); data: a folder that ``corpus build`` wrote; steps:
    in place of the config's; device: such as ``"cpu"`` or ``"cuda"``, None to choose. progress is told
    while the corpus is read. Raises MissingExtraError without torch, InputError for settings or a
    corpus that can't be used, OutputError when the run's folder can't be written.
    """
    settings = read_config(config)
    if steps is not None:
        if steps < 1:
            raise InputError(f"{steps} steps can't be trained: give at least 1.")
        settings = settings.model_copy(update={"steps": steps})
    try:
        from yuefu.training.loop import train
    except ImportError as error:
        raise MissingExtraError("training", "train") from error
    run = make_folder(run)
    pieces = load_pieces(data, sorted(settings.data.weights), run, progress)
    try:
        yield from train(settings, pieces, run, device)
    except RuntimeError as error:
        if device is not None and ("device" in str(error).lower() or "cuda" in str(error).lower()):
            raise InputError(f"the device '{device}' can't be used ({error!s:.120}): give 'cpu' or 'cuda'.") from error
        raise


def load_pieces(data: Path, sets: list[str], run: Path, progress: Listener = ignore) -> list[Piece]:
    """The pieces of some sets as token cells, from the run's own cache when the corpus is still the same."""
    present = set_names(data)
    if not present:
        raise InputError(f"'{data}' isn't a built corpus: run `yuefu corpus build --from DIR --out DIR` first.")
    sizes = {name: set_path(data, name).stat().st_size for name in sets if name in present}
    cache, label = run / "pieces.pickle", run / "pieces.json"
    wanted = json.dumps({"data": str(data.resolve()), "sets": sizes}, sort_keys=True)
    if cache.exists() and label.exists() and label.read_text("utf-8") == wanted:
        return unpack(cache)
    pieces: list[Piece] = []
    for done, name in enumerate(sets):
        progress(Progress("corpus", done, len(sets), name))
        pieces += pieces_of(iter_scores(data, [name]))
    if not pieces:
        raise InputError(f"the corpus in '{data}' has no pieces: build it again.")
    try:
        pack(pieces, cache)
    except OSError as error:
        raise OutputError(
            f"'{cache}' can't be written: {error.strerror or error}; make room or choose another."
        ) from error
    atomic_write(label, wanted.encode())
    progress(Progress("corpus", len(sets), len(sets)))
    return pieces
