"""Learning SASRec: batches of windows, the softmax over all items (or a sample of many), Adam, and when to stop.

The original learns by one negative at a time (BCE); the softmax over the catalogue ranks much better (Klenitskiy &
Vasilev 2023; Petrov & Macdonald 2023 on why few negatives make it overconfident). Beyond ``FULL_SOFTMAX`` items a
sample is taken, the same for a batch, by popularity, its chances taken out again (Bengio & Senecal 2008).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yuefu.progress import Listener, Progress, ignore
from yuefu.recommend.histories import Histories
from yuefu.recommend.sasrec_network import (
    START_GAP,
    Array,
    Parameters,
    Shape,
    backward,
    forward,
    gap_steps,
    start,
    sums_by,
)

#: Up to so many items all are compared; beyond, so many sampled ones for each batch.
FULL_SOFTMAX, SAMPLED = 12_000, 2_048
#: Places whose scores over all items are held at once.
PLACES_AT_ONCE = 1_024
#: Listeners whose last item is kept aside to see when to stop.
MOST_CHECKED = 1_000


@dataclass(frozen=True, slots=True)
class Training:
    """steps and epochs: at most so many; patience: epochs, of ``least`` steps together, without getting better before
    it stops."""

    epochs: int = 30
    steps: int = 3_000
    batch: int = 1_024
    rate: float = 2e-3
    dropout: float = 0.4
    decay: float = 0.02
    patience: int = 3
    least: int = 100
    clip: float = 5.0


@dataclass(frozen=True, eq=False)
class Windows:
    """Stretches of sequences, padded behind. items: heard so far (the row behind the items is the beginning); gaps:
    steps of time until the target; targets: what came next, -1 where there is nothing."""

    items: NDArray[np.int64]
    gaps: NDArray[np.int64]
    targets: NDArray[np.int64]


def train(
    data: Histories, shape: Shape, training: Training, seed: int, progress: Listener = ignore, dtype: Any = np.float32
) -> tuple[Parameters, list[float]]:
    """Parameters that did best on the last items kept aside, and the loss on these after each epoch."""
    items, days, owner = _joined(data)
    popular = np.bincount(items, minlength=shape.items).astype(np.float64)
    p = start(shape, popular, seed, dtype)
    if not len(items):
        return p, []
    rng = np.random.default_rng([seed, 1])
    # Things of one moment have no order: each time they come in another one, also when some are kept aside.
    order = np.lexsort((rng.random(len(items)), days, owner))
    items, days = items[order], days[order]
    last = np.flatnonzero(np.diff(owner, append=-1))
    long = last[np.bincount(owner)[owner[last]] >= 3]
    aside = rng.permutation(long)[: min(MOST_CHECKED, len(long) // 5)]
    check = _before(items, days, owner, aside, shape)
    kept = np.ones(len(items), dtype=bool)
    kept[aside] = False
    items, days, owner = items[kept], days[kept], owner[kept]
    adam = Adam(p, training)
    full = shape.items <= FULL_SOFTMAX
    chance = (popular + 1.0) ** 0.75
    chance /= chance.sum()
    best, best_loss, waited, steps, reached, losses = p, np.inf, 0, 0, 0, []
    for epoch in range(training.epochs):
        order = np.lexsort((rng.random(len(items)), days, owner))
        for windows in _batches(items[order], days[order], owner, shape, training.batch, rng):
            negatives = None if full else np.unique(rng.choice(shape.items, SAMPLED, p=chance))
            _, gradient = loss_and_gradient(
                p, shape, windows, dropout=training.dropout, rng=rng, negatives=negatives, chance=chance
            )
            adam.step(p, gradient)
            steps += 1
            if steps >= training.steps:
                break
        loss = _loss(p, shape, check) if len(aside) else 0.0
        losses.append(loss)
        progress(Progress("sasrec", epoch + 1, training.epochs, f"{loss:.3f}"))
        if not len(aside) or loss < best_loss:
            best, best_loss, waited, reached = {name: value.copy() for name, value in p.items()}, loss, 0, steps
        else:
            waited += 1
        if (waited >= training.patience and steps - reached >= training.least) or steps >= training.steps:
            break
    return best, losses


def loss_and_gradient(
    p: Parameters,
    shape: Shape,
    windows: Windows,
    *,
    dropout: float = 0.0,
    rng: np.random.Generator | None = None,
    negatives: NDArray[np.int64] | None = None,
    chance: Array | None = None,
) -> tuple[float, Parameters]:
    """Mean cross-entropy of what came next, and its gradient. negatives: the items it is compared with, all when None;
    chance: how likely each item is to be among them."""
    out, kept = forward(p, shape, windows.items, windows.gaps, dropout=dropout, rng=rng, keep=True)
    where = np.nonzero(windows.targets >= 0)
    targets = windows.targets[where]
    known = out[where]
    d_known = np.empty_like(known)
    g_item, g_bias = np.zeros_like(p["item"]), np.zeros_like(p["bias"])
    loss = 0.0
    among = np.arange(shape.items) if negatives is None else np.union1d(negatives, targets)
    rows, bias = (p["item"][:-1], p["bias"]) if negatives is None else (p["item"][among], p["bias"][among])
    if negatives is not None and chance is not None:
        drawn = 1.0 - (1.0 - chance[among]) ** SAMPLED
        bias = bias - np.log(np.maximum(drawn, 1e-12)).astype(bias.dtype)
    place = targets if negatives is None else np.searchsorted(among, targets)
    d_rows, d_bias = np.zeros_like(rows), np.zeros_like(bias)
    for begin in range(0, len(known), PLACES_AT_ONCE):
        part = slice(begin, begin + PLACES_AT_ONCE)
        scores = known[part] @ rows.T
        scores += bias
        scores -= scores.max(axis=1, keepdims=True)
        line = np.arange(len(scores))
        right = scores[line, place[part]]
        np.exp(scores, out=scores)
        total = scores.sum(axis=1, keepdims=True)
        loss += float((np.log(total[:, 0]) - right).sum())
        scores /= total
        scores[line, place[part]] -= 1.0
        scores /= len(known)
        d_known[part] = scores @ rows
        d_rows += scores.T @ known[part]
        d_bias += scores.sum(axis=0)
    g_item[among] += d_rows
    g_bias[among] += d_bias
    d_out = np.zeros_like(out)
    d_out[where] = d_known
    gradient, d_input = backward(p, shape, windows.items, windows.gaps, kept, d_out)
    g_item += sums_by(windows.items.ravel(), d_input.reshape(-1, shape.width), len(g_item))
    return loss / max(len(known), 1), gradient | {"item": g_item, "bias": g_bias}


class Adam:
    """Kingma & Ba 2015, with decoupled weight decay (Loshchilov & Hutter 2019) of matrices and a limit of the step."""

    def __init__(self, p: Parameters, training: Training) -> None:
        self._training = training
        self._mean = {name: np.zeros_like(value) for name, value in p.items()}
        self._square = {name: np.zeros_like(value) for name, value in p.items()}
        self._count = 0

    def step(self, p: Parameters, gradient: Parameters) -> None:
        """Change the parameters in place."""
        self._count += 1
        length = float(np.sqrt(sum(float((value * value).sum()) for value in gradient.values())))
        shrink = min(1.0, self._training.clip / max(length, 1e-12))
        rate = self._training.rate * min(1.0, self._count / 30)
        first, second = 1.0 - 0.9**self._count, 1.0 - 0.98**self._count
        for name, value in p.items():
            change = gradient[name]
            if shrink < 1.0:
                change = change * np.asarray(shrink, dtype=change.dtype)
            mean, square = self._mean[name], self._square[name]
            mean += 0.1 * (change - mean)
            square += 0.02 * (change * change - square)
            if value.ndim > 1:
                value *= 1.0 - rate * self._training.decay
            value -= (rate / first) * mean / (np.sqrt(square / second) + 1e-8)


def windows_of(
    items: NDArray[np.int64], days: Array, owner: NDArray[np.int64], shape: Shape
) -> tuple[Windows, NDArray[np.int64]]:
    """All stretches of the sequences (joined, by owner), cut from the end as a question is, and how long each is."""
    counts = np.bincount(owner) if len(owner) else np.zeros(0, dtype=np.int64)
    firsts = np.concatenate([[0], np.cumsum(counts)])[:-1]
    at = np.arange(len(items)) - firsts[owner]
    back = counts[owner] - 1 - at
    window = back // shape.length
    # Of each window: its key, and the place of each of its items, counted from its first.
    key = owner * (int(window.max(initial=0)) + 1) + (window.max(initial=0) - window)
    _, begin, number, sizes = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
    place = np.arange(len(items)) - begin[number]
    before = np.where(at == 0, shape.items, np.roll(items, 1))
    gap = np.where(at == 0, START_GAP, gap_steps(days - np.roll(days, 1)))
    filled = (len(sizes), shape.length)
    found = Windows(np.full(filled, shape.items), np.full(filled, START_GAP), np.full(filled, -1))
    found.items[number, place], found.gaps[number, place], found.targets[number, place] = before, gap, items
    return found, sizes


def _batches(
    items: NDArray[np.int64], days: Array, owner: NDArray[np.int64], shape: Shape, most: int, rng: np.random.Generator
) -> Iterator[Windows]:
    """Windows of about the same length together, so many places at once, in a random order."""
    windows, sizes = windows_of(items, days, owner, shape)
    order = np.lexsort((rng.random(len(sizes)), sizes))
    batches, begin = [], 0
    ends = np.cumsum(sizes[order])
    while begin < len(order):
        done = ends[begin - 1] if begin else 0
        end = max(begin + 1, int(np.searchsorted(ends, done + most, side="right")))
        batches.append(order[begin:end])
        begin = end
    for number in rng.permutation(len(batches)):
        which = batches[number]
        length = int(sizes[which].max())
        yield Windows(*(part[which, :length] for part in (windows.items, windows.gaps, windows.targets)))


def _before(
    items: NDArray[np.int64], days: Array, owner: NDArray[np.int64], aside: NDArray[np.int64], shape: Shape
) -> Windows:
    """The questions whose answers are kept aside: what was heard before each, only the last target told."""
    windows, _ = windows_of(items, days, owner, shape)
    last = (windows.targets >= 0).sum(axis=1) - 1
    ends = np.flatnonzero(np.diff(owner, append=-1))
    # The last window of each owner holds their end.
    key_rows = {int(owner[end]): row for row, end in zip(_last_rows(windows, owner, shape), ends)}
    rows = np.array([key_rows[int(owner[at])] for at in aside], dtype=np.int64)
    targets = np.full_like(windows.targets[rows], -1)
    line = np.arange(len(rows))
    targets[line, last[rows]] = windows.targets[rows, last[rows]]
    return Windows(windows.items[rows], windows.gaps[rows], targets)


def _last_rows(windows: Windows, owner: NDArray[np.int64], shape: Shape) -> NDArray[np.int64]:
    counts = np.bincount(owner)
    counts = counts[counts > 0]
    return np.asarray(np.cumsum(-(-counts // shape.length)) - 1)


def _loss(p: Parameters, shape: Shape, windows: Windows) -> float:
    """Mean cross-entropy over all items, a part of the listeners at a time."""
    total, count = 0.0, 0
    for begin in range(0, len(windows.items), 128):
        part = slice(begin, begin + 128)
        out, _ = forward(p, shape, windows.items[part], windows.gaps[part])
        where = np.nonzero(windows.targets[part] >= 0)
        scores = out[where] @ p["item"][:-1].T + p["bias"]
        scores -= scores.max(axis=1, keepdims=True)
        right = scores[np.arange(len(scores)), windows.targets[part][where]]
        total += float((np.log(np.exp(scores).sum(axis=1)) - right).sum())
        count += len(scores)
    return total / max(count, 1)


def _joined(data: Histories) -> tuple[NDArray[np.int64], Array, NDArray[np.int64]]:
    nothing = np.zeros(0)
    items = np.concatenate([*data.sequences, nothing.astype(np.int64)])
    days = np.concatenate([*data.moments, nothing])
    owner = np.repeat(np.arange(len(data.sequences)), [len(sequence) for sequence in data.sequences])
    return items, days, owner
