"""An idea as numbers that know nothing of its key and tempo: its contour, its rhythm, its chords, its mood."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from yuefu.errors import InputError, LimitError
from yuefu.inspire.idea import Idea
from yuefu.inspire.making import fact
from yuefu.inspire.numerals import states_of
from yuefu.theory.key import Key
from yuefu.theory.meter import parse_meter

Floats = NDArray[np.float32]
#: Places of a drawn or heard contour, and of a bar's rhythm.
CONTOUR, SLOTS = 32, 48
#: Lanes of a groove: their General MIDI sounds.
LANES = {
    "kick": (35, 36), "snare": (37, 38, 39, 40), "hat": (42, 44, 46, 51, 53, 59), "other": (),
}  # fmt: skip
_LANE_OF = {sound: lane for lane, sounds in LANES.items() for sound in sounds}
#: What the lanes of a typed pattern may be called.
LANE_NAMES = {
    "kick": "kick", "bd": "kick", "k": "kick", "b": "kick", "底鼓": "kick", "大鼓": "kick", "snare": "snare",
    "sd": "snare", "s": "snare", "clap": "snare", "军鼓": "snare", "小鼓": "snare", "hat": "hat", "hh": "hat",
    "h": "hat", "hihat": "hat", "ride": "hat", "踩镲": "hat", "镲": "hat",
}  # fmt: skip
_LANE = re.compile(r"(?:([^\s:=/;|,xX.\-_]+?|[bksh]{1,2}d?)\s*[:=])?\s*([xXoO1●*.\-_0○ ]*)")
_HIT, _REST = frozenset("xXoO1●*"), frozenset(".-_0○")
#: Bars of a pattern that is searched for.
MOST_SLOTS = 256
#: How far a stroke is felt, in slots of a bar: a weight for each slot before and after.
_SMEAR = (0.5, 0.12)


def lead_notes(idea: Idea) -> list[tuple[float, float, int]]:
    """The idea's line: (start, duration, pitch) of its top notes, of the tune where it has one."""
    rows = {row for row, *_ in idea.notes if row != "drums"}
    row = "melody" if "melody" in rows else "bass" if rows == {"bass"} else next(iter(sorted(rows)), "")
    top: dict[float, tuple[float, float, int]] = {}
    for own, start, length, pitch, _ in idea.notes:
        if own == row and (start not in top or pitch > top[start][2]):
            top[start] = (start, length, pitch)
    return [top[start] for start in sorted(top)]


def contour_of(starts: Sequence[float], pitches: Sequence[float], end: float | None = None) -> Floats:
    """A line's shape at ``CONTOUR`` even places, around its mean and of unit length; zeros for a flat one."""
    if len(pitches) < 2:
        return np.zeros(CONTOUR, dtype=np.float32)
    first, last = starts[0], starts[-1] if end is None else end
    places = np.linspace(first, max(last, starts[-1] + 1e-6), CONTOUR)
    return _unit(np.interp(places, starts, pitches))


def drawn(points: Sequence[float]) -> Floats:
    """A drawn contour in the same form. Raises InputError for fewer than two points, LimitError for very many."""
    values = np.asarray(points, dtype=np.float64)
    if values.ndim != 1 or len(values) < 2 or not np.isfinite(values).all():
        raise InputError("a drawing needs at least two heights, as numbers from left to right.")
    if len(values) > 4096:
        raise LimitError(f"a drawing of {len(values)} points is too long: give at most 4096.")
    return _unit(np.interp(np.linspace(0, 1, CONTOUR), np.linspace(0, 1, len(values)), values))


def _unit(values: NDArray[np.float64]) -> Floats:
    centred = values - values.mean()
    size = float(np.sqrt((centred**2).sum()))
    return (centred / size if size > 1e-6 else np.zeros_like(centred)).astype(np.float32)


def smeared(slots: NDArray[np.floating]) -> Floats:
    """Bars' strokes (in the last axis), each felt a little before and after, of unit length."""
    out = slots.astype(np.float64)
    for by, weight in enumerate(_SMEAR, 1):
        out = out + weight * (np.roll(slots, by, axis=-1) + np.roll(slots, -by, axis=-1))
    size = np.sqrt((out**2).sum(axis=-1, keepdims=True))
    return np.divide(out, size, out=np.zeros_like(out), where=size > 0).astype(np.float32)


def strokes_of(idea: Idea) -> list[tuple[int, str, int]]:
    """An idea's strokes: bar, lane, slot of the bar. A tune's are all in the lane "any", a drum's in its own, too."""
    numerator, denominator = parse_meter(idea.meter)
    length = numerator * 4 / denominator
    bars = max(idea.bars, 1)
    lead = {(start, pitch) for start, _, pitch in lead_notes(idea)}
    found = []
    for row, start, _, pitch, _ in idea.notes:
        if row != "drums" and (start, pitch) not in lead:
            continue
        bar, place = divmod(start, length)
        if bar >= bars:
            continue
        slot = round(place / length * SLOTS) % SLOTS
        found.append((int(bar), "any", slot))
        if row == "drums":
            found.append((int(bar), _LANE_OF.get(pitch, "other"), slot))
    return found


