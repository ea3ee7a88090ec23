"""Tables of results: rows of intervals or plain values, as Markdown and as plain data for JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from yuefu.evaluation.bootstrap import Interval

Value = Interval | float | int | str | None


@dataclass(frozen=True)
class Row:
    """A line of a table: its name (``"human"``, ``"shuffled"``, ``"yuefu"``), and a value a column."""

    name: str
    values: Mapping[str, Value]


@dataclass(frozen=True)
class Table:
    """A table of results. head: what the first column names; notes: sentences under it; digits: after the point."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    head: str = ""
    notes: tuple[str, ...] = ()
    digits: int = 3


@dataclass(frozen=True)
class Aim:
    """What a suite should reach. met: None where it can't be told (a quick run, say)."""

    text: str
    found: str
    met: bool | None


@dataclass(frozen=True)
class Plot:
    """A picture that a suite draws. png: the file's bytes."""

    name: str
    png: bytes


@dataclass(frozen=True)
class SuiteResult:
    """What a suite found. seconds: it took; settings: what it ran with; plots: as PNG.

    failed: why it couldn't be measured, in one sentence; "" when it was.
    """

    suite: str
    tables: tuple[Table, ...]
    aims: tuple[Aim, ...] = ()
    plots: tuple[Plot, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    failed: str = ""


def value_text(value: Value, digits: int = 3) -> str:
    """A cell as printed.

    >>> value_text(0.5), value_text(None), value_text(12), value_text("C major")
    ('0.500', '-', '12', 'C major')
    """
    if isinstance(value, Interval):
        return value.text(digits)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "-"
    return f"{value:.{digits}f}" if isinstance(value, float) else str(value)


def markdown(table: Table) -> str:
    """A table as Markdown, its title as a third-level heading."""
    lines = [f"### {table.title}", "", f"| {table.head} | {' | '.join(table.columns)} |"]
    lines.append("|---" * (len(table.columns) + 1) + "|")
    for row in table.rows:
        cells = (value_text(row.values.get(column), table.digits) for column in table.columns)
        lines.append(f"| {row.name} | {' | '.join(cells)} |")
    for note in table.notes:
        lines += ["", note]
    return "\n".join(lines) + "\n"


def result_markdown(result: SuiteResult) -> str:
    """A suite's tables and aims as Markdown, its name as a second-level heading."""
    parts = [f"## {result.suite}\n"]
    if result.failed:
        parts.append(f"Not measured: {result.failed}\n")
    if result.settings:
        told = ", ".join(f"{name} {value}" for name, value in result.settings.items())
        parts.append(f"{told}; {result.seconds:.0f} s\n")
    parts += [markdown(table) for table in result.tables]
    if result.aims:
        marks = {True: "met", False: "not met", None: "not judged"}
        parts.append("\n".join(f"- {aim.text}: {aim.found} (**{marks[aim.met]}**)" for aim in result.aims) + "\n")
    parts += [f"![{plot.name}]({result.suite}-{plot.name}.png)\n" for plot in result.plots]
    return "\n".join(parts)


def result_data(result: SuiteResult) -> dict[str, Any]:
    """A suite's result as plain data; NaN becomes None."""
    return {
        "suite": result.suite,
        "settings": dict(result.settings),
        "seconds": round(result.seconds, 1),
        "failed": result.failed or None,
        "tables": [
            {
                "title": table.title,
                "head": table.head,
                "columns": list(table.columns),
                "rows": [
                    {"name": row.name, **{c: _plain(row.values.get(c)) for c in table.columns}} for row in table.rows
                ],
                "notes": list(table.notes),
            }
            for table in result.tables
        ],
        "aims": [{"aim": aim.text, "found": aim.found, "met": aim.met} for aim in result.aims],
        "plots": [f"{result.suite}-{plot.name}.png" for plot in result.plots],
    }


def _plain(value: Value) -> Any:
    if isinstance(value, Interval):
        if math.isnan(value.mean):
            return None
        return {"mean": value.mean, "low": value.low, "high": value.high, "count": value.count}
    return None if isinstance(value, float) and math.isnan(value) else value
