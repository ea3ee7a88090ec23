"""The fill model that ships with the package."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yuefu.engines.info import EngineInfo
from yuefu.score.model import ROWS

if TYPE_CHECKING:
    from yuefu.generation.engine import Engine

_WEIGHTS = ("model.onnx", "model.onnx.data", "genai_config.json")


def _folder() -> Path:
    return Path(str(resources.files("yuefu").joinpath("model")))


@dataclass(frozen=True)
class _ModelInfo(EngineInfo):
    """Facts from the model's own folder."""

    def facts(self) -> dict[str, Any]:
        path = _folder() / "manifest.json"
        if not path.exists():
            return {}
        told = json.loads(path.read_text("utf-8"))
        size = sum((_folder() / name).stat().st_size for name in _WEIGHTS)
        return {
            "parameters": told.get("parameters"), "bytes": size, "precision": told.get("precision"),
            "measured": {"held_out_nats_per_token": told.get("held_out_nats_per_token")}, "sets": told.get("sets", []),
        }  # fmt: skip

    @property
    def hash(self) -> str:
        digest = hashlib.sha256()
        for name in _WEIGHTS:
            digest.update((_folder() / name).read_bytes())
        return digest.hexdigest()[:16]


class TransformerEngine:
    """A language model over cells, which hears a bar ahead and all rows at once."""

    info: EngineInfo = _ModelInfo(
        name="transformer",
        en="the fill model: whole pieces and any cells, hearing all parts at once and a bar ahead; the usual engine",
        zh="填充模型：整曲与任意格子，同时听各声部并预听一小节；默认引擎",
        rows=ROWS,
        tasks=("compose", "fill", "continue", "vary"),
    )

    @cached_property
    def _engine(self) -> Engine:
        from yuefu.generation.engine import RuntimeEngine

        return RuntimeEngine(_folder())

    def tokens(self) -> Engine:
        """The model in onnxruntime-genai."""
        return self._engine
