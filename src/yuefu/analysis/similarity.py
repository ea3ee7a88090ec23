"""Originality: the longest passage that a tune shares with the tunes of a corpus.

A tune is read as steps: the interval to the next note and the ratio of two times from onset to onset, so
that neither key nor tempo matters. The index keeps the steps themselves (a few bits a
note when compressed) and finds shared runs by hashes of short step sequences; every run is then
checked step by step, so a hash can't claim what isn't there. Passages of fewer than three different intervals (scales,
trills, repeated notes) don't count.
"""

from __future__ import annotations

import io
import json
import lzma
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from yuefu.analysis.grid import Grid
from yuefu.analysis.lines import melody_line, row_notes, skyline
from yuefu.errors import FormatError, InputError, OutputError
from yuefu.score.model import Notes, Score

#: Steps in a hashed sequence: with rhythm, and of intervals alone (which coincide more easily).
GRAM, INTERVAL_GRAM = 6, 10
ROWS = ("melody", "counter")
_FORMAT = "yuefu-fingerprints-1"
# No step equals the mark between two lines, so no run crosses it.
_BREAK = 127
_MOST_HITS, _MOST_RUNS = 400_000, 600
# Scales, trills and repeated notes are nobody's: a passage counts from this many different intervals.
_DISTINCT = 3
_LONG_REST = 14


@dataclass(frozen=True, slots=True)
class Match:
    """The nearest work to a query.

    work, set: its names ("" when nothing is shared); longest_shared_run: notes of the longest passage with the
    same intervals and rhythm; interval_run: the same by intervals alone, in notes; share: share (0..1) of the
    query's notes in passages of 7 notes or more that it shares with this work; note_ids: first and last
    note of the longest passage in the query; bars: first and last bar (from 0) of it.
    """

    work: str
    set: str
    longest_shared_run: int
    interval_run: int
    share: float
    note_ids: tuple[int, int] | None
    bars: tuple[int, int] | None


def steps(line: Notes) -> tuple[np.ndarray, np.ndarray]:
    """Intervals (semitones, -24..24) and rhythm classes of a line of single notes, each a step shorter.

    A rhythm class is 2 log2 of the ratio of the time to the next onset and the time since the last, rounded, -14..14;
    the first step has class 0.
    """
    if len(line) < 2:
        return np.zeros(0, dtype=np.int8), np.zeros(0, dtype=np.int8)
    intervals = np.clip(np.diff(line["pitch"].astype(np.int64)), -24, 24).astype(np.int8)
    gaps = np.maximum(np.diff(line["start"].astype(np.int64)), 1).astype(np.float64)
    ratio = np.append(0.0, 2.0 * np.log2(gaps[1:] / gaps[:-1]))
    return intervals, np.clip(np.rint(ratio), -_LONG_REST, _LONG_REST).astype(np.int8)


def lines_of(score: Score) -> list[Notes]:
    """The lines whose originality matters: melody and counter rows, or the top line if there is neither."""
    lines = [skyline(row_notes(score, role)) for role in ROWS]
    lines = [line for line in lines if len(line) > 1]
    return lines or [line for line in [melody_line(score)] if len(line) > 1]


def _hashes(intervals: np.ndarray, rhythm: np.ndarray | None, size: int) -> np.ndarray:
    """A 64-bit hash of each ``size`` steps in a row; shape (steps - size + 1,)."""
    count = len(intervals) - size + 1
    if count <= 0:
        return np.zeros(0, dtype=np.uint64)
    code = (intervals.astype(np.int64) + 200).astype(np.uint64)
    if rhythm is not None:
        code = code * np.uint64(64) + (rhythm.astype(np.int64) + 20).astype(np.uint64)
    hashed = np.zeros(count, dtype=np.uint64)
    for place in range(size):
        # The first step's rhythm looks back at a note outside the run: intervals only there.
        part = code[place : place + count]
        if rhythm is not None and place == 0:
            part = part // np.uint64(64) * np.uint64(64)
        hashed = (hashed ^ part) * np.uint64(0x9E3779B97F4A7C15)
        hashed ^= hashed >> np.uint64(29)
    return hashed


