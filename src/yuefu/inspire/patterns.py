"""Chord progressions, bass lines, drum grooves and textures of a piece: the patterns that carry it."""

from __future__ import annotations

from collections import Counter

from yuefu.inspire.idea import Idea
from yuefu.inspire.making import make_idea
from yuefu.inspire.material import Material, by_bar, repeated, salience, snapped
from yuefu.inspire.numerals import state_of
from yuefu.score.model import Notes
from yuefu.tokens.vocabulary import hit_pitch

#: The chords of a bar: (place, state).
ChordBar = tuple[tuple[int, int], ...]
PROGRESSIONS, BASSES, GROOVES, TEXTURES = 6, 3, 3, 3
#: Bars of a progression: a loop as long as it is, else a phrase.
_PERIODS = (2, 4, 8, 3, 6, 1)
_PHRASES = (8, 4, 2)
#: How many of a section's bars go round for it to be a loop.
_LOOPS = 0.85


def progressions_of(material: Material, most: int = PROGRESSIONS) -> list[Idea]:
    """The progressions of the sections, each as short as it can be told: repeats are folded."""
    bars = _chord_bars(material)
    found: dict[tuple[ChordBar | None, ...], list[tuple[int, int]]] = {}
    for section in material.sections:
        first, last = material.bar_of(section.start), material.bar_of(section.start + section.duration - 1)
        for start, count in _folded(bars, first, last + 1):
            held = tuple(bars[start : start + count])
            if material.whole(start, count):
                found.setdefault(held, []).append((start, count))
    rows = []
    for held, places in found.items():
        states = [state for bar in held for _, state in bar or ()]
        if len(set(states)) < 2:
            continue
        count = len(held)
        heard = sum(tuple(bars[i : i + count]) == held for i in range(len(bars) - count + 1))
        different = len(set(states))
        worth = 0.4 + 0.1 * min(different, 4) + 0.05 * (count in (4, 8))
        rows.append((salience(heard, worth), places[0], heard, different))
    rows.sort(key=lambda row: (-row[0], row[1][0]))
    kept: list[Idea] = []
    seen: list[list[int]] = []
    for value, (start, count), heard, different in rows:
        states = [state for bar in bars[start : start + count] for _, state in bar or ()]
        if any(_is_turn(states, other) for other in seen):
            continue
        seen.append(states)
        kept.append(
            make_idea(
                "progression",
                material.place(start, count),
                bars=count,
                meter=material.meter(start),
                tempo=material.tempo,
                key=material.key_in(start, count).name,
                chords=material.chords_in(start, count),
                style=material.style,
                facts={"heard": heard, "different": different, "salience": value},
            )
        )
        if len(kept) == most:
            break
    return kept


def _chord_bars(material: Material) -> list[ChordBar | None]:
    """The chords of every bar: (place, state), in C major or A minor; None without any."""
    shift = material.key.shift
    bars: list[list[tuple[int, int]]] = [[] for _ in material.bars]
    for span in material.chords:
        if span.chord is None:
            continue
        state = state_of(span.chord.transpose(-shift))
        bar = material.bar_of(span.start)
        while bar < len(bars) and material.bars[bar].start < span.start + span.duration:
            place = max(snapped(span.start - material.bars[bar].start), 0)
            if not bars[bar] or bars[bar][-1][1] != state:
                bars[bar].append((place, state))
            bar += 1
    return [tuple(bar) or None for bar in bars]


def _folded(bars: list[ChordBar | None], first: int, end: int) -> list[tuple[int, int]]:
    """The stretches of a section that tell its harmony: a loop once, else its phrases."""
    length = end - first
    for period in sorted(_PERIODS):
        if period * 2 > length:
            break
        same = sum(bars[i] is not None and bars[i] == bars[i + period] for i in range(first, end - period))
        if same >= _LOOPS * (end - first - period) and None not in bars[first : first + period]:
            states = {state for bar in bars[first : first + period] for _, state in bar or ()}
            if len(states) > 1:
                return [(first, period)]
    for size in _PHRASES:
        if size <= length:
            return [
                (start, size) for start in range(first, end - size + 1, size) if None not in bars[start : start + size]
            ]
    return []


