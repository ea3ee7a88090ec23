"""Which staves and clefs a part is written on, and where drum sounds sit on theirs."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from yuefu.score.model import TICKS_PER_QUARTER, Part
from yuefu.score.voices import Slice, VoiceNote, arrange_voices, split_hands
from yuefu.theory.instruments import INSTRUMENTS, Instrument, instrument_for_program


@dataclass(frozen=True, slots=True)
class Clef:
    """A clef: sign (G, F, C, percussion), its line, and octaves up (1) or down (-1) that it stands for."""

    sign: str
    line: int
    octave: int = 0


TREBLE = Clef("G", 2)
TREBLE_8VB = Clef("G", 2, -1)
TREBLE_8VA = Clef("G", 2, 1)
ALTO = Clef("C", 3)
BASS = Clef("F", 4)
BASS_8VB = Clef("F", 4, -1)
PERCUSSION = Clef("percussion", 2)
#: MIDI pitch of the middle line of each clef.
_MIDDLE_LINES = {TREBLE: 71, TREBLE_8VB: 59, TREBLE_8VA: 83, ALTO: 60, BASS: 50, BASS_8VB: 38}
_BY_NAME = {"treble": TREBLE, "alto": ALTO, "bass": BASS}
_GUITARS = frozenset(range(24, 32))


@dataclass(frozen=True, slots=True)
class Staff:
    """A staff of a part: its clef and its voices."""

    clef: Clef
    voices: list[list[Slice]]


@dataclass(frozen=True, slots=True)
class DrumSound:
    """Where a drum is written: line or space as step and octave (in the treble clef), note head, limb."""

    step: str
    octave: int
    head: str = "normal"
    foot: bool = False
    name: str = "Drum"


#: General MIDI drum sounds on the usual five-line drum staff.
DRUM_SOUNDS: dict[int, DrumSound] = {
    35: DrumSound("E", 4, foot=True, name="Bass Drum 2"),
    36: DrumSound("F", 4, foot=True, name="Bass Drum"),
    37: DrumSound("C", 5, "x", name="Side Stick"),
    38: DrumSound("C", 5, name="Snare"),
    39: DrumSound("E", 5, "x", name="Hand Clap"),
    40: DrumSound("C", 5, "slashed", name="Electric Snare"),
    41: DrumSound("G", 4, name="Low Floor Tom"),
    42: DrumSound("G", 5, "x", name="Closed Hi-Hat"),
    43: DrumSound("A", 4, name="High Floor Tom"),
    44: DrumSound("D", 4, "x", foot=True, name="Pedal Hi-Hat"),
    45: DrumSound("B", 4, name="Low Tom"),
    46: DrumSound("G", 5, "circle-x", name="Open Hi-Hat"),
    47: DrumSound("D", 5, name="Low-Mid Tom"),
    48: DrumSound("E", 5, name="High-Mid Tom"),
    49: DrumSound("A", 5, "x", name="Crash Cymbal"),
    50: DrumSound("F", 5, name="High Tom"),
    51: DrumSound("F", 5, "x", name="Ride Cymbal"),
    52: DrumSound("B", 5, "x", name="China Cymbal"),
    53: DrumSound("F", 5, "diamond", name="Ride Bell"),
    54: DrumSound("E", 5, "triangle", name="Tambourine"),
    55: DrumSound("B", 5, "diamond", name="Splash Cymbal"),
    56: DrumSound("E", 5, "triangle", name="Cowbell"),
    57: DrumSound("B", 5, "x", name="Crash Cymbal 2"),
    59: DrumSound("F", 5, "x", name="Ride Cymbal 2"),
    60: DrumSound("E", 5, name="High Bongo"),
    61: DrumSound("D", 5, name="Low Bongo"),
    62: DrumSound("E", 5, "x", name="Mute High Conga"),
    63: DrumSound("E", 5, name="High Conga"),
    64: DrumSound("C", 5, name="Low Conga"),
    70: DrumSound("D", 5, "x", name="Maracas"),
    75: DrumSound("D", 5, "x", name="Claves"),
    80: DrumSound("G", 5, "diamond", name="Mute Triangle"),
    81: DrumSound("G", 5, "triangle", name="Open Triangle"),
    82: DrumSound("D", 5, "x", name="Shaker"),
}
_OTHER_DRUM = DrumSound("D", 5, "diamond")


def drum_sound(pitch: int) -> DrumSound:
    """Where a General MIDI drum pitch is written; unknown ones share a place."""
    return DRUM_SOUNDS.get(pitch, _OTHER_DRUM)


def voice_notes(part: Part) -> list[VoiceNote]:
    """A part's notes as plain values."""
    return [
        VoiceNote(identity, start, start + duration, pitch, velocity)
        for identity, start, duration, pitch, velocity in part.notes.tolist()
    ]


