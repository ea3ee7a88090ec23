"""Held-out samples: the same ones every time, and which of their tokens the model writes. No torch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest

import numpy as np

from yuefu.tokens.sequence import Fill, script
from yuefu.tokens.vocabulary import vocabulary
from yuefu.training.batches import Sampler
from yuefu.training.config import DataTable
from yuefu.training.masking import TASKS, Sample
from yuefu.training.pieces import Piece

HELD_OUT_SEED = 20_000


def held_out_samples(pieces: Sequence[Piece], data: DataTable, count: int, seed: int = HELD_OUT_SEED) -> list[Sample]:
    """The same samples every time: windows of 8 bars from held-out works, with the standard tasks, as they are."""
    data = data.model_copy(update={"tasks": dict(TASKS), "register_share": 0.0})
    sampler = Sampler(pieces, data, seed)
    rng = np.random.default_rng([seed, 0])
    return [sampler.sample(8, rng)[0] for _ in range(count)]


def labelled_ids(sample: Sample) -> tuple[list[int], list[str | None]]:
    """A sample's ids and, for each token that the model writes, its row (None elsewhere)."""
    v = vocabulary()
    ids: list[int] = []
    rows: list[str | None] = []
    for step in script(sample.window, sample.mask):
        if isinstance(step, Fill):
            cells = sample.window.cells.get(step.row)
            cell = [int(t) for t in cells[step.bar]] if cells else []
            ids += [*cell, v.end]
            rows += [step.row] * (len(cell) + 1)
        else:
            ids += step.ids
            rows += [None] * len(step.ids)
    return ids, rows


def spread(pieces: Sequence[Piece], count: int, seed: int) -> Iterator[tuple[Piece, np.random.Generator]]:
    """``count`` pieces and a generator for each: sets by the square root of their bars, works in a shuffled round.

    The rule knows no model, so different models are measured on the same windows; every set has a turn as
    long as ``count`` allows, large sets have more, and no work comes again before all of its set have been.
    """
    shares: dict[str, float] = {}
    members: dict[str, list[Piece]] = {}
    for piece in pieces:
        members.setdefault(piece.set, []).append(piece)
    for name in sorted(members):
        shares[name] = sum(len(piece.bars) for piece in members[name]) ** 0.5
    total = sum(shares.values())
    queues = {}
    for name, share in shares.items():
        wanted = max(1, round(count * share / total))
        order = np.random.default_rng([seed, len(name), *name.encode()]).permutation(len(members[name]))
        queues[name] = [members[name][order[i % len(order)]] for i in range(wanted)]
    # In turn, so that any first part of the samples is spread, too.
    number = 0
    for turn in zip_longest(*(queues[name] for name in sorted(queues))):
        for piece in turn:
            if piece is not None and number < count:
                yield piece, np.random.default_rng([seed, number])
                number += 1


def fitting(piece: Piece, bars: int, most: int, lay: Callable[[int], Sample | None]) -> Sample | None:
    """The first sample of ``bars``, half as many ... bars whose sequence has at most ``most`` tokens, or None.

    lay: makes a sample of a number of bars (None: it can't).
    """
    bars = min(bars, len(piece.bars))
    while bars >= 1:
        sample = lay(bars)
        if sample is not None and len(labelled_ids(sample)[0]) <= most:
            return sample
        bars //= 2
    return None
