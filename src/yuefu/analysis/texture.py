"""Texture: who plays when, how thickly, in what range, and what gets in whose way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from yuefu.analysis.grid import Grid
from yuefu.analysis.lines import rows_of, skyline
from yuefu.analysis.rhythm import rhythm_entropy, syncopation
from yuefu.score.model import TICKS_PER_QUARTER, Notes, Part, Score, Section

#: The widest stretch of one hand on a keyboard, in semitones (an octave).
HAND_SPAN = 12


@dataclass(frozen=True, slots=True)
class PartFacts:
    """One part. low, high: MIDI pitches, None without pitched notes; density: notes a bar over all bars;
    active: share of bars with an onset, 0..1; polyphony: mean notes at an onset; mean_duration: quarters;
    rhythm_entropy: bits; syncopation: 0..1 (both of the top line, 0 if there is none)."""

    id: str
    name: str
    role: str
    notes: int
    low: int | None
    high: int | None
    density: float
    active: float
    polyphony: float
    mean_duration: float
    rhythm_entropy: float
    syncopation: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """Simultaneous notes that two hands can't reach: tick, semitones of the wider hand at the best split."""

    tick: int
    span: int


@dataclass(frozen=True, slots=True)
class Texture:
    """The texture of a piece.

    parts: facts by part, in score order; active: roles heard in each section (in the order given); crossings: share of
    the moments when two voice rows sound in which the lower row is the higher, 0..1; collisions: moments on beats
    where two parts meet in a semitone or (not an octave apart) unison, per bar; stretches: keyboard
    moments out of reach, at most 100; reachable: share of keyboard onsets within reach, 0..1.
    """

    parts: tuple[PartFacts, ...]
    active: tuple[tuple[str, ...], ...]
    crossings: float
    collisions: float
    stretches: tuple[Stretch, ...]
    reachable: float


def describe(score: Score, sections: tuple[Section, ...] | None = None) -> Texture:
    """The texture of a piece; sections: for ``active`` (None: those of the score)."""
    grid = Grid.of(score)
    sections = score.sections if sections is None else sections
    keyboards = [part for part in score.parts if is_keyboard(part) and len(part.notes)]
    stretches: list[Stretch] = []
    onsets = 0
    for part in keyboards:
        found, count = hand_stretches(part.notes)
        stretches += found
        onsets += count
    stretches.sort(key=lambda s: (s.tick, s.span))
    return Texture(
        tuple(part_facts(part, grid) for part in score.parts),
        tuple(_roles_in(score, section.start, section.start + section.duration) for section in sections),
        voice_crossings(score),
        collisions(score) / len(grid.bars),
        tuple(stretches[:100]),
        1.0 - len(stretches) / onsets if onsets else 1.0,
    )


