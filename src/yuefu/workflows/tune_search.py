"""Pieces found by their tune: in any key, at any tempo, with wrong notes, octave slips and notes too many or too few.

The query is aligned with every place of every tune at once: each pair of notes that is matched compares its interval
with that of the pair before, so that nothing depends on the key; rhythm counts a little where it is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from yuefu.workflows.tune_query import Query, parse_tune

__all__ = ["Query", "aligned", "parse_tune", "rank", "tempo_free"]

#: What the best interval is worth, what one off by a semitone loses, and the least.
_MATCH, _PER_SEMITONE, _WORST = 1.0, 0.75, -1.2
#: An interval that is right but for an octave loses this.
_OCTAVE = 0.45
#: What it costs to leave out a note of the query, one of the tune, one that repeats its neighbour, or to take one
#: for another.
_SKIP_QUERY, _SKIP_TUNE, _SKIP_REPEAT, _SWAP = 0.7, 0.7, 0.2, 0.75
#: How much rhythm takes where it doesn't fit.
_RHYTHM = 0.35
#: Notes of the tunes searched at a time.
_AT_ONCE = 400_000
_NOTE = re.compile(r"(\d+)\.(\d+)")
_FAR = -1e6


@dataclass(frozen=True, eq=False)
class _Tune:
    pitches: NDArray[np.float64]
    onsets: NDArray[np.float64]
    bars: NDArray[np.int64]


def rank(query: Query, tunes: Iterable[tuple[str, str]], limit: int = 20) -> list[tuple[str, float, int]]:
    """The tunes (id, text of ``tune_text``) most like a query: (id, score 0..1, bar where it begins), the best first.

    1 is a tune that holds every note of the query. A tune that can't be read counts as empty.

    >>> rank(parse_tune("D4 F#4 A4 D5"), [("a", "1:0.60,24.64,48.67;2:96.72"), ("b", "1:0.60,24.58,48.55;2:96.54")])
    [('a', 1.0, 1), ('b', 0.0, 1)]
    """
    found: list[tuple[str, float, int]] = []
    batch: list[tuple[str, _Tune]] = []
    waiting = 0
    for identity, text in tunes:
        tune = _read(text)
        if tune is None or len(tune.pitches) < 2:
            continue
        batch.append((identity, tune))
        waiting += len(tune.pitches)
        if waiting >= _AT_ONCE:
            found += _ranked(query, batch)
            batch, waiting = [], 0
    found += _ranked(query, batch) if batch else []
    found.sort(key=lambda hit: -hit[1])
    return found[: max(limit, 0)]


@lru_cache(maxsize=4096)
def _read(text: str) -> _Tune | None:
    """The notes of a tune's text."""
    starts: list[int] = []
    pitches: list[int] = []
    bars: list[int] = []
    for bar in text.split(";"):
        number, _, notes = bar.partition(":")
        if not number.isdigit():
            continue
        for start, pitch in _NOTE.findall(notes):
            starts.append(int(start))
            pitches.append(int(pitch))
            bars.append(int(number))
    if not pitches:
        return None
    return _Tune(np.array(pitches, dtype=float), np.array(starts, dtype=float), np.array(bars))


def _ranked(query: Query, batch: list[tuple[str, _Tune]]) -> list[tuple[str, float, int]]:
    """Scores of a batch of tunes, laid end to end with a gap between them."""
    gap = np.full(2, np.nan)
    pitches = np.concatenate([part for _, tune in batch for part in (tune.pitches, gap)])
    rhythm = np.concatenate([part for _, tune in batch for part in (tempo_free(tune.onsets), gap)])
    values, begins = aligned(query, pitches, rhythm)
    found = []
    at = 0
    count = len(query) if query.steps else len(query) - 1
    for identity, tune in batch:
        own = values[at : at + len(tune.pitches)]
        best = int(np.argmax(own))
        score = max(0.0, float(own[best]) / count)
        begin = int(begins[at + best]) - at
        found.append((identity, min(1.0, score), int(tune.bars[begin])))
        at += len(tune.pitches) + 2
    return found


