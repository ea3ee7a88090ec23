"""What a plan's mode, its unequal beats and its free rhythm ask of the rows: rules, figures, drones.

A tune keeps to its mode's notes, whatever the model would like; a band to these and to the chords. Where a bar's beats
are unequal its groups are where notes begin, chords change and accents fall.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from yuefu.generation.fill import Canvas
from yuefu.generation.rules import RowRules
from yuefu.planning.plan import Plan
from yuefu.theory.chord import Chord
from yuefu.theory.instruments import INSTRUMENTS
from yuefu.theory.key import Key
from yuefu.theory.modes import MODES, WHITE
from yuefu.tokens.grid import EMPTY, Cell
from yuefu.tokens.vocabulary import DURATIONS, vocabulary

#: How much a tune leans to its mode's tonic, to the degrees on which phrases rest, and to the telling ones.
TONIC, RESTING, TELLING = 0.45, 0.2, 0.8
#: How much it leans to notes of its mode that aren't of C major, which the model has hardly heard in tunes.
STRANGE = 1.2
#: What a tune loses that never has a telling degree of its mode.
UNTOLD = 0.6
#: How much notes lean to where groups begin.
STRESS = {"melody": 1.6, "counter": 0.8, "inner": 0.8, "bass": 1.0, "keys": 0.6}
#: How much more notes last to the next one in unequal beats: a gap in a long group sounds like another metre.
LASTING = 3.0
#: Logits of a tune in free rhythm against short notes.
SHORT = -1.5
#: How much its notes last to the next one.
FLOWING = 3.0
QUAVER = 12


def coloured(rules: RowRules, plan: Plan, row: str) -> RowRules:
    """A row's rules with what the plan's mode, grouping and free rhythm add; as they are where it has none."""
    if plan.scale:
        mode = MODES[plan.scale]
        scale = mode.scale_on(mode.home)
        rules = replace(rules, scale=scale, only=scale, only_chords=row != "melody")
        if row == "melody":
            leaning = {tone: STRANGE for tone in scale if tone not in WHITE}
            for step in mode.marks:
                tone = (mode.home + step) % 12
                leaning[tone] = leaning.get(tone, 0.0) + TELLING
            for step in mode.rests:
                leaning.setdefault((mode.home + step) % 12, RESTING)
            rules = replace(rules, leaning=leaning | {mode.home: TONIC})
    if plan.groups:
        lasting = rules.legato + LASTING if row in ("melody", "bass", "counter", "inner") else rules.legato
        rules = replace(rules, strong=frozenset(plan.groups), stress=STRESS.get(row, 0.0), legato=lasting)
    if plan.rhythm == "free" and row == "melody":
        rules = replace(
            rules, off_beat=rules.off_beat + SHORT, legato=max(rules.legato, FLOWING), shortest=max(rules.shortest, 12)
        )
    return rules


def told(plan: Plan, pitches: Sequence[int], durations: Sequence[int]) -> float:
    """What a tune gains by letting its mode be heard: nothing where its telling degrees are as common as others or
    twice so, less the rarer or commoner they are.
    """
    mode = MODES[plan.scale]
    marks = {(plan.home + step) % 12 for step in mode.marks}
    whole = sum(durations)
    share = sum(d for p, d in zip(pitches, durations) if p % 12 in marks) / whole if whole else 0.0
    beside = share * len(mode.steps) / len(marks)
    return -UNTOLD * max(0.0, 1.0 - beside, beside - 2.0)


def final_classes(plan: Plan, chord: Chord | None) -> frozenset[int]:
    """Pitch classes of the last chord of a piece in a mode: the tonic, and what its chord holds."""
    tones = frozenset((plan.home,)) if chord is None else frozenset((*chord.pitch_classes, plan.home))
    scale = MODES[plan.scale].scale_on(plan.home)
    return frozenset(tone for tone in tones if tone in scale or MODES[plan.scale].beside)


def modal_rests(plan: Plan, chord: Chord, last: bool) -> frozenset[int]:
    """Pitch classes on which a phrase in a mode rests over a chord: the tonic at the end of a section, if the chord has
    it, within a section the degrees that the mode rests on.
    """
    mode = MODES[plan.scale]
    tones = frozenset(chord.pitch_classes)
    if last and plan.home in tones:
        return frozenset((plan.home,))
    for step in mode.rests:
        pillar = (plan.home + step) % 12
        if pillar in tones:
            return frozenset((pillar,))
    return (tones & mode.scale_on(plan.home)) or frozenset((plan.home,))


def grouped_figures(
    starts: Sequence[int], ticks: int, counts: Sequence[int], bars: int, rng: np.random.Generator
) -> dict[int, frozenset[int]]:
    """Onsets of a phrase's first bars in unequal beats: the groups, and quavers between them, the long group's first.

    counts: how many onsets each bar has.
    """
    ends = [*starts[1:], ticks]
    longest = max(end - start for start, end in zip(starts, ends))
    inside: dict[int, float] = {}
    for start, end in zip(starts, ends):
        unit = QUAVER if end - start <= 36 else 24
        for place in range(start + unit, end, unit):
            inside[place] = 0.5 * (end - start == longest) + 0.3 * (place - start == unit)
    found = {}
    mixing = {place: float(rng.random()) for place in sorted(inside)}
    for bar in range(bars):
        count = counts[bar] if bar < len(counts) else len(starts)
        drop = sorted(starts[1:], key=lambda start: mixing.get(start, rng.random()))[: max(0, len(starts) - count)]
        chosen = [start for start in starts if start not in drop]
        extra = sorted(inside, key=lambda place: -inside[place] - 0.6 * mixing[place] - 0.25 * float(rng.random()))
        found[bar] = frozenset([*chosen, *extra[: max(0, count - len(chosen))]])
    return found


def grouped_figure(row: str, starts: Sequence[int], ticks: int, fullness: float) -> tuple[int, ...]:
    """A row's figure in a bar of unequal beats: bass on the groups, chords after them or running, by fullness 0..1."""
    unit = 24 if all((b - a) % 24 == 0 for a, b in pairwise([*starts, ticks])) else QUAVER
    if row == "bass":
        if fullness < 0.3:
            return (0,)
        if fullness < 0.62 and len(starts) > 2:
            widest = max(zip(starts[1:], [*starts[2:], ticks]), key=lambda pair: (pair[1] - pair[0], pair[0]))[0]
            return (0, widest)
        return tuple(starts)
    after = [start + unit for start, end in zip(starts, [*starts[1:], ticks]) if start + unit < end]
    if fullness < 0.35:
        return tuple(starts)
    if fullness < 0.7:
        return tuple(after)
    return tuple(range(0, ticks, QUAVER))


