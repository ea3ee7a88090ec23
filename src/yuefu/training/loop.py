"""The training loop: yields what happens, saves checkpoints that resume to the same next batch."""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from yuefu.errors import InputError
from yuefu.models.export import load_checkpoint, load_hugging_face
from yuefu.models.fill import FillConfig, FillModel
from yuefu.tokens.vocabulary import vocabulary
from yuefu.training.batches import Sampler
from yuefu.training.config import TrainConfig
from yuefu.training.held_out import HeldOut, evaluate, held_out_samples
from yuefu.training.optimizers import make_optimizers
from yuefu.training.pieces import Piece


@dataclass(frozen=True)
class Step:
    """One optimiser step. loss: mean nats a filled token; seconds: of this step; eta: seconds to the end."""

    step: int
    steps: int
    loss: float
    rate: float
    tokens: int
    seconds: float
    eta: float


@dataclass(frozen=True)
class Evaluated:
    """A held-out evaluation; best: the lowest loss so far."""

    step: int
    held_out: HeldOut
    best: bool


@dataclass(frozen=True)
class Stopped:
    """The run's end. reason: ``"steps"`` or ``"no gain"``."""

    step: int
    reason: str


Event = Step | Evaluated | Stopped


def learning_rate(step: int, config: TrainConfig) -> float:
    """The rate at a step: warm-up, plateau, linear decay to zero."""
    optim = config.optim
    if step < optim.warmup:
        return optim.rate * (step + 1) / optim.warmup
    decay_from = config.steps * (1 - optim.decay)
    if step < decay_from:
        return optim.rate
    return optim.rate * max(0.0, (config.steps - step) / max(config.steps - decay_from, 1))


def build_model(config: TrainConfig) -> FillModel:
    """A fresh model with the run's seed, or the one that ``init`` names. Raises InputError when sizes differ."""
    torch.manual_seed(config.seed)
    table = config.model
    sizes = FillConfig(table.width, table.layers, table.heads, table.inner, table.context, table.dropout)
    if config.init is None:
        return FillModel(sizes, vocabulary())
    model = FillModel.from_llama(load_hugging_face(Path(config.init)), vocabulary(), table.dropout)
    if model.config != sizes:
        raise InputError(f"'{config.init}' has {model.config}, the settings {sizes}: give [model] the same sizes.")
    return model


