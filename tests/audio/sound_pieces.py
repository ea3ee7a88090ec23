"""Small pieces to render, and measures of what came out."""

from __future__ import annotations

import numpy as np

from yuefu.score.model import ChordSpan, Part, Score, TempoChange, make_notes
from yuefu.theory.chord import Chord

HARMONY = (Chord(0), Chord(9, "m"), Chord(5), Chord(7))
ROOTS = (48, 45, 41, 43)


def band(bars: int = 4, bpm: float = 120.0) -> Score:
    """Flute, piano, bass, strings and drums over four chords."""
    melody, keys, bass, pad, drums = [], [], [], [], []
    for bar in range(bars):
        start, root = bar * 96, ROOTS[bar % 4]
        tones = [root + 12, root + 16 - (bar % 4 == 1), root + 19]
        melody += [(start + i * 24, 24, tones[i % 3] + 12) for i in range(4)]
        keys += [(start + beat * 24, 24, tone) for beat in range(4) for tone in tones]
        bass += [(start, 48, root - 12), (start + 48, 48, root - 5)]
        pad += [(start, 96, tone) for tone in tones]
        drums += [(start + i * 12, 6, 42) for i in range(8)]
        drums += [(start, 6, 36), (start + 24, 6, 38), (start + 48, 6, 36), (start + 72, 6, 38)]
    rows = {"melody": melody, "keys": keys, "bass": bass, "pad": pad, "drums": drums}
    programs = {"melody": 73, "keys": 0, "bass": 33, "pad": 48, "drums": 0}
    parts = []
    for index, (role, notes) in enumerate(rows.items()):
        ordered = sorted(notes, key=lambda note: (note[0], note[2]))
        made = make_notes([(index * 10_000 + i, *note, 80) for i, note in enumerate(ordered)])
        parts.append(Part(role, role.title(), role, programs[role], notes=made))
    return Score(
        parts=tuple(parts),
        tempos=(TempoChange(0, bpm),),
        chords=tuple(ChordSpan(bar * 96, 96, HARMONY[bar % 4]) for bar in range(bars)),
        metadata={"style": "pop"},
    )


def level_db(audio: np.ndarray) -> float:
    """Root mean square in dB of full scale."""
    return float(10 * np.log10(np.mean(np.square(audio, dtype=np.float64)) + 1e-20))


def tone(frequency: float, seconds: float, sr: int = 44100, amplitude: float = 0.3) -> np.ndarray:
    """A sine in both channels, float32 (n, 2)."""
    wave = amplitude * np.sin(2 * np.pi * frequency * np.arange(int(seconds * sr)) / sr)
    return np.stack([wave, wave], axis=1).astype(np.float32)
