"""Charts that one person can't make."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from yuefu.listening.event import Event
from yuefu.recommend.charts import BUDGET, PERIODS, chart, scores

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def _play(listener: str, item: str, hours: float = 1.0, kind: str = "finish", **more: object) -> Event:
    return Event(listener, item, kind, NOW - timedelta(hours=hours), **more)  # type: ignore[arg-type]


def test_a_thousand_plays_of_one_are_one() -> None:
    """One person's thousand plays lose to three people who finished a piece once."""
    events = [_play("mad", "piece:a", 0.001 * n, "play") for n in range(1000)]
    events += [_play("mad", "piece:a", 0.1, "repeat", value=1000.0)]
    events += [_play(name, "piece:b") for name in ("x", "y", "z")]
    found = chart(events, "day", now=NOW)
    assert [place.item for place in found] == ["piece:b", "piece:a"]
    assert found[1].listeners == 1
    few = scores(list(events[:2000:200]), "day", NOW)["piece:a"]
    many = scores(events[:1000], "day", NOW)["piece:a"]
    assert many.score < 2 * few.score


def test_one_person_over_many_pieces_has_a_budget() -> None:
    """Who plays a hundred pieces gives each of them little: together not more than the budget."""
    events = [_play("mad", f"piece:{n}", 0.1, "like") for n in range(100)]
    events += [_play(name, "piece:b") for name in ("x", "y")]
    found = scores(events, "day", NOW)
    assert max(found, key=lambda item: found[item].score) == "piece:b"
    alone = scores(events[:100], "day", NOW)
    assert sum(place.score for place in alone.values()) <= BUDGET + 1e-6


@pytest.mark.parametrize("period", sorted(PERIODS))
def test_trend(period: str) -> None:
    """What rose, fell, is new and came back says so, against the chart one period ago."""
    span = PERIODS[period][0].total_seconds() / 3600
    listeners = [f"l{n}" for n in range(6)]
    events = [_play(name, "up", 1) for name in listeners] + [_play(name, "down", 1) for name in listeners[:2]]
    events += [_play(name, "new", 1) for name in listeners[:4]] + [_play(name, "back", 1) for name in listeners[:1]]
    events += [_play(name, "down", span + 1) for name in listeners] + [_play(name, "up", span + 1) for name in "ab"]
    events += [_play(name, "back", 2 * span + 1) for name in listeners]
    found = {place.item: place for place in chart(events, period, now=NOW)}
    assert {item: place.trend for item, place in found.items()} == {
        "up": "up", "down": "down", "new": "new", "back": "back",
    }  # fmt: skip
    assert found["up"].change == 1
    assert found["new"].change is None


def test_fades() -> None:
    """The same deed counts for less the longer ago it was, and not at all after the period."""
    young, old = (scores([_play("x", "p", hours)], "day", NOW)["p"].score for hours in (0.5, 20))
    assert young > old > 0
    assert scores([_play("x", "p", 25)], "day", NOW) == {}
    assert scores([_play("x", "p", -1)], "day", NOW) == {}


def test_dislikes_and_skips_take_back() -> None:
    """A play that ends in a skip and a dislike is no vote."""
    assert scores([_play("x", "p", 1, "play"), _play("x", "p", 1, "dislike")], "day", NOW) == {}


def test_only_what_is_allowed() -> None:
    """What somebody may not see isn't in their chart, and takes no rank."""
    events = [_play("x", "secret"), _play("y", "secret"), _play("x", "open")]
    assert [(place.rank, place.item) for place in chart(events, "week", now=NOW, allowed={"open"})] == [(1, "open")]


def test_made_up_says_so() -> None:
    """Where all events are synthetic the line says so."""
    events = [_play("x", "p", synthetic=True), _play("x", "q"), _play("y", "q", synthetic=True)]
    assert {place.item: place.synthetic for place in chart(events, "day", now=NOW)} == {"p": True, "q": False}
