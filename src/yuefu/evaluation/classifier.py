"""A small classifier on hand-made features: softmax over one hidden layer, trained by Adam, in numpy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]


@dataclass(frozen=True)
class Settings:
    """How a classifier is trained. hidden: units (tanh); epochs: at most, the best on a held-out tenth is kept."""

    hidden: int = 96
    epochs: int = 12
    batch: int = 128
    rate: float = 2e-3
    decay: float = 1e-4
    patience: int = 2


class Classifier:
    """Distributions over classes from a row of features.

    Weights are fitted by Adam (Kingma and Ba 2015) with L2 decay; the last tenth of the examples, which
    come in order of works, decides when to stop. Deterministic in ``seed``.
    """

    def __init__(
        self, features: Matrix, targets: NDArray[np.int64], classes: int, seed: int, settings: Settings | None = None
    ) -> None:
        settings = settings or Settings()
        rng = np.random.default_rng(seed)
        width = features.shape[1]
        self._weights = [
            (rng.standard_normal((width, settings.hidden)) * (1 / max(width, 1)) ** 0.5).astype(np.float32),
            np.zeros(settings.hidden, dtype=np.float32),
            np.zeros((settings.hidden, classes), dtype=np.float32),
            np.zeros(classes, dtype=np.float32),
        ]
        cut = len(targets) - len(targets) // 10
        self._fit(features[:cut], targets[:cut], features[cut:], targets[cut:], rng, settings)

    def nats(self, features: Matrix, targets: NDArray[np.int64]) -> NDArray[np.float64]:
        """(n,) negative log-probability of each example's class, in nats."""
        out = np.empty(len(targets))
        for start in range(0, len(targets), 4096):
            part = slice(start, start + 4096)
            log_shares = self._forward(features[part])[1]
            out[part] = -log_shares[np.arange(len(log_shares)), targets[part]]
        return out

    def _forward(self, features: Matrix) -> tuple[Matrix, Matrix]:
        """Hidden activations and log-probabilities."""
        first, first_bias, second, second_bias = self._weights
        hidden = np.tanh(features @ first + first_bias)
        logits = hidden @ second + second_bias
        logits -= logits.max(axis=1, keepdims=True)
        return hidden, logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))

    def _gradients(self, features: Matrix, targets: NDArray[np.int64], decay: float) -> list[Matrix]:
        hidden, log_shares = self._forward(features)
        error = np.exp(log_shares)
        error[np.arange(len(targets)), targets] -= 1
        error /= len(targets)
        back = (error @ self._weights[2].T) * (1 - hidden * hidden)
        return [
            features.T @ back + decay * self._weights[0],
            back.sum(axis=0),
            hidden.T @ error + decay * self._weights[2],
            error.sum(axis=0),
        ]

    def _fit(
        self,
        features: Matrix,
        targets: NDArray[np.int64],
        held_features: Matrix,
        held_targets: NDArray[np.int64],
        rng: np.random.Generator,
        settings: Settings,
    ) -> None:
        means = [np.zeros_like(w) for w in self._weights]
        squares = [np.zeros_like(w) for w in self._weights]
        best, best_weights, stale, step = np.inf, [w.copy() for w in self._weights], 0, 0
        for _ in range(settings.epochs):
            order = rng.permutation(len(targets))
            for start in range(0, len(order), settings.batch):
                chosen = order[start : start + settings.batch]
                step += 1
                for i, gradient in enumerate(self._gradients(features[chosen], targets[chosen], settings.decay)):
                    means[i] += 0.1 * (gradient - means[i])
                    squares[i] += 0.001 * (gradient * gradient - squares[i])
                    mean, square = means[i] / (1 - 0.9**step), squares[i] / (1 - 0.999**step)
                    self._weights[i] -= settings.rate * mean / (np.sqrt(square) + 1e-8)
            loss = float(self.nats(held_features, held_targets).mean()) if len(held_targets) else -float(step)
            if loss < best:
                best, best_weights, stale = loss, [w.copy() for w in self._weights], 0
            else:
                stale += 1
                if stale >= settings.patience:
                    break
        self._weights = best_weights
