"""The run that makes the network of styles: folds, then all pieces, then weights for onnxruntime, calibrated."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, Field

from yuefu.analysis.bar_roll import ROWS, STATS, STEPS
from yuefu.models.recognizer import RollRecognizer
from yuefu.models.small_onnx import write_onnx
from yuefu.progress import Listener, ignore
from yuefu.recognition.recognizer import STYLES
from yuefu.recognition.windows import BARS
from yuefu.score.files import atomic_write
from yuefu.training.judged import judged, sureness
from yuefu.training.labelled import Split, cross_validate, save_predictions, splits, whole_split
from yuefu.training.recognizer import RollTable, RollTask
from yuefu.training.rolls import Rolls, corpus_rolls
from yuefu.training.supervised import Event, LoopTable, best_weights, fit


class StylesConfig(BaseModel):
    """A run's settings. folds: of the cross-validation, 0 for none; precision: that sure verdicts should have."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    folds: int = Field(default=5, ge=0, le=20)
    precision: float = Field(default=0.9, gt=0, lt=1)
    loop: LoopTable = LoopTable()
    network: RollTable = RollTable()

    def run(
        self, data: Path, run: Path, device: str = "cpu", progress: Listener = ignore
    ) -> Iterator[tuple[str, Event]]:
        """See ``run_styles``."""
        yield from run_styles(self, data, run, device, progress)


def run_styles(
    config: StylesConfig, data: Path, run: Path, device: str = "cpu", progress: Listener = ignore
) -> Iterator[tuple[str, Event]]:
    """Train all of it in ``run``, or go on; yields (folder, event). The folder gets styles.onnx and styles.json."""
    rolls = corpus_rolls(data, run / "rolls.npz", progress)

    def task_of(split: Split) -> RollTask:
        return RollTask(rolls, split, config.network, config.loop.seed)

    parts = splits(rolls.groups, rolls.truth, config.folds, config.loop.seed) if config.folds else []
    for number, event in cross_validate(task_of, parts, config.loop, run, device):
        yield f"fold-{number}", event
    task = task_of(whole_split(rolls.groups, rolls.truth, config.loop.seed))
    for event in fit(task, config.loop, run / "whole", device):
        yield "whole", event
    save_predictions(task, run / "whole")
    publish(task, config, rolls, run)


def publish(task: RollTask, config: StylesConfig, rolls: Rolls, run: Path) -> None:
    """Write weights and facts of the network that learnt from all pieces.

    Temperature and threshold are those of the folds' validation pieces, of which there are more and which were seen by
    networks that learnt from about as much; without folds, of the whole run's.
    """
    folders = [run / f"fold-{number}" for number in range(config.folds)] or [run / "whole"]
    told = judged(run, config.folds, config.precision).measures() if config.folds else {}
    means = rolls.stats.astype(np.float32).mean(axis=0)
    facts = sureness(folders, config.precision) | {
        "shown": [STATS[column] for column in config.network.shown],
        "means": {STATS[column]: round(float(means[column]), 5) for column in config.network.shown},
        "measured": {name: round(value, 4) for name, value in told.items()},
    }
    model = task.fresh()
    model.load_state_dict(best_weights(run / "whole"))
    atomic_write(run / f"{STYLES}.onnx", styles_onnx(model))
    atomic_write(run / f"{STYLES}.json", (json.dumps(facts, ensure_ascii=False, indent=1) + "\n").encode())


def styles_onnx(model: RollRecognizer) -> bytes:
    """The network for onnxruntime, weights in float16."""
    config = model.config
    example = (torch.zeros(2, BARS, ROWS, STEPS), torch.zeros(2, BARS, config.stats), torch.ones(2, BARS))
    return write_onnx(model, example, ("rows", "stats", "mask"))
