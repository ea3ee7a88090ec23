"""The tune of an open score: phrases that close as the piece's own do, variations with their theme's notes, an end."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from yuefu.planning.plan import Plan
from yuefu.score.model import ROWS
from yuefu.tokens.sequence import Cover, cell_count
from yuefu.tokens.vocabulary import vocabulary
from yuefu.workflows.cell_chords import PHRASE
from yuefu.workflows.cells import cell_places

if TYPE_CHECKING:
    from yuefu.workflows.cell_writing import CellWriter

COLUMN = ROWS.index("melody")
#: How many notes more than the theme a bar of a variation has, and how often.
ORNAMENTS = ((0, 1, 2), (0.3, 0.4, 0.3))
#: Onsets in the last bar of a phrase, and how often, where the piece's own closes don't tell.
CLOSING = ((1, 2, 3), (0.4, 0.35, 0.25))


def tune_rules(writer: CellWriter, plan: Plan, start: int, end: int, rng: np.random.Generator) -> None:
    """Write the rules of the tune in bars [start, end) into the canvas."""
    base, canvas, wishes = writer.rules(plan, "melody", start), writer.canvas, writer.wishes
    usual = usual_count(writer)
    closing = own_closes(writer)
    continuing = end - start >= PHRASE and end == len(canvas.bars)
    for bar in range(start, end):
        if writer.mask[bar, COLUMN] != Cover.FILL:
            continue
        rules, ticks = base, canvas.bars[bar].ticks
        sung = _syllables(writer, bar)
        before = cell_places(writer.original("melody")[bar])
        if sung:
            canvas.counts[bar, "melody"] = sung
        elif wishes.busier and usual:
            scale = 1.45 if wishes.busier > 0 else 0.6
            canvas.counts[bar, "melody"] = max(1, min(12, round(usual * scale)))
        elif (latest := _old_close(writer, bar)) is not None:  # the phrase ends where and as it ended
            canvas.counts[bar, "melody"] = len(before)
            canvas.figures[bar, "melody"] = before
            rules = replace(base, latest=latest, rhythm=3.0, legato=2.0)
        elif continuing and (bar - start) % PHRASE == PHRASE - 1:
            if closing:
                count, latest = closing[int(rng.integers(len(closing)))]
            else:
                count, latest = int(rng.choice(CLOSING[0], p=CLOSING[1])), ticks // 2
            canvas.counts[bar, "melody"] = count
            rules = replace(base, latest=latest, legato=1.0)
        elif wishes.ornament and before:
            more = int(rng.choice(ORNAMENTS[0], p=ORNAMENTS[1]))
            canvas.counts[bar, "melody"] = min(12, len(before) + more)
        if wishes.close and bar == len(canvas.bars) - 1:
            tonic = frozenset((9,) if writer.minor(bar) else (0,))
            canvas.counts[bar, "melody"] = 1
            rules = replace(base, scale=tonic, outside=-12.0, root=12.0, shortest=min(48, ticks // 2), latest=0)
        canvas.bar_rules[bar, "melody"] = rules


def own_closes(writer: CellWriter) -> list[tuple[int, int]]:
    """How the piece's phrases end: onsets in the last bar and the place of the last one, close by close."""
    found = []
    cells = writer.original("melody")
    for close in writer.closes:
        bar = writer.bar_at(close.start)
        if close.final or not 0 <= bar < len(cells) or writer.mask[bar, COLUMN] == Cover.FILL:
            continue
        places = cell_places(cells[bar])
        last = close.start - writer.piece.bars[bar].start + writer.canvas.bars[bar].offset
        if places and max(places) <= last + 3 and writer.canvas.bars[bar].ticks == writer.canvas.bars[-1].ticks:
            found.append((len(places), max(places)))
    return found


def _old_close(writer: CellWriter, bar: int) -> int | None:
    """Where in a bar the last note of a phrase stood, None where none did or the phrase went on in that bar."""
    here = writer.piece.bars[bar]
    cells = writer.original("melody")
    inside = [close.start for close in writer.closes if here.start <= close.start < here.end]
    places = cell_places(cells[bar])
    around = [cell_count(cell) for b, cell in enumerate(cells) if 0 < abs(b - bar) <= PHRASE]
    if places and len(places) <= 0.6 * np.mean(around or [0]):  # where it rested, it rests
        return max(places)
    if not inside or not places:
        return None
    last = inside[-1] - here.start + writer.canvas.bars[bar].offset
    return last if max(places) <= last + 3 else None


def usual_count(writer: CellWriter) -> float:
    """Onsets in a bar of the tune where it plays and is kept, 0 when it doesn't."""
    kept = writer.mask[:, COLUMN] != Cover.FILL
    cells = writer.original("melody")
    counts = [cell_count(cell) for cell, keep in zip(cells, kept, strict=True) if keep and len(cell)]
    counts = counts or [cell_count(cell) for cell in cells if len(cell)]
    return float(np.mean(counts)) if counts else 0.0


def _syllables(writer: CellWriter, bar: int) -> int:
    if writer.canvas.lyrics is None:
        return 0
    return sum(1 for t in writer.canvas.lyrics[bar].tolist() if t == vocabulary().id("SYL"))
