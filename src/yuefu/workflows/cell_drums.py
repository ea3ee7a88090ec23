"""Drums under an open score: the drummer's own bars taken up, or a groove of two bars, with fills and crashes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from yuefu.generation.fill import Canvas
from yuefu.planning.plan import Plan
from yuefu.score.model import ROWS
from yuefu.tokens.grid import EMPTY
from yuefu.tokens.sequence import Cover, Mask
from yuefu.workflows.cell_band import model_bar
from yuefu.workflows.cell_chords import PHRASE
from yuefu.workflows.cells import groove_of, places_in
from yuefu.workflows.drums import Groove, fill_groove, groove_for, with_crash

if TYPE_CHECKING:
    from yuefu.workflows.cell_writing import CellWriter

#: How often the last bar of a phrase within a section is played with a stroke or two more.
VARIED = 0.35
#: Energy (0..1) from which a section begins with a crash.
LOUD = 0.5
CRASHES = (49, 57, 55, 52)
COLUMN = ROWS.index("drums")


def write_drums(writer: CellWriter, number: int, start: int, end: int) -> None:
    """Write the drums of bars [start, end), one stretch of a section.

    Where the drummer plays elsewhere the new bars take the nearest groove up. A new drummer plays two bars by
    turns, the same ones whenever the groove returns, fills at the end and strikes a crash at the beginning.
    """
    canvas = writer.canvas
    rng = np.random.default_rng([writer.wishes.seed, 14, number])
    bars = [b for b in range(start, end) if writer.mask[b, COLUMN] == Cover.FILL]
    for bar in [b for b in bars if canvas.bars[b].offset]:
        canvas.cells["drums"][bar] = EMPTY
    bars = [b for b in bars if not canvas.bars[b].offset]
    if not bars:
        return
    plan = writer.plan(start, end, ["drums"])
    energy = writer.energy(start)
    pattern = groove_for(plan, energy, np.random.default_rng([writer.wishes.seed, 15]))
    ending = end == len(canvas.bars) and _comes_to_rest(canvas, end - 1)
    openings = {writer.bar_at(section.start) for section in writer.piece.score.sections}
    plain: list[int] = []
    for bar in bars:
        model = model_bar(writer, "drums", bar)
        ends = ending and bar == end - 1
        if model is not None and not writer.wishes.busier and not (ends and writer.wishes.close):
            groove: Groove = groove_of(writer.original("drums")[model])
            if bar not in openings:
                groove = _without_crash(groove)
            if len(bars) >= 2 * PHRASE and bar == end - (2 if ending else 1):
                groove = fill_groove(groove, canvas.bars[bar].ticks)
            _rule(writer, plan, start, bar, groove)
        elif ends:
            _rule(writer, plan, start, bar, {0: frozenset((36, 49))})
        elif bar == end - 1 and len(bars) >= PHRASE:
            _rule(writer, plan, start, bar, fill_groove(pattern, canvas.bars[bar].ticks))
        else:
            _rule(writer, plan, start, bar, pattern)
            plain.append(bar)
    left = set(bars)
    if len(plain) > 2:
        key = (tuple(sorted((place, tuple(sorted(hits))) for place, hits in pattern.items())), canvas.bars[start].ticks)
        pair = writer.drum_pairs.get(key)
        if pair is None:
            first = [plain[0], plain[0] + 1] if plain[0] + 1 in plain else plain[:2]
            _fill(writer, start, end, first, rng)
            left -= set(first)
            pair = writer.drum_pairs[key] = (canvas.cells["drums"][first[0]], canvas.cells["drums"][first[1]])
        for bar in plain:
            if bar not in left or canvas.bars[bar].ticks != key[1]:
                continue
            if (bar - start) % PHRASE == PHRASE - 1 and rng.random() < VARIED:
                canvas.counts[bar, "drums"] = min(16, canvas.counts[bar, "drums"] + int(rng.integers(1, 3)))
                continue
            canvas.cells["drums"][bar] = pair[(bar - start) % 2]
            left.discard(bar)
    if left:
        _fill(writer, start, end, left, rng)
    opening = bars[0]
    if opening in plain and opening == start and start > 0 and energy >= LOUD:
        canvas.cells["drums"][start] = with_crash(canvas.cells["drums"][start])


def _without_crash(groove: Groove) -> Groove:
    """A groove with the crash that opened a section played on the hat, or on the ride where that keeps time."""
    time = 51 if any(51 in hits for hits in groove.values()) else 42
    return {
        place: frozenset(time if hit in CRASHES else hit for hit in hits) if len(groove) > 1 else hits
        for place, hits in groove.items()
    }


def _comes_to_rest(canvas: Canvas, bar: int) -> bool:
    """Whether nobody begins a note in the second half of a bar."""
    half = canvas.bars[bar].ticks // 2
    return all(place <= half for row in ROWS[1:-1] for place in places_in(canvas, bar, row))


def _rule(writer: CellWriter, plan: Plan, start: int, bar: int, groove: Groove) -> None:
    """Hold a bar to a groove."""
    canvas = writer.canvas
    base = writer.rules(plan, "drums", start)
    groove = {place: hits for place, hits in groove.items() if place < canvas.bars[bar].ticks}
    hits = frozenset(hit for own in groove.values() for hit in own) | (base.hits or frozenset())
    canvas.bar_rules[bar, "drums"] = replace(
        base, groove=groove, rhythm=6.0, off_beat=-2.0, hits=hits, groove_weight=4.0, least_onsets=1,
        places=tuple(sorted({*base.places, *(place % 24 for place in groove)})),
        latest=0 if len(groove) == 1 else base.latest,
    )  # fmt: skip
    canvas.figures[bar, "drums"] = frozenset(groove)
    canvas.counts[bar, "drums"] = len(groove)


def _fill(writer: CellWriter, start: int, end: int, bars: Collection[int], rng: np.random.Generator) -> None:
    """Write some of the stretch's bars; all other rows and bars are given."""
    mask: Mask = writer.opened(["drums"], start, end, done=start)
    for row in ROWS[:-1]:
        if row in writer.canvas.cells:
            own = ROWS.index(row)
            mask[:, own][writer.mask[:, own] == Cover.FILL] = Cover.GIVEN
    for bar in range(start, end):
        if bar not in bars:
            mask[bar, COLUMN] = Cover.GIVEN if len(writer.canvas.cells["drums"][bar]) else Cover.ABSENT
    total, tokens = writer.fill(writer.canvas, mask, rng)
    writer.log_probability += total
    writer.tokens += tokens
