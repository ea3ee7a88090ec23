"""Small works that the bench's tests measure: songs for a band, chorales in four voices, folk tunes.

Written by rule from a seed, so that something is there to be measured: melodies keep to their chords
on the beat, basses take the root, the sections of a song return.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from yuefu.corpus.store import set_path, to_line, write_lines
from yuefu.score.model import (
    ChordSpan,
    KeyChange,
    MeterChange,
    Notes,
    Part,
    Score,
    Section,
    Syllable,
    TempoChange,
    make_notes,
    renumber,
    transpose,
)
from yuefu.theory.chord import Chord
from yuefu.theory.key import Key

SCALE = (0, 2, 4, 5, 7, 9, 11)
PROGRESSIONS = ("C G Am F", "C Am F G", "F G C Am", "Am F C G", "C F G C", "C Dm G7 C")
#: The split of each of a set's works.
SPLITS = ("train", "train", "valid", "test", "test")
#: The sets of the small corpus, named after real ones so that suites find what they ask for.
SETS = ("pop909", "jsb_chorales", "pd_fiddle_abc")

Row = tuple[int, int, int]  # start, duration, pitch


def _notes(rows: Sequence[Row], velocity: int = 80) -> Notes:
    return make_notes([(i + 1, start, length, pitch, velocity) for i, (start, length, pitch) in enumerate(rows)])


def _near(classes: Sequence[int], pitch: int) -> int:
    """The pitch of these classes that lies nearest."""
    return min(
        (p for p in range(pitch - 12, pitch + 13) if p % 12 in classes), key=lambda found: (abs(found - pitch), found)
    )


def _chords(rng: np.random.Generator, bars: int, meter: MeterChange) -> list[ChordSpan]:
    symbols = [s for _ in range(bars // 4) for s in PROGRESSIONS[int(rng.integers(len(PROGRESSIONS)))].split()]
    length = meter.bar_ticks
    return [ChordSpan(i * length, length, Chord.parse(symbol)) for i, symbol in enumerate(symbols)]


def _tune(rng: np.random.Generator, chords: Sequence[ChordSpan], middle: int = 70, eighths: bool = True) -> list[Row]:
    """A line that stands on chord tones on the beat and steps along the scale between."""
    rows: list[Row] = []
    pitch = middle
    for span in chords:
        assert span.chord is not None
        tick = span.start
        while tick < span.start + span.duration:
            length = int(rng.choice((12, 24, 24, 48) if eighths else (24, 24, 48)))
            length = min(length, span.start + span.duration - tick)
            on_beat = tick % 24 == 0
            aim = int(np.clip(pitch + rng.integers(-4, 5), middle - 9, middle + 9))
            pitch = _near(span.chord.pitch_classes if on_beat else SCALE, aim)
            rows.append((tick, length, pitch))
            tick += length
    return rows


def _bass(chords: Sequence[ChordSpan], beat: int = 48) -> list[Row]:
    """The root on strong beats, the fifth between."""
    rows: list[Row] = []
    for span in chords:
        assert span.chord is not None
        root = 36 + span.chord.root
        for i, tick in enumerate(range(span.start, span.start + span.duration, beat)):
            rows.append((tick, min(beat, span.start + span.duration - tick), root + 7 * (i % 2)))
    return rows


def _triads(chords: Sequence[ChordSpan], each: int = 48) -> list[Row]:
    rows: list[Row] = []
    for span in chords:
        assert span.chord is not None
        for tick in range(span.start, span.start + span.duration, each):
            rows += [(tick, each, _near([c], 60)) for c in span.chord.pitch_classes[:3]]
    return rows


def _beat(bars: int) -> list[Row]:
    """Kick on 1 and 3, snare on 2 and 4, hats in eighths."""
    rows: list[Row] = []
    for bar in range(bars):
        for eighth in range(8):
            tick = bar * 96 + eighth * 12
            rows.append((tick, 6, 42))
            if eighth % 2 == 0:
                rows.append((tick, 6, 38 if eighth % 4 else 36))
    return sorted(rows)


def _shifted(rows: Sequence[Row], ticks: int) -> list[Row]:
    return [(start + ticks, length, pitch) for start, length, pitch in rows]


def song(seed: int) -> Score:
    """Sixteen bars in 4/4, form A A B A, for voice, bass, piano and drums, in a key of its own; every third is sung."""
    rng = np.random.default_rng([1, seed])
    four = MeterChange(0, 4, 4)
    a, b = _chords(rng, 4, four), _chords(rng, 4, four)
    tunes = {"A": _tune(rng, a), "B": _tune(rng, b, 74)}
    chords: list[ChordSpan] = []
    melody: list[Row] = []
    sections = []
    for place, letter in enumerate("AABA"):
        start = place * 4 * 96
        chords += [replace(span, start=span.start + start) for span in (a if letter == "A" else b)]
        melody += _shifted(tunes[letter], start)
        sections.append(Section(start, 4 * 96, letter, "verse" if letter == "A" else "chorus"))
    voice = Part("v", "Voice", "melody", 53, "voice", _notes(melody))
    if seed % 3 == 0:
        last = {start // 192 for start, _, _ in melody}
        ends = {max(i for i, row in enumerate(melody) if row[0] // 192 == group) for group in last}
        voice = replace(voice, syllables=tuple(Syllable(i + 1, "la", line_end=i in ends) for i in range(len(melody))))
    score = Score(
        title=f"Song {seed}",
        parts=(
            voice,
            Part("b", "Bass", "bass", 33, "electric_bass", _notes(_bass(chords))),
            Part("k", "Piano", "keys", 0, "piano", _notes(_triads(chords), 70)),
            Part("d", "Drums", "drums", 0, "drum_kit", _notes(_beat(16), 90)),
        ),
        chords=tuple(chords),
        sections=tuple(sections),
        tempos=(TempoChange(0, 90.0 + 8 * (seed % 6)),),
        keys=(KeyChange(0, Key()),),
    )
    return renumber(transpose(score, seed % 7))


def chorale(seed: int) -> Score:
    """Twelve bars in four voices, a chord a half note; every second begins with a pick-up."""
    rng = np.random.default_rng([2, seed])
    half = MeterChange(0, 2, 4)
    chords = _chords(rng, 24, half)
    voices: dict[str, list[Row]] = {"melody": _tune(rng, chords, 72, eighths=False)}
    for row, middle in (("counter", 66), ("inner", 58)):
        lines: list[Row] = []
        for i, span in enumerate(chords):
            assert span.chord is not None
            tones = span.chord.pitch_classes
            lines.append((span.start, span.duration, _near([tones[(i + (row == "inner")) % 3]], middle)))
        voices[row] = lines
    voices["bass"] = [(s.start, s.duration, 48 + s.chord.root - 12 * (s.chord.root > 7)) for s in chords if s.chord]
    instruments = {"melody": "soprano", "counter": "alto", "inner": "tenor", "bass": "bass_voice"}
    score = Score(
        title=f"Chorale {seed}",
        parts=tuple(Part(row, row, row, 52, instruments[row], _notes(rows)) for row, rows in voices.items()),
        chords=tuple(chords),
        tempos=(TempoChange(0, 80.0),),
        pickup=48 if seed % 2 else 0,
    )
    return renumber(transpose(score, seed % 5 - 2))


def folk_tune(seed: int) -> Score:
    """Sixteen bars in 3/4, form A A' B A, a fiddle over chords that were guessed."""
    rng = np.random.default_rng([3, seed])
    three = MeterChange(0, 3, 4)
    a, b = _chords(rng, 4, three), _chords(rng, 4, three)
    first, other, second = _tune(rng, a, 74), _tune(rng, a, 74), _tune(rng, b, 76)
    length = 4 * three.bar_ticks
    form = (("A", a, first), ("A'", a, first[: len(first) // 2] + other[len(other) // 2 :]), ("B", b, second))
    melody: list[Row] = []
    chords: list[ChordSpan] = []
    sections = []
    for place, (letter, harmony, tune) in enumerate((*form, form[0])):
        start, free = place * length, 0
        for tick, duration, pitch in sorted(tune):
            if tick >= free:
                melody.append((tick + start, duration, pitch))
                free = tick + duration
        chords += [replace(span, start=span.start + start) for span in harmony]
        sections.append(Section(start, length, letter))
    score = Score(
        title=f"Tune {seed}",
        parts=(Part("m", "Fiddle", "melody", 40, "violin", _notes(melody)),),
        chords=tuple(chords),
        sections=tuple(sections),
        meters=(three,),
        tempos=(TempoChange(0, 120.0),),
    )
    return renumber(transpose(score, (0, 2, 7)[seed % 3] - 5))


def works(name: str) -> list[Score]:
    """The five works of one of ``SETS``, with their splits, styles and licences told."""
    write, style = {
        "pop909": (song, "pop"),
        "jsb_chorales": (chorale, "chorale"),
        "pd_fiddle_abc": (folk_tune, "folk"),
    }[name]
    facts = {"set": name, "style": style, "licence": "CC0-1.0", "source": "made up"}
    found = []
    for number, split in enumerate(SPLITS):
        score = write(number)
        found.append(replace(score, metadata={**facts, "title": score.title, "work": f"{number:03}", "split": split}))
    return found


def write_small_corpus(folder: Path) -> Path:
    """Write the small corpus as ``yuefu corpus build`` would: a file a set."""
    for name in SETS:
        write_lines(set_path(folder, name), map(to_line, works(name)))
    return folder
