"""A small song whose ideas are known: a tune of two phrases, a loop of chords, a bass, a groove, broken chords."""

from __future__ import annotations

from yuefu.inspire.idea import Source
from yuefu.score.model import (
    ChordSpan,
    KeyChange,
    MeterChange,
    Part,
    Score,
    Section,
    TempoChange,
    make_notes,
    transpose,
)
from yuefu.theory.chord import Chord
from yuefu.theory.key import Key

#: Two bars that come back: (place in sixteenths, pitch, length in sixteenths).
HOOK = ((0, 67, 3), (3, 69, 3), (6, 72, 2), (8, 71, 4), (12, 67, 4), (16, 64, 6), (22, 65, 2), (24, 67, 8))
#: Two bars in between, played once.
OTHER = ((0, 60, 8), (8, 62, 8), (16, 64, 4), (20, 62, 4), (24, 60, 8))
LOOP = ("C", "G", "Am", "F")
SOURCE = Source("file:song.mid", "Song", "Anna", licence="CC0", free=True)


def song(key: str = "C major", tempo: float = 100.0) -> Score:
    """Sixteen bars: the hook and its answer, four times; over them I V vi IV, a bar each."""
    melody, bass, drums, keys = [], [], [], []
    number = 1
    for pair in range(8):
        for place, pitch, length in HOOK if pair % 2 == 0 or pair == 5 else OTHER:
            melody.append((number, pair * 192 + place * 6, length * 6, pitch, 84))
            number += 1
    for bar in range(16):
        root = Chord.parse(LOOP[bar % 4]).root
        low = 36 + root if root < 9 else 24 + root
        for place, step in ((0, 0), (36, 0), (48, 7), (72, 12)):
            bass.append((number, bar * 96 + place, 24, low + step, 80))
            number += 1
        for place, hit in ((0, 36), (24, 38), (36, 36), (72, 38), (0, 42), (24, 42), (48, 42), (72, 42)):
            drums.append((number, bar * 96 + place, 6, hit, 90))
            number += 1
        tones = Chord.parse(LOOP[bar % 4]).pitch_classes
        for beat in range(8):
            keys.append((number, bar * 96 + beat * 12, 12, 48 + tones[(0, 1, 2, 1)[beat % 4]], 60))
            number += 1
    parts = (
        Part("P1", "Voice", "melody", 52, "voice", make_notes(sorted(melody, key=lambda n: n[1]))),
        Part("P2", "Bass", "bass", 33, "bass", make_notes(sorted(bass, key=lambda n: n[1]))),
        Part("P3", "Piano", "keys", 0, "piano", make_notes(sorted(keys, key=lambda n: n[1]))),
        Part("P4", "Drums", "drums", 0, "drums", make_notes(sorted(drums, key=lambda n: (n[1], n[3])))),
    )
    chords = tuple(ChordSpan(bar * 96, 96, Chord.parse(LOOP[bar % 4])) for bar in range(16))
    score = Score(
        title="Song", composer="Anna", parts=parts, chords=chords,
        sections=(Section(0, 768, "A", "verse"), Section(768, 768, "A", "chorus")), tempos=(TempoChange(0, tempo),),
        keys=(KeyChange(0, Key()),), meters=(MeterChange(0, 4, 4),), length=16 * 96,
    )  # fmt: skip
    shift = Key.parse(key).shift
    return transpose(score, shift) if shift else score
