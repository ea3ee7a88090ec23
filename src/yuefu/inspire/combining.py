"""Ideas recombined on the grid: the rhythm of one on the chords of another, in the mood of a third.

The rhythm is kept exactly, onset by onset and length by length. Its pitches are chosen anew by the best path through
all that a voice could sing: chord tones where it rests or stands on a beat, steps rather than leaps, along the shape
of the line that is asked for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yuefu.errors import InputError, LimitError
from yuefu.inspire.features import lead_notes
from yuefu.inspire.idea import Idea, Source
from yuefu.inspire.making import MOST_BARS, WORDS, IdeaChord, IdeaNote, fact, make_idea, quarters_of
from yuefu.inspire.numerals import roman_of, symbol_in
from yuefu.theory.chord import Chord
from yuefu.theory.key import MAJOR, NATURAL_MINOR, Key
from yuefu.theory.meter import parse_meter

#: The lowest and highest pitch that is sung easily, and how far a line reaches.
LOW, HIGH, REACH = 55, 81, 16
#: What a pitch costs outside the scale, and a rest or a strong note outside its chord.
_OUTSIDE, _STRONG, _WEAK = 6.0, 5.0, 0.7
#: What keeping to the asked shape is worth, a semitone.
_SHAPE = 0.3
#: What an interval costs by its semitones; larger ones cost as much as an octave and more.
_LEAPS = (0.9, 0.0, 0.0, 0.2, 0.3, 0.5, 2.0, 0.9, 2.2, 2.4, 4.5, 5.5, 2.8)
_LOUD = 84


@dataclass(frozen=True)
class Bed:
    """The chords that new notes lie on. chords: (start, length, chord), over the whole length; key: theirs."""

    chords: tuple[tuple[float, float, Chord], ...]
    key: Key

    def at(self, place: float) -> Chord | None:
        """The chord that sounds at a place."""
        found = None
        for start, _, chord in self.chords:
            if start <= place + 1e-6 or found is None:
                found = chord
        return found


def combined(
    rhythm: Idea | None = None,
    chords: Idea | None = None,
    melody: Idea | None = None,
    groove: Idea | None = None,
    bass: Idea | None = None,
    texture: Idea | None = None,
    mood: tuple[float, float] | None = None,
    seed: int = 0,
) -> Idea:
    """One idea of several: each gives what it is asked for, and all are brought to one length, metre and key.

    The length is that of the rhythm or tune, or else the longest; shorter ones go round. Raises InputError for nothing
    to combine, for words, for what lacks what is asked of it, or for metres that differ.
    """
    parts = {"rhythm": rhythm, "chords": chords, "melody": melody, "groove": groove, "bass": bass, "texture": texture}
    given = {name: idea for name, idea in parts.items() if idea is not None}
    if not given:
        raise InputError("nothing was given to combine: name at least one idea.")
    for name, idea in given.items():
        if idea.kind in WORDS:
            raise InputError(f"a {idea.kind} is words alone and gives no {name}: choose an idea with notes.")
        if name == "chords" and not idea.chords:
            raise InputError("the idea that is to give its chords has none: choose a progression.")
        if name != "chords" and not idea.notes:
            raise InputError(f"the idea that is to give its {name} has no notes: choose another.")
    if groove is not None and not any(row == "drums" for row, *_ in groove.notes):
        raise InputError("the idea that is to give its groove has no drums: choose a groove.")
    lead = rhythm or melody or texture or bass or groove or chords
    assert lead is not None
    meters = {idea.meter for idea in given.values()}
    if len(meters) > 1:
        told = " and ".join(sorted(meters))
        raise InputError(f"ideas in {told} don't fit together: choose some of one metre.")
    bars = rhythm.bars if rhythm else melody.bars if melody else max(idea.bars for idea in given.values())
    if chords is not None and not (rhythm or melody):
        bars = max(bars, chords.bars)
    if chords is not None and bars < chords.bars <= 8 and chords.bars % bars == 0:
        bars = chords.bars  # a short rhythm goes round until the progression is said
    if bars > MOST_BARS:
        raise LimitError(f"the ideas together have {bars} bars: at most {MOST_BARS}.")
    numerator, denominator = parse_meter(lead.meter)
    length = bars * numerator * 4 / denominator
    home = chords or melody or bass or texture or rhythm or lead
    bed = _bed(home if home.chords else next((i for i in given.values() if i.chords), home), length)
    rng = np.random.default_rng([seed, 83])
    notes: list[IdeaNote] = []
    beats = _line_rhythm(rhythm or melody, length)
    if beats:
        shape = _shape_for(beats, melody or rhythm, melody is None, rng, mood)
        pitches = sung(beats, bed, shape, lead.meter, mood, rng)
        loud = _loudness(mood)
        notes += [("melody", start, lasts, pitch, loud) for (start, lasts), pitch in zip(beats, pitches)]
    if bass is not None:
        notes += _bass_notes(bass, bed, length)
    if texture is not None:
        notes += _texture_notes(texture, bed, length)
    if groove is not None:
        notes += [note for note in _round(groove, length) if note[0] == "drums"]
    harmony = tuple(_told(bed, chord) for chord in bed.chords) if chords is not None or bed.chords else ()
    return make_idea(
        "hook" if beats else "groove" if groove and len(given) == 1 else "texture",
        joined_source(list(given.values())), notes=notes, bars=bars, meter=lead.meter,
        tempo=_tempo(lead, given, mood), key=bed.key.name, chords=harmony,
        style=(chords or lead).style, facts={"salience": max(fact(i, "salience") for i in given.values())},
    )  # fmt: skip


def joined_source(ideas: Sequence[Idea]) -> Source:
    """Where a combination comes from: of all that went into it, and free only where all of them are."""
    sources = list(dict.fromkeys(idea.source for idea in ideas))
    if len(sources) == 1:
        return sources[0]
    titles = list(dict.fromkeys(source.title or source.piece for source in sources))
    free: bool | None = True
    if any(source.free is False for source in sources):
        free = False
    elif any(source.free is None for source in sources):
        free = None
    licences = sorted({source.licence for source in sources})
    composers = list(dict.fromkeys(source.composer for source in sources if source.composer))
    pieces = list(dict.fromkeys(source.piece for source in sources))
    return Source(
        pieces[0] if len(pieces) == 1 else "mix:" + "+".join(pieces)[:120], " + ".join(titles)[:200],
        ", ".join(composers)[:200], (0, 0), licences[0] if len(licences) == 1 else " + ".join(licences)[:120], free,
    )  # fmt: skip


def _bed(idea: Idea, length: float) -> Bed:
    """An idea's chords, going round over a length; without any, the tonic of its key."""
    key = Key.parse(idea.key)
    own = quarters_of(idea)
    found: list[tuple[float, float, Chord]] = []
    offset = 0.0
    while idea.chords and offset < length - 1e-6:
        for start, lasts, _, symbol in idea.chords:
            at = offset + start
            if at < length - 1e-6:
                found.append((at, min(lasts, length - at), Chord.parse(symbol)))
        offset += own
    if not found:
        found = [(0.0, length, Chord(key.tonic, "m" if key.mode == "minor" else ""))]
    return Bed(tuple(found), key)


