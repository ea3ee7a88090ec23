"""Pictures of results as PNG: grouped bars with intervals, and lines.

matplotlib comes with the extra ``train``. Without it nothing is drawn: each function then returns
an empty tuple, so that a suite can write ``plots=bar_plot(...) + line_plot(...)`` either way.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

from yuefu.evaluation.bootstrap import Interval
from yuefu.evaluation.table import Plot, Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: The human row stands apart from all the others; "yuefu" comes in one colour everywhere.
_COLOURS = {"human": "#444444", "yuefu": "#c8372d"}
_OTHERS = ("#7aa6c2", "#e0a458", "#86a873", "#a78bb5", "#c9b79c", "#5b8e7d", "#bc8f8f", "#8d99ae")
_DPI = 110


def can_plot() -> bool:
    """Whether matplotlib is installed."""
    return find_spec("matplotlib") is not None


def bar_plot(
    name: str,
    title: str,
    categories: Sequence[str],
    series: Mapping[str, Sequence[Interval | float | None]],
    unit: str = "",
) -> tuple[Plot, ...]:
    """Grouped bars, a group a category, a bar a series (``"human"`` first and grey), with 95% intervals.

    series: name -> one value a category; None and NaN leave a gap. Returns one plot, or none without matplotlib.
    """
    if not can_plot() or not categories or not series:
        return ()
    figure, axes = _figure(max(6.0, min(16.0, 1.2 + 0.22 * len(categories) * (len(series) + 1))))
    wide = 0.8 / len(series)
    for number, (label, values) in enumerate(series.items()):
        kept = [(i, *ends) for i, value in enumerate(values) if (ends := _ends(value)) is not None]
        if not kept:
            continue
        places = [i - 0.4 + wide * (number + 0.5) for i, *_ in kept]
        means = [mean for _, mean, _, _ in kept]
        below, above = [mean - low for _, mean, low, _ in kept], [high - mean for _, mean, _, high in kept]
        axes.bar(places, means, wide * 0.92, label=label, color=_colour(label, number))
        if any(below) or any(above):
            axes.errorbar(places, means, (below, above), fmt="none", ecolor="#222222", elinewidth=0.9, capsize=2)
    tilted = sum(len(category) for category in categories) > 70
    axes.set_xticks(
        range(len(categories)), list(categories), rotation=40 if tilted else 0, ha="right" if tilted else "center"
    )
    axes.set_ylabel(unit)
    return (_finish(name, title, figure, axes, len(series) > 1),)


def line_plot(
    name: str,
    title: str,
    x: Sequence[float],
    series: Mapping[str, Sequence[Interval | float | None]],
    x_label: str = "",
    y_label: str = "",
    logarithmic: bool = False,
) -> tuple[Plot, ...]:
    """Lines over ``x``, with their intervals shaded. series: name -> one value an x; None and NaN leave a gap.

    logarithmic: of the x axis. Returns one plot, or none without matplotlib.
    """
    if not can_plot() or not len(x) or not series:
        return ()
    figure, axes = _figure(7.0)
    for number, (label, values) in enumerate(series.items()):
        ends = [_ends(value) or (math.nan, math.nan, math.nan) for value in values]
        colour = _colour(label, number)
        axes.plot(x, [mean for mean, _, _ in ends], marker="o", markersize=3, label=label, color=colour)
        axes.fill_between(
            x, [low for _, low, _ in ends], [high for _, _, high in ends], color=colour, alpha=0.15, linewidth=0
        )
    if logarithmic:
        axes.set_xscale("log")
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    return (_finish(name, title, figure, axes, len(series) > 1),)


def table_plot(name: str, table: Table, columns: Sequence[str] | None = None, unit: str = "") -> tuple[Plot, ...]:
    """A table's numbers as grouped bars: a group a column, a bar a row, in the table's order."""
    shown = list(columns if columns is not None else table.columns)
    series = {
        row.name: [value if isinstance(value := row.values.get(c), Interval | float | int) else None for c in shown]
        for row in table.rows
    }
    return bar_plot(name, table.title, shown, series, unit)


def _ends(value: Interval | float | None) -> tuple[float, float, float] | None:
    """(mean, low, high), or None for nothing to draw."""
    if isinstance(value, Interval):
        return None if math.isnan(value.mean) else (value.mean, value.low, value.high)
    if value is None or math.isnan(value):
        return None
    return float(value), float(value), float(value)


def _colour(label: str, number: int) -> str:
    return _COLOURS.get(label) or _OTHERS[number % len(_OTHERS)]


def _figure(width: float) -> tuple[Figure, Axes]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, 3.8), dpi=_DPI)  # not pyplot: nothing global, no window
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    return figure, axes


def _finish(name: str, title: str, figure: Figure, axes: Axes, legend: bool) -> Plot:
    axes.set_title(title, fontsize=10, loc="left")
    axes.tick_params(labelsize=8)
    if legend:
        axes.legend(fontsize=8, frameon=False, ncols=4, loc="upper left", bbox_to_anchor=(0, -0.18))
    out = io.BytesIO()
    # No software name or date inside, so that the same numbers give the same bytes.
    figure.savefig(out, format="png", bbox_inches="tight", metadata={"Software": None})
    return Plot(name, out.getvalue())
