"""Which engine writes: by name or as an object, with what a report tells of it, and a check that it can."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yuefu.engines import CellEngine, EngineInfo, TokenEngine, engine_info, engine_names, load_engine
from yuefu.errors import InputError, UnknownNameError
from yuefu.generation.engine import Engine
from yuefu.generation.originality import PassageIndex
from yuefu.workflows.models import LoadedModel, load_model, passage_index

if TYPE_CHECKING:
    from yuefu.planning.plan import Plan

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


def writer_of(engine: Engine | str | None, model: Path | None = None, adapter: str | None = None) -> Writer:
    """The engine that a name (None or ``"auto"``: the usual one) or an object stands for.

    model: another fill model than the one inside; adapter: a style of one's own to put into it. Raises
    UnknownNameError, and InputError for an engine that can't write by itself, or a model or a style given to another
    engine.
    """
    if engine is not None and not isinstance(engine, str):
        return Writer("", "", tokens=engine)
    if engine is None or engine in ANY:
        loaded = load_model(model, adapter)
        return Writer(USUAL, loaded.hash, loaded.engine, None, loaded, passage_index(model), engine_info(USUAL))
    info = engine_info(engine)
    if adapter is not None:
        raise InputError(
            f"your style '{adapter.partition('@')[0]}' changes the {USUAL}, and the engine '{engine}' has weights of "
            "its own: leave one of the two out."
        )
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


@dataclass(frozen=True)
class Team:
    """Who writes which rows of a piece. name, hash: of the engine that was asked for; rows: those that it writes."""

    name: str
    hash: str
    rows: tuple[str, ...]
    tune: Engine
    band: Engine
    drums: Engine

    def told(self) -> dict[str, Any]:
        """For a report."""
        return {"name": self.name, "hash": self.hash, "rows": list(self.rows)}


def check_composer(engine: str) -> None:
    """Raise UnknownNameError for an engine that isn't there, InputError for one that doesn't compose."""
    if engine == "auto":
        return
    if engine not in engine_names():
        raise UnknownNameError("engine", str(engine), ["auto", *engine_names()])
    if "compose" not in engine_info(engine).tasks:
        able = [name for name in engine_names() if "compose" in engine_info(name).tasks]
        raise InputError(
            f"the engine '{engine}' doesn't compose whole pieces: use one of {', '.join(able)}, or let it write into a "
            f"score with `yuefu fill --engine {engine}`."
        )


def team_of(engine: str, plan: Plan, loaded: LoadedModel) -> Team:
    """Who writes a plan: the engine whatever rows it can, the model the others.

    The rows of the band are written together, so one engine has all of them.
    """
    check_composer(engine)
    if engine in ANY:
        return Team(USUAL, loaded.hash, (), loaded.engine, loaded.engine, loaded.engine)
    use = writer_of(engine)
    if use.tokens is None or use.info is None:
        raise InputError(f"the engine '{engine}' doesn't compose by itself: use --engine {USUAL}.")
    planned = dict.fromkeys(row for section in plan.sections for row in section.rows)
    able = [row for row in planned if row in use.info.rows]
    band = [row for row in planned if row not in ("chords", "melody", "drums")]
    whole = set(band) <= set(able)
    rows = tuple(row for row in able if whole or row not in band)

    def who(row: str) -> Engine:
        assert use.tokens is not None
        return use.tokens if row in rows else loaded.engine

    return Team(
        engine, use.hash, rows, who("melody"), use.tokens if whole and band else loaded.engine, who("drums")
    )  # fmt: skip