def _told(bed: Bed, chord: tuple[float, float, Chord]) -> IdeaChord:
    start, lasts, own = chord
    return start, lasts, roman_of(own, bed.key), symbol_in(own, bed.key)


def _round(idea: Idea, length: float) -> list[IdeaNote]:
    """An idea's notes, going round over a length."""
    own = quarters_of(idea)
    found: list[IdeaNote] = []
    offset = 0.0
    while offset < length - 1e-6:
        for row, start, lasts, pitch, loud in idea.notes:
            at = offset + start
            if at < length - 1e-6:
                found.append((row, at, min(lasts, length - at), pitch, loud))
        offset += own
    return found


def _line_rhythm(idea: Idea | None, length: float) -> list[tuple[float, float]]:
    """The onsets and lengths of an idea's line, over a length: the drums' where it has nothing else."""
    if idea is None:
        return []
    line = [(start, lasts) for start, lasts, _ in lead_notes(idea)]
    if not line:
        onsets = sorted({start for _, start, *_ in idea.notes})
        ends = [*onsets[1:], quarters_of(idea)]
        line = [(start, max(end - start, 0.125)) for start, end in zip(onsets, ends)]
    own = quarters_of(idea)
    found: list[tuple[float, float]] = []
    offset = 0.0
    while offset < length - 1e-6:
        found += [(offset + start, min(lasts, length - offset - start)) for start, lasts in line
                  if offset + start < length - 1e-6]  # fmt: skip
        offset += own
    return found


