"""Learn a style from a user's own scores: read, train a small adapter, measure, and keep it under a name."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from yuefu.analysis.similarity import build_index
from yuefu.errors import ConflictError, InputError, LimitError, MissingExtraError
from yuefu.progress import Listener, ignore
from yuefu.score.files import make_folder
from yuefu.score.model import Score
from yuefu.text.adapted import (
    FORMAT,
    MANIFEST,
    TUNES,
    WEIGHTS,
    AdaptedStyle,
    AdapterManifest,
    SourcePiece,
    StyleFigures,
    adapted_names,
    adapters_folder,
    check_name,
    home_folder,
    read_adapted,
)
from yuefu.theory.styles import STYLES, find_style
from yuefu.tokens.vocabulary import vocabulary
from yuefu.workflows.adapters import merged_folder, new_style
from yuefu.workflows.models import model_folder, weights_hash
from yuefu.workflows.music21_scores import PREFIX, collection_items

if TYPE_CHECKING:
    from yuefu.training.adapt import AdaptConfig
    from yuefu.training.own_pieces import OwnPieces, Source
    from yuefu.training.pieces import Piece
    from yuefu.training.supervised import Event

MAX_LICENCE = 2000


@dataclass
class Adapting:
    """A style on its way. ``train`` yields events; ``finish`` keeps what did best, also of a run that was cut off.

    figures: what the pieces are like; before: held-out nats a token of the model as it is, on the part to stop by
    (``"valid"``); resumed: whether a run that was cut off goes on.
    """

    name: str
    pieces: OwnPieces
    figures: StyleFigures
    config: AdaptConfig
    run: Path
    model: Path
    licence: str = ""
    windows: list[Piece] = field(default_factory=list)
    resumed: bool = False
    before: float = 0.0
    best: float = float("inf")
    seconds: float = 0.0
    cpu_seconds: float = 0.0

    def train(self) -> Iterator[Event]:
        """Train, or go on; yields the loop's events."""
        from yuefu.training.adapt import AdaptTask
        from yuefu.training.supervised import Evaluated, fit

        task = AdaptTask(self.model / "hf", self.windows, self.config)
        self.before = task.evaluate(task.build())["loss"]
        began, busy = time.monotonic(), time.process_time()
        for event in fit(task, self.config.loop, self.run):
            if isinstance(event, Evaluated):
                self.best = min(self.best, event.measures["loss"])
            self.seconds = time.monotonic() - began
            self.cpu_seconds = time.process_time() - busy
            yield event

    @property
    def can_finish(self) -> bool:
        """Whether there are weights to keep."""
        return (self.run / "best.pt").is_file()

    def finish(self) -> AdaptedStyle:
        """Measure the weights that did best, with the style in the runtime and without, and keep them."""
        from yuefu.training.adapt import best_factors, factors_bytes, measured_samples, runtime_losses

        if not self.can_finish:
            raise InputError("it was stopped before the first look at held-out pieces: nothing was learnt yet.")
        scores = self.pieces.scores()
        manifest = AdapterManifest(
            format=FORMAT, name=self.name, made=date.today().isoformat(), licence=self.licence,
            base_model=weights_hash(self.model), vocabulary=vocabulary().hash, rank=self.config.rank,
            scale=self.config.sizes.scale, figures=self.figures, settings=self._settings(),
            sources=tuple(_source(each) for each in self.pieces.sources),
        )  # fmt: skip
        with new_style(self.name) as stage:
            (stage / WEIGHTS).write_bytes(factors_bytes(best_factors(self.model / "hf", self.config, self.run)))
            build_index(scores, [_told(score) for score in scores]).save(stage / TUNES)
            (stage / MANIFEST).write_text(manifest.model_dump_json(indent=1) + "\n", "utf-8")
        place = adapters_folder() / self.name
        style = read_adapted(place)
        samples = measured_samples(self.windows)
        losses = {
            "before": runtime_losses(self.model, samples),
            "after": runtime_losses(merged_folder(self.model, manifest.base_model, style), samples),
        }
        told = manifest.model_copy(update={"losses": losses})
        with new_style(self.name) as stage:
            for file in (WEIGHTS, TUNES):
                shutil.copyfile(place / file, stage / file)
            (stage / MANIFEST).write_text(told.model_dump_json(indent=1) + "\n", "utf-8")
        shutil.rmtree(self.run, ignore_errors=True)
        return read_adapted(place)

    def _settings(self) -> dict[str, object]:
        counts = self.pieces.counts
        return {
            **self.config.model_dump(), "seconds": round(self.seconds), "cpu_seconds": round(self.cpu_seconds),
            "pieces": counts,
            "held_out_before": round(self.before, 4), "held_out_after": round(self.best, 4),
        }  # fmt: skip


