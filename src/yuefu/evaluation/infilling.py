"""How bars that were written into a piece compare with the original's and agree with what is around them.

A texture is row -> notes in ticks from the start of the excerpt; all bars last ``bar`` ticks; the written bars
are the span [start, end). Each measure is a plain number for one excerpt, NaN where there is nothing to measure.

pitch, onset, duration: overlapping area (the sum of the lesser shares) of the distributions of pitch, of place
in the bar and of length, bar by bar and row by row, averaged over the cells in which either text plays (0 where
one is silent): the area of Yang and Lerch 2020 (*On the evaluation of generative models in music*), on
histograms by bar and track as in Ren et al. 2020 (PopMAG). 1 is the original's.
notes: F1 of (row, onset, pitch) triples: the very notes of the original.
groove: likeness of the written bars' onset patterns to those of the other bars, 1 - differing places / places,
on sixteenths and by row, after Wu and Yang 2020 (*The Jazz Transformer on the Front Line*).
key: share of note time inside the key's scale (minor with both sevenths). pitch classes: overlapping area of
the pitch classes' time with that of the other bars.
seam interval: semitones from the last note before a seam to the first after it, in rows of one line, mean over
rows and seams; seam time: quarters from that note's onset to the other's; seam groove: ``groove`` of the two
bars that meet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from yuefu.evaluation.row_baselines import SIXTEENTH, Rows, between, outside
from yuefu.score.model import TICKS_PER_QUARTER, Notes

OVERLAPS = ("pitch", "onset", "duration", "notes")
AGREEMENT = ("groove", "key", "pitch classes", "seam interval", "seam time", "seam groove")
MEASURES = (*OVERLAPS, *AGREEMENT)
#: Rows of one line, whose intervals across a seam are measured.
LINES = ("melody", "counter", "inner", "bass")
#: How far from a seam its notes may lie, in bars.
SEAM_REACH = 2
_NAN = float("nan")


def overlapping_area(a: Sequence[int], b: Sequence[int]) -> float:
    """The area that two distributions of whole numbers share, 0..1; 0 when only one is empty, NaN for two.

    >>> overlapping_area([60, 60, 62, 64], [60, 64, 64, 65])
    0.5
    """
    if not len(a) or not len(b):
        return _NAN if not len(a) and not len(b) else 0.0
    one, two = Counter(a), Counter(b)
    return sum(min(one[value] / len(a), two[value] / len(b)) for value in one)


def measures(own: Rows, original: Rows, bar: int, span: tuple[int, int], length: int, scale: frozenset[int]) -> dict[
    str, float
]:  # fmt: skip
    """All of ``MEASURES`` of an excerpt. own: the texture with the written bars in place; length: ticks."""
    start, end = span
    return {
        **overlaps(own, original, bar, start, end),
        "groove": groove_with_context(own, bar, start, end, length),
        **key_agreement(own, start, end, scale),
        **seams(own, bar, start, end, length),
    }


def overlaps(own: Rows, original: Rows, bar: int, start: int, end: int) -> dict[str, float]:
    """``OVERLAPS`` of the notes in a span with the original's."""
    areas: dict[str, list[float]] = {"pitch": [], "onset": [], "duration": []}
    hits = found = wanted = 0
    for row in sorted({*own, *original}):
        for at in range(start, end, bar):
            a, b = (between(rows[row], at, at + bar) if row in rows else None for rows in (own, original))
            one, two = _columns(a), _columns(b)
            for name in areas:
                areas[name].append(overlapping_area(one[name], two[name]))
            pairs, theirs = (set(zip(x["onset"], x["pitch"])) for x in (one, two))
            hits, found, wanted = hits + len(pairs & theirs), found + len(pairs), wanted + len(theirs)
    out = {name: _mean(values) for name, values in areas.items()}
    return {**out, "notes": 2 * hits / (found + wanted) if found + wanted else _NAN}


def _columns(notes: Notes | None) -> dict[str, list[int]]:
    if notes is None:
        return {"pitch": [], "onset": [], "duration": []}
    return {"pitch": notes["pitch"].tolist(), "onset": notes["start"].tolist(), "duration": notes["duration"].tolist()}


def onset_table(rows: Rows, bar: int, length: int, names: Sequence[str]) -> np.ndarray:
    """Where each bar has onsets, by row: (bars, rows times sixteenths), flags."""
    places = -(-bar // SIXTEENTH)
    table = np.zeros((length // bar, len(names), places), dtype=bool)
    for i, row in enumerate(names):
        starts = between(rows[row], 0, length)["start"] if row in rows else np.zeros(0, dtype=np.int64)
        table[starts // bar, i, starts % bar // SIXTEENTH] = True
    return table.reshape(len(table), -1)


def groove_with_context(rows: Rows, bar: int, start: int, end: int, length: int) -> float:
    """Mean likeness of the onset patterns of bars in a span to those of the bars outside, 0..1."""
    table = onset_table(rows, bar, length, sorted(rows))
    inside = np.zeros(len(table), dtype=bool)
    inside[start // bar : end // bar] = True
    if not table.any() or inside.all():
        return _NAN
    return float(1.0 - (table[inside][:, None] != table[~inside][None]).mean())


def key_agreement(rows: Rows, start: int, end: int, scale: frozenset[int]) -> dict[str, float]:
    """``key`` and ``pitch classes`` of a span."""
    inside, around = np.zeros(12), np.zeros(12)
    for row, notes in rows.items():
        if row != "drums":
            for time, own in ((inside, between(notes, start, end)), (around, outside(notes, start, end))):
                time += np.bincount(own["pitch"] % 12, weights=own["duration"], minlength=12)
    if not inside.any():
        return {"key": _NAN, "pitch classes": _NAN}
    share = inside / inside.sum()
    shared = float(np.minimum(share, around / around.sum()).sum()) if around.any() else _NAN
    return {"key": float(share[sorted(scale)].sum()), "pitch classes": shared}


def seams(rows: Rows, bar: int, start: int, end: int, length: int) -> dict[str, float]:
    """The seams of a span with what is before and after it, as far as there is something."""
    table = onset_table(rows, bar, length, sorted(rows))
    sizes: list[float] = []
    times: list[float] = []
    grooves: list[float] = []
    for at in (start, end):
        if not 0 < at < length:
            continue
        grooves.append(float(1.0 - (table[at // bar - 1] != table[at // bar]).mean()) if table.size else _NAN)
        for row in LINES:
            notes = rows.get(row)
            if notes is None:
                continue
            before, after = between(notes, at - SEAM_REACH * bar, at), between(notes, at, at + SEAM_REACH * bar)
            if len(before) and len(after):
                left = before[before["start"] == before["start"].max()]
                right = after[after["start"] == after["start"].min()]
                sizes.append(abs(int(left["pitch"].max()) - int(right["pitch"].max())))
                times.append(int(right["start"][0] - left["start"][0]) / TICKS_PER_QUARTER)
    return {"seam interval": _mean(sizes), "seam time": _mean(times), "seam groove": _mean(grooves)}


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else _NAN
