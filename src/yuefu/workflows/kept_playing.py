"""How each note of a score was played, kept so that an edit leaves alone what it doesn't touch.

A performance draws its looseness in one stream after another: played anew with one note more, every note
after it would lie a little elsewhere, and a listener would hear another take. So what was played is kept by
note: how far its onset and end lie from the written (swung) places, and its velocity. Notes that aren't
known, because they are new, are played as ``perform`` plays them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yuefu.errors import FormatError
from yuefu.performance.manner import manner_of
from yuefu.performance.pedal import pedal_events
from yuefu.performance.perform import perform, played_tempos, swing_of
from yuefu.performance.timing import separate_repeats, swung
from yuefu.score.model import Part, Score
from yuefu.score.performed import PERFORMED_DTYPE, Performance
from yuefu.score.serial import score_to_dict

#: Steps of a tick that offsets are kept in: less than a tenth of a millisecond each.
STEP = 256
_FARTHEST = 127
KEPT_DTYPE = np.dtype([("id", "<i4"), ("on", "<i2"), ("off", "<i2"), ("velocity", "<i2")])


@dataclass(frozen=True)
class Manners:
    """What a performance depends on beside the score: see ``perform``."""

    style: str = ""
    seed: int = 0
    energy: tuple[float, ...] | None = None
    longer: float | None = None

    def perform(self, score: Score) -> Performance:
        """The score played from scratch."""
        return perform(score, style=self.style, seed=self.seed, energy=self.energy, longer=self.longer)


@dataclass(frozen=True, eq=False)
class Kept:
    """What was played. notes: an array of ``KEPT_DTYPE``, by id; of: the fingerprint of the score that it is of."""

    notes: NDArray[np.void] = field(default_factory=lambda: np.zeros(0, dtype=KEPT_DTYPE))
    of: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"of": self.of, **{name: self.notes[name].tolist() for name in KEPT_DTYPE.names or ()}}

    @classmethod
    def from_dict(cls, data: Any) -> Kept:
        """What ``to_dict`` made. Raises FormatError."""
        try:
            notes = np.zeros(len(data["id"]), dtype=KEPT_DTYPE)
            for name in KEPT_DTYPE.names or ():
                notes[name] = data[name]
            of = str(data["of"])
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise FormatError(f"this document's performance can't be read: {error!s:.80}.") from error
        if len(notes) and (notes["velocity"].min() < 1 or notes["velocity"].max() > 127):
            raise FormatError("this document's performance has velocities outside of 1 to 127.")
        if len(notes) and max(abs(int(notes[n].min())) + abs(int(notes[n].max())) for n in ("on", "off")) > 4 * STEP:
            raise FormatError("this document's performance has notes far from their places.")
        return cls(_ordered(notes), of)

    def look_up(self, ids: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Where each id is in ``notes``, and whether it is there at all."""
        if not len(self.notes):
            return np.zeros(len(ids), dtype=np.int64), np.zeros(len(ids), dtype=bool)
        at = np.minimum(np.searchsorted(self.notes["id"], ids), len(self.notes) - 1)
        return at, self.notes["id"][at] == ids

    def changed(
        self, velocities: Mapping[int, int], gone: Iterable[int] = (), alike: Mapping[int, int | None] | None = None
    ) -> Kept:
        """Other velocities for some notes, known or new, and without those ``gone``.

        alike: note -> a note that it is struck together with; a new note without one is on its place, to the tick.
        """
        notes = self.notes[~np.isin(self.notes["id"], list(gone))]
        known = np.isin(notes["id"], list(velocities))
        notes["velocity"][known] = [velocities[number] for number in notes["id"][known].tolist()]
        places = {number: (on, off) for number, on, off, _ in notes.tolist()}
        new = sorted(set(velocities) - set(places))
        rows = []
        for number in new:
            partner = (alike or {}).get(number)
            on, off = places.get(-1 if partner is None else partner, (0, 0))
            rows.append((number, on, off, velocities[number]))
        return Kept(_ordered(np.concatenate([notes, np.array(rows, dtype=KEPT_DTYPE)])), self.of)


