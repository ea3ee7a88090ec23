"""What an engine is and can do, and what it may be asked for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

#: What engines can be asked to do.
TASKS = ("compose", "fill", "continue", "vary", "morph", "texture", "sketch")
#: Endings of files that hold weights.
_WEIGHTS = (".onnx", ".npz")


def data_folder() -> Path:
    """Where engines' weights and facts lie."""
    return Path(str(resources.files("yuefu.engines").joinpath("data")))


@dataclass(frozen=True)
class EngineInfo:
    """An engine by name.

    en, zh: one line each, what it is and what it is good for; rows: of the grid, those it can write; tasks: of
    ``TASKS``; meters: it can write in, () for any; needs: "" or what must be there besides.
    """

    name: str
    en: str
    zh: str
    rows: tuple[str, ...]
    tasks: tuple[str, ...]
    meters: tuple[str, ...] = ()
    needs: str = ""

    def facts(self) -> dict[str, Any]:
        """The JSON beside its weights, {} where there is none: parameters, bytes, what was measured, its sets."""
        path = data_folder() / f"{self.name}.json"
        found: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
        return found

    def weights(self) -> Path | None:
        """The file with its weights, None where it has none of its own."""
        return next((p for end in _WEIGHTS if (p := data_folder() / f"{self.name}{end}").exists()), None)

    @property
    def hash(self) -> str:
        """A short hash of its weights, "" where it has none of its own."""
        path = self.weights()
        return "" if path is None else _hash(path, path.stat().st_mtime_ns)


@cache
def _hash(path: Path, _changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


@dataclass(frozen=True)
class CellWishes:
    """What cells should be like. None and {} leave it to the engine.

    temperature: 0 to 2; amount: 0 to 1, how far from what was in the cells (None: they are written from nothing, and
    are empty when the engine gets them); attributes: name -> about -2 to 2, such as ``{"busier": 1.0}``; style: a
    style's key; energy: 0 to 1; breaks: bars of the canvas where a section begins.
    """

    temperature: float | None = None
    amount: float | None = None
    attributes: Mapping[str, float] = field(default_factory=dict)
    style: str | None = None
    energy: float | None = None
    breaks: tuple[int, ...] = ()