def part_facts(part: Part, grid: Grid) -> PartFacts:
    """The facts of one part."""
    notes = part.notes
    if not len(notes):
        return PartFacts(part.id, part.name, part.role, 0, None, None, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    bars = len(grid.bars)
    line = skyline(notes)
    entropy = rhythm_entropy(line)
    return PartFacts(
        part.id,
        part.name,
        part.role,
        len(notes),
        None if part.is_drums else int(notes["pitch"].min()),
        None if part.is_drums else int(notes["pitch"].max()),
        round(len(notes) / bars, 3),
        round(len(np.unique(grid.bar_of(notes["start"]))) / bars, 3),
        round(len(notes) / len(np.unique(notes["start"])), 3),
        round(float(notes["duration"].mean()) / TICKS_PER_QUARTER, 3),
        0.0 if np.isnan(entropy) else round(entropy, 3),
        round(syncopation(line, grid), 3),
    )


def _roles_in(score: Score, start: int, end: int) -> tuple[str, ...]:
    """The roles that sound between two ticks."""
    heard = []
    for role, notes in rows_of(score).items():
        if ((notes["start"] < end) & (notes["start"] + notes["duration"] > start)).any():
            heard.append(role)
    return tuple(heard)


def voice_crossings(score: Score) -> float:
    """Share (0..1) of the moments at which two of melody, counter, inner and bass sound, and the one
    that should lie lower is the higher; 0 with fewer than two of them."""
    rows = rows_of(score)
    voices = [(skyline(rows[role])) for role in ("melody", "counter", "inner", "bass") if role in rows]
    if len(voices) < 2:
        return 0.0
    moments = np.unique(np.concatenate([voice["start"] for voice in voices]).astype(np.int64))
    heights = np.array([_pitch_at(voice, moments) for voice in voices])
    crossed = together = 0
    for upper in range(len(voices)):
        for lower in range(upper + 1, len(voices)):
            both = (heights[upper] >= 0) & (heights[lower] >= 0)
            together += int(both.sum())
            crossed += int((both & (heights[lower] > heights[upper])).sum())
    return crossed / together if together else 0.0


def _pitch_at(line: Notes, ticks: np.ndarray) -> np.ndarray:
    """The pitch of a line of single notes at ticks, -1 in rests."""
    at = np.searchsorted(line["start"], ticks, side="right") - 1
    sounds = (at >= 0) & (ticks < line["start"][at] + line["duration"][at])
    return np.where(sounds, line["pitch"][at].astype(np.int64), -1)


def collisions(score: Score) -> int:
    """How often two rows meet on a beat in the same pitch or a semitone apart (neither with drums)."""
    grid = Grid.of(score)
    rows = [notes for role, notes in rows_of(score).items() if role != "drums"]
    beats = grid.slices[:-1]
    beats = beats[grid.strength(beats) >= 0.5]
    if len(rows) < 2 or not len(beats):
        return 0
    # By row: the (beat, pitch) pairs at which a note begins on the beat.
    pairs = []
    for notes in rows:
        at = np.searchsorted(beats, notes["start"])
        on = (at < len(beats)) & (beats[np.minimum(at, len(beats) - 1)] == notes["start"])
        pairs.append(np.unique(at[on].astype(np.int64) * 128 + notes["pitch"][on]))
    total = 0
    for a in range(len(rows)):
        for b in range(a + 1, len(rows)):
            total += sum(len(np.intersect1d(pairs[a], pairs[b] + step)) for step in (-1, 0, 1))
    return total


def is_keyboard(part: Part) -> bool:
    """Whether two hands play the part: General MIDI pianos, organs and the like, or the row "keys" on them."""
    return not part.is_drums and (part.program < 8 or 16 <= part.program < 24) and part.role in ("keys", "pad", "inner")


def hand_stretches(notes: Notes, span: int = HAND_SPAN) -> tuple[list[Stretch], int]:
    """Onsets whose notes two hands can't strike, and the number of onsets.

    The notes struck together are split between the hands so that the wider hand is as narrow as can be;
    it may be ``span`` semitones wide. Held notes are left to the pedal.
    """
    order = np.lexsort((notes["pitch"], notes["start"]))
    starts, pitches = notes["start"][order], notes["pitch"][order].astype(np.int64)
    firsts = np.flatnonzero(np.append(True, np.diff(starts) > 0))
    found = []
    for first, last in zip(firsts.tolist(), np.append(firsts[1:], len(starts)).tolist()):
        if last - first < 2 or pitches[last - 1] - pitches[first] <= span:
            continue
        struck = pitches[first:last]
        left = struck[:-1] - struck[0]
        right = struck[-1] - struck[1:]
        wider = int(np.minimum(np.maximum(left, right).min(), struck[-1] - struck[0]))
        if wider > span:
            found.append(Stretch(int(starts[first]), wider))
    return found, len(firsts)


def range_violations(notes: Notes, low: int, high: int) -> tuple[int, ...]:
    """Ids of the notes below MIDI pitch ``low`` or above ``high``, in the order of the notes."""
    outside = (notes["pitch"] < low) | (notes["pitch"] > high)
    return tuple(notes["id"][outside].tolist())
