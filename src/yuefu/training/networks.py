"""The small networks that ``yuefu train`` knows beside the fill model, by the ``kind`` of their settings.

A kind is a class of settings, checked by pydantic, whose ``run`` trains all of it with ``supervised.fit`` and leaves
what the runtime needs in the run's folder.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import torch
from pydantic import ValidationError

from yuefu.errors import InputError, UnknownNameError
from yuefu.progress import Listener, ignore
from yuefu.training.supervised import Event

#: Kind -> where its settings' class is.
KINDS = {
    "styles": "yuefu.training.styles:StylesConfig",
    "sounds": "yuefu.training.sound_styles:SoundsConfig",
    "gan": "yuefu.training.gan:GanConfig",
    "vae": "yuefu.training.vae:VaeConfig",
    "lstm": "yuefu.training.lstm:LstmRunConfig",
    "markov": "yuefu.training.markov:MarkovConfig",
}
#: The kind of settings that don't say one.
FILL = "fill"


class NetworkConfig(Protocol):
    """Settings that can be trained."""

    def run(
        self, data: Path, run: Path, device: str = "cpu", progress: Listener = ignore
    ) -> Iterator[tuple[str, Event]]:
        """Train in ``run``, or go on; yields (folder within the run, event). data: a built corpus."""


def read_network(path: Path) -> NetworkConfig:
    """The settings of a TOML file. Raises UnknownNameError for a kind that isn't known, InputError for bad settings."""
    table = read_table(path)
    kind = str(table.get("kind", FILL))
    if kind not in KINDS:
        raise UnknownNameError("kind of network", kind, [FILL, *KINDS])
    module, _, name = KINDS[kind].partition(":")
    try:
        settings: NetworkConfig = getattr(import_module(module), name)(**table)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{path.name}: '{where}': {first['msg']}.") from error
    return settings


def best_device() -> str:
    """``"cuda"`` where there is one, else ``"cpu"``."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def read_table(path: Path) -> dict[str, Any]:
    """A TOML file as plain data. Raises InputError."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"can't read the training settings {path}: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name} isn't valid TOML: {error}.") from error
