"""Held-out pieces as canvases: what a suite gives, what it hides, and what is written in its place.

Generation goes through ``generation.fill.fill``; note rows take the leanings of ``workflows.leanings``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from yuefu.errors import InputError
from yuefu.generation.engine import Engine
from yuefu.generation.fill import Canvas, SamplingSettings, fill
from yuefu.generation.rules import RowRules
from yuefu.score.model import ROWS, Notes
from yuefu.tokens.grid import EMPTY, Cell, GridBar, decode_notes
from yuefu.tokens.sequence import Cover, Header, Mask
from yuefu.training.dataset import load_pieces
from yuefu.training.masking import cut
from yuefu.training.pieces import Piece
from yuefu.workflows.canvas import POLYPHONY, ROW_RANGES, SCALES
from yuefu.workflows.evaluate import SuiteContext
from yuefu.workflows.leanings import LEANINGS


def held_out(context: SuiteContext, sets: Sequence[str], split: str = "test") -> list[Piece]:
    """One piece a work of the named sets, in an order that the seed shuffles. Raises InputError when there is none."""
    pieces: dict[tuple[str, str], Piece] = {}
    for piece in _loaded(context, tuple(sets)):
        if piece.split == split:
            pieces.setdefault((piece.set, piece.work), piece)
    if not pieces:
        raise InputError(
            f"the corpus has no {split} pieces of {', '.join(sets)}: build these sets, all of their works."
        )
    found = [pieces[name] for name in sorted(pieces)]
    return [found[i] for i in np.random.default_rng([context.seed, 17]).permutation(len(found))]


def _loaded(context: SuiteContext, sets: tuple[str, ...]) -> list[Piece]:
    return _cached(context.built_corpus().as_posix(), sets)


@lru_cache(maxsize=1)
def _cached(folder: str, sets: tuple[str, ...]) -> list[Piece]:
    from pathlib import Path

    return load_pieces(Path(folder), list(sets))


def told_header(piece: Piece, start: int, count: int) -> Header:
    """What is told of a held-out window: style, mode, tempo and instruments. Nothing measured from hidden notes."""
    from yuefu.tokens.vocabulary import tempo_bin

    return Header(
        style=piece.style,
        mode=piece.modes[start],
        tempo=tempo_bin(piece.bpm),
        families=dict(piece.families),
        at_start=start == 0,
        at_end=start + count == len(piece.bars),
    )


def canvas_of(piece: Piece, start: int, count: int, rows: Collection[str] | None = None) -> Canvas:
    """A stretch of a piece as a canvas in the key of its first bar, with some rows (None: all)."""
    header = told_header(piece, start, count)
    window = cut(piece, start, count, header)
    cells = {row: list(own) for row, own in window.cells.items() if rows is None or row in rows}
    told = replace(header, families={row: f for row, f in header.families.items() if row in cells})
    return Canvas(list(window.bars), cells, [told] * count)


def mask_of(canvas: Canvas, given: Collection[str], filled: Collection[str], bars: range | None = None) -> Mask:
    """A mask: given rows are known; filled rows are written in ``bars`` (None: all) and known elsewhere."""
    mask = np.zeros((len(canvas.bars), len(ROWS)), dtype=np.int8)
    for row in given:
        mask[:, ROWS.index(row)] = Cover.GIVEN
    for row in filled:
        mask[:, ROWS.index(row)] = Cover.GIVEN
        mask[slice(None) if bars is None else slice(bars.start, bars.stop), ROWS.index(row)] = Cover.FILL
    return mask


def rules_of(row: str, mode: str, own: np.ndarray | None = None) -> RowRules:
    """A row's rules and leanings as users get them. own: the row's known pitches, whose register it then keeps."""
    if row == "drums":
        return RowRules(max_onsets=16, rhythm=0.5)
    low, high = ROW_RANGES[row]
    if own is not None and len(own) >= 8:
        low, high = int(np.percentile(own, 2)) - 3, int(np.percentile(own, 98)) + 3
    return replace(
        RowRules(
            low=max(21, low),
            high=min(108, high),
            polyphony=POLYPHONY[row],
            scale=frozenset(SCALES["", mode]),
            outside=-2.4,
            shortest=12 if row == "pad" else 6,
            span=10 if row == "keys" else 16,
            voices=3 if row in ("keys", "pad") else 0,
        ),
        **LEANINGS.get(row, {}),  # type: ignore[arg-type]
    )


def write(
    engine: Engine,
    canvas: Canvas,
    mask: Mask,
    rng: np.random.Generator,
    settings: SamplingSettings | None = None,
    rules: Mapping[str, RowRules] | None = None,
) -> float:
    """Write the mask's cells in place, what was there forgotten before; the sum of log-probabilities, in nats."""
    for row in ROWS:
        for bar in np.flatnonzero(mask[:, ROWS.index(row)] == Cover.FILL).tolist():
            canvas.cells.setdefault(row, [EMPTY] * len(canvas.bars))[bar] = EMPTY
    canvas.rules = dict(rules or {})
    return sum(done.log_probability for done in fill(engine, canvas, mask, rng, settings))


def notes_of(cells: Sequence[Cell], bars: Sequence[GridBar], first: int = 0, last: int | None = None) -> Notes:
    """The notes of bars [first, last) of a row, ticks counted from bar ``first``."""
    found, start = [], 0
    for cell, bar in zip(cells[first:last], bars[first:last]):
        found.append(decode_notes(cell, start, bar.offset)[0])
        start += bar.sounding
    return np.concatenate(found) if found else decode_notes(EMPTY, 0)[0]
