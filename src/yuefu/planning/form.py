"""Sections: which, how long, how they relate, how energetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from yuefu.errors import InputError
from yuefu.text.form import FormItem, parse_form

#: Energy of a section by its kind, before the style's own energy is mixed in.
KIND_ENERGY = {
    "intro": 0.35, "verse": 0.5, "prechorus": 0.65, "chorus": 0.9, "bridge": 0.6, "interlude": 0.5,
    "solo": 0.7, "outro": 0.35,
}  # fmt: skip
LETTER_ENERGY = {"I": 0.35, "A": 0.55, "B": 0.8, "C": 0.7, "D": 0.65, "O": 0.35}
#: Kinds of section in which nobody sings.
INSTRUMENTAL = ("intro", "interlude", "solo", "outro")
MAX_BARS = 512


@dataclass(frozen=True)
class SectionShape:
    """A section before instruments and harmony. source: index of the earlier section it repeats."""

    letter: str
    kind: str
    bars: int
    energy: float
    source: int | None
    variation: float


def shape_form(
    items: Sequence[FormItem], total: int | None, style_energy: float, rng: np.random.Generator
) -> list[SectionShape]:
    """Sections with bars that add up to ``total`` (None: each gets its usual length).

    Raises InputError when the bars that are given contradict the total.
    """
    bars = allot_bars(items, total)
    shapes: list[SectionShape] = []
    first_of: dict[str, int] = {}
    last_chorus = max((i for i, item in enumerate(items) if item.kind == "chorus"), default=-1)
    seen: dict[str, int] = {}
    for index, (item, length) in enumerate(zip(items, bars)):
        base = KIND_ENERGY.get(item.kind) or LETTER_ENERGY.get(item.letter[0], 0.6)
        turn = seen.get(item.letter[0], 0)
        seen[item.letter[0]] = turn + 1
        energy = 0.55 * base + 0.45 * style_energy + 0.06 * min(turn, 2) + (0.08 if index == last_chorus else 0.0)
        source = first_of.get(item.letter[0])
        if source is None:
            first_of[item.letter[0]] = index
        primes = item.letter.count("'")
        variation = 0.0 if source is None else min(0.9, 0.12 + 0.22 * primes + 0.06 * float(rng.random()))
        shapes.append(SectionShape(item.letter, item.kind, length, float(np.clip(energy, 0.1, 1.0)), source, variation))
    return shapes


def allot_bars(items: Sequence[FormItem], total: int | None) -> list[int]:
    """Bars of each section. Sections without their own share what is left of the total.

    >>> allot_bars(parse_form("A A B A"), 32)
    [8, 8, 8, 8]
    >>> allot_bars(parse_form("intro:4 verse chorus"), 20)
    [4, 8, 8]
    """
    fixed = sum(item.bars or 0 for item in items)
    free = [i for i, item in enumerate(items) if item.bars is None]
    if total is None:
        usual = {"intro": 4, "outro": 4, "prechorus": 4, "interlude": 4}
        return [item.bars or usual.get(item.kind, 8) for item in items]
    if not free:
        if fixed != total:
            raise InputError(
                f"the form has {fixed} bars but {total} were asked for: leave one of the two out or make them agree."
            )
        return [item.bars or 0 for item in items]
    left = total - fixed
    if left < len(free):
        raise InputError(
            f"{total} bars are too few for the form's {len(items)} sections, {fixed} bars of which are given: "
            f"ask for at least {fixed + len(free)}."
        )
    weights = [0.5 if items[i].kind in ("intro", "outro", "prechorus", "interlude") else 1.0 for i in free]
    shares = _even_shares(left, weights)
    result = [item.bars or 0 for item in items]
    for index, share in zip(free, shares):
        result[index] = share
    return result


def _even_shares(total: int, weights: Sequence[float]) -> list[int]:
    """Whole bars by weight that add up to the total, in fours or twos where that is possible."""
    for unit in (4, 2, 1):
        units = total // unit
        if units >= len(weights) and (total % unit == 0 or unit == 1):
            raw = [max(1.0, units * w / sum(weights)) for w in weights]
            shares = [max(1, int(value)) for value in raw]
            while sum(shares) > units:
                shares[max(range(len(shares)), key=lambda i: shares[i])] -= 1
            order = sorted(range(len(shares)), key=lambda i: shares[i] - raw[i])
            for step in range(units - sum(shares)):
                shares[order[step % len(order)]] += 1
            return [share * unit for share in shares]
    return [1] * len(weights)


def default_form(total: int | None, style_forms: Sequence[str], rng: np.random.Generator) -> list[FormItem]:
    """A form when none was asked for: one of the style's that fits the bars, or a small one made to fit."""
    if total is None:
        return list(parse_form(style_forms[int(rng.integers(len(style_forms)))]))
    candidates = []
    for text in style_forms:
        items = parse_form(text)
        if sum(item.bars or 8 for item in items) == total:
            candidates.append(items)
    if candidates:
        return list(candidates[int(rng.integers(len(candidates)))])
    if total <= 5:
        return [FormItem(letter="A", bars=total)]
    if total <= 12:
        return list(parse_form("A A'"))
    if total < 24:
        return list(parse_form("A B A'"))
    if total <= 40:
        return list(parse_form("A A' B A''"))
    if total <= 64:
        return list(parse_form("intro:4 verse chorus verse chorus outro:4"))
    return list(parse_form("intro:4 verse chorus verse chorus bridge chorus outro:4"))
