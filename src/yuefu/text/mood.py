"""Mood from words: valence (-1 sad .. 1 happy) and arousal (-1 calm .. 1 excited).

The plane is Russell's circumplex (J. A. Russell, "A circumplex model of affect", 1980). Ratings
come from our own lexicons; degree, negation and contrast are applied by ``scan``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from yuefu.text.scan import Token

#: A mood word that is only denied says little beside one that is asserted.
_DENIED_WEIGHT = 0.2
#: What stands after a "but" counts more.
_CONTRAST_WEIGHT = 1.6
#: A denied feeling leaves its arousal closer to neutral than its valence.
_DENIED_AROUSAL = 0.6


@dataclass(frozen=True, slots=True)
class Mood:
    """valence and arousal, -1..1, with the words that they came from."""

    valence: float
    arousal: float
    words: tuple[str, ...]


def mood_of(tokens: Sequence[Token]) -> Mood | None:
    """The mood of a text's terms, or None when no word is rated.

    >>> from yuefu.text.scan import scan
    >>> mood_of(scan("not sad, rather hopeful")).valence > 0.3
    True
    >>> mood_of(scan("并不快乐")).valence < 0
    True
    """
    rated = [(token, sense.value) for token in tokens if (sense := token.sense("mood")) is not None]
    rated = [(token, rating) for token, rating in rated if not (token.negated and rating[2] < 0.6)]
    if not rated:
        return None
    asserted = any(not token.negated and rating[2] >= 0.4 for token, rating in rated)
    total = valence = arousal = 0.0
    words: list[str] = []
    for token, (pleasant, excited, weight) in rated:
        if token.negated:
            pleasant, excited = pleasant * token.factor, excited * token.factor * _DENIED_AROUSAL
            if asserted:
                weight *= _DENIED_WEIGHT
        else:
            pleasant, excited = _clip(pleasant * token.factor), _clip(excited * token.factor)
            weight *= min(max(token.factor, 0.4), 1.4)
        if token.after_contrast:
            weight *= _CONTRAST_WEIGHT
        weight *= 0.35 + max(abs(pleasant), abs(excited))  # a strong word speaks louder than a faint one
        total += weight
        valence += weight * pleasant
        arousal += weight * excited
        if token.words not in words:
            words.append(token.words)
    return Mood(round(_clip(valence / total), 3), round(_clip(arousal / total), 3), tuple(words))


def deny(value: float, factor: float, middle: float = 0.5) -> float:
    """A 0..1 measure under a degree (factor > 0) or a negation (factor < 0), around its middle.

    >>> deny(0.9, -0.5), deny(0.2, 1.5)
    (0.3, 0.05)
    """
    moved = middle + (value - middle) * factor
    return round(min(max(moved, 0.02), 0.98), 3)


def _clip(value: float) -> float:
    return min(max(value, -1.0), 1.0)
