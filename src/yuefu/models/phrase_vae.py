"""A variational autoencoder of phrases: a few bars of a line or of drums, each bar a point, told apart by its chords.

After MusicVAE (Roberts et al. 2018): a hierarchical decoder, whose upper level lays out the bars and whose lower level
writes their steps one after the other from each bar's layout. Unlike there, the latent space belongs to bars: a phrase
of two bars has 2 x ``latent`` numbers, one of four bars 4 x, so that every length shares what was learnt.

Shapes: n phrases, b bars, s steps (at most 16), l lanes.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from yuefu.tokens.phrases import CONDITION, HELD, LANES, MOST_STEPS, SAYINGS, STRUCK, chord_features

CHORD_WIDTH = 25
_OCTAVES = 8
#: Numbers by which the layout of a bar tells each step.
_STEP_WIDTH = 32
#: What a line's step is told as: state, pitch class, octave, height, whether anything sounds.
_LINE = 3 + 12 + _OCTAVES + 2


@dataclass(frozen=True)
class PhraseConfig:
    """Sizes. drums: whether steps are struck lanes instead of a line's sayings; latent: numbers a bar; width: of the
    hidden layers; dropout: between them."""

    drums: bool = False
    latent: int = 16
    width: int = 160
    dropout: float = 0.1

    @property
    def told(self) -> int:
        """Numbers that tell a step to the networks."""
        return len(LANES) + 1 if self.drums else _LINE

    @property
    def sayings(self) -> int:
        """Numbers that the decoder gives for a step."""
        return len(LANES) if self.drums else SAYINGS


def line_table() -> Tensor:
    """(SAYINGS - 1, 12 + octaves + 2): what a sounding pitch says, row 0 for silence; 1 + pitch - lowest else."""
    table = torch.zeros(SAYINGS - STRUCK + 1, _LINE - 3)
    for number in range(1, len(table)):
        pitch = number - 1 + 21
        table[number, pitch % 12] = 1
        table[number, 12 + pitch // 12 - 1] = 1
        table[number, -2] = (pitch - 60) / 24
        table[number, -1] = 1
    return table


class PhraseVae(nn.Module):
    """Encoder, layout of bars, writer of steps."""

    pitches: Tensor
    chord_table: Tensor

    def __init__(self, config: PhraseConfig) -> None:
        super().__init__()
        self.config = config
        width, told = config.width, config.told
        self.register_buffer("pitches", line_table(), persistent=False)
        self.register_buffer("chord_table", torch.from_numpy(chord_features()), persistent=False)
        self.look = nn.Sequential(
            nn.Conv1d(told + CHORD_WIDTH, width // 2, 3, padding=1), nn.GELU(),
            nn.Conv1d(width // 2, width // 2, 4, stride=2, padding=1), nn.GELU(),
            nn.Conv1d(width // 2, width // 2, 4, stride=2, padding=1), nn.GELU(),
        )  # fmt: skip
        self.bar = nn.Linear(width // 2 * (MOST_STEPS // 4) + CONDITION, width)
        self.beside = nn.Conv1d(width, width, 3, padding=1)
        self.point = nn.Linear(width, 2 * config.latent)
        self.lay = nn.Linear(config.latent + CONDITION, width)
        self.around = nn.Conv1d(width, width, 3, padding=1)
        self.over = nn.Linear(width, width)
        self.spread = nn.Linear(width, MOST_STEPS * _STEP_WIDTH)
        self.begin = nn.Linear(width, width)
        self.write = nn.GRU(told + CHORD_WIDTH + MOST_STEPS + _STEP_WIDTH, width, batch_first=True)
        self.say = nn.Linear(width + _STEP_WIDTH, config.sayings)
        if config.drums:  # most sounds are silent at most steps: begin there
            nn.init.constant_(self.say.bias, -3.5)
        self.drop = nn.Dropout(config.dropout)

    def told(self, steps: Tensor, sounding: Tensor) -> Tensor:
        """What steps say, as numbers (..., told). steps: sayings, or struck lanes as 0 and 1; sounding: see
        ``tokens.phrases.sounding``; unused for drums."""
        if self.config.drums:
            return torch.cat([steps, torch.ones_like(steps[..., :1])], dim=-1)
        state = torch.stack([steps == HELD, steps == HELD + 1, steps >= STRUCK], dim=-1).to(self.pitches.dtype)
        return torch.cat([state, self.pitches[sounding]], dim=-1)

    def encode(self, told: Tensor, chords: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        """Means and log-variances (n, b, latent). told: (n, b, 16, told); chords: (n, b, 16); condition: (n,
        CONDITION)."""
        n, bars = told.shape[:2]
        x = torch.cat([told, self.chord_table[chords]], dim=-1).flatten(0, 1).transpose(1, 2)
        x = self.look(x).flatten(1)
        known = condition.unsqueeze(1).expand(-1, bars, -1).flatten(0, 1)
        x = functional.gelu(self.bar(torch.cat([self.drop(x), known], dim=1))).unflatten(0, (n, bars))
        x = x + functional.gelu(self.beside(self.drop(x).transpose(1, 2)).transpose(1, 2))
        mean, spread = self.point(x).chunk(2, dim=-1)
        return mean, (spread - 2.0).clamp(-9.0, 3.0)

    def layout(self, z: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        """Each step's layout (n, b, 16, 32) and the state that a bar's writing begins with (n, b, width)."""
        known = condition.unsqueeze(1).expand(-1, z.shape[1], -1)
        x = functional.gelu(self.lay(torch.cat([z, known], dim=-1)))
        x = x + functional.gelu(self.around(self.drop(x).transpose(1, 2)).transpose(1, 2))
        x = x + functional.gelu(self.over(self.drop(x)))
        return self.spread(x).unflatten(-1, (MOST_STEPS, _STEP_WIDTH)), torch.tanh(self.begin(x))

    def decode(self, z: Tensor, told: Tensor, chords: Tensor, condition: Tensor) -> Tensor:
        """Logits (n, b, s, sayings) of steps whose predecessors are known. told: (n, b, s, told), the step before
        each."""
        n, bars, steps = told.shape[:3]
        layout, state = self.layout(z, condition)
        wide = layout[:, :, :steps].flatten(0, 1)
        place = torch.eye(MOST_STEPS, device=z.device)[:steps].expand(n * bars, -1, -1)
        inputs = torch.cat([told.flatten(0, 1), self.chord_table[chords].flatten(0, 1), place, wide], dim=-1)
        hidden, _ = self.write(inputs, state.flatten(0, 1).unsqueeze(0).contiguous())
        return self.say(torch.cat([self.drop(hidden), wide], dim=-1)).unflatten(0, (n, bars))


class Reader(nn.Module):
    """The encoder as it is exported: steps in, means and log-variances out."""

    def __init__(self, model: PhraseVae) -> None:
        super().__init__()
        self.model = model

    def forward(self, steps: Tensor, sounding: Tensor, chords: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        """See ``PhraseVae.encode``; steps int64 (n, b, 16), or float32 (n, b, 16, l) for drums."""
        told = self.model.told(steps, sounding)
        return self.model.encode(told, chords, condition)


class Layout(nn.Module):
    """The upper level of the decoder as it is exported."""

    def __init__(self, model: PhraseVae) -> None:
        super().__init__()
        self.model = model

    def forward(self, z: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        """See ``PhraseVae.layout``."""
        return self.model.layout(z, condition)


class Writer(nn.Module):
    """One step of the lower level, as it is exported."""

    def __init__(self, model: PhraseVae) -> None:
        super().__init__()
        self.model = model
        self.cell = nn.GRUCell(model.write.input_size, model.write.hidden_size)
        self.cell.load_state_dict(
            {name: getattr(model.write, f"{name}_l0").detach().clone() for name in self.cell.state_dict()}
        )
        self.register_buffer("places", torch.eye(MOST_STEPS), persistent=False)

    def forward(
        self, before: Tensor, sounding: Tensor, chords: Tensor, place: Tensor, layout: Tensor, state: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Logits (n, sayings) and the next state (n, width). before: (n,) or (n, l), what the step before said."""
        told = self.model.told(before, sounding)
        places: Tensor = self.places  # type: ignore[assignment]
        inputs = torch.cat([told, self.model.chord_table[chords], places[place], layout], dim=-1)
        state = self.cell(inputs, state)
        return self.model.say(torch.cat([state, layout], dim=-1)), state
