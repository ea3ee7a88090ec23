"""The suite ``harmonisation`` on the small corpus."""

from __future__ import annotations

from pathlib import Path

import pytest

from yuefu.evaluation.bootstrap import Interval
from yuefu.evaluation.harmony import MEASURES, TRIADS
from yuefu.generation.engine import NoiseEngine
from yuefu.tokens.vocabulary import vocabulary
from yuefu.training.dataset import load_pieces
from yuefu.workflows.evaluate import SuiteContext, run_suites
from yuefu.workflows.evaluate.harmonisation import harmonised, song_of


@pytest.mark.model
def test_every_row_is_measured_and_the_human_one_comes_first(small_corpus: Path, tmp_path: Path) -> None:
    (found,) = run_suites(["harmonisation"], SuiteContext(out=tmp_path, corpus=small_corpus, quick=True))
    means, away = found.tables
    assert [row.name for row in means.rows] == ["human", "shuffled", "random in key", "greedy", "Markov", "yuefu"]
    assert [row.name for row in away.rows] == [row.name for row in means.rows[1:]]
    for row in means.rows:
        for measure in MEASURES:
            value = row.values[measure]
            assert isinstance(value, Interval)
            assert value.count == 2
    # The same chords in another order are as many.
    shuffled = away.rows[0].values
    assert [shuffled[m].mean for m in ("CHE", "CC")] == pytest.approx([0, 0])  # type: ignore[union-attr]
    assert found.aims[0].met is None


def test_a_song_has_a_triad_a_half_bar_and_the_rules_hold_for_any_model(small_corpus: Path) -> None:
    piece = load_pieces(small_corpus, ["pop909"])[0]
    line, human = song_of(piece)
    assert len(human) == len(line.slots) - 1 == 2 * len(piece.bars)
    assert None not in human
    engine = NoiseEngine(len(vocabulary()))
    chords = [harmonised(piece, seed, bars=4, engine=engine) for seed in (1, 1, 2)]
    assert chords[0] == chords[1] != chords[2]
    assert len(chords[0]) == 8
    assert all(chord is None or chord[1] in TRIADS for chord in chords[0])
