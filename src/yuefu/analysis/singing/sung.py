"""The sung lines of a score: every syllable with its notes, its beat, and what the lyric reader knows of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from yuefu.score.model import TICKS_PER_QUARTER, Bar, Part, Score, Syllable
from yuefu.text.language import is_han
from yuefu.text.lyrics_line import read_line
from yuefu.text.lyrics_model import LyricSyllable

_STOPS = frozenset(",.;:!?，。；：！？")
#: A rest from this many ticks on is heard as one.
REST = 6


@dataclass(frozen=True, slots=True)
class SungSyllable:
    """A syllable as sung.

    pitches: of its notes, more than one in a melisma; start, end: ticks; seconds: how long it lasts; beat: strength of
    its place, 3 the bar's first beat, 2 its middle or a dotted beat, 1 another beat, 0 between beats; rest: ticks
    of silence after it; read: the syllable as the lyric reader knows it.
    """

    pitches: tuple[int, ...]
    start: int
    end: int
    seconds: float
    beat: int
    rest: int
    read: LyricSyllable


@dataclass(frozen=True, slots=True)
class SungLine:
    """A line of a verse. text: as its syllables spell it; section: index of the score's section, -1 outside of any."""

    text: str
    verse: int
    section: int
    syllables: tuple[SungSyllable, ...]


def sung_part(score: Score) -> Part | None:
    """The part that sings: the one with the most syllables, or None."""
    sung = [part for part in score.parts if part.syllables]
    return max(sung, key=lambda part: len(part.syllables), default=None)


def sung_lines(score: Score, part: Part) -> list[SungLine]:
    """The lines of a sung part, verse by verse. A line ends where the score says so, or at a
    long rest or a mark of punctuation."""
    bars = score.bars
    index = {int(row["id"]): i for i, row in enumerate(part.notes)}
    lines: list[SungLine] = []
    for verse in sorted({s.verse for s in part.syllables}):
        own = sorted(
            (s for s in part.syllables if s.verse == verse and s.note_id in index), key=lambda s: index[s.note_id]
        )
        held: list[tuple[Syllable, list[int]]] = []
        for place, syllable in enumerate(own):
            first = index[syllable.note_id]
            after = index[own[place + 1].note_id] if place + 1 < len(own) else len(part.notes)
            held.append((syllable, _held(part, first, after)))
        for group in _split(part, held):
            lines.append(_line(score, part, bars, verse, group))
    return lines


def _held(part: Part, first: int, after: int) -> list[int]:
    """The notes of a syllable: its own and those that follow without words and without a rest."""
    notes = [first]
    for i in range(first + 1, after):
        before = part.notes[notes[-1]]
        if int(part.notes[i]["start"]) - int(before["start"] + before["duration"]) >= REST:
            break
        notes.append(i)
    return notes


def _split(part: Part, held: Sequence[tuple[Syllable, list[int]]]) -> list[list[tuple[Syllable, list[int]]]]:
    marked = any(syllable.line_end for syllable, _ in held)
    groups: list[list[tuple[Syllable, list[int]]]] = [[]]
    for place, (syllable, notes) in enumerate(held):
        groups[-1].append((syllable, notes))
        rest = _rest_after(part, notes, held[place + 1][1][0] if place + 1 < len(held) else None)
        breathes = rest >= TICKS_PER_QUARTER or (syllable.text.rstrip()[-1:] in _STOPS and len(groups[-1]) > 2)
        if syllable.line_end or (not marked and breathes and syllable.syllabic in ("single", "end")):
            groups.append([])
    return [group for group in groups if group]


def _rest_after(part: Part, notes: list[int], following: int | None) -> int:
    last = part.notes[notes[-1]]
    end = int(last["start"] + last["duration"])
    return TICKS_PER_QUARTER * 4 if following is None else max(0, int(part.notes[following]["start"]) - end)


def _line(
    score: Score, part: Part, bars: Sequence[Bar], verse: int, group: list[tuple[Syllable, list[int]]]
) -> SungLine:
    text = _spelt([syllable for syllable, _ in group])
    known = _known(text, [syllable for syllable, _ in group])
    found = []
    for place, ((_, notes), read) in enumerate(zip(group, known, strict=True)):
        first, last = part.notes[notes[0]], part.notes[notes[-1]]
        start, end = int(first["start"]), int(last["start"] + last["duration"])
        following = group[place + 1][1][0] if place + 1 < len(group) else None
        if following is None:
            later = notes[-1] + 1
            following = later if later < len(part.notes) else None
        bar = next((b for b in reversed(bars) if b.start <= start), bars[0])
        found.append(
            SungSyllable(
                tuple(int(part.notes[i]["pitch"]) for i in notes), start, end,
                (end - start) / TICKS_PER_QUARTER * 60 / score.tempo_at(start), beat_strength(bar, start),
                _rest_after(part, notes, following), read,
            )
        )  # fmt: skip
    begun = found[0].start
    section = next((i for i, s in enumerate(score.sections) if s.start <= begun < s.start + s.duration), -1)
    return SungLine(text, verse, section, tuple(found))


def _spelt(syllables: Sequence[Syllable]) -> str:
    """The line's text from its syllables: words parted by spaces, Chinese written together."""
    text = ""
    for syllable in syllables:
        joined = syllable.syllabic in ("middle", "end") or not text
        han = bool(syllable.text) and is_han(syllable.text[0])
        if not joined and not (han and is_han(text[-1])):
            text += " "
        text += syllable.text
    return text


def _known(text: str, syllables: Sequence[Syllable]) -> list[LyricSyllable]:
    """The syllables as the reader knows them; where it counts otherwise than the score, each by itself."""
    line = read_line(text)
    if line is not None and len(line.syllables) == len(syllables):
        return list(line.syllables)
    found = []
    for syllable in syllables:
        alone = read_line(syllable.text)
        read = alone.syllables[0] if alone is not None else LyricSyllable(syllable.text)
        stress = None if read.stress is None or syllable.syllabic != "single" else read.stress
        found.append(LyricSyllable(syllable.text, syllable.syllabic, read.tone, stress, read.break_after,
                                   function=read.function and syllable.syllabic == "single"))  # fmt: skip
    return found


def beat_strength(bar: Bar, tick: int) -> int:
    """3 on the bar's first beat, 2 on its middle (or a beat of three eighths), 1 on another beat, 0 between beats.

    >>> [beat_strength(Bar(0, 0, 96, 4, 4), tick) for tick in (0, 12, 24, 48)]
    [3, 0, 1, 2]
    """
    place = tick - bar.start
    full = bar.numerator * 96 // bar.denominator
    if bar.duration < full:  # an upbeat stands at the end of its bar
        place += full - bar.duration
    compound = bar.denominator == 8 and bar.numerator % 3 == 0 and bar.numerator > 3
    beat = 36 if compound else 96 // bar.denominator
    if place == 0:
        return 3
    if place % beat:
        return 0
    count = full // beat
    return 2 if compound or (count % 2 == 0 and place == full // 2) else 1
