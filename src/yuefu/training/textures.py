"""Phrases of drums, bass and keys from the corpus, as rolls with what would have asked for them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yuefu.engines.texture import (
    BARS,
    BASS_DEGREES,
    CHANNELS,
    CHANNELS_OF,
    DRUM_NAMES,
    ONSETS_OF,
    ROWS,
    STEP,
    STEPS,
    Roll,
    bass_pitch,
    read_bar,
    root_pitch,
)  # fmt: skip
from yuefu.engines.texture_wish import BAND_GROUPS, DRUM_GROUPS, drum_group
from yuefu.errors import InputError
from yuefu.generation.fill import Canvas, chord_reader
from yuefu.progress import Listener, ignore
from yuefu.theory.chord import Chord
from yuefu.tokens.grid import EMPTY, decode_notes
from yuefu.tokens.vocabulary import vocabulary
from yuefu.training.dataset import load_pieces
from yuefu.training.pieces import Piece

#: Set -> group of its bands, by style where None.
SETS: dict[str, str | None] = {
    "groove": None, "drum_patterns": None, "game_freedoom": "game", "game_simutrans": "game", "game_easyrpg": "game",
    "pop909": "pop", "openscore_lieder": "song", "mutopia": None, "musetrainer_pd": None, "wjazzd": "jazz",
}  # fmt: skip
_BAND_OF_STYLE = {"baroque": "classical", "classical": "classical", "romantic": "romantic"}
_KINDS = {("4/4", 96): 0, ("2/2", 96): 0, ("3/4", 72): 1, ("6/8", 72): 2}
#: Bars of a phrase in which a row has to play to count as playing.
_PLAYS = 3
#: Most phrases that are taken from a set.
MOST = 8000
#: Raised when phrases change for the same pieces.
VERSION = 1
_TOMS = [DRUM_NAMES.index(name) for name in ("low tom", "high tom")]
_SNARE = DRUM_NAMES.index("snare")


@dataclass
class Phrases:
    """n phrases of four bars.

    packed: uint8 bits of (BARS, CHANNELS, STEPS); rows: (n, 3) who plays; drums, band: numbers of groups, -1 for none;
    meter: kind; fills, changes, rich: (n, BARS), see ``texture_wish``; onsets: (n, 3) counts; split: 0 train, 1 valid,
    2 test; work: number of the work.
    """

    packed: NDArray[np.uint8]
    rows: NDArray[np.bool_]
    drums: NDArray[np.int8]
    band: NDArray[np.int8]
    meter: NDArray[np.int8]
    fills: NDArray[np.bool_]
    changes: NDArray[np.bool_]
    rich: NDArray[np.bool_]
    onsets: NDArray[np.int16]
    split: NDArray[np.int8]
    work: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.packed)

    def rolls(self, index: NDArray[np.integer] | Sequence[int] | slice) -> Roll:
        """Phrases as rolls (n, BARS, CHANNELS, STEPS)."""
        bits = np.unpackbits(self.packed[index], axis=1, count=BARS * CHANNELS * STEPS)
        return bits.reshape(-1, BARS, CHANNELS, STEPS).astype(bool)

    def taken(self, index: NDArray[np.integer]) -> Phrases:
        """Some of the phrases."""
        return Phrases(**{field.name: getattr(self, field.name)[index] for field in fields(self)})

    def save(self, path: Path) -> None:
        """Write one file, whole or not at all."""
        temporary = path.with_suffix(".tmp")
        with temporary.open("wb") as file:
            np.savez(file, version=VERSION, **{field.name: getattr(self, field.name) for field in fields(self)})
        os.replace(temporary, path)

    @classmethod
    def load(cls, path: Path) -> Phrases:
        """Read what ``save`` wrote. Raises InputError for another version."""
        with np.load(path) as data:
            if int(data["version"]) != VERSION:
                raise InputError(f"'{path}' was made by another version: remove it, and it will be made again.")
            return cls(**{field.name: data[field.name] for field in fields(cls)})


def corpus_phrases(folder: Path, cache: Path, progress: Listener = ignore) -> Phrases:
    """The phrases of a built corpus, from the file ``cache`` where it is there. Raises InputError for none."""
    if cache.is_file():
        return Phrases.load(cache)
    phrases = phrases_of(load_pieces(folder, list(SETS), progress))
    cache.parent.mkdir(parents=True, exist_ok=True)
    phrases.save(cache)
    return phrases


def phrases_of(pieces: Iterable[Piece], most: int = MOST, seed: int = 1) -> Phrases:
    """Phrases of pieces, at most so many of a set and split, pieces drawn by ``seed``; none twice in a piece."""
    pieces = list(pieces)
    order = np.random.default_rng(seed).permutation(len(pieces))
    counts: dict[tuple[str, str], int] = {}
    works: dict[str, int] = {}
    found: list[dict[str, object]] = []
    for number in order.tolist():
        piece = pieces[number]
        key = (piece.set, piece.split)
        if piece.set not in SETS or counts.get(key, 0) >= most:
            continue
        seen: set[bytes] = set()
        for phrase in _of_piece(piece):
            bits = np.packbits(phrase.pop("roll").reshape(-1))  # type: ignore[attr-defined]
            if bits.tobytes() in seen:
                continue
            seen.add(bits.tobytes())
            work = works.setdefault(f"{piece.set}/{piece.work}", len(works))
            found.append(
                phrase | {"packed": bits, "split": ("train", "valid", "test").index(piece.split), "work": work}
            )
        counts[key] = counts.get(key, 0) + len(seen)
    if not found:
        raise InputError("there are no bars of drums, bass or keys to learn from: build more sets of the corpus.")
    types = {
        "drums": np.int8,
        "band": np.int8,
        "meter": np.int8,
        "split": np.int8,
        "work": np.int32,
        "onsets": np.int16,
    }
    return Phrases(
        **{f.name: np.array([each[f.name] for each in found], dtype=types.get(f.name)) for f in fields(Phrases)}
    )


def _of_piece(piece: Piece) -> Iterator[dict[str, object]]:
    v = vocabulary()
    drums = drum_group(piece.style) if SETS[piece.set] is None and "drums" in piece.cells else None
    band = SETS[piece.set] or _BAND_OF_STYLE.get(piece.style or "")
    if band == "game":
        drums = "game"
    rows = [row for row in ROWS if row in piece.cells and (drums if row == "drums" else band)]
    if not rows:
        return
    cells = {
        row: own if row == "drums" else [v.transposed(cell, -piece.shifts[bar]) for bar, cell in enumerate(own)]
        for row, own in piece.cells.items()
        if row in (*rows, "chords")
    }
    canvas = Canvas(piece.bars, cells, [])
    hop = 2 if rows == ["drums"] else BARS
    first = next((b for b, bar in enumerate(piece.bars) if not bar.offset), 0)
    for start in range(first, len(piece.bars) - BARS + 1, hop):
        bars = piece.bars[start : start + BARS]
        kind = _KINDS.get((bars[0].meter, bars[0].ticks))
        if kind is None or any((b.meter, b.ticks, b.offset) != (bars[0].meter, bars[0].ticks, 0) for b in bars):
            continue
        here = range(start, start + BARS)
        playing = [row for row in rows if sum(len(cells[row][b]) > 0 for b in here) >= _PLAYS]
        if not playing:
            continue
        yield _phrase(canvas, start, playing, kind, drums, band)


def _phrase(
    canvas: Canvas, start: int, rows: list[str], kind: int, drums: str | None, band: str | None
) -> dict[str, object]:
    """A phrase, from ``start`` on, with what would have asked for it."""
    count = canvas.bars[start].ticks // STEP
    chords = [_chords(canvas, bar, count) for bar in range(start, start + BARS)]
    base, octave = _registers(canvas, start, rows, chords)
    swung = _swings(canvas, start, rows)
    roll = np.stack([
        read_bar({row: canvas.cells[row][start + b] for row in rows}, chords[b], count * STEP, base, octave, swung)
        for b in range(BARS)
    ])  # fmt: skip
    pitched = bool({"bass", "keys"} & set(rows))
    return {
        "roll": roll,
        "rows": [row in rows for row in ROWS],
        "drums": DRUM_GROUPS.index(drums) if drums and "drums" in rows else -1,
        "band": BAND_GROUPS.index(band) if band and pitched else -1,
        "meter": kind,
        "fills": fills_of(roll),
        "changes": [pitched and any(c != own[0] for c in own) for own in chords],
        "rich": [pitched and len(own[0].pitch_classes) > 3 for own in chords],
        "onsets": onsets_of(roll),
    }


def fills_of(roll: Roll) -> NDArray[np.bool_]:
    """Which bars of a phrase (BARS, CHANNELS, STEPS) are fills: clearly more toms or snare than is usual in it."""
    toms = roll[:, _TOMS].sum(axis=(1, 2))
    snare = roll[:, _SNARE].sum(axis=1)
    return (toms >= np.median(toms) + 2) | (snare >= np.median(snare) + 3)


def onsets_of(rolls: Roll) -> NDArray[np.int16]:
    """Notes that begin, by row: (..., 3) of (..., BARS, CHANNELS, STEPS)."""
    return np.stack([rolls[..., ONSETS_OF[row], :].sum(axis=(-1, -2, -3)) for row in ROWS], axis=-1).astype(np.int16)


def densities(phrases: Phrases, among: Phrases) -> NDArray[np.float32]:
    """(n, 3): the share of phrases of the same group and metre in ``among`` that have fewer onsets, ties by half."""
    out = np.full((len(phrases), len(ROWS)), 0.5, dtype=np.float32)
    for column, row in enumerate(ROWS):
        own, other = (p.drums if row == "drums" else p.band for p in (phrases, among))
        for group in np.unique(own[phrases.rows[:, column]]):
            for meter in np.unique(phrases.meter):
                here = (own == group) & (phrases.meter == meter) & phrases.rows[:, column]
                there = (other == group) & (among.meter == meter) & among.rows[:, column]
                if here.any() and there.any():
                    known = np.sort(among.onsets[there, column])
                    left = np.searchsorted(known, phrases.onsets[here, column], side="left")
                    right = np.searchsorted(known, phrases.onsets[here, column], side="right")
                    out[here, column] = (left + right) / 2 / len(known)
    return out


def _chords(canvas: Canvas, bar: int, count: int) -> list[Chord]:
    if not canvas.cells.get("chords"):
        return [Chord(0)] * count
    at = chord_reader(canvas, bar)
    return [at(step * STEP) or Chord(0) for step in range(count)]


def _registers(canvas: Canvas, start: int, rows: list[str], chords: list[list[Chord]]) -> tuple[int, int]:
    """Where a phrase's bass and keys lie: see ``read_bar``."""
    base, octave = 33, 0
    if "keys" in rows:
        pitches = [
            p for b in range(BARS) for p in decode_notes(canvas.cells["keys"][start + b], 0)[0]["pitch"].tolist()
        ]
        octave = round((float(np.median(pitches)) - 62) / 12)
    if "bass" in rows:
        notes = [
            (chords[b][min(int(n["start"]) // STEP, len(chords[b]) - 1)], int(n["pitch"]))
            for b in range(BARS)
            for n in decode_notes(canvas.cells["bass"][start + b], 0)[0]
        ]
        pitch = np.array([p for _, p in notes])
        middle = float(np.median(pitch))
        low = np.arange(max(round(middle) - 14, 12), round(middle) + 4)
        root = low[:, None] + (np.array([chord.root for chord, _ in notes])[None] - low[:, None]) % 12
        first, bottom, top = (root + lane for lane in np.array([_lanes_from_root(chord) for chord, _ in notes]).T)
        worth = 2.0 * (pitch == first).sum(axis=1) - 3.0 * ((pitch < bottom) | (pitch > top)).sum(axis=1)
        base = int(low[np.lexsort((np.abs(low + 6 - middle), -worth))[0]])
    return base, octave


@lru_cache(maxsize=4096)
def _lanes_from_root(chord: Chord) -> tuple[int, int, int]:
    """The bass's first degree, its lowest and its highest lane, in semitones above the chord's root."""
    root = root_pitch(chord, 33)
    first, bottom, top = (bass_pitch(chord, lane, 33) - root for lane in (-BASS_DEGREES[0], 0, len(BASS_DEGREES) - 1))
    return first, bottom, top


def _swings(canvas: Canvas, start: int, rows: list[str]) -> bool:
    """Whether a phrase's quavers are written as triplets."""
    v = vocabulary()
    if canvas.bars[start].meter.endswith("/8"):
        return False
    rest = np.array([
        v.position_ticks[t] % 24
        for row in rows
        for cell in canvas.cells.get(row, [EMPTY])[start : start + BARS]
        for t in cell.tolist()
        if t in v.position_ticks
    ])  # fmt: skip
    late, even = np.isin(rest, (16, 20)).sum(), np.isin(rest, (6, 12, 18)).sum()
    return bool(late > 2 and late > 0.4 * (late + even))


def row_channels(rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(n, CHANNELS): the channels of the rows that play, of (n, 3)."""
    out = np.zeros((len(rows), CHANNELS), dtype=bool)
    for column, row in enumerate(ROWS):
        out[rows[:, column], CHANNELS_OF[row]] = True
    return out
