"""Made-up listening: it says that it is, it is as clean as a human's, and its truth shows in it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import numpy as np
import pytest

from yuefu.errors import LimitError
from yuefu.listening.cleaning import clean
from yuefu.listening.synthetic import Synthetic, synthesize


@pytest.fixture(scope="module")
def made() -> Synthetic:
    return synthesize(20, 60, 4000, seed=3)


def test_every_event_says_that_it_is_made_up(made: Synthetic) -> None:
    """Events, listeners, items and their tags all say so."""
    assert all(event.synthetic and event.source == "synthetic" for event in made.events)
    assert all(event.listener.startswith("synthetic:") for event in made.events)
    assert all("synthetic" in each.id and each.tags == ("synthetic",) for each in made.music)


def test_one_seed_one_result(made: Synthetic) -> None:
    """The same seed tells the same events, another one others."""
    assert synthesize(20, 60, 4000, seed=3).events == made.events
    assert synthesize(20, 60, 4000, seed=4).events != made.events


def test_it_is_clean(made: Synthetic) -> None:
    """Cleaning drops nothing of it: nobody hears two songs at once, and times are in order."""
    lengths = dict(zip(made.truth.names, made.truth.seconds.tolist()))
    report = clean(made.events, now=datetime(2027, 1, 1, tzinfo=UTC), lengths=lengths).report
    assert report.dropped == {}
    assert report.noted == {}
    assert Counter(event.kind for event in made.events)["play"] == 4000


def test_what_is_played_and_liked_follows_the_truth(made: Synthetic) -> None:
    """Played items fit better than the average one, finished ones better than skipped ones, liked ones best, and
    without sharpness plays follow popularity alone."""
    truth = made.truth
    place = {name: number for number, name in enumerate(truth.names)}
    row = {name: number for number, name in enumerate(truth.listeners)}
    fits: dict[str, list[float]] = {}
    for event in made.events:
        day = (event.moment - datetime(2026, 1, 1, tzinfo=UTC)).total_seconds() / 86_400
        fits.setdefault(event.kind, []).append(
            float(truth.fit(row[event.listener], day, event.context)[place[event.item]])
        )
    mean = {kind: float(np.mean(values)) for kind, values in fits.items()}
    assert mean["play"] > 0.3
    assert mean["finish"] > mean["skip"] + 0.2
    assert mean["like"] > mean["play"]
    assert mean["dislike"] < 0
    blind = synthesize(5, 10, 3000, seed=1, sharpness=0.0)
    plays = Counter(event.item for event in blind.events if event.kind == "play")
    shares = np.array([plays[name] / 3000 for name in blind.truth.names])
    assert np.abs(shares - blind.truth.popularity).max() < 0.05


def test_tastes_drift_and_contexts_pull() -> None:
    """With drift the last day's taste is another than the first's; with neither drift nor pull all is one."""
    still = synthesize(3, 20, 50, drift=0.0, pull=0.0).truth
    assert np.allclose(still.fit(0, 0.0, "morning"), still.fit(0, 90.0, "run"))
    moving = synthesize(3, 20, 50).truth
    assert not np.allclose(moving.fit(0, 0.0, "run"), moving.fit(0, 90.0, "run"))
    assert not np.allclose(moving.fit(0, 0.0, "run"), moving.fit(0, 0.0, "study"))


def test_given_items_are_played() -> None:
    """Items can be given, such as the pieces of a library; what can't be made is refused."""
    made = synthesize(2, ["piece:a", "piece:b"], 40)
    assert {event.item for event in made.events} == {"piece:a", "piece:b"}
    assert made.music == ()
    for wrong in ((0, 10, 10), (10, 0, 10), (10, 10, 0), (10, 10, 10**9)):
        with pytest.raises(LimitError):
            synthesize(*wrong)
