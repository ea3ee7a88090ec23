"""What a composer does with a bar of a tune: fit it to other syllables, move it along the scale, bring it to rest."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from yuefu.theory.chord import Chord
from yuefu.tokens.grid import EMPTY, Cell, decode_notes
from yuefu.tokens.vocabulary import DURATIONS, vocabulary

#: Most syllables that a bar may have more or fewer than the one that it brings back.
MOST_REFITTED = 2
#: Farthest that a sequence moves, in steps of the scale.
FARTHEST = 4
_QUAVER, _BEAT = 12, 24


@dataclass(frozen=True)
class TuneNote:
    """A note in a bar, in ticks from its beginning. hold: it goes on with the syllable before."""

    position: int
    pitch: int
    duration: int
    hold: bool = False


def notes_of(cell: Cell) -> list[TuneNote]:
    """The notes of a cell of one voice."""
    notes, holds = decode_notes(cell, 0)
    return [TuneNote(int(n["start"]), int(n["pitch"]), int(n["duration"]), hold) for n, hold in zip(notes, holds)]


def cell_of(notes: Sequence[TuneNote]) -> Cell:
    """A cell of these notes, one at a time."""
    v = vocabulary()
    out: list[int] = []
    for note in notes:
        out += [v.position_ids[note.position], *([v.hold] if note.hold else [])]
        out += [v.pitch + note.pitch, v.duration_ids[_writable(note.duration)]]
    return np.array(out, dtype=np.int16) if out else EMPTY


def _writable(ticks: int) -> int:
    """The longest duration that can be written within some ticks."""
    return max((d for d in DURATIONS if d <= ticks), default=DURATIONS[0])


def refitted(cell: Cell, count: int, ticks: int = 96) -> Cell | None:
    """A bar of a tune for ``count`` syllables, its pitches and its rhythm kept as far as that goes.

    A held note becomes a syllable of its own or the longest note is struck twice; equal notes are joined or
    two neighbours slurred. ticks: the bar's length. None when the counts are too far apart, or no note can be split.

    >>> bar = cell_of([TuneNote(0, 60, 48), TuneNote(48, 62, 24), TuneNote(72, 64, 24)])
    >>> [(n.position, n.pitch) for n in notes_of(refitted(bar, 4))]
    [(0, 60), (24, 60), (48, 62), (72, 64)]
    >>> [(n.pitch, n.hold) for n in notes_of(refitted(bar, 2))]
    [(60, False), (62, False), (64, True)]
    """
    notes = notes_of(cell)
    sung = sum(not note.hold for note in notes)
    if abs(sung - count) > MOST_REFITTED or not sung or not count:
        return None
    while sung < count:
        if not (_release(notes) or _split(notes, ticks)):
            return None
        sung += 1
    while sung > count:
        _join(notes)
        sung -= 1
    return cell_of(notes)


def _release(notes: list[TuneNote]) -> bool:
    """Let the longest held note begin a syllable."""
    held = [i for i, note in enumerate(notes) if note.hold]
    if not held:
        return False
    longest = max(held, key=lambda i: notes[i].duration)
    notes[longest] = replace(notes[longest], hold=False)
    return True


def _split(notes: list[TuneNote], ticks: int) -> bool:
    """Strike the longest note twice, on a beat or quaver inside it; the one that closes the bar is the last resort."""
    places = vocabulary().position_ids
    found: list[tuple[int, int, int]] = []
    for i, note in enumerate(notes):
        end = notes[i + 1].position if i + 1 < len(notes) else ticks
        length = min(end - note.position, note.duration)
        half = length // 2 // _QUAVER * _QUAVER or length // 2
        if length >= _QUAVER and note.position + half in places:
            found.append((length - _BEAT * (i == len(notes) - 1), -i, half))
    if not found:
        return False
    _, at, half = max(found)
    note = notes[-at]
    second = replace(note, position=note.position + half, duration=max(note.duration - half, 6))
    notes[-at : -at + 1] = [replace(note, duration=half), second]
    return True


def _join(notes: list[TuneNote]) -> None:
    """Join two equal neighbours, or else slur the note that is nearest to the one before it and weakest in the bar."""
    sung = [i for i, note in enumerate(notes) if i and not note.hold]
    equal = [i for i in sung if notes[i].pitch == notes[i - 1].pitch]
    if equal:
        at = min(equal, key=lambda i: (notes[i].position % _BEAT == 0, notes[i].duration))
        before = notes[at - 1]
        whole = notes[at].position + notes[at].duration - before.position
        notes[at - 1 : at + 1] = [replace(before, duration=whole)]
        return
    at = min(
        sung,
        key=lambda i: (
            abs(notes[i].pitch - notes[i - 1].pitch) > 4, notes[i].position % (2 * _BEAT) == 0,
            notes[i].position % _BEAT == 0, notes[i].duration,
        ),
    )  # fmt: skip
    notes[at] = replace(notes[at], hold=True)


def moved(cell: Cell, steps: int, scale: Collection[int]) -> Cell:
    """A bar moved along a scale (pitch classes) by so many steps; a note between two steps moves as the lower one.

    >>> bar = cell_of([TuneNote(0, 64, 24), TuneNote(24, 65, 24)])
    >>> [n.pitch for n in notes_of(moved(bar, -1, (0, 2, 4, 5, 7, 9, 11)))]
    [62, 64]
    """
    ladder = [pitch for pitch in range(12, 120) if pitch % 12 in scale]
    out = []
    for note in notes_of(cell):
        place = int(np.searchsorted(ladder, note.pitch, side="right")) - 1
        out.append(replace(note, pitch=ladder[int(np.clip(place + steps, 0, len(ladder) - 1))]))
    return cell_of(out)


def best_step(
    cells: Sequence[Cell],
    chords: Sequence[Callable[[int], Chord | None]],
    scale: Collection[int],
    low: int,
    high: int,
) -> int | None:
    """How far bars of a tune move along the scale to lie in other chords, as a sequence does; None when no step suits.

    chords: for each bar, the chord at a position. Two strong notes in three at least lie in their chord.
    """
    found: tuple[float, int] | None = None
    for steps in (s for s in range(-FARTHEST, FARTHEST + 1) if s):
        fit, pitches = [], []
        for cell, chord_at in zip(cells, chords):
            for note in notes_of(moved(cell, steps, scale)):
                pitches.append(note.pitch)
                chord = chord_at(note.position)
                if chord is not None and (note.position % (2 * _BEAT) == 0 or note.duration >= _BEAT):
                    fit.append(note.pitch % 12 in chord.pitch_classes)
        if not pitches or min(pitches) < low or max(pitches) > high or not fit:
            continue
        value = float(np.mean(fit)) - 0.06 * abs(steps)
        if np.mean(fit) >= 0.66 and (found is None or value > found[0]):
            found = (value, steps)
    return None if found is None else found[1]


def closed_on(cell: Cell, classes: Collection[int], low: int, high: int, before: int | None = None) -> Cell:
    """A bar whose last note lies in some pitch classes: the nearest of them, from above or below.

    before: the pitch that leads into the bar's first note, where the bar has only one.

    >>> bar = cell_of([TuneNote(0, 67, 24), TuneNote(24, 65, 48)])
    >>> [n.pitch for n in notes_of(closed_on(bar, {0, 4}, 48, 84))]
    [67, 64]
    """
    notes = notes_of(cell)
    options = [pitch for pitch in range(low, high + 1) if pitch % 12 in classes]
    if not notes or not options or notes[-1].pitch % 12 in classes:
        return cell
    last = notes[-1].pitch
    lead = notes[-2].pitch if len(notes) > 1 else before
    pitch = min(options, key=lambda p: (abs(p - last) + (0.4 * abs(p - lead) if lead is not None else 0.0), p))
    return cell_of([*notes[:-1], replace(notes[-1], pitch=pitch)])


def with_breath(cell: Cell, ticks: int, rest: int = _BEAT) -> Cell:
    """A bar whose last note is held to a rest before the bar line: long ones give that much away, short ones are held.

    >>> [notes_of(with_breath(cell_of([TuneNote(0, 60, length)]), 96))[0].duration for length in (96, 12)]
    [72, 48]
    """
    notes = notes_of(cell)
    if not notes:
        return cell
    last = notes[-1]
    room = ticks - last.position
    length = max(last.duration, min(2 * _BEAT, room - rest))
    for share in (rest, rest // 2):
        if length <= room - share:
            break
        if room - share >= _BEAT:
            length = room - share
            break
    return cell_of([*notes[:-1], replace(last, duration=length)])
