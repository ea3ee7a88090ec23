"""Readings from any encoder's vectors: a linear head from a text's vector to mood, pace and style."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from yuefu.text.encoder.network import Array
from yuefu.text.encoder.reading import AXES, Reading, Reasons, phrases_of, reading_of
from yuefu.text.encoder.styles import LEARNT_STYLES
from yuefu.text.encoder.units import Unit, units_of
from yuefu.text.reader import normal

#: Texts -> (texts, width).
Vectors = Callable[[Sequence[str]], Array]
#: Phrases that are left out in turn, at most: each costs a run of the encoder.
MOST_PHRASES = 48


@dataclass(frozen=True)
class Head:
    """weight: (columns, width), bias: (columns,), columns ``AXES`` then logits of the styles; spreads: (axes,), the
    standard deviation of what a reading misses a text by."""

    weight: Array
    bias: Array
    spreads: Array

    def outputs(self, vectors: Array) -> Array:
        """(texts, columns) of vectors (texts, width)."""
        found: Array = vectors @ self.weight.T + self.bias
        return found

    def to_bytes(self) -> bytes:
        """A ``.npz`` file."""
        file = io.BytesIO()
        np.savez_compressed(file, weight=self.weight, bias=self.bias, spreads=self.spreads)
        return file.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> Head:
        """What ``to_bytes`` wrote. Raises ValueError for anything else."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as saved:
                weight, bias, spreads = (saved[name].astype(np.float32) for name in ("weight", "bias", "spreads"))
        except Exception as error:  # zipfile and numpy raise several kinds for a damaged file
            raise ValueError("this file holds no head") from error
        columns = len(AXES) + len(LEARNT_STYLES)
        if weight.ndim != 2 or (len(weight), bias.shape, spreads.shape) != (columns, (columns,), (len(AXES),)):
            raise ValueError("this head reads other things than this version does")
        return cls(weight, bias, spreads)


@dataclass(frozen=True)
class LinearReader:
    """An encoder with its head; called with a text it is an ``Understand``."""

    vectors: Vectors
    head: Head

    def __call__(self, text: str) -> Reading | None:
        """A reading with the words that it rests on; None when the text holds no word."""
        told = normal(text)
        units = units_of(told)
        if all(unit.is_mark for unit in units):
            return None
        told = told[: units[-1].end]
        phrases = [(units[a].start, units[b - 1].end) for a, b in _worth_asking(units)]
        without = [told[:start] + told[end:] for start, end in phrases] if len(phrases) > 1 else []
        vectors = self.vectors([told, *without])
        outputs = self.head.outputs(vectors)
        why = Reasons([told[start:end] for start, end in phrases], outputs)
        return reading_of(outputs[0], self.head.spreads.tolist(), vectors[0], why)

    def plain(self, texts: Sequence[str]) -> list[Reading]:
        """Readings without words, of texts that hold some."""
        vectors = self.vectors([normal(text) for text in texts])
        spreads = self.head.spreads.tolist()
        return [reading_of(row, spreads, v, None) for row, v in zip(self.head.outputs(vectors), vectors, strict=True)]


def _worth_asking(units: Sequence[Unit]) -> list[tuple[int, int]]:
    """Phrases of a text; of a long text's many, those that the lexicon rates before others, in their order."""
    phrases = phrases_of(units)
    first = sorted(range(len(phrases)), key=lambda place: (units[phrases[place][0]].rating is None, place))
    return [phrases[place] for place in sorted(first[:MOST_PHRASES])]
