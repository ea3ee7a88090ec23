"""Optimisers of the fill model: Muon for the matrices of its layers, AdamW for everything else.

Muon replaces the momentum of a matrix by the nearest orthogonal matrix, so that every direction of a
layer learns at one speed (K. Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural
networks"); its step is scaled to the size of an AdamW step (J. Liu et al. 2025, "Muon is scalable for
LLM training"), so that one learning rate serves both. torch's own Muon orthogonalises in bfloat16, which
processors without bfloat16 units emulate slowly: this one stays in float32.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from yuefu.models.fill import FillModel, parameter_groups
from yuefu.training.config import OptimTable

#: Coefficients of the quintic iteration, as published.
_A, _B, _C = 3.4445, -4.7750, 2.0315


def orthogonal(matrix: Tensor, steps: int = 5) -> Tensor:
    """The matrix with all its singular values near 1 (0.7 to 1.2), by Newton-Schulz iteration."""
    flipped = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if flipped else matrix
    x = x / (x.norm() + 1e-7)
    for _ in range(steps):
        gram = x @ x.T
        x = _A * x + (_B * gram + _C * gram @ gram) @ x
    return x.T if flipped else x


class Muon(torch.optim.Optimizer):
    """Momentum, orthogonalised; for two-dimensional parameters only.

    lr: as of AdamW; momentum: of the Nesterov average; weight_decay: decoupled; steps: of the iteration.
    """

    def __init__(
        self, params: Any, lr: float, momentum: float = 0.95, weight_decay: float = 0.0, steps: int = 5
    ) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay, "steps": steps})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """Update every parameter that has a gradient."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                state = self.state[parameter]
                if "average" not in state:
                    state["average"] = torch.zeros_like(parameter)
                average = state["average"]
                average.lerp_(parameter.grad, 1 - group["momentum"])
                update = orthogonal(parameter.grad.lerp(average, group["momentum"]), group["steps"])
                parameter.mul_(1 - group["lr"] * group["weight_decay"])
                parameter.add_(update, alpha=-group["lr"] * 0.2 * max(parameter.shape) ** 0.5)


def make_optimizers(model: FillModel, optim: OptimTable) -> list[torch.optim.Optimizer]:
    """The optimisers that a run's settings ask for; together they hold every trained parameter once."""
    matrices, others = parameter_groups(model, optim.weight_decay)
    if optim.name == "adamw":
        return [torch.optim.AdamW([matrices, others], lr=optim.rate, betas=(0.9, 0.95))]
    return [
        Muon([matrices], lr=optim.rate, weight_decay=optim.weight_decay),
        torch.optim.AdamW([others], lr=optim.rate, betas=(0.9, 0.95)),
    ]
