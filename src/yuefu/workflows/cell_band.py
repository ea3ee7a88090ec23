"""The band under an open score: each row takes up its own figures from the bars that stay, or a style's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from yuefu.planning.plan import Plan
from yuefu.score.model import ROWS
from yuefu.tokens.grid import EMPTY, Cell, decode_notes
from yuefu.tokens.sequence import Cover, Mask, cell_count
from yuefu.tokens.vocabulary import vocabulary
from yuefu.workflows.cell_judging import band_worth
from yuefu.workflows.cells import cell_places, places_in
from yuefu.workflows.figuration import GROUP, group_of, set_figuration
from yuefu.workflows.score_canvas import LINES

if TYPE_CHECKING:
    from yuefu.workflows.cell_writing import CellWriter

#: Groups of styles whose pianist isn't held to a figure.
FREE = ("pop", "ballad", "rock", "classical")
#: Where a pianist's hands lie beside a tune: lowest, highest and middle pitch.
HANDS = (50, 81, 63)
#: Notes of the tune from which a bar is sung.
SINGS = 3
#: Bands that are written at most, to choose from.
MOST_TRIES = 3


def write_band(writer: CellWriter, number: int, start: int, end: int, rows: list[str]) -> None:
    """Write some rows of the band in bars [start, end), one stretch of a section."""
    rng = np.random.default_rng([writer.wishes.seed, 13, number])
    here = [row for row in rows if (writer.mask[start:end, ROWS.index(row)] == Cover.FILL).any()]
    if not here:
        return
    plan = writer.plan(start, end, here)
    for row in here:
        writer.canvas.rules[row] = writer.rules(plan, row, start)
        for bar in range(start, end):
            writer.canvas.bar_rules[bar, row] = writer.canvas.rules[row]
    set_figuration(writer.canvas, plan, plan.sections[0], rng)
    for row in here:
        for bar in range(start, end):
            if row == "keys" and group_of(plan) in FREE:
                _free_hands(writer, plan, bar)
            _follow_row(writer, row, bar)
    mask = writer.opened([*rows, "chords", "melody"], start, end, done=start)
    for row in ("chords", "melody"):
        column = ROWS.index(row)
        mask[:, column][mask[:, column] == Cover.FILL] = Cover.GIVEN
        mask[:, column][writer.mask[:, column] == Cover.FILL] = Cover.GIVEN
    for bar in range(start, end):  # a pick-up is the tune's
        if writer.canvas.bars[bar].offset:
            for row in here:
                mask[bar, ROWS.index(row)] = Cover.GIVEN
                if writer.mask[bar, ROWS.index(row)] == Cover.FILL:
                    writer.canvas.cells[row][bar] = EMPTY
    best: tuple[float, dict[str, list[Cell]], float, int] | None = None
    tries = min(writer.wishes.candidates, MOST_TRIES)
    hymn = GROUP.get(writer.style) == "hymn"
    for candidate in range(tries):
        trial = writer.canvas.copy()
        draw = np.random.default_rng([writer.wishes.seed, 16, number, candidate])
        total, tokens = 0.0, 0
        for own in _passes(mask, here) if hymn else [mask]:
            likelihood, count = writer.fill(trial, own, draw)
            total, tokens = total + likelihood, tokens + count
            for row in [row for row in here if row in LINES and hymn]:
                for bar in np.flatnonzero(own[:, ROWS.index(row)] == Cover.FILL).tolist():
                    if _is_new(writer, row, bar):
                        trial.cells[row][bar] = held(trial.cells[row][bar], trial.bars[bar].ticks)
        worth = 3.0 * band_worth(trial, start, end) + total / max(tokens, 1) if tries > 1 else 0.0
        if best is None or worth > best[0]:
            best = (worth, {row: trial.cells[row][start:end] for row in here}, total, tokens)
    assert best is not None
    for row, cells in best[1].items():
        writer.canvas.cells[row][start:end] = cells
    writer.log_probability += best[2]
    writer.tokens += best[3]


def _passes(mask: Mask, rows: list[str]) -> list[Mask]:
    """The masks by which voices are written: the bass first, so that the others can keep out of its way."""
    upper = [ROWS.index(row) for row in rows if row in ("counter", "inner")]
    if "bass" not in rows or not upper:
        return [mask]
    bass, others = mask.copy(), mask.copy()
    for column in upper:
        bass[:, column][mask[:, column] == Cover.FILL] = Cover.ABSENT
    column = ROWS.index("bass")
    others[:, column][mask[:, column] == Cover.FILL] = Cover.GIVEN
    return [bass, others]


def held(cell: Cell, end: int) -> Cell:
    """A line's cell whose notes each last to the next one, the last to the bar's end: voices don't rest in a phrase.

    A length that can't be written becomes the next shorter one.
    """
    v = vocabulary()
    notes, _ = decode_notes(cell, 0)
    starts = [*notes["start"].tolist(), end]
    out: list[int] = []
    number = 0
    for token in cell.tolist():
        if token in v.duration_ticks:
            room = starts[number + 1] - starts[number]
            token = max((t for t, ticks in v.duration_ticks.items() if ticks <= room), default=token)
            number += 1
        out.append(token)
    return np.array(out, dtype=np.int16)


def _free_hands(writer: CellWriter, plan: Plan, bar: int) -> None:
    """Leave a piano that is new to the piece its own rhythm and thickness: it breaks chords and strikes them.

    It plays at least once a beat, and every other bar full chords.
    """
    rules = writer.canvas.rule(bar, "keys")
    wishes = writer.wishes
    shared = len(writer.beside.get("keys", ())) > 1  # hands that have a tune and a bass to play keep to a figure
    if rules.polyphony == 1 or shared or wishes.places is not None or not _is_new(writer, "keys", bar):
        return
    writer.canvas.figures.pop((bar, "keys"), None)
    writer.canvas.counts.pop((bar, "keys"), None)
    beats = writer.canvas.bars[bar].ticks // 24
    shift = writer.piece.keys[bar].shift
    least = beats + (2 if plan.sections[0].energy > 0.45 else 0) + 2 * wishes.busier
    writer.canvas.bar_rules[bar, "keys"] = replace(
        rules, low=HANDS[0] - shift, high=HANDS[1] - shift, center=float(HANDS[2] - shift), pull=0.008, again=0.0,
        harmonic=-2.5, smooth=0.05, rhythm=1.5, legato=0.5, under=-1.0, span=12, least_onsets=max(1, least),
        voices=(3, 0, 2, 0)[bar % 4],
    )  # fmt: skip


def _is_new(writer: CellWriter, row: str, bar: int) -> bool:
    """Whether a row plays nowhere in the piece that it could take its figure from."""
    return model_bar(writer, row, bar) is None and not (writer.wishes.keep_figures and len(writer.original(row)[bar]))


def _follow_row(writer: CellWriter, row: str, bar: int) -> None:
    """Take the row's own figure from its nearest kept bar, and its thickness; fit it into the bar."""
    column = ROWS.index(row)
    model = model_bar(writer, row, bar)
    if writer.wishes.keep_figures and len(writer.original(row)[bar]):
        model = bar
    if writer.wishes.close and bar == len(writer.canvas.bars) - 1:
        model = None  # what ends is no more of the same
    rules = writer.canvas.rule(bar, row)
    places = writer.canvas.figures.get((bar, row), frozenset())
    if model is not None and not writer.wishes.busier:
        cell = writer.original(row)[model]
        places = cell_places(cell)
        if row in ("bass", "pad"):  # these change with the chord
            places |= places_in(writer.canvas, bar, "chords")
        if rules.polyphony > 1:
            notes, _ = decode_notes(cell, 0)
            together = round(len(notes) / max(len(places), 1))
            rules = replace(rules, voices=max(1, together), polyphony=max(rules.polyphony, together))
            if together == 1:
                rules = replace(rules, again=-4.0)
        if row in LINES and GROUP.get(writer.style) == "hymn" and any(place % 24 for place in places):
            rules = replace(rules, again=min(rules.again, -2.0))  # quavers pass, they don't repeat
        if any(place % 24 not in rules.places for place in places) and writer.wishes.places is None:
            rules = replace(rules, places=tuple(sorted({*rules.places, *(place % 24 for place in places)})))
    elif model is None and row in LINES and GROUP.get(writer.style) == "hymn":  # the tune alone has passing notes
        beat = 36 if writer.canvas.bars[bar].meter.endswith("/8") else 24
        places = frozenset(place for place in places if place % beat == 0) or places
    ticks = writer.canvas.bars[bar].ticks
    final = bar == len(writer.canvas.bars) - 1 and writer.mask[bar, column] == Cover.FILL
    if (bar, row) not in writer.canvas.figures and model is None and not final:
        return
    places = frozenset(p for p in places if p < ticks and p % 24 in rules.places) or frozenset((0,))
    if final and model is None:  # after the last chord has come nobody moves
        last = max(places_in(writer.canvas, bar, "chords"), default=0)
        places = frozenset({p for p in places if p < last} | {last})
        rules = replace(rules, latest=last, max_onsets=len(places), legato=9.0)
        if rules.polyphony > 1:  # struck, not broken
            rules = replace(rules, voices=3, again=0.0)
        if not last:
            rules = replace(rules, shortest=min(24, ticks // 2))
    writer.canvas.figures[bar, row] = places
    writer.canvas.counts[bar, row] = len(places)
    writer.canvas.bar_rules[bar, row] = rules


def model_bar(writer: CellWriter, row: str, bar: int) -> int | None:
    """The kept bar whose figure a bar takes up: its other turn, else the nearest in the same metre."""
    column = ROWS.index(row)
    cells = writer.original(row)
    kept = [
        b
        for b in range(len(cells))
        if writer.mask[b, column] == Cover.GIVEN
        and len(cells[b])
        and writer.canvas.bars[b].ticks == writer.canvas.bars[bar].ticks
        and not writer.canvas.bars[b].offset
    ]
    if row == "counter":  # what answers a tune that rests is no model under one that sings
        tune = [cell_count(cell) >= SINGS for cell in writer.canvas.cells.get("melody", [EMPTY] * len(cells))]
        kept = [b for b in kept if tune[b] == tune[bar]]
    if writer.wishes.close:  # nor is the end for those who go on
        end = max((b for own in writer.before.values() for b, cell in enumerate(own) if len(cell)), default=0)
        kept = [b for b in kept if b < end] or kept
    turn = writer.turns.get(bar)
    if turn in kept:
        return turn

    def section(b: int) -> int | None:
        tick = writer.piece.bars[b].start
        return next((s.start for s in writer.piece.score.sections if s.start <= tick < s.start + s.duration), None)

    # A bar that comes to rest, as at an end, is no model for those that go on.
    counts = {b: cell_count(cells[b]) for b in kept}
    usual = {s: float(np.median([counts[b] for b in kept if section(b) == s])) for s in {section(b) for b in kept}}
    kept = [b for b in kept if counts[b] >= 0.6 * usual[section(b)]] or kept

    def distance(b: int) -> float:  # bars by twos and fours answer each other
        away = abs(b - bar)
        elsewhere = 8 if section(b) != section(bar) else 0
        return away + elsewhere + (2 if b > bar else 0) + (0 if away % 4 == 0 else 1 if away % 2 == 0 else 3)

    return min(kept, key=lambda b: (distance(b), b), default=None)
