"""Engines: the generative families that can write music here, by name, each with what it is good for.

    from yuefu.engines import engine_info, engine_names

    for name in engine_names():
        print(name, engine_info(name).en)

Importing this loads no runtime and no weights; ``load_engine`` does.
"""

from yuefu.engines.info import CellWishes, EngineInfo
from yuefu.engines.registry import ENGINES, engine_info, engine_names, load_engine
from yuefu.engines.seams import CellEngine, TokenEngine

__all__ = [
    "ENGINES",
    "CellEngine",
    "CellWishes",
    "EngineInfo",
    "TokenEngine",
    "engine_info",
    "engine_names",
    "load_engine",
]
