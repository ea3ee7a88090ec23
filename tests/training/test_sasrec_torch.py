"""The network of the recommender that is written by hand, beside the same one in torch."""

from __future__ import annotations

import numpy as np
import pytest

from yuefu.recommend.sasrec_network import Shape, start
from yuefu.recommend.sasrec_training import Windows, loss_and_gradient

torch = pytest.importorskip("torch")


def test_loss_and_gradient_are_those_of_torch() -> None:
    """The same parameters and windows have the same loss and, for every parameter, the same gradient in torch."""
    shape = Shape(items=13, length=6, width=8, layers=2, heads=2)
    rng = np.random.default_rng(2)
    p = {
        name: value + rng.normal(scale=0.2, size=value.shape)
        for name, value in start(shape, rng.random(13), 1, np.float64).items()
    }
    targets = rng.integers(0, 13, (4, 6))
    targets[2, 4:] = -1
    windows = Windows(rng.integers(0, 14, (4, 6)), rng.integers(0, 12, (4, 6)), targets)
    loss, gradient = loss_and_gradient(p, shape, windows)
    t = {name: torch.tensor(value, requires_grad=True) for name, value in p.items()}

    def norm(x, name):
        return torch.nn.functional.layer_norm(x, (8,), t[name], t[name + "b"], eps=1e-6)

    x = t["item"][torch.tensor(windows.items)] + t["place"] + t["gap"][torch.tensor(windows.gaps)]
    for layer in range(2):
        q, k, v = (norm(x, f"{layer}.norm1") @ t[f"{layer}.qkv"] + t[f"{layer}.qkvb"]).split(8, dim=-1)
        q, k, v = (part.view(4, 6, 2, 4).transpose(1, 2) for part in (q, k, v))
        looked = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + looked.transpose(1, 2).reshape(4, 6, 8) @ t[f"{layer}.out"] + t[f"{layer}.outb"]
        up = torch.relu(norm(x, f"{layer}.norm2") @ t[f"{layer}.up"] + t[f"{layer}.upb"])
        x = x + up @ t[f"{layer}.down"] + t[f"{layer}.downb"]
    scores = norm(x, "norm") @ t["item"][:-1].T + t["bias"]
    other = torch.nn.functional.cross_entropy(scores.view(24, 13), torch.tensor(targets).view(24), ignore_index=-1)
    other.backward()
    assert loss == pytest.approx(other.item(), rel=1e-12)
    for name, value in gradient.items():
        assert np.allclose(value, t[name].grad.numpy(), atol=1e-12), name
