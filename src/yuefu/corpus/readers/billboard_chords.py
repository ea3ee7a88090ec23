"""McGill Billboard: chord charts of chart songs, bar by bar, with sections, metre and tonic.

Each line of a chart is a time, then perhaps a section's letter and name, then bars of chords
between strokes. A Score here has no notes: chords, sections, key, metre and tempo only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from yuefu.corpus.harte import parse_harte
from yuefu.corpus.reader_types import Item
from yuefu.errors import FormatError, InputError
from yuefu.score.model import ChordSpan, KeyChange, MeterChange, Score, Section, TempoChange
from yuefu.theory.chord import Chord
from yuefu.theory.key import Key
from yuefu.theory.pitch import parse_pitch_class

FILE = "salami_chords.txt"
#: Section names of the charts, and ours.
KINDS = {
    "prechorus": "pre-chorus", "pre-verse": "intro", "trans": "interlude", "transition": "interlude",
    "instrumental": "interlude", "fadeout": "outro", "fade out": "outro", "coda": "outro", "main theme": "theme",
    "ending": "outro", "vocal": "verse", "instrumental break": "interlude",
}  # fmt: skip
_LETTER = re.compile(r"^[A-Z]'*$")
_REPEAT = re.compile(r"^\s*x\s*(\d+)")
_METRE = re.compile(r"^\(?(\d+)/(\d+)\)?$")


@dataclass
class _Chart:
    """What has been read so far; a bar is (numerator, denominator, chords with their share of the bar)."""

    title: str = ""
    artist: str = ""
    metre: tuple[int, int] = (4, 4)
    tick: int = 0
    meters: list[MeterChange] = field(default_factory=list)
    tonics: list[tuple[int, int]] = field(default_factory=list)
    chords: list[tuple[int, int, Chord | None]] = field(default_factory=list)
    sections: list[tuple[int, str, str]] = field(default_factory=list)
    paces: list[float] = field(default_factory=list)


def read(folder: Path) -> Iterator[Item]:
    """One item a song; a song that was charted twice comes once."""
    seen: set[str] = set()
    for path in sorted(folder.rglob(FILE)):
        head = path.read_text(encoding="utf-8", errors="replace")[:400]
        title = _header(head, "title")
        artist = _header(head, "artist")
        work = re.sub(r"[^a-z0-9]+", "-", f"{artist} {title}".lower()).strip("-") or path.parent.name
        if work in seen:
            continue
        seen.add(work)
        yield Item(
            work=work,
            load=read_chart,
            args=(str(path),),
            source=str(path.relative_to(folder)),
            style="pop",
            arranged=True,
            metadata={"artist": artist},
        )


def read_chart(path: str | Path) -> Score:
    """A chart file as a Score."""
    path = Path(path)
    try:
        return chart(path.read_text(encoding="utf-8", errors="replace"))
    except OSError as error:
        raise FormatError(f"{path.name} can't be read: {error.strerror}.") from error


def chart(text: str) -> Score:
    """A chart's text as a Score. Raises FormatError when it has no bars.

    >>> score = chart("# metre: 4/4\\n# tonic: C\\n0.0\\tA, verse, | C:maj | F:maj G:7 |\\n4.0\\tend")
    >>> [(span.start, span.chord.symbol()) for span in score.chords], score.keys[0].key.name
    ([(0, 'C'), (96, 'F'), (144, 'G7')], 'C major')
    """
    state = _Chart()
    last: tuple[float, int] | None = None
    for line in text.splitlines():
        if line.startswith("#"):
            name, _, value = line[1:].partition(":")
            _heading(state, name.strip(), value.strip())
            continue
        clock, _, rest = line.partition("\t")
        if not rest:
            continue
        try:
            time = float(clock)
        except ValueError:
            continue
        if last is not None and state.tick > last[1] and time > last[0]:
            state.paces.append((time - last[0]) / ((state.tick - last[1]) / 24))
        last = (time, state.tick)
        _line(state, rest)
    if not state.chords:
        raise FormatError("the chart has no bars of chords.")
    return _score(state)


def _header(text: str, name: str) -> str:
    match = re.search(rf"^#\s*{name}:\s*(.*)$", text, re.MULTILINE)
    return match[1].strip() if match else ""


def _heading(state: _Chart, name: str, value: str) -> None:
    if name == "title":
        state.title = value
    elif name == "artist":
        state.artist = value
    elif name == "metre" and (match := _METRE.match(value)):
        state.metre = (int(match[1]), int(match[2]))
    elif name == "tonic":
        try:
            tonic = parse_pitch_class(value)
        except InputError:
            return
        if state.tonics and state.tonics[-1][0] == state.tick:
            state.tonics.pop()
        state.tonics.append((state.tick, tonic))


def _line(state: _Chart, text: str) -> None:
    """One line after its time: labels, then bars, then perhaps a repeat count."""
    labels, stroke, music = text.partition("|")
    letter, kind = "", ""
    for word in (part.strip() for part in labels.split(",")):
        if _LETTER.match(word):
            letter = word
        elif word and word not in ("silence", "end", "noise") and not word.startswith(("(", "&")) and not kind:
            kind = KINDS.get(word.lower(), word.lower())
    if not stroke:
        return
    if letter or kind:
        if not letter:
            # A name without a letter: the letter that this name had before.
            known = [entry[1] for entry in state.sections if entry[2] == kind]
            letter = known[-1] if known else "Z"
        if state.sections and state.sections[-1][0] == state.tick:
            state.sections.pop()
        state.sections.append((state.tick, letter, kind))
    body, _, tail = music.rpartition("|")
    match = _REPEAT.match(tail)
    for _ in range(min(int(match[1]), 64) if match else 1):
        for bar in body.split("|"):
            if bar.strip():
                _bar(state, bar.split())


def _bar(state: _Chart, tokens: list[str]) -> None:
    numerator, denominator = state.metre
    if (match := _METRE.match(tokens[0])) and tokens[0].startswith("("):
        numerator, denominator = int(match[1]), int(match[2])
        tokens = tokens[1:]
    meter = MeterChange(state.tick, numerator, denominator)
    if not state.meters or (state.meters[-1].numerator, state.meters[-1].denominator) != (numerator, denominator):
        state.meters.append(meter)
    places: list[Chord | None] = []
    for token in tokens:
        if token == ".":
            places.append(places[-1] if places else (state.chords[-1][2] if state.chords else None))
        elif token == "->":
            continue
        elif token.startswith("&"):
            places.append(None)
        else:
            try:
                places.append(parse_harte(token))
            except InputError:
                places.append(places[-1] if places else None)
    if not places:
        places = [state.chords[-1][2] if state.chords else None]
    # Where the chords don't share a bar evenly they fall on the nearest eighths.
    step = 12
    edges = [round(index * meter.bar_ticks / len(places) / step) * step for index in range(len(places))]
    edges.append(meter.bar_ticks)
    for index, chord in enumerate(places):
        start, stop = state.tick + edges[index], state.tick + edges[index + 1]
        if stop <= start:
            continue
        if state.chords and state.chords[-1][2] == chord and state.chords[-1][1] == start:
            state.chords[-1] = (state.chords[-1][0], stop, chord)
        else:
            state.chords.append((start, stop, chord))
    state.tick += meter.bar_ticks


def _score(state: _Chart) -> Score:
    stops = [entry[0] for entry in state.sections[1:]] + [state.tick]
    sections = tuple(
        Section(start, stop - start, letter, kind)
        for (start, letter, kind), stop in zip(state.sections, stops, strict=True)
        if stop > start
    )
    chords = tuple(ChordSpan(start, stop - start, chord) for start, stop, chord in state.chords)
    tonics = state.tonics or [(0, chords[0].chord.root if chords[0].chord else 0)]
    tonics = [(0, tonics[0][1]), *tonics[1:]]
    keys: list[KeyChange] = []
    for index, (tick, tonic) in enumerate(tonics):
        stop = tonics[index + 1][0] if index + 1 < len(tonics) else state.tick
        if stop <= tick:
            continue
        key = Key.of_tonic(tonic, mode_of(tonic, [c for c in chords if tick <= c.start < stop]))
        if not keys or keys[-1].key != key:
            keys.append(KeyChange(tick, key))
    pace = float(np.median(state.paces)) if state.paces else 0.5
    tempo = round(float(np.clip(60.0 / max(pace, 0.1), 30.0, 280.0)), 1)
    return Score(
        title=state.title,
        composer=state.artist,
        chords=chords,
        sections=sections,
        tempos=(TempoChange(0, tempo),),
        keys=tuple(keys) or (KeyChange(0, Key()),),
        meters=tuple(state.meters),
        length=state.tick,
        metadata={"style": "pop"},
    )


def mode_of(tonic: int, chords: list[ChordSpan]) -> str:
    """``"major"`` or ``"minor"``, by how long the third of either mode sounds in the chords.

    The tonic chord speaks loudest, then the chords on the third, fourth and sixth degrees.
    """
    major = minor = 0.0
    for span in chords:
        if span.chord is None:
            continue
        classes = {(pitch - tonic) % 12 for pitch in span.chord.pitch_classes}
        weight = span.duration * (3.0 if span.chord.root == tonic else 1.0)
        # Major and minor differ in their third, sixth and (less surely) seventh.
        major += weight * ((4 in classes) + 0.5 * (9 in classes))
        minor += weight * ((3 in classes) + 0.5 * (8 in classes))
    return "minor" if minor > major else "major"
