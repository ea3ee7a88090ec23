"""Choosing the next token: mask, bias, temperature, nucleus; seeded."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray


def choose(
    logits: NDArray[np.float32],
    allowed: NDArray[np.bool_],
    bias: NDArray[np.float32] | None,
    rng: np.random.Generator,
    temperature: float = 1.0,
    top_p: float = 0.95,
    min_p: float = 0.0,
    refuse: Callable[[int], bool] | None = None,
) -> tuple[int, float]:
    """One token among the allowed, and its log-probability among them before temperature and nucleus.

    The nucleus keeps the fewest most likely tokens whose shares add up to ``top_p`` (Holtzman et
    al. 2020), and of those the ones with at least ``min_p`` times the likeliest one's share (Nguyen et
    al. 2024). temperature 0 takes the likeliest. refuse: turns a drawn token away; it is taken out
    and another one drawn, until one is let through or none is left (then the first one drawn stands).

    >>> logits = np.array([0.0, 5.0, 1.0], dtype=np.float32)
    >>> allowed = np.array([True, False, True])
    >>> choose(logits, allowed, None, np.random.default_rng(0), temperature=0)[0]
    2
    >>> choose(logits, allowed, None, np.random.default_rng(0), temperature=0, refuse=lambda token: token == 2)[0]
    0
    """
    ids = np.flatnonzero(allowed)
    first = None
    while True:
        drawn = _draw(ids, logits, bias, rng, temperature, top_p, min_p)
        first = first or drawn
        if refuse is None or not refuse(drawn[0]):
            return drawn
        ids = ids[ids != drawn[0]]
        if not len(ids):
            return first


def _draw(
    ids: NDArray[np.int64],
    logits: NDArray[np.float32],
    bias: NDArray[np.float32] | None,
    rng: np.random.Generator,
    temperature: float,
    top_p: float,
    min_p: float,
) -> tuple[int, float]:
    raw = logits[ids].astype(np.float64)
    if len(ids) == 1:
        return int(ids[0]), 0.0
    log_norm = raw.max() + np.log(np.exp(raw - raw.max()).sum())
    scores = raw if bias is None else raw + bias[ids]
    if temperature <= 0:
        best = int(np.argmax(scores))
        return int(ids[best]), float(raw[best] - log_norm)
    scores = scores / temperature
    shares = np.exp(scores - scores.max())
    shares /= shares.sum()
    order = np.argsort(-shares, kind="stable")
    count = int(np.searchsorted(np.cumsum(shares[order]), top_p)) + 1
    if min_p > 0:
        count = min(count, int((shares >= min_p * shares[order[0]]).sum()))
    kept = order[: max(count, 1)]
    chosen = kept[int(np.searchsorted(np.cumsum(shares[kept]), rng.random() * shares[kept].sum()))]
    return int(ids[chosen]), float(raw[chosen] - log_norm)
