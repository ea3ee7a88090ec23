"""Rhythms of tunes as a style's real tunes have them: what makes a jig a jig, whatever its notes.

``tune_figures.json`` holds, by style and metre, the commonest rhythms of four-bar phrases of the training corpora:
those that open a part of eight bars and those that close it, with how many works use each;
``yuefu.training.tune_figures`` makes it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

#: Bars of a phrase.
PHRASE = 4
#: Where a bar strikes notes, in ticks.
Onsets = frozenset[int]
#: The bars of a phrase.
Rhythm = tuple[Onsets, ...]


@dataclass(frozen=True)
class TuneFigures:
    """Rhythms with weights. opening: of the first half of a part; closing: of its second half;
    shuffled: a drawn phrase has its bars from different phrases, each from where it stands in one of them."""

    opening: tuple[tuple[Rhythm, float], ...]
    closing: tuple[tuple[Rhythm, float], ...]
    shuffled: bool = False

    def draw(self, bars: int, rng: np.random.Generator, evenness: float = 1.0) -> list[Onsets]:
        """Rhythms for the bars of a section: pairs of phrases, the second as the first began, and its own end.

        evenness: powers of the weights; below 1 rarer rhythms get more of a turn.
        """
        drawn: list[Onsets] = []
        while len(drawn) < bars:
            first, second = (self._phrase(table, rng, evenness) for table in (self.opening, self.closing))
            if rng.random() < SAME_OPENING:
                second = (*first[: PHRASE // 2], *second[PHRASE // 2 :])
            drawn += [*first, *second]
        if bars % (2 * PHRASE):  # a part that ends early ends all the same
            drawn = [*drawn[: bars - 1], drawn[2 * PHRASE * (len(drawn) // (2 * PHRASE)) - 1]]
        return drawn[:bars]

    def _phrase(self, table: tuple[tuple[Rhythm, float], ...], rng: np.random.Generator, evenness: float) -> Rhythm:
        if not self.shuffled:
            return self._one(table, rng, evenness)
        return tuple(self._one(table, rng, evenness)[place] for place in range(PHRASE))

    @staticmethod
    def _one(table: tuple[tuple[Rhythm, float], ...], rng: np.random.Generator, evenness: float) -> Rhythm:
        weights = np.array([weight for _, weight in table]) ** evenness
        return table[int(rng.choice(len(table), p=weights / weights.sum()))][0]


#: How often the second phrase of a part begins with the rhythm of the first.
SAME_OPENING = 0.6


def read_rhythm(text: str) -> Rhythm:
    """A phrase from its bars' onsets as they are written in the file.

    >>> [sorted(bar) for bar in read_rhythm("0 24 36/0 36")]
    [[0, 24, 36], [0, 36]]
    """
    return tuple(frozenset(map(int, bar.split())) for bar in text.split("/"))


@cache
def _tables() -> dict[str, dict[str, TuneFigures]]:
    text = resources.files("yuefu.planning").joinpath("tune_figures.json").read_text("utf-8")

    def read(rows: list[tuple[str, float]]) -> tuple[tuple[Rhythm, float], ...]:
        return tuple((read_rhythm(rhythm), float(works)) for rhythm, works in rows)

    return {
        style: {meter: TuneFigures(read(both["opening"]), read(both["closing"])) for meter, both in meters.items()}
        for style, meters in json.loads(text).items()
    }


def tune_figures(style: str, meter: str) -> TuneFigures | None:
    """The figures of a style's tunes in a metre; None where its tunes go their own way.

    >>> sorted(min(tune_figures("jig", "6/8").opening, key=lambda pair: -pair[1])[0][0])
    [0, 12, 24, 36, 48, 60]
    """
    return _tables().get(style, {}).get(meter)
