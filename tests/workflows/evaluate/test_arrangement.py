"""The suite ``arrangement`` on the small corpus."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from yuefu.analysis.lines import row_notes
from yuefu.errors import InputError
from yuefu.evaluation.arrangement import MEASURES, measures
from yuefu.evaluation.bootstrap import Interval
from yuefu.generation.engine import NoiseEngine
from yuefu.tokens.vocabulary import vocabulary
from yuefu.training.dataset import load_pieces
from yuefu.workflows.evaluate import SuiteContext, run_suites
from yuefu.workflows.evaluate.arrangement import NAMES, WRITTEN, baselines, written
from yuefu.workflows.evaluate.excerpts import Excerpt, chains, excerpt

ROWS = ("melody", "chords", *WRITTEN)


@pytest.fixture(scope="module")
def sample(small_corpus: Path) -> Excerpt:
    return excerpt(load_pieces(small_corpus, ["pop909"])[3], 2, 8, ROWS)


@pytest.mark.model
def test_every_row_is_measured_and_the_human_one_comes_first(small_corpus: Path, tmp_path: Path) -> None:
    (found,) = run_suites(["arrangement"], SuiteContext(out=tmp_path, corpus=small_corpus, quick=True))
    agreement, texture, away = found.tables
    assert tuple(row.name for row in agreement.rows) == tuple(row.name for row in texture.rows) == NAMES
    assert tuple(row.name for row in away.rows) == NAMES[1:]
    assert {*agreement.columns, *texture.columns} == set(MEASURES)
    for row in (*agreement.rows, *texture.rows):
        assert all(isinstance(value, Interval) for value in row.values.values())
    blocks = agreement.rows[NAMES.index("block chords")].values
    assert [blocks[m].mean for m in ("root", "bass in chord", "keys in chord")] == [1.0] * 3  # type: ignore[union-attr]
    assert found.settings["excerpts"] == 2
    assert found.aims[0].met is None


def test_every_arrangement_keeps_the_tune_and_has_its_own_bass_and_keys(small_corpus: Path, sample: Excerpt) -> None:
    chain = chains(load_pieces(small_corpus, ["pop909"]), WRITTEN)
    texts = baselines(sample, chain, np.random.default_rng(1))
    texts["yuefu"] = written(sample, seed=4, engine=NoiseEngine(len(vocabulary())))
    assert tuple(texts) == NAMES
    for name, score in texts.items():
        assert row_notes(score, "melody").tolist() == sample.rows["melody"].tolist()
        assert score.chords == sample.score.chords
        for row in WRITTEN:
            notes = row_notes(score, row)
            assert len(notes)
            assert int((notes["start"] + notes["duration"]).max()) <= sample.length
            same = notes["pitch"].tolist() == sample.rows[row]["pitch"].tolist()
            assert same == (name == "human")


def test_what_users_get_is_playable_whatever_the_model(sample: Excerpt) -> None:
    """Ranges and hands are guaranteed by rules, so noise keeps to them too."""
    found = measures(written(sample, seed=4, engine=NoiseEngine(len(vocabulary()))))
    assert found["out of range"] == found["unreachable"] == 0.0


def test_without_pieces_that_have_all_rows_a_sentence_says_so(small_corpus: Path, tmp_path: Path) -> None:
    (small := tmp_path / "corpus").mkdir()
    (small / "pd_fiddle_abc.jsonl.gz").write_bytes((small_corpus / "pd_fiddle_abc.jsonl.gz").read_bytes())
    with pytest.raises(InputError, match="pop909"):
        list(run_suites(["arrangement"], SuiteContext(out=tmp_path, corpus=small, quick=True)))
