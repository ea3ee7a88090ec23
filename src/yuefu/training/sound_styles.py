"""Learning to tell styles from log-mel pictures, and the run that makes the weights for recordings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from torch import nn

from yuefu.corpus.labels import groups_of, labels
from yuefu.errors import InputError
from yuefu.models.recognizer import SoundConfig, SoundRecognizer
from yuefu.models.small_onnx import write_onnx
from yuefu.progress import Listener, ignore
from yuefu.recognition.sound import SOUNDS
from yuefu.recognition.sound_windows import BANDS, FRAMES
from yuefu.score.files import atomic_write
from yuefu.training.judged import judged, sureness, write_predictions
from yuefu.training.labelled import Arrays, LabelTable, LabelTask, Split, cross_validate, splits, whole_split
from yuefu.training.sounds import LEARNT, MEASURED, make_pictures
from yuefu.training.supervised import Event, LoopTable, best_weights, fit

_AT_ONCE = 64


@dataclass
class Pictures:
    """Pictures of pieces. levels: kind -> float16 (pieces, BANDS, FRAMES); truth, groups: as of ``rolls.Rolls``."""

    levels: dict[str, NDArray[np.float16]]
    truth: NDArray[np.int64]
    groups: NDArray[np.int64]
    names: list[str]


def load_pictures(folder: Path) -> Pictures:
    """What ``make_pictures`` left in a folder, pieces in the order of their names. Raises InputError for none."""
    names = list(labels())
    levels: dict[str, list[NDArray[np.float16]]] = {kind: [] for kind in dict.fromkeys((*LEARNT, *MEASURED))}
    truth, keys = [], []
    for path in sorted(folder.glob("*-*.npz")):
        with np.load(path) as data:
            if "clean" not in data:
                continue
            for kind, found in levels.items():
                found.append(data[kind])
            truth.append(names.index(str(data["label"])))
            keys.append(data["keys"].tolist())
    if not truth:
        raise InputError(f"'{folder}' holds no pictures of sounds: make them first.")
    stacked = {kind: np.stack(found) for kind, found in levels.items()}
    return Pictures(stacked, np.array(truth), np.array(groups_of(keys)), names)


class SoundTable(LabelTable):
    """What is learnt, and how pictures are changed.

    hide: the most of the time and of the bands, as shares, that is hidden; louder: the most dB that a band is louder or
    softer than it was; roll: whether pictures begin anywhere.
    """

    width: int = Field(default=16, ge=4, le=64)
    hide: float = Field(default=0.15, ge=0, lt=1)
    louder: float = Field(default=6.0, ge=0, le=30)
    roll: bool = True


class SoundTask(LabelTask):
    """Labels from log-mel pictures."""

    def __init__(self, pictures: Pictures, split: Split, table: SoundTable, seed: int) -> None:
        super().__init__(pictures.truth, pictures.names, split, table, seed)
        self.pictures, self.table = pictures, table

    def fresh(self) -> SoundRecognizer:
        """The network."""
        return SoundRecognizer(SoundConfig(BANDS, len(self.names), self.table.width, self.table.dropout))

    def window(self, piece: int, rng: np.random.Generator) -> Arrays:
        """A picture of a kind that is learnt from, and its mask: some bands and a stretch of time hidden."""
        kind = LEARNT[int(rng.integers(len(LEARNT)))]
        levels = self.pictures.levels[kind][piece].astype(np.float32)
        if self.table.roll:
            levels = np.roll(levels, int(rng.integers(FRAMES)), axis=1)
        curve = np.interp(np.arange(BANDS), np.linspace(0, BANDS - 1, 5), rng.uniform(-1, 1, 5)) * self.table.louder
        mask = np.ones_like(levels)
        for axis, size in enumerate(mask.shape):
            wide = int(rng.integers(int(self.table.hide * size) + 1))
            first = int(rng.integers(size - wide + 1))
            mask[(slice(None),) * axis + (slice(first, first + wide),)] = 0
        return levels + curve[:, None].astype(np.float32), mask

    def logits(self, model: nn.Module, pieces: NDArray[np.int64], most: int) -> list[NDArray[np.float32]]:
        """Logits of the clean picture of each piece, one window."""
        return self.logits_of(model, pieces, "clean")

    def logits_of(self, model: nn.Module, pieces: NDArray[np.int64], kind: str) -> list[NDArray[np.float32]]:
        """Logits (1, labels) of a kind of picture of each piece."""
        device = next(model.parameters()).device
        out: list[NDArray[np.float32]] = []
        model.eval()
        with torch.no_grad():
            for first in range(0, len(pieces), _AT_ONCE):
                levels = self.pictures.levels[kind][pieces[first : first + _AT_ONCE]].astype(np.float32)
                given = torch.from_numpy(levels).to(device)
                out += list(model(given, torch.ones_like(given)).cpu().numpy()[:, None])
        return out


class SoundsConfig(BaseModel):
    """A run's settings. fonts: soundfonts, the last one kept for measuring; each: pieces a label at most; folds,
    precision: as for styles of scores."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    fonts: tuple[Path, ...]
    each: int = Field(default=150, ge=2)
    folds: int = Field(default=5, ge=0, le=20)
    precision: float = Field(default=0.9, gt=0, lt=1)
    loop: LoopTable = LoopTable()
    network: SoundTable = SoundTable()

    def run(
        self, data: Path, run: Path, device: str = "cpu", progress: Listener = ignore
    ) -> Iterator[tuple[str, Event]]:
        """Make the pictures in ``run/pictures``, train the folds, then on all pieces; yields (folder, event)."""
        make_pictures(data, run / "pictures", self.fonts, self.each, self.loop.seed, progress)
        pictures = load_pictures(run / "pictures")

        def task_of(split: Split) -> SoundTask:
            return SoundTask(pictures, split, self.network, self.loop.seed)

        parts = splits(pictures.groups, pictures.truth, self.folds, self.loop.seed) if self.folds else []
        for number, event in cross_validate(task_of, parts, self.loop, run, device):
            yield f"fold-{number}", event
        for number, split in enumerate(parts):
            keep_measured(task_of(split), run / f"fold-{number}")
        task = task_of(whole_split(pictures.groups, pictures.truth, self.loop.seed))
        for event in fit(task, self.loop, run / "whole", device):
            yield "whole", event
        keep_measured(task, run / "whole")
        publish_sounds(task, self, run)


