"""Training samples: a window of a piece with a random task's mask and a random choice of controls.

Every task that people use is a kind of mask (see ``TASKS``); they are drawn by weight, so that
one model learns them all. ``draw`` is deterministic in its generator.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from yuefu.score.model import ROWS
from yuefu.tokens.facts import density_bin, mood, mood_bin, onsets_and_pitch
from yuefu.tokens.sequence import Cover, Header, Mask, Window, cell_count
from yuefu.tokens.vocabulary import HIGHEST_PITCH, LOWEST_PITCH, tempo_bin, vocabulary
from yuefu.training.pieces import Piece

#: Task -> share of samples (before the window's rows rule some out).
TASKS = {
    "compose": 0.10,  # everything from the header
    "lead": 0.18,  # chords and melody together
    "melody": 0.14,  # melody over given chords
    "harmonize": 0.14,  # chords for a given melody
    "band": 0.22,  # accompaniment for given chords and melody
    "row": 0.10,  # one row, all others given
    "infill": 0.06,  # a span of bars in every row
    "cells": 0.06,  # any cells
}
BACKING = ("counter", "inner", "bass", "keys", "pad", "drums")
PREFIX_SHARE = 0.45  #: how often the first bars of what is to be filled are given


@dataclass(frozen=True)
class Sample:
    """A window with its mask, and the task it was drawn for."""

    window: Window
    mask: Mask
    task: str


def cut(piece: Piece, start: int, count: int, header: Header) -> Window:
    """Bars ``start`` to ``start + count`` of a piece, moved to C major or A minor."""
    v = vocabulary()
    shift = -piece.shifts[start]
    rows = piece.window_rows(start, count)
    return Window(
        bars=piece.bars[start : start + count],
        cells={row: [v.transposed(cell, shift) for cell in piece.cells[row][start : start + count]] for row in rows},
        header=header,
        lyrics=None if piece.lyrics is None else piece.lyrics[start : start + count],
    )


def facts_header(piece: Piece, start: int, count: int) -> Header:
    """The header with every control told as measured."""
    cells = [cell for row in piece.cells if row != "chords" for cell in piece.cells[row][start : start + count]]
    quarters = sum(bar.sounding for bar in piece.bars[start : start + count]) / 24
    onsets, pitch = onsets_and_pitch(cells)
    seconds = quarters * 60 / piece.bpm
    valence, arousal = mood(piece.modes[start], piece.bpm, onsets / max(seconds, 1e-6), pitch)
    return Header(
        style=piece.style,
        mode=piece.modes[start],
        tempo=tempo_bin(piece.bpm),
        valence=mood_bin(valence),
        arousal=mood_bin(arousal),
        density=density_bin(onsets / max(quarters, 1e-6)),
        families=dict(piece.families),
        at_start=start == 0,
        at_end=start + count == len(piece.bars),
    )


def draw(
    piece: Piece,
    bars: int,
    rng: np.random.Generator,
    tasks: Mapping[str, float] = TASKS,
    register_share: float = 0.0,
) -> Sample | None:
    """A random sample of at most ``bars`` bars, or None when the stretch is silent.

    tasks: task -> share; register_share: how often all its notes are moved by an octave, where they have room.
    """
    count = min(bars, len(piece.bars))
    last = len(piece.bars) - count
    # Starts and ends are rarer than middles, and matter more: draw them on purpose.
    pick = rng.random()
    start = 0 if pick < 0.12 else last if pick < 0.24 else int(rng.integers(0, last + 1))
    full = facts_header(piece, start, count)
    window = cut(piece, start, count, full)
    rows = list(window.cells)
    if not rows or (rows == ["chords"] and rng.random() < 0.3):
        return None
    task, mask = draw_mask(rows, count, rng, tasks)
    if not (mask == Cover.FILL).any():
        return None
    if register_share and rng.random() < register_share:
        _move_register(window, 12 if rng.random() < 0.5 else -12)
    window.header = thin_header(full, mask, rng)
    if window.lyrics is not None and rng.random() < 0.3:
        window.lyrics = None
    window.counts = draw_counts(window, mask, rng)
    return Sample(window, mask, task)


def _move_register(window: Window, semitones: int) -> None:
    """Move every note by octaves, unless one would leave the vocabulary's range."""
    v = vocabulary()
    pitches = [cell[(cell >= v.pitch + LOWEST_PITCH) & (cell <= v.pitch + HIGHEST_PITCH)] - v.pitch
               for cells in window.cells.values() for cell in cells]  # fmt: skip
    used = np.concatenate(pitches) if pitches else np.zeros(0, dtype=np.int16)
    if len(used) and used.min() + semitones >= LOWEST_PITCH and used.max() + semitones <= HIGHEST_PITCH:
        window.cells = {row: [v.transposed(cell, semitones) for cell in cells] for row, cells in window.cells.items()}


