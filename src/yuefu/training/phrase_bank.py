"""The corpus as bars of lines and drums, kept in one file, from which phrases are drawn."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yuefu.errors import InputError
from yuefu.tokens.phrases import (
    HELD,
    LANES,
    METERS,
    MOST_STEPS,
    NO_CHORD,
    SILENT,
    STRUCK,
    chord_steps,
    drum_steps,
    fits,
    line_steps,
)
from yuefu.training.pieces import Piece

SPLITS = ("train", "valid", "test")
METER_NAMES = tuple(METERS)
#: Share of a phrase's onsets that may lie between the sixteenths, and bars that must sound, for it to be learnt from.
_BENT, _SOUNDING = 0.1, 0.75
VERSION = 1


@dataclass
class Bank:
    """Bars, one after the other.

    steps: uint8 (bars, 16), or drums bool (bars, 16, lanes), padded with silence; chords: uint8 (bars, 16); length:
    steps of a bar; meter: number in ``METER_NAMES``; minor: 0 or 1; bent, onsets: how many; run: bars with equal
    numbers follow each other in a piece and share a metre; row: 0 melody, 1 bass, 2 drums; split: number in ``SPLITS``;
    source: number in ``sets``; work: equal for bars of one work.
    """

    steps: NDArray
    chords: NDArray[np.uint8]
    length: NDArray[np.int64]
    meter: NDArray[np.int64]
    minor: NDArray[np.int64]
    bent: NDArray[np.int64]
    onsets: NDArray[np.int64]
    run: NDArray[np.int64]
    row: NDArray[np.int64]
    split: NDArray[np.int64]
    source: NDArray[np.int64]
    work: NDArray[np.int64]
    sets: list[str]

    def starts(self, bars: int, split: str | None = None, apart: bool = False) -> NDArray[np.int64]:
        """Where phrases of so many bars can begin. apart: every phrase by itself, else at any bar."""
        last = len(self.run) - bars + 1
        if last <= 0:
            return np.zeros(0, dtype=np.int64)
        at = np.arange(last)
        good = self.run[at] == self.run[at + bars - 1]
        notes, bent = self._over(self.onsets, bars), self._over(self.bent, bars)
        good &= (bent <= _BENT * notes) & (notes >= bars)
        good &= self._over((self.onsets > 0).astype(np.int64), bars) >= _SOUNDING * bars
        if split is not None:
            good &= self.split[at] == SPLITS.index(split)
        if apart:
            changes = np.flatnonzero(np.diff(self.run, prepend=-1))
            first = changes[np.searchsorted(changes, at, side="right") - 1]
            good &= (at - first) % bars == 0
        return np.flatnonzero(good)

    @staticmethod
    def _over(values: NDArray[np.int64], bars: int) -> NDArray[np.int64]:
        total = np.concatenate([[0], np.cumsum(values)])
        return total[bars:] - total[:-bars]

    def cut(self, starts: NDArray[np.int64], bars: int) -> tuple[NDArray, NDArray[np.uint8], NDArray[np.int64]]:
        """Steps (n, bars, 16, ...), chords (n, bars, 16) and the pitch before (n,) of phrases.

        A note held over from the bar before is silent, as in ``phrases.phrase_from``.
        """
        index = starts[:, None] + np.arange(bars)
        steps, chords = self.steps[index], self.chords[index]
        if steps.ndim == 4:
            return steps, chords, np.zeros(len(starts), dtype=np.int64)
        flat = steps[:, 0]
        leading = np.cumsum(flat != HELD, axis=1) == 0
        flat[leading] = SILENT
        before = np.maximum(starts - 1, 0)
        earlier = self.steps[before].astype(np.int64)
        place = np.where(earlier >= STRUCK, np.arange(MOST_STEPS), -1).max(axis=1)
        pitch = np.where(place >= 0, earlier[np.arange(len(starts)), np.maximum(place, 0)], 0)
        return steps, chords, np.where((self.run[before] == self.run[starts]) & (starts > 0), pitch, 0)

    def save(self, path: Path) -> None:
        """Write one file, whole or not at all."""
        temporary = path.with_suffix(".tmp")
        arrays = {k: v for k, v in self.__dict__.items() if k not in ("steps", "sets")}
        steps = np.packbits(self.steps, axis=2) if self.steps.ndim == 3 else self.steps
        with temporary.open("wb") as file:
            np.savez(file, version=VERSION, sets=np.array(self.sets), steps=steps, **arrays)
        os.replace(temporary, path)

    @classmethod
    def load(cls, path: Path) -> Bank:
        """Read what ``save`` wrote. Raises InputError for another version."""
        with np.load(path) as data:
            if int(data["version"]) != VERSION:
                raise InputError(f"'{path}' was made by another version: remove it, and it will be made again.")
            arrays = {k: data[k] for k in data.files if k not in ("version", "sets")}
            if arrays["steps"].ndim == 3:
                arrays["steps"] = np.unpackbits(arrays["steps"], axis=2, count=len(LANES)).astype(bool)
            return cls(**arrays, sets=data["sets"].tolist())


def bank_of(pieces: Iterable[Piece], rows: Sequence[str], most: int, seed: int) -> Bank:
    """The bars of some rows: ``("melody", "bass")`` or ``("drums",)``.

    most: bars of a set's row that are kept to learn from, whole pieces in an order drawn by ``seed``; of the other
    splits all are. Raises InputError where no bar can be used.
    """
    pieces = list(pieces)
    order = np.random.default_rng(seed).permutation(len(pieces))
    kept: dict[tuple[str, str], int] = defaultdict(int)
    columns: dict[str, list] = defaultdict(list)
    sets, works = sorted({piece.set for piece in pieces}), sorted({f"{p.set}/{p.work}" for p in pieces})
    work_number, set_number = {w: i for i, w in enumerate(works)}, {s: i for i, s in enumerate(sets)}
    runs = 0
    for number in order.tolist():
        piece = pieces[number]
        for row in rows:
            if row not in piece.cells or (piece.split == "train" and kept[piece.set, row] >= most):
                continue
            for first, last in _stretches(piece):
                columns["run"].append(np.full(last - first, runs))
                runs += 1
                _add(columns, piece, row, first, last)
                columns["source"].append(np.full(last - first, set_number[piece.set]))
                columns["work"].append(np.full(last - first, work_number[f"{piece.set}/{piece.work}"]))
                kept[piece.set, row] += last - first
    if not columns:
        raise InputError(f"no piece has bars of {' or '.join(rows)} to learn from: build more sets of the corpus.")
    return Bank(**{name: np.concatenate(parts) for name, parts in columns.items()}, sets=sets)


def _stretches(piece: Piece) -> list[tuple[int, int]]:
    """Bars of one metre that fit, one after the other, without a pick-up."""
    found: list[tuple[int, int]] = []
    for bar, column in enumerate(piece.bars):
        if not fits(column) or column.offset:
            continue
        if found and found[-1][1] == bar and piece.bars[bar - 1].meter == column.meter:
            found[-1] = (found[-1][0], bar + 1)
        else:
            found.append((bar, bar + 1))
    return [stretch for stretch in found if stretch[1] - stretch[0] >= 2]


def _add(columns: dict[str, list], piece: Piece, row: str, first: int, last: int) -> None:
    bars, own = piece.bars[first:last], piece.cells[row][first:last]
    count, length = last - first, bars[0].ticks // 6
    columns["chords"].append(_padded(_moved_chords(piece, first, last), NO_CHORD))
    if row == "drums":
        hits, bent = drum_steps(own, bars)
        steps: NDArray = np.zeros((count, MOST_STEPS, len(LANES)), dtype=bool)
        steps[:, :length] = np.stack(hits)
        onsets = steps.any(axis=2).sum(axis=1)
    else:
        lines, bent = line_steps(own, bars, row != "bass", piece.shifts[first:last])
        steps = _padded(np.stack(lines), SILENT)
        onsets = (steps >= STRUCK).sum(axis=1)
    columns["steps"].append(steps)
    columns["bent"].append(bent)
    columns["onsets"].append(onsets)
    columns["length"].append(np.full(count, length))
    columns["meter"].append(np.full(count, METER_NAMES.index(bars[0].meter)))
    columns["minor"].append(np.array([mode == "minor" for mode in piece.modes[first:last]], dtype=np.int64))
    columns["row"].append(np.full(count, ("melody", "bass", "drums").index(row)))
    columns["split"].append(np.full(count, SPLITS.index(piece.split)))


def _moved_chords(piece: Piece, first: int, last: int) -> NDArray[np.uint8]:
    """Chord numbers in C major or A minor."""
    if "chords" not in piece.cells:
        return np.full((last - first, piece.bars[first].ticks // 6), NO_CHORD, dtype=np.uint8)
    chords = chord_steps(piece.cells["chords"], piece.bars, first, last - first).astype(np.int64)
    shift = np.array(piece.shifts[first:last])[:, None]
    root, quality = np.divmod(chords, NO_CHORD // 12)
    moved = (root - shift) % 12 * (NO_CHORD // 12) + quality
    return np.where(chords >= NO_CHORD, NO_CHORD, moved).astype(np.uint8)


def _padded(steps: NDArray, by: int) -> NDArray[np.uint8]:
    out = np.full((len(steps), MOST_STEPS), by, dtype=np.uint8)
    out[:, : steps.shape[1]] = steps
    return out
