"""Ideas made and told: their ids, their facts, and their form as plain data."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from yuefu.errors import FormatError, LimitError, YuefuError
from yuefu.inspire.idea import KINDS, Idea, Source
from yuefu.score.model import NOTE_ROWS
from yuefu.theory.chord import Chord
from yuefu.theory.key import Key
from yuefu.theory.meter import parse_meter
from yuefu.tokens.facts import mood

#: The most that an idea from outside may hold.
MOST_NOTES, MOST_CHORDS, MOST_BARS, MOST_TEXT, MOST_FACTS = 1200, 256, 32, 600, 64
IdeaNote = tuple[str, float, float, int, int]
IdeaChord = tuple[float, float, str, str]
#: Kinds of words alone.
WORDS = ("lyric", "title")
_PLACES = 4


def make_idea(
    kind: str,
    source: Source,
    *,
    notes: Iterable[IdeaNote] = (),
    bars: int = 0,
    meter: str = "4/4",
    tempo: float = 120.0,
    key: str = "C major",
    chords: Iterable[IdeaChord] = (),
    text: str = "",
    style: str = "",
    facts: Mapping[str, float] | None = None,
) -> Idea:
    """An idea with its id and the facts that its notes tell, beside those given.

    >>> idea = make_idea("motif", Source("made:1"), notes=[("melody", 0, 1, 60, 80), ("melody", 1, 1, 64, 80)], bars=1)
    >>> len(idea.id), dict(idea.facts)["notes"], dict(idea.facts)["range"]
    (16, 2.0, 4.0)
    """
    rounded = sorted(
        ((row, _short(start), _short(length), int(pitch), int(loud)) for row, start, length, pitch, loud in notes),
        key=lambda note: (note[1], NOTE_ROWS.index(note[0]), note[3], note[2]),
    )
    told = tuple((_short(start), _short(length), roman, symbol) for start, length, roman, symbol in chords)
    idea = Idea("", kind, source, tuple(rounded), bars, meter, round(float(tempo), 2), key, told, text, style)
    values = {**measured(idea), **(facts or {})}
    clean = tuple(sorted((name, round(float(v), 4)) for name, v in values.items() if math.isfinite(v)))
    return replace(idea, id=_identity(idea), facts=clean)


def _short(value: float) -> float:
    return round(float(value), _PLACES)


def _identity(idea: Idea) -> str:
    """16 hex digits of what an idea holds and where it came from."""
    held = [idea.kind, idea.notes, idea.bars, idea.meter, idea.key, idea.chords, idea.text, idea.source.piece,
            idea.source.bars]  # fmt: skip
    return hashlib.sha256(json.dumps(held, ensure_ascii=False).encode()).hexdigest()[:16]


def fact(idea: Idea, name: str, otherwise: float = 0.0) -> float:
    """A fact of an idea by name."""
    return next((value for told, value in idea.facts if told == name), otherwise)


def with_facts(idea: Idea, **facts: float) -> Idea:
    """The idea with some facts told anew; it stays the same idea."""
    values = {**dict(idea.facts), **facts}
    return replace(idea, facts=tuple(sorted((name, round(float(v), 4)) for name, v in values.items())))


def with_source(idea: Idea, source: Source) -> Idea:
    """The idea as it stands in another source, in the same bars."""
    moved = replace(idea, source=replace(source, bars=idea.source.bars))
    return replace(moved, id=_identity(moved))


def quarters_of(idea: Idea) -> float:
    """How long an idea is, in quarters."""
    numerator, denominator = parse_meter(idea.meter)
    return idea.bars * numerator * 4 / denominator


def measured(idea: Idea) -> dict[str, float]:
    """Numbers of an idea's notes: how many, how dense, their range, how syncopated, and the mood that they suggest."""
    found: dict[str, float] = {}
    pitched = [note for note in idea.notes if note[0] != "drums"]
    length = max(quarters_of(idea), 1e-6)
    onsets = sorted({round(note[1], 3) for note in idea.notes})
    if idea.notes:
        found["notes"] = len(idea.notes)
        found["density"] = len(onsets) / length
        found["syncopation"] = sum(_off_beat(onset) for onset in onsets) / len(onsets)
    if pitched:
        pitches = [note[3] for note in pitched]
        found["range"] = max(pitches) - min(pitches)
        found["height"] = sum(pitches) / len(pitches)
    if idea.kind not in WORDS:
        mode = "minor" if idea.key.endswith("minor") else "major"
        rate = (len(onsets) / length if onsets else 2.0) * idea.tempo / 60
        valence, arousal = mood(mode, idea.tempo, rate * 1.6, found.get("height", 66.0))
        found["valence"] = max(-1.0, min(1.0, valence + _brightness(idea)))
        found["arousal"] = max(-1.0, min(1.0, arousal))
    return found


