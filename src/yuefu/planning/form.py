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
#: From so many sections on the bridge before the last chorus is a breakdown.
BREAKDOWN = 8
#: Kinds of section in which nobody sings.
INSTRUMENTAL = ("intro", "interlude", "solo", "outro")
MAX_BARS = 512
#: Bars of sections that stand between the others, whatever the length of those.
USUAL = {"intro": 4, "outro": 4, "prechorus": 4, "interlude": 4}
#: Sections of a long piece, about.
LONG_SECTIONS = 13


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
        if item.kind == "bridge" and len(items) >= BREAKDOWN and index < last_chorus:
            energy -= 0.18  # the band thins out, so that the last chorus lifts
        # A prime that has been heard comes back as it was then; a new one varies the letter's first section.
        source = first_of.get(item.letter, first_of.get(item.letter[0]))
        primes = 0 if item.letter in first_of else item.letter.count("'")
        first_of.setdefault(item.letter, index)
        first_of.setdefault(item.letter[0], index)
        # Who has come back before varies more: a third verse isn't the second once again.
        again = 0.1 * max(0, turn - 1)
        variation = 0.0 if source is None else min(0.9, 0.12 + 0.22 * primes + again + 0.06 * float(rng.random()))
        shapes.append(SectionShape(item.letter, item.kind, length, float(np.clip(energy, 0.1, 1.0)), source, variation))
    return shapes


def open_ends(shapes: Sequence[SectionShape]) -> list[bool]:
    """Which sections end open, on the dominant: what leads on to a chorus or back to a tune that returns.

    >>> shapes = shape_form(parse_form("A A' B A'"), 32, 0.5, np.random.default_rng(0))
    >>> open_ends(shapes)
    [True, False, True, False]
    """
    result = []
    for index, shape in enumerate(shapes):
        after = shapes[index + 1] if index + 1 < len(shapes) else None
        before = shapes[index - 1] if index else None
        if after is None or shape.kind in ("chorus", "outro"):
            result.append(False)
        elif shape.kind:  # songs lead into what follows
            result.append(shape.kind != "verse" or after.kind in ("chorus", "prechorus"))
        elif after.letter[0] == shape.letter[0]:  # a period: open, then closed
            result.append(before is None or before.letter[0] != shape.letter[0] or not result[-1])
        elif shape.bars <= 4:  # phrases of one tune: question and answer
            result.append(index % 2 == 0)
        else:  # a middle section leads back to what returns
            result.append(after.source is not None and shape.source is None and index > 0)
    return result


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
        return [item.bars or _usual(item.kind, 8) for item in items]
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
    if total < 24 and total != 16:
        return list(parse_form("A B A'"))
    if total <= 40:
        return list(parse_form("A A' B A''"))
    sung = any("verse" in text for text in style_forms)
    if total <= 64:
        return list(parse_form("intro:4 verse chorus verse chorus outro:4" if sung else "A A B A' B' A''"))
    return long_form(total, sung)


def long_form(total: int, sung: bool) -> list[FormItem]:
    """A form for a long piece, of sections that come back at the length they had: verses, choruses and a bridge, or
    a rondo. What is left over goes to the sections between.

    >>> " ".join(f"{item.letter}:{item.bars}" for item in long_form(112, sung=False))
    "A:16 A:16 B:16 A':16 C:16 B':16 A'':16"
    """
    found: list[tuple[float, list[str], int]] = []
    for length in (8, 12, 16):
        for rounds in range(12):
            for sections in _songs(rounds) if sung else [_rondo(rounds)]:
                left = total - sum(_usual(name, length) for name in sections)
                if left >= 0:
                    cost = (
                        (1 if sung else 2) * left
                        + 2.0 * abs(len(sections) - LONG_SECTIONS)
                        + 3.0 * (length == 12 and sung)
                    )
                    found.append((cost, sections, length))
    _, sections, length = min(found, key=lambda one: one[0])
    bars = [_usual(name, length) for name in sections]
    left = total - sum(bars)
    letters = [name[0] for name in sections]
    between = [i for i, name in enumerate(sections) if name in USUAL and name != "prechorus"]
    between = between or [i for i, letter in enumerate(letters) if letters.count(letter) == 1] or [len(bars) - 1]
    for step in range(left // 4):
        bars[between[-1 - step % len(between)]] += 4
    bars[-1] += left % 4
    return [item.model_copy(update={"bars": own}) for item, own in zip(parse_form(" ".join(sections)), bars)]


def _usual(name: str, length: int) -> int:
    return USUAL.get(name, length)


def _songs(rounds: int) -> list[list[str]]:
    """Songs with so many verses and choruses between the first ones and the bridge."""
    made = []
    for lead in ([], ["prechorus"]):
        turn = ["verse", *lead, "chorus"]
        for close in (["bridge", "chorus"], ["bridge", "chorus", "chorus"], ["solo", "bridge", "chorus", "chorus"]):
            made.append(["intro", *turn, *(["interlude", *turn] * rounds or turn), *close, "outro"])
            made.append(["intro", "verse", *turn, *(["interlude", *turn] * rounds or turn), *close, "outro"])
    return made


def _rondo(rounds: int) -> list[str]:
    """A tune that keeps returning between others, one of which comes back itself at times."""
    steps = ["B A'", "C B' A''", "D A'", "E C' A''", "F B' A'", "G E' A''"]
    return " ".join(["A A", *(steps[i % len(steps)] for i in range(rounds + 1))]).split()
