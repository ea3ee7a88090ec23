"""The engines' table: what was measured of them side by side (``benchmarks/engines.py`` writes it)."""

from __future__ import annotations

import json
from typing import Any

from yuefu.engines.info import data_folder
from yuefu.engines.registry import engine_info, engine_names


def measured_table() -> dict[str, Any]:
    """What the benchmark found; {} where it hasn't been run."""
    path = data_folder() / "table.json"
    found: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return found


def engine_facts(name: str) -> dict[str, Any]:
    """All about one engine as plain data. Raises UnknownNameError."""
    info = engine_info(name)
    facts = info.facts()
    return {
        "name": name, "en": info.en, "zh": info.zh, "rows": list(info.rows), "tasks": list(info.tasks),
        "meters": list(info.meters), "needs": info.needs, "hash": info.hash, "parameters": facts.get("parameters"),
        "bytes": facts.get("bytes"), "sets": facts.get("sets", []), "measured": facts.get("measured", {}),
        "beside_others": {
            key: value for key, value in measured_table().get("engines", {}).get(name, {}).items() if key != "own"
        },
    }  # fmt: skip


def all_facts() -> list[dict[str, Any]]:
    """``engine_facts`` of every engine."""
    return [engine_facts(name) for name in engine_names()]
