"""What a player keeps up: a texture's bars drawn together, fills at the end, crashes after them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from yuefu.engines.texture import CHANNELS_OF, DRUM_NAMES, DRUMS, ROWS, STEP, Roll

Floats = NDArray[np.float32]
#: How much of each bar is what its stretch usually does, by row: 0 for none, 1 for all.
HOLD = {"drums": 0.25, "bass": 0.1, "keys": 0.1}
#: Most strokes of the snare in a bar that isn't a fill.
SNARES = 5
_HOLDS = np.concatenate([np.full(CHANNELS_OF[row].stop - CHANNELS_OF[row].start, HOLD[row]) for row in ROWS])[:, None]
_CRASH, _HAT, _RIDE, _SNARE = (DRUM_NAMES.index(name) for name in ("crash", "closed hat", "ride", "snare"))


def held(logits: Floats, fills: NDArray[np.bool_], changes: NDArray[np.bool_], ticks: int) -> Roll:
    """Textures (n, bars, CHANNELS, STEPS) of logits, each bar drawn to what its stretch usually does.

    fills, changes: by bar; bars in which the chord changes are drawn to each other, others likewise. A fill begins in
    the middle of its bar, and the bar after it with a crash.
    """
    out = logits.copy()
    for change in (False, True):
        own = np.flatnonzero(changes == change)
        usual = own[~fills[own]] if (~fills[own]).any() else own
        if len(own):
            mean = logits[:, usual].mean(axis=1, keepdims=True)
            out[:, own] = _HOLDS * mean + (1 - _HOLDS) * logits[:, own]
    if (~fills).any():
        out[:, ~fills, _SNARE] = _struck_less(out[:, ~fills, _SNARE])
    half = ticks // STEP // 2
    for bar in np.flatnonzero(fills).tolist():
        plain = np.flatnonzero(~fills)
        if len(plain):
            out[:, bar, DRUMS, :half] = out[:, plain[np.abs(plain - bar).argmin()], DRUMS, :half]
        out[:, bar, DRUMS, half:] = logits[:, bar, DRUMS, half:]
    rolls: Roll = out > 0
    after = np.concatenate([[True], fills[:-1]])
    _on_time(rolls, np.flatnonzero(~after))
    for bar in np.flatnonzero(after)[1:].tolist():
        rolls[:, bar, _CRASH, 0] |= rolls[:, bar, DRUMS, 0].any(axis=1)
    return rolls


def _struck_less(snare: Floats) -> Floats:
    """Logits of a snare (n, bars, STEPS) of which the ``SNARES`` likeliest of each bar stay: the others were ghost
    notes, which rolls can't tell from strokes."""
    least = np.sort(snare, axis=2)[:, :, -SNARES, None]
    return np.where(snare >= least, snare, np.minimum(snare, -1.0)).astype(np.float32)


def _on_time(rolls: Roll, bars: NDArray[np.integer]) -> None:
    """Play what cymbals crash within a stretch on the hat, or on the ride where that keeps time."""
    here = rolls[:, bars]
    crash = here[:, :, _CRASH]
    rides = here[:, :, _RIDE].sum(axis=(1, 2)) > here[:, :, _HAT].sum(axis=(1, 2))
    here[:, :, _RIDE] |= crash & rides[:, None, None]
    here[:, :, _HAT] |= crash & ~rides[:, None, None]
    here[:, :, _CRASH] = False
    rolls[:, bars] = here
