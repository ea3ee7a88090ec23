"""The Markov chain: what followed what, how far back, and what happens where nothing is known."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from yuefu.recommend import markov
from yuefu.recommend.histories import Histories, histories_of_matrix
from yuefu.recommend.markov import NextMarkov


def of_sequences(sequences: list[list[int]], items: int, *, moments: list[list[float]] | None = None) -> Histories:
    """Histories of bare sequences, a day apart unless told otherwise."""
    matrix = np.zeros((len(sequences), items), dtype=np.float32)
    for row, sequence in enumerate(sequences):
        matrix[row, sequence] = 1.0
    days = moments or [list(range(len(sequence))) for sequence in sequences]
    return Histories(
        tuple(f"l{row}" for row in range(len(sequences))),
        tuple(f"i{item}" for item in range(items)),
        sp.csr_matrix(matrix),
        tuple(np.array(sequence, dtype=np.int64) for sequence in sequences),
        tuple(np.array(day, dtype=np.float64) for day in days),
        max((day[-1] for day in days if day), default=0.0),
    )


def cycles(count: int = 30, items: int = 10, seed: int = 1) -> list[list[int]]:
    rng = np.random.default_rng(seed)
    return [((rng.integers(items) + np.arange(6)) % items).tolist() for _ in range(count)]


def test_what_followed_comes_first() -> None:
    """After any item the one that always followed it is the first, although all are about as popular."""
    made = NextMarkov(reach=1).fit(of_sequences(cycles(), 10))
    scores = made.scores(of_sequences([[at] for at in range(10)], 10))
    assert scores.argmax(axis=1).tolist() == [(at + 1) % 10 for at in range(10)]


def test_scores_are_chances() -> None:
    """For everybody, also without a history, the scores are above nothing and sum to one."""
    made = NextMarkov().fit(of_sequences([*cycles(), [3, 3, 3], []], 12))
    scores = made.scores(of_sequences([[], [0], [0, 5, 5, 2], [11], list(range(12)) * 5], 12))
    assert (scores > 0).all()
    assert np.allclose(scores.sum(axis=1), 1.0, atol=1e-5)


def test_little_is_believed_little() -> None:
    """An item seen once falls back on popularity, one seen often doesn't."""
    often = [[0, 1]] * 40 + [[2, 3]] + [[4, 4]] * 30
    made = NextMarkov(smoothing=5.0).fit(of_sequences(often, 5))
    after_often, after_once, nobody = made.scores(of_sequences([[0], [2], []], 5))
    assert after_often.argmax() == 1
    assert after_often[1] > 0.8
    assert after_once.argmax() == nobody.argmax() == 4
    assert after_once[3] > nobody[3]


def test_one_moment_has_no_order() -> None:
    """Things of the same moment lead to each other in both directions, in whichever order they are written."""
    for sequence in ([0, 1], [1, 0]):
        made = NextMarkov(reach=1).fit(of_sequences([sequence] * 20, 3, moments=[[5.0, 5.0]] * 20))
        scores = made.scores(of_sequences([[0], [1]], 3))
        assert scores[0].argmax() == 1
        assert scores[1].argmax() == 0
        assert scores[0, 1] == pytest.approx(scores[1, 0], rel=1e-6)


def test_long_ago_counts_less() -> None:
    """A successor after a year is believed less than one at once, and of what was heard the lately heard decides."""
    soon, late = (NextMarkov(reach=1).fit(of_sequences([[0, 1]] * 5, 3, moments=[[0.0, gap]] * 5)) for gap in (1, 400))
    asked = of_sequences([[0]], 3)
    assert soon.scores(asked)[0, 1] > late.scores(asked)[0, 1]
    made = NextMarkov(reach=20, fade=1.0).fit(of_sequences([[0, 1]] * 20 + [[2, 3]] * 20, 4))
    near, far = (of_sequences([[0, 2]], 4, moments=[[0.0, gap]]) for gap in (0.0, 1000.0))
    assert made.scores(near)[0, 1] == pytest.approx(made.scores(near)[0, 3], rel=1e-4)
    assert made.scores(far)[0, 3] > 5 * made.scores(far)[0, 1]


def test_reasons_sum_to_the_score_and_name_what_was_heard() -> None:
    """For every item the reasons' amounts sum to the score, and the largest for a successor is what it follows."""
    made = NextMarkov(reach=5, fade=0.5).fit(of_sequences(cycles(60), 10))
    asked = of_sequences([[7, 2]], 10)
    scores = made.scores(asked)[0]
    for item in range(10):
        told = made.explain(asked, item)
        assert told.score == pytest.approx(float(scores[item]), rel=1e-4)
        assert told.rest + sum(reason.amount for reason in told.reasons) == pytest.approx(told.score)
    assert made.explain(asked, 3).reasons[0].item == 2
    assert made.explain(of_sequences([[]], 10), 3).reasons[0].kind == "popular"


def test_it_comes_back_from_its_state_and_needs_nothing() -> None:
    """A state gives the same scores; parts that don't fit are refused; without any data all is level."""
    made = NextMarkov(reach=3, smoothing=2.0).fit(of_sequences(cycles(), 10))
    asked = of_sequences([[1, 4], []], 10)
    assert np.array_equal(NextMarkov.from_state(made.state()).scores(asked), made.scores(asked))
    with pytest.raises(ValueError, match="fit"):
        NextMarkov.from_state({**made.state(), "popular": np.zeros(3, dtype=np.float32)})
    for data in (histories_of_matrix(sp.csr_matrix((0, 4))), histories_of_matrix(sp.csr_matrix((3, 4)))):
        assert np.allclose(NextMarkov().fit(data).scores(of_sequences([[], [1]], 4)), 0.25)


def test_only_the_most_frequent_successors_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit the rarest successors go, and chances still sum to one."""
    monkeypatch.setattr(markov, "MOST_SUCCESSORS", 2)
    data = of_sequences([[0, 1]] * 9 + [[0, 2]] * 6 + [[0, 3]] * 3, 4)
    made = NextMarkov(reach=1).fit(data)
    assert sorted(made.state()["successors"][0].indices.tolist()) == [1, 2]
    assert np.allclose(made.scores(of_sequences([[0]], 4)).sum(), 1.0, atol=1e-5)


def test_how_far_back_is_chosen_by_what_is_likely() -> None:
    """Where each item is told by the one before alone, only that one is asked; where nothing has an order, many are."""
    strict = NextMarkov().fit(of_sequences(cycles(200), 10), seed=1)
    assert strict.reach == 1
    rng = np.random.default_rng(2)
    tastes = [(5 * (row % 2) + rng.integers(0, 5, 12)).tolist() for row in range(200)]
    level = NextMarkov().fit(of_sequences(tastes, 10, moments=[[0.0] * 12] * 200), seed=1)
    assert level.reach > 5
    assert NextMarkov.from_state(strict.state()).reach == 1
