"""Where phrases begin, and the metre's weights: the frame that loudness and timing are shaped on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from yuefu.score.model import Bar, Notes, Part, Score

#: Silence of at least this many ticks ends a phrase; so does a note this long that is long for its part.
_REST = 12
_LONG = 48
#: A phrase isn't cut shorter than this.
_SHORTEST = 60


def lead_part(score: Score) -> Part | None:
    """The part that phrases are heard in: the melody, else the first pitched part with notes."""
    pitched = [part for part in score.parts if not part.is_drums and len(part.notes)]
    melodies = [part for part in pitched if part.role == "melody"]
    return (melodies or pitched or [None])[0]  # type: ignore[list-item]


def phrase_starts(score: Score) -> NDArray[np.int64]:
    """Ticks at which a phrase begins, ascending, the first 0, with the end of the piece as last entry.

    Phrases end at rests, long notes, ends of sung lines and sections; without any, every four bars.
    """
    end = score.end_tick
    part = lead_part(score)
    fixed = {section.start for section in score.sections if 0 < section.start < end}
    marks = set(fixed)
    if part is not None:
        marks |= _melodic_breaks(part)
    starts = [0]
    for tick in sorted(marks | {end}):
        if tick <= starts[-1] or tick > end:
            continue
        if tick - starts[-1] < _SHORTEST and tick not in fixed and tick != end:
            continue
        starts += _fill(score.bars, starts[-1], tick)
        starts.append(tick)
    return np.array(starts if starts[-1] == end else [*starts, end], dtype=np.int64)


def _melodic_breaks(part: Part) -> set[int]:
    onsets = np.unique(part.notes["start"])
    if len(onsets) < 3:
        return set()
    ends = part.notes["start"] + part.notes["duration"]
    last_end = np.array([ends[part.notes["start"] == onset].max() for onset in onsets])
    spans = last_end - onsets
    usual = float(np.median(spans))
    line_ends = {syllable.note_id for syllable in part.syllables if syllable.line_end}
    closing = {int(note["start"]) for note in part.notes if int(note["id"]) in line_ends}
    breaks = set()
    for index in range(len(onsets) - 1):
        rest = onsets[index + 1] - last_end[index]
        long = spans[index] >= _LONG and spans[index] >= 2 * usual
        if rest >= _REST or long or int(onsets[index]) in closing:
            breaks.add(int(onsets[index + 1]))
    return breaks


def _fill(bars: tuple[Bar, ...], start: int, end: int) -> list[int]:
    """Bar lines every four bars inside a stretch of more than six bars."""
    inside = [bar.start for bar in bars if start < bar.start < end]
    if len(inside) < 6:
        return []
    return [tick for tick in inside[3::4] if end - tick >= _SHORTEST]


def metric_weight(ticks: NDArray[np.int64], score: Score) -> NDArray[np.float64]:
    """How strong each tick is in its bar: 1 the bar line, .6 the middle, .35 a beat, 0 an eighth, -.4 finer."""
    starts = np.array([bar.start for bar in score.bars])
    index = np.clip(np.searchsorted(starts, ticks, side="right") - 1, 0, len(starts) - 1)
    out = np.empty(len(ticks))
    for i, (tick, bar_index) in enumerate(zip(ticks.tolist(), index.tolist())):
        bar = score.bars[bar_index]
        out[i] = _weight_in_bar(tick - bar.start, bar, score.pickup)
    return out


def _weight_in_bar(inside: int, bar: Bar, pickup: int) -> float:
    full = bar.numerator * 96 // bar.denominator
    if bar.index == 0 and pickup:
        inside += full - bar.duration  # a pick-up counts as the end of a bar
    beat = beat_ticks(bar.numerator, bar.denominator)
    if inside == 0:
        return 1.0
    if groups := bar.groups:
        return _weight_in_groups(inside, groups, full)
    beats = full // beat
    if inside % beat == 0:
        return 0.6 if beats % 2 == 0 and inside == full // 2 else 0.35
    pulse = beat // 3 if beat % 36 == 0 else beat // 2
    return 0.0 if pulse and inside % pulse == 0 else -0.4


def _weight_in_groups(inside: int, groups: tuple[int, ...], full: int) -> float:
    """The same among groups of unequal beats: .7 where the longest begins, .5 the others, .1 the pulse within them."""
    ends = (*groups[1:], full)
    longest = max(end - start for start, end in zip(groups, ends))
    for start, end in zip(groups, ends):
        if inside == start:
            return 0.7 if end - start == longest else 0.5
    return 0.1 if inside % 24 == 0 and longest > 36 else -0.1 if inside % 12 == 0 else -0.4


def beat_ticks(numerator: int, denominator: int) -> int:
    """Length of the felt beat: a dotted value in compound metres.

    >>> beat_ticks(4, 4), beat_ticks(6, 8), beat_ticks(2, 2)
    (24, 36, 48)
    """
    unit = 96 // denominator
    return unit * 3 if denominator >= 8 and numerator % 3 == 0 and numerator > 3 else unit


def onset_groups(notes: Notes) -> NDArray[np.int64]:
    """For each note (sorted by start) the index of its onset: notes of one chord share it."""
    if not len(notes):
        return np.zeros(0, dtype=np.int64)
    return np.concatenate([[0], np.cumsum(np.diff(notes["start"]) != 0)]).astype(np.int64)
