"""The bass under chords that change every beat: which tone of each chord lies lowest, so that the bass is a line.

The chords are chosen by then. A line is sought that mostly steps, that keeps clear of octaves and fifths in
parallel with the tune, and that stands on roots where phrases begin and close. Costs are plain numbers; the line
with the least sum is taken (a shortest path over the chords' tones).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from yuefu.generation.fill import Canvas, chord_reader, sounding_reader
from yuefu.theory.chord import QUALITIES, Chord
from yuefu.tokens.grid import Cell, chord_tokens
from yuefu.tokens.vocabulary import vocabulary
from yuefu.workflows.cell_chords import Close, stand_at
from yuefu.workflows.cells import places_in
from yuefu.workflows.chord_manner import AFTER, APPROACH, CLOSE, function_of
from yuefu.workflows.score_canvas import OpenScore

#: What a step of the bass costs, by semitones upwards within the octave.
_MOTION = {0: 0.9, 1: 0.0, 2: 0.0, 10: 0.0, 11: 0.0, 3: 0.5, 4: 0.5, 8: 0.7, 9: 0.7, 5: 0.4, 7: 0.5, 6: 2.0}
_NEVER = 50.0


@dataclass(frozen=True)
class Event:
    """A chord: its bar and place in it, the tune's pitch there (None in a rest), and where it stands in its phrase."""

    bar: int
    place: int
    chord: Chord
    tune: int | None
    stand: str


def set_basses(
    piece: OpenScore, canvas: Canvas, bars: Collection[int], closes: Sequence[Close], beat: int = 24
) -> None:
    """Write inversions into the chord cells of some bars, in place."""
    events = _events(piece, canvas, sorted(bars), closes, beat)
    if not events:
        return
    mode = piece.keys[events[0].bar].mode
    for event, bass in zip(events, line_under(events, mode), strict=True):
        chord = event.chord
        turned = Chord(chord.root, chord.quality, None if bass == chord.root else bass)
        canvas.cells["chords"][event.bar] = _with(canvas.cells["chords"][event.bar], event.place, turned)


def _events(piece: OpenScore, canvas: Canvas, bars: Sequence[int], closes: Sequence[Close], beat: int) -> list[Event]:
    found = []
    for bar in bars:
        at, sounding = chord_reader(canvas, bar), sounding_reader(canvas, bar, "chords")
        for place in sorted(places_in(canvas, bar, "chords")):
            chord = at(place)
            if chord is None:
                continue
            tune = max((pitch for row, pitch in sounding(place) if row == "melody"), default=None)
            tick = piece.bars[bar].start + place - canvas.bars[bar].offset
            found.append(Event(bar, place, chord, tune, stand_at(closes, tick, beat, beat)[0]))
    return found


def line_under(events: Sequence[Event], mode: str) -> list[int]:
    """The pitch class of the bass under each chord.

    >>> c, f = Chord(0), Chord(5)
    >>> line_under([Event(0, 0, c, 67, "within"), Event(0, 24, f, 69, "within"), Event(0, 48, c, 67, "close")], "major")
    [0, 5, 0]
    """
    choices = [_tones(event, mode, i == 0) for i, event in enumerate(events)]
    costs = [dict.fromkeys(choices[0], 0.0)]
    for bass in choices[0]:
        costs[0][bass] = choices[0][bass]
    backs: list[dict[int, int]] = [{}]
    for i in range(1, len(events)):
        row: dict[int, float] = {}
        back: dict[int, int] = {}
        for bass, own in choices[i].items():
            before = min(costs[-1], key=lambda b: (costs[-1][b] + _step(events[i - 1], b, events[i], bass), b))
            row[bass] = costs[-1][before] + _step(events[i - 1], before, events[i], bass) + own
            back[bass] = before
        costs.append(row)
        backs.append(back)
    line = [min(costs[-1], key=lambda b: (costs[-1][b], b))]
    for back in reversed(backs[1:]):
        line.append(back[line[-1]])
    return line[::-1]


def _tones(event: Event, mode: str, first: bool) -> dict[int, float]:
    """The tones that may lie lowest, and what each costs by itself."""
    chord = event.chord
    steps = [step % 12 for step in QUALITIES[chord.quality]]
    found = {chord.root: 2.0 if chord.quality == "dim" else 0.0}
    firm = first or event.stand in (CLOSE, AFTER)
    for i, step in enumerate(steps[1:4], 1):
        tone = (chord.root + step) % 12
        cost = (0.45, 2.2, 1.2)[i - 1]
        if i == 2 and event.stand == APPROACH and function_of(chord, mode) == "T" and len(steps) == 3:
            cost = 0.8
        if firm:
            cost += 1.5 if i == 1 and not first and event.stand == AFTER else _NEVER
        if event.tune is not None and event.tune % 12 == tone:  # a third or a leading note doubled in the outer voices
            cost += 2.5 if tone == 11 or (mode == "minor" and tone == 8) else 1.0 if i == 1 else 0.4
        found[tone] = cost
    return found


def _step(before: Event, low: int, now: Event, bass: int) -> float:
    """What it costs to go from one bass to the next."""
    move = (bass - low) % 12
    cost = _MOTION[move]
    if move == 0 and before.chord.root == now.chord.root:
        cost = 0.3
    if before.tune is not None and now.tune is not None and move and before.tune != now.tune:
        apart, was = (now.tune - bass) % 12, (before.tune - low) % 12
        cost += 3.0 if apart == was and apart in (0, 7) else 0.0
    stepwise = move in (1, 2, 10, 11)
    below = (low - before.chord.root) % 12
    steps = [step % 12 for step in QUALITIES[before.chord.quality]]
    if len(steps) > 2 and below == steps[2] and not stepwise and move:
        cost += 2.0  # a six-four moves on by step
    if len(steps) > 3 and below == steps[3] and move not in (10, 11):
        cost += 3.0  # a seventh in the bass falls
    if now.stand == CLOSE and (now.chord.root - before.chord.root) % 12 == 5 and low != before.chord.root:
        cost += 2.0  # a close falls from the dominant's root
    return cost


def _with(cell: Cell, place: int, chord: Chord) -> Cell:
    """A cell of chords with the one at a place replaced."""
    v = vocabulary()
    out: list[int] = []
    here = False
    for token in cell.tolist():
        if token in v.position_ticks:
            here = v.position_ticks[token] == place
            out.append(token)
            if here:
                out += chord_tokens(chord)
        elif not here:
            out.append(token)
    return np.array(out, dtype=np.int16)