def train(config: TrainConfig, pieces: Sequence[Piece], run: Path, device: str | None = None) -> Iterator[Event]:
    """Train or go on training in the folder ``run``; yields events.

    The folder gets ``checkpoint.pt`` (to resume), ``best.pt`` (lowest held-out loss) and
    ``log.jsonl``. Held-out samples come from the pieces of split ``"valid"``.
    """
    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    run.mkdir(parents=True, exist_ok=True)
    sampler = Sampler([p for p in pieces if p.split == "train"], config.data, config.seed)
    held_out = held_out_samples([p for p in pieces if p.split == "valid"], config.data, config.held_out_samples)
    model = build_model(config).to(device)
    optimizers = make_optimizers(model, config.optim)
    teacher = None if config.distill is None else load_checkpoint(Path(config.distill.teacher))[0].to(device)
    low_precision = config.precision == "bfloat16" or (config.precision == "auto" and device == "cuda")
    state: dict[str, Any] = {"step": 0, "best": math.inf, "stale": 0, "tokens": 0, "seconds": 0.0,
                             "sets": []}  # fmt: skip
    averaged: dict[str, torch.Tensor] | None = None
    if (run / "checkpoint.pt").exists():
        averaged = _resume(run, model, optimizers, state, device)
    # All sets that this run has ever learnt from, also before it was resumed with others.
    state["sets"] = sorted({*state["sets"], *sampler.names})
    if config.optim.average and averaged is None:
        averaged = {k: p.detach().clone() for k, p in model.named_parameters()}
    speed = 0.0
    while state["step"] < config.steps:
        began = time.perf_counter()
        step = int(state["step"])
        rate = learning_rate(step, config)
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate
        torch.manual_seed(config.seed * 1_000_003 + step)  # dropout, too, depends on the step alone
        model.train()
        loss, tokens = 0.0, 0
        for micro in range(config.optim.accumulate):
            batch = sampler.batch(step * config.optim.accumulate + micro)
            ids = torch.from_numpy(batch.ids).to(device)
            weights = torch.from_numpy(batch.weights).to(device)
            with torch.autocast(device, torch.bfloat16, enabled=low_precision):
                logits, index = model.token_logits(ids, weights)
            losses = functional.cross_entropy(logits, ids[:, 1:].reshape(-1)[index], reduction="none")
            weight = weights[:, 1:].reshape(-1)[index]
            value = (losses * weight).sum() / weight.sum()
            if teacher is not None and config.distill is not None:
                value = value.lerp(_divergence(teacher, ids, weights, logits, weight), config.distill.weight)
            (value / config.optim.accumulate).backward()
            filled = weight == 1.0
            loss += float(losses.detach()[filled].mean()) / config.optim.accumulate if bool(filled.any()) else 0.0
            tokens += batch.tokens
        torch.nn.utils.clip_grad_norm_(model.parameters(), config.optim.clip)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        if averaged is not None:
            for name, parameter in model.named_parameters():
                averaged[name].lerp_(parameter.detach(), 1 - config.optim.average)
        state["step"] = step + 1
        state["tokens"] += tokens
        seconds = time.perf_counter() - began
        state["seconds"] += seconds
        speed = seconds if speed == 0 else 0.95 * speed + 0.05 * seconds
        yield Step(step + 1, config.steps, loss, rate, tokens, seconds, speed * (config.steps - step - 1))
        last = step + 1 == config.steps
        if (step + 1) % config.evaluate_every == 0 or last:
            result = _evaluate_averaged(model, averaged, held_out)
            better = result.loss < state["best"]
            state["stale"] = 0 if better else state["stale"] + 1
            if better:
                state["best"] = result.loss
                _save({"model": _weights(model, averaged), "config": config.model_dump(), "step": step + 1,
                       "tokens": state["tokens"], "seconds": state["seconds"],
                       "held_out": asdict(result), "vocabulary": vocabulary().hash,
                       "sets": sorted(state["sets"])},
                      run / "best.pt")  # fmt: skip
            with (run / "log.jsonl").open("a", encoding="utf-8") as log:
                told = asdict(result)
                told["held_out_tokens"] = told.pop("tokens")
                log.write(json.dumps({"step": step + 1, "tokens": state["tokens"],
                                      "seconds": round(state["seconds"], 1), "train_loss": loss,
                                      "rate": rate, **told}) + "\n")  # fmt: skip
            yield Evaluated(step + 1, result, better)
        if (step + 1) % config.checkpoint_every == 0 or last:
            _save({"model": model.state_dict(), "optimizers": [each.state_dict() for each in optimizers],
                   "state": state,
                   "averaged": averaged, "vocabulary": vocabulary().hash}, run / "checkpoint.pt")  # fmt: skip
        if state["stale"] >= config.patience:
            yield Stopped(step + 1, "no gain")
            return
    yield Stopped(int(state["step"]), "steps")


@torch.no_grad()
def _teacher_logits(teacher: FillModel, ids: Tensor, weights: Tensor) -> Tensor:
    return teacher.token_logits(ids, weights)[0]


def _divergence(teacher: FillModel, ids: Tensor, weights: Tensor, logits: Tensor, weight: Tensor) -> Tensor:
    """Weighted mean cross-entropy of the student's distributions against the teacher's (Hinton et al. 2015)."""
    told = functional.softmax(_teacher_logits(teacher, ids, weights), dim=-1)
    losses = -(told * functional.log_softmax(logits, dim=-1)).sum(dim=-1)
    return (losses * weight).sum() / weight.sum()


def _weights(model: FillModel, averaged: dict[str, torch.Tensor] | None) -> dict[str, torch.Tensor]:
    return dict(model.state_dict()) | (averaged or {})


def _evaluate_averaged(model: FillModel, averaged: dict[str, torch.Tensor] | None, samples: Sequence) -> HeldOut:
    """Evaluate with the averaged weights, when there are any."""
    if averaged is None:
        return evaluate(model, samples)
    own = {k: p.detach().clone() for k, p in model.named_parameters()}
    model.load_state_dict(averaged, strict=False)
    result = evaluate(model, samples)
    model.load_state_dict(own, strict=False)
    return result


def _save(data: dict, path: Path) -> None:
    temporary = path.with_suffix(".tmp")
    torch.save(data, temporary)
    os.replace(temporary, path)


def _resume(
    run: Path, model: FillModel, optimizers: list[torch.optim.Optimizer], state: dict, device: str
) -> dict[str, torch.Tensor] | None:
    data = torch.load(run / "checkpoint.pt", map_location=device, weights_only=True)
    if data["vocabulary"] != vocabulary().hash:
        raise InputError(f"the checkpoint in {run} was trained with another vocabulary: start in a new folder.")
    model.load_state_dict(data["model"])
    for optimizer, saved in zip(optimizers, data["optimizers"], strict=True):
        optimizer.load_state_dict(saved)
    state.update(data["state"])
    return data["averaged"]
