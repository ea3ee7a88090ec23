"""The suite ``speed`` measures what it says, each part in a process of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from yuefu.evaluation.bootstrap import Interval
from yuefu.workflows.evaluate import SuiteContext, run_suites
from yuefu.workflows.evaluate.speed import bandwidth, peak_memory


def test_a_copy_has_a_bandwidth_and_memory_held_is_counted() -> None:
    assert all(1e7 < rate < 1e13 for rate in bandwidth(1 << 22, 3))
    before = peak_memory()
    held = np.ones(1 << 25)  # 256 MiB
    assert peak_memory() >= min(before, 256)
    assert peak_memory() > held.nbytes / (1 << 20)


@pytest.mark.model
@pytest.mark.slow
def test_speeds_are_measured_beside_the_limits_of_the_machine(tmp_path: Path) -> None:
    (found,) = run_suites(["speed"], SuiteContext(out=tmp_path, quick=True))
    engines, pieces = found.tables
    named = [(row.name, row.values["sequences"]) for row in engines.rows]
    assert named[:2] == [("yuefu", 1), ("yuefu", 2)]
    assert [name for name, _ in named[-2:]] == ["limit: weights from memory", "limit: weights in cache"]
    for row in engines.rows:
        speed = row.values["tokens a second"]
        assert isinstance(speed, Interval)
        assert speed.low > 0
    for row in pieces.rows:
        first, whole = row.values["first bar, s"], row.values["seconds"]
        assert isinstance(first, Interval)
        assert isinstance(whole, Interval)
        assert 0 < first.mean <= whole.mean
    assert found.aims[0].met is None
