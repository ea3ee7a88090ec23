"""The weights that ship with the package, or others by path."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yuefu.errors import InputError
from yuefu.tokens.vocabulary import vocabulary

if TYPE_CHECKING:
    from yuefu.analysis.similarity import FingerprintIndex
    from yuefu.generation.engine import Engine
    from yuefu.generation.originality import PassageIndex

#: Files whose bytes are the model, for its hash.
WEIGHT_FILES = ("model.onnx", "model.onnx.data", "genai_config.json")


@dataclass(frozen=True)
class LoadedModel:
    """A model ready to write. hash: of its weights; manifest: what ``manifest.json`` beside them says."""

    engine: Engine
    hash: str
    manifest: dict[str, Any]
    folder: Path


def model_folder() -> Path:
    """Where the shipped model lies."""
    return Path(str(resources.files("yuefu").joinpath("model")))


@cache
def load_model(folder: Path | None = None) -> LoadedModel:
    """The shipped model (None) or the one in a runtime folder.

    Raises InputError when the folder holds no model or one with another vocabulary.
    """
    from yuefu.generation.engine import RuntimeEngine

    folder = folder or model_folder()
    missing = [name for name in WEIGHT_FILES if not (folder / name).exists()]
    if missing:
        raise InputError(
            f"{folder} isn't a model folder: {missing[0]} is missing; train one with `yuefu train` or reinstall."
        )
    told = json.loads((folder / "vocabulary.json").read_text("utf-8")).get("hash")
    if told != vocabulary().hash:
        raise InputError(
            f"the model in {folder} speaks vocabulary {told}, this version {vocabulary().hash}: retrain it."
        )
    manifest = folder / "manifest.json"
    return LoadedModel(
        engine=RuntimeEngine(folder),
        hash=weights_hash(folder),
        manifest=json.loads(manifest.read_text("utf-8")) if manifest.exists() else {},
        folder=folder,
    )


def weights_hash(folder: Path) -> str:
    """A short hash of a model's weights."""
    digest = hashlib.sha256()
    for name in WEIGHT_FILES:
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()[:16]


@cache
def originality_index(folder: Path | None = None) -> FingerprintIndex | None:
    """The fingerprints of what the shipped model (None) or the one in a folder learnt from; None if it has none."""
    from yuefu.analysis.similarity import FingerprintIndex

    path = (folder or model_folder()) / "originality.npz"
    return FingerprintIndex.load(path) if path.exists() else None


@cache
def passage_index(folder: Path | None = None) -> PassageIndex | None:
    """The passages that a copy guard looks up, for the same model; None if it has no fingerprints."""
    from yuefu.generation.originality import PassageIndex

    index = originality_index(folder)
    return None if index is None else PassageIndex(index)
