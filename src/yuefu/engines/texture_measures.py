"""How far two sets of textures are from each other, and what a set is like, in numbers that a musician can read."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from yuefu.engines.texture import BARS, CHANNELS_OF, DRUM_NAMES, KEYS, KEYS_HELD, ONSETS_OF, Roll

Floats = NDArray[np.float32]


def _flat(rolls: Roll) -> Floats:
    return rolls.reshape(len(rolls), -1).astype(np.float32)


def distances(one: Roll, other: Roll) -> Floats:
    """(n, m): the root of the number of cells in which two phrases differ."""
    a, b = _flat(one), _flat(other)
    return np.sqrt(np.maximum(a.sum(axis=1)[:, None] + b.sum(axis=1)[None] - 2 * a @ b.T, 0.0))


def energy_distance(one: Roll, other: Roll) -> float:
    """Székely's distance of two samples, as a share of how far phrases of both lie apart: 0 for one distribution.

    Pairs of a phrase with itself aren't counted, so that two samples of one distribution come out about 0.
    """
    n, m = len(one), len(other)
    if n < 2 or m < 2:
        return 0.0
    across = float(distances(one, other).mean())
    within = float(distances(one, one).sum()) / (n * (n - 1)) + float(distances(other, other).sum()) / (m * (m - 1))
    return (2 * across - within) / max(2 * across, 1e-9)


def row_of(rolls: Roll, row: str) -> Roll:
    """A row's channels of phrases."""
    return rolls[:, :, CHANNELS_OF[row]]


def coverage(made: Roll, real: Roll, near: int = 3) -> tuple[float, float]:
    """Precision and recall (Kynkäänniemi et al., 2019): the share of made phrases that lie within the reach of a real
    one, and of real ones within that of a made one; a reach is the distance to the n-th nearest of its own kind."""

    def reach(rolls: Roll) -> Floats:
        own = np.sort(distances(rolls, rolls), axis=1)
        return own[:, min(near, own.shape[1] - 1)]

    across = distances(made, real)
    return (
        float((across <= reach(real)[None]).any(axis=1).mean()),
        float((across <= reach(made)[:, None]).any(axis=0).mean()),
    )


def told_apart(made: Roll, real: Roll) -> float:
    """How often a phrase's nearest neighbour among both sets is of its own set (Lopez-Paz & Oquab, 2017): .5 when they
    can't be told apart, 1 when always; as many of each are taken."""
    count = min(len(made), len(real))
    both = np.concatenate([made[:count], real[:count]])
    away = distances(both, both)
    np.fill_diagonal(away, np.inf)
    own = np.arange(2 * count) < count
    return float((own[away.argmin(axis=1)] == own).mean())


def describe(rolls: Roll, row: str, steps: int = 16) -> dict[str, float]:
    """What a row is like in phrases (n, BARS, CHANNELS, STEPS), on average."""
    own = rolls[:, :, ONSETS_OF[row], :steps]
    any_at = np.any(own, axis=2)
    count = own.sum(axis=(2, 3))
    flat = row_of(rolls, row).reshape(len(rolls), BARS, -1)
    same = (flat[:, 1:] ^ flat[:, :-1]).sum(axis=2) == 0
    both = (flat[:, 1:] & flat[:, :-1]).sum(axis=2) / np.maximum((flat[:, 1:] | flat[:, :-1]).sum(axis=2), 1)
    offbeat = any_at[:, :, np.flatnonzero(np.arange(steps) % 4)].sum() / max(any_at.sum(), 1)
    found = {
        "onsets": float(count.mean()),
        "empty_bars": float((count == 0).mean()),
        "together": float(count.sum() / max(any_at.sum(), 1)),
        "offbeat": float(offbeat),
        "bars_repeated": float(same.mean()),
        "bars_alike": float(both.mean()),
    }
    if row == "drums":
        found |= _of_drums(own)
    if row == "keys":
        sounding = rolls[:, :, KEYS, :steps] | rolls[:, :, KEYS_HELD, :steps]
        found["polyphony"] = float(sounding.sum(axis=2).mean())
        long = rolls[:, :, KEYS_HELD, :steps].sum() / max(own.sum(), 1) + 1
        found["qualified"] = float(_at_least_quavers(rolls, steps))
        found["steps_long"] = float(long)
    return found


def _at_least_quavers(rolls: Roll, steps: int) -> float:
    """The share of keys' notes that last two steps or more: 'qualified notes'."""
    onset, held = rolls[:, :, KEYS, :steps], rolls[:, :, KEYS_HELD, :steps]
    return float((onset[..., :-1] & held[..., 1:]).sum() / max(onset[..., :-1].sum(), 1))


def _of_drums(own: Roll) -> dict[str, float]:
    lane = {name: own[:, :, number] for number, name in enumerate(DRUM_NAMES)}
    steps = own.shape[-1]
    backbeat = lane["snare"] | lane["rim"] | lane["clap"]
    found = {
        "kick_on_one": float(lane["kick"][..., 0].mean()),
        "quavers": float(own[..., ::2].any(axis=2).sum() / max(own.any(axis=2).sum(), 1)),
        "hats_and_ride": float((lane["closed hat"] | lane["open hat"] | lane["ride"]).sum(axis=2).mean()),
        "toms": float((lane["low tom"] | lane["high tom"]).sum(axis=2).mean()),
        "hands_over_two": float(
            (own.sum(axis=2) - lane["kick"] - lane["pedal hat"] > 2).sum() / max(own.any(axis=2).sum(), 1)
        ),
    }
    if steps == 16:
        found["backbeat"] = float((backbeat[..., 4] & backbeat[..., 12]).mean())
    return found


def marginals(rolls: Roll, row: str) -> Floats:
    """(channels, steps): how often each onset is set."""
    return rolls[:, :, ONSETS_OF[row]].mean(axis=(0, 1)).astype(np.float32)


def apart(one: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    """The differences of two descriptions."""
    return {name: one[name] - other[name] for name in one if name in other}
