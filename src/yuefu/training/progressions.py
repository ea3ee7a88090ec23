"""Four-bar progressions of the corpora: what ``planning/progressions.json`` is made by.

Counts, for each style group and mode, in how many works a four-bar run of chords (in C major or
A minor, at most a chord a half bar) occurs; keeps the commonest that open at home or lead there.
"""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from yuefu.planning.harmony import GROUPS
from yuefu.score.files import atomic_write
from yuefu.score.model import Bar, Score
from yuefu.theory.chord import Chord

#: Sets whose chords were written down by people, and the inferred ones that fill in other groups.
SETS = ("pop909", "billboard_chords", "openewld", "openhymnal", "wjazzd", "when_in_rome", "pd_fiddle_abc", "mutopia")
KEEP = 160
LENGTH = 4
LEAST_WORKS: dict[str, int] = {}


def bar_pattern(score: Score, bar: Bar, shift: int) -> tuple[tuple[int, str], ...] | None:
    """A bar's chords as (half, symbol), or None when it has none or more than two."""
    events: list[tuple[int, str]] = []
    for span in score.chords:
        if span.start >= bar.end or span.start + span.duration <= bar.start:
            continue
        if span.chord is None:
            return None
        at = max(span.start, bar.start) - bar.start
        half = 0 if at < bar.duration // 3 else 1
        symbol = span.chord.transpose(-shift).symbol()
        if events and events[-1][0] == half:
            if half == 0:
                return None
            continue
        if not events or events[-1][1] != symbol:
            events.append((half, symbol))
    return tuple(events) if events and events[0][0] == 0 else None


def count_progressions(scores: Iterable[Score]) -> dict[str, list]:
    """``"pop major"`` ... -> [[pattern, works], ...], commonest first."""
    works: dict[str, dict[tuple, set[str]]] = defaultdict(lambda: defaultdict(set))
    for score in scores:
        group = GROUPS.get(str(score.metadata.get("style")), "pop")
        work = f"{score.metadata.get('set')}/{score.metadata.get('work')}"
        bars = score.bars[1:] if score.pickup else score.bars
        starts = range(0, len(bars) - LENGTH + 1, LENGTH)
        sections = sorted({s.start for s in score.sections})
        for first in starts if not sections else _section_bars(bars, sections):
            key = score.key_at(bars[first].start)
            pattern = tuple(bar_pattern(score, bar, key.shift) for bar in bars[first : first + LENGTH])
            if len(pattern) < LENGTH or any(bar is None for bar in pattern):
                continue
            if len({symbol for bar in pattern for _, symbol in bar or ()}) < 2:
                continue
            works[f"{group} {key.mode}"][pattern].add(work)
    result = {}
    for name, patterns in sorted(works.items()):
        tonic = "C" if name.endswith("major") else "Am"
        ranked = sorted(((len(names), pattern) for pattern, names in patterns.items()), key=lambda x: (-x[0], x[1]))
        home = [
            (count, pattern)
            for count, pattern in ranked
            if count >= LEAST_WORKS.get(name.split()[0], 2) and _at_home(pattern, tonic)
        ]
        if len(home) >= 8:
            result[name] = [[[list(map(list, bar)) for bar in pattern], count] for count, pattern in home[:KEEP]]
    return result


def _section_bars(bars: tuple[Bar, ...], starts: list[int]) -> list[int]:
    index = {bar.start: i for i, bar in enumerate(bars)}
    marks = [index[start] for start in starts if start in index] + [len(bars)]
    return [b for first, last in itertools.pairwise(marks) for b in range(first, last - LENGTH + 1, LENGTH)]


def _at_home(pattern: tuple, tonic: str) -> bool:
    """Whether the tonic is heard: a loop without it makes the key unsure."""
    home = Chord.parse(tonic)
    chords = [Chord.parse(symbol) for bar in pattern for _, symbol in bar]
    return any(c.root == home.root and ((c.root + 3) % 12 in c.pitch_classes) == (tonic == "Am") for c in chords)


def write_progressions(scores: Iterable[Score], out: Path) -> dict[str, int]:
    """Write the JSON file; returns how many patterns each group has."""
    patterns = count_progressions(scores)
    lines = [
        f"{json.dumps(name)}: [\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]"
        for name, rows in patterns.items()
    ]
    atomic_write(out, ('{"patterns": {\n' + ",\n".join(lines) + "\n}}\n").encode())
    return {name: len(rows) for name, rows in patterns.items()}
