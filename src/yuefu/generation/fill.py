"""Fill: the one verb. A canvas of cells, a mask, and a model that writes what the mask leaves open.

A piece of any length is written window by window; each window sees the bars before it and, where
cells are given, a bar ahead. Cells that the mask doesn't name are never touched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from yuefu.generation.constraints import CellMachine
from yuefu.generation.engine import Engine, Session
from yuefu.generation.originality import GUARDED_ROWS, LOOK_BACK, CopyGuard, LineNote
from yuefu.generation.rules import RowRules
from yuefu.generation.sampling import choose
from yuefu.score.model import ROWS
from yuefu.theory.chord import QUALITY_NAMES, Chord
from yuefu.tokens.grid import EMPTY, Cell, GridBar, decode_notes
from yuefu.tokens.sequence import Cover, Fill, Header, Mask, Window, script
from yuefu.tokens.vocabulary import MAX_BARS, vocabulary

#: What a filled cell costs in tokens, roughly, by row; windows are kept to lengths seen in training.
EXPECTED_TOKENS = dict(zip(ROWS, (8, 18, 14, 14, 14, 38, 16, 30)))
TOKEN_BUDGET = 900
#: How often a cell is written anew when it would copy together with the given notes after it.
SEAM_TRIES = 6


@dataclass(frozen=True)
class Ahead:
    """Bars of another piece that the model hears before the first of a canvas, as far as a window has room.

    cells: row -> one cell a bar; bars and cells are in the canvas's mode.
    """

    bars: list[GridBar]
    cells: dict[str, list[Cell]]


@dataclass
class Canvas:
    """A piece on the grid, in C major or A minor.

    cells: row -> one cell a bar; headers: one a bar (a window takes its first filled bar's);
    counts: (bar, row) -> asked onsets; figures: (bar, row) -> positions that its figure prefers,
    else those of the bar before are; rules: row -> RowRules, or (row, bar) for one bar; ahead: what is heard before
    the first bar, in windows that reach it; kept: cells that nobody writes, whatever a mask says.
    """

    bars: list[GridBar]
    cells: dict[str, list[Cell]]
    headers: list[Header]
    rules: dict[str, RowRules] = field(default_factory=dict)
    bar_rules: dict[tuple[int, str], RowRules] = field(default_factory=dict)
    lyrics: list[Cell] | None = None
    counts: dict[tuple[int, str], int] = field(default_factory=dict)
    figures: dict[tuple[int, str], frozenset[int]] = field(default_factory=dict)
    ahead: Ahead | None = None
    kept: dict[tuple[int, str], Cell] = field(default_factory=dict)

    def restore(self) -> None:
        """Put the cells that are kept back to where they belong, in the rows that are there."""
        for (bar, row), cell in self.kept.items():
            if row in self.cells:
                self.cells[row][bar] = cell

    def copy(self) -> Canvas:
        """A copy whose cells can be filled without touching this one's."""
        return replace(self, cells={row: list(cells) for row, cells in self.cells.items()}, counts=dict(self.counts))

    def rule(self, bar: int, row: str) -> RowRules:
        """The rules of a cell."""
        return self.bar_rules.get((bar, row)) or self.rules.get(row) or RowRules()


@dataclass(frozen=True)
class CellFilled:
    """A cell was written. log_probability: sum over its tokens, in nats."""

    bar: int
    row: str
    cell: Cell
    log_probability: float


@dataclass(frozen=True)
class SamplingSettings:
    """Temperature by kind of row, nucleus, and the least share beside the likeliest token (see ``choose``)."""

    temperature: float = 0.95
    top_p: float = 0.95
    min_p: float = 0.0
    chord_temperature: float = 0.9
    drum_temperature: float = 0.9

    def of(self, row: str) -> float:
        """The temperature of a row."""
        return {"chords": self.chord_temperature, "drums": self.drum_temperature}.get(row, self.temperature)


def fill(
    engine: Engine,
    canvas: Canvas,
    mask: Mask,
    rng: np.random.Generator,
    settings: SamplingSettings | None = None,
    window: int = 8,
    context: int = 8,
    breaks: Sequence[int] = (),
    guard: CopyGuard | None = None,
    turns: Mapping[int, int] | None = None,
) -> Iterator[CellFilled]:
    """Write every cell of ``mask`` that says FILL into the canvas; yields each as it is done.

    mask: (bars, rows) of Cover. breaks: bars where a new window must begin (section starts).
    guard: turns notes away that would copy too long a run from the training corpus. turns: bar -> the bar
    that was its counterpart in another turn of the same section; a window hears these bars first.
    """
    settings = settings or SamplingSettings()
    mask = _without_kept(canvas, mask)
    wanted = (mask == Cover.FILL).any(axis=1)
    filled = np.zeros_like(mask, dtype=bool)
    for start, end in _chunks(wanted, window, set(breaks)):
        heard, local = _window_mask(canvas, mask, filled, start, end, context, turns or {})
        lead, local = _lead(canvas, heard, local)
        shift = len(lead.bars)
        view = Window(
            bars=[*lead.bars, *(canvas.bars[b] for b in heard)],
            cells={
                row: [*lead.cells.get(row, [EMPTY] * shift), *(cells[b] for b in heard)]
                for row, cells in canvas.cells.items()
            },
            header=replace(
                canvas.headers[start], at_start=heard[0] == 0 and not shift, at_end=heard[-1] == len(canvas.bars) - 1
            ),
            lyrics=None if canvas.lyrics is None else [*[EMPTY] * shift, *(canvas.lyrics[b] for b in heard)],
            counts={
                (i, row): canvas.counts[b, row]
                for i, b in enumerate(heard, shift)
                for row in ROWS
                if (b, row) in canvas.counts
            },
        )
        session, told = engine.session(), 0
        for step in script(view, local):
            if not isinstance(step, Fill):
                session.append(step.ids)
                told = step.ids[-1]
                continue
            bar = heard[step.bar - shift]
            cell, log_probability = _write_cell(
                session, canvas, bar, step.row, rng, settings, guard, told, _given_after(canvas, mask, bar, step.row)
            )
            canvas.cells.setdefault(step.row, [EMPTY] * len(canvas.bars))[bar] = cell
            view.cells.setdefault(step.row, [EMPTY] * len(view.bars))[step.bar] = cell
            filled[bar, ROWS.index(step.row)] = True
            yield CellFilled(bar, step.row, cell, log_probability)


def _without_kept(canvas: Canvas, mask: Mask) -> Mask:
    """The mask with kept cells given: those to be written, and those of rows being written that come later, so that
    what leads up to them is heard to do so."""
    if not canvas.kept:
        return mask
    canvas.restore()
    mask = mask.copy()
    for bar, row in canvas.kept:
        column = ROWS.index(row)
        if row in canvas.cells and (mask[:, column] == Cover.FILL).any():
            mask[bar, column] = Cover.GIVEN
    return mask


def _lead(canvas: Canvas, heard: Sequence[int], local: Mask) -> tuple[Ahead, Mask]:
    """Bars of ``Canvas.ahead`` before a window that begins with the piece, as many as the token budget and the longest
    window leave room for, and the mask with them: given in the rows that the window has."""
    nothing = Ahead([], {})
    ahead = canvas.ahead
    if ahead is None or heard[0] != 0:
        return nothing, local
    rows = [row for i, row in enumerate(ROWS) if (local[:, i] != Cover.ABSENT).any() and row in ahead.cells]
    spent = 0
    for place, bar in enumerate(heard):
        for i, row in enumerate(ROWS):
            if local[place, i] == Cover.FILL:
                spent += EXPECTED_TOKENS[row]
            elif local[place, i] == Cover.GIVEN and row in canvas.cells:
                spent += len(canvas.cells[row][bar]) + 2
    count = 0
    for bar in range(len(ahead.bars) - 1, -1, -1):
        spent += sum(len(ahead.cells[row][bar]) + 2 for row in rows)
        if spent > TOKEN_BUDGET or len(heard) + count >= MAX_BARS:
            break
        count += 1
    if not count or not rows:
        return nothing, local
    first = len(ahead.bars) - count
    mask = np.full((count, len(ROWS)), Cover.ABSENT, dtype=np.int8)
    mask[:, [ROWS.index(row) for row in rows]] = Cover.GIVEN
    cells = {row: ahead.cells[row][first:] for row in rows}
    return Ahead(ahead.bars[first:], cells), np.concatenate([mask, local])


def _chunks(wanted: np.ndarray, window: int, breaks: set[int]) -> Iterator[tuple[int, int]]:
    """Runs of bars to be filled, at most ``window`` long, split at breaks."""
    start: int | None = None
    for bar in range(len(wanted) + 1):
        open_here = bar < len(wanted) and bool(wanted[bar])
        if start is not None and (not open_here or bar - start >= window or bar in breaks):
            yield start, bar
            start = None
        if open_here and start is None:
            start = bar


def _window_mask(
    canvas: Canvas, mask: Mask, filled: np.ndarray, start: int, end: int, context: int, turns: Mapping[int, int]
) -> tuple[list[int], Mask]:
    """The bars of a window around a chunk, and its mask: what is known outside the chunk is given.

    The bar after the chunk and, as far as the token budget goes, the chunk's counterparts in another turn
    of its section, then the bars before it.
    """
    last = min(end + 1, len(canvas.bars))
    known = mask.copy()
    known[(mask == Cover.FILL) & filled] = Cover.GIVEN
    outside = (mask == Cover.FILL) & ~filled
    outside[start:end] = False
    known[outside] = Cover.ABSENT
    budget = TOKEN_BUDGET - sum(
        EXPECTED_TOKENS[row] for bar in range(start, end) for i, row in enumerate(ROWS) if known[bar, i] == Cover.FILL
    )
    given = [
        sum(
            len(canvas.cells[row][bar]) + 2
            for i, row in enumerate(ROWS)
            if known[bar, i] == Cover.GIVEN and row in canvas.cells
        )
        for bar in range(len(canvas.bars))
    ]
    budget -= sum(given[start:last])
    near = range(max(0, start - 2), last)
    again = sorted({turns[bar] for bar in range(start, end) if bar in turns} - set(near))
    if sum(given[bar] for bar in again) > budget * 0.7:
        again = []
    budget -= sum(given[bar] for bar in again)
    first = start
    while first > 0 and start - first < context and first - 1 not in again and given[first - 1] <= budget:
        first -= 1
        budget -= given[first]
    bars = [*again, *range(first, last)]
    return bars, known[bars]


def _write_cell(
    session: Session,
    canvas: Canvas,
    bar: int,
    row: str,
    rng: np.random.Generator,
    settings: SamplingSettings,
    guard: CopyGuard | None = None,
    told: int = 0,
    following: Sequence[LineNote] = (),
) -> tuple[Cell, float]:
    """Write one cell. told: the last token before it; following: the row's given notes after it."""
    column = canvas.bars[bar]
    start = sum(b.sounding for b in canvas.bars[:bar])
    guard = guard if row in GUARDED_ROWS else None
    before = line_between(canvas, row, max(0, bar - 32), bar)[-LOOK_BACK:] if guard else []
    at = session.length
    barred: set[tuple[int, int]] = set()
    while True:
        machine = CellMachine(
            row,
            canvas.rule(bar, row),
            column.ticks,
            column.offset,
            remaining=sum(b.sounding for b in canvas.bars[bar:]),
            count=canvas.counts.get((bar, row)),
            chord_at=chord_reader(canvas, bar),
            previous=last_pitches(canvas, bar, row),
            holds=canvas.lyrics is not None and row == "melody",
            rhythm=canvas.figures.get((bar, row)) or _positions(canvas, bar - 1, row),
            changes=_positions(canvas, bar, "chords"),
            figure=(bar, row) in canvas.figures,
            sounding=sounding_reader(canvas, bar, row),
            guard=guard,
            line=before,
            start=start,
            barred=barred,
        )
        total = 0.0
        refuse = machine.refuses if guard else None
        while not machine.done:
            written = len(machine.tokens)
            token, log_probability = choose(
                session.logits(), machine.allowed(), machine.bias(), rng, settings.of(row), settings.top_p,
                settings.min_p, refuse,
            )  # fmt: skip
            total += log_probability
            machine.push(token)
            session.append([token, *machine.tokens[written + 1 :]])
        own = machine.line[len(before) :]
        if guard is None or not own or not following or not guard.joins_badly(machine.line, following):
            break
        if len(barred) >= SEAM_TRIES:
            guard.let_through += 1
            break
        # With what is given after it the cell would copy: written anew, without its last note.
        guard.turned_away += 1
        barred.add((own[-1][0] - start + column.offset, own[-1][1]))
        session.rewind(at - 1)
        session.append([told])
    return np.array(machine.tokens, dtype=np.int16), total


def line_between(canvas: Canvas, row: str, first: int, last: int) -> list[LineNote]:
    """The top notes of a row in bars [first, last), as (tick, pitch)."""
    start = sum(b.sounding for b in canvas.bars[:first])
    line: dict[int, int] = {}
    for column, cell in zip(canvas.bars[first:last], canvas.cells.get(row, ())[first:last]):
        notes, _ = decode_notes(cell, start, column.offset)
        for tick, pitch in zip(notes["start"].tolist(), notes["pitch"].tolist()):
            line[tick] = max(pitch, line.get(tick, 0))
        start += column.sounding
    return list(line.items())


def _given_after(canvas: Canvas, mask: Mask, bar: int, row: str, bars: int = 8) -> list[LineNote]:
    """The notes of a row in the bars after one, as far as they are given."""
    if row not in GUARDED_ROWS:
        return []
    last = bar + 1
    while last < min(len(canvas.bars), bar + 1 + bars) and mask[last, ROWS.index(row)] == Cover.GIVEN:
        last += 1
    return line_between(canvas, row, bar + 1, last)


def _positions(canvas: Canvas, bar: int, row: str) -> frozenset[int]:
    """Where a cell's events begin."""
    if bar < 0 or row not in canvas.cells:
        return frozenset()
    v = vocabulary()
    return frozenset(v.position_ticks[t] for t in canvas.cells[row][bar].tolist() if t in v.position_ticks)


def sounding_reader(canvas: Canvas, bar: int, row: str) -> Callable[[int], list[tuple[str, int]]]:
    """A function from a position in a bar to (row, pitch) of the other rows' notes that sound there."""
    notes: list[tuple[str, int, int, int]] = []
    for other in ROWS:
        if other in (row, "chords", "drums") or other not in canvas.cells:
            continue
        for back in (0, 1):
            if bar - back >= 0:
                shift = canvas.bars[bar - back].ticks * back
                cell, _ = decode_notes(canvas.cells[other][bar - back], 0, 0)
                notes += [
                    (other, int(n["pitch"]), int(n["start"]) - shift, int(n["start"] + n["duration"]) - shift)
                    for n in cell
                ]

    def at(position: int) -> list[tuple[str, int]]:
        return [(name, pitch) for name, pitch, start, end in notes if start <= position < end]

    return at


def chord_reader(canvas: Canvas, bar: int) -> Callable[[int], Chord | None]:
    """A function from a position in a bar to the chord that sounds there (None: no chord).

    A bar without a chord of its own goes on with the last one before it.
    """
    v = vocabulary()
    events: list[tuple[int, Chord | None]] = []
    cells = canvas.cells.get("chords")
    first = bar
    while cells and bar > 0 and not len(cells[bar]):
        bar -= 1
    ids = [int(t) for t in cells[bar]] if cells else []
    i = 0
    while i < len(ids):
        position = v.position_ticks[ids[i]]
        if ids[i + 1] == v.nc:
            events.append((position, None))
            i += 2
            continue
        chord = Chord(ids[i + 1] - v.root, QUALITY_NAMES[ids[i + 2] - v.quality])
        i += 3
        if i < len(ids) and v.cbass <= ids[i] < v.cbass + 12:
            chord = Chord(chord.root, chord.quality, ids[i] - v.cbass)
            i += 1
        events.append((position, chord))
    if bar < first:
        events = events[-1:]

    def at(position: int) -> Chord | None:
        found = None
        for start, chord in events:
            if start <= position or found is None:
                found = chord
        return found

    return at


def last_pitches(canvas: Canvas, bar: int, row: str, count: int = 6) -> list[int]:
    """The last few pitches of a monophonic row before a bar."""
    v = vocabulary()
    cells = canvas.cells.get(row)
    if not cells or row in ("chords", "drums"):
        return []
    pitches: list[int] = []
    for cell in reversed(cells[:bar]):
        inside = [int(t) - v.pitch for t in cell if v.pitch + 21 <= t <= v.pitch + 108]
        pitches = inside + pitches
        if len(pitches) >= count:
            break
    return pitches[-count:]
