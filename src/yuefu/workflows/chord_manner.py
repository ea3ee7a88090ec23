"""Ways of harmonising: which chords a manner uses, how they follow each other, and where phrases close.

All chords are in C major or A minor, all weights in logits beside the model's own opinion: what is common is
about 0, what is rare -1 to -2, what a teacher of harmony would strike out -3 and below. The weights lean; none
forbids.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from yuefu.theory.chord import QUALITIES, Chord

#: Where a chord stands in its phrase: on its last note, just before that, after it, or anywhere else.
CLOSE, APPROACH, AFTER, WITHIN = "close", "approach", "after", "within"
TRIADS = ("", "m", "dim")
_MAJOR = frozenset((0, 2, 4, 5, 7, 9, 11))
#: Of the tonic's third and fifth relations: chords that may stand for each other, by root in C major / A minor.
_FUNCTIONS: dict[str, dict[int, str]] = {
    "major": {0: "T", 9: "T", 4: "T", 5: "S", 2: "S", 7: "D", 11: "D", 1: "D", 10: "S", 8: "S"},
    "minor": {9: "T", 0: "T", 5: "S", 2: "S", 11: "S", 4: "D", 8: "D", 7: "D", 10: "S"},
}
#: Root motion in semitones upwards within the key -> weight.
_MOTION = {5: 0.5, 7: 0.0, 2: 0.15, 10: -0.35, 9: 0.3, 8: 0.3, 3: -0.2, 4: -0.2, 0: 0.0, 1: 0.0, 11: -0.1, 6: -1.2}


@dataclass(frozen=True)
class Manner:
    """A way of harmonising.

    qualities: those allowed, with their weights; most: chords a bar at most; beats: a chord on every beat;
    inversions: whether another tone may be the bass; own: (degree in semitones above the tonic, quality) ->
    weight instead of the quality's; secondary: a dominant of another degree than the tonic; borrowed: any other
    chord with notes from outside the key, some with their own weight in ``loans`` by (root, quality); first, second,
    third: inversions; authentic and half: closes of phrases; falling: what roots that fall by a fifth gain besides;
    pace: what a second chord in a bar gains; temperature: of chords
    for a tune, as they are drawn; fit: how well a chord must fit the notes that sound, for all of them.
    """

    qualities: Mapping[str, float]
    most: int = 2
    beats: bool = False
    inversions: bool = False
    own: Mapping[tuple[int, str], float] = field(default_factory=dict)
    secondary: float = -2.0
    borrowed: float = -4.0
    loans: Mapping[tuple[int, str], float] = field(default_factory=dict)
    first: float = -0.8
    second: float = -3.0
    third: float = -3.0
    authentic: float = 1.6
    half: float = 1.1
    falling: float = 0.0
    pace: float = 2.5
    temperature: float = 0.9
    fit: float = 6.0


HARMONIES: dict[str, Manner] = {
    "plain": Manner({"": 0.0, "m": -0.1, "dim": -2.0}, secondary=-2.5, pace=1.2),
    "pop": Manner(
        {"": 0.0, "m": 0.0, "7": -1.5, "m7": -0.4, "maj7": -0.9, "sus4": -2.2, "add9": -1.4, "dim": -2.5},
        inversions=True, own={(7, "7"): -0.6, (7, "sus4"): -1.2, (9, "m7"): -0.2, (5, "maj7"): -0.5},
        secondary=-1.0, borrowed=-2.8, loans={(10, ""): -1.0, (5, "m"): -1.4}, first=-0.7, second=-2.6, third=-4.0,
        authentic=1.2, pace=0.5, temperature=1.2,
    ),
    "hymn": Manner(
        {"": 0.0, "m": 0.0, "dim": -1.6, "7": -3.0, "m7": -4.0}, most=4, beats=True, inversions=True,
        own={(7, "7"): -1.3, (2, "m7"): -2.2, (11, "dim"): -1.0}, secondary=-1.8, borrowed=-5.0,
        first=0.0, second=-2.8, third=-2.5, authentic=2.2, half=1.6,
    ),
    "jazz": Manner(
        {"maj7": 0.0, "m7": 0.1, "7": -0.2, "m7b5": -0.8, "dim7": -1.6, "6": -0.8, "m6": -1.2, "9": -0.5, "m9": -0.6,
         "maj9": -0.7, "7sus4": -1.4, "mmaj7": -2.0},
        own={(0, "6"): -0.3, (7, "6"): -2.0, (7, "maj7"): -2.0, (7, "7"): 0.2, (0, "m6"): -0.4, (0, "mmaj7"): -1.2,
             (2, "m7b5"): -0.1},
        secondary=-0.4, borrowed=-2.0, loans={(1, "7"): -0.7, (10, "7"): -1.2, (5, "m7"): -1.2, (5, "m6"): -1.2},
        authentic=1.4, half=0.8, falling=0.6, pace=1.5, fit=4.0,
    ),
}  # fmt: skip


def function_of(chord: Chord, mode: str) -> str:
    """``"T"`` (tonic), ``"S"`` (before the dominant), ``"D"`` (dominant), or ``""`` for a chord of none.

    >>> function_of(Chord(9, "m7"), "major"), function_of(Chord(11, "m7b5"), "minor")
    ('T', 'S')
    """
    return _FUNCTIONS[mode].get(chord.root, "")


def in_key(chord: Chord, mode: str) -> bool:
    """Whether a chord's notes lie in the key; minor has its leading note in dominants only."""
    tones = set(chord.pitch_classes)
    if mode == "minor" and 8 in tones and chord.root in (4, 8):
        tones.discard(8)
    elif mode == "minor" and chord.root == 9 and chord.quality in ("m6", "mmaj7"):  # the tonic of melodic minor
        return True
    return tones <= _MAJOR


