"""The networks that tell labels: hidden bars count for nothing, and the file for onnxruntime computes the same."""

from __future__ import annotations

import numpy as np
import onnxruntime
import torch

from yuefu.models.recognizer import RollConfig, RollRecognizer, SoundConfig, SoundRecognizer
from yuefu.models.small_onnx import write_onnx


def roll_network() -> RollRecognizer:
    torch.manual_seed(0)
    return RollRecognizer(RollConfig(rows=58, steps=24, stats=29, labels=7, width=32)).eval()


def windows(count: int, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    rows = (torch.rand(count, 16, 58, 24, generator=generator) < 0.1).float()
    stats = torch.rand(count, 16, 29, generator=generator)
    return rows, stats, torch.ones(count, 16)


def test_what_is_in_a_hidden_bar_makes_no_difference() -> None:
    """Other notes and numbers in bars that don't count leave the logits as they are."""
    model = roll_network()
    rows, stats, mask = windows(3)
    mask[:, 5:9] = 0
    with torch.no_grad():
        before = model(rows, stats, mask)
        rows[:, 5:9], stats[:, 5:9] = 1 - rows[:, 5:9], 9.0
        assert torch.allclose(before, model(rows, stats, mask), atol=1e-5)
        mask[:, 5:9] = 1
        assert not torch.allclose(before, model(rows, stats, mask), atol=1e-3)


def test_the_shipped_sizes_stay_small() -> None:
    """Fewer than 300,000 weights each at the sizes that are trained."""
    for model in (RollRecognizer(RollConfig(58, 24, 29, 28)), SoundRecognizer(SoundConfig(128, 28))):
        assert sum(p.numel() for p in model.parameters()) < 300_000


def test_onnx_computes_what_torch_does_for_any_number_of_windows() -> None:
    """Half-precision weights move the logits by less than a hundredth; one window or nine go through."""
    model = roll_network()
    data = write_onnx(model, windows(2), ("rows", "stats", "mask"))
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    for count in (1, 9):
        given = windows(count, seed=count)
        found = session.run(None, dict(zip(("rows", "stats", "mask"), (each.numpy() for each in given))))[0]
        with torch.no_grad():
            assert np.abs(found - model(*given).numpy()).max() < 0.01
    assert len(data) < 2.6 * sum(p.numel() for p in model.parameters())


def test_the_colour_of_a_recording_counts_for_nothing() -> None:
    """Ten dB more in some bands throughout leave the logits of the sound's network as they are."""
    torch.manual_seed(0)
    model = SoundRecognizer(SoundConfig(bands=64, labels=5, width=8)).eval()
    levels = torch.randn(2, 64, 200) * 10
    coloured = levels + torch.linspace(-10, 10, 64)[:, None]
    with torch.no_grad():
        assert torch.allclose(
            model(levels, torch.ones_like(levels)), model(coloured, torch.ones_like(levels)), atol=1e-4
        )
