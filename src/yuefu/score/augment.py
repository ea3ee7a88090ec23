"""Changed copies of a score, for learning what doesn't matter: key, tempo, register, loudness, who plays.

Ids of notes, syllables, chords, sections and bars follow; ``check.check_score`` holds for the result when it held
before. Whatever is drawn comes from the seed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from yuefu.errors import InputError, UnknownNameError
from yuefu.score.model import Part, Score, transpose
from yuefu.theory.instruments import INSTRUMENTS, instrument_for_program

#: What can be changed, in the order in which it is.
KINDS = ("parts", "register", "transpose", "tempo", "velocity")
_TEMPI = (1.0, 10_000.0)
#: The most that is drawn at full strength: semitones, octaves of speed, velocity up or down, its spread, parts dropped.
_SEMITONES, _SPEED, _LOUDER, _SPREAD, _DROPPED = 6, 0.35, 18, 0.35, 0.3


@dataclass(frozen=True, slots=True)
class ScoreChange:
    """One change. kind: of ``KINDS``; settings: the arguments of the function that makes it, plain values."""

    kind: str
    settings: dict[str, Any]


def room_to_move(score: Score) -> tuple[int, int]:
    """How many semitones down (0 or less) and up every part can go within its instrument's range, and all in 0..127.

    A part that leaves its range already can't go further out of it.

    >>> room_to_move(Score())
    (-127, 127)
    """
    rooms = [_room(part) for part in score.parts if not part.is_drums and len(part.notes)]
    return max((low for low, _ in rooms), default=-127), min((high for _, high in rooms), default=127)


def _room(part: Part) -> tuple[int, int]:
    instrument = INSTRUMENTS.get(part.instrument) or instrument_for_program(part.program)
    lowest, highest = int(part.notes["pitch"].min()), int(part.notes["pitch"].max())
    down = max(lowest - max(instrument.low, 0), 0)
    return -down, max(min(instrument.high, 127) - highest, 0)


def transposed(score: Score, semitones: int) -> Score:
    """Every part but drums moved by semitones; keys and chords follow.

    Raises InputError when an instrument would leave its range (see ``room_to_move``).
    """
    low, high = room_to_move(score)
    if not low <= semitones <= high:
        raise InputError(
            f"{semitones:+d} semitones arrived: the instruments of this score can go from {low} to +{high}."
        )
    return transpose(score, semitones) if semitones else score


def at_speed(score: Score, rate: float) -> Score:
    """Every tempo times ``rate``, 0.25 to 4."""
    if not 0.25 <= rate <= 4:
        raise InputError(f"a rate of {rate:g} arrived: scores go from 0.25 to 4 times their speed.")
    low, high = _TEMPI
    return replace(score, tempos=tuple(replace(t, bpm=min(max(t.bpm * rate, low), high)) for t in score.tempos))


def in_register(score: Score, part: str, octaves: int) -> Score:
    """One part, by its id, moved by octaves. Raises InputError when its instrument would leave its range."""
    found = _part(score, part)
    if found.is_drums:
        raise InputError(f"the part '{found.name[:40]}' plays drums: they have no register.")
    low, high = _room(found) if len(found.notes) else (-127, 127)
    if not low <= 12 * octaves <= high:
        raise InputError(
            f"{octaves:+d} octaves arrived: the part '{found.name[:40]}' can go from {low} to +{high} semitones."
        )
    notes = found.notes.copy()
    notes["pitch"] += 12 * octaves
    return replace(score, parts=tuple(p.with_notes(notes) if p.id == part else p for p in score.parts))


def at_velocity(score: Score, louder: float = 0.0, spread: float = 1.0) -> Score:
    """Every velocity moved by ``louder`` and its distance from its part's mean times ``spread`` (0 to 4), 1 to 127."""
    if not -126 <= louder <= 126 or not 0 <= spread <= 4:
        raise InputError(f"{louder:+g} and {spread:g} arrived: velocities move by -126 to 126 and spread 0 to 4 times.")
    parts = []
    for part in score.parts:
        if len(part.notes):
            notes = part.notes.copy()
            mean = notes["velocity"].mean()
            notes["velocity"] = np.clip(np.rint(mean + louder + spread * (notes["velocity"] - mean)), 1, 127)
            part = replace(part, notes=notes)
        parts.append(part)
    return replace(score, parts=tuple(parts))


