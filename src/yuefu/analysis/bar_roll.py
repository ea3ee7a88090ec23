"""A piece as a picture by bars: what sounds when, and numbers that describe each bar.

All pitched parts are laid on one roll, so that it doesn't matter how a file divides its music into parts. Pitches are
moved to C major or A minor and folded into four bands of an octave; a bar has 24 steps whatever its metre, which keeps
sixteenths apart from triplets. Tempo, loudness and instruments aren't in the roll: in scores they are often defaults
that tell where a file comes from, not what its music is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yuefu.analysis.grid import Grid, pitched_notes
from yuefu.analysis.key import estimate_key
from yuefu.score.model import TICKS_PER_QUARTER, Notes, Score
from yuefu.theory.key import MAJOR, Key

Floats = NDArray[np.float32]
#: Steps of a bar.
STEPS = 24
#: MIDI pitches (after the move to C major or A minor) at which the bands above the lowest begin.
BANDS = (48, 60, 72)
BAND_NAMES = ("bass", "tenor", "alto", "treble")
#: General MIDI sounds by lane; others go to the last.
LANES = (
    ("kick", (35, 36)), ("snare", (37, 38, 39, 40)), ("hats", (42, 44, 46)),
    ("cymbals", (49, 51, 52, 53, 55, 57, 59)), ("toms", (41, 43, 45, 47, 48, 50)), ("percussion", ()),
)  # fmt: skip
#: Rows of the roll: pitch classes that sound by band, whether a note begins in a band, drum lanes.
SOUNDING, ONSETS, DRUMS = slice(0, 48), slice(48, 52), slice(52, 58)
ROWS = 58
#: What is told of each bar, in this order. Pitches are octaves from middle C, lengths binary logarithms of quarters,
#: ``like_n`` the share of the roll that a bar has in common with the one n bars before.
STATS = (
    "quarters", "compound", "triple", "minor", "onsets", "together", "polyphony", "silence", "pitch", "pitch_spread",
    "lowest", "highest", "length", "length_spread", "repeats", "steps", "thirds", "fourths", "leaps", "upward",
    "offbeat", "chromatic", "like_1", "like_2", "like_4", "like_8", "drum_hits", "overlap", "graces", "loudness",
    "loudness_spread",
)  # fmt: skip
#: Longest piece that is looked at, in bars; the rest of a longer one is left out.
MOST_BARS = 1024
_SHORTEST = 3  # ticks: a thirty-second
#: Steps by which a note may come early and still count as on its step: a tick of 4/4. Sixteenths of 4/4 lie 1.5 steps
#: apart, so that more would take those that come late to the next step.
_EARLY = 0.26


@dataclass(frozen=True)
class BarRoll:
    """rows: bool (bars, ROWS, STEPS); stats: float32 (bars, len(STATS)), 0 where there is nothing to tell."""

    rows: NDArray[np.bool_]
    stats: Floats
    key: Key

    def __len__(self) -> int:
        return len(self.rows)

    def looped(self, bars: int) -> BarRoll:
        """The roll, heard again from its start until it has at least as many bars."""
        if len(self) >= bars or not len(self):
            return self
        order = np.arange(bars) % len(self)
        return BarRoll(self.rows[order], self.stats[order], self.key)

    @property
    def sounding(self) -> slice:
        """The bars from the first to the last with any note."""
        used = np.flatnonzero(self.rows.any(axis=(1, 2)))
        return slice(int(used[0]), int(used[-1]) + 1) if len(used) else slice(0, 0)


def bar_roll(score: Score) -> BarRoll:
    """The roll of a score, its key as estimated from its notes."""
    grid = Grid(score.bars[:MOST_BARS])
    key = estimate_key(score).key
    notes = pitched_notes(score)
    notes = notes[notes["start"] < grid.end]
    drums = [part.notes for part in score.parts if part.is_drums and len(part.notes)]
    hits = np.concatenate(drums) if drums else notes[:0]
    hits = hits[hits["start"] < grid.end]
    rows = _rows(notes, hits, grid, key.shift)
    return BarRoll(rows, _stats(notes, hits, rows, grid, key), key)


def _places(ticks: NDArray[np.integer], grid: Grid) -> NDArray[np.float64]:
    """Ticks in steps from the start of the piece, every bar ``STEPS`` long."""
    bars = grid.bar_of(ticks)
    full = np.maximum(grid.durations + grid.missing, 1)[bars]
    inside = np.clip(grid.offsets(ticks) / full, 0.0, 1.0)
    return (bars + inside) * STEPS


def _rows(notes: Notes, hits: Notes, grid: Grid, shift: int) -> NDArray[np.bool_]:
    count = len(grid.bars) * STEPS
    flat = np.zeros((ROWS, count), dtype=bool)
    if len(notes):
        pitch = notes["pitch"].astype(np.int64) - shift
        band = np.digitize(pitch, BANDS)
        first = np.minimum(np.floor(_places(notes["start"], grid) + _EARLY).astype(np.int64), count - 1)
        last = np.rint(_places(notes["start"].astype(np.int64) + notes["duration"], grid)).astype(np.int64)
        last = np.clip(last, first + 1, count)
        change = np.zeros((SOUNDING.stop, count + 1), dtype=np.int32)
        np.add.at(change, (band * 12 + pitch % 12, first), 1)
        np.add.at(change, (band * 12 + pitch % 12, last), -1)
        flat[SOUNDING] = change[:, :-1].cumsum(axis=1) > 0
        flat[ONSETS.start + band, first] = True
    if len(hits):
        lane = np.full(128, len(LANES) - 1)
        for number, (_, sounds) in enumerate(LANES):
            lane[list(sounds)] = number
        first = np.minimum(np.floor(_places(hits["start"], grid) + _EARLY).astype(np.int64), count - 1)
        flat[DRUMS.start + lane[np.clip(hits["pitch"], 0, 127)], first] = True
    return np.ascontiguousarray(flat.reshape(ROWS, len(grid.bars), STEPS).transpose(1, 0, 2))


def _stats(notes: Notes, hits: Notes, rows: NDArray[np.bool_], grid: Grid, key: Key) -> Floats:
    count = len(grid.bars)
    full = np.maximum(grid.durations + grid.missing, 1)
    quarters = full / TICKS_PER_QUARTER
    upper = np.array([bar.numerator for bar in grid.bars])
    told: dict[str, NDArray[np.floating]] = {
        "quarters": quarters / 4,
        "compound": (np.isin(upper, (6, 9, 12))).astype(float),
        "triple": (np.isin(upper, (3, 9))).astype(float),
        "minor": np.full(count, float(key.mode == "minor")),
    }
    begins = rows[:, ONSETS].any(axis=1)
    onsets = begins.sum(axis=1)
    polyphony = rows[:, SOUNDING].sum(axis=1)
    told["onsets"] = onsets / quarters / 4
    told["polyphony"] = polyphony.mean(axis=1) / 4
    told["silence"] = (polyphony == 0).mean(axis=1)
    told |= _likeness(rows)
    if len(notes):
        told |= _of_notes(notes, onsets, full, grid, key)
    if len(hits):
        told["drum_hits"] = np.bincount(grid.bar_of(hits["start"]), minlength=count) / quarters / 8
    out = np.zeros((count, len(STATS)), dtype=np.float32)
    for column, name in enumerate(STATS):
        if name in told:
            out[:, column] = told[name]
    return out


def _of_notes(
    notes: Notes, onsets: NDArray[np.integer], full: NDArray[np.integer], grid: Grid, key: Key
) -> dict[str, NDArray[np.floating]]:
    count = len(grid.bars)
    bar = grid.bar_of(notes["start"])
    number = np.bincount(bar, minlength=count)

    def mean(values: NDArray) -> NDArray[np.float64]:
        return np.bincount(bar, weights=values, minlength=count) / np.maximum(number, 1)

    def spread(values: NDArray) -> NDArray[np.float64]:
        return np.sqrt(np.maximum(mean(values**2) - mean(values) ** 2, 0.0))

    octave = (notes["pitch"].astype(float) - 60) / 12
    length = np.log2(np.maximum(notes["duration"], 1) / TICKS_PER_QUARTER)
    loud = notes["velocity"] / 127
    lowest, highest = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(lowest, bar, octave)
    np.maximum.at(highest, bar, octave)
    there = number > 0
    outside = ~np.isin((notes["pitch"].astype(np.int64) - key.shift) % 12, MAJOR)
    beat = np.maximum(grid.beats[bar], 1)
    return {
        "together": number / np.maximum(onsets, 1) / 4,
        "pitch": mean(octave),
        "pitch_spread": spread(octave),
        "lowest": np.where(there, lowest, 0.0),
        "highest": np.where(there, highest, 0.0),
        "length": mean(length) / 2,
        "length_spread": spread(length),
        "offbeat": mean((grid.offsets(notes["start"]) % beat != 0).astype(float)),
        "chromatic": mean(outside.astype(float)),
        "overlap": np.bincount(bar, weights=notes["duration"], minlength=count) / full / 4,
        "graces": mean((notes["duration"] <= _SHORTEST).astype(float)),
        "loudness": mean(loud),
        "loudness_spread": spread(loud) * 4,
    } | _line(notes, grid)


def _line(notes: Notes, grid: Grid) -> dict[str, NDArray[np.floating]]:
    """How the highest notes go on, by the bar of the later one."""
    order = np.lexsort((-notes["pitch"].astype(np.int64), notes["start"]))
    starts = notes["start"][order]
    top = order[np.concatenate([[True], np.diff(starts) > 0])]
    moves = np.diff(notes["pitch"][top].astype(np.int64))
    bar = grid.bar_of(notes["start"][top][1:])
    number = np.maximum(np.bincount(bar, minlength=len(grid.bars)), 1)
    size = np.abs(moves)
    kinds = {
        "repeats": size == 0, "steps": (size == 1) | (size == 2), "thirds": (size == 3) | (size == 4),
        "fourths": (size >= 5) & (size <= 7), "leaps": size > 7, "upward": moves > 0,
    }  # fmt: skip
    return {k: np.bincount(bar, weights=v.astype(float), minlength=len(grid.bars)) / number for k, v in kinds.items()}


def _likeness(rows: NDArray[np.bool_]) -> dict[str, NDArray[np.floating]]:
    """Each bar beside earlier ones: Jaccard's index of their rolls, 0 for bars without an earlier one."""
    flat = rows.reshape(len(rows), -1)
    told: dict[str, NDArray[np.floating]] = {}
    for back in (1, 2, 4, 8):
        likeness = np.zeros(len(rows))
        if len(rows) > back:
            both = (flat[back:] & flat[:-back]).sum(axis=1)
            either = (flat[back:] | flat[:-back]).sum(axis=1)
            likeness[back:] = both / np.maximum(either, 1)
        told[f"like_{back}"] = likeness
    return told
