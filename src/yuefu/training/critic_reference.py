"""What ``generation/critic_reference.json`` is made by: the critic's measures over the training corpora."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from yuefu.generation.critic import tune_measures
from yuefu.planning.harmony import GROUPS
from yuefu.score.files import atomic_write
from yuefu.score.model import KeyChange, MeterChange, Score

BARS = 8


def stretches(score: Score, bars: int = BARS) -> Iterator[Score]:
    """Runs of ``bars`` bars of a score's melody and chords, each as a score of its own."""
    melody = score.part("melody")
    if melody is None or not score.chords:
        return
    columns = score.bars[1:] if score.pickup else score.bars
    for first in range(0, len(columns) - bars + 1, bars):
        start, end = columns[first].start, columns[first + bars - 1].end
        notes = melody.notes[(melody.notes["start"] >= start) & (melody.notes["start"] < end)].copy()
        if len(notes) < bars:
            continue
        notes["start"] -= start
        meter = score.meter_at(start)
        yield replace(
            score,
            parts=(replace(melody, notes=notes, syllables=(), directions=()),),
            chords=tuple(
                replace(c, start=max(c.start - start, 0), duration=min(c.start + c.duration, end) - max(c.start, start))
                for c in score.chords
                if c.start < end and c.start + c.duration > start
            ),
            sections=(),
            tempos=score.tempos[:1],
            keys=(KeyChange(0, score.key_at(start)),),
            meters=(MeterChange(0, meter.numerator, meter.denominator),),
            pickup=0,
            length=end - start,
        )


def build_reference(scores: Iterable[Score], most: int = 400) -> dict[str, dict[str, tuple[float, float]]]:
    """Mean and standard deviation of each measure by style group, over at most ``most`` stretches a group."""
    values: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    counts: dict[str, int] = defaultdict(int)
    for score in scores:
        group = GROUPS.get(str(score.metadata.get("style")), "pop")
        if counts[group] >= most:
            continue
        for index, stretch in enumerate(stretches(score)):
            if index >= 3 or counts[group] >= most:
                break
            counts[group] += 1
            for name, value in tune_measures(stretch).items():
                if not math.isnan(value):
                    values[group][name].append(value)
    return {
        group: {name: (float(np.mean(v)), float(np.std(v))) for name, v in sorted(table.items())}
        for group, table in sorted(values.items())
        if counts[group] >= 30
    }


def write_reference(scores: Iterable[Score], out: Path) -> None:
    """Write the JSON file."""
    table = build_reference(scores)
    rounded = {g: {n: [round(m, 4), round(s, 4)] for n, (m, s) in t.items()} for g, t in table.items()}
    atomic_write(out, (json.dumps({"groups": rounded}, indent=1) + "\n").encode())
