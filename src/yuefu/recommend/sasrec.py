"""What comes next by self-attention over what was heard (SASRec), in numpy alone."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from yuefu.progress import Listener, ignore
from yuefu.recommend.base import Floats, Recommender, RecommenderInfo
from yuefu.recommend.content import Catalogue
from yuefu.recommend.histories import Histories
from yuefu.recommend.sasrec_network import START_GAP, Parameters, Shape, forward, gap_steps, start
from yuefu.recommend.sasrec_training import Training, train

#: Listeners answered at once.
AT_ONCE = 256


class SasRec(Recommender):
    """length, width, layers, heads: of the network; training: how it learns. losses: after each epoch, on what was kept
    aside."""

    info = RecommenderInfo(
        "sasrec",
        "Attention over what was heard",
        "对听过的序列做注意力",
        frozenset({"order", "times"}),
        False,
        "Kang & McAuley 2018, with the softmax over all items (Klenitskiy & Vasilev 2023)",
    )

    def __init__(
        self, *, length: int = 50, width: int = 64, layers: int = 2, heads: int = 2, training: Training | None = None
    ) -> None:
        self._shape = Shape(0, length, width, layers, heads)
        self._training = training or Training()
        self._parameters: Parameters = {}
        self.losses: list[float] = []

    def fit(
        self, data: Histories, catalogue: Catalogue | None = None, *, seed: int = 0, progress: Listener = ignore
    ) -> Self:
        """Learn what comes next from the sequences."""
        settings = asdict(self._shape) | {"items": len(data.items)}
        self._shape = Shape(**settings)
        self._parameters, self.losses = train(data, self._shape, self._training, seed, progress)
        return self

    def scores(self, asked: Histories) -> Floats:
        """The logarithm of each item's chance to be next, but for a constant of each listener."""
        p, shape = self._parameters, self._shape
        found = np.empty(asked.shape, dtype=np.float32)
        for begin in range(0, len(found), AT_ONCE):
            part = range(begin, min(begin + AT_ONCE, len(found)))
            items, gaps, last = self._question(asked, part)
            out, _ = forward(p, shape, items, gaps)
            known = out[np.arange(len(last)), last]
            found[begin : part.stop] = known @ p["item"][:-1].T + p["bias"]
        return found

    def state(self) -> dict[str, Any]:
        """The parameters and the shape they have."""
        return {"shape": asdict(self._shape), "parameters": dict(self._parameters)}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """A network as it was. Raises ValueError when its parts don't fit."""
        shape = Shape(**{name: int(value) for name, value in state["shape"].items()})
        made = cls()
        made._shape = shape
        sizes = start(Shape(1, shape.length, shape.width, shape.layers, shape.heads), np.zeros(1), 0)
        wanted = {name: value.shape for name, value in sizes.items()}
        wanted |= {"item": (shape.items + 1, shape.width), "bias": (shape.items,)}
        if {name: value.shape for name, value in state["parameters"].items()} != wanted:
            raise ValueError("a network's parts don't fit each other")
        made._parameters = dict(state["parameters"])
        return made

    def _question(
        self, asked: Histories, rows: range
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Items and steps of time, padded behind, and where each listener's last place is."""
        most = self._shape.length
        sequences = [asked.sequences[row] for row in rows]
        # A short history begins with the beginning, as it did in training.
        lengths = np.array([min(len(sequence) + 1, most) for sequence in sequences], dtype=np.int64)
        items = np.full((len(rows), int(lengths.max(initial=1))), self._shape.items)
        gaps = np.full_like(items, START_GAP)
        for line, (row, sequence) in enumerate(zip(rows, sequences)):
            count = min(len(sequence), most)
            if not count:
                continue
            end, moments = int(lengths[line]), asked.moments[row][-count:]
            items[line, end - count : end] = sequence[-count:]
            gaps[line, end - count : end] = gap_steps(np.diff(moments, append=asked.now))
        return items, gaps, lengths - 1
