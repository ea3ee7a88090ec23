"""Plots are PNG when matplotlib is there, and nothing at all when it isn't."""

from __future__ import annotations

import math

import pytest

from yuefu.evaluation import plots
from yuefu.evaluation.bootstrap import Interval, bootstrap
from yuefu.evaluation.plots import bar_plot, line_plot, table_plot
from yuefu.evaluation.table import Row, Table

PNG = b"\x89PNG\r\n\x1a\n"
NOTHING = Interval(math.nan, math.nan, math.nan, 0)
SERIES = {"human": [bootstrap([1.0, 2.0]), 0.5], "yuefu": [None, NOTHING], "a": [0.1, math.nan]}


def test_bars_and_lines_are_pictures_also_with_gaps() -> None:
    pytest.importorskip("matplotlib")
    drawn = bar_plot("b", "Bars", ["one", "two"], SERIES, "nats") + line_plot(
        "l", "Lines", [1, 10], SERIES, logarithmic=True
    )
    assert [plot.name for plot in drawn] == ["b", "l"]
    assert all(plot.png.startswith(PNG) for plot in drawn)


def test_the_same_numbers_give_the_same_bytes_and_others_another_picture() -> None:
    pytest.importorskip("matplotlib")
    table = Table("T", ("x", "word"), (Row("human", {"x": 1.0, "word": "w"}), Row("yuefu", {"x": 2.0})))
    other = Table("T", ("x", "word"), (Row("human", {"x": 3.0, "word": "w"}), Row("yuefu", {"x": 2.0})))
    (first,), (again,), (changed,) = (table_plot("t", t) for t in (table, table, other))
    assert first == again
    assert first != changed


def test_an_interval_is_seen() -> None:
    pytest.importorskip("matplotlib")
    sure, unsure = (
        bar_plot("b", "B", ["x"], {"yuefu": [Interval(1.0, *ends, 9)]}) for ends in ((1.0, 1.0), (0.5, 1.5))
    )
    assert sure != unsure


def test_nothing_is_drawn_of_nothing_or_without_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    assert bar_plot("b", "B", [], {}) == line_plot("l", "L", [], SERIES) == ()
    monkeypatch.setattr(plots, "find_spec", lambda name: None)
    assert bar_plot("b", "B", ["one", "two"], SERIES) == line_plot("l", "L", [1, 2], SERIES) == ()
