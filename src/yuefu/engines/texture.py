"""Bars of drums, bass and keys as rolls of sixteenths, with pitches told by the sounding chord.

Drums lie in lanes by sound. The bass lies in lanes by the degree of the chord's scale, so that "root, fifth, octave" is
the same picture over any chord; keys in lanes by chord tone, counted from a fixed place, so that the same picture over
the next chord is the nearest voicing. What a roll holds is thus how a bar is played; the chords decide the notes.

A note begins where its lane's onset is set and lasts while the lane is held. ``read_bar`` and ``write_*`` are exact on
what the lanes can say: a cell written from a roll is read back as that roll.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from yuefu.theory.chord import QUALITIES, Chord
from yuefu.tokens.grid import Cell, decode_notes
from yuefu.tokens.vocabulary import DURATIONS, HIGHEST_PITCH, LOWEST_PITCH, vocabulary

Roll = NDArray[np.bool_]

#: Ticks of a step, steps of the longest bar, bars that share a texture.
STEP, STEPS, BARS = 6, 16, 4
#: Lanes of drums: name and General MIDI sounds, the first of which is written.
DRUM_LANES: tuple[tuple[str, tuple[int, ...]], ...] = (
    ("kick", (36,)), ("snare", (38,)), ("rim", (37, 75, 76)), ("clap", (39,)), ("closed hat", (42,)),
    ("pedal hat", (44,)), ("open hat", (46,)), ("low tom", (43,)), ("high tom", (47, 50)), ("crash", (49, 52, 55)),
    ("ride", (51, 53)), ("percussion", (70, 54, 56, 63, 64, 60, 61, 65, 67, 81)),
)  # fmt: skip
DRUM_NAMES = tuple(name for name, _ in DRUM_LANES)
_LANE_OF = {sound: lane for lane, (_, sounds) in enumerate(DRUM_LANES) for sound in sounds}
#: Lanes of the bass, as steps of the scale from the chord's bass.
BASS_DEGREES = tuple(range(-3, 8))
#: Lanes of keys, as chord tones from the lowest one at or above ``KEYS_ANCHOR``.
KEYS_TONES = tuple(range(-5, 7))
KEYS_ANCHOR = 57
#: Rows of the grid that a roll holds, and where: the onsets of all lanes, then what is held.
ROWS = ("drums", "bass", "keys")
DRUMS = slice(0, len(DRUM_LANES))
BASS = slice(DRUMS.stop, DRUMS.stop + len(BASS_DEGREES))
BASS_HELD = BASS.stop
KEYS = slice(BASS.stop + 1, BASS.stop + 1 + len(KEYS_TONES))
KEYS_HELD = slice(KEYS.stop, KEYS.stop + len(KEYS_TONES))
CHANNELS = KEYS_HELD.stop
CHANNELS_OF = {"drums": DRUMS, "bass": slice(BASS.start, KEYS.start), "keys": slice(KEYS.start, CHANNELS)}
ONSETS_OF = {"drums": DRUMS, "bass": BASS, "keys": KEYS}
#: Metres by ticks of a bar and whether they are compound: the step counts of their bars.
METERS = {"4/4": 16, "2/2": 16, "3/4": 12, "6/8": 12, "2/4": 8}

_NATURAL = (0, 2, 4, 5, 7, 9, 11)
_HOME = frozenset(_NATURAL)
#: What a degree may be, in semitones above the root, the likelier first.
_OPTIONS = ((0,), (2, 1), (4, 3), (5, 6), (7, 6, 8), (9, 8), (10, 11))


@lru_cache(maxsize=4096)
def degrees(chord: Chord) -> tuple[int, ...]:
    """Semitones above the root of the seven degrees of a chord's scale in C major / A minor.

    Chord tones are the chord's own; the others are taken from the key where it has one of both.

    >>> degrees(Chord(2, "m7")), degrees(Chord(4, "7"))
    ((0, 2, 3, 5, 7, 9, 10), (0, 1, 4, 5, 7, 8, 10))
    """
    tones = {interval % 12 for interval in QUALITIES[chord.quality]}
    found = [0]
    for options in _OPTIONS[1:]:
        possible = [o for o in options if o > found[-1]]
        own = [o for o in possible if o in tones]
        home = [o for o in possible if (chord.root + o) % 12 in _HOME]
        found.append((own or home or possible or [found[-1] + 1])[0])
    return tuple(found)


def root_pitch(chord: Chord, base: int) -> int:
    """The chord's root in the octave that begins at ``base``."""
    return base + (chord.root - base) % 12


