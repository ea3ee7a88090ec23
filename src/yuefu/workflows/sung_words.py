"""Words and the tune that sings them: what each bar's syllables ask for, and how well a candidate meets it."""

from __future__ import annotations

from statistics import fmean

from yuefu.analysis.singing.sheet import judge_line
from yuefu.analysis.singing.sung import SungLine, SungSyllable, beat_strength
from yuefu.generation.fill import Canvas
from yuefu.generation.wording import Wording, tone_steps
from yuefu.planning.plan import Plan, PlannedSyllable
from yuefu.score.model import Bar
from yuefu.text.lyrics_model import LyricSyllable
from yuefu.tokens.grid import EMPTY, decode_notes

#: How much a candidate gains by a line that sits well, beside a critic whose judgements lie about one apart.
SINGING = 6.0


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
    if syllable.function or syllable.stress == 0:
        return -1.0
    if syllable.stress == 1 or syllable.keyword:
        return 1.0
    return 0.0


def how_it_sings(canvas: Canvas, plan: Plan, start: int, end: int) -> float:
    """Mean score, 0 to 1, of the lines sung in bars [start, end) of a canvas; 1 where nothing is sung."""
    scores = [judge_line(line).score for line in _lines(canvas, plan, start, end)]
    return fmean(scores) if scores else 1.0


def _lines(canvas: Canvas, plan: Plan, start: int, end: int) -> list[SungLine]:
    numerator, denominator = map(int, plan.meter.split("/"))
    begun: list[tuple[PlannedSyllable, list[tuple[int, int, int]], Bar]] = []  # notes: start, end, pitch
    tick = 0
    cells = canvas.cells.get("melody", [EMPTY] * len(canvas.bars))
    for number in range(start, end):
        column = canvas.bars[number]
        bar = Bar(number, tick, column.sounding, numerator, denominator)
        waiting = list(plan.lyrics.get(number, ()))
        notes, holds = decode_notes(cells[number], tick, column.offset)
        for note, held in zip(notes, holds, strict=True):
            placed = (int(note["start"]), int(note["start"] + note["duration"]), int(note["pitch"]))
            if waiting and not held:
                begun.append((waiting.pop(0), [placed], bar))
            elif begun:
                begun[-1][1].append(placed)
        tick += column.sounding
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