@dataclass(frozen=True)
class FingerprintIndex:
    """Tunes to compare with.

    intervals, rhythm: steps of all lines, one after the other, int8, each line closed by a mark; pieces: piece
    of each line; offsets: first step of each line; works, sets: names by piece.
    """

    intervals: np.ndarray
    rhythm: np.ndarray
    offsets: np.ndarray
    pieces: np.ndarray
    works: tuple[str, ...]
    sets: tuple[str, ...]

    @cached_property
    def _grams(self) -> tuple[np.ndarray, np.ndarray]:
        return _sorted_hashes(self.intervals, self.rhythm, GRAM)

    @cached_property
    def _interval_grams(self) -> tuple[np.ndarray, np.ndarray]:
        return _sorted_hashes(self.intervals, None, INTERVAL_GRAM)

    def __len__(self) -> int:
        return len(self.works)

    def nearest(self, score: Score, exclude: Iterable[str] = ()) -> Match:
        """The piece that shares the longest passage with a score's melody or counter row.

        exclude: works not to compare with (a corpus piece's own name). Ties go to the longer interval run, then
        to the larger share, then to the earlier piece.
        """
        lines = lines_of(score)
        barred = {index for index, work in enumerate(self.works) if work in set(exclude)}
        total = sum(len(line) for line in lines)
        best: dict[int, tuple[int, int, int]] = {}
        covered: dict[int, int] = {}
        interval_best: dict[int, int] = {}
        for which, line in enumerate(lines):
            intervals, rhythm = steps(line)
            runs = self._runs(intervals, rhythm, self._grams, GRAM)
            self._collect(runs, which, barred, best, covered)
            runs = self._runs(intervals, None, self._interval_grams, INTERVAL_GRAM)
            for piece, _, length in self._by_piece(runs, barred):
                interval_best[piece] = max(interval_best.get(piece, 0), length + 1)
        if not best and not interval_best:
            return Match("", "", 0, 0, 0.0, None, None)
        nearest = max(
            sorted(best.keys() | interval_best.keys()),
            key=lambda piece: (
                best.get(piece, (0, 0, 0))[0],
                interval_best.get(piece, 0),
                covered.get(piece, 0),
                -piece,
            ),
        )
        length, which, at = best.get(nearest, (0, 0, 0))
        ids = bars = None
        if length:
            line = lines[which]
            first, last = at, at + length - 1
            ids = (int(line["id"][first]), int(line["id"][last]))
            where = Grid.of(score).bar_of(line["start"][[first, last]])
            bars = (int(where[0]), int(where[1]))
        share = covered.get(nearest, 0) / total if total else 0.0
        return Match(
            self.works[nearest], self.sets[nearest], length, interval_best.get(nearest, length), share, ids, bars
        )

    def _collect(
        self,
        runs: np.ndarray,
        which: int,
        barred: set[int],
        best: dict[int, tuple[int, int, int]],
        covered: dict[int, int],
    ) -> None:
        """Add a line's runs to the longest by piece (notes, line, first note) and the notes covered."""
        marked: dict[int, set[int]] = {}
        for piece, start, length in self._by_piece(runs, barred):
            notes = length + 1
            if notes > best.get(piece, (0, 0, 0))[0]:
                best[piece] = (notes, which, start)
            marked.setdefault(piece, set()).update(range(start, start + notes))
        for piece, places in marked.items():
            covered[piece] = covered.get(piece, 0) + len(places)

    def _by_piece(self, runs: np.ndarray, barred: set[int]) -> list[tuple[int, int, int]]:
        """Runs as (piece, first step in the query, steps)."""
        line = np.searchsorted(self.offsets, runs[:, 1], side="right") - 1
        pieces = self.pieces[line]
        rows = zip(pieces.tolist(), runs[:, 0].tolist(), runs[:, 2].tolist())
        return [row for row in rows if row[0] not in barred]

    def _runs(
        self, intervals: np.ndarray, rhythm: np.ndarray | None, grams: tuple[np.ndarray, np.ndarray], size: int
    ) -> np.ndarray:
        """Shared runs, shape (runs, 3): first step in the query, first step in the index, steps."""
        values, places = grams
        own = (_hashes(intervals, rhythm, size) >> np.uint64(32)).astype(np.uint32)
        if not len(own) or not len(values):
            return np.zeros((0, 3), dtype=np.int64)
        low = np.searchsorted(values, own, side="left")
        counts = np.searchsorted(values, own, side="right") - low
        # The commonest sequences (a repeated note) would drown the rest: the rare ones anchor the runs, and
        # extension brings the common ones back in.
        order = np.argsort(counts, kind="stable")
        kept = order[np.cumsum(counts[order]) <= _MOST_HITS]
        kept = kept[counts[kept] > 0]
        query = np.repeat(kept, counts[kept])
        within = np.arange(len(query)) - np.repeat(np.cumsum(counts[kept]) - counts[kept], counts[kept])
        corpus = places[np.repeat(low[kept], counts[kept]) + within].astype(np.int64)
        if not len(query):
            return np.zeros((0, 3), dtype=np.int64)
        shift = corpus - query
        order = np.lexsort((query, shift))
        query, shift = query[order], shift[order]
        fresh = np.append(True, (np.diff(shift) != 0) | (np.diff(query) != 1))
        first = np.flatnonzero(fresh)
        last = np.append(first[1:], len(query)) - 1
        runs = np.stack([query[first], query[first] + shift[first], query[last] - query[first] + size], axis=1)
        # Only the long ones can win, so only they are checked and extended.
        longest = runs[np.argsort(-runs[:, 2], kind="stable")[:_MOST_RUNS]].tolist()
        whole = sorted({tuple(self._extended(run, intervals, rhythm)) for run in longest})
        telling = [run for run in whole if len(np.unique(intervals[run[0] : run[0] + run[2]])) >= _DISTINCT]
        return np.array(telling, dtype=np.int64).reshape(-1, 3)

    def _extended(self, run: list[int], intervals: np.ndarray, rhythm: np.ndarray | None) -> list[int]:
        """A run made as long as it truly is, by comparing step by step both ways (0 steps if it is none)."""
        start, place, _ = run
        reach = min(start, place)
        # Lay the whole stretch of the query that fits over the index's lines at this shift.
        low = start - reach
        corpus = self.intervals[place - reach : place - start + len(intervals)]
        agrees = intervals[low : low + len(corpus)] == corpus
        # A step's rhythm looks back at the step before, so it need not agree at a run's first step.
        rhythmic = agrees
        if rhythm is not None:
            corpus_rhythm = self.rhythm[place - reach : place - start + len(intervals)]
            rhythmic = agrees & (rhythm[low : low + len(corpus)] == corpus_rhythm)
        breaks = np.flatnonzero(~rhythmic)
        at = int(np.searchsorted(breaks, reach, side="right"))
        # The run starts at the last step up to here that lacks only its rhythm, or after one that isn't shared.
        first = int(breaks[at - 1]) if at else 0
        if not agrees[first]:
            first += 1
        last = int(breaks[at]) if at < len(breaks) else len(corpus)
        return [low + first, place - reach + first, max(last - first, 0)]

    def save(self, path: Path | str) -> None:
        """Write the index to a compressed .npz file. Raises OutputError if it can't be written."""
        names = json.dumps({"format": _FORMAT, "works": self.works, "sets": self.sets}, ensure_ascii=False)
        packed = {
            "intervals": _pack(self.intervals.tobytes()),
            "rhythm": _pack(self.rhythm.tobytes()),
            "offsets": _pack(np.diff(self.offsets, prepend=0).astype("<i4").tobytes()),
            "pieces": _pack(self.pieces.astype("<i4").tobytes()),
            "names": _pack(names.encode()),
        }
        buffer = io.BytesIO()
        np.savez(buffer, **packed)  # type: ignore[arg-type]
        try:
            Path(path).write_bytes(buffer.getvalue())
        except OSError as error:
            raise OutputError(f"the index can't be written to {path}: {error.strerror or error}.") from error

    @classmethod
    def load(cls, path: Path | str) -> FingerprintIndex:
        """Read an index that ``save`` wrote. Raises InputError if there is none, FormatError if it is damaged."""
        try:
            with np.load(Path(path), allow_pickle=False) as packed:
                data = {name: lzma.decompress(packed[name].tobytes()) for name in packed.files}
            names = json.loads(data["names"])
            if names["format"] != _FORMAT:
                raise ValueError(f"its format is {names['format']!r:.40}")
            index = cls(
                np.frombuffer(data["intervals"], dtype=np.int8),
                np.frombuffer(data["rhythm"], dtype=np.int8),
                np.cumsum(np.frombuffer(data["offsets"], dtype="<i4").astype(np.int64)),
                np.frombuffer(data["pieces"], dtype="<i4").astype(np.int64),
                tuple(names["works"]),
                tuple(names["sets"]),
            )
        except FileNotFoundError as error:
            raise InputError(f"there is no fingerprint index at {path}: build one with build_index.") from error
        except (OSError, ValueError, KeyError, TypeError, lzma.LZMAError, EOFError, zipfile.BadZipFile) as error:
            raise FormatError(f"{path} isn't a fingerprint index: {error!s:.120}.") from error
        if len(index.intervals) != len(index.rhythm) or len(index.offsets) != len(index.pieces):
            raise FormatError(f"{path} is a damaged fingerprint index: its arrays don't fit each other.")
        return index


