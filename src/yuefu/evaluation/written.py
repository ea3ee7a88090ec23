"""What a written file says, as plain facts: the common ground of the bench's own readers.

``written_midi`` and ``written_musicxml`` read MIDI with mido and MusicXML with lxml alone. They share
nothing with the package's readers and writers, so that a fault common to those is still seen; texts
that the MIDI writer keeps for itself (``yuefu: ...``) are passed over. Times are in quarter notes from the start.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

#: (pitch class of the root, suffix such as "m7" or a MusicXML kind without one, pitch class of the bass or None)
Harmony = tuple[int, str, int | None]

_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SYMBOL = re.compile(r"([A-G])(##|bb|#|b)?([^/]*)(?:/([A-G])(##|bb|#|b)?)?")
#: Tones of the suffixes that briefs ask for, in semitones above the root.
TONES = {"": (0, 4, 7), "m": (0, 3, 7), "7": (0, 4, 7, 10), "maj7": (0, 4, 7, 11), "m7": (0, 3, 7, 10)}
# Probe-tone ratings of Krumhansl and Kessler (1982), tonic first.
_PROFILES = {
    "major": (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    "minor": (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
}


@dataclass(frozen=True)
class WrittenPlayer:
    """A track or part. program: General MIDI, 0-127, None for drums; notes: (start, duration, sounding pitch)."""

    name: str
    program: int | None
    notes: tuple[tuple[float, float, int], ...]


@dataclass(frozen=True)
class WrittenPiece:
    """What a file says.

    keys: (fifths, ``"major"`` or ``"minor"``) of every signature; tempos: (start, quarter notes a minute);
    meters: every time signature; bar_starts: of each bar, and the end of the last; marks: (bar, text) of
    rehearsal marks or markers; harmonies: (start, chord or None for no chord); words: what is sung, the
    syllables of a word joined; syllables: how many are sung; faults: what contradicts itself in the file.
    """

    keys: tuple[tuple[int, str], ...]
    tempos: tuple[tuple[float, float], ...]
    meters: tuple[tuple[int, int], ...]
    bar_starts: tuple[float, ...]
    marks: tuple[tuple[int, str], ...]
    harmonies: tuple[tuple[float, Harmony | None], ...]
    words: tuple[str, ...]
    syllables: int
    players: tuple[WrittenPlayer, ...]
    faults: tuple[str, ...] = ()

    @property
    def bars(self) -> int:
        """How many bars."""
        return len(self.bar_starts) - 1

    @property
    def seconds(self) -> float:
        """Clock time to the end of the last bar, by the tempi written."""
        end = self.bar_starts[-1]
        stops = [start for start, _ in self.tempos[1:]] + [end]
        return sum(60 / bpm * max(0.0, min(stop, end) - start) for (start, bpm), stop in zip(self.tempos, stops))

    def harmonies_in(self, bar: int) -> list[Harmony | None]:
        """The chords written for a bar: the one that holds at its start, then those that come inside."""
        start, stop = self.bar_starts[bar], self.bar_starts[bar + 1]
        before = [chord for at, chord in self.harmonies if at <= start + 1e-6]
        return before[-1:] + [chord for at, chord in self.harmonies if start + 1e-6 < at < stop - 1e-6]


def read_symbol(symbol: str) -> Harmony | None:
    """A chord symbol; None when it isn't one.

    >>> read_symbol("Bbm7"), read_symbol("C/G"), read_symbol("N.C.")
    ((10, 'm7', None), (0, '', 7), None)
    """
    match = _SYMBOL.fullmatch(symbol.strip())
    if match is None:
        return None
    bass = pitch_class(match[4], _alter(match[5])) if match[4] else None
    return pitch_class(match[1], _alter(match[2])), match[3], bass


def pitch_class(step: str, alter: int = 0) -> int:
    """A letter and its alteration as a pitch class."""
    return (_STEPS[step] + alter) % 12


def _alter(sign: str | None) -> int:
    return 0 if not sign else len(sign) * (1 if sign[0] == "#" else -1)


def heard_key(players: Sequence[WrittenPlayer]) -> tuple[int, str] | None:
    """(tonic, mode) of the notes by correlation with probe-tone profiles (Krumhansl 1990); None without notes."""
    weights = np.zeros(12)
    for player in players:
        if player.program is not None:
            for _, duration, pitch in player.notes:
                weights[pitch % 12] += duration
    if not weights.any() or np.ptp(weights) == 0:
        return None
    found = {
        (tonic, mode): float(np.corrcoef(np.roll(profile, tonic), weights)[0, 1])
        for mode, profile in _PROFILES.items()
        for tonic in range(12)
    }
    return max(found, key=lambda key: found[key])


def in_chord(piece: WrittenPiece, bar: int, chord: Harmony) -> float:
    """How much of what sounds in a bar (pitched notes, by duration) is a chord's tone, 0..1; 1 for silence."""
    start, stop = piece.bar_starts[bar], piece.bar_starts[bar + 1]
    tones = {(chord[0] + step) % 12 for step in TONES[chord[1]]}
    inside = total = 0.0
    for player in piece.players:
        if player.program is None:
            continue
        for at, duration, pitch in player.notes:
            share = min(stop, at + duration) - max(start, at)
            if share > 0:
                total += share
                inside += share if pitch % 12 in tones else 0.0
    return inside / total if total else 1.0
