"""Hand-made pieces with known answers."""

from __future__ import annotations

import numpy as np

from yuefu.score.model import ChordSpan, KeyChange, MeterChange, Part, Score, make_notes, sort_notes, transpose
from yuefu.theory.chord import Chord
from yuefu.theory.key import Key

BAR = 96
__all__ = ["BAR", "chorus", "line", "part", "piece", "progression", "transpose", "tune"]


def line(pitches: list[int], durations: list[int], start: int = 0, first_id: int = 1) -> np.ndarray:
    """Notes one after the other; pitch -1 rests."""
    rows = []
    for pitch, duration in zip(pitches, durations):
        if pitch >= 0:
            rows.append((first_id + len(rows), start, duration, pitch, 80))
        start += duration
    return make_notes(rows)


def part(role: str, notes: np.ndarray, program: int = 0) -> Part:
    """A part named after its role."""
    return Part(role, role, role=role, program=program, notes=sort_notes(notes))


def piece(*parts: Part, meter: tuple[int, int] = (4, 4), **more: object) -> Score:
    """A score of parts in one metre."""
    return Score(parts=parts, meters=(MeterChange(0, *meter),), **more)  # type: ignore[arg-type]


def progression(symbols: str, each: int = BAR, repeat: int = 1) -> Score:
    """Block chords in close position over their basses, one after the other."""
    keys, bass, tick, ident = [], [], 0, 1
    for symbol in symbols.split() * repeat:
        chord = Chord.parse(symbol)
        bass.append((ident, tick, each, 36 + chord.bass_class, 80))
        ident += 1
        for tone in chord.pitch_classes:
            keys.append((ident, tick, each, 60 + tone, 80))
            ident += 1
        tick += each
    return piece(part("bass", make_notes(bass)), part("keys", make_notes(keys)))


def tune(key: Key = Key()) -> Score:  # noqa: B008
    """Twinkle, twinkle (A B A by 4 bars) with plain chords, in a major key."""
    a = [60, 60, 67, 67, 69, 69, 67, 65, 65, 64, 64, 62, 62, 60]
    b = [67, 67, 65, 65, 64, 64, 62, 67, 67, 65, 65, 64, 64, 62]
    rhythm = [24] * 6 + [48] + [24] * 6 + [48]
    melody = line(a + b + a, rhythm * 3)
    verse, middle = "C C F C F C G C", "C F C G C F C G"
    roots = {"C": 48, "F": 53, "G": 55}
    bass = line([roots[h] for h in f"{verse} {middle} {verse}".split()], [48] * 24, 0, 100)
    score = piece(part("melody", melody), part("bass", bass))
    return transpose(score, key.shift)


def chorus(bars: int, seed: int, start: int = 0, first_id: int = 1) -> np.ndarray:
    """A random but reproducible melody of eighths and quarters in C major."""
    rng = np.random.default_rng(seed)
    scale = np.array([60, 62, 64, 65, 67, 69, 71, 72, 74, 76])
    place, rows, tick = 4, [], 0
    while tick < bars * BAR:
        duration = int(rng.choice([12, 24, 24, 48]))
        duration = min(duration, bars * BAR - tick)
        place = int(np.clip(place + rng.integers(-3, 4), 0, len(scale) - 1))
        rows.append((first_id + len(rows), start + tick, duration, int(scale[place]), 80))
        tick += duration
    return make_notes(rows)


def chart(symbols: str) -> Score:
    """A bare chord chart, a chord a bar."""
    spans = tuple(ChordSpan(i * BAR, BAR, Chord.parse(s)) for i, s in enumerate(symbols.split()))
    return Score(chords=spans, keys=(KeyChange(0, Key()),))
