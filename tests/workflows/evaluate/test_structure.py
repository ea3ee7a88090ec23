"""The suite ``structure`` lays sections, phrase ends and long pieces beside held-out works."""

from __future__ import annotations

from pathlib import Path

import pytest

from yuefu.evaluation.bootstrap import Interval
from yuefu.workflows.evaluate import SuiteContext, run_suites
from yuefu.workflows.evaluate.pieces import options_of


def test_long_pieces_are_asked_to_last_five_minutes_unless_quick() -> None:
    assert options_of("long", 3, quick=False)["duration"] == "5 minutes"
    assert options_of("long", 3, quick=True)["bars"] == 24
    assert options_of("free", 3, quick=True)["bars"] == 8
    assert "duration" not in options_of("free", 3, quick=False)


@pytest.mark.model
@pytest.mark.slow
def test_planted_forms_of_the_corpus_are_found_beside_the_pieces(tmp_path: Path, small_corpus: Path) -> None:
    (found,) = run_suites(["structure"], SuiteContext(out=tmp_path, corpus=small_corpus, quick=True))
    related, lags, endings, lengths = ({row.name: row.values for row in table.rows} for table in found.tables)
    # The small corpus's folk tunes are A A' B A.
    tunes, mixed = related["human, pd_fiddle_abc"], related["bars shuffled, pd_fiddle_abc"]
    same, primed, other = (tunes[name] for name in ("same letter", "primed letter", "different letter"))
    assert isinstance(same, Interval)
    assert isinstance(primed, Interval)
    assert isinstance(other, Interval)
    assert same.mean == pytest.approx(1.0)
    assert same.mean > primed.mean > other.mean
    assert isinstance(spoilt := mixed["same letter"], Interval)
    assert spoilt.mean < 0.9
    assert related["yuefu"]["count"] == lags["yuefu"]["count"] == endings["yuefu"]["count"] == 4
    for row in (*endings.values(), *lags.values()):
        for value in row.values():
            assert not isinstance(value, Interval) or value.count == 0 or 0 <= value.low <= value.high <= 1
    assert lengths["yuefu"]["count"] == 1
    assert lengths["human"]["count"] == 0  # none of the small works is three minutes long
    assert all(aim.met is None for aim in found.aims)
