"""Low-rank adapters of the fill model: what is trained when it learns from a few pieces of one's own."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from peft import LoraConfig, inject_adapter_in_model
from torch import nn

from yuefu.models.fill import FillModel

#: The matrices that are changed: all of a layer's.
TARGETS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
_NAME = "default"
#: Modules of the fill model whose names end so are a matrix's own, below its adapter.
_PREFIX = "llama.model."


@dataclass(frozen=True)
class LoraSizes:
    """rank: of a change; alpha: its scale times the rank; dropout: of what goes into it while training."""

    rank: int = 8
    alpha: int = 16
    dropout: float = 0.1

    @property
    def scale(self) -> float:
        """What the product of a change's two factors is multiplied with."""
        return self.alpha / self.rank


def with_adapter(model: FillModel, sizes: LoraSizes) -> FillModel:
    """The model with a fresh adapter in every layer, which alone can be trained; embeddings stay as they are.

    The fresh adapter changes nothing: one of its two factors is zero.
    """
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    config = LoraConfig(
        r=sizes.rank, lora_alpha=sizes.alpha, lora_dropout=sizes.dropout, target_modules=list(TARGETS), bias="none"
    )
    logging.getLogger("peft").setLevel(logging.ERROR)
    inject_adapter_in_model(config, model.llama, _NAME)
    return model


def factors(model: nn.Module) -> dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """A model's adapter: matrix, such as ``"layers.0.self_attn.q_proj"`` -> (A, B)."""
    found = {}
    for name, module in model.named_modules():
        if hasattr(module, "lora_A") and _NAME in module.lora_A:
            pair = (module.lora_A[_NAME].weight, module.lora_B[_NAME].weight)
            found[name.removeprefix(_PREFIX)] = tuple(each.detach().float().cpu().numpy() for each in pair)
    return found  # type: ignore[return-value]


@torch.no_grad()
def put_factors(model: nn.Module, pairs: dict[str, tuple[NDArray[np.floating], NDArray[np.floating]]]) -> None:
    """Set a model's adapter, which ``with_adapter`` put there."""
    for name, module in model.named_modules():
        plain = name.removeprefix(_PREFIX)
        if hasattr(module, "lora_A") and plain in pairs:
            for own, array in zip((module.lora_A, module.lora_B), pairs[plain], strict=True):
                own[_NAME].weight.copy_(torch.from_numpy(np.asarray(array, dtype=np.float32)))
