"""Textures within what players can do: a drummer's two hands and two feet, ranges, hands' spans, a row's rules."""

from __future__ import annotations

from collections.abc import Sequence

from yuefu.engines.texture import DRUM_LANES, DRUM_NAMES, STEP
from yuefu.generation.rules import RowRules

#: Lanes that feet play; hands take two of the others, those first that carry the groove.
FEET = ("kick", "pedal hat")
_HANDS = ("snare", "crash", "low tom", "high tom", "rim", "clap", "ride", "open hat", "closed hat", "percussion")
_PEDAL = DRUM_NAMES.index("pedal hat")
#: What is struck in place of a sound that a kit doesn't have.
_INSTEAD = {
    "rim": ("snare",), "clap": ("snare",), "pedal hat": ("closed hat",), "open hat": ("closed hat", "ride"),
    "closed hat": ("ride", "open hat"), "ride": ("closed hat",), "crash": ("open hat", "ride"),
    "low tom": ("high tom", "snare"), "high tom": ("low tom", "snare"), "percussion": (), "kick": (), "snare": ("rim",),
}  # fmt: skip


def allowed_step(step: int, rules: RowRules) -> bool:
    """Whether something may start at a step."""
    return (step * STEP) % 24 in rules.places and step * STEP <= rules.latest


def struck(lanes: Sequence[int], rules: RowRules) -> list[int]:
    """The General MIDI sounds of lanes struck together: by two hands and two feet, on the kit that is there."""
    names = {DRUM_NAMES[lane] for lane in lanes}
    if {"closed hat", "open hat"} <= names:
        names.remove("closed hat")
    hands = [name for name in _HANDS if name in names][:2]
    feet = [name for name in FEET if name in names and not (name == "pedal hat" and {"open hat", "closed hat"} & names)]
    sounds = [sound for name in (*feet, *hands) if (sound := _sound(name, rules)) is not None]
    return sorted(set(sounds))


def _sound(name: str, rules: RowRules) -> int | None:
    for each in (name, *_INSTEAD[name]):
        for sound in DRUM_LANES[DRUM_NAMES.index(each)][1]:
            if rules.hits is None or sound in rules.hits:
                return sound
    return None


def drums_within(hits: Sequence[tuple[int, Sequence[int]]], rules: RowRules) -> list[tuple[int, list[int]]]:
    """(step, General MIDI sounds) of a bar's (step, lanes)."""
    hits = _one_foot([(step, lanes) for step, lanes in hits if allowed_step(step, rules)])
    found = [(step, struck(lanes, rules)) for step, lanes in hits]
    found = [(step, sounds) for step, sounds in found if sounds]
    if len(found) > rules.max_onsets:
        weak = sorted(found, key=lambda hit: (hit[0] % 4 == 0, hit[0] % 2 == 0, len(hit[1])))
        spare = {step for step, _ in weak[: len(found) - rules.max_onsets]}
        found = [hit for hit in found if hit[0] not in spare]
    return found


def _one_foot(hits: Sequence[tuple[int, Sequence[int]]]) -> list[tuple[int, list[int]]]:
    """Hits whose pedal hat is trodden on every other sixteenth at most."""
    out: list[tuple[int, list[int]]] = []
    trodden = -2
    for step, lanes in hits:
        own = [lane for lane in lanes if lane != _PEDAL or step > trodden + 1]
        if _PEDAL in own:
            trodden = step
        out.append((step, own))
    return out


def folded(pitch: int, rules: RowRules) -> int:
    """A pitch moved by octaves into a row's range; of a range less than an octave, to its nearest end."""
    while pitch < rules.low:
        pitch += 12
    while pitch > rules.high:
        pitch -= 12
    return max(pitch, rules.low)


def notes_within(notes: Sequence[tuple[int, int, int]], rules: RowRules) -> list[tuple[int, int, int]]:
    """(step, pitch, steps long) of a bar within a row's range, places, span and number of notes at once.

    All of it moves by the octaves that bring most notes into the range, then each by itself. Where there are too many
    at once, the outermost stay.
    """
    if not notes:
        return []
    moves = sorted((-24, -12, 0, 12, 24), key=abs)
    move = max(moves, key=lambda by: sum(rules.low <= pitch + by <= rules.high for _, pitch, _ in notes))
    chords: dict[int, dict[int, int]] = {}
    for step, pitch, long in notes:
        if allowed_step(step, rules):
            own = chords.setdefault(step, {})
            place = folded(pitch + move, rules)
            own[place] = max(long, own.get(place, 0))
    steps = sorted(chords)
    if len(steps) > rules.max_onsets:
        weak = sorted(steps, key=lambda step: (step % 4 == 0, step % 2 == 0, len(chords[step])))
        steps = sorted(weak[len(steps) - rules.max_onsets :])
    out: list[tuple[int, int, int]] = []
    for number, step in enumerate(steps):
        pitches = _thinned(sorted(chords[step]), rules)
        for pitch in pitches:
            long = chords[step][pitch]
            again = next((s for s in steps[number + 1 :] if pitch in chords[s]), None)
            if again is not None:
                long = min(long, again - step)
            if rules.polyphony == 1 and number + 1 < len(steps):
                long = min(long, steps[number + 1] - step)
            out.append((step, pitch, max(long, 1, -(-rules.shortest // STEP) if again is None else 1)))
    return out


def _thinned(pitches: list[int], rules: RowRules) -> list[int]:
    """The notes of a chord that fit a hand and a row: the top stays, then the lowest within reach of it."""
    kept = [p for p in pitches if pitches[-1] - p <= max(rules.span, 12)]
    if len(kept) > rules.polyphony:
        kept = kept[-rules.polyphony :] if rules.polyphony == 1 else [kept[0], *kept[len(kept) - rules.polyphony + 1 :]]
    return kept
