"""What the counting engine goes by: chains of facts, from the coarse to the fine, hashed to short keys."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from yuefu.engines.reader import LABELS, Place, kind_of

#: Each chain backs off from all of its facts to the first one, and on to the row and the kind of the last token.
CHAINS = (
    ("grid", "quarter", "meter", "last"),
    ("same", "earlier", "last"),
    ("left", "quarter", "grid"),
    ("last", "pitch", "before"),
    ("pitch", "before", "root"),
    ("root", "quality", "pitch"),
    ("last", "root", "quality"),
    ("tune", "root", "last"),
    ("style", "quarter", "grid", "last"),
    ("phrase", "root", "quarter"),
)
#: Kinds of the last token that are told apart; any other is the beginning of a cell.
KINDS = ("", "POS", "PITCH", "DUR", "HOLD", "ROOT", "QUALITY", "CBASS", "NC", "HIT")
STATES = len(LABELS) * len(KINDS)
_FACTOR = 0x9E3779B97F4A7C15
_MASK = 0xFFFFFFFFFFFFFFFF
_FIELDS = [[Place._fields.index(name) for name in chain] for chain in CHAINS]


@cache
def _kind_number(token: int) -> int:
    kind = kind_of(token)
    return KINDS.index(kind) if kind in KINDS else 0


def state_of(place: Place) -> int:
    """The row and the kind of the last token as one number."""
    return place.row * len(KINDS) + _kind_number(place.last)


def keys_of(place: Place, order: int = 9) -> tuple[int, list[list[int]]]:
    """The key of the state, and of each chain from the coarse to the fine; order: most facts that are used."""
    state = state_of(place)
    chains = []
    for number, fields in enumerate(_FIELDS):
        value = _start(state, number)
        keys = []
        for field in fields[:order]:
            value = (value * _FACTOR + place[field] + 1) & _MASK
            keys.append(value >> 32)
        chains.append(keys)
    return _start(state, len(CHAINS)) >> 32, chains


def _start(state: int, chain: int) -> int:
    return ((state + 1) * 64 + chain) * _FACTOR & _MASK


def key_table(places: NDArray[np.int64], states: NDArray[np.int64]) -> NDArray[np.uint64]:
    """All keys of many places (n, facts) in the order of ``keys_of``: the state's, then chain by chain; (n, keys)."""
    factor = np.uint64(_FACTOR)
    columns = []
    with np.errstate(over="ignore"):
        base = (states.astype(np.uint64) + np.uint64(1)) * np.uint64(64)
        columns.append((base + np.uint64(len(CHAINS))) * factor >> np.uint64(32))
        for number, fields in enumerate(_FIELDS):
            value = (base + np.uint64(number)) * factor
            for field in fields:
                value = value * factor + places[:, field].astype(np.uint64) + np.uint64(1)
                columns.append(value >> np.uint64(32))
    return np.stack(columns, axis=1)