def _ordered(notes: NDArray[np.void]) -> NDArray[np.void]:
    return notes[np.argsort(notes["id"], kind="stable")]


def fingerprint(score: Score, manners: Manners) -> str:
    """The same for the same music played in the same manner."""
    plain = [score_to_dict(score), manners.style, manners.seed, manners.energy, manners.longer]
    return hashlib.sha256(json.dumps(plain, sort_keys=True, default=str).encode()).hexdigest()[:32]


def keep(performance: Performance, of: str = "") -> Kept:
    """What there is to keep of a performance."""
    share = swing_of(performance.score)
    rows = []
    for part in performance.score.parts:
        played = performance.notes[part.id]
        begin, end = _places(part, performance.score, share)
        notes = np.zeros(len(played), dtype=KEPT_DTYPE)
        notes["id"], notes["velocity"] = played["id"], np.clip(played["velocity"], 1, 127)
        for name, at, place in (("on", played["start"], begin), ("off", played["start"] + played["duration"], end)):
            notes[name] = np.clip(np.rint((at - place) * STEP), -_FARTHEST, _FARTHEST)
        rows.append(notes)
    return Kept(_ordered(np.concatenate(rows)) if rows else np.zeros(0, dtype=KEPT_DTYPE), of)


def _places(part: Part, score: Score, share: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    start = part.notes["start"].astype(float)
    return swung(start, score, share), swung(start + part.notes["duration"], score, share)


def play(score: Score, kept: Kept | None, manners: Manners) -> Performance:
    """A score played: notes that are known as they were, others anew."""
    if kept is None or (kept.of and kept.of == fingerprint(score, manners)):
        return manners.perform(score)
    everything = [kept.look_up(part.notes["id"])[1].all() for part in score.parts]
    fresh = None if all(everything) else manners.perform(score)
    share, manner = swing_of(score), manner_of(manners.style or str(score.metadata.get("style", "")))
    notes = {part.id: _played(part, score, share, kept, fresh) for part in score.parts}
    pedals = {}
    for part in score.parts:
        if manner.pedal and part.role in ("keys", "pad") and (events := pedal_events(part, score)):
            pedals[part.id] = events
    return Performance(score, notes, played_tempos(score, manner, longer=manners.longer), pedals)


def _played(part: Part, score: Score, share: float, kept: Kept, fresh: Performance | None) -> NDArray[np.void]:
    notes = np.zeros(len(part.notes), dtype=PERFORMED_DTYPE)
    if not len(notes):
        return notes
    notes["id"], notes["pitch"] = part.notes["id"], part.notes["pitch"]
    at, known = kept.look_up(part.notes["id"])
    begin, end = _places(part, score, share)
    if fresh is not None:
        new = fresh.notes[part.id]
        notes["velocity"] = new["velocity"]
        on, off = new["start"], new["start"] + new["duration"]
    else:
        on, off = begin, end
    if known.any():
        row = kept.notes[at]
        on = np.where(known, np.maximum(begin + row["on"] / STEP, 0.0), on)
        off = np.where(known, end + row["off"] / STEP, off)
        notes["velocity"] = np.where(known, row["velocity"], notes["velocity"])
    off = separate_repeats(on, np.maximum(off, on + 0.5), part.notes)
    notes["start"], notes["duration"] = on, off - on
    return notes


def velocities(
    parts: Sequence[Part], kept: Kept | None, score: Score, manners: Manners
) -> dict[str, NDArray[np.int64]]:
    """Part id -> how loud each of its notes is heard."""
    if kept is None or not all(kept.look_up(part.notes["id"])[1].all() for part in parts):
        played = play(score, kept, manners)
        return {part.id: played.notes[part.id]["velocity"].astype(np.int64) for part in parts}
    return {part.id: kept.notes["velocity"][kept.look_up(part.notes["id"])[0]].astype(np.int64) for part in parts}
