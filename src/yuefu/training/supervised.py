"""One loop for all small networks: early-stopped, resumable to the same next batch, with a log to draw.

A ``Task`` knows its data and its network; the loop knows steps, rates, checkpoints and when to stop. The classifiers
use it as it is; a task with two players, such as a generator and its critic, replaces ``update``.
"""

from __future__ import annotations

import json
import math
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn

from yuefu.errors import InputError


class LoopTable(BaseModel):
    """How a network is trained.

    steps: at most; evaluate_every, checkpoint_every: steps; patience: evaluations without a gain before stopping; rate:
    the highest, reached after ``warmup`` steps and falling as a cosine to zero; average: decay of the moving average of
    weights that is evaluated and kept, 0 for none.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: int = 1
    steps: int = Field(default=2000, ge=1)
    evaluate_every: int = Field(default=100, ge=1)
    checkpoint_every: int = Field(default=100, ge=1)
    patience: int = Field(default=6, ge=1)
    rate: float = Field(default=2e-3, gt=0)
    warmup: int = Field(default=50, ge=0)
    weight_decay: float = Field(default=0.05, ge=0)
    clip: float = Field(default=1.0, gt=0)
    average: float = Field(default=0.0, ge=0.0, lt=1.0)


@dataclass(frozen=True)
class Step:
    """One step. losses: by name, ``"loss"`` the one that is lowered; seconds: of this step; eta: to the end."""

    step: int
    steps: int
    losses: Mapping[str, float]
    rate: float
    seconds: float
    eta: float


@dataclass(frozen=True)
class Evaluated:
    """What was measured on held-out data; best: the lowest goal so far."""

    step: int
    measures: Mapping[str, float]
    best: bool


@dataclass(frozen=True)
class Stopped:
    """The end. reason: ``"steps"`` or ``"no gain"``."""

    step: int
    reason: str


Event = Step | Evaluated | Stopped


class Task(ABC):
    """What is learnt. A batch must follow from the step alone, so that a resumed run goes on as if never stopped."""

    #: The held-out measure that should fall, and by which the best weights are chosen.
    goal = "loss"

    @abstractmethod
    def build(self) -> nn.Module:
        """A fresh network; the seed is set already."""

    @abstractmethod
    def losses(self, model: nn.Module, step: int) -> dict[str, Tensor]:
        """The losses of a step's batch; ``"loss"`` is lowered, others are only told."""

    @abstractmethod
    def evaluate(self, model: nn.Module) -> dict[str, float]:
        """Measures on held-out data, ``goal`` among them."""

    def optimizers(self, model: nn.Module, loop: LoopTable) -> list[torch.optim.Optimizer]:
        """AdamW, with decay for matrices and kernels but not for biases and norms."""
        named = [parameter for parameter in model.parameters() if parameter.requires_grad]
        groups = [
            {"params": [p for p in named if p.ndim > 1], "weight_decay": loop.weight_decay},
            {"params": [p for p in named if p.ndim <= 1], "weight_decay": 0.0},
        ]
        return [torch.optim.AdamW(groups, lr=loop.rate, betas=(0.9, 0.98))]

    def update(
        self, model: nn.Module, optimizers: list[torch.optim.Optimizer], step: int, loop: LoopTable
    ) -> dict[str, float]:
        """Learn from a step's batch; the losses."""
        losses = self.losses(model, step)
        losses["loss"].backward()
        nn.utils.clip_grad_norm_(model.parameters(), loop.clip)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        return {name: float(value.detach()) for name, value in losses.items()}


def share_of_rate(step: int, loop: LoopTable) -> float:
    """The share of the highest rate at a step.

    >>> [round(share_of_rate(step, LoopTable(steps=100, warmup=10)), 2) for step in (0, 9, 10, 55, 99)]
    [0.1, 1.0, 1.0, 0.5, 0.0]
    """
    if step < loop.warmup:
        return (step + 1) / loop.warmup
    return 0.5 * (1 + math.cos(math.pi * (step - loop.warmup) / max(loop.steps - loop.warmup, 1)))


