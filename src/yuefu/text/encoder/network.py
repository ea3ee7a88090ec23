"""The encoder's network in numpy. ``yuefu.training.words.model`` holds the same equations in torch, where it learns.

x[i] = norm(mean of the unit's table rows + its lexicon rating's vector); three blocks of gated convolutions over
neighbouring units (negation, degree and contrast reach their words there); attention pools the units into
one vector of ``len(pools) * width``, and with what the rules read, a hidden layer feeds the heads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from yuefu.text.encoder.units import Unit, features_of

Array = NDArray[np.float32]
#: Units that a convolution sees.
KERNEL = 7
#: Multiplications up to which OpenBLAS doesn't start threads.
ONE_THREAD = 250_000
#: Numbers that the rules add: valence, arousal, whether any word was rated.
RULES = 3


@dataclass(frozen=True)
class Weights:
    """arrays: named float32 arrays; heads: head -> its slice of the last layer's outputs."""

    arrays: Mapping[str, Array]
    heads: Mapping[str, tuple[int, int]]


@cache
def shipped_weights() -> Weights:
    """The weights in the package: int8 with a scale a row, except vectors, which are float16."""
    with resources.files("yuefu.text.encoder").joinpath("weights.npz").open("rb") as file, np.load(file) as saved:
        return unpacked({name: saved[name] for name in saved.files})


def unpacked(saved: Mapping[str, NDArray]) -> Weights:
    """Weights from what ``packed`` wrote."""
    arrays = {name: saved[name].astype(np.float32) for name in saved if not name.startswith("head:")}
    for name in [name for name in arrays if name.endswith(".scale")]:
        arrays[name.removesuffix(".scale")] *= arrays.pop(name)
    heads = {name[5:]: (int(saved[name][0]), int(saved[name][1])) for name in saved if name.startswith("head:")}
    return Weights(arrays, heads)


def packed(weights: Weights) -> dict[str, NDArray]:
    """Weights as small arrays for ``numpy.savez_compressed``."""
    out: dict[str, NDArray] = {f"head:{name}": np.array(place) for name, place in weights.heads.items()}
    for name, array in weights.arrays.items():
        if array.ndim < 2:
            out[name] = array.astype(np.float16)
            continue
        scale = np.abs(array).max(axis=-1, keepdims=True) / 127 + 1e-12
        out[name] = np.round(array / scale).astype(np.int8)
        out[f"{name}.scale"] = scale.astype(np.float32)
    return out


def run(
    weights: Weights,
    units: Sequence[Unit],
    rules: Sequence[Sequence[float]],
    without: Sequence[tuple[int, int]] = (),
) -> tuple[Array, Array]:
    """Outputs (texts, heads' width) and vectors (texts, hidden) of a text, and of the text without some stretches.

    rules: what the rules read, one for the whole text and one for each of ``without``, (start, end) of the units
    that are left out.
    """
    a = weights.arrays
    x = np.repeat(_embed(a, units)[None], 1 + len(without), axis=0)
    there = np.ones((*x.shape[:2], 1), dtype=np.float32)
    for row, (start, end) in enumerate(without, 1):
        there[row, start:end] = 0
    for block in range(sum(name.endswith(".conv.weight") for name in a)):
        x = x + _block(a, block, x, there)
    scores = np.where(there > 0, _product(x, a["pool.query"]), -1e9)
    share = np.exp(scores - scores.max(axis=1, keepdims=True))
    share /= share.sum(axis=1, keepdims=True)
    pooled = (share.transpose(0, 2, 1) @ x).reshape(len(x), -1)
    pooled = np.concatenate([pooled, np.asarray(rules, dtype=np.float32)], axis=1)
    hidden = _gelu(_product(pooled, a["hidden.weight"]) + a["hidden.bias"])
    return _product(hidden, a["out.weight"]) + a["out.bias"], hidden


def _product(x: Array, weight: Array) -> Array:
    """``x @ weight.T`` by few rows at a time, so that BLAS keeps to one thread: several would wait for each other
    far longer than such small products take, on a machine whose other cores are busy."""
    flat = x.reshape(-1, x.shape[-1])
    out = np.empty((len(flat), len(weight)), dtype=np.float32)
    rows = max(1, ONE_THREAD // weight.size)
    for start in range(0, len(flat), rows):
        np.matmul(flat[start : start + rows], weight.T, out=out[start : start + rows])
    return out.reshape(*x.shape[:-1], len(weight))


def _embed(a: Mapping[str, Array], units: Sequence[Unit]) -> Array:
    rows = np.zeros((max(len(units), 1), a["table"].shape[1]), dtype=np.float32)
    for place, unit in enumerate(units):
        ids = features_of(units, place)
        rows[place] = a["table"][ids].sum(axis=0) / len(ids) ** 0.5
        if unit.rating is not None:
            rows[place] += a["lexicon.weight"] @ np.array([*unit.rating, 1.0], dtype=np.float32)
    return _norm(rows, a["embed.norm.weight"], a["embed.norm.bias"])


def _block(a: Mapping[str, Array], block: int, x: Array, there: Array) -> Array:
    """A gated convolution over ``KERNEL`` units, as a matrix product over the neighbours side by side."""
    y = _norm(x, a[f"block.{block}.norm.weight"], a[f"block.{block}.norm.bias"]) * there
    half = KERNEL // 2
    padded = np.pad(y, ((0, 0), (half, half), (0, 0)))
    seen = np.concatenate([padded[:, i : i + y.shape[1]] for i in range(KERNEL)], axis=2)
    both = _product(seen, a[f"block.{block}.conv.weight"]) + a[f"block.{block}.conv.bias"]
    value, gate = np.split(both, 2, axis=2)
    return _product(value / (1 + np.exp(-gate)), a[f"block.{block}.out.weight"])


def _norm(x: Array, weight: Array, bias: Array) -> Array:
    centred = x - x.mean(axis=-1, keepdims=True)
    normal: Array = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-5) * weight + bias
    return normal


def _gelu(x: Array) -> Array:
    """The tanh form, as torch's ``gelu(approximate="tanh")``."""
    curved: Array = 0.5 * x * (1 + np.tanh(0.7978845608 * (x + 0.044715 * x**3)))
    return curved
