"""Lyric lines laid on bars: how many bars a line takes, which syllables fall in which bar."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from yuefu.errors import InputError
from yuefu.planning.plan import PlannedSyllable

#: Most syllables a bar takes, by its length in quarter notes.
MOST_PER_QUARTER = 2.5
#: Syllables and the breath after them that a quarter note takes in comfort, in slow songs and in fast ones.
COMFORT, COMFORT_FAST = 0.95, 0.75
#: How lines of unequal length may share four bars, and what each way costs: (bars of each line, rest at its end, cost).
#: The costs are beside those of crowded and stretched lines, 1.0 for twice or half as many syllables as is comfortable.
PHRASES: tuple[tuple[tuple[int, ...], int, float], ...] = (
    ((2, 2), 0, 0.0), ((4,), 0, 0.1), ((1, 1, 2), 0, 0.1), ((2, 1, 1), 0, 0.15), ((1, 1, 1, 1), 0, 0.3),
    ((1, 3), 0, 0.35), ((3, 1), 0, 0.4), ((1, 2, 1), 0, 0.4), ((2, 4, 2), 0, 0.6), ((8,), 0, 0.6),
    ((2,), 2, 0.7), ((3,), 1, 0.5), ((1, 1), 2, 0.9), ((1,), 3, 1.6),
)  # fmt: skip
#: What a syllable too many for its bars costs.
CROWDED = 0.5


@dataclass(frozen=True)
class Line:
    """A lyric line as syllables."""

    syllables: tuple[PlannedSyllable, ...]


def bars_for_line(count: int, quarters: float, tempo: float) -> int:
    """Bars that a line of ``count`` syllables sings well in: 1, 2 or 4.

    Slow songs give a syllable more of the bar; a line ends on a long note and a breath.

    >>> bars_for_line(7, 4, 92), bars_for_line(5, 3, 92), bars_for_line(15, 4, 92)
    (2, 2, 4)
    """
    per_bar = quarters * (1.35 if tempo < 110 else 1.0)
    for bars in (1, 2, 4):
        if count <= per_bar * bars - 1 and (bars > 1 or count <= 4):
            return bars
    return 4 if count <= quarters * MOST_PER_QUARTER * 4 - 2 else 8


def section_bars(lines: Sequence[Line], quarters: float, tempo: float, places: Sequence[Place] | None = None) -> int:
    """Bars of a section that sings these lines, in whole fours."""
    total = sum(common_line_bars(lines, quarters, tempo) for _ in lines)
    if places:
        total = places[-1].start + places[-1].bars
    return max(4, -(-total // 4) * 4)


def common_line_bars(lines: Sequence[Line], quarters: float, tempo: float) -> int:
    """Bars a line for all lines of a section, so that its phrases match."""
    return max((bars_for_line(len(line.syllables), quarters, tempo) for line in lines), default=2)


@dataclass(frozen=True)
class Place:
    """Where a line is sung: bars after the section's beginning, and how many."""

    start: int
    bars: int


def places_for(counts: Sequence[int], quarters: float, tempo: float) -> list[Place] | None:
    """Places of lines that are too unequal to take the same bars each: short ones share a phrase of four bars.

    counts: syllables of each line. None where all lines take the same number of bars well.

    >>> [(place.start, place.bars) for place in places_for([4, 3, 7], 4, 92)]
    [(0, 1), (1, 1), (2, 2)]
    >>> places_for([7, 7, 5, 7], 4, 92) is None
    True
    """
    if len({bars_for_line(count, quarters, tempo) for count in counts}) < 2:
        return None
    best: list[tuple[float, list[Place], int]] = [(0.0, [], 0)]
    for end in range(1, len(counts) + 1):
        found = []
        for phrase, rest, cost in PHRASES:
            if len(phrase) > end:
                continue
            before, places, bar = best[end - len(phrase)]
            own = sum(_strain(c, b, quarters, tempo) for c, b in zip(counts[end - len(phrase) : end], phrase))
            starts = [bar + sum(phrase[:place]) for place in range(len(phrase))]
            made = [*places, *(Place(start, bars) for start, bars in zip(starts, phrase))]
            found.append((before + cost + own, made, bar + sum(phrase) + rest))
        best.append(min(found, key=lambda one: one[0]))
    return best[-1][1]


def _strain(count: int, bars: int, quarters: float, tempo: float) -> float:
    """How far a line is from being sung in comfort in some bars: 1 for half or twice as many syllables as that."""
    comfort = quarters * (COMFORT if tempo < 110 else COMFORT_FAST)
    over = max(0.0, count - (quarters * (1.35 if tempo < 110 else 1.0) * bars - 1))
    return math.log2((count + 1) / bars / comfort) ** 2 + CROWDED * over


