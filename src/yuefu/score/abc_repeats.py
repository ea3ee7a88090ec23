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


def _unfold(bars: list[AbcBar], strain: int) -> list[PlayedBar]:
    played: list[PlayedBar] = []
    start = index = 0
    turn = 1
    fresh = True
    last_ending_left = 0  # bars left of a last ending, after which a new strain begins unmarked
    while index < len(bars):
        bar = bars[index]
        begins = index > start and (bar.starts or bar.label)
        if begins or (bar.endings and 1 in bar.endings and turn > 1 and last_ending_left):
            start, turn, fresh, last_ending_left = index, 1, True, 0
            strain += 1
        if bar.endings and turn not in bar.endings:
            following = _ending_for(bars, index, turn)
            if following is None:
                break
            index = following
            continue
        if bar.endings and turn > 1 and not _ending_for(bars, index, turn + 1):
            last_ending_left = _ending_length(bars, start)
        played.append(PlayedBar(bar, strain, fresh))
        _check(len(played))
        fresh = False
        if bar.ends and turn < max(bar.ends, _last_pass(bars, start, index)):
            index, turn, fresh = _back_to(bars, start, index), turn + 1, True
            continue
        index += 1
        if last_ending_left:
            last_ending_left -= 1
            over = not last_ending_left
        else:
            over = False
        if bar.ends or over or (bar.double and turn > 1) or (bar.double and not _repeats_over(bars, index)):
            start, turn, fresh, last_ending_left = index, 1, True, 0
            strain += 1
    return played


def _back_to(bars: list[AbcBar], start: int, index: int) -> int:
    """Where a repeat from ``index`` goes on: past the strain's pick-up when the last bar is full without it."""
    first, last = bars[start], bars[index]
    pickup = 0 < first.length < first.full
    return start + 1 if pickup and start < index and last.length == last.full else start


def _repeats_over(bars: list[AbcBar], index: int) -> bool:
    """Whether endings go on after a double bar line, so that the strain isn't over there."""
    return index < len(bars) and bool(bars[index].endings) and 1 not in bars[index].endings


def _ending_for(bars: list[AbcBar], index: int, turn: int) -> int | None:
    """The bar after ``index`` whose ending is for a turn, within this strain."""
    for following in range(index + 1, len(bars)):
        bar = bars[following]
        if bar.starts or bar.label:
            return following if not bar.endings else None
        if turn in bar.endings:
            return following
        if 1 in bar.endings:
            return None
    return None


def _last_pass(bars: list[AbcBar], start: int, index: int) -> int:
    """The highest pass that any ending from a strain's start to just past ``index`` is for."""
    highest = max((max(bar.endings, default=0) for bar in bars[start : index + 1]), default=0)
    following = bars[index + 1] if index + 1 < len(bars) else None
    if following and following.endings and 1 not in following.endings:
        highest = max(highest, max(following.endings))
    return highest


def _ending_length(bars: list[AbcBar], start: int) -> int:
    """How many bars the first ending after ``start`` has."""
    count = 0
    for bar in bars[start:]:
        if 1 in bar.endings:
            count = 1
        elif count:
            if bar.endings:
                break
            count += 1
        if count and bar.ends:
            break
    return count
