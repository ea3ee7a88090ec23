"""Karaoke timing: the words of a score as an LRC file.

A line a sung line, ``[mm:ss.xx]words``, at the moment when it begins; with ``words=True`` every
syllable carries its own ``<mm:ss.xx>`` too, which players that know the enhanced form light up one
by one. Times follow the tempo map, or a performance where one is given.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yuefu.errors import FormatError
from yuefu.score.model import TICKS_PER_QUARTER, Score, Syllable, TempoChange
from yuefu.score.performed import Performance
from yuefu.score.tune import sung_part

#: A line without a marked end goes on for at most so many syllables.
_LONGEST_LINE = 16
#: After a silence of so many seconds the old line is taken off.
_GAP = 4.0
#: A silence of so many ticks ends a line that isn't marked.
_BREATH = 2 * TICKS_PER_QUARTER


@dataclass(frozen=True, slots=True)
class SungSyllable:
    """A syllable with its times in seconds. gap: whether a space follows it."""

    text: str
    start: float
    end: float
    gap: bool


@dataclass(frozen=True, slots=True)
class SungLine:
    """A line of words as it is sung."""

    syllables: tuple[SungSyllable, ...]

    @property
    def text(self) -> str:
        """The words as one reads them."""
        return "".join(s.text + (" " if s.gap else "") for s in self.syllables).strip()

    @property
    def start(self) -> float:
        """Seconds from the start of the piece."""
        return self.syllables[0].start

    @property
    def end(self) -> float:
        """Seconds where the last syllable falls silent."""
        return self.syllables[-1].end


def lrc_text(score: Score, performance: Performance | None = None, *, words: bool = False, part: str = "") -> str:
    """The words of a score as LRC.

    performance: how it is played, for its tempo curve and swing; words: time every syllable; part:
    whose words, else the sung part's. Raises FormatError when the score has none.

    >>> from yuefu.score.model import Part, make_notes
    >>> voice = Part("P1", "Voice", notes=make_notes([(1, 48, 24, 60, 80)]), syllables=(Syllable(1, "月"),))
    >>> print(lrc_text(Score(title="Moon", parts=(voice,))))
    [ti:Moon]
    [length:00:02]
    [re:Yuefu]
    [00:01.00]月
    <BLANKLINE>
    """
    lines = sung_lines(score, performance, part)
    seconds = round(_clock(score, performance, score.end_tick))
    tags = [("ti", score.title), ("ar", score.composer), ("au", score.metadata.get("lyricist"))]
    out = [f"[{tag}:{' '.join(value.split())}]" for tag, value in tags if isinstance(value, str) and value.strip()]
    out += [f"[length:{seconds // 60:02d}:{seconds % 60:02d}]", "[re:Yuefu]"]
    for line, following in zip(lines, [*lines[1:], None]):
        out.append(f"[{_stamp(line.start)}]" + (_enhanced(line) if words else line.text))
        if following is not None and following.start - line.end >= _GAP:
            out.append(f"[{_stamp(line.end)}]")
    return "\n".join(out) + "\n"


def sung_lines(score: Score, performance: Performance | None = None, part: str = "") -> list[SungLine]:
    """The sung lines of the first verse with their times. Raises FormatError when nothing is sung."""
    voice = sung_part(score, part)
    own = [syllable for syllable in voice.syllables if syllable.verse == 1]
    if not own:
        raise FormatError("the score has no words for karaoke: give one with lyrics.")
    played = performance.notes.get(voice.id) if performance else None
    notes: NDArray[np.void] = voice.notes if played is None else played
    onset = dict(zip(notes["id"].tolist(), notes["start"].tolist()))
    spans = sorted(zip(notes["start"].tolist(), (notes["start"] + notes["duration"]).tolist()))
    rows = sorted(((onset[s.note_id], s) for s in own if s.note_id in onset), key=lambda row: row[0])
    if not rows:
        raise FormatError("the words of the score stand on no notes: give one with lyrics under its notes.")
    ends = _sounding_ends([tick for tick, _ in rows], spans)
    lines: list[SungLine] = []
    open_line: list[SungSyllable] = []
    for index, (tick, syllable) in enumerate(rows):
        following = rows[index + 1] if index + 1 < len(rows) else None
        whole = syllable.syllabic in ("single", "end")
        begin, end = (_clock(score, performance, at) for at in (tick, ends[index]))
        wide = _wide(syllable.text[-1:]) and (following is None or _wide(following[1].text[:1]))
        open_line.append(SungSyllable(" ".join(syllable.text.split()), begin, end, whole and not wide))
        breath = following is not None and following[0] - ends[index] >= _BREATH
        if following is None or syllable.line_end or (whole and (breath or _is_long(open_line, own))):
            lines.append(SungLine(tuple(open_line)))
            open_line = []
    return lines


def _is_long(line: Sequence[SungSyllable], own: Sequence[Syllable]) -> bool:
    """Whether a line is full, where the score doesn't say where lines end."""
    return len(line) >= _LONGEST_LINE and not any(syllable.line_end for syllable in own)


def _sounding_ends(starts: Sequence[float], spans: Sequence[tuple[float, float]]) -> list[float]:
    """For each syllable the tick where it falls silent: at the end of the notes that hold it."""
    onsets = [begin for begin, _ in spans]
    ends = []
    for start, limit in zip(starts, [*starts[1:], float("inf")]):
        end = start
        for begin, stop in spans[bisect_left(onsets, start) : bisect_left(onsets, limit)]:
            if begin == start or begin < end + TICKS_PER_QUARTER:
                end = max(end, stop)
        ends.append(min(end, limit))
    return ends


def _clock(score: Score, performance: Performance | None, tick: float) -> float:
    """Seconds at a tick, by the tempo curve as played or as written."""
    tempos: tuple[TempoChange, ...] = performance.tempos if performance else score.tempos
    total = 0.0
    for change, following in zip(tempos, [*[t.tick for t in tempos[1:]], float("inf")]):
        if change.tick >= tick:
            break
        total += (min(tick, following) - change.tick) * 60.0 / (change.bpm * TICKS_PER_QUARTER)
    return total


def _enhanced(line: SungLine) -> str:
    parts = [f"<{_stamp(s.start)}>{s.text}{' ' if s.gap else ''}" for s in line.syllables]
    return "".join(parts).rstrip() + f"<{_stamp(line.end)}>"


def _stamp(seconds: float) -> str:
    """``mm:ss.xx``; hours become minutes.

    >>> _stamp(3725.999)
    '62:06.00'
    """
    hundredths = round(seconds * 100)
    return f"{hundredths // 6000:02d}:{hundredths // 100 % 60:02d}.{hundredths % 100:02d}"


def _wide(char: str) -> bool:
    """Whether a character is Chinese or its punctuation, which no space follows."""
    return "\u2e80" <= char <= "\u9fff" or "\uf900" <= char <= "\uffef" or char in "“”‘’…—"
