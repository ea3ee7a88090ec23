"""Tell the style of a score: windows of bars through the network, and "unsure" where it isn't sure enough."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yuefu.analysis.bar_roll import STATS, BarRoll, bar_roll
from yuefu.errors import InputError
from yuefu.recognition.network import Network, Verdict
from yuefu.recognition.windows import BARS, windows_of
from yuefu.score.model import Score

#: Name of the weights and facts.
STYLES = "styles"


class StyleRecognizer(Network):
    """The network over bars of a folder, or the package's."""

    def __init__(self, folder: Path | None = None) -> None:
        super().__init__(STYLES, folder)
        self.columns = [STATS.index(name) for name in self.facts.shown]

    def logits(
        self, rows: NDArray[np.float32], stats: NDArray[np.float32], mask: NDArray[np.float32] | None = None
    ) -> NDArray[np.float32]:
        """Logits (n, labels) of windows: rows (n, BARS, ROWS, STEPS), all stats (n, BARS, STATS), mask (n, BARS)."""
        mask = np.ones((len(rows), BARS), dtype=np.float32) if mask is None else mask
        return self.run({"rows": rows, "stats": np.ascontiguousarray(stats[:, :, self.columns]), "mask": mask})

    def of_roll(self, roll: BarRoll) -> Verdict:
        """The verdict on a roll. Raises InputError for one without notes."""
        _, rows, stats = windows_of(roll)
        if not len(rows):
            raise InputError("the score has no notes: there is nothing to tell a style by.")
        return self.verdict(self.logits(rows, stats))

    def __call__(self, score: Score) -> Verdict:
        """The verdict on a score."""
        return self.of_roll(bar_roll(score))


@cache
def style_recognizer() -> StyleRecognizer:
    """The package's own, loaded once."""
    return StyleRecognizer()
