"""A plan as a canvas: what the model is told and what it may do, cell by cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from yuefu.generation.fill import Canvas
from yuefu.generation.rules import RowRules
from yuefu.planning.harmony import GROUPS
from yuefu.planning.like import planned_style
from yuefu.planning.plan import GivenCell, Plan, PlannedChord, PlannedSection
from yuefu.theory.chord import Chord
from yuefu.theory.instruments import INSTRUMENTS, Instrument
from yuefu.theory.key import Key
from yuefu.theory.modes import MODES
from yuefu.theory.styles import STYLES
from yuefu.tokens.facts import mood_bin
from yuefu.tokens.grid import EMPTY, Cell, GridBar, chord_tokens
from yuefu.tokens.sequence import Header
from yuefu.tokens.vocabulary import METERS, family_of, tempo_bin, vocabulary
from yuefu.tokens.vocabulary import STYLES as STYLE_LABELS
from yuefu.workflows.figuration import STILLER, group_of
from yuefu.workflows.leanings import Taste
from yuefu.workflows.scale_rules import coloured, set_drone

#: Where each row lies well in the texture, as sounding MIDI numbers, whatever its instrument reaches.
ROW_RANGES = {
    "melody": (55, 84), "counter": (55, 86), "inner": (48, 76), "bass": (28, 52), "keys": (48, 76), "pad": (48, 76),
}  # fmt: skip
#: What each beat a minute beyond 95 takes from a tune's leaning to sixteenths.
SHORT_COST = 0.015
#: Semitones that the low end of a pianist's left hand rises by in a wholly calm piece: low octaves are heard as weight.
CALM_BASS = 6
#: Notes at once, by row.
POLYPHONY = {"melody": 1, "counter": 1, "inner": 1, "bass": 1, "keys": 4, "pad": 4}
SCALES = {
    ("", "major"): (0, 2, 4, 5, 7, 9, 11),
    ("", "minor"): (9, 11, 0, 2, 4, 5, 7),
    ("pentatonic", "major"): (0, 2, 4, 7, 9),
    ("pentatonic", "minor"): (9, 0, 2, 4, 7),
    ("blues", "major"): (0, 2, 3, 4, 5, 7, 9, 10),
    ("blues", "minor"): (9, 0, 2, 3, 4, 7),
    ("dorian", "minor"): (9, 11, 0, 2, 4, 6, 7),
    ("harmonic_minor", "minor"): (9, 11, 0, 2, 4, 5, 8),
}
BASIC_KIT = (36, 38, 37, 42, 44, 46, 43, 47, 50, 49, 51)
EXTRA_HITS = {
    "disco": (39, 54), "hiphop": (39,), "electronic": (39,), "funk": (54,), "latin": (54, 56, 63, 64, 70, 75),
    "bossa_nova": (70, 75), "reggae": (54,), "folk": (54, 70),
    "afro": (56, 63, 64, 67, 70), "jazz": (53,), "swing": (53,),
    "soul": (54,), "march": (55,), "epic": (52, 55),
}  # fmt: skip


def build_canvas(plan: Plan, taste: Taste | None = None) -> Canvas:
    """The empty canvas of a plan: bars, headers, rules, chords in place, syllable counts."""
    taste = taste or Taste()
    numerator, denominator = map(int, plan.meter.split("/"))
    ticks = numerator * 96 // denominator
    meter = plan.meter if plan.meter in METERS else "other"
    bars = [GridBar(meter, ticks) for _ in range(plan.bars)]
    key = Key.parse(plan.key)
    headers: list[Header] = []
    for section in plan.sections:
        headers += [section_header(plan, section, key)] * section.bars
    canvas = Canvas(
        bars=bars,
        cells={"chords": [chord_cell(chords) for chords in plan.harmony]},
        headers=headers,
        rules={row: row_rules(plan, row, key, taste) for row in _rows(plan)},
    )
    set_drone(canvas, plan)
    canvas.kept = {(given.bar, given.row): given_cell(given) for given in plan.given}
    if plan.lyrics:
        canvas.lyrics = [lyric_cell(plan, bar) for bar in range(plan.bars)]
    return canvas


def _rows(plan: Plan) -> list[str]:
    return sorted({row for part in plan.parts if not part.doubling for row in part.rows})


def _rows_beside(plan: Plan, row: str) -> tuple[str, ...]:
    """All the rows of the player who plays a row."""
    return next((part.rows for part in plan.parts if row in part.rows and not part.doubling), ())


def chord_cell(chords: Sequence[PlannedChord]) -> Cell:
    """The tokens of a bar's planned chords."""
    v = vocabulary()
    out: list[int] = []
    for chord in chords:
        out += [v.position_ids[chord.position], *chord_tokens(Chord.parse(chord.symbol) if chord.symbol else None)]
    return np.array(out, dtype=np.int16)


def given_cell(given: GivenCell) -> Cell:
    """The tokens of a cell that is given."""
    v = vocabulary()
    events: dict[int, list[list[int]]] = {}
    for position, pitch, duration in sorted(given.notes):
        drum = given.row == "drums"
        own = [v.hit_ids[pitch]] if drum else [v.pitch + pitch, v.duration_ids[duration]]
        events.setdefault(position, []).append(own)
    out: list[int] = []
    for position, struck in events.items():
        out += [v.position_ids[position], *(token for own in sorted(struck) for token in own)]
    return np.array(out, dtype=np.int16) if out else EMPTY


def lyric_cell(plan: Plan, bar: int) -> Cell:
    """The tokens of the syllables sung in a bar."""
    v = vocabulary()
    out: list[int] = []
    for syllable in plan.lyrics.get(bar, ()):
        out.append(v.id("SYL"))
        if syllable.line_end:
            out.append(v.id("LINE"))
    return np.array(out, dtype=np.int16) if out else EMPTY


