"""Engines by name. Another package adds its own by an entry point of the group ``yuefu.engines``."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.metadata import entry_points

from yuefu.engines.info import EngineInfo
from yuefu.engines.seams import CellEngine, TokenEngine
from yuefu.errors import InputError, UnknownNameError

#: Name -> "module:Class". The class has ``info`` and can be made without arguments; its module loads no runtime.
ENGINES = {
    "transformer": "yuefu.engines.transformer:TransformerEngine",
    "lstm": "yuefu.engines.lstm:LstmEngine",
    "markov": "yuefu.engines.markov:MarkovEngine",
    "vae": "yuefu.engines.vae:VaeEngine",
    "gan": "yuefu.engines.gan:GanEngine",
    "llm": "yuefu.engines.language_model:LanguageModelEngine",
}


@cache
def _known() -> dict[str, str]:
    others = {point.name: point.value for point in entry_points(group="yuefu.engines")}
    return {**others, **ENGINES}


def engine_names() -> tuple[str, ...]:
    """The engines that are there, our own first.

    >>> engine_names()[0]
    'transformer'
    """
    return tuple(dict.fromkeys([*ENGINES, *sorted(_known())]))


def engine_info(name: str) -> EngineInfo:
    """What an engine can do. Raises UnknownNameError.

    >>> engine_info("transformer").name
    'transformer'
    """
    info: EngineInfo = vars(_class_of(name))["info"]
    return info


@cache
def load_engine(name: str) -> TokenEngine | CellEngine:
    """An engine, ready to write. Raises UnknownNameError; InputError for one that can't write by itself."""
    made: object = _class_of(name)()
    if not isinstance(made, TokenEngine | CellEngine):
        raise InputError(f"the engine '{name}' doesn't write by itself: it needs {engine_info(name).needs}.")
    return made


def _class_of(name: str) -> type:
    known = _known()
    if name not in known:
        raise UnknownNameError("engine", str(name), known)
    module, _, attribute = known[name].partition(":")
    found: type = getattr(import_module(module), attribute)
    return found
