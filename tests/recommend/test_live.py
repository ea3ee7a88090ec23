"""One event changes what is played next, at once and exactly as the next fit would see it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from yuefu.listening.event import Event
from yuefu.recommend.live import Live, row_of
from yuefu.recommend.model import FittedModel
from yuefu.recommend.weights import histories_of

START = datetime(2026, 3, 1, tzinfo=UTC)
ITEMS = tuple(f"piece:{number}" for number in range(30))


def event(listener: str, item: int | str, minutes: float, kind: str = "play", **more: object) -> Event:
    name = item if isinstance(item, str) else ITEMS[item]
    return Event(listener, name, kind, START + timedelta(minutes=minutes), **more)  # type: ignore[arg-type]


def everybody() -> list[Event]:
    """Listeners who go through the items in steps of one or two, with likes, skips and dislikes between."""
    rng = np.random.default_rng(4)
    events = []
    for number in range(60):
        at = int(rng.integers(30))
        for step in range(int(rng.integers(2, 12))):
            kind = ("play", "finish", "like", "skip", "dislike")[int(rng.choice(5, p=[0.6, 0.2, 0.1, 0.05, 0.05]))]
            events.append(event(f"listener {number:02}", at, number * 40 + step * 3, kind, second=20.0))
            at = (at + 1 + int(rng.integers(2))) % 30
    return events


@pytest.fixture(scope="module")
def model() -> FittedModel:
    return FittedModel.fit(histories_of(everybody(), ITEMS), names=("markov", "popular"), seed=1)


def test_a_row_is_that_of_the_next_fit(model: FittedModel) -> None:
    """What a listener is known by live equals their row when everybody's events are made numbers together."""
    whole = histories_of(everybody(), ITEMS)
    live = Live(model)
    now = max(one.moment for one in everybody())
    for one in everybody():
        live.add(one)
    for row, listener in enumerate(whole.listeners):
        found = live.asked(listener, now)
        assert found.listeners == (listener,)
        assert np.allclose(found.matrix.toarray(), whole.matrix[row].toarray(), atol=1e-6)
        assert found.sequences[0].tolist() == whole.sequences[row].tolist()
        assert found.moments[0].tolist() == whole.moments[row].tolist()
        assert whole.dislikes is not None
        disliked = np.zeros(30) if found.dislikes is None else found.dislikes.toarray().ravel()
        assert disliked.tolist() == whole.dislikes[row].toarray().ravel().tolist()


def test_the_next_item_follows_the_last_event(model: FittedModel) -> None:
    """After each play the two best are among the few that follow it, although nothing was fitted again."""
    live = Live(model)
    for number in (3, 17, 8, 25):
        live.add(event("new", number, number))
        live.forget("new")
        live.add(event("new", number, 500))
        first = live.top("new", 2).of()
        assert {item for item, _ in first} <= {(number + step) % 30 for step in range(1, 6)}


def test_a_dislike_takes_an_item_away_and_a_like_brings_it_back(model: FittedModel) -> None:
    """What is disliked is out of the next answer; liked afterwards it may come again."""
    live = Live(model)
    live.add(event("new", 3, 1))
    best = live.top("new", 1, again=True).of()[0][0]
    live.add(event("new", best, 2, "dislike"))
    assert best not in [item for item, _ in live.top("new", 30, again=True).of()]
    live.add(event("new", best, 3, "like"))
    assert best in [item for item, _ in live.top("new", 30, again=True).of()]


def test_late_events_and_events_told_twice(model: FittedModel) -> None:
    """The order in which events arrive makes no difference, and one told twice counts once."""
    events = [event("new", number, number * 2, id=f"e{number}") for number in range(6)]
    one, other = Live(model), Live(model)
    assert all(one.add(each) for each in events)
    assert all(other.add(each) for each in events[::-1])
    assert not other.add(events[2])
    assert one.asked("new").sequences[0].tolist() == other.asked("new").sequences[0].tolist() == list(range(6))
    other.put("new", events[:2])
    assert other.asked("new").sequences[0].tolist() == [0, 1]


def test_nobody_and_nothing_known(model: FittedModel) -> None:
    """Somebody of whom nothing is known gets an answer: what is popular; unknown items and searches change nothing."""
    live = Live(model)
    empty = live.top("nobody", 5).of()
    assert len(empty) == 5
    assert not live.knows("nobody")
    live.add(event("nobody", "piece:unknown", 1))
    live.add(event("nobody", "", 2, "search", text="雨"))
    assert live.knows("nobody")
    assert live.top("nobody", 5).of() == empty
    live.add(event("nobody", 3, 3))
    live.forget("nobody")
    assert not live.knows("nobody")
    assert live.top("nobody", 5).of() == empty


def test_memory_has_an_end(model: FittedModel) -> None:
    """The newest events of those who were there last are kept, the others are given again by who keeps them."""
    live = Live(model, most_events=4, most_listeners=2)
    for number in range(9):
        live.add(event("a", number, number))
    assert live.asked("a").sequences[0].tolist() == [5, 6, 7, 8]
    live.add(event("b", 1, 50))
    live.add(event("a", 9, 51))
    live.add(event("c", 1, 52))
    assert [live.knows(name) for name in "abc"] == [True, False, True]


def test_another_fit_takes_over(model: FittedModel) -> None:
    """After a new fit with other columns the same listener is asked about by the new ones."""
    live = Live(model)
    live.add(event("new", 3, 1))
    assert live.asked("new").sequences[0].tolist() == [3]
    columns = ITEMS[::-1][:28]
    live.replace(FittedModel.fit(histories_of(everybody(), columns), names=("markov",)))
    assert live.asked("new").items == columns
    assert live.asked("new").sequences[0].tolist() == [columns.index(ITEMS[3])]
    explained = live.explain("new", ITEMS[4])
    assert explained.reasons[0].item == columns.index(ITEMS[3])


def test_a_question_is_not_the_model(model: FittedModel) -> None:
    """Making a row takes no more than that listener's own events: other columns stay empty."""
    row = row_of([event("new", 2, 1), event("new", 4, 2, "like")], model, "new")
    assert row.shape == (1, 30)
    assert row.matrix.indices.tolist() == [2, 4]
    assert row.matrix.data[1] > row.matrix.data[0] > 0
