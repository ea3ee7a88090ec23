"""Fitting a linear head on an encoder's vectors: ridge regression on our scenes and lexicon."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve

from yuefu.progress import Listener, Progress, ignore
from yuefu.text.encoder.linear import Head, Vectors
from yuefu.text.encoder.reading import AXES
from yuefu.text.encoder.styles import LEARNT_STYLES
from yuefu.text.lexicon import Concept
from yuefu.text.reader import normal
from yuefu.training.words.scenes import Scene

#: Counts up when the same rows give another head.
VERSION = 1
#: Penalties that are tried, in units of the vectors' variance.
PENALTIES = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0, 3.0)
#: Factors from a regressed share of a style to its logit.
FACTORS = (2.0, 4.0, 6.0, 8.0, 11.0, 15.0, 20.0, 30.0)
#: How much a scene counts beside a word that names a mood.
SCENE = 1.5
#: Texts between two progress events.
CHUNK = 128


@dataclass(frozen=True)
class Rows:
    """Texts with what is known of them. targets: (texts, axes and styles), nan where unknown; weight: (texts,)."""

    texts: tuple[str, ...]
    targets: NDArray[np.float32]
    weight: NDArray[np.float32]

    @classmethod
    def of(cls, scenes: Iterable[Scene], concepts: Iterable[Concept] = ()) -> Rows:
        """Scenes and concepts in both languages, of a concept the first term."""
        keys = LEARNT_STYLES
        texts: list[str] = []
        targets: list[list[float]] = []
        weight: list[float] = []
        unknown = [np.nan] * len(keys)
        for scene in scenes:
            liked = [float(key in scene.styles) / len(scene.styles) for key in keys] if scene.styles else unknown
            pace = np.nan if scene.pace is None else scene.pace
            texts += [normal(scene.en), normal(scene.zh)]
            targets += [[scene.valence, scene.arousal, pace, *liked]] * 2
            weight += [SCENE] * 2
        for concept in concepts:
            texts += [normal(concept.en[0]), normal(concept.zh[0])]
            targets += [[concept.valence, concept.arousal, np.nan, *unknown]] * 2
            weight += [concept.weight] * 2
        return cls(tuple(texts), np.array(targets, dtype=np.float32), np.array(weight, dtype=np.float32))


def version_of(*rows: Rows) -> str:
    """A hash of what a head is fitted on and how."""
    digest = sha256(f"{VERSION} {PENALTIES} {FACTORS}".encode())
    for part in rows:
        digest.update("\n".join(part.texts).encode())
        digest.update(part.targets.tobytes() + part.weight.tobytes())
    return digest.hexdigest()


def fit_head(vectors: Vectors, learnt: Rows, held: Rows, progress: Listener = ignore) -> Head:
    """The head that reads ``held`` best of those fitted on ``learnt``; its spreads are what it misses ``held`` by."""
    total = len(learnt.texts) + len(held.texts)
    x = _embedded(vectors, learnt.texts, 0, total, progress)
    z = _embedded(vectors, held.texts, len(learnt.texts), total, progress)
    count = len(AXES)
    weight = np.zeros((count + len(LEARNT_STYLES), x.shape[1]))
    bias = np.zeros(len(weight))
    spreads = np.zeros(count)
    for columns in (slice(0, 2), slice(2, 3), slice(count, None)):  # what is known of the same texts, in one go
        known, asked = (~np.isnan(rows.targets[:, columns]).any(axis=1) for rows in (learnt, held))
        if not known.any() or not asked.any():
            spreads[columns] = 1.0
            continue
        wanted = held.targets[asked, columns]
        tried = _ridges(x[known], learnt.targets[known, columns], learnt.weight[known])
        found = min(tried, key=lambda pair: float(np.mean((z[asked] @ pair[0].T + pair[1] - wanted) ** 2)))
        weight[columns], bias[columns] = found
        missed = z[asked] @ found[0].T + found[1] - wanted
        if columns.start < count:
            spreads[columns] = np.sqrt(np.mean(missed**2, axis=0))
        else:
            factor = _sharpest(missed + wanted, wanted)
            weight[columns] *= factor
            bias[columns] *= factor
    return Head(weight.astype(np.float32), bias.astype(np.float32), spreads.astype(np.float32))


def _embedded(vectors: Vectors, texts: Sequence[str], done: int, total: int, progress: Listener) -> NDArray[np.float32]:
    """Vectors of all texts; alike lengths go together, so that little is padding."""
    order = sorted(range(len(texts)), key=lambda i: (len(texts[i].encode()), i))
    found: NDArray[np.float32] | None = None
    for start in range(0, len(order), CHUNK):
        progress(Progress("encoder", done + start, total))
        some = order[start : start + CHUNK]
        rows = vectors([texts[i] for i in some])
        if found is None:
            found = np.zeros((len(texts), rows.shape[1]), dtype=np.float32)
        found[some] = rows
    progress(Progress("encoder", done + len(texts), total))
    assert found is not None
    return found


def _ridges(
    x: NDArray[np.float32], y: NDArray[np.float32], weight: NDArray[np.float32]
) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Weights (columns, width) and biases (columns,) for each penalty. Dimensions are brought to one scale first."""
    share = weight / weight.sum(dtype=np.float64)
    centre, mean = share @ x, share @ y
    scale = np.sqrt(share @ (x - centre) ** 2) + 1e-6
    scaled = ((x - centre) / scale).astype(np.float32)
    weighed = scaled * share[:, None].astype(np.float32)
    gram = (scaled.T @ weighed).astype(np.float64)
    target = (weighed.T @ (y - mean)).astype(np.float64)
    found = []
    for penalty in PENALTIES:
        lean = solve(gram + penalty * np.eye(len(gram)), target, assume_a="pos").T / scale
        found.append((lean, mean - lean @ centre))
    return found


def _sharpest(shares: NDArray, wanted: NDArray) -> float:
    """The factor by which a softmax of regressed shares makes the wanted styles likeliest."""

    def nats(factor: float) -> float:
        logits = shares * factor
        logits = logits - logits.max(axis=1, keepdims=True)
        log_shares = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        return -float((wanted * log_shares).sum())

    return min(FACTORS, key=nats)
