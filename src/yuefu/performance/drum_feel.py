"""How drummers play: loudness and micro-timing by drum, style and place in the bar.

The figures in ``drum_feel.json`` are averages over human takes (``learn_drum_feel`` makes the file).
Places are slots of one 4/4 bar in 24ths of a quarter (0-95); other metres are folded onto it.
Loudness is a MIDI velocity; timing is in milliseconds after the grid, negative for early.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

#: Groups of General MIDI percussion that are played alike.
DRUM_CLASSES = ("kick", "snare", "sidestick", "closed_hat", "pedal_hat", "open_hat", "ride", "crash", "tom")
#: General MIDI drum pitch -> class; pitches that aren't here are played like a closed hi-hat.
CLASS_OF_PITCH: dict[int, str] = {
    35: "kick", 36: "kick", 38: "snare", 40: "snare", 39: "snare", 37: "sidestick", 75: "sidestick",
    76: "sidestick", 77: "sidestick", 42: "closed_hat", 44: "pedal_hat", 46: "open_hat", 51: "ride",
    53: "ride", 59: "ride", 49: "crash", 52: "crash", 55: "crash", 57: "crash", 41: "tom", 43: "tom",
    45: "tom", 47: "tom", 48: "tom", 50: "tom", 60: "tom", 61: "tom", 63: "tom", 64: "tom",
}  # fmt: skip
#: Slots within a quarter that the table knows: sixteenths and triplet eighths.
BEAT_SLOTS = (0, 6, 8, 12, 16, 18)
#: A style or corpus label -> the style of the takes it is nearest to; others use ``"all"``.
NEAREST_STYLE: dict[str, str] = {
    "pop": "pop", "ballad": "pop", "rock": "rock", "metal": "rock", "punk": "rock", "folk": "country",
    "jazz": "jazz", "standard": "jazz", "swing": "jazz", "bossa_nova": "latin", "blues": "blues", "country": "country",
    "lofi": "hiphop", "electronic": "dance", "disco": "dance", "funk": "funk", "soul": "soul", "rnb": "soul",
    "reggae": "reggae", "hiphop": "hiphop", "latin": "latin", "afro": "afro", "gospel": "gospel", "dance": "dance",
}  # fmt: skip


@dataclass(frozen=True)
class Feel:
    """One style's feel. Arrays are indexed [class, slot of the bar], 9 x 24: 4 quarters x ``BEAT_SLOTS``.

    velocity: mean MIDI velocity; spread: its standard deviation from hit to hit; offset: mean
    milliseconds after the grid; jitter: the standard deviation of that. level [class]: the mean velocity of the
    hits on the beat, which the others are read against: drums of an electronic kit don't share one scale.
    """

    velocity: np.ndarray
    spread: np.ndarray
    offset: np.ndarray
    jitter: np.ndarray
    level: np.ndarray

    def at(self, drum: str, slot: int) -> tuple[float, float, float, float]:
        """Velocity, spread, offset and jitter of a drum class at the slot nearest to ``slot`` (0-95)."""
        row = DRUM_CLASSES.index(drum)
        column = slot_index(slot)
        return tuple(float(table[row, column]) for table in (self.velocity, self.spread, self.offset, self.jitter))  # type: ignore[return-value]


def slot_index(slot: int) -> int:
    """The column (0-23) of the table for a place 0-95 in a 4/4 bar.

    >>> slot_index(0), slot_index(36), slot_index(95)
    (0, 9, 0)
    """
    beat, inside = divmod(slot % 96, 24)
    nearest = min((*enumerate(BEAT_SLOTS), (len(BEAT_SLOTS), 24)), key=lambda pair: abs(pair[1] - inside))[0]
    return (beat * len(BEAT_SLOTS) + nearest) % (4 * len(BEAT_SLOTS))


def fold_to_common_time(tick: int, numerator: int, denominator: int, groups: tuple[int, ...] = ()) -> int:
    """The slot (0-95) of a 4/4 bar that plays the part of ``tick`` in a bar of another metre.

    Compound metres count dotted beats as quarters; a waltz's second and third beats are both back-beats.
    groups: where groups of unequal beats begin: each of them is a beat.

    >>> fold_to_common_time(66, 7, 8, (0, 24, 48))
    60
    >>> fold_to_common_time(36, 6, 8), fold_to_common_time(48, 3, 4), fold_to_common_time(30, 4, 4)
    (24, 72, 30)
    """
    if groups and denominator == 8:
        index = max(i for i, start in enumerate(groups) if start <= tick)
        end = (*groups[1:], numerator * 12)[index]
        return (index % 4) * 24 + (tick - groups[index]) * 24 // (end - groups[index])
    if denominator == 8 and numerator % 3 == 0 and numerator > 3:
        beat, inside = divmod(tick, 36)
        return (beat % 4) * 24 + inside * 2 // 3
    if denominator == 2:
        return (tick // 2) % 96
    beat, inside = divmod(tick, 24)
    if numerator == 3:
        return (0, 24, 72)[beat % 3] + inside
    return (beat % 4) * 24 + inside


@cache
def _tables() -> dict[str, Feel]:
    text = resources.files("yuefu.performance").joinpath("drum_feel.json").read_text(encoding="utf-8")
    styles = json.loads(text)["styles"]
    names = ("velocity", "spread", "offset", "jitter", "level")
    return {key: Feel(*(np.array(row[name], dtype=float) for name in names)) for key, row in styles.items()}


def feel_for(style: str) -> Feel:
    """The feel for a style or corpus label; ``"all"`` (the average drummer) where none is near."""
    return _tables().get(NEAREST_STYLE.get(style, "all"), _tables()["all"])