def keep_measured(task: SoundTask, folder: Path) -> None:
    """Keep what the best weights of a run say of every kind of picture that measures."""
    model = task.fresh()
    model.load_state_dict(best_weights(folder))
    test, valid = task.split.test, task.split.valid
    parts = {"valid": (task.logits_of(model, valid, "clean"), task.truth[valid], valid)}
    for kind in MEASURED:
        parts["test" if kind == "clean" else kind] = (task.logits_of(model, test, kind), task.truth[test], test)
    write_predictions(folder, task.names, parts)


def publish_sounds(task: SoundTask, config: SoundsConfig, run: Path) -> None:
    """Write weights and facts of the network that learnt from all pieces."""
    folders = [run / f"fold-{number}" for number in range(config.folds)] or [run / "whole"]
    measured: dict[str, float] = {}
    for kind in MEASURED if config.folds else ():
        part = "test" if kind == "clean" else kind
        told = judged(run, config.folds, config.precision, part).measures()
        measured |= {f"{kind}_{name}": round(value, 4) for name, value in told.items()}
    facts = sureness(folders, config.precision) | {"measured": measured}
    model = task.fresh()
    model.load_state_dict(best_weights(run / "whole"))
    atomic_write(run / f"{SOUNDS}.onnx", sounds_onnx(model))
    atomic_write(run / f"{SOUNDS}.json", (json.dumps(facts, ensure_ascii=False, indent=1) + "\n").encode())


def sounds_onnx(model: SoundRecognizer) -> bytes:
    """The network for onnxruntime, weights in float16."""
    example = (torch.zeros(2, BANDS, FRAMES), torch.ones(2, BANDS, FRAMES))
    return write_onnx(model, example, ("levels", "mask"))