def draw_mask(
    rows: Sequence[str], count: int, rng: np.random.Generator, shares: Mapping[str, float] = TASKS
) -> tuple[str, Mask]:
    """A task that the rows allow, and its mask. shares: task -> how often it is drawn."""
    tasks = [task for task in shares if _possible(task, rows)] or ["compose"]
    weights = np.array([shares.get(task, 1.0) for task in tasks])
    task = tasks[int(rng.choice(len(tasks), p=weights / weights.sum()))]
    mask = np.zeros((count, len(ROWS)), dtype=np.int8)
    covers = _row_covers(task, rows, rng)
    for row, cover in covers.items():
        mask[:, ROWS.index(row)] = cover
    present = [ROWS.index(row) for row, cover in covers.items() if cover != Cover.ABSENT]
    if task == "infill":
        length = int(rng.integers(1, max(2, count // 2 + 1)))
        start = int(rng.integers(0, count - length + 1))
        mask[:, present] = Cover.GIVEN
        mask[start : start + length, present] = Cover.FILL
    elif task == "cells":
        share = rng.uniform(0.2, 0.8)
        mask[:, present] = np.where(rng.random((count, len(present))) < share, Cover.FILL, Cover.GIVEN)
    elif count > 1 and rng.random() < PREFIX_SHARE:
        prefix = int(rng.integers(1, max(2, count * 2 // 3 + 1)))
        filled = mask == Cover.FILL
        filled[prefix:] = False
        mask[filled] = Cover.GIVEN
    return task, mask


def _possible(task: str, rows: Sequence[str]) -> bool:
    lead = "chords" in rows and "melody" in rows
    if task in ("lead", "melody"):
        return lead
    if task == "harmonize":
        return "chords" in rows and len(rows) > 1
    if task == "band":
        return any(row in BACKING for row in rows) and len(rows) > 1
    return task != "row" or len(rows) > 1


def _row_covers(task: str, rows: Sequence[str], rng: np.random.Generator) -> dict[str, Cover]:
    backing = [row for row in rows if row in BACKING]
    if task in ("compose", "infill", "cells"):
        # Now and then without some of the accompaniment, so that absent rows are known.
        kept = [row for row in rows if row not in BACKING or rng.random() < 0.8]
        return dict.fromkeys(kept or rows, Cover.FILL)
    if task == "lead":
        return {"chords": Cover.FILL, "melody": Cover.FILL}
    if task == "melody":
        covers = {"chords": Cover.GIVEN, "melody": Cover.FILL}
        if rng.random() < 0.3:
            covers |= {row: Cover.GIVEN for row in backing if rng.random() < 0.6}
        return covers
    if task == "harmonize":
        pitched = [row for row in rows if row not in ("chords", "drums")]
        heard = ["melody"] if "melody" in rows else pitched
        if rng.random() < 0.3:
            heard = [row for row in pitched if rng.random() < 0.7] or heard
        return {"chords": Cover.FILL} | dict.fromkeys(heard, Cover.GIVEN)
    if task == "band":
        covers = {row: Cover.GIVEN for row in rows if row not in BACKING}
        for row in backing:
            pick = rng.random()
            covers[row] = Cover.FILL if pick < 0.6 else Cover.GIVEN if pick < 0.75 else Cover.ABSENT
        if Cover.FILL not in covers.values():
            covers[backing[int(rng.integers(len(backing)))]] = Cover.FILL
        return covers
    covers = dict.fromkeys(rows, Cover.GIVEN)
    covers[rows[int(rng.integers(len(rows)))]] = Cover.FILL
    return covers


def thin_header(header: Header, mask: Mask, rng: np.random.Generator, drop: float = 0.25) -> Header:
    """The header with controls left out at random; families only of rows that are there."""
    present = {row for i, row in enumerate(ROWS) if (mask[:, i] != Cover.ABSENT).any()}

    def keep() -> bool:
        return bool(rng.random() >= drop)

    return Header(
        style=header.style if keep() else None,
        mode=header.mode if keep() else None,
        tempo=header.tempo if keep() else None,
        valence=header.valence if rng.random() < 0.5 else None,
        arousal=header.arousal if rng.random() < 0.5 else None,
        density=header.density if rng.random() < 0.5 else None,
        families={row: family for row, family in header.families.items() if row in present and keep()},
        at_start=header.at_start,
        at_end=header.at_end,
    )


def draw_counts(window: Window, mask: Mask, rng: np.random.Generator) -> dict[tuple[int, str], int]:
    """Onset counts that are told, row by row: often for a sung melody, seldom for the rest."""
    counts: dict[tuple[int, str], int] = {}
    for i, row in enumerate(ROWS):
        share = 0.25
        if row == "melody":
            share = 0.9 if window.lyrics is not None else 0.4
        if row not in window.cells or rng.random() >= share:
            continue
        for bar in range(len(window.bars)):
            if mask[bar, i] == Cover.FILL:
                counts[bar, row] = cell_count(window.cells[row][bar])
    return counts
