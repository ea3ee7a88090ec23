"""Which engine writes: by name or as an object, with what a report tells of it, and a check that it can."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from yuefu.engines import CellEngine, EngineInfo, TokenEngine, engine_info, engine_names, load_engine
from yuefu.errors import InputError
from yuefu.generation.engine import Engine
from yuefu.generation.originality import PassageIndex
from yuefu.workflows.models import LoadedModel, load_model, passage_index

#: The engine that is meant where none is named.
USUAL = "transformer"
#: Names that leave the choice to us.
ANY = ("auto", USUAL)


@dataclass(frozen=True)
class Writer:
    """What will write: ``tokens`` or ``cells``, one of them.

    name: in the registry, "" for an object that was given; hash: of its weights; loaded: the fill model, where it is
    the one; passages: what its lines are kept from copying.
    """

    name: str
    hash: str
    tokens: Engine | None = None
    cells: CellEngine | None = None
    loaded: LoadedModel | None = None
    passages: PassageIndex | None = None
    info: EngineInfo | None = None


def writer_of(engine: Engine | str | None, model: Path | None = None) -> Writer:
    """The engine that a name (None or ``"auto"``: the usual one) or an object stands for.

    model: another fill model than the one inside. Raises UnknownNameError, and InputError for an engine that can't
    write by itself or a model given to another engine.
    """
    if engine is not None and not isinstance(engine, str):
        return Writer("", "", tokens=engine)
    if engine is None or engine in ANY:
        loaded = load_model(model)
        return Writer(USUAL, loaded.hash, loaded.engine, None, loaded, passage_index(model), engine_info(USUAL))
    info = engine_info(engine)
    if model is not None:
        raise InputError(
            f"--model gives the weights of the {USUAL}, and the engine '{engine}' has its own: leave it out."
        )
    found = load_engine(engine)
    if isinstance(found, TokenEngine):
        return Writer(engine, info.hash, tokens=found.tokens(), passages=passage_index(None), info=info)
    return Writer(engine, info.hash, cells=found, info=info)


def check_can(info: EngineInfo | None, rows: Sequence[str], meters: Collection[str] = ()) -> None:
    """Raise InputError where an engine can't write some rows, or in some metre; the sentence names one that can."""
    if info is None:
        return
    foreign = [row for row in rows if row not in info.rows]
    if foreign:
        raise InputError(
            f"the engine '{info.name}' can't write {_listed(foreign)}, only {_listed(info.rows)}: name other rows, or "
            f"use {_who_can(rows, ())}."
        )
    odd = sorted({meter for meter in meters if info.meters and meter not in info.meters})
    if odd:
        raise InputError(
            f"the engine '{info.name}' can't write in {_listed(odd)}, only in {_listed(info.meters)}: name other bars, "
            f"or use {_who_can(rows, odd)}."
        )


def _who_can(rows: Sequence[str], meters: Sequence[str]) -> str:
    """The engines that could, as they are asked for."""
    infos = [engine_info(name) for name in engine_names()]
    able = [
        info.name
        for info in infos
        if not info.needs and set(rows) <= set(info.rows) and (not info.meters or set(meters) <= set(info.meters))
    ]
    return "--engine " + " or ".join(able[:3])


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
