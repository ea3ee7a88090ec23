"""Ideas turned: upside down, backwards, slower, faster, moved along the scale or into another key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from yuefu.errors import InputError, LimitError, UnknownNameError
from yuefu.inspire.idea import Idea
from yuefu.inspire.making import MOST_BARS, WORDS, IdeaChord, IdeaNote, make_idea, quarters_of
from yuefu.inspire.numerals import roman_of, symbol_in
from yuefu.theory.chord import QUALITIES, Chord
from yuefu.theory.key import MAJOR, NATURAL_MINOR, Key
from yuefu.theory.meter import parse_meter

#: Ways that ask for nothing but the idea itself.
PLAIN = ("invert", "retrograde", "augment", "diminish", "sequence")
#: How far a sequence moves by default, and how often it is said in all.
STEPS, TIMES = -1, 3
_LOWEST, _HIGHEST = 24, 103


def turned(idea: Idea, how: str, key: str | None = None, seed: int = 0) -> Idea:
    """An idea turned in one of ``PLAIN``'s ways, or moved to a key with ``transpose``.

    A tune keeps to its key: inversions and sequences go by steps of the scale, and chords go along. The source stays
    the one of the idea: what is turned is still somebody's. Raises InputError where it makes no sense.
    """
    if idea.kind in WORDS:
        raise InputError(f"a {idea.kind} is words alone and can't be turned: choose another kind of idea.")
    ways: dict[str, Callable[[], Idea]] = {
        "invert": lambda: _inverted(idea),
        "retrograde": lambda: _backwards(idea),
        "augment": lambda: _stretched(idea, 2.0),
        "diminish": lambda: _stretched(idea, 0.5),
        "sequence": lambda: _sequence(idea, STEPS if seed % 2 == 0 else -STEPS),
        "transpose": lambda: transposed(idea, key or "C major"),
    }
    if how not in ways:
        raise UnknownNameError("way to turn an idea", how, ways)
    return ways[how]()


def _remade(idea: Idea, **changes: object) -> Idea:
    """The idea with some of it changed, measured anew."""
    new = replace(idea, **changes)  # type: ignore[arg-type]
    kept = {name: value for name, value in idea.facts if name in ("heard", "salience", "pieces")}
    return make_idea(
        new.kind, new.source, notes=new.notes, bars=new.bars, meter=new.meter, tempo=new.tempo, key=new.key,
        chords=new.chords, text=new.text, style=new.style, facts=kept,
    )  # fmt: skip


def transposed(idea: Idea, key: str) -> Idea:
    """The idea in another key, the nearest way; a minor one goes to the relative of a major key, and the other way."""
    home, target = Key.parse(idea.key), Key.parse(key)
    by = (target.shift - home.shift + 5) % 12 - 5
    new = Key(target.fifths, home.mode)
    notes = tuple(note if note[0] == "drums" else (*note[:3], _folded(note[3] + by), note[4]) for note in idea.notes)
    chords = tuple(
        (start, length, roman, symbol_in(Chord.parse(symbol).transpose(by), new))
        for start, length, roman, symbol in idea.chords
    )
    return _remade(idea, notes=notes, chords=chords, key=new.name)


def _folded(pitch: int) -> int:
    """A pitch brought into reach by octaves."""
    while pitch > _HIGHEST:
        pitch -= 12
    while pitch < _LOWEST:
        pitch += 12
    return pitch


def ladder(key: Key) -> list[int]:
    """All pitches of a key's scale."""
    scale = MAJOR if key.mode == "major" else NATURAL_MINOR
    return [pitch for pitch in range(128) if (pitch - key.tonic) % 12 in scale]


def moved_in_key(pitch: int, steps: int, key: Key) -> int:
    """A pitch moved by steps of a key's scale; one between two steps keeps its distance from the lower.

    >>> moved_in_key(60, 1, Key()), moved_in_key(61, 1, Key())
    (62, 63)
    """
    rungs = ladder(key)
    place = max(i for i, rung in enumerate(rungs) if rung <= pitch)
    extra = pitch - rungs[place]
    return rungs[min(max(place + steps, 0), len(rungs) - 1)] + extra


def _inverted(idea: Idea) -> Idea:
    """Upside down: a line around its first note, along the scale; chords around the key's own axis."""
    if idea.kind == "groove":
        raise InputError("a groove has no ups and downs: turn it backwards, slower or faster.")
    if idea.kind == "rhythm":
        raise InputError("a rhythm has no ups and downs: turn it backwards, slower or faster.")
    if idea.kind == "progression":
        return _mirrored(idea)
    key = Key.parse(idea.key)
    rungs = ladder(key)
    places = {rung: place for place, rung in enumerate(rungs)}

    def step(pitch: int) -> tuple[int, int]:
        rung = max(r for r in rungs if r <= pitch)
        return places[rung], pitch - rung

    notes: list[IdeaNote] = []
    for row in {note[0] for note in idea.notes}:
        own = [note for note in idea.notes if note[0] == row]
        if row == "drums":
            notes += own
            continue
        axis, _ = step(own[0][3])
        turned_ = []
        for name, start, length, pitch, loud in own:
            place, extra = step(pitch)
            rung = rungs[min(max(2 * axis - place, 0), len(rungs) - 1)]
            turned_.append((name, start, length, _folded(rung - extra), loud))
        # A line that comes to lie elsewhere is brought back by octaves.
        before = sum(note[3] for note in own) / len(own)
        after = sum(note[3] for note in turned_) / len(turned_)
        by = 12 * round((before - after) / 12)
        notes += [(name, start, length, _folded(pitch + by), loud) for name, start, length, pitch, loud in turned_]
    # The chords were those of the line as it was; over another line they would be a claim.
    return _remade(idea, notes=tuple(notes), chords=())