def tempo_free(onsets: NDArray[np.float64]) -> NDArray[np.float64]:
    """How long before each note the one before it began, in octaves of the tune's usual step."""
    steps = np.diff(onsets, prepend=onsets[0])
    usual = float(np.median(steps[1:])) if len(steps) > 1 else 1.0
    return np.log2(np.maximum(steps, 1e-3) / max(usual, 1e-3))


def _shifted(values: NDArray[np.float64], by: int, fill: float) -> NDArray[np.float64]:
    out = np.full_like(values, fill)
    out[by:] = values[:-by]
    return out


def aligned(
    query: Query, pitches: NDArray[np.float64], rhythm: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """For every note of the tunes, the worth of the best alignment that ends there, and the note where it begins.

    A cell goes on from one or two notes before, in the query and in the tune: a note left out, too many, or wrong
    costs its price, and the next interval is compared across it.
    """
    intervals = {by: pitches - _shifted(pitches, by, np.nan) for by in (1, 2)}
    walls = {by: np.where(np.isnan(found), _FAR, 0.0) for by, found in intervals.items()}
    rhythm = np.nan_to_num(rhythm)
    here = np.arange(len(pitches), dtype=np.int64)
    if query.steps:
        return _stepped(query, intervals[1], here)
    intervals = {by: np.nan_to_num(found) for by, found in intervals.items()}
    # A voice runs notes of one pitch together: such a note is easily missed.
    repeats = (intervals[1] == 0) | (_shifted(intervals[1], 1, 1.0) == 0)
    missed = {True: np.where(repeats, _SKIP_REPEAT, _SKIP_TUNE), False: np.zeros(len(pitches))}
    notes, own_rhythm = query.pitches, None if query.times is None else tempo_free(query.times)
    rows: list[NDArray[np.float64]] = [np.zeros(len(pitches))]
    begins = [here]
    best, best_begin = np.zeros(len(pitches)), here.copy()
    for i in range(1, len(notes)):
        value, begin = np.zeros(len(pitches)), here.copy()
        for back, ahead, price in ((1, 1, 0.0), (2, 1, _SKIP_QUERY), (1, 2, 0.0), (2, 2, _SWAP)):
            if i - back < 0:
                continue
            worth = _worth(notes[i] - notes[i - back], intervals[ahead])
            if own_rhythm is not None and back == ahead == 1 and i > 1:
                worth = worth - _RHYTHM * np.minimum(np.abs(own_rhythm[i] - rhythm), 1.0)
            told = _shifted(rows[-back], ahead, _FAR) + worth + (walls[ahead] - price - missed[back < ahead])
            better = told > value
            value = np.where(better, told, value)
            begin[ahead:] = np.where(better[ahead:], begins[-back][:-ahead], begin[ahead:])
        rows = [*rows[-1:], value]
        begins = [*begins[-1:], begin]
        higher = value > best
        best, best_begin = np.where(higher, value, best), np.where(higher, begin, best_begin)
    return best, best_begin


def _worth(interval: float, intervals: NDArray[np.float64]) -> NDArray[np.float64]:
    """How well the tunes' intervals agree with one of the query."""
    off = np.abs(intervals - interval)
    octave = np.abs(off - 12.0)
    cost = np.minimum(_PER_SEMITONE * _tolerant(off), _OCTAVE + _PER_SEMITONE * _tolerant(octave))
    return np.maximum(_MATCH - cost, _WORST)


def _tolerant(off: NDArray[np.float64]) -> NDArray[np.float64]:
    """Semitones off that count: a voice that is a little out of tune is in tune."""
    return np.maximum(off - 0.3, 0.0)


def _stepped(
    query: Query, intervals: NDArray[np.float64], here: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The same for ups and downs alone: one wrong among many is forgiven, none is left out."""
    directions = np.sign(intervals)
    row, begins = np.zeros(len(here)), here
    best, best_begin = row, here
    for step in query.pitches.tolist():
        worth = np.where(np.isnan(directions), _FAR, np.where(directions == step, 1.0, -1.5))
        told = _shifted(row, 1, _FAR) + worth
        source = np.concatenate([[0], begins[:-1]])
        row = np.maximum(told, 0.0)
        begins = np.where(told > 0, source, here)
        higher = row > best
        best, best_begin = np.where(higher, row, best), np.where(higher, begins, best_begin)
    return best, best_begin