def _shape_for(
    beats: Sequence[tuple[float, float]], idea: Idea | None, own_rhythm: bool, rng: np.random.Generator,
    mood: tuple[float, float] | None,
) -> NDArray[np.float64]:  # fmt: skip
    """The heights that a line should follow, in semitones around its middle: those of a tune, or an arch."""
    starts = np.array([start for start, _ in beats])
    line = lead_notes(idea) if idea is not None else []
    pitches = np.array([pitch for *_, pitch in line], dtype=np.float64)
    if len(set(pitches.tolist())) > 1 and idea is not None:
        places = np.array([start for start, *_ in line])
        own = quarters_of(idea)
        heights = pitches - pitches.mean()
        scale = min(1.0, (REACH - 2) / max(np.ptp(heights), 1.0))
        if own_rhythm:
            return np.interp(starts % own, places, heights) * scale
        return np.interp(starts / max(starts.max(), 1e-6), places / max(places.max(), 1e-6), heights) * scale
    share = (starts - starts[0]) / max(float(np.ptp(starts)), 1e-6)
    peak = float(rng.uniform(0.45, 0.75))
    size = 4.0 + 3.0 * (0.0 if mood is None else max(mood[1], 0.0))
    arch = np.where(share < peak, share / peak, (1 - share) / (1 - peak))
    waves = 1.6 * np.sin(2 * np.pi * (share * float(rng.choice([2, 3, 4])) + rng.random()))
    return size * (arch - 0.5) + waves


def sung(
    beats: Sequence[tuple[float, float]], bed: Bed, shape: NDArray[np.float64], meter: str,
    mood: tuple[float, float] | None, rng: np.random.Generator,
) -> list[int]:  # fmt: skip
    """The pitches of a line on a rhythm, by the best path.

    Chord tones on beats, on long notes and before rests; in between, notes of the scale that are come to and left by
    step; leaps turned back; all within a reach that a voice has.
    """
    centre = 67.0 + (0.0 if mood is None else 3.0 * mood[1] + 1.5 * mood[0])
    middle = float(np.clip(centre, LOW + REACH / 2, HIGH - REACH / 2))
    pitches = np.arange(int(middle - REACH / 2), int(middle + REACH / 2) + 1)
    count, size = len(beats), len(pitches)
    scale = MAJOR if bed.key.mode == "major" else NATURAL_MINOR
    in_scale = np.array([(pitch - bed.key.tonic) % 12 in scale for pitch in pitches])
    local = np.zeros((count, size))
    strong = [_is_strong(beats, index, meter) for index in range(count)]
    chord_tone = np.zeros((count, size), dtype=bool)
    for index, (start, _) in enumerate(beats):
        chord = bed.at(start)
        tones = chord.pitch_classes if chord is not None else ()
        chord_tone[index] = np.isin(pitches % 12, tones)
        root = np.isin(pitches % 12, tones[:1])
        local[index] += np.where(in_scale | chord_tone[index], 0.0, _OUTSIDE)
        # A scale tone that the chord contradicts (F against F sharp) is no passing note either.
        clash = np.isin((pitches - 1) % 12, tones) & np.isin((pitches + 1) % 12, tones)
        local[index] += np.where(chord_tone[index], 0.0, (_STRONG if strong[index] else _WEAK) + 1.0 * clash)
        local[index] += 0.12 * root
        local[index] += _SHAPE * np.abs(pitches - (middle + shape[index]))
    last = bed.at(beats[-1][0])
    if last is not None:
        local[-1] += np.where(np.isin(pitches % 12, last.pitch_classes[:3]), 0.0, 4.0)
    local += 0.25 * rng.random(local.shape)
    return [int(pitches[i]) for i in _best_path(local, pitches, chord_tone)]


def _is_strong(beats: Sequence[tuple[float, float]], index: int, meter: str) -> bool:
    """Whether a note must lie in its chord: it stands on a beat of some weight, is long, or nothing follows soon."""
    numerator, denominator = parse_meter(meter)
    start, lasts = beats[index]
    bar = numerator * 4 / denominator
    place = start % bar
    compound = denominator == 8 and numerator % 3 == 0
    unit = 1.5 if compound else 1.0 if bar < 3.5 or numerator % 2 else 2.0
    on_beat = min(place % unit, unit - place % unit) < 0.05
    gap = beats[index + 1][0] - start if index + 1 < len(beats) else math.inf
    return on_beat or lasts >= 1.0 or gap >= 1.5


