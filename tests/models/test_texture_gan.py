"""The generator of textures and its critic: shapes, binary neurons, what noise does, and the ONNX file."""

from __future__ import annotations

import numpy as np
import torch

from yuefu.engines.texture import BARS, CHANNELS, STEPS
from yuefu.engines.texture_wish import TextureWish
from yuefu.models.texture_gan import TextureGan, binary
from yuefu.training.gan import GanTable, gan_onnx

TABLE = GanTable(width=16, critic=32, noise=4, bar_noise=2)


def asked(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    phrase, bars = TextureWish("funk", "game").arrays()
    return torch.from_numpy(np.stack([phrase] * count)), torch.from_numpy(np.stack([bars] * count))


def test_binary_neurons_are_off_or_on_and_pass_the_gradient_of_sigmoids() -> None:
    logits = torch.tensor([-2.0, 0.5, 3.0], requires_grad=True)
    out = binary(logits, draw=False)
    assert out.tolist() == [0.0, 1.0, 1.0]
    out.sum().backward()
    share = torch.sigmoid(logits.detach())
    assert torch.allclose(logits.grad, share * (1 - share))
    torch.manual_seed(0)
    drawn = torch.stack([binary(logits.detach(), draw=True) for _ in range(400)]).mean(dim=0)
    assert torch.allclose(drawn, share, atol=0.1)


def test_bars_of_a_phrase_share_a_picture_and_other_noise_makes_another() -> None:
    """Fresh bars differ less from each other than phrases of other noise do."""
    torch.manual_seed(1)
    model = TextureGan(TABLE.sizes())
    noise, bar_noise = model.noise(8)
    logits = model.generator(noise, bar_noise, *asked(8))
    assert logits.shape == (8, BARS, CHANNELS, STEPS)
    between_bars = (logits[:, 1:] - logits[:, :1]).abs().mean()
    between_phrases = (logits[1:] - logits[:1]).abs().mean()
    assert between_bars < between_phrases


def test_the_critic_sees_who_is_alike() -> None:
    """A batch of one phrase many times is judged otherwise than the same phrase among others."""
    torch.manual_seed(2)
    critic = TextureGan(TABLE.sizes()).critic
    rolls = (torch.rand(6, BARS, CHANNELS, STEPS) < 0.1).float()
    among = critic(rolls, *asked(6))
    alone = critic(rolls[:1].expand(6, -1, -1, -1), *asked(6))
    assert among.shape == (6,)
    assert not torch.isclose(among[0], alone[0], atol=1e-6)


def test_the_file_computes_what_the_network_does() -> None:
    """Half-precision weights in onnxruntime give the logits of torch, for any number of phrases."""
    import onnxruntime

    torch.manual_seed(3)
    model = TextureGan(TABLE.sizes()).eval()
    session = onnxruntime.InferenceSession(gan_onnx(model.generator), providers=["CPUExecutionProvider"])
    noise, bar_noise = model.noise(5)
    phrase, bars = asked(5)
    with torch.no_grad():
        ours = model.generator(noise, bar_noise, phrase, bars).numpy()
    names = {"noise": noise, "bar_noise": bar_noise, "phrase": phrase, "bars": bars}
    theirs = session.run(None, {name: value.numpy() for name, value in names.items()})[0]
    assert np.abs(ours - theirs).max() < 0.02
