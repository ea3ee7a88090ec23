"""What cells hold, read off their tokens: places, grooves, and which bars are another turn of the same music."""

from __future__ import annotations

import zlib

import numpy as np

from yuefu.generation.fill import Canvas
from yuefu.score.model import ROWS
from yuefu.tokens.grid import Cell, decode_notes
from yuefu.tokens.sequence import Cover, Mask
from yuefu.tokens.vocabulary import vocabulary


def groove_of(cell: Cell) -> dict[int, frozenset[int]]:
    """The drum sounds of a cell by their place in the bar."""
    notes, _ = decode_notes(cell, 0)
    groove: dict[int, set[int]] = {}
    for place, pitch in zip(notes["start"].tolist(), notes["pitch"].tolist(), strict=True):
        groove.setdefault(place, set()).add(pitch)
    return {place: frozenset(hits) for place, hits in groove.items()}


def cell_places(cell: Cell) -> frozenset[int]:
    """Where a cell's events begin, in ticks from the bar line."""
    v = vocabulary()
    return frozenset(v.position_ticks[t] for t in cell.tolist() if t in v.position_ticks)


def places_in(canvas: Canvas, bar: int, row: str) -> frozenset[int]:
    """Where a row's events begin in a bar."""
    return cell_places(canvas.cells[row][bar]) if row in canvas.cells else frozenset()


def turns_of(canvas: Canvas, mask: Mask, reach: int = 4, least: float = 0.5) -> dict[int, int]:
    """Bars to be written -> their counterparts in another turn of the same music.

    A run of bars to be written is another turn of a place when the bars before and after both are the same
    in at least ``least`` of their cells.
    """
    wanted = (mask == Cover.FILL).any(axis=1)
    count = len(wanted)
    known = [row for i, row in enumerate(ROWS) if row in canvas.cells and (mask[:, i] == Cover.GIVEN).any()]
    codes = np.array(
        [
            [zlib.crc32(canvas.cells[row][bar].tobytes()) if len(canvas.cells[row][bar]) else 0 for row in known]
            for bar in range(count)
        ]
    ).reshape(count, len(known))
    found: dict[int, int] = {}
    start = 0
    while start < count:
        if not wanted[start]:
            start += 1
            continue
        end = start
        while end < count and wanted[end]:
            end += 1
        around = [*range(max(0, start - reach), start), *range(end, min(count, end + reach))]
        own = np.array([b for b in around if not wanted[b]], dtype=np.int64)
        best, best_shift = least, 0
        for shift in range(-end + 1, count - start) if len(own) >= 2 and known else ():
            there = own + shift
            if abs(shift) < 2 or there.min() < 0 or there.max() >= count:
                continue
            if start + shift < 0 or end + shift > count or wanted[start + shift : end + shift].any():
                continue
            sounding = codes[own] != 0
            if not sounding.any():
                continue
            same = float(((codes[own] == codes[there]) & sounding).sum() / sounding.sum())
            if same > best:
                best, best_shift = same, shift
        if best_shift:
            found |= {bar: bar + best_shift for bar in range(start, end)}
        start = end
    return found