def fit(task: Task, loop: LoopTable, run: Path, device: str = "cpu") -> Iterator[Event]:
    """Train, or go on training, in the folder ``run``; yields events.

    The folder gets ``checkpoint.pt``, ``best.pt`` (see ``best_weights``) and ``log.jsonl``. A run that has stopped
    stays as it is. Raises InputError where the folder holds a run with other settings.
    """
    run.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(loop.seed)
    model = task.build().to(device)
    optimizers = task.optimizers(model, loop)
    peaks = [[group["lr"] for group in optimizer.param_groups] for optimizer in optimizers]
    state: dict[str, Any] = {"step": 0, "best": math.inf, "stale": 0, "seconds": 0.0, "stopped": "", "sum": {}}
    averaged = {k: v.detach().clone() for k, v in model.state_dict().items()} if loop.average else None
    if (run / "checkpoint.pt").exists():
        averaged = _resume(run, model, optimizers, state, loop, device)
    pace = 0.0
    while not state["stopped"]:
        began = time.perf_counter()
        step = int(state["step"])
        for optimizer, rates in zip(optimizers, peaks, strict=True):
            for group, peak in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = peak * share_of_rate(step, loop)
        torch.manual_seed(loop.seed * 1_000_003 + step)  # dropout, too, follows from the step alone
        model.train()
        losses = task.update(model, optimizers, step, loop)
        for name, value in losses.items():
            state["sum"][name] = state["sum"].get(name, 0.0) + value
        if averaged is not None:
            _move(averaged, model, min(loop.average, (step + 1) / (step + 10)))
        state["step"] = step + 1
        seconds = time.perf_counter() - began
        state["seconds"] += seconds
        pace = seconds if pace == 0 else 0.95 * pace + 0.05 * seconds
        rate = loop.rate * share_of_rate(step, loop)
        yield Step(step + 1, loop.steps, losses, rate, seconds, pace * (loop.steps - step - 1))
        last = step + 1 == loop.steps
        if (step + 1) % loop.evaluate_every == 0 or last:
            yield _look(task, model, averaged, state, run, loop)
        if last or state["stale"] >= loop.patience:
            state["stopped"] = "steps" if last else "no gain"
        if state["stopped"] or (step + 1) % loop.checkpoint_every == 0:
            _save(
                {"model": model.state_dict(), "optimizers": [each.state_dict() for each in optimizers],
                 "averaged": averaged, "state": state, "loop": loop.model_dump()},
                run / "checkpoint.pt",
            )  # fmt: skip
    yield Stopped(int(state["step"]), state["stopped"])


def best_weights(run: Path) -> dict[str, Tensor]:
    """The weights of a run that did best on held-out data. Raises InputError where there are none yet."""
    try:
        return dict(torch.load(run / "best.pt", map_location="cpu", weights_only=True))
    except OSError as error:
        raise InputError(
            f"there are no weights in '{run}' yet ({error.strerror}): train until an evaluation."
        ) from error


def _look(
    task: Task, model: nn.Module, averaged: dict[str, Tensor] | None, state: dict[str, Any], run: Path, loop: LoopTable
) -> Evaluated:
    """Evaluate, keep the best weights, write a line of the log."""
    own = {k: v.detach().clone() for k, v in model.state_dict().items()}
    if averaged is not None:
        model.load_state_dict(averaged)
    model.eval()
    with torch.no_grad():
        measures = task.evaluate(model)
    better = measures[task.goal] < state["best"]
    state["stale"] = 0 if better else state["stale"] + 1
    if better:
        state["best"] = measures[task.goal]
        _save(model.state_dict(), run / "best.pt")
    model.load_state_dict(own)
    number = (int(state["step"]) - 1) % loop.evaluate_every + 1
    line = {"step": state["step"], "seconds": round(state["seconds"], 1),
            "training": {k: v / number for k, v in state["sum"].items()}, "held_out": measures}  # fmt: skip
    state["sum"] = {}
    with (run / "log.jsonl").open("a", encoding="utf-8") as log:
        log.write(json.dumps(line) + "\n")
    return Evaluated(int(state["step"]), measures, better)


def _move(averaged: dict[str, Tensor], model: nn.Module, keep: float) -> None:
    for name, value in model.state_dict().items():
        if value.is_floating_point():
            averaged[name].lerp_(value.detach(), 1 - keep)
        else:
            averaged[name].copy_(value)


def _save(data: Any, path: Path) -> None:
    temporary = path.with_suffix(".tmp")
    torch.save(data, temporary)
    os.replace(temporary, path)


def _resume(
    run: Path, model: nn.Module, optimizers: list[torch.optim.Optimizer], state: dict[str, Any], loop: LoopTable,
    device: str,
) -> dict[str, Tensor] | None:  # fmt: skip
    data = torch.load(run / "checkpoint.pt", map_location=device, weights_only=True)
    if data["loop"] != loop.model_dump():
        raise InputError(f"the run in '{run}' has other settings: give another folder, or the settings it began with.")
    try:
        model.load_state_dict(data["model"])
    except RuntimeError as error:
        raise InputError(f"the run in '{run}' is of another network: give another folder.") from error
    for optimizer, saved in zip(optimizers, data["optimizers"], strict=True):
        optimizer.load_state_dict(saved)
    state.update(data["state"])
    averaged: dict[str, Tensor] | None = data["averaged"]
    return averaged
