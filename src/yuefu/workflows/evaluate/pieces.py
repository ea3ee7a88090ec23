"""Composed pieces, made once and shared by the suites that look at whole pieces.

A piece lies in ``OUT/pieces`` as ``<kind>-<seed>.yuefu.json``, beside the ``.mid`` and ``.musicxml`` that a user
would get, with what made it and what its report found in ``<kind>-<seed>.report.json``. It is used again only when
the model, the version and the options are the same.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from yuefu import __version__
from yuefu.evaluation.briefs import random_wish
from yuefu.progress import Progress
from yuefu.score.files import atomic_write, make_folder, read_score, score_to_json
from yuefu.score.model import Score
from yuefu.theory.styles import STYLES
from yuefu.workflows.evaluate import SuiteContext
from yuefu.workflows.models import load_model

#: "free": no words, a style and the plan by default; "prompted": a random brief (``evaluation.briefs``); "long": as
#: free ones, five minutes of it.
KINDS = ("free", "prompted", "long")
#: What is kept of a piece, besides its report.
FILES = ("yuefu.json", "mid", "musicxml")


@dataclass(frozen=True)
class MadePiece:
    """A composed piece. made: its key, options, report and the seconds that it took; midi, musicxml: its files."""

    kind: str
    seed: int
    score: Score
    made: dict[str, Any]
    midi: Path
    musicxml: Path

    @property
    def report(self) -> dict[str, Any]:
        """The report, as plain data."""
        found: dict[str, Any] = self.made["report"]
        return found


def options_of(kind: str, seed: int, quick: bool) -> dict[str, Any]:
    """The options of a piece; quick ones are 8 bars (free) or 24 (long) with one candidate."""
    if kind == "prompted":
        options = dict(random_wish(seed).options)
    else:
        style = list(STYLES)[int(np.random.default_rng([seed, 301]).integers(len(STYLES)))]
        options = {"style": style, "seed": seed}
        if quick:
            options["bars"] = 24 if kind == "long" else 8
        elif kind == "long":
            options["duration"] = "5 minutes"
    return options | ({"candidates": 1} if quick else {})


def composed(context: SuiteContext, kind: str, count: int) -> Iterator[MadePiece]:
    """``count`` pieces of a kind, composed by ``context.jobs`` processes where they aren't there yet.

    Raises InputError when the model can't be loaded.
    """
    folder = make_folder(context.out / "pieces")
    seeds = range(context.seed, context.seed + count)
    weights = load_model(context.model).hash
    tasks = [(folder, kind, seed, context.quick, context.model, weights) for seed in seeds]
    missing = [task for task in tasks if not _fresh(*task)]
    for done, _ in enumerate(_run(missing, context.jobs), 1):
        context.progress(Progress("compose", done, len(missing), kind))
    for task in tasks:
        paths = {name: _path(*task[:4], name) for name in (*FILES, "report.json")}
        made = json.loads(paths["report.json"].read_text("utf-8"))
        score = read_score(paths["yuefu.json"])
        yield MadePiece(kind, task[2], score, made, paths["mid"], paths["musicxml"])


Task = tuple[Path, str, int, bool, Path | None, str]


def _run(tasks: Sequence[Task], jobs: int) -> Iterator[None]:
    if jobs <= 1 or len(tasks) < 2:
        for task in tasks:
            _compose(task)
            yield
        return
    # Threads of the runtime don't survive a fork.
    with ProcessPoolExecutor(min(jobs, len(tasks)), mp_context=get_context("spawn")) as pool:
        yield from pool.map(_compose, tasks)


def _path(folder: Path, kind: str, seed: int, quick: bool, name: str) -> Path:
    return folder / f"{kind}-{seed}{'-quick' if quick else ''}.{name}"


def _key(kind: str, seed: int, quick: bool, weights: str) -> dict[str, Any]:
    return {"version": __version__, "model": weights, "options": options_of(kind, seed, quick)}


def _fresh(folder: Path, kind: str, seed: int, quick: bool, model: Path | None, weights: str) -> bool:
    """Whether the piece is there and made by this model, version and these options."""
    try:
        made = json.loads(_path(folder, kind, seed, quick, "report.json").read_text("utf-8"))
    except (OSError, ValueError):
        return False
    same = {name: made.get(name) for name in ("version", "model", "options")} == _key(kind, seed, quick, weights)
    return same and all(_path(folder, kind, seed, quick, name).is_file() for name in FILES)


def _compose(task: Task) -> None:
    from yuefu.workflows.compose import compose

    folder, kind, seed, quick, model, weights = task
    key = _key(kind, seed, quick, weights)
    started = time.monotonic()
    piece = compose("", model=model, **key["options"])
    seconds = time.monotonic() - started
    for name, data in zip(FILES, (score_to_json(piece.score), piece.midi, piece.musicxml)):
        atomic_write(_path(folder, kind, seed, quick, name), data)
    made = {**key, "seconds": round(seconds, 3), "bars": piece.plan.bars, "report": piece.report.to_dict()}
    # Written last: with it the piece counts as made.
    told = (json.dumps(made, ensure_ascii=False) + "\n").encode()
    atomic_write(_path(folder, kind, seed, quick, "report.json"), told)
