"""When in Rome: Roman-numeral analyses in RomanText, as chord charts with keys, metre and form.

Lines start with a bar number; ``b2.5`` is a beat in it; ``G:`` and ``g:`` are keys; a range of bars
can be said to repeat another. First endings and the main reading are kept, variants are not.
Bach's chorales are left out: they are another set's benchmark.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from yuefu.corpus.reader_types import Item
from yuefu.corpus.roman import roman_chord
from yuefu.errors import FormatError, InputError
from yuefu.score.model import ChordSpan, KeyChange, MeterChange, Score, Section, TempoChange
from yuefu.theory.chord import Chord
from yuefu.theory.key import Key

#: A part of the path -> style label, the first that fits.
STYLES = (
    ("Monteverdi", "renaissance"), ("Purcell", "baroque"), ("Bach", "baroque"), ("Lieder", "art_song"),
    ("Chopin", "romantic"), ("Haydn", "classical"), ("Mozart", "classical"), ("Beethoven", "classical"),
)  # fmt: skip
#: A change of key shorter than this many bars is a passing one: the chords tell it, the key map doesn't.
_KEY_BARS = 8
_BAR = re.compile(r"^m(\d+)([a-z]?)(var\w*)?:?(?:-(\d+))?(?:\s*=\s*m(\d+)(?:-(?:m)?(\d+))?)?\s*(.*)$")
_KEY = re.compile(r"^([A-Ga-g])([b#-]*):$")
_BEAT = re.compile(r"^b(\d+(?:\.\d+)?)")


@dataclass
class _Analysis:
    """What has been read: metres, form labels by bar, and each bar's (beat, key or None, chord or None)."""

    composer: str = ""
    title: str = ""
    meters: dict[int, tuple[int, int]] = field(default_factory=dict)
    forms: dict[int, str] = field(default_factory=dict)
    bars: dict[int, list[tuple[Fraction, Key, Chord]]] = field(default_factory=dict)
    key: Key = field(default_factory=Key)


def read(folder: Path) -> Iterator[Item]:
    """One item an analysis."""
    for path in sorted(folder.rglob("*.txt")):
        name = path.relative_to(folder).as_posix()
        if "analysis" not in path.stem or "Chorales" in path.parts:
            continue
        style = next((label for word, label in STYLES if word in name), "classical")
        yield Item(
            work="/".join(path.parent.parts[-3:]),
            load=read_analysis,
            args=(str(path),),
            source=name,
            style=style,
            arranged=True,
        )


def read_analysis(path: str | Path) -> Score:
    """An analysis file as a Score of chords, keys, metre and sections."""
    path = Path(path)
    try:
        return analysis(path.read_text(encoding="utf-8", errors="replace"))
    except OSError as error:
        raise FormatError(f"{path.name} can't be read: {error.strerror}.") from error


def analysis(text: str) -> Score:
    """RomanText as a Score. Raises FormatError when it holds no bars or no chords.

    >>> score = analysis("Time Signature: 3/4\\nm1 C: I b3 V7\\nm2 I")
    >>> [(span.start, span.duration, span.chord.symbol()) for span in score.chords]
    [(0, 48, 'C'), (48, 24, 'G7'), (72, 72, 'C')]
    """
    state = _Analysis()
    metre = (4, 4)
    form = ""
    for line in text.splitlines():
        line = line.strip()
        if match := _BAR.match(line):
            number = int(match[1])
            if number > 5000:
                raise FormatError(f"bar number {number} is beyond the 5000 that an analysis may have.")
            if match[3] or match[2] not in ("", "a"):
                continue
            state.meters.setdefault(number, metre)
            if form:
                state.forms[number] = form
                form = ""
            if match[5]:
                _repeat(state, number, int(match[4] or number), int(match[5]))
                continue
            _bar(state, number, match[7].split())
            continue
        name, _, value = line.partition(":")
        name, value = name.strip().lower(), value.strip()
        if name.startswith("time signature"):
            metre = _metre(value, metre)
        elif name == "form":
            form = value
        elif name == "composer":
            state.composer = value
        elif name in ("title", "piece", "madrigal", "movement"):
            state.title = f"{state.title}, {value}".strip(", ")
    if not any(state.bars.values()):
        raise FormatError("the analysis holds no chords.")
    return _score(state)


def _metre(text: str, before: tuple[int, int]) -> tuple[int, int]:
    if match := re.search(r"(\d+)/(\d+)", text):
        numerator, denominator = int(match[1]), int(match[2])
        if 1 <= numerator <= 32 and denominator in (1, 2, 4, 8, 16):
            return numerator, denominator
        return before
    return {"c": (4, 4), "cut": (2, 2)}.get(text.lower().split(" ")[0] if text else "", before)


