"""What a verdict goes by: each bar, band of a bar and kind of number is hidden, and the verdict looked at again.

An effect is the log-odds that the label loses (which don't saturate as shares do); below zero, the hidden part spoke
against it. Zeiler and
Fergus 2014, *Visualizing and Understanding Convolutional Networks* (occlusion).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yuefu.analysis.bar_roll import BAND_NAMES, DRUMS, ONSETS, STATS, BarRoll
from yuefu.recognition.recognizer import StyleRecognizer
from yuefu.recognition.windows import BARS, windows_of

#: What is hidden in a bar, from the top of a picture down: bands of an octave and the drums.
LAYERS = (*reversed(BAND_NAMES), "drums")
#: Kinds of numbers of a bar.
KINDS = {
    "metre": ("quarters", "compound", "triple"),
    "rhythm": ("onsets", "length", "length_spread", "offbeat", "silence", "graces"),
    "tune": ("repeats", "steps", "thirds", "fourths", "leaps", "upward"),
    "harmony": ("minor", "chromatic"),
    "texture": ("together", "polyphony", "overlap"),
    "register": ("pitch", "pitch_spread", "lowest", "highest"),
    "repetition": ("like_1", "like_2", "like_4", "like_8"),
    "drums": ("drum_hits",),
    "loudness": ("loudness", "loudness_spread"),
}


@dataclass(frozen=True)
class Explanation:
    """Effects. bars: (bars of the piece,), NaN where nothing was looked at; cells: (LAYERS, bars); kinds: numbers."""

    label: str
    bars: NDArray[np.float64]
    cells: NDArray[np.float64]
    kinds: dict[str, float]

    def to_dict(self) -> dict[str, Any]:
        """As plain data; null for bars that weren't looked at."""

        def plain(values: NDArray[np.float64]) -> list[float | None]:
            return [None if np.isnan(value) else round(float(value), 4) for value in values]

        return {
            "style": self.label,
            "bars": plain(self.bars),
            "layers": {name: plain(self.cells[number]) for number, name in enumerate(LAYERS)},
            "numbers": {name: round(value, 4) for name, value in self.kinds.items()},
        }


def explain(recognizer: StyleRecognizer, roll: BarRoll, label: str) -> Explanation:
    """What speaks for a label in a piece."""
    starts, rows, stats = windows_of(roll)
    column = recognizer.facts.labels.index(label)

    def odds(
        changed: NDArray[np.float32], told: NDArray[np.float32], mask: NDArray | None = None
    ) -> NDArray[np.float64]:
        return recognizer.log_odds(recognizer.logits(changed, told, mask), column)

    bars = np.full((len(starts), len(roll)), np.nan)
    cells = np.full((len(starts), len(LAYERS), len(roll)), np.nan)
    used = roll.sounding
    for number, start in enumerate(starts):
        own, told = rows[number], stats[number]
        before = float(odds(own[None], told[None])[0])
        inside = min(BARS, used.stop - start)  # a looped piece has only so many bars of its own
        hidden = np.ones((inside, BARS), dtype=np.float32)
        for bar in range(inside):
            hidden[bar, bar :: inside if inside < BARS else BARS] = 0
        hidden[:, 0] = np.maximum(hidden[:, 0], hidden.sum(axis=1) == 0)
        repeated = np.repeat(own[None], inside, axis=0), np.repeat(told[None], inside, axis=0)
        bars[number, start : start + inside] = before - odds(*repeated, hidden)
        copies, places = [], []
        for layer in range(len(LAYERS)):
            for bar in range(inside):
                every = slice(bar, None, inside if inside < BARS else BARS)
                if _layer(own[every], layer).any():
                    copies.append(_without(own, every, layer))
                    places.append((layer, start + bar))
        if copies:
            effect = before - odds(np.stack(copies), np.repeat(told[None], len(copies), axis=0))
            for (layer, bar), value in zip(places, effect.tolist()):
                cells[number, layer, bar] = value
    return Explanation(label, _mean(bars), _mean(cells), _kinds(recognizer, rows, stats, odds))


def _layer(rows: NDArray[np.float32], layer: int) -> NDArray[np.float32]:
    """A layer's rows (a view): sounding pitches of a band, or the drums."""
    if LAYERS[layer] == "drums":
        return rows[..., DRUMS, :]
    band = BAND_NAMES.index(LAYERS[layer])
    return rows[..., band * 12 : band * 12 + 12, :]


def _without(rows: NDArray[np.float32], bars: slice, layer: int) -> NDArray[np.float32]:
    out = rows.copy()
    _layer(out[bars], layer)[:] = 0
    if LAYERS[layer] != "drums":
        out[bars, ONSETS.start + BAND_NAMES.index(LAYERS[layer])] = 0
    return out


def _kinds(recognizer: StyleRecognizer, rows: NDArray, stats: NDArray, odds: Any) -> dict[str, float]:
    """The effect of each kind of number, put at its mean."""
    before = odds(rows, stats)
    told = {}
    for kind, names in KINDS.items():
        shown = [name for name in names if name in recognizer.facts.shown]
        if shown:
            changed = stats.copy()
            for name in shown:
                changed[:, :, STATS.index(name)] = recognizer.facts.means[name]
            told[kind] = float((before - odds(rows, changed)).mean())
    return told


def _mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean over windows of what isn't NaN; NaN where nothing is."""
    there = ~np.isnan(values)
    count = there.sum(axis=0)
    total = np.where(there, values, 0.0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
