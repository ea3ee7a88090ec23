"""The two ways in which an engine plugs in, told apart by the method that it has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np

from yuefu.engines.info import CellWishes, EngineInfo

if TYPE_CHECKING:
    from yuefu.generation.engine import Engine
    from yuefu.generation.fill import Canvas, CellFilled
    from yuefu.tokens.sequence import Mask


@runtime_checkable
class TokenEngine(Protocol):
    """Gives logits over the one vocabulary: the same sequences, the same rules of the next token as for the others."""

    info: EngineInfo

    def tokens(self) -> Engine:
        """Opens sessions. The same object each time, so that weights are loaded once."""


@runtime_checkable
class CellEngine(Protocol):
    """Writes whole cells in its own way."""

    info: EngineInfo

    def write(self, canvas: Canvas, mask: Mask, rng: np.random.Generator, wishes: CellWishes) -> Iterator[CellFilled]:
        """Write every cell that ``mask`` says FILL into the canvas, in C major or A minor; yields each as it is done.

        mask: (bars, rows) of Cover; cells that it says ABSENT aren't listened to. Keeps to ``canvas.rule(bar, row)``:
        pitches fold by octaves into ``low`` to ``high``, at most ``polyphony`` notes at once, ``places``, drum sounds
        of ``hits``. ``canvas.cells`` holds a list for each row that is filled. Raising in the consumer cancels.
        """