def bar_rhythms(idea: Idea) -> list[dict[str, Floats]]:
    """For every bar of an idea its strokes by lane."""
    bars: list[dict[str, NDArray[np.float64]]] = [{} for _ in range(max(idea.bars, 1))]
    for bar, lane, slot in strokes_of(idea):
        bars[bar].setdefault(lane, np.zeros(SLOTS))[slot] = 1.0
    return [{lane: smeared(slots) for lane, slots in bar.items()} for bar in bars]


Lanes = dict[str, list[float]]


def parse_rhythm(text: str) -> Lanes:
    """A typed rhythm: strokes (1) and rests (0) by lane. Raises InputError or LimitError.

    ``x..x..x.`` is a bar of eight places; ``kick: x...x... / snare: ....x...`` tells the lanes of a drum pattern.

    >>> parse_rhythm("x..x")["any"], sorted(parse_rhythm("kick: x...x... / snare: ..x...x."))
    ([1.0, 0.0, 0.0, 1.0], ['kick', 'snare'])
    """
    lanes: Lanes = {}
    for piece in re.split(r"[/;\n]+|,(?=\s*\w+\s*[:=])", text.replace("|", "")):
        match = _LANE.fullmatch(piece.strip())
        if match is None or not match[2].strip():
            raise InputError(
                f"'{piece.strip()[:30]}' isn't a rhythm: write x for a stroke and . for none, such as x..x..x. or "
                "kick: x...x... / snare: ....x..."
            )
        name = (match[1] or "").lower()
        if name and name not in LANE_NAMES:
            raise InputError(f"'{name[:20]}' isn't a lane of drums: kick, snare or hat.")
        lanes[LANE_NAMES.get(name, "any")] = [float(char in _HIT) for char in match[2] if char in _HIT or char in _REST]
    if not any(any(steps) for steps in lanes.values()):
        raise InputError("the rhythm has no stroke: write x for one, such as x..x..x.")
    longest = max(map(len, lanes.values()))
    if longest > MOST_SLOTS:
        raise LimitError(f"a rhythm of {longest} places is too long: give at most {MOST_SLOTS}.")
    return {lane: [*steps, *[0.0] * (longest - len(steps))] for lane, steps in lanes.items()}


def rhythm_bars(lanes: Lanes) -> list[dict[str, Floats]]:
    """A typed rhythm as bars: up to sixteen places are one bar, more go on over bars of sixteen (or of twelve).

    >>> bars = rhythm_bars(parse_rhythm("x..x..x."))
    >>> len(bars), [slot for slot in range(SLOTS) if bars[0]["any"][slot] > 0.4]
    (1, [0, 18, 36])
    """
    longest = len(next(iter(lanes.values())))
    size = 12 if longest % 12 == 0 and longest % 16 else 16 if longest > 16 else longest
    return _laid(lanes, size)


def _laid(lanes: Lanes, size: int) -> list[dict[str, Floats]]:
    """Strokes over bars of so many places."""
    longest = len(next(iter(lanes.values())))
    bars: list[dict[str, Floats]] = []
    for first in range(0, longest, size):
        own = {}
        for lane, steps in lanes.items():
            slots = np.zeros(SLOTS)
            for place, stroke in enumerate(steps[first : first + size]):
                if stroke:
                    slots[round(place * SLOTS / size) % SLOTS] = 1.0
            if slots.any():
                own[lane] = smeared(slots)
        bars.append(own)
    return bars


def other_speeds(lanes: Lanes) -> list[list[dict[str, Floats]]]:
    """The same rhythm counted twice as fast and half as fast, for a rhythm of one bar; several bars have none."""
    longest = len(next(iter(lanes.values())))
    if not 2 < longest <= 16:
        return []
    fast = {lane: steps * 2 for lane, steps in lanes.items()}
    slow = {lane: [value for step in steps for value in (step, 0.0)] for lane, steps in lanes.items()}
    return [_laid(fast, 2 * longest), _laid(slow, longest)]


@lru_cache(maxsize=65536)
def _states(symbols: tuple[str, ...], key: str) -> tuple[int, ...]:
    return tuple(states_of(symbols, Key.parse(key)).tolist())


def progression_of(idea: Idea) -> tuple[int, ...]:
    """An idea's chords in C major or A minor, neighbours that are the same told once."""
    states = _states(tuple(symbol for *_, symbol in idea.chords), idea.key) if idea.chords else ()
    return tuple(state for index, state in enumerate(states) if not index or state != states[index - 1])


#: Facts that tell a texture, with what one unit of likeness is worth in each.
_TEXTURE = (("density", 2.0), ("syncopation", 0.3), ("polyphony", 1.5), ("range", 10.0), ("height", 12.0))


def texture_of(idea: Idea) -> Floats:
    """Numbers of how an idea is laid out, each of about unit spread."""
    return np.array([fact(idea, name) / unit for name, unit in _TEXTURE], dtype=np.float32)


def mood_point(idea: Idea) -> tuple[float, float]:
    """An idea's valence and arousal, as its facts tell them."""
    return fact(idea, "valence"), fact(idea, "arousal")
