"""Random scores for property tests: everything that a Score can hold, all of it making sense.

``scores()`` draws a Score with several parts, chords, sections, syllables in Chinese and English,
tempo, key and metre changes, pick-ups, notes tied over bar lines, and triplets. Note ids are
1, 2, 3 ... in part order; the length is the final bar line's.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from yuefu.score.model import (
    ChordSpan,
    KeyChange,
    MeterChange,
    Part,
    Score,
    Section,
    Syllable,
    TempoChange,
    make_notes,
    renumber,
)
from yuefu.score.overlaps import trim_overlaps
from yuefu.theory.chord import QUALITY_NAMES, Chord
from yuefu.theory.key import Key

METERS = ((4, 4), (3, 4), (2, 4), (6, 8), (2, 2), (5, 4), (7, 8), (12, 8))
WORDS = (("moon",), ("light",), ("mel", "o", "dy"), ("ri", "ver"), ("don't",), ("月",), ("光",), ("春",), ("é", "té"))
NAMES = ("Voice", "二胡", "Violin I", "Piano", "贝斯", "Flauto d'amore", "Part 7", "")
TITLES = ("", "春江花月夜", "Rainy Night", "100% Blue", "Là-bas")
ROLES = ("melody", "counter", "inner", "bass", "keys", "pad", "drums")
keys = st.builds(Key, st.integers(-7, 7), st.sampled_from(("major", "minor")))
chords = st.builds(Chord, st.integers(0, 11), st.sampled_from(QUALITY_NAMES), st.one_of(st.none(), st.integers(0, 11)))
bpms = st.integers(2000, 30000).map(lambda hundredths: hundredths / 100)


@st.composite
def frames(draw: st.DrawFn, max_bars: int = 8) -> Score:
    """A score without parts: bars, metres, keys, tempi and a final bar line."""
    count = draw(st.integers(1, max_bars))
    meters = [MeterChange(0, *draw(st.sampled_from(METERS)))]
    pickup = draw(st.sampled_from((0, 0, 6, 8, 12, 20, 24, 36)))
    tick = pickup if pickup < meters[0].bar_ticks else 0
    pickup = tick
    lines = [0, tick] if pickup else [0]
    for _ in range(count):
        # A change right after the pick-up would be the first metre.
        if tick > pickup and draw(st.integers(0, 5)) == 0:
            numerator, denominator = draw(st.sampled_from(METERS))
            if (numerator, denominator) != (meters[-1].numerator, meters[-1].denominator):
                meters.append(MeterChange(tick, numerator, denominator))
        tick += meters[-1].bar_ticks
        lines.append(tick)
    found_keys = [KeyChange(0, draw(keys))]
    tempos = [TempoChange(0, draw(bpms))]
    for line in lines[1:-1]:
        if draw(st.integers(0, 4)) == 0 and (key := draw(keys)) != found_keys[-1].key:
            found_keys.append(KeyChange(line, key))
        if draw(st.integers(0, 4)) == 0 and (bpm := draw(bpms)) != tempos[-1].bpm:
            tempos.append(TempoChange(line + draw(st.sampled_from((0, 12, 24))), bpm))
    return Score(
        title=draw(st.sampled_from(TITLES)),
        composer=draw(st.sampled_from(("", "Anon", "李白"))),
        tempos=tuple(tempos),
        keys=tuple(found_keys),
        meters=tuple(meters),
        pickup=pickup,
        length=lines[-1],
    )


@st.composite
def note_rows(draw: st.DrawFn, end: int, low: int = 24, high: int = 100, poly: bool = True) -> list[Any]:
    """(id, start, duration, pitch, velocity) rows on grids of 16ths and triplets, up to ``end``."""
    rows = []
    tick = 0
    for _ in range(draw(st.integers(0, 12))):
        tick += draw(st.sampled_from((0, 0, 6, 8, 12, 24, 48) if poly else (0, 0, 8, 12, 24)))
        duration = draw(st.sampled_from((1, 4, 6, 8, 12, 16, 18, 24, 36, 48, 96, 120)))
        if tick + duration > end:
            break
        rows.append((0, tick, duration, draw(st.integers(low, high)), draw(st.integers(1, 127))))
        if not poly:
            tick += duration
    return rows


@st.composite
def parts(draw: st.DrawFn, index: int, end: int, sung: bool = True, poly: bool = True) -> Part:
    """A part of a score that ends at tick ``end``; ids of its notes begin at 10,000 times its index."""
    role = draw(st.sampled_from(ROLES))
    low, high = (35, 81) if role == "drums" else (24, 100)
    notes = trim_overlaps(make_notes(draw(note_rows(end, low, high, poly=poly and draw(st.booleans())))))
    notes["id"] = range(10_000 * index + 1, 10_000 * index + 1 + len(notes))
    part = Part(
        id=f"P{index + 1}",
        name=draw(st.sampled_from(NAMES)),
        role=role,
        program=0 if role == "drums" else draw(st.integers(0, 127)),
        instrument=draw(st.sampled_from(("", "erhu", "piano"))),
        notes=notes,
        volume=draw(st.integers(0, 127)),
        pan=draw(st.integers(0, 127)),
    )
    if sung and role != "drums" and len(notes) and draw(st.booleans()):
        part = replace(part, syllables=draw(lyrics(part)))
    return part


@st.composite
def lyrics(draw: st.DrawFn, part: Part) -> tuple[Syllable, ...]:
    """Words on the highest notes of the part's onsets, some held over; one or two verses."""
    top = dict(zip(part.notes["start"].tolist(), part.notes["id"].tolist()))
    found: list[Syllable] = []
    for verse in range(1, draw(st.integers(1, 2)) + 1):
        places = [identity for identity in top.values() if draw(st.integers(0, 3))]
        while places:
            word = draw(st.sampled_from(WORDS))
            if len(word) > len(places):
                break
            for index, text in enumerate(word):
                last = index + 1 == len(word)
                syllabic = "single" if len(word) == 1 else "begin" if not index else "end" if last else "middle"
                line_end = last and (draw(st.integers(0, 3)) == 0)
                found.append(Syllable(places.pop(0), text, syllabic, verse, line_end))
    return tuple(found)


@st.composite
def scores(draw: st.DrawFn, max_parts: int = 4, max_bars: int = 6, sung: bool = True, poly: bool = True) -> Score:
    """A whole score; sung: with syllables, poly: with notes that overlap."""
    score = draw(frames(max_bars))
    lines = [bar.start for bar in score.bars] + [score.end_tick]
    found = tuple(draw(parts(index, score.length, sung, poly)) for index in range(draw(st.integers(1, max_parts))))
    spans: list[ChordSpan] = []
    sections: list[Section] = []
    for start, stop in pairwise(lines):
        if draw(st.integers(0, 2)):
            chord = draw(st.one_of(st.none(), chords))
            half = (stop - start) // 2
            spans.append(ChordSpan(start, half, chord))
            if draw(st.booleans()):
                spans.append(ChordSpan(start + half, stop - start - half, draw(chords)))
        if draw(st.integers(0, 2)):
            letter = draw(st.sampled_from(("A", "B", "A'", "C")))
            sections.append(Section(start, stop - start, letter, draw(st.sampled_from(("", "verse", "pre-chorus")))))
    return renumber(replace(score, parts=found, chords=tuple(spans), sections=tuple(sections)))
