"""Motifs, hooks and rhythms of a tune: what comes back in it, and what of that is worth keeping."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from yuefu.analysis.phrases import phrases
from yuefu.inspire.idea import Idea
from yuefu.inspire.making import make_idea
from yuefu.inspire.material import GRAIN, Material, by_bar, repeated, salience, snapped
from yuefu.score.model import Notes
from yuefu.theory.key import Key

#: Notes of a motif, and its length in quarters at most.
FEWEST, MOST, LONGEST = 3, 9, 8.0
MOTIFS, HOOKS, RHYTHMS = 6, 3, 4
#: Bars of a hook, and its notes.
HOOK_BARS, HOOK_NOTES = (1, 4), (4, 28)
#: From so much in common on, one phrase is another's return.
RETURNS = 0.72


@dataclass(frozen=True)
class Line:
    """A tune: start ticks on the grain, steps of the scale, pitches."""

    notes: Notes
    starts: list[int]
    steps: list[int]
    pitches: list[int]


def line_of(notes: Notes, key: Key) -> Line:
    """A tune's notes with their steps in a key."""
    pitches = notes["pitch"].tolist()
    return Line(
        notes, [snapped(start) for start in notes["start"].tolist()], [step_of(p, key) for p in pitches], pitches
    )


def step_of(pitch: int, key: Key) -> int:
    """A pitch's step in the scale of a key, seven an octave; one between two steps goes to the lower.

    >>> step_of(62, Key()) - step_of(60, Key()), step_of(72, Key()) - step_of(60, Key())
    (1, 7)
    """
    octave, place = divmod(pitch - key.tonic, 12)
    scale = _MAJOR if key.mode == "major" else _MINOR
    return octave * 7 + scale[place]


_MAJOR = (0, 0, 1, 1, 2, 3, 3, 4, 4, 5, 5, 6)
_MINOR = (0, 0, 1, 2, 2, 3, 3, 4, 5, 5, 6, 6)


def motifs_of(material: Material, most: int = MOTIFS) -> list[Idea]:
    """Short cells that recur, the same or moved along the scale, with their rhythm."""
    line = line_of(material.melody, material.key)
    count = len(line.starts)
    where: dict[tuple[tuple[int, ...], tuple[int, ...]], list[int]] = {}
    for first in range(count):
        for size in range(FEWEST, min(MOST, count - first) + 1):
            if line.starts[first + size - 1] - line.starts[first] > LONGEST * 24:
                break
            gaps = tuple(line.starts[i + 1] - line.starts[i] for i in range(first, first + size - 1))
            if max(gaps) > 72:  # a motif has no long rest in it
                break
            moves = tuple(line.steps[i + 1] - line.steps[i] for i in range(first, first + size - 1))
            where.setdefault((moves, gaps), []).append(first)
    found = []
    for (moves, gaps), places in where.items():
        size = len(moves) + 1
        apart = _apart(places, size)
        if len(apart) < 2:
            continue
        worth = _motif_worth(moves, gaps)
        if worth <= 0:
            continue
        strong = sum(_on_bar(material, line.starts[p]) for p in apart) / len(apart)
        value = worth * (0.7 + 0.3 * strong) * np.log2(len(apart) + 0.5) * size**0.6
        found.append((value, apart, size, worth))
    found.sort(key=lambda row: (-row[0], row[1][0], row[2]))
    covered = np.zeros(count, dtype=bool)
    kept: list[Idea] = []
    for _, apart, size, worth in found:
        marks = [i for p in apart for i in range(p, p + size)]
        if covered[marks].mean() > 0.5:
            continue
        idea = _cut_motif(material, line, apart, size, worth)
        if idea is None:
            continue
        covered[marks] = True
        kept.append(idea)
        if len(kept) == most:
            break
    return kept


def _apart(places: Sequence[int], size: int) -> list[int]:
    """Places that don't overlap."""
    kept: list[int] = []
    for place in places:
        if not kept or place >= kept[-1] + size:
            kept.append(place)
    return kept


def _motif_worth(moves: tuple[int, ...], gaps: tuple[int, ...]) -> float:
    """How much of its own a cell has, 0..1: nothing in a scale, a trill or a note struck again and again."""
    different = len(set(moves))
    if all(move == 0 for move in moves):
        return 0.0
    even = len(set(gaps)) == 1
    if even and (different == 1 or (all(abs(move) <= 1 for move in moves) and len({m for m in moves if m}) == 1)):
        return 0.0
    if even and different == 2 and len(moves) > 2 and all(a == -b for a, b in pairwise(moves)):
        return 0.0
    leaps = sum(abs(move) > 1 for move in moves) / len(moves)
    turns = sum((a > 0) != (b > 0) for a, b in pairwise(moves)) / max(len(moves) - 1, 1)
    variety = min(different, 4) / 4
    return float(np.clip(0.25 + 0.3 * variety + 0.2 * (not even) + 0.15 * min(2 * leaps, 1) + 0.1 * turns, 0, 1))


