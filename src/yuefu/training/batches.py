"""Batches of samples. Step n's batch depends on the seed and on n alone, so a resumed run goes on exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yuefu.errors import InputError
from yuefu.tokens.sequence import training_ids
from yuefu.tokens.vocabulary import vocabulary
from yuefu.training.config import DataTable
from yuefu.training.masking import Sample, draw
from yuefu.training.pieces import Piece

#: Batches that are made together.
POOL = 8


@dataclass(frozen=True)
class Batch:
    """ids: (samples, length) int64, padded; weights: float32 of the same shape, 0 at padding."""

    ids: NDArray[np.int64]
    weights: NDArray[np.float32]

    @property
    def tokens(self) -> int:
        """Tokens without padding."""
        return int((self.ids != vocabulary().pad).sum())


class Sampler:
    """Draws samples from pieces: a set by its weight, a piece by its length, a window, a task."""

    def __init__(self, pieces: Sequence[Piece], data: DataTable, seed: int) -> None:
        self.data = data
        self.seed = seed
        self.sets: list[tuple[list[Piece], NDArray[np.float64]]] = []
        shares = []
        self.names: list[str] = []
        for name, weight in sorted(data.weights.items()):
            members = [piece for piece in pieces if piece.set == name]
            if members and weight > 0:
                lengths = np.cumsum([len(piece.bars) ** 0.7 for piece in members])
                self.sets.append((members, lengths / lengths[-1]))
                shares.append(weight)
                self.names.append(name)
        if not self.sets:
            raise InputError(
                f"none of the sets {', '.join(sorted(data.weights))} is in the data folder: build it first."
            )
        self.shares = np.cumsum(shares) / sum(shares)
        self._pool: tuple[int, list[Batch]] | None = None

    def sample(self, bars: int, rng: np.random.Generator) -> tuple[Sample, list[int], list[float]]:
        """One sample of at most ``bars`` bars that fits ``max_tokens``, with its ids and weights."""
        while True:
            members, lengths = self.sets[int(np.searchsorted(self.shares, rng.random()))]
            piece = members[int(np.searchsorted(lengths, rng.random()))]
            sample = draw(piece, bars, rng, self.data.tasks, self.data.register_share)
            if sample is None:
                continue
            ids, weights = training_ids(sample.window, sample.mask, self.data.given_weight)
            if len(ids) <= self.data.max_tokens:
                return sample, ids, weights
            bars = max(2, bars // 2)

    def batch(self, step: int) -> Batch:
        """The batch of a step: about ``batch_tokens`` tokens with padding.

        Batches are made ``POOL`` at a time from one pool of samples, sorted by length, so that little is
        wasted on padding and nothing that was drawn is thrown away.
        """
        number, place = divmod(step, POOL)
        if self._pool is None or self._pool[0] != number:
            self._pool = (number, self._draw_pool(number))
        return self._pool[1][place]

    def _draw_pool(self, number: int) -> list[Batch]:
        rng = np.random.default_rng([self.seed, number])
        bars = sorted(self.data.windows)
        shares = np.array([self.data.windows[length] for length in bars])
        cumulated = np.cumsum(shares / shares.sum())
        room = self.data.batch_tokens
        drawn: list[tuple[list[int], list[float]]] = []
        total = 0
        while total < POOL * room:
            window = bars[min(int(np.searchsorted(cumulated, rng.random())), len(bars) - 1)]
            _, ids, weights = self.sample(window, rng)
            drawn.append((ids, weights))
            total += len(ids)
        drawn.sort(key=lambda item: -len(item[0]))
        batches: list[list[tuple[list[int], list[float]]]] = [[]]
        for item in drawn:  # the first of a batch is its longest
            if batches[-1] and len(batches[-1][0][0]) * (len(batches[-1]) + 1) > room:
                batches.append([])
            batches[-1].append(item)
        order = rng.permutation(len(batches))[:POOL]
        return [collate(batches[i]) for i in order]


def collate(items: Sequence[tuple[list[int], list[float]]]) -> Batch:
    """Pad samples on the right to one length."""
    length = max(len(ids) for ids, _ in items)
    ids = np.full((len(items), length), vocabulary().pad, dtype=np.int64)
    weights = np.zeros((len(items), length), dtype=np.float32)
    for i, (tokens, weight) in enumerate(items):
        ids[i, : len(tokens)] = tokens
        weights[i, : len(tokens)] = weight
    return Batch(ids, weights)
