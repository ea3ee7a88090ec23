"""The suite ``memorisation`` counts shared passages beside works that aren't the same tune."""

from __future__ import annotations

from pathlib import Path

import pytest

from yuefu.evaluation.bootstrap import Interval
from yuefu.workflows.evaluate import SuiteContext, run_suites


@pytest.mark.model
@pytest.mark.slow
def test_it_counts_works_and_pieces_and_says_what_was_left_out(tmp_path: Path, small_corpus: Path) -> None:
    (found,) = run_suites(["memorisation"], SuiteContext(out=tmp_path, corpus=small_corpus, quick=True))
    (table,) = found.tables
    assert len(set(table.columns)) == len(table.columns)
    assert table.head not in table.columns
    rows = {row.name: row.values for row in table.rows}
    assert (rows["human"]["count"], rows["yuefu"]["count"]) == (6, 4)
    assert rows["yuefu, free"]["count"] == rows["yuefu, prompted"]["count"] == 2
    for values in rows.values():
        shares = [values[name] for name in table.columns if name.endswith("notes or more")]
        means = [share.mean for share in shares if isinstance(share, Interval)]
        assert means == sorted(means, reverse=True)
        assert all(0 <= mean <= 1 for mean in means)
    assert any("double under another name" in note for note in table.notes)
    assert found.aims[0].found.endswith("of 4")
