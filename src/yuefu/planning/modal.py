"""Harmony of modes and scales: vamps and open sonorities that lie in the scale, instead of songs' progressions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from yuefu.planning.harmony import half_position, simplify
from yuefu.planning.plan import PlannedChord
from yuefu.theory.chord import Chord
from yuefu.theory.modes import Mode

#: How often a section goes on with another progression than it began with.
ANOTHER = 0.4


def modal_skeleton(
    mode: Mode,
    lengths: Sequence[int],
    sources: Sequence[int | None],
    opens: Sequence[bool],
    level: str,
    rng: np.random.Generator,
) -> list[tuple[PlannedChord, ...]]:
    """Chords for every bar of all sections, moved to C major or A minor; sections that repeat share theirs.

    The first section begins on the tonic, later ones otherwise where the mode has such a progression; phrases end open
    by turns, sections on the tonic, or open where ``opens`` says so; the piece ends on its tonic.
    """
    made: dict[int, list[str]] = {}
    bars: list[str] = []
    taken: list[tuple[str, ...]] = []
    for index, (length, source) in enumerate(zip(lengths, sources)):
        base = made.get(source) if source is not None else None
        if base is None:
            first = _choose(mode, taken, rng)
            second = _choose(mode, [*taken, first], rng) if rng.random() < ANOTHER else first
            taken.append(first)
            base = [(second if bar // 4 % 2 else first)[bar % 4] for bar in range(length)]
            if length >= 8:  # the first phrase asks, the second answers
                base[3::8] = [mode.open] * len(base[3::8])
        while len(base) < length:
            base = [*base, *base[: length - len(base)]]
        section = list(base[:length])
        last = index == len(lengths) - 1
        if last or not opens[index]:
            if length >= 2:
                section[-2:] = mode.close if length >= 4 else (section[-2], mode.close[-1])
            elif last:
                section[-1] = mode.close[-1]
        elif length >= 4:
            section[-1] = mode.open
        made[index] = section
        bars += section
    return [(PlannedChord(position=0, symbol=_here(mode, symbol, level)),) for symbol in bars]


def _choose(mode: Mode, taken: Sequence[tuple[str, ...]], rng: np.random.Generator) -> tuple[str, ...]:
    """A progression: at first one that begins on the tonic, later one that wasn't heard yet if there is any."""
    tonic = mode.close[-1]
    options = [phrase for phrase in mode.phrases if phrase not in taken] or list(mode.phrases)
    if not taken:
        home = Chord.parse(tonic).bass_class
        options = [phrase for phrase in options if Chord.parse(phrase[0]).bass_class == home] or options
    return options[int(rng.integers(len(options)))]


def _here(mode: Mode, symbol: str, level: str) -> str:
    """One of the mode's chords as the model writes it: on the mode's tonic in C major or A minor."""
    plain = symbol if mode.beside else simplify(symbol, level)
    return mode.chord(plain, mode.home).symbol()


def halved(
    bars: list[tuple[PlannedChord, ...]], bar_ticks: int, starts: Sequence[int]
) -> list[tuple[PlannedChord, ...]]:
    """Bars of two chords whose second one enters where a group of unequal beats does."""
    usual = half_position(bar_ticks)
    if not starts:
        return bars
    place = nearest_half(bar_ticks, starts)
    return [
        tuple(chord.model_copy(update={"position": place}) if chord.position == usual else chord for chord in bar)
        for bar in bars
    ]


def nearest_half(bar_ticks: int, starts: Sequence[int]) -> int:
    """Where the second half of a bar of unequal groups begins: the group that begins nearest to its middle.

    >>> nearest_half(84, (0, 24, 48)), nearest_half(84, (0, 36, 60)), nearest_half(120, (0, 72))
    (48, 36, 72)
    """
    return min(starts[1:], key=lambda start: (abs(start - bar_ticks / 2), -start), default=0)


def tonic_for(mode: Mode, chords: Sequence[Chord]) -> int:
    """The tonic on which a mode holds the most of given chords, beginning or closing on it."""

    def worth(tonic: int) -> float:
        scale = mode.scale_on(tonic)
        inside = sum(sum(t in scale for t in c.pitch_classes) / len(c.pitch_classes) for c in chords)
        return inside / len(chords) + 0.2 * (chords[0].root == tonic) + 0.1 * (chords[-1].root == tonic)

    return max(range(12), key=worth)
