"""Training settings, read from a TOML file and checked."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from yuefu.errors import InputError
from yuefu.training.masking import TASKS


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelTable(_Table):
    """Sizes of the model; see ``yuefu.models.fill.FillConfig``."""

    width: int = Field(default=256, ge=16, le=4096)
    layers: int = Field(default=6, ge=1, le=64)
    heads: int = Field(default=4, ge=1, le=64)
    inner: int = Field(default=704, ge=16, le=16384)
    context: int = Field(default=2048, ge=128, le=16384)
    dropout: float = Field(default=0.0, ge=0.0, lt=1.0)


class DataTable(_Table):
    """What is learnt from. weights: set -> share of samples (sets not named are left out).

    batch_tokens: padded tokens a step; max_tokens: longer samples are left out; given_weight: of what the
    inside of given cells counts in the loss; register_share: how often a window is moved by an octave; windows:
    bars (2 to 32) -> share of samples; tasks: task -> share (see ``masking.TASKS``; a task not named isn't drawn).
    """

    weights: dict[str, float]
    batch_tokens: int = Field(default=3000, ge=64)
    max_tokens: int = Field(default=1024, ge=64)
    given_weight: float = Field(default=0.1, ge=0.0, le=1.0)
    register_share: float = Field(default=0.0, ge=0.0, le=1.0)
    windows: dict[int, float] = Field(default={2: 0.08, 4: 0.24, 8: 0.50, 16: 0.18}, min_length=1)
    tasks: dict[str, float] = Field(default=dict(TASKS), min_length=1)

    @field_validator("tasks")
    @classmethod
    def _known_tasks(cls, tasks: dict[str, float]) -> dict[str, float]:
        for name in tasks:
            if name not in TASKS:
                raise ValueError(f"unknown task '{name}'; known: {', '.join(TASKS)}")
        return tasks


class OptimTable(_Table):
    """Learning rate: linear warm-up, constant, then a linear decay over the last ``decay`` share of steps."""

    name: str = Field(default="muon", pattern="^(muon|adamw)$")
    rate: float = Field(default=1e-3, gt=0)
    warmup: int = Field(default=200, ge=0)
    decay: float = Field(default=0.3, ge=0, le=1)
    weight_decay: float = Field(default=0.1, ge=0)
    clip: float = Field(default=1.0, gt=0)
    accumulate: int = Field(default=1, ge=1)
    average: float = Field(
        default=0.0, ge=0.0, lt=1.0, description="decay of the moving average of weights, 0 for none"
    )


class DistillTable(_Table):
    """Learning from a larger model's distributions too. teacher: its ``best.pt``; weight: of its say in the loss."""

    teacher: str
    weight: float = Field(default=0.5, gt=0, le=1)


class TrainConfig(_Table):
    """A training run. steps: optimiser steps; patience: evaluations without a gain before stopping.

    init: a Hugging Face folder to start from (``yuefu model export`` writes one), of the sizes in ``model``.
    """

    name: str = "fill"
    seed: int = 1
    steps: int = Field(default=10000, ge=1)
    evaluate_every: int = Field(default=500, ge=1)
    checkpoint_every: int = Field(default=200, ge=1)
    held_out_samples: int = Field(default=200, ge=1)
    patience: int = Field(default=10, ge=1)
    precision: str = Field(default="auto", pattern="^(auto|float32|bfloat16)$")
    model: ModelTable = ModelTable()
    data: DataTable
    optim: OptimTable = OptimTable()
    distill: DistillTable | None = None
    init: str | None = None


def read_config(path: Path) -> TrainConfig:
    """Read a TOML file. Raises InputError with the first thing that's off."""
    try:
        return TrainConfig.model_validate(tomllib.loads(path.read_text("utf-8")))
    except OSError as error:
        raise InputError(f"can't read the training settings {path}: {error.strerror}.") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path.name} isn't valid TOML: {error}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{path.name}: '{where}': {first['msg']}.") from error
