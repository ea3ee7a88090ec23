"""Choosing the next token: mask, bias, temperature, nucleus; seeded."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def choose(
    logits: NDArray[np.float32],
    allowed: NDArray[np.bool_],
    bias: NDArray[np.float32] | None,
    rng: np.random.Generator,
    temperature: float = 1.0,
    top_p: float = 0.95,
) -> tuple[int, float]:
    """One token among the allowed, and its log-probability among them before temperature and nucleus.

    The nucleus keeps the fewest most likely tokens whose shares add up to ``top_p`` (Holtzman et
    al. 2020). temperature 0 takes the likeliest.

    >>> logits = np.array([0.0, 5.0, 1.0], dtype=np.float32)
    >>> allowed = np.array([True, False, True])
    >>> choose(logits, allowed, None, np.random.default_rng(0), temperature=0)[0]
    2
    """
    ids = np.flatnonzero(allowed)
    raw = logits[ids].astype(np.float64)
    log_norm = raw.max() + np.log(np.exp(raw - raw.max()).sum())
    if len(ids) == 1:
        return int(ids[0]), 0.0
    scores = raw if bias is None else raw + bias[ids]
    if temperature <= 0:
        best = int(np.argmax(scores))
        return int(ids[best]), float(raw[best] - log_norm)
    scores = scores / temperature
    shares = np.exp(scores - scores.max())
    shares /= shares.sum()
    order = np.argsort(-shares, kind="stable")
    kept = order[: int(np.searchsorted(np.cumsum(shares[order]), top_p)) + 1]
    chosen = kept[int(np.searchsorted(np.cumsum(shares[kept]), rng.random() * shares[kept].sum()))]
    return int(ids[chosen]), float(raw[chosen] - log_norm)
