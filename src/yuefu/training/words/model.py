"""The encoder's network in torch: the equations of ``yuefu.text.encoder.network``, in batches, with gradients."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from yuefu.text.encoder.network import KERNEL, RULES, Weights
from yuefu.text.encoder.units import BUCKETS

WIDTH = 64
POOLS = 6
BLOCKS = 3
HIDDEN = 160


class Block(nn.Module):
    """A gated convolution over neighbouring units."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.conv = nn.Linear(KERNEL * width, 2 * width)
        self.out = nn.Linear(width, width, bias=False)
        nn.init.zeros_(self.out.weight)

    def forward(self, x: Tensor, there: Tensor) -> Tensor:
        """x: (texts, units, width); there: (texts, units, 1), 0 at padding."""
        half = KERNEL // 2
        padded = functional.pad(self.norm(x) * there, (0, 0, half, half))
        seen = torch.cat([padded[:, i : i + x.shape[1]] for i in range(KERNEL)], dim=-1)
        value, gate = self.conv(seen).chunk(2, dim=-1)
        mixed: Tensor = self.out(value * torch.sigmoid(gate))
        return mixed


class Encoder(nn.Module):
    """heads: head -> number of outputs."""

    def __init__(self, heads: Mapping[str, int], width: int = WIDTH) -> None:
        super().__init__()
        self.heads = dict(heads)
        self.table = nn.EmbeddingBag(BUCKETS, width, mode="sum", sparse=False)
        nn.init.normal_(self.table.weight, std=0.01)  # a spelling never seen says nothing
        self.lexicon = nn.Linear(4, width, bias=False)
        self.embed_norm = nn.LayerNorm(width)
        self.blocks = nn.ModuleList([Block(width) for _ in range(BLOCKS)])
        self.query = nn.Parameter(torch.randn(POOLS, width) * 0.2)
        self.hidden = nn.Linear(POOLS * width + RULES, HIDDEN)
        self.drop = nn.Dropout(0.2)
        self.out = nn.Linear(HIDDEN, sum(self.heads.values()))

    def forward(
        self, ids: Tensor, starts: Tensor, counts: Tensor, ratings: Tensor, there: Tensor, rules: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Outputs (texts, all heads) and vectors (texts, HIDDEN).

        ids: table rows of all units in a row; starts: where each unit's begin; counts: how many each has;
        ratings: (texts, units, 4); there: (texts, units), 1 where a unit is; rules: (texts, RULES).
        """
        rows = self.table(ids, starts) / counts[:, None].sqrt()
        x = torch.zeros(*there.shape, rows.shape[1]).masked_scatter(there[..., None].bool(), rows)
        x = self.embed_norm(x + self.lexicon(ratings))
        mask = there[..., None]
        for block in self.blocks:
            x = x + block(x, mask)
        scores = (x @ self.query.T).masked_fill(mask == 0, -1e9)
        pooled = torch.einsum("bnp,bnd->bpd", scores.softmax(dim=1), x).flatten(1)
        h = functional.gelu(self.hidden(torch.cat([self.drop(pooled), rules], dim=1)), approximate="tanh")
        return self.out(h), h

    def places(self) -> dict[str, tuple[int, int]]:
        """Head -> its slice of the outputs."""
        found, start = {}, 0
        for name, size in self.heads.items():
            found[name] = (start, start + size)
            start += size
        return found

    def weights(self) -> Weights:
        """The weights by the names that the runtime reads."""
        names = {"table.weight": "table", "query": "pool.query", "embed_norm.weight": "embed.norm.weight",
                 "embed_norm.bias": "embed.norm.bias"}  # fmt: skip
        arrays = {
            names.get(name, name.replace("blocks.", "block.")): value.detach().float().numpy()
            for name, value in self.state_dict().items()
        }
        return Weights(arrays, self.places())
