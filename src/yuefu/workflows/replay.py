"""Replay: a report's piece again, note for note and byte for byte."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from yuefu import __version__
from yuefu.engines import engine_info
from yuefu.errors import FormatError, InputError
from yuefu.llm.record import record_from
from yuefu.planning.plan import Plan
from yuefu.progress import Listener, ignore
from yuefu.text.brief import brief_from_json
from yuefu.workflows.compose import Composition, compose_plan
from yuefu.workflows.engines import USUAL
from yuefu.workflows.llm_sheet import compose_sheet_piece
from yuefu.workflows.models import load_model
from yuefu.workflows.report import REPORT_FORMAT

MAX_BYTES = 8_000_000


def replay(report: Path | str, *, model: Path | None = None, progress: Listener = ignore) -> Composition:
    """Compose a report's piece again. Raises InputError when another model or version made it."""
    path = Path(report)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise FormatError(f"{path.name} is too large for a report: the most is {MAX_BYTES // 10**6} MB.")
        data = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"can't read the report {path}: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{path.name} isn't a report: it isn't valid JSON.") from error
    if not isinstance(data, dict) or data.get("format") != REPORT_FORMAT:
        raise FormatError(f"{path.name} isn't a report of Yuefu: give the report.json that `yuefu compose` wrote.")
    try:
        told = data["replay"]
        version, weights, seed = str(told["version"]), str(told["model"]), int(told["seed"])
        brief_data, plan_data = told["brief"], told["plan"]
        engine = told.get("engine") or {}
        name, engine_hash = str(engine.get("name", USUAL)), str(engine.get("hash", ""))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FormatError(f"{path.name} lacks what a replay needs: {error!s:.80}.") from error
    loaded = load_model(model)
    if weights != loaded.hash or version != __version__:
        raise InputError(
            f"this piece was made by version {version} with model {weights}; here are version {__version__} and model "
            f"{loaded.hash}: install that version, or compose anew with seed {seed}."
        )
    if name != USUAL and engine_info(name).hash != engine_hash:
        raise InputError(
            f"this piece was made by the engine '{name}' with weights {engine_hash}; here it has "
            f"{engine_info(name).hash}: install the version that made it, or compose anew with seed {seed}."
        )
    brief, plan = brief_from_json(json.dumps(brief_data)), Plan.from_json(json.dumps(plan_data))
    record = record_from(data.get("llm"))
    if record is not None and record.lead_sheet is not None:
        return compose_sheet_piece(brief, plan, seed, record, model=model, progress=progress)
    return dataclasses.replace(compose_plan(brief, plan, seed, model=model, engine=name, progress=progress), llm=record)
