"""Windows, masks and the order in which the model reads and writes cells.

A window is up to 32 bars of a grid. Its mask says for each cell whether it is given, to be
filled, or absent. ``script`` lays both out as one sequence: a header, then, bar by bar, the given
cells of the next bar and the filled cells of this one, so that the model always hears one bar
ahead. Training and generation walk the same script.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from yuefu.score.model import ROWS
from yuefu.tokens.grid import Cell, GridBar
from yuefu.tokens.vocabulary import MAX_COUNT, vocabulary


class Cover(IntEnum):
    """What the mask says of a cell."""

    ABSENT = 0
    GIVEN = 1
    FILL = 2


#: (bars, rows) array of Cover values; rows in the order of ``ROWS``.
Mask = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Header:
    """What is said of a window before its cells. None leaves a control out.

    tempo: a tempo bin; valence, arousal, density: bins 0-4; families: row -> instrument family.
    at_start, at_end: the window begins or ends the piece.
    """

    style: str | None = None
    mode: str | None = None
    tempo: int | None = None
    valence: int | None = None
    arousal: int | None = None
    density: int | None = None
    families: dict[str, str] = field(default_factory=dict)
    at_start: bool = False
    at_end: bool = False


@dataclass
class Window:
    """A stretch of a piece, in C major or A minor.

    cells: row -> one cell a bar (cells to be filled may be empty so far); lyrics: syllable tokens
    by bar, or None; counts: (bar, row) -> how many onsets the cell is asked to have.
    """

    bars: list[GridBar]
    cells: dict[str, list[Cell]]
    header: Header
    lyrics: list[Cell] | None = None
    counts: dict[tuple[int, str], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Forced:
    """Tokens that are told to the model. content: they belong to a given cell."""

    ids: list[int]
    content: bool = False


@dataclass(frozen=True, slots=True)
class Fill:
    """A cell that the model writes, ``END`` included."""

    bar: int
    row: str


def header_ids(header: Header, meter: str) -> list[int]:
    """The header's tokens, ``BOS`` to ``SEP``."""
    v = vocabulary()
    names: list[str] = ["BOS"]
    if header.style is not None:
        names.append(f"STYLE_{header.style}")
    if header.mode is not None:
        names.append(f"MODE_{header.mode}")
    names.append(f"METER_{meter}")
    for kind in ("tempo", "valence", "arousal", "density"):
        value = getattr(header, kind)
        if value is not None:
            names.append(f"{kind.upper()}_{value}")
    for row in ROWS:
        if row in header.families:
            names += [f"HAS_{row}", f"FAMILY_{header.families[row]}"]
    if header.at_start:
        names.append("AT_START")
    if header.at_end:
        names.append("AT_END")
    names.append("SEP")
    return [v.id(name) for name in names]


def script(window: Window, mask: Mask) -> Iterator[Forced | Fill]:
    """The sequence of a window, step by step. Filled cells may be written into the window between steps."""
    v = vocabulary()
    yield Forced(header_ids(window.header, window.bars[0].meter))
    count = len(window.bars)
    for step in range(count + 1):
        if step < count:
            yield from _given(window, mask, step)
        if step > 0:
            yield from _filled(window, mask, step - 1)
    yield Forced([v.eos])


def _bar_ids(window: Window, bar: int) -> list[int]:
    v = vocabulary()
    ids = [v.bar + bar]
    column = window.bars[bar]
    if bar > 0 and column.meter != window.bars[bar - 1].meter:
        ids.append(v.id(f"METER_{column.meter}"))
    if column.offset:
        ids.append(v.id("PICKUP"))
    return ids


def _given(window: Window, mask: Mask, bar: int) -> Iterator[Forced]:
    v = vocabulary()
    rows = [row for i, row in enumerate(ROWS) if mask[bar, i] == Cover.GIVEN and row in window.cells]
    lyrics = window.lyrics[bar] if window.lyrics is not None else None
    if not rows and lyrics is None:
        return
    yield Forced(_bar_ids(window, bar))
    if lyrics is not None:
        yield Forced([v.given["lyrics"], *map(int, lyrics)])
    for row in rows:
        yield Forced([v.given[row]])
        cell = window.cells[row][bar]
        if len(cell):
            yield Forced([int(t) for t in cell], content=True)


def _filled(window: Window, mask: Mask, bar: int) -> Iterator[Forced | Fill]:
    v = vocabulary()
    rows = [row for i, row in enumerate(ROWS) if mask[bar, i] == Cover.FILL]
    if not rows:
        return
    yield Forced(_bar_ids(window, bar))
    for row in rows:
        ids = [v.fill[row]]
        if (bar, row) in window.counts:
            ids.append(v.count + min(window.counts[bar, row], MAX_COUNT))
        if row == "chords":
            ids += _harmony_help(window, mask, bar)
        yield Forced(ids)
        yield Fill(bar, row)


def _harmony_help(window: Window, mask: Mask, bar: int) -> list[int]:
    """The pitch classes that sound longest in each half of the given bar: what chords must fit."""
    given = [
        window.cells[row][bar]
        for i, row in enumerate(ROWS)
        if mask[bar, i] == Cover.GIVEN and row not in ("chords", "drums") and row in window.cells
    ]
    if not any(len(cell) for cell in given):
        return []
    v = vocabulary()
    half = window.bars[bar].ticks / 2
    weights = np.zeros((2, 12))
    for cell in given:
        position, pitch = 0, 0
        for token in map(int, cell):
            if token in v.position_ticks:
                position = v.position_ticks[token]
            elif token in v.duration_ticks:
                duration = v.duration_ticks[token]
                for side in (0, 1):
                    overlap = min(position + duration, half * (side + 1)) - max(position, half * side)
                    if overlap > 0:
                        weights[side, pitch % 12] += overlap
            elif token != v.hold:
                pitch = token - v.pitch
    ids: list[int] = []
    for side in (0, 1):
        order = np.argsort(-weights[side], kind="stable")[:4]
        ids.append(v.id(f"HELP_{side}"))
        ids += [v.pc + int(c) for c in order if weights[side, c] > 0]
    return ids


def cell_count(cell: Cell | list[int]) -> int:
    """Onsets in a cell: positions where something starts, notes that hold a syllable not counted."""
    v = vocabulary()
    ids = [int(t) for t in cell]
    return sum(
        1 for i, token in enumerate(ids) if token in v.position_ticks and (i + 1 >= len(ids) or ids[i + 1] != v.hold)
    )


def training_ids(window: Window, mask: Mask, given_weight: float = 0.1) -> tuple[list[int], list[float]]:
    """The whole sequence of a complete window, and each token's weight in the loss.

    What the model writes weighs 1, the inside of given cells ``given_weight``, the rest 0.
    """
    v = vocabulary()
    ids: list[int] = []
    weights: list[float] = []
    for step in script(window, mask):
        if isinstance(step, Fill):
            cell = [int(t) for t in window.cells[step.row][step.bar]] if step.row in window.cells else []
            ids += [*cell, v.end]
            weights += [1.0] * (len(cell) + 1)
        else:
            ids += step.ids
            weights += [given_weight if step.content else 0.0] * len(step.ids)
    return ids, weights
