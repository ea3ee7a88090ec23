"""SASRec in numpy: its gradient is right, it learns what only order can tell, and it answers anybody."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from yuefu.recommend import sasrec_training
from yuefu.recommend.histories import Histories, histories_of_matrix
from yuefu.recommend.sasrec import SasRec
from yuefu.recommend.sasrec_network import Shape, forward, start
from yuefu.recommend.sasrec_training import Training, Windows, loss_and_gradient, train, windows_of

SMALL = Shape(items=11, length=5, width=8, layers=2, heads=2)


def of_sequences(sequences: list[list[int]], items: int, *, apart: float = 1.0, now: float | None = None) -> Histories:
    """Histories of bare sequences, their items so many days apart."""
    matrix = np.zeros((len(sequences), items), dtype=np.float32)
    for row, sequence in enumerate(sequences):
        matrix[row, sequence] = 1.0
    moments = tuple(100.0 + apart * np.arange(len(sequence)) for sequence in sequences)
    last = max((float(each[-1]) for each in moments if len(each)), default=100.0)
    return Histories(
        tuple(f"l{row}" for row in range(len(sequences))),
        tuple(f"i{item}" for item in range(items)),
        sp.csr_matrix(matrix),
        tuple(np.array(sequence, dtype=np.int64) for sequence in sequences),
        moments,
        last if now is None else now,
    )


def windows(seed: int = 0) -> Windows:
    rng = np.random.default_rng(seed)
    targets = rng.integers(0, 11, (3, 5))
    targets[1, 3:] = -1
    targets[2, 1:] = -1
    return Windows(rng.integers(0, 12, (3, 5)), rng.integers(0, 12, (3, 5)), targets)


@pytest.mark.parametrize("sampled", [False, True])
@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_the_gradient_is_that_of_finite_differences(sampled: bool, dropout: float) -> None:
    """Each parameter's gradient equals the loss's change when it is moved a little, with the same items dropped."""
    rng = np.random.default_rng(5)
    p = start(SMALL, rng.random(11), 3, np.float64)
    p = {name: value + rng.normal(scale=0.2, size=value.shape) for name, value in p.items()}
    more = {"negatives": np.array([0, 3, 4]), "chance": np.full(11, 1 / 11)} if sampled else {}

    def loss() -> float:
        dropping = np.random.default_rng(8)
        return loss_and_gradient(p, SMALL, windows(), dropout=dropout, rng=dropping, **more)[0]  # type: ignore[arg-type]

    _, gradient = loss_and_gradient(
        p, SMALL, windows(), dropout=dropout, rng=np.random.default_rng(8), **more  # type: ignore[arg-type]
    )  # fmt: skip
    assert set(gradient) == set(p)
    for name, value in p.items():
        flat, found = value.reshape(-1), gradient[name].reshape(-1)
        for at in rng.choice(len(flat), min(6, len(flat)), replace=False):
            whole = flat[at]
            flat[at] = whole + 1e-5
            above = loss()
            flat[at] = whole - 1e-5
            below = loss()
            flat[at] = whole
            assert found[at] == pytest.approx((above - below) / 2e-5, abs=2e-7, rel=2e-5), (name, at)


def test_nothing_is_known_of_what_comes_later() -> None:
    """What stands at a place doesn't change when anything behind it does."""
    p = start(SMALL, np.ones(11), 1)
    first = windows()
    other = first.items.copy()
    other[:, 3:] = (other[:, 3:] + 1) % 12
    before, _ = forward(p, SMALL, first.items, first.gaps)
    after, _ = forward(p, SMALL, other, first.gaps)
    assert np.array_equal(before[:, :3], after[:, :3])
    assert not np.allclose(before[:, 3:], after[:, 3:])


