"""What networks said of pieces that they hadn't learnt from: kept by fold, calibrated, measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yuefu.errors import InputError
from yuefu.recognition.calibration import calibration_error, fit_temperature, piece_shares, threshold_for

_FILE = "predictions.npz"
#: Windows' logits of each piece, the pieces' labels, their numbers.
Told = tuple[list[NDArray[np.float32]], NDArray[np.int64], NDArray[np.int64]]


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
        with np.load(folder / _FILE) as data:
            logits = np.split(data[f"{part}_logits"], np.cumsum(data[f"{part}_windows"])[:-1])
            return Predictions(logits, data[f"{part}_truth"], data["names"].tolist())
    except OSError as error:
        raise InputError(f"'{folder}' has no predictions yet: train until the run is done.") from error


def write_predictions(folder: Path, names: Sequence[str], parts: Mapping[str, Told]) -> None:
    """Keep what a network said. parts: ``"valid"``, ``"test"`` and whatever else was measured."""
    told: dict[str, NDArray] = {"names": np.array(names)}
    for part, (logits, truth, pieces) in parts.items():
        told[f"{part}_logits"] = np.concatenate(logits) if logits else np.zeros((0, len(names)))
        told[f"{part}_windows"] = np.array([len(each) for each in logits], dtype=np.int64)
        told[f"{part}_truth"], told[f"{part}_pieces"] = truth, pieces
    temporary = folder / f"unfinished-{_FILE}"
    np.savez(temporary, **told)  # type: ignore[arg-type]
    temporary.replace(folder / _FILE)


def measures(shares: NDArray[np.floating], truth: NDArray[np.integer]) -> dict[str, float]:
    """Nats averaged over labels, accuracy, mean recall and F1 over the labels that there are, and ``missed``: what is
    missing from 1 in the mean of accuracy and F1.

    >>> measures(np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([0, 0]))["accuracy"]
    1.0
    """
    nats = -np.log(np.maximum(shares[np.arange(len(truth)), truth], 1e-6))
    best = shares.argmax(axis=1)
    there = np.unique(truth)
    recall = [float((best[truth == label] == label).mean()) for label in there]
    f1 = [2 * float(((best == k) & (truth == k)).sum()) / float((best == k).sum() + (truth == k).sum()) for k in there]
    accuracy, macro = float((best == truth).mean()), float(np.mean(f1))
    return {
        "loss": float(np.mean([nats[truth == label].mean() for label in there])),
        "accuracy": accuracy,
        "macro_recall": float(np.mean(recall)),
        "macro_f1": macro,
        "missed": 1 - (accuracy + macro) / 2,
    }


@dataclass(frozen=True)
class Judged:
    """All pieces, each judged by a network that hasn't seen its work, with its own fold's temperature and threshold.

    shares: (pieces, labels); truth: their labels; sure: whether the verdict would be told; names: of the labels.
    """

    shares: NDArray[np.float64]
    truth: NDArray[np.int64]
    sure: NDArray[np.bool_]
    names: list[str]

    def measures(self) -> dict[str, float]:
        """The figures of a cross-validation."""
        right = self.shares.argmax(axis=1) == self.truth
        return measures(self.shares, self.truth) | {
            "pieces": len(self.truth),
            "calibration_error": calibration_error(self.shares, self.truth),
            "sure": float(self.sure.mean()),
            "precision_when_sure": float(right[self.sure].mean()) if self.sure.any() else 0.0,
        }


def judged(run: Path, folds: int, precision: float, part: str = "test") -> Judged:
    """What the folds of a finished cross-validation said of their test pieces, or of another part that was kept."""
    shares, truth, sure = [], [], []
    names: list[str] = []
    for number in range(folds):
        valid, test = (read_predictions(run / f"fold-{number}", name) for name in ("valid", part))
        temperature = fit_temperature(valid.logits, valid.truth)
        threshold = threshold_for(valid.shares(temperature), valid.truth, precision)
        own = test.shares(temperature)
        shares.append(own)
        truth.append(test.truth)
        sure.append(own.max(axis=1) >= threshold)
        names = test.names
    return Judged(np.concatenate(shares), np.concatenate(truth), np.concatenate(sure), names)


def sureness(folders: Sequence[Path], precision: float) -> dict[str, Any]:
    """Temperature and threshold for weights that are used, from the validation pieces of some runs: the keys of the
    facts beside weights (see ``recognition.network.Facts``)."""
    held = [read_predictions(folder, "valid") for folder in folders]
    logits, truth = [each for one in held for each in one.logits], np.concatenate([one.truth for one in held])
    temperature = fit_temperature(logits, truth)
    shares = np.array([piece_shares(each, temperature) for each in logits])
    threshold = threshold_for(shares, truth, precision)
    sure = shares.max(axis=1) >= threshold
    return {
        "labels": held[0].names,
        "temperature": round(temperature, 4),
        "threshold": round(threshold, 4),
        "precision": round(float((shares.argmax(axis=1) == truth)[sure].mean()), 4),
    }
