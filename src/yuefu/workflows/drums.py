"""Grooves: where a style's drummer puts kick, snare and hat, as leanings for the model.

A groove is written as one line a sound, a sign a sixteenth, as drummers write patterns down. The
calmer a section, the plainer the groove that is taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from yuefu.planning.modal import nearest_half
from yuefu.planning.plan import Plan
from yuefu.theory.styles import STYLES
from yuefu.tokens.grid import Cell
from yuefu.tokens.vocabulary import vocabulary
from yuefu.workflows.scale_rules import grouped_groove

Groove = Mapping[int, frozenset[int]]
SIXTEENTH = 6  #: ticks
SOUNDS = {"k": 36, "s": 38, "r": 37, "c": 39, "h": 42, "p": 44, "o": 46, "d": 51, "t": 54, "x": 70, "l": 43, "m": 47}
QUAVERS = "h x.x.x.x.x.x.x.x."
#: Group -> grooves of a bar of four quarters, from calm to full: "sound pattern / sound pattern ...".
GROOVES: dict[str, tuple[str, ...]] = {
    "pop": (
        f"k x.......x....... / s ....x.......x... / {QUAVERS}",
        f"k x......xx....... / s ....x.......x... / {QUAVERS}",
        f"k x.....x.x.x..... / s ....x.......x... / {QUAVERS}",
    ),
    "ballad": (
        "k x............... / r ........x....... / h x...x...x...x...",
        f"k x............... / r ........x....... / {QUAVERS}",
        f"k x.........x..... / s ........x....... / {QUAVERS}",
    ),
    "rock": (
        f"k x.......x....... / s ....x.......x... / {QUAVERS}",
        f"k x.......x.x..... / s ....x.......x... / {QUAVERS}",
        "k x.x.....x.x..... / s ....x.......x... / o x...x...x...x...",
    ),
    "swing": (
        "d x...x...x...x... / p ....x.......x...",
        "d x...x.x.x...x.x. / p ....x.......x...",
        "k x.......x....... / d x...x.x.x...x.x. / p ....x.......x...",
    ),
    "shuffle": ("k x.......x....... / s ....x.......x... / h x.x.x.x.x.x.x.x.",),
    "bossa": ("k x.....x.x.....x. / r x.....x.....x... / h x.x.x.x.x.x.x.x.",),
    "latin": ("k x.....x.x.....x. / r ...x..x.....x... / h x.x.x.x.x.x.x.x.",),
    "disco": (
        "k x...x...x...x... / s ....x.......x... / o ..x...x...x...x.",
        "k x...x...x...x... / s ....x.......x... / h x...x...x...x... / o ..x...x...x...x.",
    ),
    "funk": (
        "k x.....x...x..... / s ....x.......x... / h x.x.x.x.x.x.x.x.",
        "k x..x..x...x..... / s ....x..x....x... / h x.x.x.x.x.x.x.x.",
    ),
    "reggae": ("k ........x....... / r ........x....... / h x.x.x.x.x.x.x.x.",),
    "hiphop": (
        "k x.....x...x..... / s ....x.......x... / h x.x.x.x.x.x.x.x.",
        "k x..x..x...x..... / s ....x.......x... / h x.x.x.x.x.xxx.x.",
    ),
    "march": ("k x.......x....... / s ....x...x.x.x...", "k x.......x....... / s x.xxx.x.x.xxx.x."),
    "epic": ("k x.......x....... / l x.....x.x.......", "k x.......x....... / l x..x..x.x..x..x. / s ....x.......x..."),
}  # fmt: skip
#: Drum style -> group of grooves, where they differ in name.
GROUP = {
    "folk": "pop", "country": "pop", "soul": "pop", "jazz": "swing", "blues": "shuffle", "bossa_nova": "bossa",
    "electronic": "disco", "lofi": "hiphop", "afro": "latin", "celtic": "pop", "waltz": "pop",
}  # fmt: skip
TRIPLE = "k x........... / r ....x...x... / h x...x...x..."
COMPOUND_BEAT = (frozenset((36, 42)), frozenset((38, 42)))  #: of each dotted quarter in turn


def groove_for(plan: Plan, energy: float, rng: np.random.Generator) -> dict[int, frozenset[int]]:
    """Position in the bar (ticks) -> General MIDI drum pitches that belong there."""
    numerator, denominator = map(int, plan.meter.split("/"))
    ticks = numerator * 96 // denominator
    style = STYLES[plan.style].drum_style or "pop"
    options = GROOVES.get(GROUP.get(style, style), GROOVES["pop"])
    draw = float(rng.uniform(-0.3, 0.3))
    if plan.groups:
        return grouped_groove(plan.groups, ticks, float(np.clip(energy + draw, 0, 1)))
    if denominator == 8 and numerator % 3 == 0:
        groove = {place: frozenset((42,)) for place in range(0, ticks, 12)}
        groove |= {place: COMPOUND_BEAT[i % 2] for i, place in enumerate(range(0, ticks, 36))}
        return groove
    if ticks == 72:
        return _read(TRIPLE)
    chosen = options[int(np.clip(round((energy * 1.2 - 0.35) * (len(options) - 1) + draw), 0, len(options) - 1))]
    groove = {place: hits for place, hits in _read(chosen).items() if place < ticks}
    for place in range(96, ticks, 24):  # longer bars: a backbeat to close
        groove[place] = frozenset((38, 42)) if place + 24 >= ticks else frozenset((36, 42))
    return groove


def _read(text: str) -> dict[int, frozenset[int]]:
    groove: dict[int, set[int]] = {}
    for line in text.split(" / "):
        sound, pattern = line.split()
        for step, sign in enumerate(pattern):
            if sign == "x":
                groove.setdefault(step * SIXTEENTH, set()).add(SOUNDS[sound])
    return {place: frozenset(hits) for place, hits in sorted(groove.items())}


#: Fills in quavers or sixteenths of half a bar: how far into the half, in sixteenths -> sound.
FILLS: tuple[Mapping[int, int], ...] = (
    {0: 38, 2: 38, 4: 47, 6: 43},
    {0: 38, 2: 38, 3: 38, 4: 47, 5: 47, 6: 43, 7: 43},
    {0: 38, 3: 38, 4: 47, 6: 43},
    {2: 38, 4: 38, 5: 38, 6: 47, 7: 43},
)


def fill_groove(groove: Groove, ticks: int, kind: int = 0, groups: Sequence[int] = ()) -> dict[int, frozenset[int]]:
    """The groove with its second half given to snare and toms: how a section ends. kind: which of the fills;
    groups: where unequal groups begin.

    >>> fill_groove({0: frozenset((36, 42)), 48: frozenset((36, 42))}, 96)[84]
    frozenset({43})
    """
    half = second_half(ticks, groups)
    result = {place: hits for place, hits in groove.items() if place < half}
    if ticks - half == 48 and kind:
        return result | {half + step * SIXTEENTH: frozenset((hit,)) for step, hit in FILLS[kind % len(FILLS)].items()}
    places = range(half, ticks, 12)
    toms = (38, 38, 47, 43)
    for index, place in enumerate(places):
        result[place] = frozenset((toms[min(3, index * 4 // max(1, len(places)))],))
    return result


def second_half(ticks: int, groups: Sequence[int] = ()) -> int:
    """Where the second half of a bar begins, in ticks: on a beat, or where a group of unequal beats does."""
    return nearest_half(ticks, groups) if groups else ticks // 2 // 24 * 24


def backbone(groove: Groove) -> dict[int, frozenset[int]]:
    """What a drummer never leaves out: the kick on the first beat, snare, clap or rim, and a ride on the beats.

    >>> backbone({0: frozenset((36, 42)), 12: frozenset((42,)), 24: frozenset((38, 42)), 36: frozenset((36, 42))})
    {0: frozenset({36}), 24: frozenset({38})}
    """
    bones = {}
    for place, hits in groove.items():
        kept = hits & ({36, 37, 38, 39, 51} if place == 0 else {37, 38, 39, 51} if place % 24 == 0 else {37, 38, 39})
        if kept:
            bones[place] = frozenset(kept)
    return bones


def with_hits(cell: Cell, hits: Groove) -> Cell:
    """A drum cell to which the hits of a groove are added where they are missing."""
    v = vocabulary()
    found: dict[int, set[int]] = {}
    position = 0
    for token in map(int, cell):
        if token in v.position_ticks:
            position = v.position_ticks[token]
            found.setdefault(position, set())
        else:
            found[position].add(token)
    for place, pitches in hits.items():
        found.setdefault(place, set()).update(v.hit_ids[pitch] for pitch in pitches)
    out: list[int] = []
    for place in sorted(found):
        out += [v.position_ids[place], *sorted(found[place])]
    return np.array(out, dtype=np.int16)


def with_crash(cell: Cell) -> Cell:
    """A drum cell with a crash cymbal on the first beat, in place of a hat or ride: how a section begins."""
    v = vocabulary()
    tokens = [int(t) for t in cell]
    position, crash = v.position_ids[0], v.hit_ids[49]
    swapped = {v.hit_ids[pitch] for pitch in (42, 46, 51, 44)}
    if tokens and tokens[0] == position:
        cut = 1
        while cut < len(tokens) and tokens[cut] in v.hit_pitches:
            cut += 1
        hits = sorted({hit for hit in tokens[1:cut] if hit not in swapped} | {crash, v.hit_ids[36]})
        tokens = [position, *hits, *tokens[cut:]]
    else:
        tokens = [position, v.hit_ids[36], crash, *tokens]
    return np.array(tokens, dtype=np.int16)
