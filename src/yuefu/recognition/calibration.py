"""How sure a verdict may be: one temperature for the logits, and the share under which "unsure" is said.

Guo et al. 2017, *On Calibration of Modern Neural Networks*. Both are chosen on pieces that the network didn't learn
from, and not on those that it is measured by.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def softmax(logits: NDArray[np.floating]) -> Floats:
    """Shares along the last axis."""
    shifted = np.asarray(logits, dtype=np.float64) - np.max(logits, axis=-1, keepdims=True)
    shares = np.exp(shifted)
    return np.asarray(shares / shares.sum(axis=-1, keepdims=True))


def piece_shares(logits: NDArray[np.floating], temperature: float = 1.0) -> Floats:
    """A piece's shares (labels,) from its windows' logits (windows, labels): the mean over windows."""
    return np.asarray(softmax(np.asarray(logits) / temperature).mean(axis=0))


def fit_temperature(pieces: list[NDArray[np.floating]], truth: NDArray[np.integer]) -> float:
    """The temperature (0.25 to 4) under which the pieces' true labels are likeliest. pieces: windows' logits each."""
    from scipy.optimize import minimize_scalar

    def nats(logarithm: float) -> float:
        shares = np.array([piece_shares(logits, float(np.exp(logarithm))) for logits in pieces])
        return float(-np.log(shares[np.arange(len(truth)), truth] + 1e-9).mean())

    found = minimize_scalar(nats, bounds=(np.log(0.25), np.log(4.0)), method="bounded", options={"xatol": 0.01})
    return float(np.exp(found.x))


def threshold_for(shares: Floats, truth: NDArray[np.integer], precision: float) -> float:
    """The least share of the first label at which verdicts with at least that share are right so often.

    shares: (pieces, labels). Where no threshold is precise enough, the one of the most precise verdicts (at least a
    twentieth of the pieces).

    >>> round(threshold_for(np.array([[0.9, 0.1], [0.8, 0.2], [0.6, 0.4]]), np.array([0, 0, 1]), 0.9), 2)
    0.8
    """
    best, sure = shares.argmax(axis=1), shares.max(axis=1)
    order = np.argsort(-sure, kind="stable")
    right = np.cumsum((best == truth)[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(right >= precision)
    least = max(len(order) // 20, 1) - 1
    last = int(enough[-1]) if len(enough) and enough[-1] >= least else int(least + right[least:].argmax())
    return float(sure[order[last]])


def calibration_error(shares: Floats, truth: NDArray[np.integer], bins: int = 10) -> float:
    """Expected calibration error: how far the first label's share is from how often it is right, by deciles of share.

    >>> calibration_error(np.array([[0.75, 0.25]] * 4), np.array([0, 0, 0, 1]))
    0.0
    """
    sure, right = shares.max(axis=1), shares.argmax(axis=1) == truth
    place = np.minimum((sure * bins).astype(int), bins - 1)
    gaps = [abs(float(sure[place == b].mean() - right[place == b].mean())) * float((place == b).mean())
            for b in range(bins) if (place == b).any()]  # fmt: skip
    return float(sum(gaps))
