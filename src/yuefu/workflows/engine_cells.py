"""Engines that write whole cells in their own way, on an open score: their rules, their wishes, their progress."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from yuefu.engines import CellEngine, CellWishes
from yuefu.progress import Progress
from yuefu.tokens.grid import EMPTY
from yuefu.tokens.sequence import Cover, Mask
from yuefu.workflows.cell_writing import CellWriter
from yuefu.workflows.fill_wishes import Wishes
from yuefu.workflows.score_canvas import OpenScore


class EngineCellWriter(CellWriter):
    """Has a cell engine write the named cells at once, within the rules that the piece's players set."""

    def __init__(
        self,
        piece: OpenScore,
        mask: Mask,
        wishes: Wishes,
        engine: CellEngine,
        players: dict[str, str] | None = None,
        beside: dict[str, tuple[str, ...]] | None = None,
    ) -> None:
        super().__init__(piece, mask, wishes, None, None, players, beside)
        self.cell_engine = engine

    def run(self) -> Iterator[Progress]:
        """Write everything, telling of each cell."""
        rows = self.written()
        open_cells = [(int(bar), int(column)) for bar, column in np.argwhere(self.mask == Cover.FILL)]
        for row in rows:
            cells = self.canvas.cells.setdefault(row, [EMPTY] * len(self.canvas.bars))
            if self.wishes.amount is None:
                for bar in np.flatnonzero(self.mask[:, self.column(row)] == Cover.FILL).tolist():
                    cells[bar] = EMPTY
        for start, end in self._stretches():
            plan = self.plan(start, end, rows)
            for row in rows:
                rules = self.rules(plan, row, start)
                self.canvas.bar_rules.update({(bar, row): rules for bar in range(start, end)})
        rng = np.random.default_rng([self.wishes.seed, 31])
        self.windows = 1
        breaks = tuple(sorted({self.bar_at(section.start) for section in self.piece.score.sections}))
        asked = replace(cell_wishes(self.wishes, self.style), breaks=breaks)
        written = self.cell_engine.write(self.canvas, self.mask, rng, asked)
        for done, event in enumerate(written, 1):
            self.log_probability += event.log_probability
            self.tokens += len(event.cell) + 1
            yield Progress("cells", min(done, len(open_cells)), len(open_cells))


def cell_wishes(wishes: Wishes, style: str) -> CellWishes:
    """What the wishes ask of a cell engine. Words such as "busier" become an attribute."""
    attributes: Mapping[str, float] = dict(wishes.attributes)
    if wishes.busier and "busier" not in attributes:
        attributes = {**attributes, "busier": float(wishes.busier)}
    return CellWishes(wishes.temperature, wishes.amount, attributes, style, wishes.energy)