def is_dominant(chord: Chord) -> bool:
    """Whether a chord could lead down a fifth: a major third, and a minor seventh or none."""
    return chord.quality in ("", "7", "9", "7sus4")


def leads_to(chord: Chord, mode: str) -> int | None:
    """The root that an applied dominant or a diminished chord wants after it; None where any may follow."""
    minor_second = mode == "minor" and chord.root == 11 and chord.quality in ("dim", "m7b5")
    if minor_second:
        return 4
    if chord.quality in ("dim", "dim7") or (chord.quality == "m7b5" and chord.root == 11):
        return (chord.root + 1) % 12
    if chord.quality in ("7", "9") or (is_dominant(chord) and not in_key(chord, mode)):
        return (chord.root + 5) % 12
    return None


def place_weight(manner: Manner, chord: Chord, mode: str) -> float:
    """How usual a chord is in a manner wherever it stands."""
    tonic = 0 if mode == "major" else 9
    step = (chord.root - tonic) % 12
    value = manner.own.get((step, chord.quality), manner.qualities.get(chord.quality, 0.0))
    if in_key(chord, mode):
        if mode == "major":
            value += {0: 0.3, 5: 0.15, 7: 0.2, 4: -0.5, 11: -0.3}.get(chord.root, 0.0)
        else:
            value += {9: 0.3, 4: 0.2 if 8 in chord.pitch_classes else -0.8, 2: 0.15}.get(chord.root, 0.0)
        return value
    target = leads_to(chord, mode)
    if target is not None and target in _MAJOR and not (mode == "major" and target == 11):
        return value + manner.secondary
    loan = manner.loans.get((chord.root if mode == "major" else (chord.root + 3) % 12, chord.quality))
    return value + (manner.borrowed if loan is None else loan - manner.qualities.get(chord.quality, 0.0))


def weight_of(manner: Manner, chord: Chord, before: Chord | None, mode: str, stand: str, strong: bool) -> float:
    """How well a chord follows another at a place.

    before: the chord before, None at the beginning; stand: one of CLOSE, APPROACH, AFTER, WITHIN;
    strong: whether it enters on a bar's first beat.
    """
    value = place_weight(manner, chord, mode) + _motion(manner, chord, before, mode, strong, stand)
    value += _bass(manner, chord, before, mode, stand)
    tonic, dominant = (0, 7) if mode == "major" else (9, 4)
    firm = chord.bass is None
    leading = chord.root == dominant and 4 in QUALITIES[chord.quality]
    if stand == CLOSE:
        from_dominant = before is not None and before.root in (dominant, (tonic - 1) % 12) and before.root != chord.root
        if chord.root == tonic and firm and in_key(chord, mode):
            value += manner.authentic if from_dominant or before is None else 0.6 * manner.authentic
        elif leading and firm:
            value += manner.half - (1.2 if chord.quality in ("7", "9") and manner.beats else 0.0)
        elif from_dominant:
            value -= 0.6
        else:
            value -= 1.6
    elif stand == APPROACH:
        if leading:
            value += 1.0 + (0.6 if chord.quality == "7" and firm else 0.0)
        elif function_of(chord, mode) == "S":
            value += 0.3
    elif stand == AFTER and before is not None:
        value += 1.2 if chord.root == before.root else -0.8
    return value