def _source(piece: Source) -> SourcePiece:
    told = {"name": piece.name[:400], "title": piece.score.title[:400], "sha256": piece.sha256, "split": piece.split}
    return SourcePiece.model_validate(told)


def _told(score: Score) -> str:
    return (score.title or str(score.metadata.get("source", "")))[:200]


def prepare_style(
    source: str,
    name: str,
    *,
    limit: int | None = None,
    near: str | None = None,
    licence: str = "",
    settings: dict[str, int | float] | None = None,
    replace_old: bool = False,
    model: Path | None = None,
    progress: Listener = ignore,
) -> Adapting:
    """Read the pieces and make all ready to train.

    source: a folder, a file, or ``music21:COLLECTION``; near: a style of the catalogue to lean on, None for the
    nearest; settings: in place of the usual ones, see ``training.adapt.AdaptConfig``. Raises InputError for a name or
    a folder that can't be used, ConflictError for a name that is taken, MissingExtraError without torch and peft.
    """
    name = check_name(name)
    if name in adapted_names() and not replace_old:
        raise ConflictError(f"there is a style '{name}' already: choose another name, or give --replace.")
    if len(licence) > MAX_LICENCE:
        raise LimitError(f"the note on the licence has {len(licence)} characters: use at most {MAX_LICENCE}.")
    base = find_style(near).key if near is not None else None
    folder = model or model_folder()
    if not (folder / "hf").is_dir():
        raise InputError(f"the model in '{folder}' came without plain weights: take one that `yuefu model build` made.")
    try:
        from pydantic import ValidationError

        from yuefu.training.adapt import AdaptConfig, run_stamp
        from yuefu.training.own_pieces import folder_items, gather, with_style
        from yuefu.training.own_style import figures_of
        from yuefu.training.pieces import pieces_of
    except ImportError as error:
        raise MissingExtraError("learning a style", "train") from error
    try:
        config = AdaptConfig(**(settings or {}))  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(f"the setting '{first['loc'][0]}' can't be used: {first['msg']}.") from error
    items = collection_items(source, limit) if source.startswith(PREFIX) else folder_items(Path(source))
    pieces = gather(items, limit, config.seed, progress)
    figures = figures_of(pieces.scores(), base)
    windows = list(pieces_of(with_style(pieces.scores(), STYLES[figures.base].corpus_label)))
    for part in ("train", "valid", "test"):
        if not any(piece.split == part for piece in windows):
            raise InputError("too few of the pieces fit the grid (bars of at most eight quarters): give more.")
    run = home_folder() / "adapters" / ".runs" / name
    stamp = run_stamp(weights_hash(folder), config, [each.sha256 for each in pieces.sources])
    resumed = _open_run(run, stamp)
    return Adapting(name, pieces, figures, config, run, folder, licence, windows, resumed)


def _open_run(run: Path, stamp: str) -> bool:
    """Whether the folder holds a run of the same pieces and settings; another one's is emptied."""
    told = run / "run.json"
    with suppress(OSError, ValueError):
        if json.loads(told.read_text("utf-8")) == {"stamp": stamp} and (run / "checkpoint.pt").is_file():
            return True
    shutil.rmtree(run, ignore_errors=True)
    make_folder(run)
    told.write_text(json.dumps({"stamp": stamp}), "utf-8")
    return False


__all__ = ["Adapting", "prepare_style"]