def bass_pitch(chord: Chord, lane: int, base: int) -> int:
    """The pitch of a lane of the bass. The first degree is the bass that the symbol asks for, near the root."""
    octave, degree = divmod(BASS_DEGREES[lane], 7)
    root = root_pitch(chord, base)
    if degree == 0 and chord.bass is not None:
        return root + (chord.bass - root + 6) % 12 - 6 + 12 * octave
    return root + degrees(chord)[degree] + 12 * octave


@lru_cache(maxsize=4096)
def keys_pitches(chord: Chord) -> tuple[int, ...]:
    """The pitches of the lanes of keys over a chord, low to high."""
    classes = set(chord.pitch_classes)
    above = [p for p in range(KEYS_ANCHOR, KEYS_ANCHOR + 60) if p % 12 in classes][: KEYS_TONES[-1] + 1]
    below = [p for p in range(KEYS_ANCHOR - 1, KEYS_ANCHOR - 60, -1) if p % 12 in classes][: -KEYS_TONES[0]]
    return tuple(below[::-1] + above)


@lru_cache(maxsize=4096)
def _bass_lanes(chord: Chord, base: int) -> dict[int, int]:
    """Pitch -> lane; the first degree counts before others of the same pitch."""
    order = sorted(range(len(BASS_DEGREES)), key=lambda lane: BASS_DEGREES[lane] % 7 != 0, reverse=True)
    return {bass_pitch(chord, lane, base): lane for lane in order}


def bass_lane(chord: Chord, pitch: int, base: int) -> int:
    """The lane of the bass nearest to a pitch."""
    lanes = _bass_lanes(chord, base)
    return lanes[min(lanes, key=lambda p: (abs(p - pitch), p))]


def keys_lane(chord: Chord, pitch: int) -> int | None:
    """The lane of keys nearest to a pitch, None for one well beyond the lanes."""
    pitches = keys_pitches(chord)
    if not pitches[0] - 2 <= pitch <= pitches[-1] + 2:
        return None
    return min(range(len(pitches)), key=lambda lane: (abs(pitches[lane] - pitch), -lane))


def step_of(position: int, swung: bool = False) -> int:
    """The step of a position in ticks; where quavers swing, the last triplet of a beat is the second quaver.

    >>> [step_of(p) for p in (0, 6, 8, 12, 16, 21, 24)], [step_of(p, True) for p in (8, 16, 18, 20)]
    ([0, 1, 1, 2, 3, 3, 4], [1, 2, 2, 2])
    """
    beat, rest = divmod(position, 24)
    if swung:
        return beat * 4 + (0 if rest < 3 else 1 if rest < 11 else 2)
    return beat * 4 + {3: 0, 4: 1, 9: 2, 15: 2, 21: 3}.get(rest, min(int(rest / STEP + 0.49), 3))