def _pack(data: bytes) -> np.ndarray:
    """Bytes, strongly compressed, as an array that .npz can hold."""
    window = min(max(len(data), 4096), 1 << 25)
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "dict_size": window, "pb": 0}]
    return np.frombuffer(lzma.compress(data, format=lzma.FORMAT_XZ, filters=filters), dtype=np.uint8)


def _sorted_hashes(intervals: np.ndarray, rhythm: np.ndarray | None, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Hashes of all step sequences within lines, sorted, and where each begins."""
    hashed = _hashes(intervals, rhythm, size)
    ends = np.flatnonzero(intervals == _BREAK)
    inside = np.ones(len(hashed), dtype=bool)
    for back in range(size):
        at = ends - back
        inside[at[(at >= 0) & (at < len(hashed))]] = False
    places = np.flatnonzero(inside).astype(np.uint64)
    # 32 bits of hash over 32 of place in one number: a plain sort is much quicker than an argsort.
    packed = np.sort((hashed[inside] >> np.uint64(32) << np.uint64(32)) | places)
    return (packed >> np.uint64(32)).astype(np.uint32), packed.astype(np.uint32)


def build_index(scores: Iterable[Score], names: Sequence[str] | None = None) -> FingerprintIndex:
    """An index of the melody and counter rows of scores.

    names: a name for each score; None takes metadata "work", else the title. The set is metadata "set".
    Raises InputError if there are fewer names than scores.
    """
    intervals: list[np.ndarray] = []
    rhythm: list[np.ndarray] = []
    offsets: list[int] = []
    pieces: list[int] = []
    works: list[str] = []
    sets: list[str] = []
    position = 0
    mark = np.array([_BREAK], dtype=np.int8)
    for index, score in enumerate(scores):
        if names is not None and index >= len(names):
            raise InputError(f"build_index got {len(names)} names for more scores: give one name for each score.")
        works.append(names[index] if names is not None else str(score.metadata.get("work") or score.title))
        sets.append(str(score.metadata.get("set", "")))
        for line in lines_of(score):
            line_intervals, line_rhythm = steps(line)
            intervals += [line_intervals, mark]
            rhythm += [line_rhythm, mark]
            offsets.append(position)
            pieces.append(index)
            position += len(line_intervals) + 1
    empty = np.zeros(0, dtype=np.int8)
    return FingerprintIndex(
        np.concatenate(intervals) if intervals else empty,
        np.concatenate(rhythm) if rhythm else empty,
        np.array(offsets, dtype=np.int64),
        np.array(pieces, dtype=np.int64),
        tuple(works),
        tuple(sets),
    )
