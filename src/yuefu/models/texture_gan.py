"""A generator of bars that share a texture, and the critic that it learns from.

The generator draws a picture for the whole phrase and a change for each bar, and adds both up: what is held and what
varies come from noise of their own. Its neurons at the end are binary (Dong & Yang, 2018): what the critic sees are
onsets that are there or not, and the gradient goes through as if they were sigmoids.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

_SLOPE = 0.2


@dataclass(frozen=True)
class TextureConfig:
    """Sizes. bars, channels, steps: of a phrase; phrase, bar: numbers asked of them; noise, bar_noise: of each;
    width: of the generator's hidden layers; critic: of the critic's."""

    bars: int
    channels: int
    steps: int
    phrase: int
    bar: int
    noise: int = 32
    bar_noise: int = 8
    width: int = 192
    critic: int = 256


class Residual(nn.Module):
    """A layer whose result is added to what it got."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layer = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """(..., width) to the same."""
        return x + functional.leaky_relu(self.layer(x), _SLOPE)


class Generator(nn.Module):
    """Noise and what is asked, to logits of onsets and held steps."""

    def __init__(self, config: TextureConfig) -> None:
        super().__init__()
        self.config = config
        width, size = config.width, config.channels * config.steps
        self.begin = nn.Linear(config.noise + config.phrase, width)
        self.phrase = nn.Sequential(Residual(width), Residual(width))
        self.held = nn.Linear(width, size)
        self.place = nn.Parameter(torch.zeros(config.bars, width))
        self.bar = nn.Linear(config.bar_noise + config.bar, width)
        self.change = nn.Sequential(nn.Linear(2 * width, width), nn.LeakyReLU(_SLOPE), Residual(width))
        self.varied = nn.Linear(width, size)
        nn.init.normal_(self.place, std=0.1)
        with torch.no_grad():
            self.held.bias.fill_(-1.0)
            self.varied.weight.mul_(0.1)  # bars begin alike and learn to differ

    def forward(self, noise: Tensor, bar_noise: Tensor, phrase: Tensor, bars: Tensor) -> Tensor:
        """Logits (batch, bars, channels, steps). noise: (batch, noise); bar_noise: (batch, bars, bar_noise); phrase:
        (batch, phrase); bars: (batch, bars, bar)."""
        config = self.config
        h = functional.leaky_relu(self.begin(torch.cat([noise, phrase], dim=1)), _SLOPE)
        h = self.phrase(h)
        own = functional.leaky_relu(self.bar(torch.cat([bar_noise, bars], dim=2)) + self.place, _SLOPE)
        own = self.change(torch.cat([h.unsqueeze(1).expand(-1, config.bars, -1), own], dim=2))
        logits = self.held(h).unsqueeze(1) + self.varied(own)
        return logits.reshape(-1, config.bars, config.channels, config.steps)


def binary(logits: Tensor, draw: bool) -> Tensor:
    """0 or 1 by logits, by chance if ``draw``; the gradient is that of the sigmoid."""
    share = torch.sigmoid(logits)
    hard = (torch.rand_like(share) < share) if draw else (logits > 0)
    return hard.to(share.dtype) + share - share.detach()


class Encoder(nn.Module):
    """Phrases to the noise that would make them, as means and logarithms of variances."""

    def __init__(self, config: TextureConfig) -> None:
        super().__init__()
        self.config = config
        width, size = config.critic, config.channels * config.steps
        self.bar = nn.Sequential(nn.Linear(size, width), nn.LeakyReLU(_SLOPE), Residual(width))
        self.phrase = nn.Sequential(
            nn.Linear(2 * width + config.phrase, width), nn.LeakyReLU(_SLOPE), nn.Linear(width, 2 * config.noise)
        )
        self.own = nn.Sequential(
            nn.Linear(2 * width + config.bar, width // 2), nn.LeakyReLU(_SLOPE),
            nn.Linear(width // 2, 2 * config.bar_noise),
        )  # fmt: skip

    def forward(self, rolls: Tensor, phrase: Tensor, bars: Tensor) -> tuple[Tensor, Tensor]:
        """(batch, 2 noise), (batch, bars, 2 bar_noise)."""
        each = self.bar(rolls.flatten(2))
        mean, most = each.mean(dim=1), each.amax(dim=1)
        shared = self.phrase(torch.cat([mean, most, phrase], dim=1))
        differs = torch.cat([each, each - mean.unsqueeze(1), bars], dim=2)
        return shared, self.own(differs)


class Critic(nn.Module):
    """How real a phrase looks beside what was asked: its bars one by one, how they differ, and who is like it in the
    batch."""

    def __init__(self, config: TextureConfig) -> None:
        super().__init__()
        width, size = config.critic, config.channels * config.steps
        asked = config.phrase + config.bar
        self.bar = nn.Sequential(
            nn.Linear(size + asked, width), nn.LeakyReLU(_SLOPE), Residual(width), nn.Linear(width, width // 2),
            nn.LeakyReLU(_SLOPE),
        )  # fmt: skip
        self.differ = nn.Sequential(nn.Linear(size, width // 4), nn.LeakyReLU(_SLOPE))
        self.like = nn.Linear(width, 16 * 8, bias=False)
        count = config.bars
        wide = count * (width // 2) + (count - 1) * (width // 4) + width // 4
        self.phrase = nn.Sequential(nn.Linear(wide + config.phrase, width), nn.LeakyReLU(_SLOPE), Residual(width))
        self.head = nn.Linear(width + 16, 1)

    def forward(self, rolls: Tensor, phrase: Tensor, bars: Tensor) -> Tensor:
        """Values (batch,). rolls: (batch, bars, channels, steps)."""
        flat = rolls.flatten(2)
        asked = torch.cat([phrase.unsqueeze(1).expand(-1, flat.shape[1], -1), bars], dim=2)
        each = self.bar(torch.cat([flat, asked], dim=2))
        differ = self.differ((flat[:, 1:] - flat[:, :-1]).abs())
        mean = self.differ(flat.mean(dim=1))
        h = self.phrase(torch.cat([each.flatten(1), differ.flatten(1), mean, phrase], dim=1))
        return self.head(torch.cat([h, self._likeness(h)], dim=1)).squeeze(1)

    def _likeness(self, h: Tensor) -> Tensor:
        """Minibatch discrimination (Salimans et al., 2016): how near others of the batch are, along 16 views."""
        view = self.like(h).reshape(-1, 16, 8)
        distance = (view.unsqueeze(0) - view.unsqueeze(1)).abs().mean(dim=3)
        return torch.exp(-distance).mean(dim=0)


class TextureGan(nn.Module):
    """Both players, and an encoder that keeps the generator from forgetting phrases."""

    def __init__(self, config: TextureConfig) -> None:
        super().__init__()
        self.config = config
        self.generator = Generator(config)
        self.critic = Critic(config)
        self.encoder = Encoder(config)

    def noise(self, count: int, generator: torch.Generator | None = None) -> tuple[Tensor, Tensor]:
        """Noise for phrases and bars."""
        config = self.config
        return (
            torch.randn(count, config.noise, generator=generator),
            torch.randn(count, config.bars, config.bar_noise, generator=generator),
        )
