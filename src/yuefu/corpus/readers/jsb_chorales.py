"""Bach's four-part chorales as sixteenth-note grids (soprano, alto, tenor, bass), with their own split.

The grid doesn't tell a held note from a repeated one: a run of one pitch is one note, cut at a
whole note. It carries no bar lines: in 4/4 the length says how long the pick-up is (chorales end
with a full bar), and 3/4 is told by where the long notes fall.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yuefu.corpus.reader_types import SPLITS, Item
from yuefu.errors import FormatError
from yuefu.score.model import MeterChange, Part, Score, TempoChange, make_notes, renumber

FILE = "Jsb16thSeparated.json"
SIXTEENTH = 6
LONGEST = 96
#: Voice columns: row, name, instrument.
VOICES = (
    ("melody", "Soprano", "soprano"),
    ("counter", "Alto", "alto"),
    ("inner", "Tenor", "tenor"),
    ("bass", "Bass", "bass_voice"),
)


def read(folder: Path) -> Iterator[Item]:
    """One item a chorale, in its published split."""
    for path in sorted(folder.rglob(FILE))[:1]:
        try:
            book = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise FormatError(f"{FILE} can't be read as JSON: {error!s:.80}.") from error
        for split in SPLITS:
            for index, grid in enumerate(book.get(split, [])):
                name = f"{split}-{index:03d}"
                yield Item(
                    work=name,
                    load=chorale,
                    args=(grid, f"Chorale {name}"),
                    source=f"{path.relative_to(folder)}#{name}",
                    style="chorale",
                    split=split,
                    arranged=True,
                )


def chorale(grid: list[list[float]], title: str = "Chorale") -> Score:
    """The Score of a chorale's grid: a row a sixteenth, four pitches a row, -1 for silence.

    >>> score = chorale([[72, 67, 64, 48]] * 4 + [[74, 67, 65, 47]] * 16)
    >>> score.pickup, [int(n) for n in score.parts[0].notes["duration"]]
    (24, [24, 96])
    """
    table = np.asarray(grid, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] != len(VOICES) or not len(table):
        raise FormatError("a chorale's grid needs four voices a row and at least one row.")
    pitches = np.nan_to_num(table, nan=-1).astype(np.int64)
    numerator, pickup = _metre(pitches)
    parts = []
    for column, (role, name, instrument) in enumerate(VOICES):
        rows: list[tuple[int, int, int, int, int]] = []
        for start, stop in _runs(pitches[:, column]):
            pitch = int(pitches[start, column])
            if pitch < 0:
                continue
            tick, end = start * SIXTEENTH, stop * SIXTEENTH
            while tick < end:
                duration = min(LONGEST, end - tick)
                rows.append((len(rows) + 1, tick, duration, pitch, 80))
                tick += duration
        parts.append(Part(role, name, role, 52, instrument, make_notes(rows)))
    return renumber(
        Score(
            title=title,
            composer="J. S. Bach",
            parts=tuple(part for part in parts if len(part.notes)),
            tempos=(TempoChange(0, 80.0),),
            meters=(MeterChange(0, numerator, 4),),
            pickup=pickup,
            metadata={"style": "chorale"},
        )
    )


def _runs(column: NDArray[np.int64]) -> list[tuple[int, int]]:
    """(start, stop) of each stretch of one value."""
    edges = np.flatnonzero(np.diff(column)) + 1
    bounds = [0, *edges.tolist(), len(column)]
    return [(bounds[i], bounds[i + 1]) for i in range(len(bounds) - 1)]


def _metre(pitches: NDArray[np.int64]) -> tuple[int, int]:
    """Quarters a bar and the pick-up in ticks."""
    long_notes = np.zeros(len(pitches) // 4 + 1)
    for column in range(pitches.shape[1]):
        for start, stop in _runs(pitches[:, column]):
            if stop - start >= 8 and start % 4 == 0:
                long_notes[start // 4] += 1
    total = max(1.0, float(long_notes.sum()))
    by_three = [float(long_notes[phase::3].sum()) / total for phase in range(3)]
    by_four = [float(long_notes[phase::4].sum()) / total for phase in range(4)]
    phase = int(np.argmax(by_three))
    if by_three[phase] > 0.65 and max(by_four) < 0.45:
        return 3, 24 * phase
    return 4, 24 * (len(pitches) // 4 % 4)
