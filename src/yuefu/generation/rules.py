"""What a row may do in a cell, and what it leans to: ``RowRules``, which the constraint machine keeps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from yuefu.generation.wording import Wording
from yuefu.theory.chord import QUALITY_NAMES, Chord
from yuefu.tokens.vocabulary import HIGHEST_PITCH, LOWEST_PITCH

SIXTEENTHS = (0, 6, 12, 18)


@dataclass(frozen=True)
class RowRules:
    """What a row may do. Pitches are key-normalised MIDI numbers.

    places: ticks within a quarter where events may start; polyphony: notes at once; max_onsets
    and least_onsets: in a bar that isn't counted; scale: pitch classes that are at home (None: no
    preference); qualities: allowed chord qualities; hits: allowed drum sounds by General MIDI
    pitch; shortest: least duration in ticks; latest: last position where something may start
    (later ones only as counts need them); inversions: whether chords may have another bass.
    The weights are added to logits: outside (scale and chord), chord_tone (strong places), leap
    (more than nine semitones), repeat (a fifth equal pitch in a row), anchor (the bar's first onset
    on its first beat), root (the chord's bass where a chord begins), rhythm (places that the row
    used in the bar before, or its figure), hold (a sung note that holds the last syllable),
    pedal (the chord's bass at other places), again (the pitch just struck), harmonic (a pitch outside the
    sounding chord, at any place), smooth (each whole tone beyond a step, from the note or the lowest
    note before), pull (each semitone squared away from ``center``), legato (a duration that lasts to
    the figure's next place or the next chord), clash (a semitone or minor ninth against another row; a
    unison counts less), under (a pitch at or above the tune), off_beat (a sixteenth that isn't on the
    figure), groove_weight (see groove), parallel (an octave or fifth with another line, reached
    from the same interval).
    span: most semitones between notes at once; voices: notes at once that are aimed at (0: none);
    groove: position -> drum sounds that belong there; fit: what a chord gains by each share of the other
    rows' notes, over the half bar that it begins (or ``heard`` ticks), that lie in it (and loses by those that
    don't); weigh: (chord, the chord before or None, position) -> what the chord gains there as a step of
    a progression; wording: what the bar's words ask for; through: notes last to the figure's next place even where the
    chord changes before it; only: the pitch classes that may sound (None: all), beside the
    chord's own where ``only_chords`` says so; leaning: pitch class -> what it gains; strong: the places that carry the
    metre where they aren't every other beat; stress: what an onset gains there.
    """

    low: int = LOWEST_PITCH
    high: int = HIGHEST_PITCH
    polyphony: int = 1
    places: tuple[int, ...] = SIXTEENTHS
    max_onsets: int = 16
    least_onsets: int = 0
    scale: frozenset[int] | None = None
    qualities: tuple[str, ...] = QUALITY_NAMES
    hits: frozenset[int] | None = None
    shortest: int = 3
    latest: int = 10_000
    outside: float = -3.0
    chord_tone: float = 0.6
    leap: float = -2.0
    repeat: float = -2.5
    anchor: float = 0.0
    root: float = 0.0
    rhythm: float = 0.0
    hold: float = -2.0
    pedal: float = 0.0
    again: float = 0.0
    inversions: bool = True
    harmonic: float = 0.0
    smooth: float = 0.0
    center: float | None = None
    pull: float = 0.0
    legato: float = 0.0
    clash: float = 0.0
    under: float = 0.0
    off_beat: float = 0.0
    span: int = 127
    voices: int = 0
    groove: Mapping[int, frozenset[int]] | None = None
    groove_weight: float = 3.0
    fit: float = 0.0
    heard: int = 0
    weigh: Callable[[Chord, Chord | None, int], float] | None = None
    parallel: float = 0.0
    wording: Wording | None = None
    through: bool = False
    only: frozenset[int] | None = None
    only_chords: bool = False
    leaning: Mapping[int, float] | None = None
    strong: frozenset[int] | None = None
    stress: float = 0.0
