"""What a text means by the encoder: mood, pace and style with a confidence each, and the words that say so."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from yuefu.text.encoder.network import Array, Weights, run, shipped_weights
from yuefu.text.encoder.styles import LEARNT_STYLES
from yuefu.text.encoder.units import Unit, units_of
from yuefu.text.function_words import CHINESE
from yuefu.text.mood import mood_of
from yuefu.text.reader import normal
from yuefu.text.scan import scan

#: Words that are named for one reading, at most.
MOST_WORDS = 4
#: English words that are nobody's reason; those that deny or limit are not among them.
_SMALL = frozenset(
    (
        "a", "an", "the", "of", "and", "for", "to", "in", "on", "at", "by", "with", "from", "is", "are", "was", "be",
        "it", "i", "me", "my", "you", "your", "we", "our", "this", "that",
    )
)  # fmt: skip
#: What is read as a number, in the order of columns; the styles follow.
AXES = ("valence", "arousal", "pace")


@dataclass(frozen=True, slots=True)
class Felt:
    """A number that was read. value: -1..1; spread: its standard deviation; words: what says so, as written."""

    value: float
    spread: float
    words: tuple[str, ...] = ()

    @property
    def confidence(self) -> float:
        """Probability, 0.5..1, that the value's sign is right."""
        return 0.5 * (1 + math.erf(abs(self.value) / max(self.spread, 1e-3) / math.sqrt(2)))


@dataclass(frozen=True, slots=True)
class Liked:
    """A style that suits. share: of the probability over all styles; words: what says so, as written."""

    key: str
    share: float
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """valence, arousal, pace: see ``Felt``; styles: the likeliest, best first; vector: (width,), the text's meaning."""

    valence: Felt
    arousal: Felt
    pace: Felt
    styles: tuple[Liked, ...]
    vector: Array


#: Reads a text; None when it holds no word.
Understand = Callable[[str], Reading | None]


def rules_of(text: str) -> tuple[float, float, float]:
    """What the rules of ``mood`` read: valence, arousal, and 1 when any word is rated."""
    found = mood_of(scan(normal(text).lower()))
    return (0.0, 0.0, 0.0) if found is None else (found.valence, found.arousal, 1.0)


def understand(text: str, weights: Weights | None = None, explain: bool = True) -> Reading | None:
    """Read a text in Chinese or English; None when it holds no word.

    explain: name the words without which a reading moves most (occlusion); it takes most of the time.
    """
    weights = weights or shipped_weights()
    told = normal(text)
    units = units_of(told)
    if all(unit.is_mark for unit in units):
        return None
    phrases = phrases_of(units) if explain else []
    # One pass for the text as it is, then, for the reasons, all without the rules: whole, and without each phrase.
    nothing = [(0.0, 0.0, 0.0)] * (len(phrases) + 1)
    stretches = [(0, 0), *phrases] if explain else []
    every, vectors = run(weights, units, [rules_of(text), *(nothing if explain else [])], stretches)
    places = [weights.heads[name][0] for name in AXES]
    spreads = [math.exp(0.5 * min(max(float(every[0, place + 1]), -2.5), 1.5)) for place in places]
    every = every[:, [*places, *range(*weights.heads["style"])]]
    words = [told[units[a].start : units[b - 1].end] for a, b in phrases]
    return reading_of(every[0], spreads, vectors[0], Reasons(words, every[1:]) if explain else None)


def reading_of(outputs: Array, spreads: Sequence[float], vector: Array, why: Reasons | None) -> Reading:
    """A reading from numbers. outputs: ``AXES``, then a logit for each of ``LEARNT_STYLES``; spreads: of ``AXES``."""

    def felt(axis: int) -> Felt:
        value = float(outputs[axis])
        words = why.of(axis, 1 if value >= 0 else -1, 0.04) if why else ()
        return Felt(round(float(np.clip(value, -1, 1)), 3), round(spreads[axis], 3), words)

    first, keys = len(AXES), LEARNT_STYLES
    shares = np.exp(outputs[first:] - outputs[first:].max())
    shares /= shares.sum()
    styles = tuple(
        Liked(keys[i], round(float(shares[i]), 3), why.of(first + int(i), 1, 0.1) if why and rank == 0 else ())
        for rank, i in enumerate(np.argsort(-shares)[:5])
    )
    return Reading(felt(0), felt(1), felt(2), styles, vector)


class Reasons:
    """Which phrases a reading rests on: how outputs move when each is left out.

    words: the phrases; outputs: (1 + phrases, columns) of the whole text and of the text without each.
    """

    def __init__(self, words: list[str], outputs: Array) -> None:
        self.words = words
        self.moves = outputs[0] - outputs[1:]

    def of(self, output: int, sign: int, least: float) -> tuple[str, ...]:
        """The phrases that push an output up (sign 1) or down (-1) by at least ``least``, in the order of the text."""
        if len(self.words) == 1:
            return tuple(self.words)
        particle = np.array([word in CHINESE or word.lower() in _SMALL for word in self.words])
        moves = self.moves[:, output] * sign - particle * 1e3  # a particle is nobody's reason
        best = [i for i in np.argsort(-moves)[:MOST_WORDS] if moves[i] >= least]
        return tuple(dict.fromkeys(self.words[i] for i in sorted(best or [int(np.argmax(moves))])))


def phrases_of(units: Sequence[Unit]) -> list[tuple[int, int]]:
    """Stretches that are left out together: rated terms, else single English words, particles, pairs of characters."""
    found: list[tuple[int, int]] = []
    place = 0
    while place < len(units):
        if units[place].is_mark:
            place += 1
            continue
        end = place + 1
        same = units[place].rating
        while (
            end < len(units)
            and not units[end].is_mark
            and (same is not None or not {units[end - 1].text, units[end].text} & CHINESE)
            and units[end].start == units[end - 1].end
            and (units[end].rating == same if same is not None else units[end].rating is None and end - place < 2)
        ):
            end += 1
        found.append((place, end))
        place = end
    return found
