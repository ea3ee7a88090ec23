"""The run that makes the engine ``vae``: phrases of lines, then of drums, then weights for onnxruntime and what is
known of the latent space: how phrases lie in it, and which ways in it are which attributes."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from yuefu.engines.phrase_space import PhraseSpace
from yuefu.models.phrase_onnx import layout_onnx, reader_onnx, writer_onnx
from yuefu.progress import Listener, ignore
from yuefu.score.files import atomic_write
from yuefu.tokens.phrase_attributes import attributes_of
from yuefu.training.dataset import load_pieces
from yuefu.training.engine_facts import engine_facts
from yuefu.training.folds import folds_of
from yuefu.training.phrase_bank import Bank, bank_of
from yuefu.training.phrase_task import PhraseTable, PhraseTask
from yuefu.training.phrase_ways import calibrated, responses, some, space_of
from yuefu.training.supervised import Event, LoopTable, best_weights, fit

NAME = "vae"
#: Networks, with the rows that each writes.
PARTS = {"lines": ("melody", "bass"), "drums": ("drums",)}
BARS = (2, 4)


class VaeConfig(BaseModel):
    """A run's settings. sets: those that are learnt from; most: bars of a set's row that are kept; held: phrases of
    each length to stop by; folds: of a cross-validation by work beforehand, 0 for none."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    sets: tuple[str, ...]
    most: int = Field(default=16000, ge=1)
    held: int = Field(default=96, ge=1)
    folds: int = Field(default=0, ge=0, le=20)
    loop: LoopTable = LoopTable()
    drum_loop: LoopTable = LoopTable()
    lines: PhraseTable = PhraseTable()
    drums: PhraseTable = PhraseTable()

    def run(
        self, data: Path, run: Path, device: str = "cpu", progress: Listener = ignore
    ) -> Iterator[tuple[str, Event]]:
        """See ``run_vae``."""
        yield from run_vae(self, data, run, device, progress)


def run_vae(
    config: VaeConfig, data: Path, run: Path, device: str = "cpu", progress: Listener = ignore
) -> Iterator[tuple[str, Event]]:
    """Train all of it in ``run``, or go on; yields (folder, event). The folder gets vae.npz and vae.json."""
    banks = banks_of(config, data, run, progress)
    for part, bank in banks.items():
        loop, table = (config.drum_loop, config.drums) if part == "drums" else (config.loop, config.lines)
        for fold in range(config.folds):
            task = fold_task(bank, table, config, fold)
            for event in fit(task, loop, run / f"{part}-{fold}", device):
                yield f"{part}-{fold}", event
        task = whole_task(bank, table, config)
        for event in fit(task, loop, run / part, device):
            yield part, event
    publish(config, banks, run)


def banks_of(config: VaeConfig, data: Path, run: Path, progress: Listener = ignore) -> dict[str, Bank]:
    """The bars to learn from, kept in the run's folder."""
    paths = {part: run / f"{part}.npz" for part in PARTS}
    if not all(path.is_file() for path in paths.values()):
        pieces = load_pieces(data, list(config.sets), progress)
        run.mkdir(parents=True, exist_ok=True)
        for part, rows in PARTS.items():
            bank_of(pieces, rows, config.most, config.loop.seed).save(paths[part])
    return {part: Bank.load(path) for part, path in paths.items()}