def lay_out(part: Part) -> list[Staff]:
    """The staves of a pitched part: one, or two for a keyboard part that needs both hands."""
    notes = voice_notes(part)
    instrument = INSTRUMENTS.get(part.instrument) or instrument_for_program(part.program)
    if not notes:
        return [Staff(_clef(part, instrument, []), [[]])]
    if instrument.clef == "grand" and _needs_both_hands(notes) and not _is_tune(part, notes):
        right, left = split_hands(notes)
        return [Staff(TREBLE, arrange_voices(right)), Staff(BASS, arrange_voices(left))]
    return [Staff(_clef(part, instrument, notes), arrange_voices(notes))]


def _needs_both_hands(notes: list[VoiceNote]) -> bool:
    pitches = [note.pitch for note in notes]
    return min(pitches) < 55 and max(pitches) > 64 and len(notes) > 1


def _is_tune(part: Part, notes: list[VoiceNote]) -> bool:
    """Whether a part is a single line to be sung or played as the tune, which one staff holds."""
    ordered = sorted(notes, key=lambda note: (note.start, note.end))
    alone = all(before.end <= after.start for before, after in pairwise(ordered))
    return alone and (bool(part.syllables) or part.role == "melody")


def _clef(part: Part, instrument: Instrument, notes: list[VoiceNote]) -> Clef:
    """The instrument's own clef, unless the notes lie far outside its staff."""
    usual = _BY_NAME.get(instrument.clef)
    if part.program in _GUITARS and instrument.family == "plucked":
        usual = TREBLE_8VB
    elif instrument.family == "bass" or part.program == 43:
        usual = BASS_8VB
    if not notes:
        return usual or TREBLE
    mean = sum(note.pitch for note in notes) / len(notes)
    if usual is not None and abs(mean - _MIDDLE_LINES[usual]) <= 12:
        return usual
    if part.syllables and 52 <= mean <= 62:
        return TREBLE_8VB  # a tenor
    choices = [TREBLE, BASS, *((TREBLE_8VA,) if mean > 86 else ()), *((BASS_8VB,) if mean < 38 else ())]
    return min(choices, key=lambda clef: abs(mean - _MIDDLE_LINES[clef]))


def drum_voices(part: Part, beats: Sequence[int]) -> list[list[Slice]]:
    """Two voices, hands and feet, each stroke written to the next one or the end of its beat.

    beats: the ticks where beats begin, sorted, the end of the piece included. How
    long a drum note lasts says nothing that a drummer could read, so the written length is free.
    """
    voices: list[list[Slice]] = []
    notes = voice_notes(part)
    for foot in (False, True):
        strokes: dict[int, list[VoiceNote]] = {}
        for note in notes:
            if drum_sound(note.pitch).foot == foot:
                strokes.setdefault(note.start, []).append(note)
        starts = sorted(strokes)
        voice = []
        for start, following in zip(starts, [*starts[1:], 1 << 30]):
            index = bisect_right(beats, start)
            end = min(following, beats[index] if index < len(beats) else start + TICKS_PER_QUARTER)
            voice.append(Slice(start, end, tuple(strokes[start])))
        voices.append(voice)
    return voices
