"""Small pieces that the corpus tests are made of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from yuefu.score.model import KeyChange, MeterChange, Notes, Part, Score, TempoChange, make_notes, renumber
from yuefu.theory.key import Key

SCALE = (0, 2, 4, 5, 7, 9, 11)


def line(pitches: Sequence[int], length: int = 24, start: int = 0) -> Notes:
    """Notes one after another."""
    return make_notes([(i + 1, start + i * length, length, p, 80) for i, p in enumerate(pitches)])


def walk(seed: int, count: int, middle: int = 72) -> list[int]:
    """A tune that moves about the C major scale, ending on its tonic; different for each seed."""
    rng = np.random.default_rng(seed)
    steps = rng.integers(-4, 5, count).tolist()
    pitches = [middle + 12 * (s // 7) + SCALE[s % 7] for s in steps]
    return [*pitches[:-1], middle]


def chord_notes(roots: Sequence[int], length: int = 96, start_id: int = 1000) -> Notes:
    """Triads, one a bar."""
    rows = []
    for i, root in enumerate(roots):
        for step in (0, 4, 7):
            rows.append((start_id + len(rows), i * length, length, root + step, 70))
    return make_notes(rows)


def tune(seed: int = 0, bars: int = 8, title: str = "Tune", key: Key | None = None) -> Score:
    """A one-part piece in 4/4."""
    part = Part("p1", "Fiddle", "melody", 40, "", line(walk(seed, bars * 4)))
    return Score(title=title, parts=(part,), keys=(KeyChange(0, key or Key()),), tempos=(TempoChange(0, 100.0),))


def song(seed: int = 0, bars: int = 8, meter: tuple[int, int] = (4, 4)) -> Score:
    """A voice and a piano with chords over a low bass."""
    change = MeterChange(0, *meter)
    beats = change.bar_ticks // 24
    voice = Part("v", "Voice", "melody", 53, "voice", line(walk(seed, bars * beats)))
    roots = [[60, 65, 67, 60][i % 4] - 12 for i in range(bars)]
    upper = chord_notes(roots, change.bar_ticks)
    lower = line([root - 12 for root in roots], change.bar_ticks)
    lower["id"] += 5000
    piano = Part("k", "Piano", "keys", 0, "piano", np.concatenate([upper, lower]))
    return renumber(Score(title="Song", parts=(voice, piano.with_notes(piano.notes)), meters=(change,)))
