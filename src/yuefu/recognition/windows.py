"""Windows of a piece: what the network is shown at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from yuefu.analysis.bar_roll import ROWS, STATS, STEPS, BarRoll

#: Bars of a window. A shorter piece is heard again until it fills one.
BARS = 16
#: Windows of a long piece that are looked at, spread over it evenly.
MOST = 8


def starts_of(bars: int, most: int = MOST) -> list[int]:
    """Where windows begin in a piece of so many bars: side by side, or spread where that would be too many.

    >>> starts_of(16), starts_of(40), starts_of(400, 3)
    ([0], [0, 12, 24], [0, 192, 384])
    """
    if bars <= BARS:
        return [0]
    count = min(-(-bars // BARS), most)
    return [round(place) for place in np.linspace(0, bars - BARS, count)]


def windows_of(roll: BarRoll, most: int = MOST) -> tuple[list[int], NDArray[np.float32], NDArray[np.float32]]:
    """A piece's windows: their first bars, rows float32 (n, BARS, ROWS, STEPS), stats float32 (n, BARS, stats).

    Silence before and after the music is left out; starts are counted from the piece's first bar. An empty piece has
    no windows.
    """
    used = roll.sounding
    inside = BarRoll(roll.rows[used], roll.stats[used], roll.key)
    if not len(inside):
        return [], np.zeros((0, BARS, ROWS, STEPS), np.float32), np.zeros((0, BARS, len(STATS)), np.float32)
    whole = inside.looped(BARS)
    starts = starts_of(len(whole), most)
    rows = np.stack([whole.rows[s : s + BARS] for s in starts]).astype(np.float32)
    stats = np.stack([whole.stats[s : s + BARS] for s in starts])
    return [s + used.start for s in starts], rows, stats