#: What an asked density counts beside a section's energy.
ASKED = 0.8


def section_header(plan: Plan, section: PlannedSection, key: Key) -> Header:
    """What the model is told of a section's bars."""
    label = STYLES[plan.style].corpus_label
    arousal = plan.arousal
    lift = (section.energy - 0.6) * 0.8
    families = {}
    for part in plan.parts:
        instrument = INSTRUMENTS[part.instrument]
        for row in part.rows:
            if not part.doubling and row in section.rows:
                families[row] = family_of(instrument.program, row, "voice" if instrument.family == "voice" else "")
    density = plan.density if plan.density is not None else STYLES[plan.style].density
    like = plan.like if plan.density is None else None
    if plan.density is None:
        density *= 1.0 - STILLER * plan.calm
    share = 0.5 if plan.density is None else ASKED  # what was asked counts for more than the section's energy
    base = 2.2 if GROUPS.get(label) == "classical" and group_of(plan) == "classical" else 1.2  # their tunes run
    return Header(
        style=label if label in STYLE_LABELS else None,
        mode=key.mode,
        tempo=tempo_bin(plan.tempo),
        valence=None if plan.valence is None else mood_bin(plan.valence),
        arousal=None if arousal is None else mood_bin(float(np.clip(arousal + lift, -1, 1))),
        density=(
            like.density
            if like is not None
            else int(np.clip(round(base + 2.6 * (share * density + (1 - share) * section.energy)), 0, 4))
        ),
        families=families,
    )


def instrument_of(plan: Plan, row: str) -> Instrument | None:
    """Who plays a row."""
    for part in plan.parts:
        if row in part.rows and not part.doubling:
            return INSTRUMENTS[part.instrument]
    return None


def row_rules(plan: Plan, row: str, key: Key, taste: Taste) -> RowRules:
    """The rules of a row: the instrument's range where it lies well, its polyphony, the scale, its leanings."""
    style = planned_style(plan)
    compound = plan.meter.endswith("/8") and int(plan.meter.split("/")[0]) % 3 == 0
    places = (0, 12) if plan.tempo > 168 and not compound else (0, 6, 12, 18)
    if row == "drums":
        hits = frozenset(BASIC_KIT + EXTRA_HITS.get(style.drum_style, ()))
        return RowRules(hits=hits, places=places, max_onsets=16, least_onsets=2, rhythm=0.5)
    instrument = instrument_of(plan, row)
    low, high = ROW_RANGES[row]
    if instrument is not None:
        if row == "melody" and instrument.family == "voice" and not instrument.polyphonic:
            low, high = instrument.comfortable_low, instrument.comfortable_high
        else:
            low, high = _overlap((low, high), (instrument.comfortable_low, instrument.comfortable_high))
            low, high = max(low, instrument.low), min(high, instrument.high)
        shared = _rows_beside(plan, row)
        if "melody" in shared and "keys" in shared:  # one pair of hands: the tune above, the chords below it
            low, high = {
                "melody": (max(low, 62), max(high, 79)),
                "keys": (48, 66),
                "bass": (31 + round(CALM_BASS * plan.calm), 50),
            }.get(row, (low, high))
            low, high = max(low, instrument.low), min(high, instrument.high)
            if high - low < 9:
                low, high = instrument.comfortable_low, instrument.comfortable_high
        if row == "melody" and style.register and instrument.family != "voice":
            low, high = _overlap(style.register, (instrument.low, instrument.high))  # type: ignore[arg-type]
        if row == "melody":
            high = min(high, low + 24)
    scale = SCALES.get((style.scale, key.mode)) or SCALES["", key.mode]
    many = POLYPHONY[row] if instrument is None or instrument.polyphonic else 1
    pentatonic = style.scale == "pentatonic" and row == "melody"
    rules = RowRules(
        low=low - key.shift,
        high=high - key.shift,
        polyphony=many,
        places=places,
        max_onsets={"melody": 16, "bass": 8, "pad": 4, "keys": 12}.get(row, 12),
        scale=frozenset(scale),
        outside=-2.0 if pentatonic or plan.chord_level == "extended" else -2.4,
        shortest=6 if row != "pad" else 12,
        least_onsets={"melody": 2, "bass": 1, "keys": 1, "pad": 1}.get(row, 0),
        span=10 if row == "keys" else 16,
        voices={"pad": 3, "keys": 3}.get(row, 0) if many > 1 else 0,
    )
    leanings = taste.of(row, style.key if style.key in taste.tunes else group_of(plan))
    if row == "melody" and not compound:  # the faster the beat, the fewer notes between its quavers
        leanings["off_beat"] = leanings.get("off_beat", 0.0) - SHORT_COST * max(0.0, plan.tempo - 95)
    return coloured(replace(rules, **leanings), plan, row)  # type: ignore[arg-type]


def scale_of(plan: Plan) -> frozenset[int]:
    """The pitch classes at home in a plan, in C major or A minor: its mode's, else its style's colour of the key's."""
    if plan.scale:
        return MODES[plan.scale].scale_on(plan.home)
    mode = Key.parse(plan.key).mode
    return frozenset(SCALES.get((STYLES[plan.style].scale, mode)) or SCALES["", mode])


def _overlap(wanted: tuple[int, int], possible: tuple[int, int]) -> tuple[int, int]:
    """The wanted range as far as it is possible; at least an octave of the possible one."""
    low, high = max(wanted[0], possible[0]), min(wanted[1], possible[1])
    if high - low < 12:
        if possible[0] > wanted[0]:
            low, high = possible[0], max(possible[0] + 12, high)
        else:
            low, high = min(possible[1] - 12, low), possible[1]
    return low, high
