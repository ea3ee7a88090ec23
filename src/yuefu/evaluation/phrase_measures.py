"""How near phrases are to what they should be, step by step."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from yuefu.tokens.phrases import STRUCK


def line_measures(wanted: NDArray, found: NDArray, mask: NDArray[np.bool_]) -> dict[str, float]:
    """Lines (n, bars, steps) as sayings: onset_f1; pitch, the share of the wanted notes struck there at that pitch;
    near, those at most a whole tone off; steps, the share of steps that say the same; whole, of bars without a
    difference. mask: steps that count."""
    onset, got = (wanted >= STRUCK) & mask, (found >= STRUCK) & mask
    both = onset & got
    off = np.abs(wanted.astype(int) - found.astype(int))
    same = (wanted == found) | ~mask
    return {
        "onset_f1": _f1(onset, got),
        "pitch": float((both & (off == 0)).sum() / max(onset.sum(), 1)),
        "near": float((both & (off <= 2)).sum() / max(onset.sum(), 1)),
        "steps": float(same[mask].mean()),
        "whole": float(same.all(axis=-1).mean()),
    }


def drum_measures(wanted: NDArray[np.bool_], found: NDArray[np.bool_], mask: NDArray[np.bool_]) -> dict[str, float]:
    """Drums (n, bars, steps, lanes): hit_f1 over all lanes, onset_f1 over steps, whole: bars without a difference."""
    count = mask[..., None]
    return {
        "hit_f1": _f1(wanted & count, found & count),
        "onset_f1": _f1(np.any(wanted & count, axis=-1), np.any(found & count, axis=-1)),
        "whole": float(((wanted == found) | ~count).all(axis=(-1, -2)).mean()),
    }


def _f1(wanted: NDArray, found: NDArray) -> float:
    return float(2 * (wanted & found).sum() / max(int(wanted.sum() + found.sum()), 1))
