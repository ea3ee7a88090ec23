"""Events become numbers: what weighs how much, what fades, what is disliked, what was heard after what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from yuefu.listening.event import Event
from yuefu.recommend.popularity import Popularity
from yuefu.recommend.weights import days, histories_of

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def did(item: str, kind: str, *, listener: str = "ann", minutes: float = 0, **more: float) -> Event:
    return Event(listener, item, kind, NOON + timedelta(minutes=minutes), **more)


def weight(*events: Event, item: str = "a", **more: object) -> float:
    found = histories_of(events, ["a", "b", "c"], now=NOON, **more)
    return float(found.matrix[0, found.items.index(item)])


def test_a_like_says_more_than_a_finish_and_that_more_than_a_play() -> None:
    """The order of deeds: play, finish, like."""
    assert 0 < weight(did("a", "play")) < weight(did("a", "finish")) < weight(did("a", "like"))


def test_a_thousand_plays_saturate() -> None:
    """A thousand plays weigh less than ten times as much as ten."""
    ten = weight(*(did("a", "play", minutes=-minute) for minute in range(10)))
    assert ten < weight(*(did("a", "play", minutes=-minute) for minute in range(1000))) < 4 * ten


def test_what_is_a_half_life_old_weighs_half_before_saturation() -> None:
    """exp(weight) - 1 halves after ``half_life_days``."""
    old = Event("ann", "a", "like", NOON - timedelta(days=30))
    assert np.expm1(weight(old, half_life_days=30)) == pytest.approx(1.5, rel=1e-5)


def test_the_last_opinion_said_outright_decides() -> None:
    """A dislike takes an item out of the matrix into the dislikes; a later like takes it back."""
    against = histories_of([did("a", "like"), did("a", "dislike", minutes=1), did("a", "play", minutes=2)], ["a"])
    assert against.matrix.nnz == 0
    assert against.dislikes is not None
    assert against.dislikes[0, 0] == 1
    back = histories_of([did("a", "like", minutes=2), did("a", "dislike", minutes=1)], ["a"])
    assert back.matrix.nnz == 1
    assert back.dislikes is None
    bad = histories_of([did("a", "finish"), did("a", "rate", value=1, minutes=1)], ["a"])
    assert bad.dislikes is not None
    assert bad.dislikes[0, 0] == 1


def test_an_early_skip_undoes_its_play_and_a_late_one_does_not() -> None:
    """Skipped at second 2: nothing in matrix and sequence; at second 200: a play."""
    early = histories_of([did("a", "play"), did("a", "skip", second=2, minutes=0.1)], ["a"])
    assert early.matrix.nnz == 0
    assert len(early.sequences[0]) == 0
    late = histories_of([did("a", "play"), did("a", "skip", second=200, minutes=3)], ["a"])
    assert late.matrix.nnz == 1
    assert late.sequences[0].tolist() == [0]


def test_a_sequence_has_plays_and_not_the_deeds_about_what_plays() -> None:
    """play, like and finish of one item are one play; the same item played twice stands twice."""
    events = [
        did("a", "play"), did("a", "like", minutes=1), did("a", "finish", minutes=3), did("b", "finish", minutes=6),
        did("a", "play", minutes=7), did("a", "play", minutes=10), did("c", "repeat", minutes=12, value=2),
    ]  # fmt: skip
    assert histories_of(events, ["a", "b", "c"]).sequences[0].tolist() == [0, 1, 0, 0, 2, 2]


def test_events_in_any_order_give_the_same_numbers() -> None:
    """The order in which events arrive doesn't matter."""
    events = [
        did(item, kind, listener=who, minutes=minute)
        for minute, (item, kind, who) in enumerate(
            [
                ("b", "play", "bob"),
                ("a", "like", "ann"),
                ("c", "skip", "ann"),
                ("a", "dislike", "bob"),
                ("b", "save", "ann"),
            ]
        )
    ]
    one, other = histories_of(events), histories_of(events[::-1])
    assert one.listeners == other.listeners == ("ann", "bob")
    assert one.items == ("a", "b", "c")
    assert (one.matrix != other.matrix).nnz == 0
    assert (one.dislikes != other.dislikes).nnz == 0
    assert all(np.array_equal(a, b) for a, b in zip(one.sequences, other.sequences))


def test_unknown_items_count_for_nothing_and_no_events_are_no_listeners() -> None:
    """An item outside the columns, and an empty stream, do no harm."""
    found = histories_of([did("x", "like"), Event("ann", "", "search", NOON, text="rain")], ["a"])
    assert found.shape == (1, 1)
    assert found.matrix.nnz == 0
    assert found.now == 0
    assert histories_of([]).shape == (0, 0)


def test_popularity_fades_and_counts_a_listener_once() -> None:
    """One listener's hundred plays are no more than another's one; what was heard long ago counts less."""
    events = [did("a", "play", minutes=-minute) for minute in range(100)] + [did("b", "play", listener="bob")]
    events.append(Event("cem", "c", "play", NOON - timedelta(days=365)))
    data = histories_of(events, ["a", "b", "c"], now=days(NOON))
    scores = Popularity().fit(data).scores(data)[0]
    assert scores[0] == pytest.approx(scores[1])
    assert scores[2] < 0.1 * scores[0]
