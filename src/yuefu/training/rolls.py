"""Labelled pieces as rolls by bars, kept in one file so that training starts in seconds."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yuefu.analysis.bar_roll import ROWS, STEPS, BarRoll, bar_roll
from yuefu.corpus.labels import Piece, facts_of, groups_of, label_of, labels, sets_of_labels
from yuefu.corpus.store import iter_scores, set_names
from yuefu.errors import InputError
from yuefu.progress import Listener, Progress, ignore
from yuefu.recognition.windows import BARS

#: Bars that are kept of a piece; more windows of one piece teach little.
KEPT = 128
#: A bar of notes that more pieces share than this says nothing about where a piece comes from.
_COMMON = 12
#: Pieces that have this share of their different bars in common are one work.
_SAME = 0.5
_FEWEST = 4
#: Raised when rolls change for the same scores.
VERSION = 3


@dataclass
class Rolls:
    """Pieces as rolls.

    packed: uint8 (all bars, packed bits of a bar's roll); stats: float16 (all bars, STATS); ends: the bar after each
    piece's last; truth: number of each piece's label in ``names``; groups: equal for pieces that must stay together;
    about: set and work of each piece.
    """

    packed: NDArray[np.uint8]
    stats: NDArray[np.float16]
    ends: NDArray[np.int64]
    truth: NDArray[np.int64]
    groups: NDArray[np.int64]
    names: list[str]
    about: list[str]

    def __len__(self) -> int:
        return len(self.ends)

    def bars_of(self, piece: int) -> slice:
        """Where a piece's bars lie."""
        return slice(int(self.ends[piece - 1]) if piece else 0, int(self.ends[piece]))

    def window(self, piece: int, start: int, bars: int = BARS) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Bars of a piece from ``start`` on, heard again from its beginning where it ends: rows and stats."""
        place = self.bars_of(piece)
        index = place.start + (start + np.arange(bars)) % (place.stop - place.start)
        bits = np.unpackbits(self.packed[index], axis=1, count=ROWS * STEPS)
        return bits.reshape(bars, ROWS, STEPS).astype(np.float32), self.stats[index].astype(np.float32)

    def save(self, path: Path) -> None:
        """Write one file, whole or not at all."""
        temporary = path.with_suffix(".tmp")
        with temporary.open("wb") as file:
            np.savez(
                file, version=VERSION, packed=self.packed, stats=self.stats, ends=self.ends, truth=self.truth,
                groups=self.groups, names=np.array(self.names), about=np.array(self.about),
            )  # fmt: skip
        os.replace(temporary, path)

    @classmethod
    def load(cls, path: Path) -> Rolls:
        """Read what ``save`` wrote. Raises InputError for another version."""
        with np.load(path) as data:
            if int(data["version"]) != VERSION:
                raise InputError(f"'{path}' was made by another version: remove it, and it will be made again.")
            names, about = data["names"].tolist(), data["about"].tolist()
            arrays = {k: data[k] for k in ("packed", "stats", "ends", "truth", "groups")}
            return cls(**arrays, names=names, about=about)


def rolls_of(pieces: Iterable[tuple[BarRoll, str, list[str], str]], names: list[str]) -> Rolls:
    """Rolls from (roll, label, names that group it, about).

    Pieces that share half of their bars with another are grouped with it where the label is the same, and left out with
    it where it isn't, since nobody can tell which is right. Raises InputError where no piece has a note.
    """
    packed, stats, truth, grouped, about = [], [], [], [], []
    for roll, label, keys, told in pieces:
        used = roll.sounding
        used = slice(used.start, min(used.stop, used.start + KEPT))
        if used.stop > used.start:
            packed.append(np.packbits(roll.rows[used].reshape(used.stop - used.start, -1), axis=1))
            stats.append(roll.stats[used].astype(np.float16))
            truth.append(names.index(label))
            grouped.append(list(keys))
            about.append(told)
    if not packed:
        raise InputError("there are no labelled pieces with notes to learn from: build more sets of the corpus.")
    doubtful: set[int] = set()
    for one, other in twins(packed):
        if truth[one] == truth[other]:
            grouped[other].append(grouped[one][0])
        else:
            doubtful |= {one, other}
    kept = [number for number in range(len(packed)) if number not in doubtful]
    groups = groups_of(grouped)
    return Rolls(
        np.concatenate([packed[k] for k in kept]), np.concatenate([stats[k] for k in kept]),
        np.cumsum([len(packed[k]) for k in kept]), np.array([truth[k] for k in kept]),
        np.array([groups[k] for k in kept]), names, [about[k] for k in kept],
    )  # fmt: skip


def twins(packed: list[NDArray[np.uint8]]) -> Iterator[tuple[int, int]]:
    """Pairs of pieces (the earlier first) that have half of their different bars in common."""
    own = [{bar.tobytes() for bar in piece if bar.any()} for piece in packed]
    where: dict[bytes, list[int]] = defaultdict(list)
    for number, bars in enumerate(own):
        for bar in sorted(bars):
            where[bar].append(number)
    for number, bars in enumerate(own):
        if len(bars) < _FEWEST:
            continue
        shared: dict[int, int] = defaultdict(int)
        for bar in bars:
            if len(where[bar]) <= _COMMON:
                for other in where[bar]:
                    shared[other] += other < number
        for other, count in sorted(shared.items()):
            if count >= _SAME * min(len(bars), len(own[other])) and len(own[other]) >= _FEWEST:
                yield other, number


def corpus_rolls(folder: Path, cache: Path, progress: Listener = ignore) -> Rolls:
    """The labelled pieces of a built corpus, from the file ``cache`` where it is there."""
    if cache.is_file():
        return Rolls.load(cache)
    present = set_names(folder)
    wanted = [name for name in sets_of_labels() if name in present]
    if not wanted:
        raise InputError(f"'{folder}' holds no set with labelled pieces: run `yuefu corpus build` first.")

    def pieces() -> Iterator[tuple[BarRoll, str, list[str], str]]:
        for number, name in enumerate(wanted):
            progress(Progress("pack", number, len(wanted), name))
            for score in iter_scores(folder, [name]):
                facts = facts_of(score)
                label = label_of(facts)
                if label is not None:
                    yield bar_roll(score), label, Piece(facts).names, f"{name}/{facts.get('work', '')}"
        progress(Progress("pack", len(wanted), len(wanted)))

    rolls = rolls_of(pieces(), list(labels()))
    cache.parent.mkdir(parents=True, exist_ok=True)
    rolls.save(cache)
    return rolls