def whole_task(bank: Bank, table: PhraseTable, config: VaeConfig) -> PhraseTask:
    """Learning from the split train, stopped by valid."""
    own = {bars: bank.starts(bars, "train") for bars in BARS}
    held = {bars: some(bank.starts(bars, "valid", apart=True), config.held * 4 // bars, bars) for bars in BARS}
    return PhraseTask(bank, own, held, table, config.loop.seed)


def fold_task(bank: Bank, table: PhraseTable, config: VaeConfig, fold: int) -> PhraseTask:
    """Learning from the works of train and valid outside a fold, stopped by the fold's and measured there."""
    works, first = np.unique(bank.work, return_index=True)
    folds = folds_of(works, bank.source[first], config.folds, config.loop.seed)
    inside = np.isin(bank.work, works[folds == fold])
    open_ = bank.split != 2
    own = {bars: _where(bank.starts(bars), open_ & ~inside) for bars in BARS}
    held = {
        bars: some(_where(bank.starts(bars, apart=True), open_ & inside), config.held * 4 // bars, bars)
        for bars in BARS
    }
    return PhraseTask(bank, own, held, table, config.loop.seed)


def _where(starts: NDArray[np.int64], good: NDArray[np.bool_]) -> NDArray[np.int64]:
    return starts[good[starts]]


def publish(config: VaeConfig, banks: dict[str, Bank], run: Path) -> None:
    """Write weights (vae.npz) and facts (vae.json) of the networks that learnt from the whole split.

    ``measured`` is of the split test. The attributes' ways are tried with what is written, and set right by what they
    do.
    """
    arrays: dict[str, NDArray] = {}
    attributes: dict[str, dict[str, dict[str, float]]] = {}
    measured: dict[str, dict[str, float]] = {}
    parameters = 0
    for part, bank in banks.items():
        task = measuring_task(bank, config.drums if part == "drums" else config.lines, config)
        model = task.build()
        model.load_state_dict(best_weights(run / part))
        model.eval()
        parts = {"reader": reader_onnx, "layout": layout_onnx, "writer": writer_onnx}
        arrays |= {f"{part}_{name}": np.frombuffer(make(model), dtype=np.uint8) for name, make in parts.items()}
        parameters += sum(weight.numel() for weight in model.parameters())
        with torch.no_grad():
            measured[part] = {name: round(value, 4) for name, value in task.evaluate(model).items() if name != "loss"}
        for row in PARTS[part]:
            found, middle, wide = space_of(model, bank, row)
            arrays |= found
            attributes[row] = {
                name: {"mean": round(float(m), 4), "spread": round(float(s), 4)}
                for name, m, s in zip(attributes_of(row), middle, wide, strict=True)
            }
    path = run / f"{NAME}.npz"
    atomic_write(path, _packed(arrays))
    for part, bank in banks.items():
        for row in PARTS[part]:
            wide = np.array([each["spread"] for each in attributes[row].values()])
            table = responses(PhraseSpace(run), bank, row, wide)
            arrays[f"{row}_ways"] = calibrated(arrays[f"{row}_ways"].astype(np.float64), table)
    atomic_write(path, _packed(arrays))
    facts = engine_facts(parameters, path.stat().st_size, measured, config.sets) | {"attributes": attributes}
    if config.folds:
        facts["folds"] = {part: _folds(run, part, config.folds) for part in banks}
    atomic_write(run / f"{NAME}.json", (json.dumps(facts, ensure_ascii=False, indent=1) + "\n").encode())


def measuring_task(bank: Bank, table: PhraseTable, config: VaeConfig) -> PhraseTask:
    """Measuring on the split test; nothing to learn from."""
    held = {bars: some(bank.starts(bars, "test", apart=True), 4 * config.held * 4 // bars, bars) for bars in BARS}
    return PhraseTask(bank, {}, held, table, config.loop.seed)


def _packed(arrays: dict[str, NDArray]) -> bytes:
    out = io.BytesIO()
    np.savez_compressed(out, **arrays)  # type: ignore[arg-type]
    return out.getvalue()


def _folds(run: Path, part: str, folds: int) -> list[dict[str, float]]:
    """The best evaluation of each fold."""
    found = []
    for fold in range(folds):
        lines = [json.loads(line) for line in (run / f"{part}-{fold}" / "log.jsonl").read_text("utf-8").splitlines()]
        best = min(lines, key=lambda line: line["held_out"]["loss"])
        found.append({name: round(value, 4) for name, value in best["held_out"].items()})
    return found
