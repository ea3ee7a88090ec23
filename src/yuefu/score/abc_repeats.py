"""Playing out ABC's repeats, endings and part orders: the bars in the order they sound."""

from __future__ import annotations

from dataclasses import dataclass

from yuefu.errors import LimitError
from yuefu.score.abc_music import AbcBar

#: A tune that unfolds to more bars than this isn't a tune.
MAX_BARS = 20_000


@dataclass(frozen=True, slots=True)
class PlayedBar:
    """A bar as it sounds; strain: counts the stretches between repeat signs, from 0."""

    bar: AbcBar
    strain: int
    first_of_strain: bool


def play(bars: list[AbcBar], order: str = "") -> list[PlayedBar]:
    """The bars with repeats taken and endings chosen; ``order`` strings labelled parts together.

    A repeat without a start goes back to the last end of a repeat, double bar line, part label or
    the beginning. Raises LimitError when the tune unfolds beyond ``MAX_BARS``.
    """
    if order:
        stretches = _labelled(bars)
        if all(letter in stretches for letter in order):
            played: list[PlayedBar] = stretches.get("", [])[:]
            for letter in order:
                played += stretches[letter]
                _check(len(played))
            return played
    return _unfold(bars, 0)


def _labelled(bars: list[AbcBar]) -> dict[str, list[PlayedBar]]:
    """The bars under each part label, each stretch unfolded; bars before any label under ``""``."""
    groups: dict[str, list[AbcBar]] = {}
    label = ""
    for bar in bars:
        label = bar.label or label
        groups.setdefault(label, []).append(bar)
    return {label: _unfold(group, 100 * index) for index, (label, group) in enumerate(groups.items())}


def _check(count: int) -> None:
    if count > MAX_BARS:
        raise LimitError(f"the ABC tune unfolds to more than {MAX_BARS:,} bars with its repeats: give a shorter one.")


@dataclass
class _Strain:
    """Bars between repeat signs: a body, and endings with the passes that they are for."""

    body: list[AbcBar]
    endings: list[tuple[frozenset[int], list[AbcBar]]]
    stop: int

    @property
    def passes(self) -> int:
        """How often the strain is played."""
        numbers = [number for turns, _ in self.endings for number in turns]
        signs = [bar.ends for bar in self.body] + [bar.ends for _, bars in self.endings for bar in bars]
        return max([1, *numbers, *signs])


def _unfold(bars: list[AbcBar], strain: int) -> list[PlayedBar]:
    played: list[PlayedBar] = []
    start = 0
    while start < len(bars):
        found = _strain(bars, start)
        for turn in range(1, found.passes + 1):
            ending = next((group for turns, group in found.endings if turn in turns), None)
            if ending is None and found.endings and turn > 1:
                continue
            if ending is None and found.endings and not found.body:  # endings without a first: nothing to return to
                ending = [bar for _, group in found.endings for bar in group]
            body = found.body
            if turn > 1 and played and _leads_in(played[-1].bar, body):
                body = body[1:]
            for index, bar in enumerate([*body, *(ending or ())]):
                played.append(PlayedBar(bar, strain, not index))
            _check(len(played))
        start = found.stop
        strain += 1
    return played


def _leads_in(last: AbcBar, body: list[AbcBar]) -> bool:
    """Whether the last bar is full, so that a repeat goes on past the body's pick-up."""
    return len(body) > 1 and 0 < body[0].length < body[0].full and last.length == last.full


def _strain(bars: list[AbcBar], start: int) -> _Strain:
    """The strain that begins at a bar."""
    strain = _Strain([], [], start + 1)
    index = start
    while index < len(bars):
        bar = bars[index]
        if index > start and (bar.starts or bar.label):
            break
        if bar.endings and (index > start or 1 not in bar.endings):
            index = _endings(bars, index, strain)
            break
        strain.body.append(bar)
        index += 1
        goes_on = index < len(bars) and bars[index].endings
        if (bar.ends or (bar.double and not _held_open(bars, start, index))) and not goes_on:
            break
    strain.stop = max(index, start + 1)
    return strain


def _held_open(bars: list[AbcBar], start: int, index: int) -> bool:
    """Whether a repeat sign at the strain's start waits for its end, so that a double bar doesn't close it."""
    if not bars[start].starts:
        return False
    for bar in bars[index:]:
        if bar.starts:
            return False
        if bar.ends:
            return True
    return False


def _endings(bars: list[AbcBar], index: int, strain: _Strain) -> int:
    """Collect the endings from a bar on; returns the bar after them."""
    taken: set[int] = set()
    while index < len(bars) and bars[index].endings and not taken & bars[index].endings:
        turns = bars[index].endings
        taken |= turns
        group: list[AbcBar] = []
        while index < len(bars):
            bar = bars[index]
            if group and (bar.endings or bar.starts or bar.label):
                break
            group.append(bar)
            index += 1
            # A last ending has no sign at its end: it is as long as the first.
            if bar.ends or bar.double or (strain.endings and len(group) >= len(strain.endings[0][1])):
                break
        strain.endings.append((turns, group))
        if index < len(bars) and (bars[index].starts or bars[index].label):
            break
    return index
