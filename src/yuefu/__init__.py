"""Yuefu (乐府): words in, a complete piece of music out.

    import yuefu

    song = yuefu.compose("春天的气息弥漫在空气中", style="folk", seed=7)
    song.save("spring")

The names below are loaded when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yuefu.analysis.facts import Facts, analyze
    from yuefu.errors import YuefuError
    from yuefu.score.files import read_score, write_score
    from yuefu.score.model import Score
    from yuefu.score.performed import Performance
    from yuefu.text.brief import Brief, BriefOptions, read_brief
    from yuefu.workflows.compose import Composition, compose
    from yuefu.workflows.convert import convert
    from yuefu.workflows.render import render
    from yuefu.workflows.replay import replay

__version__ = "0.1.0"

#: Public name -> module that holds it.
_HOMES = {
    "Brief": "yuefu.text.brief",
    "BriefOptions": "yuefu.text.brief",
    "Composition": "yuefu.workflows.compose",
    "Facts": "yuefu.analysis.facts",
    "Performance": "yuefu.score.performed",
    "Score": "yuefu.score.model",
    "YuefuError": "yuefu.errors",
    "analyze": "yuefu.analysis.facts",
    "compose": "yuefu.workflows.compose",
    "convert": "yuefu.workflows.convert",
    "read_brief": "yuefu.text.brief",
    "read_score": "yuefu.score.files",
    "render": "yuefu.workflows.render",
    "replay": "yuefu.workflows.replay",
    "write_score": "yuefu.score.files",
}

__all__ = [
    "Brief",
    "BriefOptions",
    "Composition",
    "Facts",
    "Performance",
    "Score",
    "YuefuError",
    "__version__",
    "analyze",
    "compose",
    "convert",
    "read_brief",
    "read_score",
    "render",
    "replay",
    "write_score",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'yuefu' has no attribute '{name}'")
    value = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
