"""The suite ``songs`` lays whole pieces beside held-out works and their baselines."""

from __future__ import annotations

from pathlib import Path

import pytest

from yuefu.analysis.measures import MEASURES
from yuefu.errors import InputError
from yuefu.evaluation.bootstrap import Interval
from yuefu.workflows.evaluate import SuiteContext, run_suites
from yuefu.workflows.evaluate.corpus_sample import human_pieces, quotas
from yuefu.workflows.evaluate.songs import BASELINES


def test_sets_are_drawn_by_share_as_far_as_they_go() -> None:
    assert quotas(12, {"a": 2, "b": 1, "c": 1}, {"a": 50, "b": 50, "c": 1, "d": 9}) == {"a": 7, "b": 4, "c": 1}
    assert quotas(100, {"a": 1}, {"a": 3}) == {"a": 3}


def test_only_held_out_works_stand_for_people(small_corpus: Path, tmp_path: Path) -> None:
    context = SuiteContext(out=tmp_path, corpus=small_corpus)
    pieces = human_pieces(context, 4)
    assert {score.metadata["split"] for score in pieces} == {"test"}
    assert [score.metadata["set"] for score in pieces].count("pop909") == 2
    assert len(human_pieces(context, 50)) == 6
    with pytest.raises(InputError, match="no quiz works"):
        human_pieces(context, 4, "quiz")


@pytest.mark.model
@pytest.mark.slow
def test_every_measure_is_told_for_every_group(tmp_path: Path, small_corpus: Path) -> None:
    (found,) = run_suites(["songs"], SuiteContext(out=tmp_path, corpus=small_corpus, quick=True))
    summary, distances, means = found.tables
    names = ["human", *BASELINES, "yuefu, free", "yuefu, prompted", "yuefu"]
    assert [row.name for row in summary.rows] == names
    assert [row.name for row in distances.rows] == [row.name for row in means.rows] == list(MEASURES)
    rows = {row.name: row.values for row in summary.rows}
    assert (rows["human"]["count"], rows["yuefu"]["count"]) == (3, 4)
    for values in rows.values():
        area, distance = values["overlapping area"], values["distance"]
        assert isinstance(area, Interval)
        assert 0 <= area.mean <= 1
        assert isinstance(distance, Interval)
        assert distance.low <= distance.mean <= distance.high
    # Only the tune of a Markov baseline differs from the works it is made of.
    by_measure = {row.name: row.values for row in distances.rows}
    assert by_measure["drum_hits"]["Markov tune"] == 0
    assert float(by_measure["leaps"]["pitches random in key"] or 0) > 1  # type: ignore[arg-type]