def _best_path(
    local: NDArray[np.float64], pitches: NDArray[np.int64], chord_tone: NDArray[np.bool_]
) -> list[int]:  # fmt: skip
    """The cheapest way through the pitches; a state is a pitch and the one before it, so that leaps can turn back."""
    count, size = local.shape
    moves = pitches[None, :] - pitches[:, None]  # [before, after]
    width = np.minimum(np.abs(moves), len(_LEAPS) - 1)
    jump = np.array(_LEAPS)[width] + np.maximum(np.abs(moves) - 12, 0)
    if count == 1:
        return [int(local[0].argmin())]
    best = local[0][:, None] + jump + local[1][None, :] + _approach(moves, chord_tone[0], chord_tone[1])
    back = np.zeros((count, size, size), dtype=np.int64)
    # After a leap of a fourth or more, a step the other way is best; two leaps in one direction are worst.
    turn = np.zeros((size, size, size))
    big = np.abs(moves) >= 5
    direction = np.sign(moves)
    turn += 1.5 * (big[:, :, None] & (direction[:, :, None] == direction[None, :, :]) & (moves != 0)[None, :, :])
    turn += 2.0 * (big[:, :, None] & big[None, :, :])
    still = moves == 0
    turn += 1.2 * (still[:, :, None] & still[None, :, :])
    for index in range(2, count):
        step = jump + local[index][None, :] + _approach(moves, chord_tone[index - 1], chord_tone[index])
        total = best[:, :, None] + turn + step[None, :, :]
        back[index] = total.argmin(axis=0)
        best = total.min(axis=0)
    one, two = np.unravel_index(int(best.argmin()), best.shape)
    path = [int(two), int(one)]
    for index in range(count - 1, 1, -1):
        path.append(int(back[index, path[-1], path[-2]]))
    return path[::-1]


def _approach(moves: NDArray[np.int64], before: NDArray[np.bool_], after: NDArray[np.bool_]) -> NDArray[np.float64]:
    """What it costs to come to a note outside the chord, or leave one, otherwise than by step."""
    leap = np.abs(moves) > 2
    return 2.5 * (leap & ~after[None, :]) + 2.5 * (leap & ~before[:, None])


def _bass_notes(idea: Idea, bed: Bed, length: float) -> list[IdeaNote]:
    """A bass line's places in its own chords, taken in others: root for root, fifth for fifth."""
    own = _bed(idea, length)
    rows = {row for row, *_ in idea.notes}
    row = "bass" if "bass" in rows else next(iter(sorted(rows - {"drums"})), "")
    found: list[IdeaNote] = []
    for name, start, lasts, pitch, loud in _round(idea, length):
        if name != row:
            continue
        old, new = own.at(start), bed.at(start)
        assert old is not None
        assert new is not None
        above = (pitch - old.root) % 12
        target = (new.root + _answering(above, old, new, bed.key)) % 12
        moved = pitch + (target - pitch + 6) % 12 - 6
        found.append(("bass", start, lasts, min(max(moved, 28), 60), loud))
    return found


def _answering(above: int, old: Chord, new: Chord, key: Key) -> int:
    """The place above a chord's root that answers one above another's."""
    old_steps = [(tone - old.root) % 12 for tone in old.pitch_classes]
    new_steps = [(tone - new.root) % 12 for tone in new.pitch_classes]
    if above in old_steps:
        return new_steps[min(old_steps.index(above), len(new_steps) - 1)]
    options = [step for step in (above, above - 1, above + 1) if (new.root + step) % 12 in key.scale]
    return (options or [above])[0] % 12


def _texture_notes(idea: Idea, bed: Bed, length: float) -> list[IdeaNote]:
    """An accompaniment's figure on other chords: every voice goes to the nearest tone of the new chord.

    Voices struck together stay apart where the chord has tones enough.
    """
    own = _bed(idea, length)
    found: list[IdeaNote] = []
    struck: dict[tuple[str, float], list[IdeaNote]] = {}
    for note in _round(idea, length):
        if note[0] not in ("drums", "melody", "bass"):
            struck.setdefault((note[0], note[1]), []).append(note)
    for (row, start), notes in struck.items():
        old, new = own.at(start), bed.at(start)
        assert old is not None
        assert new is not None
        taken: set[int] = set()
        for _, _, lasts, pitch, loud in sorted(notes, key=lambda note: note[3]):
            above = (pitch - old.root) % 12
            wanted = (new.root + _answering(above, old, new, bed.key)) % 12
            moved = pitch + (wanted - pitch + 6) % 12 - 6
            if moved in taken:
                free = [p for p in range(pitch - 7, pitch + 8) if p % 12 in new.pitch_classes and p not in taken]
                moved = min(free, key=lambda p: abs(p - pitch)) if free else moved
            taken.add(moved)
            found.append((row, start, lasts, min(max(moved, 36), 96), loud))
    return found


def _tempo(lead: Idea, given: dict[str, Idea], mood: tuple[float, float] | None) -> float:
    """The tempo: of whatever leads; a mood draws it towards its own."""
    tempo = given.get("groove", lead).tempo
    if mood is None:
        return tempo
    asked = 96.0 * 2 ** (0.75 * mood[1] + 0.1 * mood[0])
    return round(float(np.sqrt(tempo * asked)), 1)


def _loudness(mood: tuple[float, float] | None) -> int:
    return _LOUD if mood is None else int(np.clip(_LOUD + 20 * mood[1], 45, 115))
