"""The run that makes the network of styles: folds, then all pieces, then weights for onnxruntime, calibrated."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from yuefu.analysis.bar_roll import ROWS, STATS, STEPS
from yuefu.errors import InputError
from yuefu.models.recognizer import RollRecognizer
from yuefu.models.small_onnx import write_onnx
from yuefu.progress import Listener, ignore
from yuefu.recognition.calibration import calibration_error, fit_temperature, piece_shares, threshold_for
from yuefu.recognition.recognizer import FACTS, WEIGHTS
from yuefu.recognition.windows import BARS
from yuefu.score.files import atomic_write
from yuefu.training.recognizer import RollTable, RollTask, cross_validate, measures, save_predictions, whole_split
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


@dataclass(frozen=True)
class Predictions:
    """What networks said of pieces: windows' logits, true labels."""

    logits: list[NDArray[np.float32]]
    truth: NDArray[np.int64]
    names: list[str]

    def shares(self, temperature: float = 1.0) -> NDArray[np.float64]:
        """Shares (pieces, labels)."""
        return np.array([piece_shares(each, temperature) for each in self.logits])


def read_predictions(folder: Path, part: str) -> Predictions:
    """What ``predictions.npz`` of a run holds. part: ``"valid"`` or ``"test"``."""
    try:
        with np.load(folder / "predictions.npz") as data:
            logits = np.split(data[f"{part}_logits"], np.cumsum(data[f"{part}_windows"])[:-1])
            return Predictions(logits, data[f"{part}_truth"], data["names"].tolist())
    except OSError as error:
        raise InputError(f"'{folder}' has no predictions yet: train until the run is done.") from error


def run_styles(
    config: StylesConfig, data: Path, run: Path, device: str = "cpu", progress: Listener = ignore
) -> Iterator[tuple[str, Event]]:
    """Train all of it in ``run``, or go on; yields (folder, event). The folder gets styles.onnx and styles.json."""
    rolls = corpus_rolls(data, run / "rolls.npz", progress)
    for number, event in cross_validate(rolls, config.network, config.loop, config.folds, run, device):
        yield f"fold-{number}", event
    task = RollTask(rolls, whole_split(rolls, config.loop.seed), config.network, config.loop.seed)
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
    held = [read_predictions(folder, "valid") for folder in folders]
    logits, truth = [each for one in held for each in one.logits], np.concatenate([one.truth for one in held])
    temperature = fit_temperature(logits, truth)
    shares = np.array([piece_shares(each, temperature) for each in logits])
    threshold = threshold_for(shares, truth, config.precision)
    sure = shares.max(axis=1) >= threshold
    told = cross_validated(run, config.folds, temperature, threshold) if config.folds else {}
    columns = config.network.shown
    means = rolls.stats.astype(np.float32).mean(axis=0)
    facts = {
        "labels": rolls.names,
        "shown": [STATS[column] for column in columns],
        "means": {STATS[column]: round(float(means[column]), 5) for column in columns},
        "temperature": round(temperature, 4),
        "threshold": round(threshold, 4),
        "precision": round(float((shares.argmax(axis=1) == truth)[sure].mean()), 4),
        "measured": told,
    }
    model = task.build()
    model.load_state_dict(best_weights(run / "whole"))
    atomic_write(run / WEIGHTS, styles_onnx(model))
    atomic_write(run / FACTS, (json.dumps(facts, ensure_ascii=False, indent=1) + "\n").encode())


def cross_validated(run: Path, folds: int, temperature: float, threshold: float) -> dict[str, float]:
    """Figures over the folds' test pieces: every piece once, told by a network that hasn't seen its work."""
    held = [read_predictions(run / f"fold-{number}", "test") for number in range(folds)]
    shares = np.concatenate([one.shares(temperature) for one in held])
    truth = np.concatenate([one.truth for one in held])
    sure = shares.max(axis=1) >= threshold
    right = shares.argmax(axis=1) == truth
    return {k: round(v, 4) for k, v in measures(shares, truth).items()} | {
        "pieces": len(truth),
        "calibration_error": round(calibration_error(shares, truth), 4),
        "sure": round(float(sure.mean()), 4),
        "precision_when_sure": round(float(right[sure].mean()), 4),
    }


def styles_onnx(model: RollRecognizer) -> bytes:
    """The network for onnxruntime, weights in float16."""
    config = model.config
    example = (torch.zeros(2, BARS, ROWS, STEPS), torch.zeros(2, BARS, config.stats), torch.ones(2, BARS))
    return write_onnx(model, example, ("rows", "stats", "mask"))
