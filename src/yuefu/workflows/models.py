"""The weights that ship with the package, or others by path, with a style of one's own in them or without."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yuefu.errors import InputError
from yuefu.text.adapted import adapted_by
from yuefu.tokens.vocabulary import vocabulary

if TYPE_CHECKING:
    from yuefu.analysis.similarity import FingerprintIndex
    from yuefu.generation.engine import Engine
    from yuefu.generation.originality import CopyGuard, PassageIndex

#: Longest run of notes that may be as in a piece that a style of one's own learnt from.
LONGEST_OWN = 10
#: Files whose bytes are the model, for its hash.
WEIGHT_FILES = ("model.onnx", "model.onnx.data", "genai_config.json")


@dataclass(frozen=True)
class LoadedModel:
    """A model ready to write. hash: of its weights; manifest: what ``manifest.json`` beside them says.

    adapter: the style of one's own that is in it, as ``name@hash``; hash and manifest are those of the model below.
    """

    engine: Engine
    hash: str
    manifest: dict[str, Any]
    folder: Path
    adapter: str | None = None


def model_folder() -> Path:
    """Where the shipped model lies."""
    return Path(str(resources.files("yuefu").joinpath("model")))


def load_model(folder: Path | None = None, adapter: str | None = None) -> LoadedModel:
    """The shipped model (None) or the one in a runtime folder. adapter: a style of one's own to put into it.

    Raises InputError when the folder holds no model or one with another vocabulary, or when the style isn't there,
    has changed or was made for another model.
    """
    if adapter is not None:
        adapted_by(adapter)  # it may have gone since it was loaded
    return _load(folder or model_folder(), adapter)


@cache
def _load(folder: Path, adapter: str | None) -> LoadedModel:
    from yuefu.generation.engine import RuntimeEngine

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
    own_hash = weights_hash(folder)
    runtime = folder
    if adapter is not None:
        from yuefu.workflows.adapters import merged_folder

        runtime = merged_folder(folder, own_hash, adapted_by(adapter))
    return LoadedModel(
        engine=RuntimeEngine(runtime),
        hash=own_hash,
        manifest=json.loads(manifest.read_text("utf-8")) if manifest.exists() else {},
        folder=folder,
        adapter=adapter,
    )


def weights_hash(folder: Path) -> str:
    """A short hash of a model's weights."""
    digest = hashlib.sha256()
    for name in WEIGHT_FILES:
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()[:16]


@cache
def originality_index(folder: Path | None = None, adapter: str | None = None) -> FingerprintIndex | None:
    """The fingerprints of what the shipped model (None) or the one in a folder learnt from; None if it has none.

    adapter: a style of one's own, whose pieces are looked up, too.
    """
    from yuefu.analysis.similarity import FingerprintIndex

    path = (folder or model_folder()) / "originality.npz"
    index = FingerprintIndex.load(path) if path.exists() else None
    if adapter is None:
        return index
    from yuefu.workflows.adapters import joined_index, tunes_of

    return joined_index(index, tunes_of(adapted_by(adapter)))


@cache
def passage_index(folder: Path | None = None) -> PassageIndex | None:
    """The passages that a copy guard looks up, for the same model; None if it has no fingerprints."""
    from yuefu.generation.originality import PassageIndex

    index = originality_index(folder)
    return None if index is None else PassageIndex(index)


@cache
def own_passages(adapter: str) -> PassageIndex:
    """The passages of the pieces that a style of one's own learnt from."""
    from yuefu.generation.originality import PassageIndex
    from yuefu.workflows.adapters import tunes_of

    return PassageIndex(tunes_of(adapted_by(adapter)), LONGEST_OWN)


def guarding(guard: CopyGuard | None, adapter: str | None) -> CopyGuard | None:
    """A guard that also turns copies of a style's own pieces away, more strictly: it has learnt from few."""
    from yuefu.generation.originality import CopyGuard

    if adapter is None:
        return guard
    own = own_passages(adapter)
    return CopyGuard(own) if guard is None else CopyGuard(guard.passages, *guard.others, own)
