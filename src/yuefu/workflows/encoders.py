"""Other encoders than the one inside: a pretrained model in a local folder, with a head fitted on our scenes."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from yuefu.errors import InputError, MissingExtraError, OutputError
from yuefu.progress import Listener, ignore
from yuefu.score.files import atomic_write, make_folder
from yuefu.text.encoder.linear import Head, LinearReader
from yuefu.text.encoder.reading import Reading, Understand, understand
from yuefu.text.lexicon import concepts

if TYPE_CHECKING:
    from yuefu.models.text_encoder import TextEncoder
    from yuefu.training.words.accuracy import Accuracy
    from yuefu.training.words.ridge import Rows

_log = logging.getLogger(__name__)
PREFIX = "hf:"
#: Files of a folder that decide what its model says.
_TOLD_BY = (".json", ".txt", ".model", ".safetensors", ".bin", ".tiktoken", ".spm")


def encoder_named(name: str | None, *, progress: Listener = ignore) -> Understand:
    """What an encoder's name stands for: ``hf:FOLDER``, a local folder with a transformers model; None, the one inside.

    A model's head is fitted the first time, which takes a run over some tens of thousands of short texts, and kept in
    the user's cache folder. Raises InputError for a folder that holds no such model, MissingExtraError without torch
    and transformers.
    """
    return understand if name is None else _reader(name, progress)


def fit_encoder(name: str, *, progress: Listener = ignore) -> dict[str, dict[str, Accuracy]]:
    """Fit an encoder's head afresh; reader -> language -> how well held-out scenes are read, the encoder inside too."""
    from yuefu.training.words.accuracy import accuracy
    from yuefu.training.words.scenes import held_out_scenes

    fitted = _reader(name, progress, afresh=True)
    return {name: accuracy(fitted.plain, held_out_scenes()), "inside": accuracy(_inside, held_out_scenes())}


def _reader(name: str, progress: Listener, afresh: bool = False) -> LinearReader:
    from yuefu.training.words.ridge import fit_head, version_of

    folder = _folder(name)
    digest = _hash(folder)
    encoder = _model(folder, digest)
    learnt, held = _rows()
    path = cache_folder() / f"{sha256((digest + version_of(learnt, held)).encode()).hexdigest()[:24]}.npz"
    head = None if afresh else _kept(path)
    if head is None:
        head = fit_head(encoder.vectors, learnt, held, progress)
        try:
            make_folder(path.parent)
            atomic_write(path, head.to_bytes())
        except OutputError as error:  # a head that can't be kept is fitted again next time
            _log.warning("%s", error)
    return LinearReader(encoder.vectors, head)


def cache_folder() -> Path:
    """Where fitted heads are kept: below ``XDG_CACHE_HOME``, else ``~/.cache``."""
    told = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (told if told.is_absolute() else Path.home() / ".cache") / "yuefu" / "encoders"


def _inside(texts: Sequence[str]) -> list[Reading]:
    return [reading for text in texts if (reading := understand(text, explain=False)) is not None]


def _folder(name: str) -> Path:
    if not name.startswith(PREFIX) or not name.removeprefix(PREFIX).strip():
        raise InputError(f"'{name[:80]}' isn't an encoder: give {PREFIX}FOLDER, a folder with a transformers model.")
    folder = Path(name.removeprefix(PREFIX).strip()).expanduser()
    if not folder.is_dir():
        raise InputError(f"'{folder}' isn't a folder: give {PREFIX}FOLDER, a folder with a transformers model.")
    return folder.resolve()


def _hash(folder: Path) -> str:
    """A hash of the files that decide what the model says."""
    digest = sha256()
    for path in sorted(folder.iterdir()):
        if path.suffix in _TOLD_BY and path.is_file():
            with path.open("rb") as file:
                digest.update(path.name.encode())
                while data := file.read(1 << 22):
                    digest.update(data)
    return digest.hexdigest()


@lru_cache(maxsize=1)
def _model(folder: Path, digest: str) -> TextEncoder:
    """The model; ``digest`` keeps a folder whose files changed from being taken for what it was."""
    try:
        from yuefu.models.text_encoder import TextEncoder
    except ImportError as error:
        raise MissingExtraError("a pretrained encoder", "train") from error
    return TextEncoder(folder)


def _rows() -> tuple[Rows, Rows]:
    """What a head is fitted on, and what its settings are chosen by."""
    from yuefu.training.words.ridge import Rows
    from yuefu.training.words.scenes import held_out_scenes, learnt_scenes

    return Rows.of(learnt_scenes(), concepts()), Rows.of(held_out_scenes())


def _kept(path: Path) -> Head | None:
    """A head from the cache; None when there is none, or a damaged one."""
    try:
        return Head.from_bytes(path.read_bytes())
    except (OSError, ValueError):
        return None
