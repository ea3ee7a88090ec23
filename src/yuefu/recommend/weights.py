"""From events to numbers: how much each deed says that an item is liked, and what fades with time.

A pair of listener and item sums what its deeds weigh, each halved for every ``half_life_days`` of its age, and is then
put through log(1 + x): the tenth play says less than the first, and a thousand plays don't drown a taste. Sums that
aren't above nothing are left out. The last opinion that was said outright decides whether an item is disliked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from yuefu.listening.event import KINDS, Event
from yuefu.recommend.histories import Histories

#: What one deed weighs. ``rate``, ``repeat`` and ``skip`` depend on their value or second, see ``deed_weights``.
WEIGHTS = {
    "play": 0.5, "finish": 1.5, "repeat": 2.0, "like": 3.0, "save": 3.0, "playlist": 3.0, "share": 3.0, "comment": 1.0,
    "rate": 1.0, "skip": -1.0, "dislike": 0.0, "search": 0.0,
}  # fmt: skip
#: A rating is above or below this.
MIDDLE_RATING = 2.5
#: Ratings below this say "no".
BAD_RATING = 2.0
#: A skip at the start counts in full, after this many seconds not at all; where it isn't known when, half.
SKIP_SECONDS = 60.0
#: A skip before this takes its play out of the sequence.
HARDLY_HEARD = 30.0
#: However often something was repeated, one event stands at most so many times in the sequence.
MOST_REPEATS = 5
SECONDS_A_DAY = 86_400.0

_CODES = {kind: code for code, kind in enumerate(KINDS)}
_BASE = np.array([WEIGHTS[kind] for kind in KINDS])
_OUTRIGHT = tuple(_CODES[kind] for kind in ("like", "dislike", "save", "playlist", "rate"))
_HEARD = tuple(_CODES[kind] for kind in ("play", "finish", "repeat", "like", "save", "playlist", "share", "rate"))


def days(moment: datetime) -> float:
    """Days since 1970."""
    return moment.timestamp() / SECONDS_A_DAY


def deed_weights(
    kinds: NDArray[np.int64], values: NDArray[np.float64], seconds: NDArray[np.float64]
) -> NDArray[np.float64]:
    """What each deed weighs. kinds: places in KINDS; values, seconds: nan where there is none.

    >>> codes = np.array([KINDS.index(kind) for kind in ("rate", "repeat", "skip", "skip")])
    >>> deed_weights(codes, np.array([5, 3, np.nan, np.nan]), np.array([np.nan, np.nan, 0, 90])).tolist()
    [2.5, 4.0, -1.0, 0.0]
    """
    weights: NDArray[np.float64] = _BASE[kinds]
    rated = kinds == _CODES["rate"]
    weights = np.where(rated, np.where(np.isnan(values), 0.0, values - MIDDLE_RATING), weights)
    often = np.where(np.isnan(values), 1.0, np.maximum(values, 0.0))
    weights = np.where(kinds == _CODES["repeat"], WEIGHTS["repeat"] * np.log2(1.0 + often), weights)
    late = np.clip(np.where(np.isnan(seconds), SKIP_SECONDS / 2, seconds) / SKIP_SECONDS, 0.0, 1.0)
    return np.where(kinds == _CODES["skip"], weights * (1.0 - late) + 0.0, weights)


def histories_of(
    events: Iterable[Event],
    items: Sequence[str] | None = None,
    *,
    now: datetime | float | None = None,
    half_life_days: float = 180.0,
) -> Histories:
    """The histories of everybody who did something, by name.

    items: the columns (events about others count for nothing); None: all that occur, sorted. now: the day from which
    ages are counted, a moment or days since 1970; None: that of the last event. Events may come in any order.
    """
    rows: dict[str, int] = {}
    columns = {} if items is None else {item: column for column, item in enumerate(items)}
    found: list[tuple[int, int, int, float, float, float]] = []
    nothing = float("nan")
    for event in events:
        row = rows.setdefault(event.listener, len(rows))
        code = _CODES.get(event.kind)
        column = columns.get(event.item)
        if column is None and items is None and event.item:
            column = columns[event.item] = len(columns)
        if code is None or column is None:
            continue
        value = nothing if event.value is None else float(event.value)
        second = nothing if event.second is None else float(event.second)
        found.append((row, column, code, days(event.moment), value, second))
    listeners, row_at = _sorted(rows)
    names, column_at = (tuple(items), np.arange(len(items))) if items is not None else _sorted(columns)
    table = np.array(found, dtype=np.float64).reshape(-1, 6)
    which, what = row_at[table[:, 0].astype(np.int64)], column_at[table[:, 1].astype(np.int64)]
    order = np.lexsort((table[:, 2], what, table[:, 3], which))
    which, what, table = which[order], what[order], table[order]
    moment = table[:, 3]
    if now is None:
        today = float(moment.max()) if len(moment) else 0.0
    else:
        today = days(now) if isinstance(now, datetime) else float(now)
    shape = (len(listeners), len(names))
    kind = table[:, 2].astype(np.int64)
    weight = deed_weights(kind, table[:, 4], table[:, 5])
    faded = weight * np.exp2(-np.maximum(today - moment, 0.0) / half_life_days)
    disliked = _disliked(which, what, kind, table[:, 4], shape)
    matrix = _saturated(which, what, faded, disliked, shape)
    sequences, moments = _sequences(which, what, kind, weight, table[:, 4], table[:, 5], moment, shape[0])
    return Histories(listeners, names, matrix, sequences, moments, today, disliked if disliked.nnz else None)


def _sorted(places: dict[str, int]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """The names in order, and the new place of each old one."""
    names = tuple(sorted(places))
    new = np.zeros(len(names), dtype=np.int64)
    for at, name in enumerate(names):
        new[places[name]] = at
    return names, new


def _disliked(
    row: NDArray[np.int64],
    column: NDArray[np.int64],
    kind: NDArray[np.int64],
    value: NDArray[np.float64],
    shape: tuple[int, int],
) -> sp.csr_matrix:
    """1 where the last opinion said outright is against. Rows come in the order of time."""
    said = np.flatnonzero(np.isin(kind, _OUTRIGHT))
    pair = row[said] * max(shape[1], 1) + column[said]
    # np.unique finds the first of each: from the end that is the last.
    _, last = np.unique(pair[::-1], return_index=True)
    final = said[::-1][last]
    against = (kind[final] == _CODES["dislike"]) | ((kind[final] == _CODES["rate"]) & (value[final] < BAD_RATING))
    final = final[against]
    return sp.csr_matrix((np.ones(len(final), dtype=np.float32), (row[final], column[final])), shape=shape)


def _saturated(
    row: NDArray[np.int64],
    column: NDArray[np.int64],
    faded: NDArray[np.float64],
    disliked: sp.csr_matrix,
    shape: tuple[int, int],
) -> sp.csr_matrix:
    summed = sp.csr_matrix((faded, (row, column)), shape=shape)
    summed.sum_duplicates()
    summed.data = np.log1p(np.maximum(summed.data, 0.0))
    if disliked.nnz:
        summed = summed - summed.multiply(disliked)
    matrix = sp.csr_matrix(summed, dtype=np.float32)
    matrix.eliminate_zeros()
    matrix.sort_indices()
    return matrix


def _sequences(
    row: NDArray[np.int64],
    column: NDArray[np.int64],
    kind: NDArray[np.int64],
    weight: NDArray[np.float64],
    value: NDArray[np.float64],
    second: NDArray[np.float64],
    moment: NDArray[np.float64],
    listeners: int,
) -> tuple[tuple[NDArray[np.int64], ...], tuple[NDArray[np.float64], ...]]:
    """What was heard, one after the other. A finish or a like of what is playing isn't another play; a play that was
    skipped at once isn't one at all."""
    skipped = (kind == _CODES["skip"]) & ~(second >= HARDLY_HEARD)
    heard = np.isin(kind, _HEARD) & (weight > 0)
    about = np.flatnonzero(heard | skipped)
    same = np.zeros(len(about), dtype=bool)
    same[1:] = (row[about[1:]] == row[about[:-1]]) & (column[about[1:]] == column[about[:-1]])
    starts = np.isin(kind[about], (_CODES["play"], _CODES["repeat"]))
    counts = np.where(same & ~starts, 0, 1)
    # What follows a skip of the same item is a play of its own.
    counts[1:] = np.where(same[1:] & skipped[about[:-1]], 1, counts[1:])
    often = np.where(np.isnan(value[about]), 1.0, np.clip(np.round(value[about]), 1, MOST_REPEATS)).astype(np.int64)
    counts = np.where(kind[about] == _CODES["repeat"], counts * often, counts)
    gone = np.flatnonzero(skipped[about] & same)
    counts[gone - 1] = np.where(kind[about[gone - 1]] == _CODES["play"], 0, counts[gone - 1])
    counts[skipped[about]] = 0
    places = np.repeat(about, counts)
    ends = np.searchsorted(row[places], np.arange(listeners + 1))
    spans = list(pairwise(ends))
    played, when = column[places], moment[places]
    return tuple(played[start:end] for start, end in spans), tuple(when[start:end] for start, end in spans)