def _off_beat(onset: float) -> float:
    """1 for an onset between quavers, half for one between beats."""
    part = round(onset % 1.0, 3)
    return 0.0 if part < 0.01 or part > 0.99 else 0.5 if abs(part - 0.5) < 0.01 else 1.0


def _brightness(idea: Idea) -> float:
    """What the chords add to the valence that mode, tempo and register tell: minor and diminished ones take away."""
    total = bright = 0.0
    for _, length, _, symbol in idea.chords:
        try:
            quality = Chord.parse(symbol).quality
        except YuefuError:
            continue
        total += length
        bright += length * (-1.4 if "dim" in quality or quality == "m7b5" else -1.0 if quality[:1] == "m" and
                            quality[:3] != "maj" else 1.0)  # fmt: skip
    return 0.2 * bright / total if total else 0.0


def idea_to_dict(idea: Idea) -> dict[str, Any]:
    """An idea as plain data, ready for JSON."""
    data = asdict(idea)
    data["notes"] = [list(note) for note in idea.notes]
    data["chords"] = [list(chord) for chord in idea.chords]
    data["facts"] = dict(idea.facts)
    data["source"]["bars"] = list(idea.source.bars)
    return data


def idea_from_dict(data: Any) -> Idea:
    """What ``idea_to_dict`` wrote, as it comes back from anywhere.

    Raises FormatError for what is no idea, LimitError for one that is too large.
    """
    if not isinstance(data, dict) or not isinstance(data.get("source"), dict):
        raise FormatError("this isn't an idea: give the object that a card holds under 'idea'.")
    try:
        return _read(data)
    except YuefuError:
        raise
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
        raise FormatError(f"this idea can't be read: {type(error).__name__}: {error!s:.100}.") from error


def _read(data: dict[str, Any]) -> Idea:
    kind = str(data["kind"])
    if kind not in KINDS:
        raise FormatError(f"'{kind[:40]}' isn't a kind of idea: {', '.join(KINDS)}.")
    notes, chords, bars = list(data.get("notes", ())), list(data.get("chords", ())), int(data.get("bars", 0))
    text, facts = str(data.get("text", "")), dict(data.get("facts", {}))
    for what, held, most in (("notes", len(notes), MOST_NOTES), ("chords", len(chords), MOST_CHORDS),
                             ("bars", bars, MOST_BARS), ("characters", len(text), MOST_TEXT),
                             ("facts", len(facts), MOST_FACTS)):  # fmt: skip
        if held > most:
            raise LimitError(f"an idea of {held} {what} is too large: the most is {most}.")
    meter = str(data.get("meter", "4/4"))
    numerator, denominator = parse_meter(meter)
    key = Key.parse(str(data.get("key", "C major"))).name
    tempo = float(data.get("tempo", 120.0))
    if not 10 <= tempo <= 400 or bars < 0:
        raise FormatError(f"an idea at tempo {tempo:g} in {bars} bars can't be: 10 to 400, and no fewer than 0.")
    length = bars * numerator * 4 / denominator
    source = data["source"]
    first, last = (int(each) for each in source.get("bars", (0, 0)))
    free = source.get("free")
    if free is not None and not isinstance(free, bool):
        raise FormatError("an idea's source is free, not free or unknown: true, false or null.")
    piece, title, composer = (str(source.get(name, ""))[:300] for name in ("piece", "title", "composer"))
    origin = Source(piece, title, composer, (first, last), str(source.get("licence", "unknown"))[:300], free)
    return make_idea(
        kind, origin, notes=[_note(note, length) for note in notes], bars=bars, meter=meter, tempo=tempo, key=key,
        chords=[_chord(chord, length) for chord in chords], text=text, style=str(data.get("style", ""))[:60],
        facts={str(name)[:40]: float(value) for name, value in facts.items()},
    )  # fmt: skip


def _note(note: Any, length: float) -> IdeaNote:
    row, start, lasts, pitch, loud = note
    start, lasts, pitch, loud = float(start), float(lasts), int(pitch), int(loud)
    if row not in NOTE_ROWS:
        raise FormatError(f"'{str(row)[:40]}' isn't a row of notes: {', '.join(NOTE_ROWS)}.")
    if not (0 <= start < length and 0 < lasts <= 64 and 0 <= pitch <= 127 and 1 <= loud <= 127):
        raise FormatError(
            f"a note of the idea lies outside its bars or its pitch can't be: {[row, start, lasts, pitch]}."
        )
    return str(row), start, lasts, pitch, loud


def _chord(chord: Any, length: float) -> IdeaChord:
    start, lasts, roman, symbol = chord
    start, lasts = float(start), float(lasts)
    if not (0 <= start < length and 0 < lasts <= 128):
        raise FormatError(f"a chord of the idea lies outside its bars: {[start, lasts, str(symbol)[:20]]}.")
    Chord.parse(str(symbol))
    return start, lasts, str(roman)[:20], str(symbol)[:20]
