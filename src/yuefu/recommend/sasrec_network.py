"""The network of SASRec, forwards and backwards in numpy: causal self-attention over what was heard.

Sequences are padded behind, where causal attention never looks from a real place, so no mask of the padding is needed.
Each place also knows how long it was until what came next (the time until the question, when asked), in coarse steps:
what goes on in one sitting differs from what begins another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Parameters = dict[str, Array]

#: Ends of the steps of time until what comes next, in days: the same moment, a minute, an hour ... longer than a year.
GAPS = np.array([0.0, 0.003, 0.042, 0.25, 1.0, 3.0, 7.0, 32.0, 93.0, 366.0])
#: The step of a place before which there is nothing: the beginning.
START_GAP = len(GAPS) + 1
_EPSILON = 1e-6


@dataclass(frozen=True, slots=True)
class Shape:
    """length: places that are looked at; width: numbers of an item; layers, heads: of attention."""

    items: int
    length: int = 50
    width: int = 64
    layers: int = 2
    heads: int = 2


def gap_steps(days: Array) -> NDArray[np.int64]:
    """The step of each time until what comes next.

    >>> gap_steps(np.array([0, 0.5, 1000])).tolist()
    [0, 4, 10]
    """
    return np.searchsorted(GAPS, np.maximum(days, 0.0), side="left").astype(np.int64)


def start(shape: Shape, popular: Array, seed: int, dtype: Any = np.float32) -> Parameters:
    """Parameters before learning. popular: how often each item was played; the answer begins as popularity."""
    rng = np.random.default_rng([seed, 0])
    width = shape.width

    def normal(*sides: int, scale: float = 0.02) -> Array:
        return (rng.standard_normal(sides) * scale).astype(dtype)

    # The row behind the items stands before the first of them.
    found: Parameters = {
        "item": normal(shape.items + 1, width, scale=0.05),
        "place": normal(shape.length, width),
        "gap": normal(START_GAP + 1, width),
        "bias": np.log((popular + 1.0) / (popular + 1.0).sum()).astype(dtype),
    }
    for layer in range(shape.layers):
        scale = width**-0.5
        found |= {
            f"{layer}.norm1": np.ones(width, dtype), f"{layer}.norm1b": np.zeros(width, dtype),
            f"{layer}.qkv": normal(width, 3 * width, scale=scale), f"{layer}.qkvb": np.zeros(3 * width, dtype),
            f"{layer}.out": normal(width, width, scale=scale * 0.5), f"{layer}.outb": np.zeros(width, dtype),
            f"{layer}.norm2": np.ones(width, dtype), f"{layer}.norm2b": np.zeros(width, dtype),
            f"{layer}.up": normal(width, 2 * width, scale=scale), f"{layer}.upb": np.zeros(2 * width, dtype),
            f"{layer}.down": normal(2 * width, width, scale=scale * 0.5), f"{layer}.downb": np.zeros(width, dtype),
        }  # fmt: skip
    return found | {"norm": np.ones(width, dtype), "normb": np.zeros(width, dtype)}


def forward(
    p: Parameters,
    shape: Shape,
    items: NDArray[np.int64],
    gaps: NDArray[np.int64],
    *,
    dropout: float = 0.0,
    rng: np.random.Generator | None = None,
    keep: bool = False,
) -> tuple[Array, list[Any]]:
    """What is known at each place (listeners, places, width), and with ``keep`` what going back needs."""
    count, length = items.shape
    heads, each = shape.heads, shape.width // shape.heads
    kept: list[Any] = []
    x = p["item"][items] + p["place"][:length] + p["gap"][gaps]
    x, dropped = _drop(x, dropout, rng)
    kept.append(dropped)
    later = np.triu(np.ones((length, length), dtype=bool), 1)
    scale = np.asarray(each**-0.5, dtype=x.dtype)
    for layer in range(shape.layers):
        h, norm1 = _norm(x, p[f"{layer}.norm1"], p[f"{layer}.norm1b"])
        qkv = (h @ p[f"{layer}.qkv"] + p[f"{layer}.qkvb"]).reshape(count, length, 3, heads, each)
        q, k, v = (np.ascontiguousarray(qkv[:, :, at].transpose(0, 2, 1, 3)) for at in range(3))
        looked = q @ k.transpose(0, 1, 3, 2)
        looked *= scale
        looked[:, :, later] = -np.inf
        looked -= looked.max(axis=-1, keepdims=True)
        np.exp(looked, out=looked)
        looked /= looked.sum(axis=-1, keepdims=True)
        o = (looked @ v).transpose(0, 2, 1, 3).reshape(count, length, shape.width)
        y, dropped1 = _drop(o @ p[f"{layer}.out"] + p[f"{layer}.outb"], dropout, rng)
        x = x + y
        h2, norm2 = _norm(x, p[f"{layer}.norm2"], p[f"{layer}.norm2b"])
        up = np.maximum(h2 @ p[f"{layer}.up"] + p[f"{layer}.upb"], 0.0)
        y, dropped2 = _drop(up @ p[f"{layer}.down"] + p[f"{layer}.downb"], dropout, rng)
        x = x + y
        if keep:
            kept.append((h, norm1, q, k, v, looked, o, dropped1, h2, norm2, up, dropped2))
    out, norm = _norm(x, p["norm"], p["normb"])
    kept.append(norm)
    return out, kept


def backward(
    p: Parameters,
    shape: Shape,
    items: NDArray[np.int64],
    gaps: NDArray[np.int64],
    kept: list[Any],
    d_out: Array,
) -> tuple[Parameters, Array]:
    """Gradients of all but the items' own rows, and the gradient at each place of the input (for these rows)."""
    count, length = items.shape
    heads, each = shape.heads, shape.width // shape.heads
    g: Parameters = {}
    dx, g["norm"], g["normb"] = _norm_back(d_out, kept[-1], p["norm"])
    scale = np.asarray(each**-0.5, dtype=dx.dtype)
    for layer in reversed(range(shape.layers)):
        h, norm1, q, k, v, looked, o, dropped1, h2, norm2, up, dropped2 = kept[1 + layer]
        dy = _drop_back(dx, dropped2)
        d_up, g[f"{layer}.down"], g[f"{layer}.downb"] = _linear_back(dy, up, p[f"{layer}.down"])
        d_up = d_up * (up > 0)
        d_h2, g[f"{layer}.up"], g[f"{layer}.upb"] = _linear_back(d_up, h2, p[f"{layer}.up"])
        d_norm, g[f"{layer}.norm2"], g[f"{layer}.norm2b"] = _norm_back(d_h2, norm2, p[f"{layer}.norm2"])
        dx = dx + d_norm
        dy = _drop_back(dx, dropped1)
        d_o, g[f"{layer}.out"], g[f"{layer}.outb"] = _linear_back(dy, o, p[f"{layer}.out"])
        d_o = np.ascontiguousarray(d_o.reshape(count, length, heads, each).transpose(0, 2, 1, 3))
        d_v = looked.transpose(0, 1, 3, 2) @ d_o
        d_looked = d_o @ v.transpose(0, 1, 3, 2)
        d_looked -= (d_looked * looked).sum(axis=-1, keepdims=True)
        d_looked *= looked
        d_looked *= scale
        d_q, d_k = d_looked @ k, d_looked.transpose(0, 1, 3, 2) @ q
        d_qkv = np.stack([part.transpose(0, 2, 1, 3) for part in (d_q, d_k, d_v)], axis=2)
        d_h, g[f"{layer}.qkv"], g[f"{layer}.qkvb"] = _linear_back(
            d_qkv.reshape(count, length, 3 * shape.width), h, p[f"{layer}.qkv"]
        )
        d_norm, g[f"{layer}.norm1"], g[f"{layer}.norm1b"] = _norm_back(d_h, norm1, p[f"{layer}.norm1"])
        dx = dx + d_norm
    dx = _drop_back(dx, kept[0])
    g["place"] = np.zeros_like(p["place"])
    g["place"][:length] = dx.sum(axis=0)
    g["gap"] = sums_by(gaps.ravel(), dx.reshape(-1, shape.width), len(p["gap"]))
    return g, dx