def _motion(manner: Manner, chord: Chord, before: Chord | None, mode: str, strong: bool, stand: str) -> float:
    """The roots' progression: what resolves, what falls by fifths, what stands still."""
    if before is None:
        calm = chord.bass is None and (chord.quality in ("", "m") or not manner.beats)
        home = chord.root == (0 if mode == "major" else 9)
        return (1.6 if home else 0.3 if function_of(chord, mode) == "T" else -0.4) if calm else -2.4
    step = (chord.root - before.root) % 12
    if step == 0:
        if chord == before:
            value = -0.4 if manner.beats else -0.8 if strong else -4.0
        else:
            value = -0.2 if manner.beats else -1.0 if strong else -2.5
            if before.quality in ("sus4", "7sus4") and chord.quality in ("", "7", "9"):
                value = 1.5
            elif chord.quality in ("sus4", "7sus4") and before.quality not in ("sus4", "7sus4"):
                value = -2.0
        # A chord that enters on a weak beat and is held over the bar line blurs the metre.
        return value - (0.8 if strong and manner.beats and stand == WITHIN else 0.0)
    value = _MOTION[step] + (manner.falling if step == 5 else 0.0)
    if before.quality == "sus4":
        value -= 1.5
    wanted = leads_to(before, mode)
    own_dominant = before.root == (7 if mode == "major" else 4)
    if wanted is not None:
        deceptive = chord.root == (9 if mode == "major" else 5) if own_dominant else False
        if chord.root == wanted:
            value += 0.6
        elif deceptive or (before.quality == "7" and step == 11):  # a substitute slides down by a semitone
            value -= 0.2
        else:
            value -= 1.2 if in_key(before, mode) else 2.6
    elif own_dominant and is_dominant(before):
        if function_of(chord, mode) == "S" and chord.root != 0:
            value -= 1.4 if manner.beats else 0.5
        elif chord.root in (0, 9):
            value += 0.2
    if function_of(before, mode) == "S" and function_of(chord, mode) == "D":
        value += 0.3
    return value


def _bass(manner: Manner, chord: Chord, before: Chord | None, mode: str, stand: str) -> float:
    """Inversions: sixths that make the bass walk, a six-four that is a cadence, sevenths that resolve."""
    below = (chord.bass_class - chord.root) % 12
    tones = QUALITIES[chord.quality]
    step = None if before is None else (chord.bass_class - before.bass_class) % 12
    stepwise = step in (1, 2, 10, 11)
    value = 0.0
    if below:
        place = [tone % 12 for tone in tones].index(below) if below in [tone % 12 for tone in tones] else 3
        if place == 1:
            value += manner.first + (0.5 if stepwise else -0.2 if step == 0 else 0.0)
            value += 0.9 if chord.quality == "dim" else 0.0
        elif place == 2:
            cadential = stand == APPROACH and function_of(chord, mode) == "T" and chord.quality in ("", "m")
            value += -0.8 if cadential else manner.second + (0.6 if stepwise else 0.0)
        else:
            value += manner.third + (0.8 if step in (10, 11) or (step == 0 and chord.quality == "7") else -1.0)
    elif chord.quality == "dim" and manner.inversions:
        value -= 0.8
    if before is not None and before.bass is not None and step is not None:
        before_below = (before.bass - before.root) % 12
        if before_below in (6, 7, 8) and len(QUALITIES[before.quality]) == 3 and not stepwise and step:
            value -= 1.5  # a six-four moves on by step
        elif before_below in (10, 11) and step not in (10, 11):
            value -= 2.0  # a seventh in the bass falls
    return value