def test_windows_hold_every_target_once() -> None:
    """Cut from the end in stretches of the length, each item is a target once, after the one that came before it."""
    sequences = [[3], [], list(range(11)), [5, 6, 7, 8, 9]]
    joined = np.concatenate([np.array(each, dtype=np.int64) for each in sequences])
    owner = np.repeat(np.arange(4), [len(each) for each in sequences])
    found, sizes = windows_of(joined, np.arange(len(joined), dtype=float), owner, SMALL)
    assert sizes.tolist() == [1, 1, 5, 5, 5]
    assert found.items.tolist()[1:4] == [[11] * 5, [0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]
    assert found.targets.tolist()[1:4] == [[0, -1, -1, -1, -1], [1, 2, 3, 4, 5], [6, 7, 8, 9, 10]]
    assert sorted(found.targets[found.targets >= 0].tolist()) == sorted(joined.tolist())


def second_order(count: int, seed: int) -> list[list[int]]:
    """What comes next is the sum of the last two: neither popularity nor the last item alone tells it."""
    rng = np.random.default_rng(seed)
    sequences = []
    for _ in range(count):
        sequence = rng.integers(0, 7, 2).tolist()
        while len(sequence) < 12:
            sequence.append((sequence[-1] + sequence[-2]) % 7)
        sequences.append(sequence)
    return sequences


@pytest.fixture(scope="module")
def learnt() -> SasRec:
    training = Training(epochs=80, batch=256, dropout=0.1, rate=5e-3)
    return SasRec(length=10, width=24, heads=1, training=training).fit(of_sequences(second_order(120, 1), 7), seed=2)


def test_it_learns_what_only_order_tells(learnt: SasRec) -> None:
    """After unseen sequences whose next item is the sum of the last two, that item is the first nearly always."""
    asked = [sequence for sequence in second_order(80, 99) if any(sequence)]
    scores = learnt.scores(of_sequences([sequence[:-1] for sequence in asked], 7))
    right = (scores.argmax(axis=1) == [sequence[-1] for sequence in asked]).mean()
    assert right > 0.9
    assert learnt.losses[-1] < 0.5 * learnt.losses[0]


def test_anybody_is_answered(learnt: SasRec) -> None:
    """Somebody without a history, with one item or with very many has finite scores, the same alone as with others."""
    asked = of_sequences([[], [3], [1, 2] * 40, [0, 1, 1, 2]], 7)
    together = learnt.scores(asked)
    assert together.shape == (4, 7)
    assert together.dtype == np.float32
    assert np.isfinite(together).all()
    for row in range(4):
        assert np.allclose(learnt.scores(asked.rows([row]))[0], together[row], atol=1e-4)
    assert np.array_equal(learnt.scores(asked.rows([])), np.zeros((0, 7), dtype=np.float32))


def test_one_seed_one_network_and_back_from_its_state(learnt: SasRec) -> None:
    """The same seed gives the same parameters, another one others; a state gives the same scores."""
    data, asked = of_sequences(second_order(10, 1), 7), of_sequences([[1, 2, 3]], 7)
    quick = Training(epochs=2, batch=64)
    one, same, other = (
        SasRec(length=6, width=8, heads=1, training=quick).fit(data, seed=seed).scores(asked) for seed in (4, 4, 5)
    )
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    assert np.array_equal(SasRec.from_state(learnt.state()).scores(asked), learnt.scores(asked))
    broken = learnt.state()
    broken["parameters"].pop("0.qkv")
    with pytest.raises(ValueError, match="fit"):
        SasRec.from_state(broken)


def test_many_items_are_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    """With more items than are compared in full, the sampled softmax learns the same task."""
    monkeypatch.setattr(sasrec_training, "FULL_SOFTMAX", 5)
    monkeypatch.setattr(sasrec_training, "SAMPLED", 6)
    training = Training(epochs=80, batch=256, dropout=0.1, rate=5e-3)
    made = SasRec(length=10, width=24, heads=1, training=training).fit(of_sequences(second_order(120, 1), 7), seed=2)
    asked = [sequence for sequence in second_order(80, 99) if any(sequence)]
    scores = made.scores(of_sequences([sequence[:-1] for sequence in asked], 7))
    assert (scores.argmax(axis=1) == [sequence[-1] for sequence in asked]).mean() > 0.8


def test_time_tells_what_comes_next() -> None:
    """Where an item is followed at once by one thing and after a day by another, the time till then decides."""
    rng = np.random.default_rng(3)
    sequences, moments = [], []
    for _ in range(150):
        soon = rng.random(6) < 0.5
        sequence, days = [0], [100.0]
        for each in soon:
            days += [days[-1] + (0.001 if each else 2.0)]
            sequence += [1 if each else 2]
            days += [days[-1] + 10.0]
            sequence += [0]
        sequences.append(sequence)
        moments.append(np.array(days))
    plain = of_sequences(sequences, 3)
    data = Histories(plain.listeners, plain.items, plain.matrix, plain.sequences, tuple(moments), 200.0)
    made = SasRec(length=8, width=16, heads=1, training=Training(epochs=15, batch=256, rate=5e-3)).fit(data, seed=1)
    for wait, right in ((0.001, 1), (2.0, 2)):
        asked = of_sequences([[0, 1, 0]], 3, apart=10.0, now=120.0 + wait)
        assert made.scores(asked)[0].argmax() == right


def test_no_sequences_at_all() -> None:
    """Learnt from nobody, or from those who did nothing, everything is level and nothing fails."""
    for data in (histories_of_matrix(sp.csr_matrix((0, 4))), histories_of_matrix(sp.csr_matrix((3, 4)))):
        scores = SasRec(width=8).fit(data).scores(of_sequences([[], [1]], 4))
        assert np.isfinite(scores).all()
    parameters, losses = train(histories_of_matrix(sp.csr_matrix((0, 4))), Shape(4, width=8), Training(), 1)
    assert losses == []
    assert np.allclose(parameters["bias"], np.log(0.25))