def lay_lines(
    lines: Sequence[Line], start: int, bars: int, quarters: float, tempo: float, places: Sequence[Place] | None = None
) -> dict[int, tuple[PlannedSyllable, ...]]:
    """Bar -> syllables for lines sung in ``bars`` bars from ``start``.

    The lines share the section evenly (each at least a bar), or lie where ``places`` says. Raises InputError when
    they can't fit.
    """
    if not lines:
        return {}
    most = int(quarters * MOST_PER_QUARTER * 1.6)
    if places is None:
        lines, places = _even_places(lines, bars, quarters, tempo)
    placed: dict[int, tuple[PlannedSyllable, ...]] = {}
    for line, place in zip(lines, places, strict=True):
        own = place.bars
        if len(line.syllables) > most * own:
            raise InputError(
                f"a lyric line of {len(line.syllables)} syllables doesn't fit in {own} bar{'s' * (own > 1)}: "
                "ask for more bars, or break the line."
            )
        for offset, share in enumerate(split_line(line.syllables, own)):
            if share:
                placed[start + place.start + offset] = share
    return placed


def _even_places(lines: Sequence[Line], bars: int, quarters: float, tempo: float) -> tuple[Sequence[Line], list[Place]]:
    """Lines that share a section evenly, several as one where there are more lines than bars."""
    if len(lines) > bars:
        groups = _group(lines, bars)
        lines = [Line(tuple(s for line in group for s in line.syllables)) for group in groups]
    want = common_line_bars(lines, quarters, tempo)
    each = max(1, min(want, bars // len(lines)))
    if bars // len(lines) >= 2 * each and each < 4:
        each *= 2  # room enough: broad lines rather than bars of silence
    spare = bars - each * len(lines)
    places, bar = [], 0
    for index in range(len(lines)):
        own = each + (1 if each < want and index < spare else 0)
        places.append(Place(bar, own))
        bar += own
    return lines, places


def _group(lines: Sequence[Line], count: int) -> list[list[Line]]:
    return [list(lines[i * len(lines) // count : (i + 1) * len(lines) // count]) for i in range(count)]


def split_line(syllables: Sequence[PlannedSyllable], bars: int) -> list[tuple[PlannedSyllable, ...]]:
    """A line's syllables by bar: no more in the last bar, which closes on a long note; words stay together.

    >>> [len(share) for share in split_line([PlannedSyllable(text=c) for c in "春天的气息啊"], 2)]
    [3, 3]
    >>> gap = [PlannedSyllable(text=c, breath=c == "乡") for c in "梦里水乡琵琶声声"]
    >>> ["".join(syllable.text for syllable in share) for share in split_line(gap, 2)]
    ['梦里水乡', '琵琶声声']
    >>> two = [PlannedSyllable(text=c, breath=c == "有") for c in "明月几时有把酒问青天"]
    >>> [len(share) for share in split_line(two, 4)]
    [3, 2, 3, 2]
    >>> far = [PlannedSyllable(text=c, joined=c in "的方") for c in "你说的远方很远"]
    >>> ["".join(syllable.text for syllable in share) for share in split_line(far, 2)]
    ['你说的', '远方很远']
    """
    count = len(syllables)
    if bars == 1:
        return [tuple(syllables)]
    if bars % 4 == 0 and (half := _half(syllables)):
        return [*split_line(syllables[:half], bars // 2), *split_line(syllables[half:], bars // 2)]
    weights = [1.0] * (bars - 1) + [0.8]
    if bars == 4:
        weights = [1.0, 0.75, 1.0, 0.55]
    total = sum(weights)
    shares: list[tuple[PlannedSyllable, ...]] = []
    taken = 0
    for index in range(bars):
        target = count
        if index < bars - 1:
            target = _boundary(syllables, count * sum(weights[: index + 1]) / total, taken)
        shares.append(tuple(syllables[taken:target]))
        taken = max(taken, target)
    return shares


def _half(syllables: Sequence[PlannedSyllable]) -> int | None:
    """The breath that divides a line into two halves, if there is one about its middle."""
    middle = len(syllables) / 2
    breaths = [place for place in range(1, len(syllables)) if syllables[place - 1].breath]
    near = min(breaths, key=lambda place: abs(place - middle), default=None)
    return near if near is not None and abs(near - middle) <= len(syllables) / 8 else None


def _boundary(syllables: Sequence[PlannedSyllable], target: float, taken: int) -> int:
    """Where a bar's share ends, near a target: between words, best at a breath, and before a stressed syllable."""
    best, cost = round(target), 0.5
    for place in range(round(target) - 2, round(target) + 3):
        if not taken < place < len(syllables) or syllables[place].syllabic not in ("single", "begin"):
            continue
        if syllables[place].joined:
            continue
        own = abs(place - target) - 3.0 * syllables[place - 1].breath - 0.7 * (syllables[place].stress == 1) - 1.5
        if own < cost:
            best, cost = place, own
    return best