def sums_by(rows: NDArray[np.int64], values: Array, count: int) -> Array:
    """(count, width) sums of the values of each row.

    >>> sums_by(np.array([1, 0, 1]), np.array([[1.0], [2.0], [3.0]]), 3).ravel().tolist()
    [2.0, 4.0, 0.0]
    """
    order = np.argsort(rows, kind="stable")
    found = np.zeros((count, values.shape[1]), dtype=values.dtype)
    which, first = np.unique(rows[order], return_index=True)
    if len(which):
        found[which] = np.add.reduceat(values[order], first, axis=0)
    return found


def _norm(x: Array, weight: Array, bias: Array) -> tuple[Array, tuple[Array, Array]]:
    centred = x - x.mean(axis=-1, keepdims=True)
    spread = 1.0 / np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + np.asarray(_EPSILON, dtype=x.dtype))
    plain = centred * spread
    return plain * weight + bias, (plain, spread)


def _norm_back(dy: Array, kept: tuple[Array, Array], weight: Array) -> tuple[Array, Array, Array]:
    plain, spread = kept
    around = (0, 1)
    d_plain = dy * weight
    dx = d_plain - d_plain.mean(axis=-1, keepdims=True) - plain * (d_plain * plain).mean(axis=-1, keepdims=True)
    return dx * spread, (dy * plain).sum(axis=around), dy.sum(axis=around)


def _linear_back(dy: Array, x: Array, weight: Array) -> tuple[Array, Array, Array]:
    flat = dy.reshape(-1, dy.shape[-1])
    return dy @ weight.T, x.reshape(-1, x.shape[-1]).T @ flat, flat.sum(axis=0)


def _drop(x: Array, rate: float, rng: np.random.Generator | None) -> tuple[Array, Array | None]:
    if not rate or rng is None:
        return x, None
    kept = (rng.random(x.shape, dtype=np.float32) >= rate).astype(x.dtype) / np.asarray(1.0 - rate, dtype=x.dtype)
    return x * kept, kept


def _drop_back(dy: Array, kept: Array | None) -> Array:
    return dy if kept is None else dy * kept
