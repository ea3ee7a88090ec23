"""The corpus as token cells, kept in one file so that training starts in seconds."""

from __future__ import annotations

import logging
import pickle
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from yuefu.errors import InputError, LimitError
from yuefu.score.model import ROWS, Score
from yuefu.tokens.grid import EMPTY, Cell, GridBar, encode_score
from yuefu.tokens.vocabulary import STYLES, family_of, vocabulary

log = logging.getLogger(__name__)
CACHE_VERSION = 1


@dataclass
class Piece:
    """One piece, ready to cut windows from.

    cells: row -> one cell a bar; lyrics: by bar or None; shifts: semitones from each bar's key
    down to C major / A minor; modes: by bar.
    """

    set: str
    work: str
    split: str
    style: str | None
    bpm: float
    bars: list[GridBar]
    cells: dict[str, list[Cell]]
    lyrics: list[Cell] | None
    shifts: list[int]
    modes: list[str]
    families: dict[str, str]

    def window_rows(self, start: int, count: int) -> list[str]:
        """Rows that say anything in a stretch of bars."""
        return [
            row
            for row in ROWS
            if row in self.cells and any(len(cell) for cell in self.cells[row][start : start + count])
        ]


def piece_of(score: Score) -> Piece:
    """A corpus score as token cells. Raises LimitError for bars that are too long."""
    grid = encode_score(score)
    style = score.metadata.get("style")
    keys = [score.key_at(start) for start in grid.starts]
    return Piece(
        set=str(score.metadata.get("set", "")),
        work=str(score.metadata.get("work", "")),
        split=str(score.metadata.get("split", "train")),
        style=style if style in STYLES else None,
        bpm=score.tempos[0].bpm,
        bars=grid.bars,
        cells=grid.cells,
        lyrics=grid.lyrics,
        shifts=[key.shift for key in keys],
        modes=[key.mode for key in keys],
        families={p.role: family_of(p.program, p.role, p.instrument) for p in score.parts if len(p.notes)},
    )


def pieces_of(scores: Iterable[Score]) -> Iterator[Piece]:
    """Pieces of all scores that fit the grid; the others are logged."""
    for score in scores:
        try:
            yield piece_of(score)
        except LimitError as error:
            log.info("left out %s: %s", score.metadata.get("work"), error)


def pack(pieces: list[Piece], path: Path) -> None:
    """Save pieces with the vocabulary's hash."""
    data = {"version": CACHE_VERSION, "vocabulary": vocabulary().hash, "pieces": [_flat(piece) for piece in pieces]}
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb") as file:
        pickle.dump(data, file, protocol=5)
    temporary.replace(path)


def unpack(path: Path) -> list[Piece]:
    """Pieces saved by ``pack``: a cache that the trainer itself wrote, never a file from elsewhere."""
    with path.open("rb") as file:
        data = pickle.load(file)
    if data["version"] != CACHE_VERSION or data["vocabulary"] != vocabulary().hash:
        raise InputError(f"{path.name} was packed with another vocabulary: remove it and pack again.")
    return [_whole(flat) for flat in data["pieces"]]


def _join(cells: list[Cell]) -> tuple[np.ndarray, np.ndarray]:
    lengths = np.array([len(cell) for cell in cells], dtype=np.int32)
    return np.concatenate([*cells, EMPTY]), lengths


def _split(joined: tuple[np.ndarray, np.ndarray]) -> list[Cell]:
    tokens, lengths = joined
    return np.split(tokens, np.cumsum(lengths))[:-1]


def _flat(piece: Piece) -> dict[str, object]:
    flat = dict(piece.__dict__)
    flat["cells"] = {row: _join(cells) for row, cells in piece.cells.items()}
    flat["lyrics"] = None if piece.lyrics is None else _join(piece.lyrics)
    flat["bars"] = [(bar.meter, bar.ticks, bar.offset) for bar in piece.bars]
    return flat


def _whole(flat: dict[str, object]) -> Piece:
    data: dict = dict(flat)
    data["cells"] = {row: _split(joined) for row, joined in data["cells"].items()}
    data["lyrics"] = None if data["lyrics"] is None else _split(data["lyrics"])
    data["bars"] = [GridBar(*bar) for bar in data["bars"]]
    return Piece(**data)
