"""What a score is made of: parts that add up, each of which says what in it came from where.

A part gives every candidate an amount; the score is their sum. What a recommender says is brought to mean 0 and spread
1 over the candidates, which moves its reasons by one factor: they still add up to the digit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yuefu.recommend.base import Explanation, Reason

Numbers = NDArray[np.float64]
#: The reasons of a candidate and what they leave.
Explain = Callable[[int], tuple[list[Reason], float]]


@dataclass(frozen=True)
class Part:
    """amounts: of every candidate; explain: how the amount of one comes about, the reasons' sum plus the rest."""

    name: str
    amounts: Numbers
    explain: Explain


def plain_part(name: str, amounts: Numbers, kind: str, label: str = "") -> Part:
    """A part whose amount is its own reason."""

    def explain(at: int) -> tuple[list[Reason], float]:
        amount = float(amounts[at])
        return ([Reason(kind, amount, name=label)] if amount else []), 0.0

    return Part(name, amounts, explain)


def learnt_part(name: str, values: Numbers, weight: float, explain: Callable[[int], Explanation]) -> Part:
    """A part from scores on a scale of their own, brought to mean 0 and spread 1, times a weight."""
    finite = np.isfinite(values)
    if not finite.any():
        return Part(name, np.zeros(len(values)), lambda _: ([], 0.0))
    known = np.where(finite, values, values[finite].min()).astype(np.float64)
    mean, spread = float(known.mean()), float(known.std())
    if spread < 1e-9:
        return Part(name, np.zeros(len(values)), lambda _: ([], 0.0))
    factor = weight / spread
    amounts = factor * (known - mean)

    def told(at: int) -> tuple[list[Reason], float]:
        if not finite[at]:
            return [], float(amounts[at])
        try:
            found = explain(at)
        except NotImplementedError:
            return [], float(amounts[at])
        reasons = [Reason(one.kind, factor * one.amount, one.item, one.name) for one in found.reasons]
        return reasons, float(amounts[at]) - sum(one.amount for one in reasons)

    return Part(name, amounts, told)


def total(parts: Sequence[Part], count: int) -> Numbers:
    """The scores."""
    return np.sum([part.amounts for part in parts], axis=0) if parts else np.zeros(count)


def explained(parts: Sequence[Part], at: int, item: int) -> Explanation:
    """Exactly why a candidate has its score."""
    reasons: list[Reason] = []
    rest = 0.0
    for part in parts:
        some, left = part.explain(at)
        reasons += some
        rest += left
    ordered = tuple(sorted((one for one in reasons if one.amount), key=lambda one: -abs(one.amount)))
    return Explanation(item, sum(one.amount for one in ordered) + rest, ordered, rest)
