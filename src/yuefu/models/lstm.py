"""The recurrent engine's network: an LSTM over tokens and facts of their place; its output shares the embedding."""

from __future__ import annotations

import copy
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from yuefu.models.small_onnx import halved
from yuefu.tokens.vocabulary import vocabulary


@dataclass(frozen=True)
class LstmConfig:
    """Sizes. facts: how many values each fact of a place has; tokens: seen at each step, the last one first; width: of
    the embeddings; hidden: of the LSTM.
    """

    facts: tuple[int, ...]
    tokens: int = 3
    width: int = 96
    hidden: int = 288
    dropout: float = 0.15


class LstmModel(nn.Module):
    """Logits of the next token from what was heard so far."""

    marks: Tensor
    facts: nn.ModuleList

    def __init__(self, config: LstmConfig) -> None:
        super().__init__()
        self.config = config
        self.summed = False
        v = vocabulary()
        width, hidden = config.width, config.hidden
        self.register_buffer("marks", torch.from_numpy(v.features()[0]), persistent=False)
        self.own = nn.Parameter(torch.randn(len(v), width) * 0.02)
        self.shared = nn.Parameter(torch.randn(self.marks.shape[1], width) * 0.05)
        self.facts = nn.ModuleList(
            [nn.Embedding(size, width, _weight=torch.randn(size, width) * 0.05) for size in config.facts]
        )
        self.place = nn.Linear((config.tokens - 1) * width, width, bias=False)
        self.norm = nn.LayerNorm(2 * width)
        self.lstm = nn.LSTM(2 * width, hidden, batch_first=True)
        self.out = nn.Linear(hidden + 2 * width, width)
        self.bias = nn.Parameter(torch.zeros(len(v)))
        self.drop = nn.Dropout(config.dropout)
        with torch.no_grad():
            dict(self.lstm.named_parameters())["bias_ih_l0"][hidden : 2 * hidden] = (
                1.0  # a gate that keeps, to begin with
            )

    def embedding(self) -> Tensor:
        """(vocabulary, width): each token's own vector and those of its features."""
        return self.own if self.summed else self.own + self.marks @ self.shared

    def sum_up(self) -> LstmModel:
        """The same function with the features' vectors added to the tokens' own, for a smaller file."""
        with torch.no_grad():
            self.own.copy_(self.embedding())
        self.summed = True
        return self

    def steps(self, tokens: Tensor, facts: Tensor, table: Tensor) -> Tensor:
        """(batch, steps, 2 width) from tokens (batch, steps, 3) and facts (batch, steps, facts)."""
        scale = self.config.width**0.5
        seen = functional.embedding(tokens, table) * scale
        place = self.place(seen[:, :, 1:].flatten(2))
        for number, each in enumerate(self.facts):
            place = place + each(facts[:, :, number])
        return self.drop(self.norm(torch.cat([seen[:, :, 0], place], dim=2)))

    def logits(self, tokens: Tensor, facts: Tensor, wanted: Tensor) -> Tensor:
        """(n, vocabulary) at the steps that ``wanted`` (batch, steps) marks."""
        table = self.embedding()
        seen = self.steps(tokens, facts, table)
        hidden, _ = self.lstm(seen)
        at = wanted.reshape(-1).nonzero().squeeze(1)
        both = torch.cat([self.drop(hidden), seen], dim=2).flatten(0, 1)[at]
        return self.drop(self.out(both)) @ table.T + self.bias

    def forward(self, tokens: Tensor, facts: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(vocabulary,) logits after the last of some steps, and the state then. h, c: (hidden,)."""
        table = self.embedding()
        seen = self.steps(tokens[None], facts[None], table)
        hidden, (h_after, c_after) = self.lstm(seen, (h[None, None], c[None, None]))
        last = torch.cat([hidden[:, -1], seen[:, -1]], dim=1)
        return (self.out(last) @ table.T + self.bias)[0], h_after[0, 0], c_after[0, 0]


def lstm_onnx(model: LstmModel) -> bytes:
    """The network for onnxruntime: any number of steps on, state in and out; weights in float16."""
    hidden = model.config.hidden
    model = copy.deepcopy(model).sum_up()
    example = (
        torch.zeros(2, model.config.tokens, dtype=torch.int64),
        torch.zeros(2, len(model.config.facts), dtype=torch.int64), torch.zeros(hidden), torch.zeros(hidden),
    )  # fmt: skip
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter("ignore")
        path = Path(folder) / "model.onnx"
        torch.onnx.export(
            model.eval(), example, path, input_names=["tokens", "facts", "h", "c"],
            output_names=["logits", "h_after", "c_after"], opset_version=17, dynamo=False,
            dynamic_axes={"tokens": {0: "steps"}, "facts": {0: "steps"}},
        )  # fmt: skip
        data = path.read_bytes()
    return halved(data)
