"""The suite ``adherence`` judges the files that a user gets, and counts what they break."""

from __future__ import annotations

from pathlib import Path

import pytest

from yuefu.evaluation.adherence import GUARANTEED
from yuefu.evaluation.bootstrap import Interval
from yuefu.workflows.evaluate import SuiteContext, run_suites


@pytest.mark.model
@pytest.mark.slow
def test_every_promise_is_judged_and_a_spoilt_file_is_listed_with_its_seed(tmp_path: Path) -> None:
    context = SuiteContext(out=tmp_path, quick=True, count=2, seed=3)
    (found,) = run_suites(["adherence"], context)
    table, reading, failures = found.tables
    rows = {row.name: row.values for row in table.rows}
    assert list(rows)[: len(GUARANTEED)] == list(GUARANTEED)
    for name in ("key", "meter", "bars", "ranges", "whole bars"):
        both = rows[name]["both files"]
        assert isinstance(both, Interval)
        assert (both.mean, both.count) == (1.0, 2)
    assert failures.rows == ()
    assert {row.name for row in reading.rows} >= {"key", "tempo", "chords", "everything in the sentence"}
    # A file that says something else isn't taken for agreement.
    path = tmp_path / "pieces" / "prompted-4-quick.musicxml"
    path.write_text(path.read_text("utf-8").replace("<fifths>-3", "<fifths>3"), "utf-8")
    (found,) = run_suites(["adherence"], context)
    told = [(row.name, row.values["attribute"], row.values["file"]) for row in found.tables[2].rows]
    assert told == [("4", "key", "MusicXML")]