def without_parts(score: Score, parts: Collection[str]) -> Score:
    """The score without some parts, by id, as long as before. Raises InputError when no note would be left."""
    for part in parts:
        _part(score, part)
    kept = tuple(part for part in score.parts if part.id not in parts)
    if score.note_count and not any(len(part.notes) for part in kept):
        raise InputError("all parts with notes would be dropped: leave at least one.")
    return replace(score, parts=kept, length=score.length or score.end_tick)


def _part(score: Score, name: str) -> Part:
    found = next((part for part in score.parts if part.id == name), None)
    if found is None:
        raise UnknownNameError("part", name, [part.id for part in score.parts])
    return found


_MAKERS: dict[str, Callable[..., Score]] = {
    "parts": without_parts,
    "register": in_register,
    "transpose": transposed,
    "tempo": at_speed,
    "velocity": at_velocity,
}


def apply(score: Score, changes: Sequence[ScoreChange]) -> Score:
    """The score with changes made one after the other."""
    for change in changes:
        if change.kind not in _MAKERS:
            raise UnknownNameError("change", change.kind, KINDS)
        score = _MAKERS[change.kind](score, **change.settings)
    return score


def augmented(
    score: Score, seed: int | Sequence[int], strength: float = 1.0, kinds: Collection[str] = KINDS
) -> tuple[Score, tuple[ScoreChange, ...]]:
    """A changed copy, and its changes, which ``apply`` makes again.

    strength: 0..1, how far changes go; kinds: which of ``KINDS``, each in about half of the copies, and at least one
    of them where there is anything to change.

    >>> augmented(Score(), 1)[0].note_count
    0
    """
    if not 0 <= strength <= 1:
        raise InputError(f"a strength of {strength:g} arrived: use 0 to 1.")
    for kind in kinds:
        if kind not in KINDS:
            raise UnknownNameError("change", kind, KINDS)
    rng = np.random.default_rng(seed)
    for _ in range(8):
        changed, changes = score, []
        for kind in KINDS:
            wanted = rng.random() < 0.5
            change = _draw(changed, kind, rng, strength) if kind in kinds and wanted else None
            if change is not None:
                changes.append(change)
                changed = apply(changed, [change])
        if changes:
            break
    return changed, tuple(changes)


def _draw(score: Score, kind: str, rng: np.random.Generator, strength: float) -> ScoreChange | None:
    """A change of a kind that the score allows; None for one that would change nothing."""
    if kind == "parts":
        others = [part.id for part in score.parts if part.role != "melody" and len(part.notes)]
        dropped = [name for name in others if rng.random() < _DROPPED * strength]
        if len(dropped) == sum(len(part.notes) > 0 for part in score.parts):
            dropped = dropped[1:]
        return ScoreChange(kind, {"parts": dropped}) if dropped else None
    if kind == "register":
        moves = []
        for part in score.parts:
            if not part.is_drums and len(part.notes):
                low, high = _room(part)
                moves += [(part.id, octave) for octave in (-1, 1) if low <= 12 * octave <= high]
        if not moves or rng.random() >= strength:
            return None
        name, octaves = moves[int(rng.integers(len(moves)))]
        return ScoreChange(kind, {"part": name, "octaves": octaves})
    if kind == "transpose":
        low, high = room_to_move(score)
        most = round(_SEMITONES * strength)
        steps = [step for step in range(max(low, -most), min(high, most) + 1) if step]
        return ScoreChange(kind, {"semitones": steps[int(rng.integers(len(steps)))]}) if steps else None
    if kind == "tempo":
        rate = round(float(2 ** (rng.uniform(-_SPEED, _SPEED) * strength)), 4)
        return ScoreChange(kind, {"rate": rate}) if rate != 1 else None
    louder = round(float(rng.uniform(-_LOUDER, _LOUDER) * strength), 1)
    spread = round(float(1 + rng.uniform(-_SPREAD, _SPREAD) * strength), 3)
    changes = score.note_count and (louder or spread != 1)
    return ScoreChange(kind, {"louder": louder, "spread": spread}) if changes else None
