"""The suite ``chorales``: every bar is scored once, from its past alone, and only a model that may be judged is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from yuefu.errors import InputError
from yuefu.evaluation.bootstrap import Interval
from yuefu.tokens.vocabulary import vocabulary
from yuefu.training.dataset import load_pieces
from yuefu.training.masking import cut, facts_header
from yuefu.training.pieces import Piece
from yuefu.training.samples import labelled_ids
from yuefu.workflows.evaluate import SuiteContext, run_suites
from yuefu.workflows.evaluate.chorales import COLUMNS, SET, VOICES, frames_of, learnt_elsewhere, samples_of
from yuefu.workflows.models import load_model


@pytest.fixture(scope="module")
def chorale(small_corpus: Path) -> Piece:
    """Thirteen bars with a pick-up of a half."""
    return next(piece for piece in load_pieces(small_corpus, [SET]) if piece.bars[0].offset)


@pytest.mark.parametrize("most", [100, 500, 5000])
def test_every_token_of_the_piece_is_written_once_and_in_order(chorale: Piece, most: int) -> None:
    v = vocabulary()
    whole = cut(chorale, 0, len(chorale.bars), facts_header(chorale, 0, len(chorale.bars)))
    for row in ("chords", *VOICES):
        written: list[int] = []
        for sample in samples_of(chorale, ("chords", *VOICES), most=most):
            ids, rows = labelled_ids(sample)
            written += [token for token, name in zip(ids, rows) if name == row]
        assert written == [int(token) for cell in whole.cells[row] for token in (*cell, v.end)]


def test_what_comes_later_and_what_was_measured_from_it_is_not_told(chorale: Piece) -> None:
    """Before its first filled token, a window doesn't change when the bars from there on do."""
    v = vocabulary()
    later = {row: [*cells[:4], *([cells[0]] * (len(cells) - 4))] for row, cells in chorale.cells.items()}
    for sample, other in zip(samples_of(chorale, VOICES), samples_of(replace(chorale, cells=later), VOICES)):
        ids, rows = labelled_ids(sample)
        first = next(i for i, row in enumerate(rows) if row is not None)
        if len(sample.window.bars) <= 8:
            assert labelled_ids(other)[0][:first] == ids[:first]
        assert not {v.kind(token) for token in ids} & {"DENSITY", "VALENCE", "AROUSAL", "N", "HELP"}
        assert v.given["chords"] not in ids


def test_frames_are_sixteenths_and_a_pick_up_counts_as_it_sounds(chorale: Piece) -> None:
    assert frames_of(chorale) == 12 * 16 + 8


@pytest.mark.model
def test_the_table_holds_likelihoods_and_a_model_of_many_sets_is_not_judged(small_corpus: Path, tmp_path: Path) -> None:
    (result,) = run_suites(["chorales"], SuiteContext(out=tmp_path, corpus=small_corpus))
    ours = {row.name: row.values for row in result.tables[0].rows}
    joint, alone, token = (ours["yuefu"][column] for column in COLUMNS)
    assert isinstance(joint, Interval)
    assert isinstance(token, Interval)
    assert isinstance(alone, Interval)
    by_row = {row.name: row.values for row in result.tables[1].rows}["joint"]
    parts = [by_row[row] for row in ("chords", *VOICES)]
    assert sum(part.mean for part in parts if isinstance(part, Interval)) == pytest.approx(joint.mean)
    voices = sum(part.mean for part in parts[1:] if isinstance(part, Interval))
    assert token.mean == pytest.approx(voices / 4)
    assert ours["TonicNet"][COLUMNS[0]] == 1.826
    assert 0 < alone.low <= alone.high
    assert [aim.met for aim in result.aims] == [None, None]
    assert "Not judged" in result.tables[0].notes[-1]


@pytest.mark.model
def test_a_model_that_learnt_from_the_set_alone_may_be_judged() -> None:
    model = load_model()
    assert learnt_elsewhere(replace(model, manifest={"sets": [{"name": SET}]})) == ""
    assert "mutopia" in learnt_elsewhere(replace(model, manifest={"sets": [{"name": SET}, {"name": "mutopia"}]}))
    assert "doesn't tell" in learnt_elsewhere(replace(model, manifest={}))


@pytest.mark.model
def test_a_corpus_without_the_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=SET):
        list(run_suites(["chorales"], SuiteContext(out=tmp_path, corpus=tmp_path)))
    assert not list(tmp_path.glob("*.json"))
