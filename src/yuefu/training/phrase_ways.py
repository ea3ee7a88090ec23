"""How phrases lie in the latent space of a trained network, and which ways in it are which attributes."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from yuefu.engines.phrase_space import PhraseSpace
from yuefu.models.phrase_vae import PhraseVae
from yuefu.tokens.phrase_attributes import beat_steps, drum_bars, line_bars
from yuefu.tokens.phrases import LOWEST_PITCH, PHRASE_ROWS, STRUCK, Phrase
from yuefu.training.phrase_bank import METER_NAMES, Bank
from yuefu.training.phrase_task import phrases_at

#: Phrases that are looked at to tell how they lie, and to tell what a step along a way does.
_LOOKED, _TRIED = 3000, 60
#: Ridges of the regression of points on attributes, and of the inverse of what was tried.
_RIDGE, _DAMP = 10.0, 0.05
#: How far the ways are tried, in standard deviations.
_TRY = 0.75


def some(starts: NDArray[np.int64], count: int, seed: int) -> NDArray[np.int64]:
    """At most so many of the starts, drawn by ``seed``, in order."""
    order = np.random.default_rng(seed).permutation(len(starts))
    return np.sort(starts[order[:count]])


def space_of(
    model: PhraseVae, bank: Bank, row: str
) -> tuple[dict[str, NDArray], NDArray[np.float64], NDArray[np.float64]]:
    """How a row's phrases lie in the latent space.

    Arrays by name: ROW_mean (4 x latent) and ROW_root (4 x latent, square), so that mean + root @ noise is a phrase of
    four bars as the corpus has them; ROW_ways (attributes, latent): where a bar moves for a standard deviation more of
    one attribute, the others unchanged; ROW_scale: the attributes' means and standard deviations. And these two.
    """
    starts = bank.starts(4, "train")
    starts = some(starts[bank.row[starts] == PHRASE_ROWS.index(row)], _LOOKED, 7)
    means, spreads, measured = [], [], []
    for first in range(0, len(starts), 256):
        own = starts[first : first + 256]
        phrases = phrases_at(bank, own, 4)
        steps = torch.from_numpy(phrases.steps.astype(np.float32 if row == "drums" else np.int64))
        with torch.no_grad():
            mean, spread = model.encode(
                model.told(steps, torch.from_numpy(phrases.heard.astype(np.int64))),
                torch.from_numpy(phrases.chords.astype(np.int64)), torch.from_numpy(phrases.condition),
            )  # fmt: skip
        means.append(mean.numpy())
        spreads.append(spread.exp().numpy())
        for each, length, meter in zip(phrases.steps, phrases.length, bank.meter[own], strict=True):
            measured.append(_measured(each[:, :length], row, METER_NAMES[meter]))
    points = np.concatenate(means)
    flat = points.reshape(len(points), -1)
    cover = np.cov(flat.T) + np.diag(np.concatenate(spreads).reshape(len(points), -1).mean(axis=0))
    root = np.linalg.cholesky(cover + 1e-6 * np.eye(len(cover)))
    bars, numbers = points.reshape(-1, points.shape[-1]), np.concatenate(measured)
    good = np.isfinite(numbers).all(axis=1)
    numbers, bars = numbers[good], bars[good]
    middle, wide = numbers.mean(axis=0), numbers.std(axis=0)
    scaled = (numbers - middle) / np.maximum(wide, 1e-6)
    ways = np.linalg.solve(scaled.T @ scaled + _RIDGE * np.eye(len(middle)), scaled.T @ (bars - bars.mean(axis=0)))
    scale = np.stack([middle, wide])
    arrays = {f"{row}_mean": flat.mean(axis=0), f"{row}_root": root, f"{row}_ways": ways, f"{row}_scale": scale}
    return {name: values.astype(np.float16) for name, values in arrays.items()}, middle, wide


def responses(
    space: PhraseSpace, bank: Bank, row: str, wide: NDArray[np.float64], split: str = "valid", tried: int = _TRIED,
    by: float = _TRY,
) -> NDArray[np.float64]:  # fmt: skip
    """(asked, measured): what each attribute of decoded phrases does, in standard deviations, for one more of
    another."""
    ways = space.ways(row)
    starts = bank.starts(4, split)
    starts = some(starts[bank.row[starts] == PHRASE_ROWS.index(row)], tried, 11)
    found = []
    for start in starts.tolist():
        phrase = phrase_at(bank, start, 4)
        own = space.encode(phrase)
        points = np.concatenate([own + by * ways[:, None], own - by * ways[:, None]])
        steps = space.decode(points.astype(np.float32), phrase).steps
        values = np.array([_mean(_measured(each, row, phrase.meter)) for each in steps])
        change = (values[: len(ways)] - values[len(ways) :]) / (2 * by * np.maximum(wide, 1e-6))
        if np.isfinite(change).all():
            found.append(change)
    table: NDArray[np.float64] = np.mean(found, axis=0) if found else np.zeros((len(ways), len(wide)))
    return table


def calibrated(ways: NDArray, table: NDArray[np.float64]) -> NDArray[np.float16]:
    """Ways that do what they say: one attribute by a standard deviation, the others as little as can be."""
    inverse = np.linalg.solve(table.T @ table + _DAMP * np.eye(len(table)), table.T)
    sizes = np.abs(np.diag(inverse))
    inverse *= np.minimum(1.0, 3.0 / np.maximum(sizes, 1e-6))[:, None]
    found: NDArray[np.float16] = (inverse @ ways).astype(np.float16)
    return found


def phrase_at(bank: Bank, start: int, bars: int) -> Phrase:
    """A bank's phrase as the runtime takes it."""
    length = int(bank.length[start])
    steps, chords, before = bank.cut(np.array([start]), bars)
    first = int(before[0])
    return Phrase(
        PHRASE_ROWS[int(bank.row[start])], METER_NAMES[int(bank.meter[start])], bool(bank.minor[start]),
        steps[0, :, :length], chords[0, :, :length], first - STRUCK + LOWEST_PITCH if first >= STRUCK else 0,
    )  # fmt: skip


def _measured(steps: NDArray, row: str, meter: str) -> NDArray[np.float64]:
    return (drum_bars if row == "drums" else line_bars)(steps, beat_steps(meter))


def _mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    good = np.isfinite(values).all(axis=1)
    return values[good].mean(axis=0) if good.any() else np.full(values.shape[1], np.nan)
