"""The suite ``likelihood`` on the small corpus: every table is there, and its numbers are likelihoods."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from yuefu.errors import InputError
from yuefu.evaluation.attributes import row_examples
from yuefu.evaluation.bootstrap import Interval
from yuefu.evaluation.table import SuiteResult
from yuefu.generation.scorer import Scorer
from yuefu.score.model import ROWS
from yuefu.tokens.sequence import Cover
from yuefu.tokens.vocabulary import vocabulary
from yuefu.training.dataset import load_pieces
from yuefu.training.samples import labelled_ids
from yuefu.workflows.evaluate import SuiteContext, run_suites
from yuefu.workflows.evaluate.likelihood import held_out_windows
from yuefu.workflows.evaluate.listening import Probe, alone_sample, given_sample, model_nats, probe_windows
from yuefu.workflows.models import model_folder

pytestmark = pytest.mark.model
PROBE = Probe("melody", tuple(row for row in ROWS if row != "melody"))


@pytest.fixture(scope="module")
def result(small_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[SuiteResult, Path]:
    out = tmp_path_factory.mktemp("bench")
    (found,) = run_suites(["likelihood"], SuiteContext(out=out, corpus=small_corpus, quick=True))
    return found, out


def test_there_is_a_table_by_row_kind_task_and_set_and_one_of_listening(result: tuple[SuiteResult, Path]) -> None:
    found, out = result
    rows, kinds, tasks, sets, listening = found.tables
    assert [row.name for row in rows.rows][-1] == "all"
    assert {row.name for row in sets.rows} == {"pop909", "jsb_chorales", "pd_fiddle_abc"}
    assert kinds.rows
    assert tasks.rows
    assert "bass given all others" in [row.name for row in listening.rows]
    for row in rows.rows:
        value = row.values["yuefu"]
        assert isinstance(value, Interval)
        assert 0 < value.low <= value.mean <= value.high
    tokens = [sum(int(row.values["tokens"] or 0) for row in table.rows) for table in (tasks, sets)]  # type: ignore[arg-type]
    assert tokens[0] == tokens[1] == rows.rows[-1].values["tokens"] == sum(r.values["tokens"] for r in rows.rows[:-1])  # type: ignore[misc,arg-type]
    assert json.loads((out / "likelihood.json").read_text("utf-8"))["tables"][4]["rows"]


def test_a_quick_run_judges_nothing(result: tuple[SuiteResult, Path]) -> None:
    assert result[0].aims
    assert all(aim.met is None for aim in result[0].aims)


def test_only_held_out_works_are_measured_and_the_same_every_time(small_corpus: Path) -> None:
    pieces = load_pieces(small_corpus, ["pop909", "pd_fiddle_abc"])
    test = [piece for piece in pieces if piece.split == "test"]
    drawn = [[labelled_ids(sample)[0] for _, sample in held_out_windows(test, 6, seed)] for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert {piece.work for piece, _ in held_out_windows(test, 6, 1)} == {"003", "004"}


def test_probes_hide_what_they_should_and_never_tell_what_was_measured_from_it(small_corpus: Path) -> None:
    pieces = load_pieces(small_corpus, ["pop909"])
    v = vocabulary()
    for _, window in probe_windows(PROBE, pieces, 3, 1):
        given, alone = given_sample(PROBE, window), alone_sample(PROBE, window)
        assert (alone.mask != Cover.ABSENT).sum() == len(window.bars)
        for sample in (given, alone):
            told = {v.kind(token) for token in labelled_ids(sample)[0]}
            assert not told & {"DENSITY", "VALENCE", "AROUSAL", "N", "SYL"}
        # The filled tokens are the same, whatever is given.
        written = [[t for t, row in zip(*labelled_ids(sample)) if row is not None] for sample in (given, alone)]
        assert written[0] == written[1]
        assert v.given["bass"] in labelled_ids(given)[0]
        assert v.given["bass"] not in labelled_ids(alone)[0]


def test_the_model_is_read_at_the_tokens_of_the_examples(small_corpus: Path) -> None:
    """Pitch nats before dividing out the kind are the tokens' own nats."""
    pieces = load_pieces(small_corpus, ["pop909"])
    scorer = Scorer(model_folder())
    ((_, window),) = probe_windows(PROBE, pieces, 1, 1)
    sample = given_sample(PROBE, window)
    examples = row_examples(window, "melody", PROBE.given)
    nats = model_nats(scorer, sample, examples)
    ids, rows = labelled_ids(sample)
    v = vocabulary()
    own = scorer.token_nats(ids)[[i for i, t in enumerate(ids) if rows[i] == "melody" and v.kind(t) == "PITCH"]]
    assert len(nats) == len(own)
    assert (nats <= own + 1e-4).all()
    assert np.corrcoef(nats, own)[0, 1] > 0.9


def test_without_a_corpus_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--corpus"):
        list(run_suites(["likelihood"], SuiteContext(out=tmp_path)))
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="corpus build"):
        list(run_suites(["likelihood"], SuiteContext(out=tmp_path, corpus=tmp_path / "empty")))
