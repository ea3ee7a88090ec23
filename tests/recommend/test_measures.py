"""Measures and splits: counted out by hand on small rankings."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from yuefu.recommend.histories import Histories, histories_of_matrix
from yuefu.recommend.measures import gini, intra_list_diversity, measure, novelty, top
from yuefu.recommend.splits import leave_last_out, random_split, temporal_split, without


def matrix(rows: list[list[int]]) -> sp.csr_matrix:
    return sp.csr_matrix(np.array(rows, dtype=np.float32))


def diary() -> Histories:
    """Two listeners with days: the first plays 0, 1, 0, 2; the second 2."""
    taps = matrix([[2, 1, 1], [0, 0, 1]])
    days = (np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0]))
    return Histories(("a", "b"), ("x", "y", "z"), taps, (np.array([0, 1, 0, 2]), np.array([2])), days, 5.0)


def test_a_perfect_ranking_and_a_late_hit() -> None:
    """The held-out item first: 1; as the third of what is unheard: 1/log2(4), reciprocal rank 1/3."""
    heard, held = matrix([[1, 0, 0, 0]]), matrix([[0, 0, 0, 1]])
    assert measure(np.array([[9.0, 1, 2, 3]]), heard, held).ndcg == pytest.approx(1)
    late = measure(np.array([[9.0, 3, 2, 1]]), heard, held)
    assert late.ndcg == pytest.approx(0.5)
    assert late.mrr == pytest.approx(1 / 3)
    assert late.recall == 1


def test_what_was_heard_comes_last_and_ties_go_by_column() -> None:
    """Heard items stand below all others; equal scores keep the order of columns."""
    assert top(np.ones((1, 4), dtype=np.float32), matrix([[1, 0, 0, 0]]), 4).tolist() == [[1, 2, 3, 0]]


def test_a_listener_with_nothing_held_out_is_not_counted() -> None:
    """The mean is over listeners who have something to find."""
    found = measure(np.array([[1.0, 2], [2, 1]]), matrix([[0, 0], [0, 0]]), matrix([[0, 1], [0, 0]]))
    assert found.ndcg == pytest.approx(1)
    assert np.isnan(measure(np.ones((1, 2)), matrix([[1, 0]]), matrix([[0, 0]])).ndcg)


def test_measures_of_the_shelf() -> None:
    """Half of the listeners have an item: one bit of news; one item alone: Gini 1; equal items: no diversity."""
    assert novelty(np.array([[0], [0]]), matrix([[1, 1], [0, 1]])) == pytest.approx(1)
    assert gini([0, 0, 0, 8]) == pytest.approx(1)
    assert gini([2, 2, 2, 2]) == pytest.approx(0)
    features = np.array([[1.0, 0], [1, 0], [0, 1]], dtype=np.float32)
    assert intra_list_diversity(np.array([[0, 1]]), features) == pytest.approx(0)
    assert intra_list_diversity(np.array([[0, 2]]), features) == pytest.approx(1)


def test_a_random_split_takes_a_share_of_everybody_and_loses_nothing() -> None:
    """Every pair is in one of both parts; each listener of ten items loses two; the held are in no sequence."""
    data = histories_of_matrix(sp.csr_matrix(np.ones((6, 10), dtype=np.float32)))
    split = random_split(data, seed=4)
    assert (split.train.matrix + split.held).toarray().min() == 1
    assert np.diff(split.held.indptr).tolist() == [2] * 6
    for row, sequence in enumerate(split.train.sequences):
        assert not set(sequence.tolist()) & set(split.held[row].indices.tolist())
    assert (random_split(data, seed=4).held != split.held).nnz == 0
    assert (random_split(data, seed=5).held != split.held).nnz > 0


def test_a_listener_of_one_item_keeps_it() -> None:
    """Nobody is left with nothing."""
    assert random_split(diary()).held[1].nnz == 0
    assert leave_last_out(diary()).held[1].nnz == 0


def test_the_last_item_is_the_one_played_last() -> None:
    """Item 2 was played on day 4, the others before."""
    split = leave_last_out(diary())
    assert split.held[0].indices.tolist() == [2]
    assert split.train.sequences[0].tolist() == [0, 1, 0]


def test_a_day_cuts_past_from_future() -> None:
    """From day 3: item 2 is new and held out; the repeat of item 0 on day 3 is neither learnt nor held."""
    split = temporal_split(diary(), 3.0)
    assert split.held[0].indices.tolist() == [2]
    assert split.train.sequences[0].tolist() == [0, 1]
    assert split.train.now == 3


def test_taking_out_leaves_the_rest_as_it_was() -> None:
    """Only the pair named goes, from matrix, sequence and moments."""
    left = without(diary(), matrix([[1, 0, 0], [0, 0, 0]]))
    assert left.matrix.toarray().tolist() == [[0, 1, 1], [0, 0, 1]]
    assert left.sequences[0].tolist() == [1, 2]
    assert left.moments[0].tolist() == [2, 4]
