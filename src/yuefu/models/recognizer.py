"""Networks that tell what a piece is: one over bars of notes, one over the mel bands of a recording."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class RollConfig:
    """Sizes. rows, steps: of a bar's roll; stats: numbers a bar; labels: what is told apart; width: of hidden layers;
    dropout: before the last layer (half as much within)."""

    rows: int
    steps: int
    stats: int
    labels: int
    width: int = 64
    dropout: float = 0.4


class RollRecognizer(nn.Module):
    """A bar becomes a vector (convolutions along its steps, beside its numbers), bars are seen beside their neighbours
    (convolutions along bars), and what is found anywhere and on average decides."""

    mean: Tensor
    spread: Tensor

    def __init__(self, config: RollConfig) -> None:
        super().__init__()
        self.config = config
        width, dropout = config.width, config.dropout
        self.register_buffer("mean", torch.zeros(config.stats))
        self.register_buffer("spread", torch.ones(config.stats))
        self.roll = nn.Sequential(
            nn.Conv1d(config.rows, width, 3, padding=1), nn.GELU(),
            nn.Conv1d(width, width, 3, stride=2, padding=1), nn.GroupNorm(4, width), nn.GELU(),
            nn.Conv1d(width, width + width // 2, 3, stride=2, padding=1), nn.GELU(),
        )  # fmt: skip
        wide = width + width // 2
        self.bar = nn.Linear(2 * wide, wide)
        self.numbers = nn.Sequential(nn.Linear(config.stats, width // 2), nn.GELU())
        self.before = nn.Conv1d(wide + width // 2, 2 * width, 3, padding=1)
        self.norm = nn.GroupNorm(4, 2 * width)
        self.beside = nn.Conv1d(2 * width, 2 * width, 3, padding=2, dilation=2)
        self.within = nn.Dropout(dropout / 2)
        self.last = nn.Dropout(dropout)
        self.head = nn.Linear(4 * width + 2 * config.stats, config.labels)

    def set_scale(self, mean: Tensor, spread: Tensor) -> None:
        """Tell the mean and standard deviation of each number of a bar."""
        self.mean.copy_(mean)
        self.spread.copy_(spread.clamp_min(1e-3))

    def forward(self, rows: Tensor, stats: Tensor, mask: Tensor) -> Tensor:
        """Logits (batch, labels).

        rows: (batch, bars, rows, steps); stats: (batch, bars, stats); mask: (batch, bars), 1 for bars that count.
        """
        batch, bars = mask.shape
        there = mask.unsqueeze(1)  # (batch, 1, bars)
        numbers = (stats - self.mean) / self.spread * mask.unsqueeze(2)
        x = self.roll((rows * mask[:, :, None, None]).reshape(batch * bars, self.config.rows, self.config.steps))
        x = self.within(self.bar(torch.cat([x.mean(dim=2), x.amax(dim=2)], dim=1)))
        x = torch.cat([x.reshape(batch, bars, -1), self.within(self.numbers(numbers))], dim=2).transpose(1, 2)
        x = functional.gelu(self.norm(self.before(x * there))) * there
        x = (x + functional.gelu(self.beside(self.within(x)))) * there
        count = there.sum(dim=2).clamp_min(1.0)
        mean = numbers.sum(dim=1) / count
        off = ((numbers - mean.unsqueeze(1)) * mask.unsqueeze(2)) ** 2
        spread = (off.sum(dim=1) / count + 1e-6).sqrt()
        found = torch.cat([x.sum(dim=2) / count, (x - (1 - there) * 1e4).amax(dim=2), mean, spread], dim=1)
        return self.head(self.last(found))


@dataclass(frozen=True)
class SoundConfig:
    """Sizes. bands: of the log-mel picture; labels: what is told apart; width: of the first layer; dropout: before the
    last layer."""

    bands: int
    labels: int
    width: int = 16
    dropout: float = 0.4


class SoundRecognizer(nn.Module):
    """Convolutions over a log-mel picture, then the mean and the maximum over time.

    Each band's mean over the excerpt is taken off, so that the colour of a microphone or a loudspeaker counts less.
    """

    def __init__(self, config: SoundConfig) -> None:
        super().__init__()
        self.config = config
        width = config.width
        layers: list[nn.Module] = []
        before = 1
        for number, after in enumerate((width, 2 * width, 4 * width, 6 * width)):
            kernel, stride = ((3, 5), (1, 2)) if number == 0 else (3, (2, 1) if number == 3 else 1)
            layers += [
                nn.Conv2d(before, after, kernel, stride=stride, padding=(1, 2) if number == 0 else 1, bias=False),
                nn.BatchNorm2d(after), nn.GELU(), nn.MaxPool2d(((2, 1), 2, 2, (1, 2))[number]),
            ]  # fmt: skip
            before = after
        self.picture = nn.Sequential(*layers)
        for weight in self.picture.parameters():
            if weight.ndim == 4:  # channels last: trains nearly twice as fast
                weight.data = weight.data.contiguous(memory_format=torch.channels_last)
        high = config.bands // 16
        self.along = nn.Sequential(nn.Conv1d(before * high, 6 * width, 1), nn.GELU())
        self.last = nn.Dropout(config.dropout)
        self.head = nn.Linear(12 * width, config.labels)

    def forward(self, levels: Tensor, mask: Tensor) -> Tensor:
        """Logits (batch, labels). levels: (batch, bands, frames) in dB; mask: as large, 0 where hidden."""
        weight = mask.sum(dim=2, keepdim=True).clamp_min(1.0)
        level = (levels * mask).sum(dim=2, keepdim=True) / weight
        x = ((levels - level) / 20 * mask).unsqueeze(1)
        x = self.picture(x if torch.onnx.is_in_onnx_export() else x.contiguous(memory_format=torch.channels_last))
        x = self.along(x.flatten(1, 2))
        return self.head(self.last(torch.cat([x.mean(dim=2), x.amax(dim=2)], dim=1)))
