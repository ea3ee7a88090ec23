"""What can be said of a bar of a phrase in numbers, and asked for: busier, higher, more syncopated ..."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from yuefu.errors import InputError, UnknownNameError
from yuefu.tokens.phrases import HELD, LOWEST_PITCH, STEP, STRUCK, Phrase

#: What can be asked of a line, with its opposite. Units: notes a quarter, semitones, share of notes off the beat and
#: held over the next one, quarters a note lasts, semitones between notes.
LINE_ATTRIBUTES = {
    "busier": "sparser", "higher": "lower", "syncopated": "straight", "longer": "shorter", "leaps": "smoother",
}  # fmt: skip
#: What can be asked of drums. Units: sounds a quarter, share of steps off the beat, share of hats and cymbals.
DRUM_ATTRIBUTES = {"busier": "sparser", "syncopated": "straight", "brighter": "darker"}
_ZH = {
    "更密": "busier", "更疏": "sparser", "更高": "higher", "更低": "lower",
    "更切分": "syncopated", "更平稳": "straight", "更长": "longer", "更短": "shorter",
    "更跳跃": "leaps", "更平滑": "smoother", "更亮": "brighter", "更暗": "darker",
}  # fmt: skip
#: Most that can be asked, in standard deviations of the corpus.
MOST = 3.0
_CYMBALS = (4, 5, 6, 10, 11, 12, 13, 14, 15, 17)  # lanes of hats, cymbals, tambourine and shaker


def attributes_of(row: str) -> dict[str, str]:
    """The attributes of a row and their opposites."""
    return DRUM_ATTRIBUTES if row == "drums" else LINE_ATTRIBUTES


def measure(phrase: Phrase) -> NDArray[np.float64]:
    """(bars, attributes) in the order of ``attributes_of``; NaN for bars in which nothing is struck."""
    beat = beat_steps(phrase.meter)
    return drum_bars(phrase.steps, beat) if phrase.row == "drums" else line_bars(phrase.steps, beat)


def beat_steps(meter: str) -> int:
    """Steps of a beat: six in compound metres, else four (two where the beat is an eighth)."""
    if meter in ("6/8", "3/8", "6/16", "9/16", "12/16"):
        return 6 if meter.endswith("8") else 3
    return 2 if meter.endswith("8") else 4


def line_bars(steps: NDArray, beat: int) -> NDArray[np.float64]:
    """Attributes of a line's bars (bars, 5)."""
    bars, length = steps.shape
    out = np.full((bars, 5), np.nan)
    flat = steps.reshape(-1).astype(int)
    onsets = np.flatnonzero(flat >= STRUCK)
    ends = np.flatnonzero(np.append(flat, HELD + 1) != HELD)
    lasts = ends[np.searchsorted(ends, onsets, side="right")] - onsets if len(onsets) else onsets
    pitch = flat[onsets] - STRUCK + LOWEST_PITCH
    jump = np.abs(np.diff(pitch, prepend=pitch[:1]))
    place, bar = onsets % length % beat, onsets // length
    over = (place > 0) & (place + lasts > beat) | (place % 2 == 1) & (lasts > 1)
    for number in range(bars):
        own = bar == number
        if own.any():
            out[number] = (
                own.sum() / (length * STEP / 24), pitch[own].mean(), over[own].mean(), lasts[own].mean() * STEP / 24,
                jump[own].mean(),
            )  # fmt: skip
    return out


def drum_bars(steps: NDArray[np.bool_], beat: int) -> NDArray[np.float64]:
    """Attributes of drum bars (bars, 3): a syncopation is a kick or snare off the half beats, or off the beat alone."""
    bars, length = steps.shape[:2]
    out = np.full((bars, 3), np.nan)
    strong = steps[:, :, 0] | steps[:, :, 1]
    off = np.arange(length) % beat != 0
    for number in range(bars):
        hits = steps[number].sum()
        if hits:
            weights = strong[number]
            out[number] = (
                hits / (length * STEP / 24), (weights & off).sum() / max(weights.sum(), 1),
                steps[number][:, _CYMBALS].sum() / hits,
            )  # fmt: skip
    return out


def asked_of(asked: Mapping[str, float], row: str) -> NDArray[np.float64]:
    """What is asked of a row's attributes, in standard deviations; what another row alone has doesn't count.

    >>> asked_of({"sparser": 1, "higher": 0.5}, "melody").tolist()
    [-1.0, 0.5, 0.0, 0.0, 0.0]
    """
    names = attributes_of(row)
    out = np.zeros(len(names))
    for name, value in asked.items():
        known, sign = attribute(name)
        if known in names:
            out[list(names).index(known)] += sign * value
    return out


def attribute(name: str) -> tuple[str, int]:
    """An attribute and a sign from a name in English or Chinese. Raises UnknownNameError.

    >>> attribute("smoother"), attribute("更高")
    (('leaps', -1), ('higher', 1))
    """
    plain = name.strip().lower().removeprefix("more ").replace(" ", "_")
    plain = _ZH.get(plain, plain)
    every = {**LINE_ATTRIBUTES, **DRUM_ATTRIBUTES}
    if plain in every:
        return plain, 1
    for known, opposite in every.items():
        if plain == opposite:
            return known, -1
    raise UnknownNameError("attribute", name, [each for pair in every.items() for each in pair])


def parse_attributes(items: list[str] | tuple[str, ...]) -> dict[str, float]:
    """Attributes from ``["busier=1", "higher=0.5"]``; a name alone counts as 1. Raises InputError.

    >>> parse_attributes(["busier=1", "higher=-0.5, 更跳跃"])
    {'busier': 1.0, 'higher': -0.5, 'leaps': 1.0}
    """
    found: dict[str, float] = {}
    for item in (part for text in items for part in text.replace("，", ",").split(",") if part.strip()):
        name, equals, said = item.partition("=")
        known, sign = attribute(name)
        try:
            value = float(said) if equals else 1.0
        except ValueError:
            raise InputError(
                f"'{item.strip()[:40]}' isn't an attribute: write NAME=NUMBER, such as busier=1."
            ) from None
        if not abs(value) <= MOST:  # NaN too
            raise InputError(f"{name.strip()}={said.strip()} is too much: give -{MOST:g} to {MOST:g}.")
        found[known] = sign * value
    return found