def _on_bar(material: Material, tick: int) -> bool:
    bar = material.bars[material.bar_of(tick)]
    return (tick - bar.start) % max(bar.duration // 2, 1) < GRAIN


def _cut_motif(material: Material, line: Line, apart: list[int], size: int, worth: float) -> Idea | None:
    """The motif as it is first heard in whole bars."""
    for place in apart:
        first = material.bar_of(line.starts[place])
        last = material.bar_of(line.starts[place + size - 1])
        if not material.whole(first, last - first + 1):
            continue
        count = last - first + 1
        start, end = material.bars[first].start, material.bars[last].end
        notes = material.told("melody", line.notes[place : place + size], start, end)
        exact = Counter(tuple(np.diff(line.pitches[p : p + size]).tolist()) for p in apart).most_common(1)[0][1]
        return make_idea(
            "motif", material.place(first, count), notes=notes, bars=count, meter=material.meter(first),
            tempo=material.tempo, key=material.key_in(first, count).name, chords=material.chords_in(first, count),
            style=material.style,
            facts={"heard": len(apart), "exactly": exact, "salience": salience(len(apart), 0.4 + 0.6 * worth)},
        )  # fmt: skip
    return None


def hooks_of(material: Material, most: int = HOOKS) -> list[Idea]:
    """The phrases that are heard most and are worth remembering, the hook first."""
    bars = by_bar(material, material.melody)
    cells = [_cell(material, bar, notes) for bar, notes in enumerate(bars)]
    chorus = _chorus_bars(material)
    mean = float(np.mean(material.melody["pitch"])) if len(material.melody) else 60.0
    found = []
    for first, count in _spans(material):
        own = cells[first : first + count]
        notes = [note for cell in own for note in cell]
        if not HOOK_NOTES[0] <= len(notes) <= HOOK_NOTES[1] or not material.whole(first, count):
            continue
        returns = _returns(cells, first, count)
        worth = _hook_worth([pitch for _, pitch, _ in notes], own, mean)
        worth += 0.12 * (first in chorus)
        value = worth * np.log2(1.5 + len(returns)) * count**0.35
        found.append((value, first, count, len(returns) + 1, worth))
    found.sort(key=lambda row: (-row[0], row[1], row[2]))
    kept: list[Idea] = []
    taken: list[list[list[tuple[int, int, int]]]] = []
    for _, first, count, heard, worth in found:
        own = cells[first : first + count]
        if any(_overlap(own, other) >= 0.6 for other in taken):
            continue
        taken.append(own)
        kept.append(
            make_idea(
                "hook",
                material.place(first, count),
                notes=material.cut("melody", material.melody, first, count),
                bars=count,
                meter=material.meter(first),
                tempo=material.tempo,
                key=material.key_in(first, count).name,
                chords=material.chords_in(first, count),
                style=material.style,
                facts={"heard": heard, "salience": salience(heard, worth), "chorus": float(first in chorus)},
            )
        )
        if len(kept) == most:
            break
    return kept


def _cell(material: Material, bar: int, notes: Notes) -> list[tuple[int, int, int]]:
    """A bar of the tune: (place, pitch, step)."""
    start = material.bars[bar].start
    return [
        (snapped(tick - start), pitch, step_of(pitch, material.key))
        for tick, pitch in zip(notes["start"].tolist(), notes["pitch"].tolist())
    ]


def _spans(material: Material) -> list[tuple[int, int]]:
    """Stretches of bars that may be hooks: phrases, two that follow one another, and the beginnings of sections."""
    found: set[tuple[int, int]] = set()
    own = [(material.bar_of(p.start), material.bar_of(max(p.end - 1, p.start))) for p in phrases(material.score)]
    for index, (first, last) in enumerate(own):
        for end in (last, own[index + 1][1] if index + 1 < len(own) else last):
            count = end - first + 1
            if HOOK_BARS[0] <= count <= HOOK_BARS[1]:
                found.add((first, count))
    for section in material.sections:
        first = material.bar_of(section.start)
        found |= {(first, count) for count in (2, 4)}
    return sorted(span for span in found if span[0] + span[1] <= len(material.bars))


def _chorus_bars(material: Material) -> set[int]:
    """Bars where choruses begin, and the first phrase after; without any, those of the most repeated section."""
    kinds = [s for s in material.sections if s.kind in ("chorus", "refrain", "hook")]
    if not kinds and material.sections:
        letters = Counter(section.letter[0] for section in material.sections)
        letter, times = letters.most_common(1)[0]
        kinds = [s for s in material.sections if s.letter[0] == letter] if times > 1 else []
    return {material.bar_of(section.start) + offset for section in kinds for offset in (0, 1, 2, 3, 4)}


def _returns(cells: list[list[tuple[int, int, int]]], first: int, count: int) -> list[int]:
    """Where a stretch of bars comes back, the same or moved."""
    own = cells[first : first + count]
    places = [{place for place, _, _ in cell} for cell in own]
    size = sum(map(len, places))
    found: list[int] = []
    for other in range(len(cells) - count + 1):
        if abs(other - first) < count or (found and other < found[-1] + count):
            continue
        # Most stretches have another rhythm, and are passed over before their notes are compared.
        together = sum(
            sum(place in held for place, _, _ in cell)
            for held, cell in zip(places, cells[other : other + count], strict=True)
        )
        if together >= RETURNS * size and _overlap(own, cells[other : other + count]) >= RETURNS:
            found.append(other)
    return found


def _overlap(one: Sequence[Sequence[tuple[int, int, int]]], other: Sequence[Sequence[tuple[int, int, int]]]) -> float:
    """The share of notes that two stretches have at the same places, moved by one interval of the scale."""
    if len(one) != len(other):
        shorter = min(len(one), len(other))
        return max(
            _overlap(one[a : a + shorter], other[b : b + shorter])
            for a in range(len(one) - shorter + 1)
            for b in range(len(other) - shorter + 1)
        ) * (1.0 if shorter > 1 or max(len(one), len(other)) == 1 else 0.7)
    a = {(bar, place): step for bar, cell in enumerate(one) for place, _, step in cell}
    b = {(bar, place): step for bar, cell in enumerate(other) for place, _, step in cell}
    if not a or not b:
        return 0.0
    moves = Counter(b[at] - a[at] for at in a.keys() & b.keys())
    return (moves.most_common(1)[0][1] if moves else 0) / max(len(a), len(b))


def _hook_worth(pitches: list[int], cells: Sequence[Sequence[tuple[int, int, int]]], mean: float) -> float:
    """How well a phrase is remembered, 0..1: sung easily, with a shape and rhythm of its own, high in the tune."""
    reach = max(pitches) - min(pitches)
    moves = np.abs(np.diff(pitches)) if len(pitches) > 1 else np.zeros(1)
    places = [bar * 96 + place for bar, cell in enumerate(cells) for place, _, _ in cell]
    gaps = np.diff(places) if len(places) > 1 else np.zeros(1)
    singable = 1.0 - 0.5 * float((moves > 9).mean()) - 0.3 * (reach > 16)
    shape = min(reach, 9) / 9 * 0.6 + 0.4 * float((moves > 2).any())
    rhythm = min(len(set(gaps.tolist())), 4) / 4
    height = 1.0 / (1.0 + np.exp(-(float(np.mean(pitches)) - mean) / 3))
    inner = len(set(pitches)) / max(len(pitches), 1)
    return float(np.clip(0.3 * singable + 0.2 * shape + 0.25 * rhythm + 0.15 * height + 0.1 * min(2 * inner, 1), 0, 1))


def rhythms_of(material: Material, most: int = RHYTHMS) -> list[Idea]:
    """Rhythms of one or two bars that the tune comes back to; equal notes alone are none."""
    bars = by_bar(material, material.melody)
    keys: list[tuple[int, ...] | None] = []
    for bar, notes in enumerate(bars):
        struck = tuple(place for place, _, _ in _cell(material, bar, notes))
        keys.append(struck if len(struck) > 1 and material.whole(bar, 1) else None)
    kept = []
    for first, size, heard in repeated(keys):
        places = [96 * bar + place for bar in range(size) for place in keys[first + bar] or ()]
        gaps = set(np.diff(places).tolist())
        if heard < 2 or len(gaps) < 2 or not material.whole(first, size):
            continue
        offbeat = sum(place % 24 != 0 for place in places) / len(places)
        worth = 0.35 + 0.15 * min(len(gaps), 3) + 0.3 * offbeat
        own = [
            (row, start, length, 67, loud)
            for row, start, length, _, loud in material.cut("melody", material.melody, first, size)
        ]
        kept.append((salience(heard, worth), first, size, heard, own))
    kept.sort(key=lambda row: (-row[0], row[1]))
    return [
        make_idea(
            "rhythm", material.place(first, size), notes=own, bars=size, meter=material.meter(first),
            tempo=material.tempo, key=material.key.name, style=material.style,
            facts={"heard": heard, "salience": value},
        )
        for value, first, size, heard, own in kept[:most]
    ]  # fmt: skip