def _repeat(state: _Analysis, first: int, last: int, source: int) -> None:
    """Bars first to last are like those from source on."""
    for offset in range(min(last - first, 2000) + 1):
        if source + offset in state.bars and first + offset not in state.bars:
            state.bars[first + offset] = list(state.bars[source + offset])
            state.meters.setdefault(first + offset, state.meters.get(source + offset, (4, 4)))
    copied = state.bars.get(last)
    if copied:
        state.key = copied[-1][1]


def _bar(state: _Analysis, number: int, tokens: list[str]) -> None:
    events = state.bars.setdefault(number, [])
    beat = Fraction(1)
    for token in tokens:
        if match := _BEAT.match(token):
            beat = Fraction(match[1]).limit_denominator(12)
        elif match := _KEY.match(token):
            letter, signs = match[1], match[2].replace("-", "b")
            mode = "major" if letter.isupper() else "minor"
            try:
                state.key = Key.parse(f"{letter.upper()}{signs} {mode}")
            except InputError:  # keys such as A# major are written with their simpler name
                step = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}[letter.upper()]
                state.key = Key.of_tonic((step + signs.count("#") - signs.count("b")) % 12, mode)
        elif "|" not in token:
            try:
                events.append((beat, state.key, roman_chord(token, state.key)))
            except InputError:
                continue  # remarks and rare spellings: the chord before goes on


def _score(state: _Analysis) -> Score:
    first, last = min(state.bars), max(state.bars)
    meters: list[MeterChange] = []
    starts: dict[int, int] = {}
    tick, metre, pickup = 0, state.meters.get(first, (4, 4)), 0
    changes: list[tuple[int, Key, Chord]] = []
    for number in range(first, last + 1):
        metre = state.meters.get(number, metre)
        meter = MeterChange(tick, *metre)
        length = meter.bar_ticks
        events = state.bars.get(number, [])
        cut = 0
        if number == first == 0 and events and (opening := _place(events[0][0], metre)) > 0:
            # Bar 0 is a pick-up: it begins where its first chord does.
            cut = min(opening, length - 6)
            pickup = length - cut
            length = pickup
        if not meters or (meters[-1].numerator, meters[-1].denominator) != metre:
            meters.append(meter)
        starts[number] = tick
        for beat, key, chord in events:
            place = min(max(0, _place(beat, metre) - cut), length - 3)
            changes.append((tick + place, key, chord))
        tick += length
    changes.sort(key=lambda change: change[0])
    spans: list[ChordSpan] = []
    for index, (start, _, chord) in enumerate(changes):
        stop = changes[index + 1][0] if index + 1 < len(changes) else tick
        if stop <= start:
            continue
        if spans and spans[-1].chord == chord and spans[-1].start + spans[-1].duration == start:
            spans[-1] = ChordSpan(spans[-1].start, stop - spans[-1].start, chord)
        else:
            spans.append(ChordSpan(start, stop - start, chord))
    return Score(
        title=state.title,
        composer=state.composer,
        chords=tuple(spans),
        sections=tuple(_sections(state, starts, tick)),
        tempos=(TempoChange(0, 100.0),),
        keys=tuple(_keys(changes, sorted(starts.values()), tick, meters[0].bar_ticks)),
        meters=tuple(meters),
        pickup=pickup,
        length=tick,
    )


def _place(beat: Fraction, metre: tuple[int, int]) -> int:
    """Ticks from the bar's start of a beat counted from 1; beats of 6/8 and its like are dotted."""
    numerator, denominator = metre
    unit = Fraction(96, denominator)
    if numerator % 3 == 0 and (numerator > 3 or denominator >= 8):
        unit *= 3
    return round((beat - 1) * unit / 3) * 3 if beat > 1 else 0


def _keys(changes: list[tuple[int, Key, Chord]], starts: list[int], end: int, bar: int) -> Iterator[KeyChange]:
    """The keys that last; the shorter ones between them belong to the key before."""
    runs: list[tuple[int, Key]] = []
    for tick, key, _ in changes:
        if not runs or runs[-1][1] != key:
            runs.append((tick, key))
    current: Key | None = None
    latest = 0
    for index, (tick, key) in enumerate(runs):
        stop = runs[index + 1][0] if index + 1 < len(runs) else end
        if current is None:
            current = key
            yield KeyChange(0, key)
        elif key != current and stop - tick >= _KEY_BARS * bar:
            start = max(place for place in starts if place <= tick)
            if start > latest:
                current, latest = key, start
                yield KeyChange(start, key)


def _sections(state: _Analysis, starts: dict[int, int], end: int) -> Iterator[Section]:
    """Form labels from bar to bar; the same label gets the same letter."""
    marks = [(starts[number], label) for number, label in sorted(state.forms.items()) if number in starts]
    letters: dict[str, str] = {}
    for index, (tick, label) in enumerate(marks):
        stop = marks[index + 1][0] if index + 1 < len(marks) else end
        kind = re.sub(r"\s*\d+$", "", label.lower())[:24].strip()
        letter = letters.setdefault(kind, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[len(letters) % 26])
        if stop > tick:
            yield Section(tick, stop - tick, letter, kind)