def _is_turn(one: list[int], other: list[int]) -> bool:
    """Whether a progression is another one begun elsewhere, or the other said twice."""
    if len(one) == len(other):
        return any(one[shift:] + one[:shift] == other for shift in range(len(one)))
    short, long = sorted((one, other), key=len)
    return len(long) % len(short) == 0 and short * (len(long) // len(short)) == long


def basses_of(material: Material, most: int = BASSES) -> list[Idea]:
    """Bass lines of one or two bars, told apart by rhythm and by their place in the chord."""
    return _patterns(material, "bass", material.bass, most, "bass", 2)


def textures_of(material: Material, most: int = TEXTURES) -> list[Idea]:
    """What accompanies, of one or two bars: struck chords, broken ones, held ones, by the row that plays them."""
    found: list[Idea] = []
    for row, notes in material.band.items():
        found += _patterns(material, row, notes, most, "texture", 3)
    found.sort(key=lambda idea: -dict(idea.facts)["salience"])
    return found[:most]


def _patterns(material: Material, row: str, notes: Notes, most: int, kind: str, fewest: int) -> list[Idea]:
    """Patterns of a row over chords, the most heard first."""
    keys: list[object] = []
    for bar, own in enumerate(by_bar(material, notes)):
        keys.append(_shape(material, bar, own) if len(own) >= fewest and material.whole(bar, 1) else None)
    playing = sum(key is not None for key in keys)
    kept = []
    for first, size, heard in repeated(keys):
        if not material.whole(first, size) or (heard < 2 and playing > 4):
            continue
        cut = material.cut(row, notes, first, size)
        onsets = {start for _, start, _, _, _ in cut}
        pitches = {pitch for _, _, _, pitch, _ in cut}
        moving = min(len(onsets) / size, 8) / 8
        worth = 0.35 + 0.3 * moving + 0.35 * min(len(pitches), 5) / 5
        chords = material.chords_in(first, size)
        facts = {
            "heard": heard, "share": heard * size / max(playing, 1), "salience": salience(heard, worth),
            "polyphony": len(cut) / max(len(onsets), 1),
        }  # fmt: skip
        kept.append(
            make_idea(
                kind,
                material.place(first, size),
                notes=cut,
                bars=size,
                meter=material.meter(first),
                tempo=material.tempo,
                key=material.key_in(first, size).name,
                chords=chords,
                style=material.style,
                facts=facts,
            )
        )
    kept.sort(key=lambda idea: (-dict(idea.facts)["salience"], idea.source.bars))
    return kept[:most]


def _shape(material: Material, bar: int, notes: Notes) -> tuple[tuple[int, int, int], ...]:
    """A bar of a row apart from its chords: (place, notes struck together, how far its lowest lies above the root)."""
    start = material.bars[bar].start
    struck: dict[int, list[int]] = {}
    for tick, pitch in zip(notes["start"].tolist(), notes["pitch"].tolist()):
        struck.setdefault(max(snapped(tick - start), 0), []).append(pitch)
    chords = [span for span in material.chords if span.chord is not None and span.start < material.bars[bar].end
              and span.start + span.duration > start]  # fmt: skip
    found = []
    for place, pitches in sorted(struck.items()):
        sounding = [span for span in chords if span.start <= start + place + 3]
        root = sounding[-1].chord.root if sounding and sounding[-1].chord else material.key.tonic
        above = (min(pitches) - root) % 12
        found.append((place, len(pitches), {3: 4, 8: 7, 6: 7, 10: 11}.get(above, above)))  # major as minor
    return tuple(found)


def grooves_of(material: Material, most: int = GROOVES) -> list[Idea]:
    """Drum grooves of one or two bars, and how much of the piece each carries."""
    keys: list[object] = []
    for bar, own in enumerate(by_bar(material, material.drums)):
        start = material.bars[bar].start
        hits = frozenset(
            (max(snapped(tick - start), 0), hit_pitch(pitch) or pitch)
            for tick, pitch in zip(own["start"].tolist(), own["pitch"].tolist())
            if pitch not in _CRASHES
        )
        keys.append(hits if len(hits) >= 3 and material.whole(bar, 1) else None)
    playing = sum(key is not None for key in keys)
    kept = []
    for first, size, heard in repeated(keys):
        if heard < 2 and playing > 2:
            continue
        cut = [note for note in material.cut("drums", material.drums, first, size) if note[3] not in _CRASHES]
        places = Counter(start % 1 for _, start, _, _, _ in cut)
        offbeat = 1 - places[0.0] / max(len(cut), 1)
        worth = 0.45 + 0.4 * offbeat + 0.15 * (len({pitch for *_, pitch, _ in cut}) > 2)
        kept.append(
            make_idea(
                "groove",
                material.place(first, size),
                notes=cut,
                bars=size,
                meter=material.meter(first),
                tempo=material.tempo,
                key=material.key.name,
                style=material.style,
                facts={"heard": heard, "share": heard * size / max(playing, 1), "salience": salience(heard, worth)},
            )
        )
    kept.sort(key=lambda idea: (-dict(idea.facts)["salience"], idea.source.bars))
    return kept[:most]


#: Crashes and splashes open a section; a groove is told without them.
_CRASHES = (49, 52, 55, 57)
