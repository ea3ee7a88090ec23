"""Near-duplicates: the same tune in two places, transposed or slightly varied.

A piece's melody is cut into runs of seven intervals; two pieces are near-duplicates when the sets
of runs overlap (Jaccard) by ``THRESHOLD`` or more, estimated with MinHash and found by banding
(Broder 1997; Leskovec, Rajaraman and Ullman, "Mining of Massive Datasets", chapter 3).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from yuefu.score.model import NOTE_ROWS, Score

PERMUTATIONS = 64
BANDS = 16
RUN = 7
THRESHOLD = 0.55
_SEED = np.random.default_rng(20240519)
_MULTIPLY = _SEED.integers(0, 1 << 63, PERMUTATIONS, dtype=np.uint64) | np.uint64(1)
_FLIP = _SEED.integers(0, 1 << 63, PERMUTATIONS, dtype=np.uint64)

Signature = NDArray[np.uint64]


def signature(score: Score) -> Signature | None:
    """The MinHash signature of a piece, shape (64,); None when it has too little to compare."""
    runs = _melody_runs(score)
    if runs is None:
        runs = _chord_runs(score)
    if runs is None or len(runs) < 4:
        return None
    unique = np.unique(runs)
    hashed = (unique[None, :] ^ _FLIP[:, None]) * _MULTIPLY[:, None]  # wraps around at 2**64
    found: Signature = (hashed ^ (hashed >> np.uint64(31))).min(axis=1)
    return found


def _steps(values: NDArray[np.integer]) -> NDArray[np.int64]:
    wide = values.astype(np.int64)
    return wide[1:] - wide[:-1]


def _runs(steps: NDArray[np.integer]) -> NDArray[np.uint64] | None:
    """Each run of ``RUN`` steps as a well-mixed 64-bit number."""
    if len(steps) < RUN + 4:
        return None
    windows = np.lib.stride_tricks.sliding_window_view((steps.astype(np.int64) + 64).astype(np.uint64), RUN)
    weights = np.array([pow(131, i, 1 << 63) for i in range(RUN)], dtype=np.uint64)
    mixed: NDArray[np.uint64] = (windows * weights).sum(axis=1, dtype=np.uint64)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0x9E3779B97F4A7C15)
    return mixed ^ (mixed >> np.uint64(32))


def _melody_runs(score: Score) -> NDArray[np.uint64] | None:
    part = next(
        (p for role in NOTE_ROWS if role != "drums" for p in score.parts if p.role == role and len(p.notes)), None
    )
    if part is None:
        drums = score.part("drums")
        if drums is None:
            return None
        notes = drums.notes
        pitch, start = notes["pitch"].astype(np.int64), notes["start"].astype(np.int64)
        return _runs(np.asarray(pitch * 7 + start % 96, dtype=np.int64))
    return _runs(_steps(part.notes["pitch"]))


def _chord_runs(score: Score) -> NDArray[np.uint64] | None:
    spans = [span for span in score.chords if span.chord]
    if len(spans) < RUN:
        return None
    roots = np.array([span.chord.root for span in spans if span.chord])
    kinds = np.array([len(span.chord.quality) for span in spans if span.chord])
    return _runs(_steps(roots) % 12 * 8 + kinds[1:])


@dataclass
class Index:
    """Signatures seen so far, findable by near-duplicates.

    add and find take (signature, label); a label is any string, such as ``"set/work#n"``.
    """

    labels: list[str] = field(default_factory=list)
    works: list[str] = field(default_factory=list)
    signatures: list[Signature] = field(default_factory=list)
    _buckets: dict[tuple[int, bytes], list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, found: Signature, label: str, work: str) -> None:
        """Remember a piece."""
        place = len(self.labels)
        self.labels.append(label)
        self.works.append(work)
        self.signatures.append(found)
        for band, chunk in enumerate(found.reshape(BANDS, -1)):
            self._buckets[band, chunk.tobytes()].append(place)

    def find(self, wanted: Signature, work: str = "", threshold: float = THRESHOLD) -> tuple[str, float] | None:
        """The nearest earlier piece of another work and its estimated overlap, or None below the threshold."""
        near = {
            place
            for band, chunk in enumerate(wanted.reshape(BANDS, -1))
            for place in self._buckets.get((band, chunk.tobytes()), ())
        }
        best: tuple[float, int] | None = None
        for place in sorted(near):
            if work and self.works[place] == work:
                continue
            overlap = float((self.signatures[place] == wanted).mean())
            if overlap >= threshold and (best is None or overlap > best[0]):
                best = (overlap, place)
        return (self.labels[best[1]], best[0]) if best else None
