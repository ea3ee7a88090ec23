"""Words and the tune that sings them: what each bar's syllables ask for, and how well a candidate meets it."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

import numpy as np

from yuefu.analysis.singing.sheet import judge_line
from yuefu.analysis.singing.sung import SungLine, SungSyllable, beat_strength
from yuefu.generation.fill import Canvas
from yuefu.generation.wording import Wording, tone_steps
from yuefu.planning.plan import Plan, PlannedSyllable
from yuefu.score.model import Bar, Notes
from yuefu.text.lyrics_model import LyricSyllable
from yuefu.tokens.grid import EMPTY, decode_notes

#: How much a candidate gains by a line that sits well, beside a critic whose judgements lie about one apart.
SINGING = 6.0
#: Ticks of a breath, and the longest gap within a phrase that is sung through.
BREATH, TIED = 6, 72


def bar_wordings(plan: Plan, heed: float = 1.0) -> dict[int, Wording]:
    """Bar -> what its words ask of the tune. heed: factor of the usual leanings."""
    found: dict[int, Wording] = {}
    before: int | None = None
    usual = Wording()
    for bar in sorted(plan.lyrics):
        own = plan.lyrics[bar]
        tones = [syllable.tone for syllable in own]
        steps = tone_steps(tones, before)
        before = None if not own or own[-1].line_end else tones[-1]
        found[bar] = Wording(tuple(_weight(syllable) for syllable in own), steps, usual.beat * heed, usual.tone * heed)
    return found


def _weight(syllable: PlannedSyllable) -> float:
    """1 for a syllable that wants a beat, -1 for one that doesn't, 0 for the rest."""
    if syllable.function and syllable.stress == 1 and syllable.syllabic != "single":
        return 0.3  # "over", "under"
    if syllable.function or syllable.stress == 0:
        return -1.0
    if syllable.stress == 1 or syllable.keyword:
        return 1.0
    return 0.0


def phrased(notes: Notes, holds: Sequence[bool], words: Sequence[PlannedSyllable]) -> Notes:
    """Sung notes as a singer phrases them: tied to the next within a phrase, cut for a breath where the words breathe.

    notes: of one voice, in order; holds: which of them hold the syllable before; words: all syllables in order.
    """
    out = notes.copy()
    index = -1
    for place, held in enumerate(list(holds)[:-1]):
        index += not held
        if index >= len(words):
            break
        room = int(out["start"][place + 1] - out["start"][place])
        gap = room - int(out["duration"][place])
        ends = not holds[place + 1] and (words[index].line_end or words[index].breath)
        if ends and gap < BREATH and room >= 3 * BREATH:
            out["duration"][place] = room - BREATH * (2 if room >= 6 * BREATH else 1)
        elif not ends and 0 < gap <= TIED:
            out["duration"][place] = room
    return out


def how_it_sings(canvas: Canvas, plan: Plan, start: int, end: int) -> float:
    """Mean score, 0 to 1, of the lines sung in bars [start, end) of a canvas; 1 where nothing is sung."""
    scores = [judge_line(line).score for line in _lines(canvas, plan, start, end)]
    return fmean(scores) if scores else 1.0


def _lines(canvas: Canvas, plan: Plan, start: int, end: int) -> list[SungLine]:
    numerator, denominator = map(int, plan.meter.split("/"))
    found, held, bars = [], [], []
    tick = 0
    cells = canvas.cells.get("melody", [EMPTY] * len(canvas.bars))
    for number in range(start, end):
        column = canvas.bars[number]
        notes, holds = decode_notes(cells[number], tick, column.offset)
        found.append(notes)
        held += holds
        bars += [Bar(number, tick, column.sounding, numerator, denominator)] * len(notes)
        tick += column.sounding
    words = [syllable for bar in range(start, end) for syllable in plan.lyrics.get(bar, ())]
    begun: list[tuple[PlannedSyllable, list[tuple[int, int, int]], Bar]] = []  # notes: start, end, pitch
    for note, hold, bar in zip(phrased(np.concatenate(found), held, words), held, bars):
        placed = (int(note["start"]), int(note["start"] + note["duration"]), int(note["pitch"]))
        if not hold and len(begun) < len(words):
            begun.append((words[len(begun)], [placed], bar))
        elif begun:
            begun[-1][1].append(placed)
    lines: list[SungLine] = []
    open_line: list[SungSyllable] = []
    for place, (syllable, sung, bar) in enumerate(begun):
        after = begun[place + 1][1][0][0] if place + 1 < len(begun) else tick
        last = min(sung[-1][1], after)
        open_line.append(
            SungSyllable(
                tuple(pitch for _, _, pitch in sung), sung[0][0], last, (last - sung[0][0]) / 24 * 60 / plan.tempo,
                beat_strength(bar, sung[0][0]), max(0, after - last), _as_read(syllable),
            )
        )  # fmt: skip
        if syllable.line_end or place + 1 == len(begun):
            lines.append(SungLine("".join(s.read.text for s in open_line), 1, -1, tuple(open_line)))
            open_line = []
    return lines


def _as_read(syllable: PlannedSyllable) -> LyricSyllable:
    return LyricSyllable(
        syllable.text, syllable.syllabic, syllable.tone, syllable.stress, "," if syllable.breath else "",
        function=syllable.function, keyword=syllable.keyword,
    )  # fmt: skip
