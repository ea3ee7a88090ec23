"""Lyric lines laid on bars: how many bars a line takes, which syllables fall in which bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from yuefu.errors import InputError
from yuefu.planning.plan import PlannedSyllable

#: Most syllables a bar takes, by its length in quarter notes.
MOST_PER_QUARTER = 2.5


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


def section_bars(lines: Sequence[Line], quarters: float, tempo: float) -> int:
    """Bars of a section that sings these lines, in whole fours."""
    total = sum(common_line_bars(lines, quarters, tempo) for _ in lines)
    return max(4, -(-total // 4) * 4)


def common_line_bars(lines: Sequence[Line], quarters: float, tempo: float) -> int:
    """Bars a line for all lines of a section, so that its phrases match."""
    return max((bars_for_line(len(line.syllables), quarters, tempo) for line in lines), default=2)


def lay_lines(
    lines: Sequence[Line], start: int, bars: int, quarters: float, tempo: float
) -> dict[int, tuple[PlannedSyllable, ...]]:
    """Bar -> syllables for lines sung in ``bars`` bars from ``start``.

    The lines share the section evenly (each at least a bar). Raises InputError when they can't fit.
    """
    if not lines:
        return {}
    most = int(quarters * MOST_PER_QUARTER * 1.6)
    if len(lines) > bars:
        groups = _group(lines, bars)
        lines = [Line(tuple(s for line in group for s in line.syllables)) for group in groups]
    want = common_line_bars(lines, quarters, tempo)
    each = max(1, min(want, bars // len(lines)))
    if bars // len(lines) >= 2 * each and each < 4:
        each *= 2  # room enough: broad lines rather than bars of silence
    spare = bars - each * len(lines)
    placed: dict[int, tuple[PlannedSyllable, ...]] = {}
    bar = start
    for index, line in enumerate(lines):
        own = each + (1 if each < want and index < spare else 0)
        if len(line.syllables) > most * own:
            raise InputError(
                f"a lyric line of {len(line.syllables)} syllables doesn't fit in {own} bar{'s' * (own > 1)}: "
                "ask for more bars, or break the line."
            )
        for offset, share in enumerate(split_line(line.syllables, own)):
            if share:
                placed[bar + offset] = share
        bar += own
    return placed


def _group(lines: Sequence[Line], count: int) -> list[list[Line]]:
    return [list(lines[i * len(lines) // count : (i + 1) * len(lines) // count]) for i in range(count)]


def split_line(syllables: Sequence[PlannedSyllable], bars: int) -> list[tuple[PlannedSyllable, ...]]:
    """A line's syllables by bar: no more in the last bar, which closes on a long note; words stay together.

    >>> [len(share) for share in split_line([PlannedSyllable(text=c) for c in "春天的气息啊"], 2)]
    [3, 3]
    >>> gap = [PlannedSyllable(text=c, breath=c == "乡") for c in "梦里水乡琵琶声声"]
    >>> ["".join(syllable.text for syllable in share) for share in split_line(gap, 2)]
    ['梦里水乡', '琵琶声声']
    """
    count = len(syllables)
    if bars == 1:
        return [tuple(syllables)]
    weights = [1.0] * (bars - 1) + [0.8]
    if bars == 4:
        weights = [1.0, 0.75, 1.0, 0.55]
    total = sum(weights)
    shares: list[tuple[PlannedSyllable, ...]] = []
    taken = 0
    for index in range(bars):
        target = round(count * sum(weights[: index + 1]) / total)
        if index < bars - 1:
            target = _boundary(syllables, target, taken)
        else:
            target = count
        shares.append(tuple(syllables[taken:target]))
        taken = max(taken, target)
    return shares


def _boundary(syllables: Sequence[PlannedSyllable], target: int, taken: int) -> int:
    """Where a bar's share ends, near a target: between words, best at a breath, and before a stressed syllable."""
    best, cost = target, 0.5
    for nudge in (0, 1, -1, 2, -2):
        place = target + nudge
        if not taken < place < len(syllables) or syllables[place].syllabic not in ("single", "begin"):
            continue
        own = abs(nudge) - 3.0 * syllables[place - 1].breath - 0.7 * (syllables[place].stress == 1) - 1.5
        if own < cost:
            best, cost = place, own
    return best
