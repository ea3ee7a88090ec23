"""Progress events: long loops yield or report these, and the faces draw them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a piece of work has come.

    stage: a short name such as ``"melody"`` or ``"render"``; done and total: counts in the
    stage's own unit; message: a human sentence, may be empty.
    """

    stage: str
    done: float
    total: float
    message: str = ""


#: A listener for progress events. Raising from it cancels the work.
Listener = Callable[[Progress], None]


def ignore(_: Progress) -> None:
    """The listener that does nothing."""
