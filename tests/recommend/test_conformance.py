"""What every recommender of the registry must do, whatever it is made of."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import scipy.sparse as sp

from yuefu.recommend.base import Recommender
from yuefu.recommend.content import Catalogue
from yuefu.recommend.histories import Histories
from yuefu.recommend.packing import pack, unpack
from yuefu.recommend.registry import recommender_class, recommender_info, recommender_names

LISTENERS, ITEMS, NEVER = 48, 30, 29
#: Learns quickly enough for a test.
QUICK: dict[str, dict[str, object]] = {
    "als": {"factors": 8, "rounds": 4, "reg": 1.0},
    "bpr": {"factors": 8, "epochs": 60, "hold": 1.0},
    "sasrec": {"width": 16, "length": 12},
}
#: Who recommends by taste: their lists must follow what the listener has.
BY_TASTE = {"item-knn", "ease", "als", "bpr", "rp3beta", "content", "blend"}


def two_tastes(seed: int = 0, listeners: int = LISTENERS) -> Histories:
    """Listeners of even rows have mostly even items, the others odd ones; nobody has the last item."""
    rng = np.random.default_rng(seed)
    sequences, moments = [], []
    for row in range(listeners):
        own = np.arange(row % 2, NEVER, 2)
        other = np.arange(1 - row % 2, NEVER, 2)
        heard = np.concatenate([rng.choice(own, 8, replace=False), rng.choice(other, 1)])
        heard = np.concatenate([rng.permutation(heard), heard[:2]])
        sequences.append(heard.astype(np.int64))
        moments.append(np.sort(rng.uniform(100, 200, len(heard))))
    rows = np.repeat(np.arange(listeners), [len(sequence) for sequence in sequences])
    counts = sp.csr_matrix(
        (np.ones(len(rows), dtype=np.float32), (rows, np.concatenate(sequences))), shape=(listeners, ITEMS)
    )
    counts.sum_duplicates()
    counts.data = np.log1p(counts.data)
    names = tuple(f"listener {row}" for row in range(listeners))
    return Histories(names, tuple(f"item {at}" for at in range(ITEMS)), counts, tuple(sequences), tuple(moments), 200.0)


def shelf() -> Catalogue:
    """Even items are jazz, odd ones folk; a mood that tells nothing."""
    even = (np.arange(ITEMS) % 2 == 0).astype(np.float32)
    mood = np.random.default_rng(5).normal(size=ITEMS).astype(np.float32)
    features = np.column_stack([2 * even, 2 * (1 - even), 0.3 * mood]).astype(np.float32)
    creators = tuple(f"creator {at % 4}" for at in range(ITEMS))
    return Catalogue(
        tuple(f"item {at}" for at in range(ITEMS)),
        features,
        ("style:jazz", "style:folk", "mood:valence"),
        creators,
        np.full(ITEMS, np.nan),
    )


def made(name: str) -> Recommender:
    return recommender_class(name)(**QUICK.get(name, {}))


@cache
def fitted(name: str) -> Recommender:
    return made(name).fit(two_tastes(), shelf(), seed=3)


def stranger(columns: list[int], *, against: tuple[int, ...] = ()) -> Histories:
    """A listener that nobody learnt from."""
    row = sp.csr_matrix((np.ones(len(columns), dtype=np.float32), ([0] * len(columns), columns)), shape=(1, ITEMS))
    row.sort_indices()
    dislikes = None
    if against:
        dislikes = sp.csr_matrix(
            (np.ones(len(against), dtype=np.float32), ([0] * len(against), list(against))), shape=(1, ITEMS)
        )
    days = np.linspace(150, 190, len(columns))
    items = tuple(f"item {at}" for at in range(ITEMS))
    return Histories(("new",), items, row, (np.array(columns, dtype=np.int64),), (days,), 200.0, dislikes)


def leaving_out(asked: Histories, item: int) -> Histories:
    """The same listener without one item."""
    kept = asked.matrix.tolil()
    kept[0, item] = 0
    mask = asked.sequences[0] != item
    return replace(
        asked,
        matrix=sp.csr_matrix(kept, dtype=np.float32),
        sequences=(asked.sequences[0][mask],),
        moments=(asked.moments[0][mask],),
    )


def own_items_better(scores: np.ndarray, heard: list[int], side: int) -> bool:
    """Whether items of one side that weren't heard stand above the other side's."""
    fresh = [at for at in range(NEVER) if at not in heard]
    own = np.mean([scores[at] for at in fresh if at % 2 == side])
    return bool(own > np.mean([scores[at] for at in fresh if at % 2 != side]))


@pytest.mark.parametrize("name", recommender_names())
class TestEvery:
    def test_it_says_what_it_is(self, name: str) -> None:
        """The name is that of the registry, titles are in both languages, and what it uses is named."""
        info = recommender_info(name)
        assert info.name == name
        assert info.title_en.strip()
        assert any("一" <= sign <= "鿿" for sign in info.title_zh)
        assert info.uses
        assert info.uses <= {"taps", "order", "times", "content"}
        assert info.source.strip()

    def test_scores_are_numbers_of_the_right_shape(self, name: str) -> None:
        """One row a listener, one column an item, float32, never NaN, never plus infinity."""
        data = two_tastes()
        scores = fitted(name).scores(data)
        assert scores.shape == (LISTENERS, ITEMS)
        assert scores.dtype == np.float32
        assert not np.isnan(scores).any()
        assert not np.isposinf(scores).any()

    def test_one_seed_one_result(self, name: str) -> None:
        """Fitted twice with one seed, the scores are the same to the bit."""
        again = made(name).fit(two_tastes(), shelf(), seed=3).scores(two_tastes())
        assert np.array_equal(again, fitted(name).scores(two_tastes()))

    def test_a_stranger_gets_what_fits(self, name: str) -> None:
        """A listener never learnt from, with four even items, is offered even ones, and odd ones for odd."""
        if name not in BY_TASTE:
            assert not np.isnan(fitted(name).scores(stranger([0, 2]))).any()
            return
        for side in (0, 1):
            heard = [side, side + 2, side + 4, side + 6]
            assert own_items_better(fitted(name).scores(stranger(heard))[0], heard, side)

    def test_a_row_is_answered_alike_alone_and_among_others(self, name: str) -> None:
        """Scores of a listener don't depend on who else is asked about."""
        data = two_tastes()
        all_, alone = fitted(name).scores(data)[7], fitted(name).scores(data.rows([7]))[0]
        np.testing.assert_allclose(alone, all_, rtol=2e-4, atol=1e-5)

    def test_a_file_keeps_everything(self, name: str, tmp_path: object) -> None:
        """Through a file and back, the scores are the same to the bit."""
        path = tmp_path / "fitted.npz"  # type: ignore[operator]
        pack(path, {"state": fitted(name).state()})
        back = type(fitted(name)).from_state(unpack(path)[0]["state"])
        assert np.array_equal(back.scores(two_tastes()), fitted(name).scores(two_tastes()))

    def test_a_listener_without_anything(self, name: str) -> None:
        """Nothing known: still numbers, and nothing raises."""
        scores = fitted(name).scores(stranger([]))
        assert scores.shape == (1, ITEMS)
        assert not np.isnan(scores).any()

    def test_an_item_that_nobody_has_is_not_the_best(self, name: str) -> None:
        """What only the catalogue knows doesn't stand above all that listeners have, unless content is all that is
        asked."""
        if name == "content":
            return
        scores = fitted(name).scores(two_tastes())
        assert (scores[:, NEVER] < scores.max(axis=1)).all()

    def test_one_listener_only(self, name: str) -> None:
        """Learning from one listener works, with a catalogue and without."""
        data = two_tastes(listeners=1)
        for catalogue in (None, shelf()):
            scores = made(name).fit(data, catalogue, seed=1).scores(data)
            assert not np.isnan(scores).any()

    def test_no_catalogue(self, name: str) -> None:
        """Without a catalogue it fits and scores."""
        scores = made(name).fit(two_tastes(), None, seed=1).scores(two_tastes())
        assert not np.isnan(scores).any()

    def test_disliking_never_raises_a_score(self, name: str) -> None:
        """An item that is disliked doesn't score higher for it, and nothing becomes NaN."""
        heard = [0, 2, 4, 6]
        plain, against = (fitted(name).scores(stranger(heard, against=out))[0] for out in ((), (8,)))
        assert not np.isnan(against).any()
        assert against[8] <= plain[8] + 1e-5

    def test_dislikes_can_be_learnt_from(self, name: str) -> None:
        """Histories with dislikes fit."""
        data = two_tastes()
        dislikes = sp.csr_matrix(np.eye(LISTENERS, ITEMS, dtype=np.float32) - (data.matrix.toarray() > 0) > 0)
        scores = made(name).fit(replace(data, dislikes=dislikes.astype(np.float32)), shelf(), seed=1).scores(data)
        assert not np.isnan(scores).any()

    def test_explanations_add_up(self, name: str) -> None:
        """score == rest + sum of the amounts == what ``scores`` says, the largest reason first, for every item."""
        if not recommender_info(name).explains:
            with pytest.raises(NotImplementedError):
                fitted(name).explain(stranger([0, 2]), 4)
            return
        for asked in (stranger([0, 2, 4, 7], against=(9,)), two_tastes().rows([5]), stranger([])):
            scores = fitted(name).scores(asked)[0]
            for item in range(ITEMS):
                told = fitted(name).explain(asked, item)
                assert told.item == item
                amounts = [reason.amount for reason in told.reasons]
                assert told.score == pytest.approx(told.rest + sum(amounts), rel=1e-6, abs=1e-9)
                if np.isfinite(scores[item]):
                    assert told.score == pytest.approx(float(scores[item]), rel=2e-3, abs=2e-4)
                assert amounts == sorted(amounts, reverse=True) or amounts == sorted(amounts, key=abs, reverse=True)

    def test_a_reason_cites_what_is_there(self, name: str) -> None:
        """Items cited are the listener's own; attributes are the catalogue's."""
        if not recommender_info(name).explains:
            return
        asked = stranger([0, 2, 4], against=(9,))
        for item in range(ITEMS):
            for reason in fitted(name).explain(asked, item).reasons:
                assert reason.kind in ("item", "attribute", "popular", "again")
                if reason.kind == "item":
                    assert reason.item in (0, 2, 4, 9)
                if reason.kind == "attribute":
                    assert reason.name in shelf().names

    def test_without_the_item_cited_first_the_score_is_lower(self, name: str) -> None:
        """Deletion: take away the item that the explanation says lifted the score most, and the score falls, for at
        least 95 of 100; 85 where the order counts, since what is left moves up a step."""
        if not recommender_info(name).explains:
            return
        fell = asked_for = 0
        for row in range(12):
            asked = two_tastes().rows([row])
            scores = fitted(name).scores(asked)[0]
            for item in np.argsort(-np.where(asked.matrix.toarray()[0] > 0, -np.inf, scores))[:8]:
                cited = [one for one in fitted(name).explain(asked, int(item)).reasons if one.kind == "item"]
                if not cited or cited[0].amount <= 0:
                    continue
                asked_for += 1
                fell += bool(fitted(name).scores(leaving_out(asked, cited[0].item))[0, item] < scores[item])
        assert fell >= (0.85 if "order" in recommender_info(name).uses else 0.95) * asked_for
        if name in BY_TASTE - {"content"}:
            assert asked_for > 50