def read_bar(
    cells: dict[str, Cell], chords: Sequence[Chord], ticks: int, base: int = 33, octave: int = 0, swung: bool = False
) -> Roll:
    """The roll (CHANNELS, STEPS) of a bar's cells in C major / A minor.

    chords: one a step; base: where the bass's octave begins; octave: by how many the keys lie above the middle of the
    lanes; swung: see ``step_of``. What lies between the lanes goes to the nearest, what is too far is left out.
    """
    roll = np.zeros((CHANNELS, STEPS), dtype=bool)
    count = ticks // STEP
    for row in ROWS:
        cell = cells.get(row)
        if cell is None or not len(cell):
            continue
        notes, _ = decode_notes(cell, 0)
        for _, start, duration, pitch, _ in notes.tolist():
            step = step_of(start, swung)
            if step >= count:
                continue
            end = max(step + 1, min(count, round((start + duration) / STEP)))
            if row == "drums":
                lane = _LANE_OF.get(pitch)
                if lane is not None:
                    roll[lane, step] = True
            elif row == "bass":
                if not roll[BASS, step].any():
                    roll[BASS.start + bass_lane(chords[step], pitch, base), step] = True
                    roll[BASS_HELD, step] = False
                    roll[BASS_HELD, step + 1 : end] = True
            else:
                found = keys_lane(chords[step], pitch - 12 * octave)
                if found is not None:
                    roll[KEYS.start + found, step] = True
                    roll[KEYS_HELD.start + found, step] = False
                    roll[KEYS_HELD.start + found, step + 1 : end] = True
    roll[BASS_HELD] &= ~roll[BASS].any(axis=0)
    roll[KEYS_HELD] &= ~roll[KEYS]
    return roll


def drum_hits(roll: Roll, count: int) -> list[tuple[int, list[int]]]:
    """(step, lanes) of a bar's drums."""
    return [(step, np.flatnonzero(roll[DRUMS, step]).tolist()) for step in range(count) if roll[DRUMS, step].any()]


def bass_notes(roll: Roll, chords: Sequence[Chord], count: int, base: int = 33) -> list[tuple[int, int, int]]:
    """(step, pitch, steps long) of a bar's bass; a held note moves to the new chord's degree when the chord changes."""
    out: list[tuple[int, int, int]] = []
    lane = -1
    for step in range(count):
        struck = np.flatnonzero(roll[BASS, step])
        if len(struck):
            lane = int(struck[0])
            out.append((step, bass_pitch(chords[step], lane, base), 1))
        elif lane >= 0 and roll[BASS_HELD, step]:
            start, pitch, long = out[-1]
            now = bass_pitch(chords[step], lane, base)
            if chords[step] != chords[step - 1] and now != pitch:
                out.append((step, now, 1))
            else:
                out[-1] = (start, pitch, long + 1)
        else:
            lane = -1
    return out


def keys_notes(roll: Roll, chords: Sequence[Chord], count: int, octave: int = 0) -> list[tuple[int, int, int]]:
    """(step, pitch, steps long) of a bar's keys, by step and pitch; a held tone moves with the chord."""
    out: list[tuple[int, int, int]] = []
    for lane in range(len(KEYS_TONES)):
        last = -1
        for step in range(count):
            if roll[KEYS.start + lane, step]:
                last = len(out)
                out.append((step, keys_pitches(chords[step])[lane] + 12 * octave, 1))
            elif last >= 0 and roll[KEYS_HELD.start + lane, step]:
                start, pitch, long = out[last]
                now = keys_pitches(chords[step])[lane] + 12 * octave
                if chords[step] != chords[step - 1] and now != pitch:
                    last = len(out)
                    out.append((step, now, 1))
                else:
                    out[last] = (start, pitch, long + 1)
            else:
                last = -1
    return sorted(out)


def drum_cell(hits: Sequence[tuple[int, Sequence[int]]]) -> Cell:
    """A cell of drums from (step, General MIDI sounds)."""
    v = vocabulary()
    out: list[int] = []
    for step, sounds in hits:
        out += [v.position_ids[step * STEP], *sorted({v.hit_ids[sound] for sound in sounds})]
    return np.array(out, dtype=np.int16)


def note_cell(notes: Sequence[tuple[int, int, int]]) -> Cell:
    """A cell of pitches from (step, pitch, steps long), in order; a length that can't be written becomes shorter."""
    v = vocabulary()
    out: list[int] = []
    last = -1
    for step, pitch, long in notes:
        if step != last:
            out.append(v.position_ids[step * STEP])
            last = step
        ticks = max(d for d in DURATIONS if d <= max(long * STEP, DURATIONS[0]))
        out += [v.pitch + min(max(pitch, LOWEST_PITCH), HIGHEST_PITCH), v.duration_ids[ticks]]
    return np.array(out, dtype=np.int16)