def _mirrored(idea: Idea) -> Idea:
    """A progression mirrored between tonic and fifth (negative harmony): V becomes iv, major becomes minor."""
    key = Key.parse(idea.key)
    chords: list[IdeaChord] = []
    for start, length, _, symbol in idea.chords:
        chord = Chord.parse(symbol)
        tones = sorted({(2 * key.tonic + 7 - tone) % 12 for tone in chord.pitch_classes})
        mirrored = _named(tones)
        chords.append((start, length, roman_of(mirrored, key), symbol_in(mirrored, key)))
    return _remade(idea, chords=tuple(chords), notes=())


def _named(tones: list[int]) -> Chord:
    """The chord that some pitch classes make, the simplest one."""
    best: tuple[float, Chord] | None = None
    for root in range(12):
        for number, (quality, steps) in enumerate(QUALITIES.items()):
            own = {(root + step) % 12 for step in steps}
            cost = 2.0 * len(own ^ set(tones)) + 0.01 * number + (0.0 if root in tones else 1.0)
            if best is None or cost < best[0]:
                best = (cost, Chord(root, quality))
    assert best is not None
    return best[1]


def _backwards(idea: Idea) -> Idea:
    """From its end to its beginning; each note sounds as long as it did."""
    length = quarters_of(idea)
    notes = []
    for row, start, lasts, pitch, loud in idea.notes:
        # Drums are struck where they are struck; what sounds on is turned with its length.
        begin = length - start - lasts if row != "drums" else (length - start) % length
        notes.append((row, max(begin, 0.0), lasts, pitch, loud))
    chords = [(max(length - start - lasts, 0.0), lasts, roman, symbol) for start, lasts, roman, symbol in idea.chords]
    return _remade(idea, notes=tuple(notes), chords=tuple(sorted(chords)))


def _stretched(idea: Idea, by: float) -> Idea:
    """Twice as slow or fast in the same tempo. Raises LimitError where it would get too long or too short."""
    numerator, denominator = parse_meter(idea.meter)
    bar = numerator * 4 / denominator
    bars = max(1, -(-round(idea.bars * bar * by * 1000) // round(bar * 1000)))
    if bars > MOST_BARS:
        raise LimitError(f"the idea would have {bars} bars: at most {MOST_BARS}.")
    if by < 1 and idea.notes and min(length for _, _, length, _, _ in idea.notes) * by < 1 / 16:
        raise LimitError("the idea has notes that are too short to be twice as fast.")
    notes = tuple((row, start * by, length * by if row != "drums" else length, pitch, loud)
                  for row, start, length, pitch, loud in idea.notes)  # fmt: skip
    chords = tuple((start * by, length * by, roman, symbol) for start, length, roman, symbol in idea.chords)
    return _remade(idea, notes=notes, chords=chords, bars=bars)


def _sequence(idea: Idea, steps: int) -> Idea:
    """Said three times, each a step of the scale lower (or higher) than the last; chords move along with it."""
    if idea.bars * TIMES > MOST_BARS:
        raise LimitError(f"a sequence of {idea.bars * TIMES} bars is too long: at most {MOST_BARS}.")
    if idea.kind in ("groove", "rhythm"):
        raise InputError(f"a {idea.kind} has no scale to move along: turn it backwards, slower or faster.")
    key = Key.parse(idea.key)
    length = quarters_of(idea)
    notes: list[IdeaNote] = []
    chords: list[IdeaChord] = []
    for time in range(TIMES):
        for row, start, lasts, pitch, loud in idea.notes:
            moved = pitch if row == "drums" else _folded(moved_in_key(pitch, steps * time, key))
            notes.append((row, start + time * length, lasts, moved, loud))
        for start, lasts, _, symbol in idea.chords:
            chord = chord_in_key(Chord.parse(symbol), steps * time, key)
            chords.append((start + time * length, lasts, roman_of(chord, key), symbol_in(chord, key)))
    return _remade(idea, notes=tuple(notes), chords=tuple(chords), bars=idea.bars * TIMES)


def chord_in_key(chord: Chord, steps: int, key: Key) -> Chord:
    """A chord moved by steps of the scale: the triad, or seventh, of the key that stands there.

    >>> chord_in_key(Chord.parse("C"), 1, Key()).symbol(), chord_in_key(Chord.parse("Dm7"), -1, Key()).symbol()
    ('Dm', 'Cmaj7')
    """
    if steps == 0:
        return chord
    scale = key.scale
    if chord.root not in scale:
        return Chord((moved_in_key(60 + chord.root, steps, key)) % 12, chord.quality)
    degree = (scale.index(chord.root) + steps) % 7
    size = 4 if len(QUALITIES[chord.quality]) > 3 else 3
    tones = [scale[(degree + 2 * place) % 7] for place in range(size)]
    shape = tuple((tone - tones[0]) % 12 for tone in tones)
    quality = next((name for name, steps_ in QUALITIES.items() if steps_ == shape), chord.quality)
    return Chord(tones[0], quality)
