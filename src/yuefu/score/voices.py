"""Laying the notes of a part on staves and in voices, as a copyist would.

A voice is a line of chords and rests in which nothing overlaps. Notes that start and end together
are one chord; notes that overlap otherwise go to different voices, the higher one first. Where
more than four voices would be needed, the fourth holds the rest as tied chords.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

#: Voices on a staff before notes are sliced into tied chords.
MAX_VOICES = 4
#: Where the hands meet when nothing else decides (middle C).
_MIDDLE = 60
#: What a hand reaches in semitones (a tenth).
_REACH = 16


@dataclass(frozen=True, slots=True)
class VoiceNote:
    """A note to be written: id, start, end (ticks), MIDI pitch and velocity."""

    id: int
    start: int
    end: int
    pitch: int
    velocity: int


@dataclass(frozen=True, slots=True)
class Slice:
    """Notes written together from start to end; those that began earlier or go on are tied."""

    start: int
    end: int
    notes: tuple[VoiceNote, ...]


def split_hands(notes: Sequence[VoiceNote]) -> tuple[list[VoiceNote], list[VoiceNote]]:
    """The notes of a keyboard part for the right and for the left hand.

    Each onset is divided where it costs least: notes on their side of middle C, no hand wider than
    a tenth, each hand near where it was, close chords kept together.
    """
    right: list[VoiceNote] = []
    left: list[VoiceNote] = []
    right_at, left_at = 67.0, 48.0
    ordered = sorted(notes, key=lambda note: (note.start, note.pitch, note.end, note.id))
    index = 0
    while index < len(ordered):
        stop = index
        while stop < len(ordered) and ordered[stop].start == ordered[index].start:
            stop += 1
        group = ordered[index:stop]
        pitches = [note.pitch for note in group]
        costs = [_hand_cost(pitches[:k], pitches[k:], left_at, right_at) for k in range(len(group) + 1)]
        cut = costs.index(min(costs))
        left += group[:cut]
        right += group[cut:]
        if cut:
            left_at += 0.4 * (sum(pitches[:cut]) / cut - left_at)
        if cut < len(group):
            right_at += 0.4 * (sum(pitches[cut:]) / (len(group) - cut) - right_at)
        index = stop
    return right, left


def _hand_cost(low: list[int], high: list[int], left_at: float, right_at: float) -> float:
    cost = sum(max(0, pitch - _MIDDLE) for pitch in low) * 0.4 + sum(max(0, _MIDDLE - pitch) for pitch in high) * 0.4
    for hand, place in ((low, left_at), (high, right_at)):
        if hand:
            cost += 0.15 * abs(sum(hand) / len(hand) - place) + 2.0 * max(0, hand[-1] - hand[0] - _REACH)
    if low and high:
        cost += 0.3 * max(0, 12 - (high[0] - low[-1]))  # a close chord lies better in one hand
    return cost


def arrange_voices(notes: Sequence[VoiceNote]) -> list[list[Slice]]:
    """The voices of one staff, each a list of slices in order; at least one voice, maybe empty."""
    chords = _chords(notes)
    result: list[list[Slice]] = [[]]
    for island in _islands(chords):
        for index, voice in enumerate(_colour(island)):
            while index >= len(result):
                result.append([])
            result[index] += voice
    return result


def _chords(notes: Sequence[VoiceNote]) -> list[Slice]:
    """Notes with the same start and end together; a doubled pitch makes a chord of its own."""
    groups: dict[tuple[int, int, int], list[VoiceNote]] = {}
    doubled: dict[tuple[int, int, int], int] = {}
    for note in sorted(notes, key=lambda note: (note.start, note.end, note.pitch, note.id)):
        copy = doubled.get((note.start, note.end, note.pitch), 0)
        doubled[note.start, note.end, note.pitch] = copy + 1
        groups.setdefault((note.start, note.end, copy), []).append(note)
    chords = [Slice(start, end, tuple(group)) for (start, end, _), group in groups.items()]
    return sorted(chords, key=lambda chord: (chord.start, -chord.notes[-1].pitch, chord.end))


def _islands(chords: list[Slice]) -> list[list[Slice]]:
    """Stretches between moments that no chord sounds across; voices are free to change there."""
    islands: list[list[Slice]] = []
    end = -1
    for chord in chords:
        if chord.start >= end:
            islands.append([])
        islands[-1].append(chord)
        end = max(end, chord.end)
    return islands


def _colour(island: list[Slice]) -> list[list[Slice]]:
    """Voices of one island, the highest first."""
    voices: list[list[Slice]] = []
    overflow: list[Slice] = []
    for chord in island:
        free = [voice for voice in voices if voice[-1].end <= chord.start]
        if free:
            min(free, key=lambda voice: abs(_mean(voice[-1:]) - _mean([chord]))).append(chord)
        elif len(voices) < MAX_VOICES:
            voices.append([chord])
        else:
            overflow.append(chord)
    if overflow:
        crowded = min(voices, key=_mean)
        voices.remove(crowded)
        return sorted(voices, key=_mean, reverse=True) + _sliced(crowded + overflow)
    return sorted(voices, key=_mean, reverse=True)


def _mean(voice: list[Slice]) -> float:
    pitches = [note.pitch for chord in voice for note in chord.notes]
    return sum(pitches) / len(pitches)


def _sliced(chords: list[Slice]) -> list[list[Slice]]:
    """Any notes as tied chords in one voice; only the same pitch sounding twice needs another."""
    layers: list[list[VoiceNote]] = []
    for note in sorted((n for chord in chords for n in chord.notes), key=lambda n: (n.start, n.pitch, n.end, n.id)):
        for layer in layers:
            if all(other.pitch != note.pitch or other.end <= note.start for other in layer):
                layer.append(note)
                break
        else:
            layers.append([note])
    voices = []
    for layer in layers:
        bounds = sorted({note.start for note in layer} | {note.end for note in layer})
        voice = []
        for start, end in pairwise(bounds):
            sounding = tuple(note for note in layer if note.start <= start and note.end >= end)
            if sounding:
                voice.append(Slice(start, end, sounding))
        voices.append(voice)
    return voices