def grouped_groove(starts: Sequence[int], ticks: int, fullness: float) -> dict[int, frozenset[int]]:
    """A drummer's bar of unequal beats: kick on the first, snare on the last group, both where the groups begin.

    >>> sorted(grouped_groove((0, 24, 48), 84, 0.5)[48])
    [38, 42]
    """
    groove = {place: frozenset((42,)) for place in range(0, ticks, QUAVER)}
    kick, snare, rim = 36, 38, 37
    if all(start % 24 == 0 for start in (*starts, ticks)) and max(b - a for a, b in pairwise([*starts, ticks])) > 48:
        for start, end in pairwise([*starts, ticks]):  # groups of quarters: each closes with a back-beat
            groove[start], groove[end - 24] = frozenset((kick, 42)), frozenset((snare, 42))
        return groove
    for index, start in enumerate(starts):
        last = index == len(starts) - 1
        drum = kick if index == 0 else snare if last else (kick if index % 2 == 0 or len(starts) == 3 else rim)
        groove[start] = frozenset((drum, 42))
    if fullness > 0.6:  # the kick runs ahead into the last group
        groove[starts[-1] - QUAVER] = frozenset((kick, 42))
    if fullness > 0.75 and ticks - starts[-1] >= 36:
        groove[ticks - QUAVER] = frozenset((kick, 42))
    return groove


def set_drone(canvas: Canvas, plan: Plan) -> None:
    """Write a plan's drone into its row: tonic and fifth held for some bars; a tanpura's is plucked."""
    if not plan.drone:
        return
    v = vocabulary()
    part = next(part for part in plan.parts if plan.drone in part.rows)
    shift = Key.parse(plan.key).shift
    pitches = [pitch - shift for pitch in drone_pitches(plan)]
    ticks = canvas.bars[0].ticks
    cells: list[Cell] = []
    plucked = part.instrument == "sitar"
    span = next((n for n in (4, 2, 1) if n * ticks in DURATIONS), 1)
    starts = {section.start for section in plan.sections}
    since = 0
    for bar in range(plan.bars):
        out: list[int] = []
        if plucked:
            beats = plan.groups or range(0, ticks, 24)
            order = [pitches[-1], pitches[0] + 12, pitches[0] + 12, pitches[0]]
            for number, (place, end) in enumerate(pairwise([*beats, ticks])):
                out += [v.position_ids[place], v.pitch + order[number % 4], v.duration_ids[_writable(end - place)]]
        else:
            since = 0 if bar in starts else since
            if since % span == 0:
                room = min(span, plan.bars - bar, *(s - bar for s in starts if s > bar))
                out.append(v.position_ids[0])
                for pitch in pitches:
                    out += [v.pitch + pitch, v.duration_ids[_writable(room * ticks)]]
            since += 1
        cells.append(np.array(out, dtype=np.int16) if out else EMPTY)
    canvas.cells[plan.drone] = cells


def _writable(ticks: int) -> int:
    return max(d for d in DURATIONS if d <= ticks)


def drone_pitches(plan: Plan) -> list[int]:
    """The sounding pitches of a plan's drone: the tonic low in its range, and the fifth if the scale has it."""
    part = next(part for part in plan.parts if plan.drone in part.rows)
    instrument = INSTRUMENTS[part.instrument]
    lowest = 43 if instrument.key == "bagpipes" else max(instrument.low, 41)  # a piper's drones lie below the chanter
    low = next(pitch for pitch in range(lowest, lowest + 12) if pitch % 12 == plan.tonic)
    steps = MODES[plan.scale].steps if plan.scale else (0, 7)
    above = 7 if 7 in steps else 5 if 5 in steps and 3 in steps else None
    return [low] if above is None else [low, low + above]
